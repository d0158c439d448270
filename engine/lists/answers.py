"""Cells of a list as answers that a profile could hold: what spreadsheets did to them is undone, nothing more.

Undone are: serial numbers for dates, lost leading zeros of industry codes, tick marks for yes, periods of which one end
is meant, foreign money where a rate is given, 无 for "not stated" where the field takes no "none". A cell that holds an
unreadable byte or a spreadsheet error becomes null and a reject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from json import dumps
from re import compile as pattern

import polars as pl

from engine.code_table import CodeError, half_width
from engine.lists.cells import BAD_CHARACTER
from engine.lists.plan import OWN_UNIT, ColumnPlan
from engine.lists.words import Words, folded
from engine.quantities import QuantityError, parse_money
from engine.spans import Span, decimal_string
from engine.values import Tables, ValueProblem, read_value
from engine.vocabulary import FieldType, VocabularyField

ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
_NONE_IS_A_VALUE: frozenset[FieldType] = frozenset({"choice", "choices", "yes_no"})
_NONE = ("无", "没有")
_MISSING = ("/", "\\", "——", "#N/A")
_YEAR = r"^((?:19|20)\d{2})(?:\D.*)?$"
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_FIRST_SERIAL, _LAST_SERIAL = 18264, 73050  # 1950 to 2099
_PERIOD = pattern(r"^\s*(?:自|从)?(.+?)(?:起)?\s*(?:至|到|~|—+|--)\s*(.+?)(?:止)?\s*$")
_YES = {"√": "是", "✓": "是", "✔": "是", "1": "是", "Y": "是", "y": "是", "T": "是", "×": "否", "✗": "否", "0": "否"}
_YES |= {"N": "否", "n": "否", "F": "否", "Yes": "是", "No": "否", "YES": "是", "NO": "否", "yes": "是", "no": "否"}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that could not be used: its row in the frame, the column's header, what stood there, why."""

    at: int
    header: str
    value: str
    reason: str
    hint: str


