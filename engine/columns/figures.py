"""Typed columns of amounts, counts and dates: converted exactly, all rows at once, without text."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from engine.columns.arithmetic import LIMIT, largest, times
from engine.columns.frame import ColumnMeta
from engine.columns.planes import Flags, Ints
from engine.columns.vectors import FEN, ONE, Bounds
from engine.quantities import QuantityError, parse_money
from engine.vocabulary import VocabularyField

LARGEST = {"money": 10**14 * FEN, "count": 10**15}
"""Amounts from 100万亿元 on are refused: all sums and products are proven to stay within 64 or 128 bits below it."""

Problem = tuple[str, str]
"""Reason and hint, in Chinese."""
Report = Callable[[Flags, pl.Series, Callable[[Any], Problem]], None]
"""Takes the rows that are wrong, the cells, and what is wrong with a cell."""

TOO_LARGE = ("数字大得不合理", "请检查位数和单位；清单里的数额须小于100万亿元")
NO_UNIT = ("没有写明金额的单位", "请在表头、单元格或对应关系里写明单位，例如 万元")


def numbers(cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Bounds:
    """Amounts and counts of a typed column, in units of their grid."""
    if typed.type == "money" and meta.unit is None:
        report((~cells.is_null()).to_numpy(), cells, lambda raw: NO_UNIT)
        return Bounds(
            np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64), FEN, np.ones(len(cells), np.bool_)
        )
    if cells.dtype.is_float():
        return _floats(cells, typed, meta, report)
    if cells.dtype.is_decimal():
        scale = cells.dtype.scale  # type: ignore[attr-defined]
        return scaled(cells.to_physical(), 10**scale, cells, typed, meta, report)
    factor = _factor(typed, meta)
    if factor.denominator == 1 and cells.dtype not in (pl.UInt64, pl.Int128, pl.UInt128):
        low, unknown = _integers(cells)
        if largest(low) * factor.numerator < LIMIT:
            return _limited(times(low, factor.numerator), unknown, cells, typed, report)
    return scaled(cells.cast(pl.Int128), 1, cells, typed, meta, report)


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
    nulls: Flags = known == 0
    return nulls


def scaled(
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
    given = (
        np.where(nulls, 0.0, arrow_values(cells.cast(pl.Float64), np.float64))
        if nulls is not None
        else (arrow_values(cells.cast(pl.Float64), np.float64))
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
    grid, most = grid_of(typed), LARGEST[typed.type]
    least_units = -most if typed.least is None else int(typed.least * grid)
    if not len(low) or (int(low.min()) >= max(least_units, 1 - most) and int(low.max()) < most):
        return Bounds(low, low, grid, unknown, most=most)
    wrong = (low >= LARGEST[typed.type]) | (low <= -LARGEST[typed.type])
    if unknown is not None:
        wrong &= ~unknown
    if wrong.any():
        report(wrong, cells, lambda raw: TOO_LARGE)
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


def days(cells: pl.Series) -> Bounds:
    """Dates as days since 1970."""
    days = cells.cast(pl.Date).to_physical().cast(pl.Int64)
    low, unknown = _integers(days)
    return Bounds(low, low, ONE, unknown, dates=True)


def merged(numbers: Bounds, others: Bounds, plain: Flags) -> Bounds:
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


def grid_of(typed: VocabularyField) -> int:
    """Units in one yuan, or one."""
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


def _uneven(typed: VocabularyField) -> Problem:
    if typed.type == "money":
        return "金额不能精确到分以下", "请写到分为止，即最多两位小数（以元计）"
    return "这里要填整数", "请检查小数点和单位"
