"""Cells to values: every distinct text of a column is read once, exactly as a profile's text is.

Typed columns of numbers and dates take an exact way without text. A cell that cannot be read counts as unknown,
its enterprise stays in the result, and the cell is listed with the reason (DESIGN 4; the counts add up).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from engine.code_table import CodeError
from engine.columns.arithmetic import LIMIT, largest, times
from engine.columns.frame import ColumnMeta
from engine.columns.planes import Flags, Ints
from engine.columns.vectors import FEN, ONE, Bounds, Coded, Column, of_spans
from engine.quantities import QuantityError, is_missing_word, parse_money
from engine.regions import Value
from engine.spans import Span
from engine.values import Tables, ValueProblem, read_value
from engine.vocabulary import VocabularyField

LARGEST = {"money": 10**14 * FEN, "count": 10**15}
"""Amounts from 100万亿元 on are refused: all sums and products are proven to stay within 64 or 128 bits below it."""

Problem = tuple[str, str]
"""Reason and hint, in Chinese."""
Report = Callable[[Flags, pl.Series, Callable[[Any], Problem]], None]
"""Takes the rows that are wrong, the cells, and what is wrong with a cell."""

_BARE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_UNITS = re.compile(r"[元万亿千百十%‰:：/分之美港欧日英块$€£¥￥A-Za-z]")
_BETWEEN = re.compile(r"[、；;|,，\n]+")
_PLAIN = r"^-?\d{1,15}(?:\.\d{1,6})?$"
_MICRO = 10**6
_TOO_LARGE = ("数字大得不合理", "请检查位数和单位；清单里的数额须小于100万亿元")
_NO_UNIT = ("没有写明金额的单位", "请在表头、单元格或对应关系里写明单位，例如 万元")


@dataclass(slots=True)
class CellReader:
    """Reads the columns of one field after another; remembers what each text means for the next slice."""

    tables: Tables
    _known: dict[tuple[str, str | None, str, Any], Value | None | ValueProblem] = field(default_factory=dict)

    def column(self, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Column:
        """The column's values; cells that cannot be read are reported and unknown."""
        if cells.dtype.is_float():
            cells = cells.fill_nan(None)
        if typed.type in ("money", "count") and cells.dtype.is_numeric():
            return _numbers(cells, typed, meta, report)
        if typed.type == "date" and cells.dtype in (pl.Date, pl.Datetime):
            return _days(cells)
        if typed.type in ("money", "count") and cells.dtype == pl.String:
            return self._written_numbers(cells, typed, meta, report)
        if cells.dtype.is_float():
            cells = _shortest(cells)
        elif cells.dtype.is_decimal() or cells.dtype.is_temporal():
            cells = cells.cast(pl.String)
        coded = self._coded(cells, typed, meta, report)
        return coded.bounds(ONE, dates=True) if typed.type == "date" else coded

    # Text

    def _coded(self, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Coded:
        texts, codes = _distinct(cells)
        values: list[Value | None] = [None]
        wrong: dict[int, ValueProblem] = {}
        for number, raw in enumerate(texts, start=1):
            read = self._read(raw, typed, meta)
            if isinstance(read, ValueProblem):
                wrong[number] = read
            values.append(None if isinstance(read, ValueProblem) else read)
        if wrong:
            problems = {texts[number - 1]: problem for number, problem in wrong.items()}
            report(np.isin(codes, list(wrong)), cells, lambda raw: _problem(problems[raw]))
        return Coded.of(values, codes)

    def _read(self, raw: Any, typed: VocabularyField, meta: ColumnMeta) -> Value | None | ValueProblem:
        key = (typed.path, meta.unit, meta.edition, raw)
        if key not in self._known:
            try:
                self._known[key] = self._value(raw, typed, meta)
            except ValueProblem as problem:
                self._known[key] = problem
            except CodeError as error:
                self._known[key] = ValueProblem(f"value-{error.code}", error.message, error.hint)
        return self._known[key]

    def _value(self, raw: Any, typed: VocabularyField, meta: ColumnMeta) -> Value | None:
        if isinstance(raw, str):
            raw = _structured(raw.strip())
        if raw is None or raw == "":
            return None
        if typed.type == "industry" and meta.edition != "2017" and not (isinstance(raw, str) and is_missing_word(raw)):
            items = raw if isinstance(raw, list) else [raw]
            return frozenset().union(*(self.tables.industries.find(item, meta.edition) for item in items))
        if typed.type == "choices" and isinstance(raw, str) and not typed.option_of(raw):
            parts = [part.strip() for part in _BETWEEN.split(raw) if part.strip()]
            raw = parts if len(parts) > 1 else raw
        if typed.type in ("money", "ratio") and isinstance(raw, str | int):
            raw = _with_unit(str(raw), typed.type, meta.unit)
        value = read_value(typed, raw, self.tables)
        largest = LARGEST.get(typed.type)
        if largest is not None and isinstance(value, Span) and _beyond(value, Fraction(largest, _grid(typed))):
            raise ValueProblem("value-magnitude", *_TOO_LARGE)
        return value

    def _written_numbers(
        self, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report
    ) -> Bounds:
        """Plain numbers are converted all at once, the other texts one by one."""
        cells = cells.str.strip_chars()
        plain = cells.str.contains(_PLAIN).fill_null(False)
        usable = typed.type == "count" or meta.unit is not None
        if not usable or not plain.any():
            return self._coded(cells, typed, meta, report).bounds(_grid(typed))
        exact = cells.set(~plain, None).cast(pl.Decimal(38, 6)).to_physical()
        numbers = _scaled(exact, _MICRO, cells, typed, meta, report)
        if bool(plain.all()):
            return numbers
        others = self._coded(cells.set(plain, None), typed, meta, report).bounds(_grid(typed))
        return _merged(numbers, others, plain.to_numpy())


# Numbers and dates of typed columns


def _numbers(cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Bounds:
    if typed.type == "money" and meta.unit is None:
        report((~cells.is_null()).to_numpy(), cells, lambda raw: _NO_UNIT)
        return Bounds(np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64), FEN, np.ones(len(cells), np.bool_))
    if cells.dtype.is_float():
        return _floats(cells, typed, meta, report)
    if cells.dtype.is_decimal():
        scale = cells.dtype.scale  # type: ignore[attr-defined]
        return _scaled(cells.to_physical(), 10**scale, cells, typed, meta, report)
    factor = _factor(typed, meta)
    if factor.denominator == 1 and cells.dtype not in (pl.UInt64, pl.Int128, pl.UInt128):
        low, unknown = _integers(cells)
        if largest(low) * factor.numerator < LIMIT:
            return _limited(times(low, factor.numerator), unknown, cells, typed, report)
    return _scaled(cells.cast(pl.Int128), 1, cells, typed, meta, report)


def _integers(cells: pl.Series) -> tuple[Ints, Flags | None]:
    """Whole numbers as they lie in memory, and where there is none."""
    wide = cells.cast(pl.Int64)
    if not wide.null_count():
        return wide.to_numpy(), None
    return arrow_values(wide, np.int64), arrow_nulls(wide)


def arrow_values(cells: pl.Series, kind: Any) -> Any:
    """The numbers of a column as they lie in memory; anything where they are null. Without a copy."""
    array = cells.to_arrow()
    if len(array) == 0:
        return np.zeros(0, kind)
    return np.frombuffer(array.buffers()[1], kind)[array.offset : array.offset + len(array)]


def arrow_nulls(cells: pl.Series) -> Flags | None:
    """Where a column is null; None where it nowhere is."""
    array = cells.to_arrow()
    bits = array.buffers()[0]
    if bits is None or not cells.null_count():
        return None
    known = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")[array.offset : array.offset + len(array)]
    return known == 0


def _scaled(
    numbers: pl.Series, divisor: int, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report
) -> Bounds:
    """Whole ``numbers`` (128 bits) divided by ``divisor`` in the column's unit, as units of the grid."""
    factor = _factor(typed, meta) / divisor
    frame = pl.DataFrame({"n": numbers.cast(pl.Int128)}).with_columns(
        n=pl.col("n") * pl.lit(factor.numerator, pl.Int128)
    )
    if factor.denominator != 1:
        below = pl.lit(factor.denominator, pl.Int128)
        # Int128 has no division that could be trusted with a sign: the remainder only tells whether there is one.
        frame = frame.with_columns(rest=pl.col("n").abs() % below, whole=pl.col("n").abs() // below)
        uneven = (frame["rest"] != 0).fill_null(False).to_numpy()
        sign = pl.when(pl.col("n") < 0).then(pl.lit(-1, pl.Int128)).otherwise(pl.lit(1, pl.Int128))
        frame = frame.with_columns(n=pl.col("whole") * sign)
        if uneven.any():
            report(uneven, cells, lambda raw: _uneven(typed))
            frame = frame.with_columns(n=pl.when(pl.Series(uneven)).then(None).otherwise(pl.col("n")))
    limit = pl.lit(LARGEST[typed.type] * 2, pl.Int128)
    # Clipped before the cast, so that nothing wraps; what was clipped is reported below as too large.
    narrow = frame.select(pl.col("n").clip(-limit, limit).cast(pl.Int64))["n"]
    return _limited(*_integers(narrow), cells, typed, report)


def _floats(cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Bounds:
    """Floats as the decimals that they show with 15 digits, as a spreadsheet does."""
    nulls = arrow_nulls(cells)
    factor = _factor(typed, meta)
    given = np.where(nulls, 0.0, arrow_values(cells.cast(pl.Float64), np.float64)) if nulls is not None else (
        arrow_values(cells.cast(pl.Float64), np.float64)
    )
    finite = np.isfinite(given) & (np.abs(given) < float(LARGEST[typed.type]) * 2 / max(float(factor), 1e-12))
    exact = np.where(finite, given, 0.0) * float(factor)
    nearest = np.rint(exact)
    uneven = finite & (np.abs(exact - nearest) > np.abs(exact) * 2.0**-49)
    if uneven.any():
        report(uneven, cells, lambda raw: _uneven(typed))
    low = nearest.astype(np.int64)
    low[~finite] = LARGEST[typed.type] * 2
    unknown = uneven if nulls is None else uneven | nulls
    low[unknown] = 0
    return _limited(low, unknown if unknown.any() else None, cells, typed, report)


def _limited(low: Ints, unknown: Flags | None, cells: pl.Series, typed: VocabularyField, report: Report) -> Bounds:
    """Numbers without those below the field's least value or beyond what can be computed with."""
    grid, most = _grid(typed), LARGEST[typed.type]
    least_units = -most if typed.least is None else int(typed.least * grid)
    if not len(low) or (int(low.min()) >= max(least_units, 1 - most) and int(low.max()) < most):
        return Bounds(low, low, grid, unknown, most=most)
    wrong = (low >= LARGEST[typed.type]) | (low <= -LARGEST[typed.type])
    if unknown is not None:
        wrong &= ~unknown
    if wrong.any():
        report(wrong, cells, lambda raw: _TOO_LARGE)
        unknown = wrong if unknown is None else unknown | wrong
    least = typed.least
    if least is not None:
        small = low < int(least * grid)
        if unknown is not None:
            small &= ~unknown
        if small.any():
            report(small, cells, lambda raw: (f"{typed.label}不能小于{least}", ""))
            unknown = small if unknown is None else unknown | small
    return Bounds(low, low, grid, unknown, most=LARGEST[typed.type])


def _days(cells: pl.Series) -> Bounds:
    days = cells.cast(pl.Date).to_physical().cast(pl.Int64)
    low, unknown = _integers(days)
    return Bounds(low, low, ONE, unknown, dates=True)


def _merged(numbers: Bounds, others: Bounds, plain: Flags) -> Bounds:
    """The first where ``plain``, else the second."""

    def flags(one: Flags | None, other: Flags | None) -> Flags | None:
        if one is None and other is None:
            return None
        zero = np.zeros(len(plain), np.bool_)
        return np.where(plain, zero if one is None else one, zero if other is None else other)

    low = np.where(plain, numbers.low, others.low)
    high = low if others.high is others.low else np.where(plain, numbers.high, others.high)
    return Bounds(
        low,
        high,
        numbers.grid,
        flags(numbers.unknown, others.unknown),
        flags(None, others.no_low),
        flags(None, others.no_high),
        flags(None, others.low_open),
        flags(None, others.high_open),
        most=numbers.most,
    )


# Small parts


def _grid(typed: VocabularyField) -> int:
    return FEN if typed.type == "money" else ONE


def _factor(typed: VocabularyField, meta: ColumnMeta) -> Fraction:
    """Units of the grid in one unit of the column."""
    if typed.type != "money":
        return Fraction(1)
    try:
        one = parse_money(f"1{meta.unit or '元'}").low
    except QuantityError as error:
        raise ValueError(f"{meta.unit}: {error.message}") from None
    return Fraction(one) * FEN  # type: ignore[arg-type]


def _with_unit(raw: str, kind: str, unit: str | None) -> str:
    """The column's unit behind every number of a text that names none."""
    text = raw.strip()
    if _UNITS.search(text) or not _BARE.search(text):
        return text
    if unit is None:
        if kind == "money":
            raise ValueProblem("value-unit", *_NO_UNIT)
        return text
    return _BARE.sub(lambda number: number[0] + unit, text)


def _structured(text: str) -> Any:
    """A JSON list or mapping as what it holds; other text as it is."""
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _distinct(cells: pl.Series) -> tuple[list[Any], Any]:
    """The distinct cells that are not null, and for each row the number of its own, counted from 1 (null: 0)."""
    if cells.dtype == pl.Boolean:
        return [False, True], _shifted(cells.cast(pl.UInt8))
    if isinstance(cells.dtype, pl.Enum):
        return cells.dtype.categories.to_list(), _shifted(cells.to_physical())
    if cells.dtype == pl.Categorical:
        cells = cells.cast(pl.String)
    texts = cells.drop_nulls().unique()
    frame = pl.DataFrame({"cell": texts, "code": pl.int_range(1, len(texts) + 1, eager=True, dtype=pl.UInt32)})
    joined = pl.DataFrame({"cell": cells}).join(frame, on="cell", how="left", maintain_order="left")
    return texts.to_list(), joined["code"].fill_null(0).to_numpy()


def _shifted(physical: pl.Series) -> Any:
    """Small whole numbers plus one, and zero for null."""
    kind = {pl.UInt8: np.uint8, pl.UInt16: np.uint16, pl.UInt32: np.uint32}[physical.dtype.base_type()]
    given, nulls = arrow_values(physical, kind), arrow_nulls(physical)
    wide = given if kind is np.uint32 or int(given.max(initial=0)) < np.iinfo(kind).max else given.astype(np.uint32)
    codes = wide + wide.dtype.type(1)
    # Multiplying by 0 and 1 is ten times as fast as writing zeros where something is null.
    return codes if nulls is None else codes * ~nulls


def _shortest(cells: pl.Series) -> pl.Series:
    """Floats as text: 3 for 3.0, else 15 digits."""
    texts = [None if value is None else f"{value:.15g}" for value in cells.to_list()]
    return pl.Series(cells.name, texts, dtype=pl.String)


def _beyond(value: Span, limit: Fraction) -> bool:
    ends = [abs(Fraction(end)) for end in (value.low, value.high) if isinstance(end, int | Fraction)]
    return any(end >= limit for end in ends)


def _uneven(typed: VocabularyField) -> Problem:
    if typed.type == "money":
        return "金额不能精确到分以下", "请写到分为止，即最多两位小数（以元计）"
    return "这里要填整数", "请检查小数点和单位"


def _problem(problem: ValueProblem) -> Problem:
    return problem.message, problem.hint


def wrong_rows(wrong: Flags, limit: int | None = None) -> Iterator[int]:
    """The numbers of the rows that are marked."""
    yield from (int(row) for row in np.flatnonzero(wrong)[:limit])


Cells = Mapping[str, Column]

__all__ = ["LARGEST", "CellReader", "Cells", "Problem", "Report", "arrow_nulls", "arrow_values", "of_spans", "wrong_rows"]
