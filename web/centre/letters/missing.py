"""What an enterprise has to supply: each missing field or list once, with how to tell it and what waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.determination import Result
from engine.pack import Pack
from engine.vocabulary import FieldType, VocabularyField
from web.summary import question_of
from web.texts import gettext as _

FORMS: dict[FieldType, str] = {
    "money": _("写金额并带单位（元、万元或亿元），例如 500万元；不能确定的写范围，例如 2000万元至5000万元"),
    "count": _("写整数，单位%(unit)s；不能确定的写范围，例如 100-499"),
    "ratio": _("写比例，例如 5%%、1‰"),
    "date": _("写到日，例如 2023年11月30日；记不清的写到月或年"),
    "text": _("写文字"),
    "division": _("写到区县，例如 廊坊市固安县"),
    "industry": _("写国民经济行业名称或代码，例如 软件和信息技术服务业、I65"),
    "credit_code": _("18 位统一社会信用代码"),
    "yes_no": _("写“是”或“否”"),
    "choice": _("选一项：%(options)s"),
    "choices": _("可选多项：%(options)s；一项也没有的写“无”"),
}


@dataclass(slots=True)
class Wanted:
    """One thing to supply. ``records`` are those that lack it, where it is a field of a record; ``waiting`` the
    measures that wait for it, in the order of the letter."""

    path: str
    label: str
    question: str
    help: str
    form: str
    records: list[str] = field(default_factory=list)
    waiting: list[Result] = field(default_factory=list)


def lacking(results: Iterable[Result]) -> list[Result]:
    """The results that a letter can ask for: something is missing, and it can still matter."""
    return [result for result in results if result.missing]


def wanted(results: Iterable[Result], pack: Pack) -> list[Wanted]:
    """What these results miss, first what most of them wait for, then in the order in which they name it."""
    found: dict[str, Wanted] = {}
    for result in results:
        for path in result.missing:
            item = found.setdefault(path, _wanted(path, pack))
            item.waiting.append(result)
            item.records += [name for name in _records(result, path) if name not in item.records]
    return sorted(found.values(), key=lambda item: -len(item.waiting))


def _wanted(path: str, pack: Pack) -> Wanted:
    label, question = pack.vocabulary.label(path), question_of(path, pack)
    known = pack.vocabulary.fields.get(path)
    if known is not None:
        return Wanted(path, label, question, known.spec.help or "", _form(known))
    kind = next(kind for kind in pack.vocabulary.records.values() if kind.list == path)
    form = _("逐项列出；一项也没有的写“无”，列不全的请注明“不全”")
    return Wanted(path, label, question, kind.spec.help or "", form)


def _form(known: VocabularyField) -> str:
    options = _("、").join(option.label for option in known.options.values())
    unit = known.spec.unit or ""
    return FORMS[known.type] % {"options": options, "unit": unit or _("个")}


def _records(result: Result, path: str) -> Iterator[str]:
    for item in result.items or ():
        if path in item.missing:
            yield item.record