@dataclass(slots=True)
class Answering:
    """Turns cells of one sheet into answers. ``notes`` counts by their Chinese description what was undone."""

    words: Words
    tables: Tables
    rates: Mapping[str, Decimal]
    from_1904: bool = False
    notes: dict[str, int] = field(default_factory=dict)

    def column(self, cells: pl.Series, plan: ColumnPlan, typed: VocabularyField) -> tuple[pl.Series, list[CellProblem]]:
        """The answers of one column of text, as long as ``cells``, and the cells that could not be used."""
        problems: list[CellProblem] = []
        cells = self._without(cells, BAD_CHARACTER, plan, "有无法识别的字节", "请核对原文件里的这一格", problems)
        bad = cells.is_in(ERRORS) if cells.str.starts_with("#").any() else None
        if bad is not None and bad.any():
            problems += _problems(cells, bad, plan, "公式出错", "请在电子表格里改正公式")
            cells = _blanked(cells, bad)
        missing = cells.is_in(_MISSING)
        cells = _blanked(cells, missing) if missing.any() else cells
        if typed.type not in _NONE_IS_A_VALUE:
            none = cells.is_in(_NONE)
            if none.any():
                self._note(f"“{plan.header}”写“无”的按没有填写处理", none)
                cells = _blanked(cells, none)
        cells = self._typed(cells, plan, typed, problems)
        return cells, problems

    def _typed(
        self, cells: pl.Series, plan: ColumnPlan, typed: VocabularyField, problems: list[CellProblem]
    ) -> pl.Series:
        match typed.type:
            case "date":
                return self._dates(cells, plan, problems)
            case "yes_no":
                return cells.replace(_YES)
            case "industry" if plan.zeros_lost:
                return self._industries(cells, plan)
            case "money":
                return self._money(cells, plan)
            case "count" if typed.path == "annual.fiscal_year":
                year = cells.str.extract(_YEAR)
                return pl.select(pl.coalesce(year, cells)).to_series()
            case _:
                return cells

    def _without(
        self, cells: pl.Series, mark: str, plan: ColumnPlan, reason: str, hint: str, problems: list[CellProblem]
    ) -> pl.Series:
        bad = cells.str.contains(mark, literal=True)
        if not bad.any():
            return cells
        problems += _problems(cells, bad, plan, reason, hint)
        return _blanked(cells, bad)

    def _dates(self, cells: pl.Series, plan: ColumnPlan, problems: list[CellProblem]) -> pl.Series:
        serial = cells.str.contains(_SERIAL)
        if serial.any():
            start = date(1904, 1, 1) if self.from_1904 else date(1899, 12, 30)
            found = {text: _from_serial(text, start) for text in cells.filter(serial).unique().to_list()}
            self._note(f"“{plan.header}”里的 Excel 日期序号换成了日期", serial)
            cells = _mapped(cells, {text: day for text, day in found.items() if day})
        periods = cells.str.contains("|".join(self.words.spec.endless)) | cells.str.contains(r"\d[日\s]*至\s*\d")
        if not periods.any():
            return cells
        if plan.take is None:
            endless = cells.str.contains("|".join(self.words.spec.endless))
            if endless.any():
                hint = "请在映射里给这一列写 take: start（起始日）或 take: end（到期日）"
                problems += _problems(cells, endless, plan, "这是一段期限，不知道要起始日还是到期日", hint)
                cells = _blanked(cells, endless)
            return cells
        texts = cells.filter(periods).unique().to_list()
        return cells.replace({text: self._end_of(text, plan.take) for text in texts})

    def _end_of(self, text: str, take: str) -> str | None:
        """One end of a period, None where it is not told; one without an end lasts to the calendar's last day."""
        match = _PERIOD.match(text)
        start, end = match.groups() if match else (text, text)
        chosen = str(start if take == "start" else end)
        if not any(word in chosen for word in self.words.spec.endless):
            return chosen
        return None if take == "start" else "9999-12-31"

    def _industries(self, cells: pl.Series, plan: ColumnPlan) -> pl.Series:
        """A code of two or three digits may have lost its leading zero: then it is one of two."""
        short = cells.str.contains(r"^\d{2,3}$")
        found = {}
        for text in cells.filter(short).unique().to_list():
            try:
                codes = self.tables.industries.find(int(text), plan.edition)
                plain = self.tables.industries.find(text, plan.edition)
            except CodeError:
                continue
            if codes != plain:
                found[text] = dumps([f"2017:{code}" for code in sorted(codes)])
        if found:
            self._note(f"“{plan.header}”里的代码可能丢失了前导零，按两种都有可能处理", cells.is_in(list(found)))
        return _mapped(cells, found)

    def _money(self, cells: pl.Series, plan: ColumnPlan) -> pl.Series:
        zero = cells.str.contains(r"^[-+]?0+(?:\.0+)?$")
        if plan.unit is None and zero.any():
            cells = _mapped(cells, dict.fromkeys(cells.filter(zero).unique().to_list(), "0元"))
        if self.rates and (self._is_foreign(plan.unit) or cells.str.contains(self.words.foreign.pattern).any()):
            texts = cells.drop_nulls().unique().to_list()
            cells = _mapped(cells, {t: y for t in texts if (y := self._converted(t, plan.unit)) is not None})
        if plan.round:
            texts = cells.filter(cells.str.contains(r"\.\d{3}")).unique().to_list()
            rounded = {t: y for t in texts if (y := _rounded(t, self.words.money_units.get(folded(plan.unit or ""))))}
            if rounded:
                self._note(f"“{plan.header}”四舍五入到分", cells.is_in(list(rounded)))
            cells = _mapped(cells, rounded)
        return cells

    def _is_foreign(self, unit: str | None) -> bool:
        return unit is not None and self.words.foreign.search(folded(unit)) is not None

    def _converted(self, text: str, unit: str | None) -> str | None:
        """A foreign amount in yuan at the given rate, between the fen on either side; None where it is not one."""
        whole = text if OWN_UNIT.search(text) else text + (unit or "")
        name = half_width(whole).casefold().replace(" ", "")
        found = self.words.foreign.search(name)
        rate = self.rates.get(self.words.currency_of[found[0]]) if found else None
        if found is None or rate is None:
            return None
        plain = self.words.foreign.sub("元", name, count=1).replace("元元", "元").replace("()", "")
        try:
            span = parse_money(plain)
        except QuantityError:
            return None
        self.notes[f"外币按汇率 {rate} 换算成人民币"] = self.notes.get(f"外币按汇率 {rate} 换算成人民币", 0) + 1
        return _yuan(span, Fraction(rate))

    def _note(self, text: str, mask: pl.Series) -> None:
        self.notes[text] = self.notes.get(text, 0) + int(mask.sum() or 0)


