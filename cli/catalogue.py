"""The rules for reading: a list of all ids, and one rule in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.screen import unknown
from engine.conditions import All, Node, Not, Place
from engine.conditions import Any as AnyOf
from engine.diagnostics import InputError
from engine.documents import Award, Cap, MeasureSpec, Proportional, Quota, Tiered
from engine.pack import Measure, Pack, ProgrammeEntry
from engine.quantities import format_date, format_money, format_ratio, format_validity
from engine.screening import BENEFITS
from engine.wording import describe
from web.amounts import FREQUENCIES, payee_label

DETERMINACY = {"quantified": "定量", "qualitative": "定性", "programme": "背景"}
CAP_SCOPES = {"per_year": "每年", "per_record": "每项", "total": "合计"}


def rows(pack: Pack) -> list[dict[str, Any]]:
    """A mapping for each measure and programme, in the order of the documents."""
    measures = [
        {
            "id": measure.id,
            "document": measure.document,
            "clause": measure.spec.clause,
            "title": measure.spec.title,
            "determinacy": measure.spec.determinacy,
            "subject": measure.subject,
            "benefit": measure.spec.benefit.kind,
        }
        for measure in pack.measures
    ]
    programmes = [
        {
            "id": entry.spec.id,
            "document": entry.document,
            "clause": entry.spec.clause,
            "title": entry.spec.title,
            "determinacy": "programme",
            "subject": None,
            "benefit": None,
        }
        for entry in pack.programmes
    ]
    return sorted(measures + programmes, key=lambda row: list(pack.documents).index(str(row["document"])))


def listing(pack: Pack) -> str:
    """The same as text, by document."""
    lines: list[str] = []
    listed = rows(pack)
    for name, file in pack.documents.items():
        own = [row for row in listed if row["document"] == name]
        if own:
            lines += ["", f"《{file.document.title.strip('《》')}》（{name}，{len(own)} 条）"]
            lines += [_row(row, pack) for row in own]
    return "\n".join([*lines[1:], "", f"共 {len(listed)} 条。查看一条：huiqi rules show 编号", ""])


def _row(row: dict[str, Any], pack: Pack) -> str:
    kind = DETERMINACY[row["determinacy"]]
    subject = f"，按{pack.vocabulary.records[row['subject']].label}" if row["subject"] else ""
    benefit = f"，{BENEFITS[row['benefit']]}" if row["benefit"] else ""
    return f"  {row['id']}  {row['clause']} {row['title']}（{kind}{subject}{benefit}）"


def described(name: str, pack: Pack) -> str:
    """One measure or programme in readable Chinese. Raises InputError where there is none."""
    for measure in pack.measures:
        if measure.id == name:
            return "\n".join(_measure(measure, pack)) + "\n"
    for entry in pack.programmes:
        if entry.spec.id == name:
            return "\n".join(_programme(entry, pack)) + "\n"
    ids = [*(m.id for m in pack.measures), *(p.spec.id for p in pack.programmes)]
    raise InputError([unknown("编号", "措施或背景内容", name, ids)])


def _measure(measure: Measure, pack: Pack) -> Iterator[str]:
    spec = measure.spec
    yield spec.title
    yield f"  编号    {spec.id}（{DETERMINACY[spec.determinacy]}）"
    yield from _document(measure.document, spec.clause, pack)
    yield f"  摘要    {spec.summary}"
    subject = pack.vocabulary.records[measure.subject].label if measure.subject else None
    yield f"  受益人  {spec.beneficiary.label}" + (f"；逐条评估{subject}" if subject else "")
    yield f"  付给    {payee_label(spec.payee)}"
    yield f"  待遇    {'；'.join(benefit_in_words(spec, pack))}"
    yield "  条件"
    yield from _tree(measure.condition, pack, "    ")
    yield f"  部门    {'、'.join(spec.departments) or '文件未载明'}"
    materials = "、".join(spec.materials) if isinstance(spec.materials, list) else spec.materials
    for label, text in (("联系    ", spec.contact), ("材料    ", materials), ("截止    ", spec.deadline)):
        yield f"  {label}{text or '文件未载明'}"
    for quota in (*spec.quotas, *spec.targets):
        yield f"  背景    {_quota(quota)}"
    if spec.reclassified:
        yield f"  归类    {spec.reclassified.why}"
    yield from _tail([*spec.notes, *spec.benefit.notes], spec.cite, measure.place)


def _programme(entry: ProgrammeEntry, pack: Pack) -> Iterator[str]:
    spec = entry.spec
    yield spec.title
    yield f"  编号    {spec.id}（背景：只有目标，没有可申报的内容）"
    yield from _document(entry.document, spec.clause, pack)
    yield f"  内容    {spec.goal}"
    for quota in spec.targets:
        yield f"  目标    {_quota(quota)}"
    yield f"  部门    {'、'.join(spec.departments) or '文件未载明'}"
    yield from _tail(spec.notes, spec.cite, entry.place)


def _document(name: str, clause: str, pack: Pack) -> Iterator[str]:
    document = pack.documents[name].document
    validity = document.validity
    inferred = "（推断）" if validity.basis == "inferred" else ""
    yield f"  文件    《{document.title.strip('《》')}》{document.number or '（文号未载明）'}，{clause}"
    yield f"  有效期  {format_validity(validity.start, validity.end)}{inferred}"


def _tail(notes: list[str], cite: list[str], place: Place) -> Iterator[str]:
    for note in notes:
        yield f"  注      {note}"
    for phrase in cite:
        yield f"  原文    “{phrase}”"
    yield f"  规则    {place.file}:{place.line}"


def _quota(quota: Quota) -> str:
    return f"{format_date(quota.by)}前：{quota.text}" if quota.by else quota.text


def _tree(node: Node, pack: Pack, indent: str) -> Iterator[str]:
    match node:
        case AnyOf(parts, fallback=True):
            doubt = "清单以“等”结尾，清单以外待定" if node.note.open else "存疑，不满足时待认定"
            yield f"{indent}· {describe(node, pack)}（{_marks(node, doubt)}）"
        case All(parts) | AnyOf(parts):
            group = "以下全部满足" if isinstance(node, All) else "以下任一满足"
            marks = _marks(node)
            label = f"{node.note.label}（{group}）" if node.note.label else group
            yield f"{indent}{label}{f'（{marks}）' if marks else ''}："
            for part in parts:
                yield from _tree(part, pack, indent + "  ")
        case Not(part):
            yield f"{indent}以下不成立："
            yield from _tree(part, pack, indent + "  ")
        case _:
            marks = _marks(node, "未填写时按满足处理" if getattr(node, "assumed", False) else "")
            yield f"{indent}· {describe(node, pack)}{f'（{marks}）' if marks else ''}"


def _marks(node: Node, first: str = "") -> str:
    parts = [first, "推断" if node.note.inferred else "", node.note.why]
    return "；".join(part.rstrip("。") for part in parts if part)


def benefit_in_words(spec: MeasureSpec, pack: Pack) -> Iterator[str]:
    """Kind, figures as stated, frequency, and the instrument that sets the rest."""
    benefit = spec.benefit
    yield benefit.text or BENEFITS[benefit.kind]
    match benefit:
        case Award():
            yield format_money(benefit.amount)
        case Tiered():
            options = pack.vocabulary.fields[benefit.by].options
            tiers = ((options[key].label, amount) for key, amount in benefit.amounts.items())
            yield "、".join(f"{label}{format_money(amount)}" for label, amount in tiers)
        case Proportional():
            yield _rate(benefit, pack)
    if benefit.frequency:
        yield FREQUENCIES[benefit.frequency]
    if benefit.instrument:
        yield f"见《{pack.instrument_title(benefit.instrument).strip('《》')}》"


def _rate(benefit: Proportional, pack: Pack) -> str:
    path = benefit.base.field or benefit.base.sum or ""
    rate = "1:1" if benefit.kind == "matching" and benefit.rate == 1 else format_ratio(benefit.rate)
    cap = f"，{_cap(benefit.cap)}" if benefit.cap else ""
    return f"{pack.vocabulary.label(path).replace('·', '的')} × {rate}{cap}"


def _cap(cap: Cap) -> str:
    most = f"最高{format_money(cap.amount)}"
    return (
        f"{most}（文件未写明按每项还是合计）" if cap.scope == "unstated" else f"{CAP_SCOPES[cap.scope]}{most}"
    )
