"""The benefit of a promise as far as its words decide it; what they leave open is an open point."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.drafting.entries import Entry
from engine.drafting.figures import Figure
from engine.open_points import open_point
from engine.quantities import QuantityError, parse_money, parse_ratio

Lines = list[tuple[str, object]]
_ONCE = re.compile("一次性")
_YEARLY = re.compile("(?:每年|年度|每个?年度|当年)(?:最高|不超过|累计不超过|补贴|奖励|给予)")
_REPEATED = re.compile(r"每|元[/／]|连续|分期|分[二两三四五\d]+年|逐年")
"""Paid by the piece, by the month or over years: no single amount."""
_LEVELS = re.compile(r"(?:(?:国家级?|省部?级?|市级?|区级?|县级?|[一二三四五]等奖?|[A-D]级|特等奖?|一类|二类|三类)[、,，和及或]*){2,}")
_CANDIDATES = (
    (re.compile("租金|住房|公寓|租房|房租"), "housing（住房、租金）"),
    (re.compile("投资|基金|股权"), "investment（投资）"),
    (re.compile("政府采购|采购目录"), "procurement_priority（政府采购优先）"),
    (re.compile("称号|授予|荣誉"), "title（称号）"),
    (re.compile("培育库|入库|名单"), "cultivation_pool（培育库）"),
    (re.compile("推荐|申报"), "application_help（帮助申报）"),
    (re.compile("服务|对接|场地"), "service（服务）"),
    (re.compile("应用|市场|推广|场景"), "market_access（市场机会）"),
    (re.compile("《[^》]*(?:办法|政策|规定|细则)》|按照?[^,，。]{0,20}(?:政策|办法|规定)"), "by_reference（由另一文件规定）"),
)


def quantified(entry: Entry) -> bool:
    """Whether the text gives a figure of the benefit."""
    return any(figure.role in ("amount", "cap", "rate", "tier") for figure in entry.figures)


def benefit_of(entry: Entry) -> tuple[Lines, bool]:
    """The lines of ``benefit`` in order, and whether its kind is decided."""
    worth = [figure for figure in entry.figures if figure.role in ("amount", "cap", "rate", "tier")]
    amounts = [figure for figure in worth if figure.role in ("amount", "tier") and figure.kind == "money"]
    caps = [figure for figure in worth if figure.role == "cap" and figure.kind == "money"]
    rates = [figure for figure in worth if figure.kind == "ratio" and figure.role in ("rate", "tier")]
    lines: Lines
    if len(rates) == 1 and not amounts and len(caps) <= 1 and _plain(rates[0]):
        lines = _rate(entry, rates[0], caps)
    elif not rates and not caps and len(amounts) == 1 and _plain(amounts[0]) and not _REPEATED.search(entry.words):
        lines = [("kind", "award"), ("amount", _said(amounts[0]))]
    elif not _REPEATED.search(entry.words) and len(amounts) > 1 and _all_tiers(worth):
        lines = _tiers(entry, amounts)
    elif worth:
        return [("kind", open_point(f"待遇怎样计算？文件的数：{_listed(worth)}；写不进一项的，分成几项措施"))], False
    else:
        return [("kind", open_point(f"待遇的种类？文件没有写金额；{_proposal(entry.words)}"))], False
    if _ONCE.search(entry.words):
        lines.append(("frequency", "once"))
    return lines, True


def _all_tiers(worth: Sequence[Figure]) -> bool:
    return all(figure.kind == "money" and figure.role == "tier" for figure in worth)


def _rate(entry: Entry, rate: Figure, caps: Sequence[Figure]) -> Lines:
    words = entry.words
    base = re.search(r"按照?(?P<base>[^,，。;；\d]{2,20}?)的?(?:$|\d)", words[: rate.start + 1])
    hint = f"文件的话是“{base['base']}”" if base else "文件没有写清"
    kind = "matching" if "配套" in words or ":" in _said(rate) else "rate"
    lines: Lines = [("kind", kind), ("rate", _said(rate)), ("base", open_point(f"按什么计算？{hint}；写 field 或 sum"))]
    if caps:
        yearly = _YEARLY.search(words)
        scope: object = "per_year" if yearly else open_point("上限管多大范围：per_year、per_record、total，未写明写 unstated")
        lines.append(("cap", {"amount": _said(caps[0]), "scope": scope}))
        if yearly:
            lines.append(("per_year", open_point(f"“{yearly[0]}”按哪个日期字段分年度？")))
    return lines


def _tiers(entry: Entry, amounts: Sequence[Figure]) -> Lines:
    levels = _LEVELS.search(entry.words)
    named = f"文件的档次是“{levels[0].strip('、,，和及或')}”，" if levels else ""
    return [
        ("kind", "tiered"),
        ("by", open_point("按哪个选择字段分档？")),
        ("amounts", open_point(f"各档的金额？{named}金额依次为 {_listed(amounts)}；也可分成几项措施")),
    ]


def _proposal(words: str) -> str:
    kinds = [name for pattern, name in _CANDIDATES if pattern.search(words)] or ["support（支持，形式未载明）"]
    return f"可写 {'、'.join(kinds)}，全部种类见规则语言第 3 节"


def _plain(figure: Figure) -> bool:
    """Whether the benefit's shape takes the figure as the text writes it."""
    try:
        span = (parse_ratio if figure.kind == "ratio" else parse_money)(_said(figure))
    except QuantityError:
        return False
    return span.is_point


def _said(figure: Figure) -> str:
    return figure.text if not figure.unit or figure.text.endswith(figure.unit) else figure.text + figure.unit


def _listed(worth: Sequence[Figure]) -> str:
    return "、".join(("最高" if figure.role == "cap" else "") + _said(figure) for figure in worth)
