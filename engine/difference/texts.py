"""What changed in words: of the documents, the vocabulary, the derived facts, and of each measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from engine.conditions import Node, Note
from engine.dependencies import leaves_of
from engine.difference.model import TextChange
from engine.pack import Measure, Pack
from engine.quantities import format_money, format_ratio, format_validity
from engine.screening import BENEFITS
from engine.wording import describe, operand_label, show

MEASURE_TEXTS = {
    "title": "名称", "clause": "条款", "determinacy": "是否量化", "summary": "摘要", "payee": "领取人", "subject": "主体",
    "departments": "责任部门", "contact": "联系方式", "materials": "申报材料", "deadline": "截止时间", "cite": "引文",
    "notes": "备注", "reclassified": "归类说明", "quotas": "名额", "targets": "目标",
}  # fmt: skip
DOCUMENT_TEXTS = {
    "title": "文件名称", "number": "文号", "issuer": "发文单位", "issued": "印发日期", "published": "发布日期",
    "jurisdiction": "适用地区", "supersedes": "取代的文件", "superseded_by": "被取代", "stacking": "能否叠加", "notes": "文件备注",
    "source": "原文",
}  # fmt: skip


def changes_of_measure(old: Measure, new: Measure, old_pack: Pack, new_pack: Pack) -> Iterator[TextChange]:
    """What changed in the words of a measure."""
    yield from _shape(MEASURE_TEXTS, old.spec, new.spec)
    yield from _one("受益人", _beneficiary(old), _beneficiary(new))
    yield from _one("待遇", _benefit(old, old_pack), _benefit(new, new_pack))
    before, after = _lines(old.condition, old_pack), _lines(new.condition, new_pack)
    gone = [line for line in before if line not in after]
    come = [line for line in after if line not in before]
    for n in range(max(len(gone), len(come))):
        yield TextChange("条件", gone[n] if n < len(gone) else None, come[n] if n < len(come) else None)


def changes_of_packs(old: Pack, new: Pack) -> Iterator[TextChange]:
    """What changed in words beside the measures."""
    both = [id for id in old.documents if id in new.documents]
    for id in both:
        one, other = old.documents[id], new.documents[id]
        yield from _shape(DOCUMENT_TEXTS, one.document, other.document)
        yield from _one("有效期", _validity(one.document.validity), _validity(other.document.validity))
        yield from _named("判断事项", one.judgements, other.judgements, _keys("label", "question", "decided_by", "note"))
        yield from _named("引用的办法", one.instruments, other.instruments, _keys("title", "number", "known"))
        yield from _one("互斥与上限", _plain(*one.groups), _plain(*other.groups))
        yield from _one("名额和目标", _plain(*one.quotas), _plain(*other.quotas))
    for id in sorted(old.documents.keys() ^ new.documents.keys()):
        files = old.documents if id in old.documents else new.documents
        title = files[id].document.title
        yield TextChange("文件", title if id in old.documents else None, title if id in new.documents else None)
    before, after = (
        {item.spec.id: item.spec for item in pack.programmes if item.document in both} for pack in (old, new)
    )
    yield from _named("背景内容", before, after, _keys("title", "goal", "targets", "departments", "cite"))
    yield from _vocabulary(old, new)
    yield from _rules(old, new)
    if old.tables is not new.tables and codes(old) != codes(new):
        yield TextChange("代码表", None, "行政区划或行业代码有变化；画像按旧版代码比较")


def codes(pack: Pack) -> tuple[dict[str, str], dict[str, str]]:
    """The code tables of a pack."""
    divisions, industries = pack.tables.divisions, pack.tables.industries
    left, found = [""], {}
    while left:
        code = left.pop()
        found[code] = divisions.label(code)
        left.extend(divisions.children(code))
    return found, {code: industries.label(code) for code in industries.codes}


def _vocabulary(old: Pack, new: Pack) -> Iterator[TextChange]:
    """Fields as they are asked for, with their options."""
    before, after = old.vocabulary.fields, new.vocabulary.fields
    yield from _named("字段", before, after, lambda item: _keys("label", "type", "unit", "question", "help")(item.spec))
    for path in (path for path in before if path in after):
        label = old.vocabulary.label(path)
        one, other = before[path].options, after[path].options
        yield from _named(f"选项（{label}）", one, other, _keys("label", "term_years", "synonyms"))
        yield from _one(f"同义词（{label}）", _plain(before[path].spec.synonyms), _plain(after[path].spec.synonyms))
        yield from _one(f"最小值（{label}）", _plain(before[path].spec.min), _plain(after[path].spec.min))


def _rules(old: Pack, new: Pack) -> Iterator[TextChange]:
    """Dated parameters, derived facts and readiness checks."""
    def parameter(item: Any) -> str:
        label = item.spec.label
        return "；".join(f"{label}：{v.start or ''}至{v.end or ''} {v.value}（{v.source}）" for v in item.spec.values)

    yield from _named("参数", old.parameters, new.parameters, parameter)
    derived = [_derived(pack) for pack in (old, new)]
    yield from _named("推导事实", derived[0], derived[1], str)
    checks = [_checks(pack) for pack in (old, new)]
    yield from _named("申报条件自查", checks[0], checks[1], str)


def _derived(pack: Pack) -> dict[str, str]:
    """How each derived field comes about."""
    found: dict[str, str] = {}
    for item in pack.derived:
        field = pack.vocabulary.fields[item.field]
        cases = [f"{describe(when, pack)}→{show(value, field, pack)}" for when, value in item.cases]
        rest = "推不出" if item.otherwise is None else show(item.otherwise, field, pack)
        found[item.field] = found.get(item.field, "") + f"{item.title}：{'；'.join(cases)}；否则{rest}"
    return found


def _checks(pack: Pack) -> dict[str, str]:
    """What each readiness check asks for."""
    return {
        check.spec.id: f"{check.spec.title}：{describe(check.condition, pack)}；已有：{describe(check.unless, pack)}"
        for check in pack.checks
    }


def _lines(node: Node, pack: Pack) -> list[str]:
    """The leaves of a condition, with what the author says of them."""
    found = []
    for leaf in leaves_of(node):
        note = leaf.note
        marks = [word for word, on in (("推断", note.inferred), ("存疑", note.soft), ("以等结尾", note.open)) if on]
        assumed = ["未填按满足"] if getattr(leaf, "assumed", False) else []
        said = "、".join([*marks, *assumed])
        why = f"：{note.why}" if note.why else ""
        plain = describe(replace(leaf, note=Note()), pack)
        name = f"{note.label}（即{plain}）" if note.label and note.label != plain else plain
        found.append(name + (f"（{said}{why}）" if said or why else ""))
    return found


def _beneficiary(measure: Measure) -> str:
    found = measure.spec.beneficiary
    return _plain(found.label, found.kinds, found.why)


def _benefit(measure: Measure, pack: Pack) -> str:
    spec = measure.spec.benefit
    data = {key: value for key, value in spec if value is not None and value != []}
    data["kind"] = BENEFITS[spec.kind]
    return "，".join(f"{_KEYS.get(key, key)}：{_value(key, value, measure, pack)}" for key, value in data.items())


_KEYS = {
    "kind": "方式", "amount": "金额", "amounts": "分档", "by": "按", "rate": "比例", "base": "基数", "cap": "上限",
    "per_year": "按年", "instrument": "依据", "frequency": "次数", "text": "说明", "notes": "备注", "form": "形式",
}  # fmt: skip
_SCOPES = {"per_year": "每年", "per_record": "每项", "total": "合计", "unstated": "未写明每项还是合计"}


def _value(key: str, value: Any, measure: Measure, pack: Pack) -> str:
    match key:
        case "amount":
            return format_money(value)
        case "amounts":
            options = pack.vocabulary.fields[value_path(measure)].options
            return "、".join(f"{options[o].label if o in options else o}{format_money(a)}" for o, a in value.items())
        case "rate":
            return format_ratio(value)
        case "cap":
            return f"{format_money(value.amount)}（{_SCOPES[value.scope]}）"
        case "by" | "per_year":
            return pack.vocabulary.label(value)
        case "instrument":
            return pack.instrument_title(value)
        case "base" if measure.base is not None:
            return operand_label(measure.base, pack)
        case "frequency":
            return {"once": "一次", "yearly": "每年"}[value]
    return _plain(value)


def value_path(measure: Measure) -> str:
    """The field that the tiers of a benefit go by."""
    return str(getattr(measure.spec.benefit, "by", ""))


def _validity(validity: Any) -> str:
    basis = {"stated": "文件载明", "inferred": "推断"}[validity.basis]
    return f"{format_validity(validity.start, validity.end)}（{basis}{'：' + validity.why if validity.why else ''}）"


def _shape(names: Mapping[str, str], old: Any, new: Any) -> Iterator[TextChange]:
    for key, label in names.items():
        yield from _one(label, _plain(getattr(old, key)), _plain(getattr(new, key)))


def _one(what: str, old: str, new: str) -> Iterator[TextChange]:
    if old != new:
        yield TextChange(what, old or None, new or None)


def _named(what: str, old: Mapping[str, Any], new: Mapping[str, Any], text: Callable[[Any], str]) -> Iterator[TextChange]:
    """Entries of two mappings that were added, removed or changed, in the order of the old one, then the new."""
    for key in dict.fromkeys([*old, *new]):
        one = text(old[key]) if key in old else None
        other = text(new[key]) if key in new else None
        if one != other:
            yield TextChange(f"{what} {key}", one, other)


def _keys(*names: str) -> Callable[[Any], str]:
    """A function that puts these attributes into one line."""
    return lambda item: _plain(*(getattr(item, name) for name in names))


def _plain(*values: Any) -> str:
    """Values as one line; empty ones left out."""
    return "；".join(part for part in (_text(value) for value in values) if part)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "、".join(f"{key}：{_text(item)}" for key, item in value.items())
    if isinstance(value, str):
        return value
    if isinstance(value, BaseModel):
        return "、".join(text for text in (_text(item) for _, item in value) if text)
    if isinstance(value, Iterable):
        return "、".join(_text(item) for item in value)
    return str(value)