def readable_share(cells: pl.Series, typed: VocabularyField, unit: str | None, tables: Tables) -> float:
    """How many of some cells can be read as the field's type, 1 where there are none. Options in a list are parted."""
    texts = [text for text in cells.unique(maintain_order=True).to_list() if BAD_CHARACTER not in text][:100]
    if not texts or typed.type == "text":
        return 1.0
    good = 0
    for text in texts:
        text = _YES.get(text, text) if typed.type == "yes_no" else text
        if typed.path == "annual.fiscal_year" and pattern(_YEAR).match(text):
            text = text[:4]
        bare = unit and typed.type in ("money", "ratio") and not OWN_UNIT.search(text)
        try:
            raw = pattern(r"[、;；|,，]").split(text) if typed.type in ("choice", "choices") else text
            read_value(typed, raw if raw != [text] else text + (unit if bare and unit else ""), tables)
            good += 1
        except ValueProblem as problem:
            # Foreign money, a period, a serial number or a wrong check digit is still what the column is about.
            good += problem.code in _RIGHT_KIND or (
                typed.type == "date" and bool(pattern(_SERIAL).match(text) or "至" in text)
            )
    return good / len(texts)


_RIGHT_KIND = frozenset(
    {
        "value-currency",
        "value-precision",
        "value-approximate",
        "value-too-small",
        "value-credit-code-check",
        "value-credit-code-scientific",
        "value-industry-digit",
        "value-industry-mismatch",
        "value-division-mismatch",
        "value-industry-policy-field",
    }
)


def joined_places(columns: list[pl.Series]) -> pl.Series:
    """Province, city and county as one text; what repeats the part before it (北京 北京市) is left out."""
    frame = pl.DataFrame({str(n): column for n, column in enumerate(columns)})
    texts = []
    for parts in frame.iter_rows():
        kept: list[str] = []
        for part in parts:
            if (
                part
                and part not in (*_NONE, *_MISSING)
                and not (kept and part.startswith(kept[-1]) and len(part) <= len(kept[-1]) + 1)
            ):
                kept.append(part)
        texts.append("".join(kept) or None)
    return pl.Series(texts, dtype=pl.String)


def _problems(cells: pl.Series, mask: pl.Series, plan: ColumnPlan, reason: str, hint: str) -> list[CellProblem]:
    places = mask.fill_null(False).arg_true().to_list()
    return [CellProblem(at, plan.header, cells[at], reason, hint) for at in places]


def _blanked(cells: pl.Series, mask: pl.Series) -> pl.Series:
    return pl.select(pl.when(mask.fill_null(False)).then(None).otherwise(cells)).to_series().rename(cells.name)


def _mapped(cells: pl.Series, answers: Mapping[str, str]) -> pl.Series:
    return cells.replace(dict(answers)) if answers else cells


def _from_serial(text: str, start: date) -> str | None:
    number = int(float(text))
    return (start + timedelta(number)).isoformat() if _FIRST_SERIAL <= number <= _LAST_SERIAL else None


def _yuan(span: Span, rate: Fraction) -> str:
    """The span at the rate, its ends moved outwards to whole fen, as it would be typed."""
    ends: list[str | None] = []
    rounding: tuple[Callable[[Fraction], Fraction], ...] = (_fen(ROUND_FLOOR), _fen(ROUND_CEILING))
    for point, outwards in zip((span.low, span.high), rounding, strict=True):
        assert point is None or isinstance(point, int | Fraction)
        ends.append(None if point is None else f"{decimal_string(outwards(point * rate))}元")
    low, high = ends
    if low is not None and high is not None:
        return low if low == high else f"{low}至{high}"
    return f"不低于{low}" if low is not None else f"不超过{high}"


def _fen(rounding: str) -> Callable[[Fraction], Fraction]:
    def move(amount: Fraction) -> Fraction:
        fen = amount * 100
        whole = fen.numerator // fen.denominator
        return Fraction(whole + (rounding == ROUND_CEILING and whole != fen), 100)

    return move


def _rounded(text: str, factor: int | None) -> str | None:
    """A plain number in the column's unit as yuan with whole fen."""
    try:
        yuan = Decimal(text.replace(",", "")) * (factor or 1)
    except InvalidOperation:
        return None
    return f"{yuan.quantize(Decimal('0.01'), ROUND_HALF_UP):f}元" if yuan.is_finite() else None
