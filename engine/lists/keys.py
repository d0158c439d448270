"""What names an enterprise: which column, and the form in which the same key is the same text on every sheet."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.lists.matching import USED_FROM, Matcher
from engine.lists.plan import TablePlan
from engine.lists.words import folded

_FILLED_FROM = 0.9
_FEW = 5  # footers, blank rows and repeated headers, which have no key
STOCK, CODE, NAME = "证券代码", "统一社会信用代码", "单位名称"


PLAIN = r"^[0-9A-Z]{5,}$"
"""A text that ``key_text`` leaves as it is. Most keys are such texts, and looking is much faster than changing."""
_SCIENTIFIC, _CUT = r"^\d(?:\.\d+)?E\+?\d+$", r"^\d{15}000$"


def is_plain(keys: pl.Series, digits: int | None = None) -> bool:
    """Whether every key is used as it stands: ``key_text`` changes nothing and ``unusable`` refuses nothing."""
    if digits is not None or keys.dtype != pl.String or keys.null_count():
        return False
    return bool(keys.str.contains(PLAIN).all()) and not keys.str.contains(f"{_SCIENTIFIC}|{_CUT}").any()


def key_text(column: pl.Expr, digits: int | None = None) -> pl.Expr:
    """Half width, upper case, without white space; a number that lost its leading zeros gets them back."""
    text = column.str.normalize("NFKC").str.replace_all(r"[\s\u200b\ufeff]+", "").str.to_uppercase()
    if digits:
        short = text.str.contains(rf"^\d{{1,{digits}}}$")
        text = pl.when(short).then(text.str.zfill(digits)).otherwise(text)
    return pl.when(text.str.contains(r"^(?:|[-—/\\]+|N/?A|无|暂无|NAN|NULL|NONE)$")).then(None).otherwise(text)


def unusable(column: pl.Expr) -> pl.Expr:
    """Why a key cannot name an enterprise, null where it can: lost digits may be of two firms."""
    scientific = column.str.contains(_SCIENTIFIC)
    cut = column.str.contains(_CUT)
    return (
        pl.when(column.is_null())
        .then(pl.lit("没有编号"))
        .when(column.str.contains("\ufffd"))
        .then(pl.lit("编号里有无法识别的字节"))
        .when(scientific)
        .then(pl.lit("编号是科学计数法，后几位已经丢失"))
        .when(cut)
        .then(pl.lit("编号末尾是000，是电子表格只留15位数字造成的，后几位已经丢失"))
        .otherwise(pl.lit(None, pl.String))
    )


KEY_HINTS = {
    "没有编号": "请补上编号，或在映射里换一列作 key",
    "编号里有无法识别的字节": "请核对原文件，另存为 UTF-8",
}
LOST_DIGITS_HINT = "请把该列设为文本格式，从原始资料重新录入，或在映射里换一列作 key"


def families(plan: TablePlan, matcher: Matcher) -> dict[str, int]:
    """The columns that can be the key, by what sort of key they are, the best sort first."""
    found: dict[str, tuple[int, int]] = {}
    stock = {folded(name) for name in (*matcher.words.spec.six_digit_headers, "ts_code", "证券代码")}
    for position, header in enumerate(plan.headers):
        rank = matcher.words.key_rank.get(header.name)
        matches = matcher.matches(header, plan.row)
        paths = {match.path for match in matches if match.confidence >= USED_FROM}
        if "credit_code" in paths:
            family, order = CODE, -1
        elif header.name in stock:
            family, order = STOCK, rank or 0
        elif rank is not None:
            family, order = header.name, rank
        elif "name" in paths:
            family, order = NAME, 1000
        else:
            continue
        if family not in found and _filled(plan, position):
            found[family] = (order, position)
    return {family: position for family, (_, position) in sorted(found.items(), key=lambda item: item[1])}


def common_family(plans: Sequence[TablePlan], matcher: Matcher) -> str | None:
    """The best sort of key that every sheet has; None where there is none."""
    choices = [families(plan, matcher) for plan in plans]
    if not choices:
        return None
    return next((family for family in choices[0] if all(family in other for other in choices)), None)


def lost_zeros(plan: TablePlan, position: int, matcher: Matcher) -> int | None:
    """6 where a stock code has fewer digits than it must have, because a spreadsheet dropped the leading zeros."""
    stock = {folded(name) for name in matcher.words.spec.six_digit_headers}
    if plan.headers[position].name not in stock:
        return None
    cells = plan.cells(position)
    digits = cells.filter(cells.str.contains(r"^\d{1,6}$"))
    return 6 if len(digits) and bool((digits.str.len_chars() < 6).any()) else None


def _filled(plan: TablePlan, position: int) -> bool:
    if plan.sheet.lazy is not None:
        return True
    return len(plan.cells(position)) >= _FILLED_FROM * (plan.body.height - _FEW)
