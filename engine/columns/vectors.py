"""Values of many rows: what ``engine.regions`` calls a value, once for each row.

``Coded`` holds few distinct values and a code for each row, so whatever the engine can say of one value it says of a
column by asking once for each code. ``Bounds`` holds numbers and dates as whole multiples of a grid (fen, persons,
days) with a low and a high end for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.columns import planes
from engine.columns.bits import Bits, Packed, of_plane
from engine.columns.planes import FALSE, TRUE, Flags, Ints, Plane
from engine.regions import Value
from engine.spans import Point, Span
from engine.truth import Truth

EPOCH = date(1970, 1, 1)
FEN, ONE = 100, 1
"""Grids: a hundredth for money, whole numbers for counts and days."""
_MARKED = 32
"""Values up to which a column marks the rows of each, a bit a row."""
_ROOM = 4  # a table of so many places for each row is still faster than sorting


@dataclass(frozen=True, slots=True)
class Clash:
    """A stated and a derived value that contradict each other; ``both`` allows either (DESIGN 2.19)."""

    stated: Value
    derived: Value
    both: Value


Known = Value | Clash | None
"""What may be known of one row."""


def settled(known: Known) -> Value | None:
    """The possible values; of a contradiction those that either allows."""
    return known.both if isinstance(known, Clash) else known


@dataclass(frozen=True, slots=True)
class Bounds:
    """The possible numbers of each row: from ``low`` to ``high``, in units of 1/``grid``; days since 1970 for dates.

    ``high`` is the same array as ``low`` where every row is a point. A flag array of None means that no row has it:
    ``unknown`` (nothing is known: the ends mean nothing), ``no_low`` and ``no_high`` (unbounded), ``low_open`` and
    ``high_open`` (the end itself is excluded).
    """

    low: Ints
    high: Ints
    grid: int = ONE
    unknown: Flags | None = None
    no_low: Flags | None = None
    no_high: Flags | None = None
    low_open: Flags | None = None
    high_open: Flags | None = None
    dates: bool = False
    most: int | None = None
    """No end is beyond it, if that is proven."""

    @property
    def rows(self) -> int:
        return len(self.low)

    @property
    def points(self) -> bool:
        """Whether every row that is known is a single value."""
        flags = (self.no_low, self.no_high, self.low_open, self.high_open)
        return self.high is self.low and all(flag is None for flag in flags)

    def take(self, index: npt.NDArray[Any]) -> Bounds:
        """The rows that ``index`` names; -1 is a row of which nothing is known."""
        absent = index < 0
        some = bool(absent.any())
        at = np.where(absent, 0, index) if some else index
        if self.rows == 0:
            return nothing(len(index), self.grid, self.dates)
        low = self.low.take(at)
        high = low if self.high is self.low else self.high.take(at)
        unknown = _take(self.unknown, at)
        if some:
            unknown = absent if unknown is None else unknown | absent
        no_low, no_high, low_open, high_open = (
            _take(item, at) for item in (self.no_low, self.no_high, self.low_open, self.high_open)
        )
        return Bounds(low, high, self.grid, unknown, no_low, no_high, low_open, high_open, self.dates, self.most)

    def span(self, row: int) -> Span | None:
        """The value of one row."""
        if _at(self.unknown, row):
            return None
        low = None if _at(self.no_low, row) else self._point(int(self.low[row]))
        high = None if _at(self.no_high, row) else self._point(int(self.high[row]))
        return Span(low, high, _at(self.low_open, row), _at(self.high_open, row))

    def _point(self, number: int) -> Point:
        return EPOCH + timedelta(days=number) if self.dates else Fraction(number, self.grid)

    def coded(self) -> Coded:
        """The same values by code."""
        flags = (self.unknown, self.no_low, self.no_high, self.low_open, self.high_open)
        marks = sum((flag.astype(np.int64) << bit for bit, flag in enumerate(flags) if flag is not None), np.int64(0))
        columns = np.stack([self.low, self.high, np.broadcast_to(marks, self.low.shape)])
        _, first, inverse = np.unique(columns, axis=1, return_index=True, return_inverse=True)
        values = [self.span(int(row)) for row in first]
        return Coded.of(values, inverse.reshape(-1))


@dataclass(frozen=True, slots=True)
class Coded:
    """``values[code]`` is the value of a row with this code; ``values[0]`` is None: nothing is known."""

    codes: npt.NDArray[Any]
    values: Sequence[Known]
    _marked: dict[int, Packed] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The rows with a code, by the code: every condition on the column joins some of these."""

    @classmethod
    def of(cls, values: Sequence[Known], codes: npt.NDArray[Any]) -> Coded:
        """Distinct values with None in front, whatever the order and the repetitions in ``values``."""
        order: dict[Known, int] = {None: 0}
        for value in sorted((v for v in values if v is not None), key=_order):
            order.setdefault(value, len(order))
        table = np.asarray([order[value] for value in values], smallest(len(order)))
        return cls(table.take(codes) if len(values) else np.zeros(len(codes), np.uint8), tuple(order))

    @property
    def rows(self) -> int:
        return len(self.codes)

    def take(self, index: npt.NDArray[Any]) -> Coded:
        """The rows that ``index`` names; -1 is a row of which nothing is known."""
        if self.rows == 0:
            return Coded(np.zeros(len(index), np.uint8), (None,))
        if len(index) and int(index.min()) < 0:
            codes = np.where(index < 0, 0, self.codes.take(np.where(index < 0, 0, index)))
            return Coded(codes.astype(self.codes.dtype), self.values)
        return Coded(self.codes.take(index), self.values)

    def truths(self, truth: Callable[[Known], Truth]) -> list[int]:
        """The truth of each value, in the order of the codes."""
        return [planes.of_truth(truth(value)) for value in self.values]

    def plane(self, truth: Callable[[Known], Truth]) -> Plane:
        """The truth of each row, asked once for each value."""
        return planes.looked_up(self.truths(truth), self.codes)

    def bits(self, table: Sequence[int]) -> Bits:
        """The truth of each row as bits; ``table`` has a truth for each code."""
        if all(truth == table[0] for truth in table):
            return table[0]
        if len(table) > _MARKED:
            return of_plane(planes.looked_up(table, self.codes))
        # The first code is nothing known, which a complete column does not have.
        if self.rows and all(truth == table[1] for truth in table[2:]) and not self._marks(0).any():
            return table[1]
        true = self._having([code for code, truth in enumerate(table) if truth == TRUE])
        possible = self._having([code for code, truth in enumerate(table) if truth != FALSE])
        return np.stack([true, possible])

    def _having(self, codes: Sequence[int]) -> Packed:
        """The rows with one of these codes."""
        if len(codes) * 2 > len(self.values):
            own = set(codes)
            return ~self._having([code for code in range(len(self.values)) if code not in own])
        result = np.zeros(-(-self.rows // 8), np.uint8)
        for code in codes:
            result |= self._marks(code)
        return result

    def _marks(self, code: int) -> Packed:
        if code not in self._marked:
            self._marked[code] = np.packbits(self.codes == self.codes.dtype.type(code))
        return self._marked[code]

    def numbers(self, number: Callable[[Value | None], int]) -> Ints:
        """A number for each row, asked once for each value."""
        return np.asarray([number(settled(value)) for value in self.values], np.int64).take(self.codes)

    def bounds(self, grid: int, *, dates: bool = False) -> Bounds:
        """The spans as numbers. Raises ValueError where an end lies between two units of the grid."""
        spans = [value if isinstance(value, Span) else None for value in map(settled, self.values)]
        return of_spans(spans, grid, dates).take(self.codes.astype(np.int64))


Column = Coded | Bounds


def combinations(inputs: Sequence[tuple[npt.NDArray[Any], int]], rows: int) -> tuple[Ints, Ints]:
    """The combinations of codes that occur: a row that has each, and for each row the number of its own.

    An input is a code for each row and how many codes there are.
    """
    size = prod(count for _, count in inputs)
    if size <= _ROOM * rows:
        return _by_table(inputs, rows, size)
    mixed = np.zeros(rows, np.int64)
    size = 1
    for codes, count in inputs:
        if size * count >= 2**62:
            # Too many for one number: those that occur are numbered anew.
            _, mixed = np.unique(mixed, return_inverse=True)
            size = rows + 1
        mixed = mixed * count + codes
        size *= count
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    return first, inverse.reshape(-1)


def mixed(inputs: Sequence[tuple[npt.NDArray[Any], int]], rows: int) -> npt.NDArray[Any]:
    """One number for each row that tells its combination of codes: the first input's code counts most, the last one's
    is the rest. As ``combinations``, where few combinations are possible at all."""
    kind = smallest(prod(count for _, count in inputs))
    result = np.zeros(rows, kind)
    for codes, count in inputs:
        # A count that does not fit is the only one, and multiplies nothing.
        np.multiply(result, kind(count % (np.iinfo(kind).max + 1)), out=result)
        np.add(result, codes.astype(kind, copy=False), out=result)
    return result


def _by_table(inputs: Sequence[tuple[npt.NDArray[Any], int]], rows: int, size: int) -> tuple[Ints, Ints]:
    """``combinations`` where a table of all that are possible is small: nothing has to be sorted."""
    mixed = np.zeros(rows, np.uint32)
    for codes, count in inputs:
        mixed *= np.uint32(count)
        mixed += codes.astype(np.uint32, copy=False)
    some = np.full(size, -1, np.int64)
    some[mixed] = np.arange(rows)
    occurring = np.flatnonzero(some >= 0)
    number = np.zeros(size, np.int64)
    number[occurring] = np.arange(len(occurring))
    return some.take(occurring), number.take(mixed)


def smallest(count: int) -> type[np.unsignedinteger[Any]]:
    """The smallest unsigned type for so many codes."""
    return np.uint8 if count <= 256 else np.uint16 if count <= 65_536 else np.uint32


def nothing(rows: int, grid: int = ONE, dates: bool = False) -> Bounds:
    """Rows of which nothing is known."""
    zero = np.zeros(rows, np.int64)
    return Bounds(zero, zero, grid, np.ones(rows, np.bool_), dates=dates)


def of_spans(spans: Sequence[Span | None], grid: int, dates: bool = False) -> Bounds:
    """One row for each span. Raises ValueError where an end lies between two units of the grid."""
    low = np.asarray([0 if s is None or s.low is None else to_grid(s.low, grid) for s in spans], np.int64)
    high = np.asarray([0 if s is None or s.high is None else to_grid(s.high, grid) for s in spans], np.int64)
    return Bounds(
        low,
        low if np.array_equal(low, high) else high,
        grid,
        _flags(s is None for s in spans),
        _flags(s is not None and s.low is None for s in spans),
        _flags(s is not None and s.high is None for s in spans),
        _flags(s is not None and s.low_open for s in spans),
        _flags(s is not None and s.high_open for s in spans),
        dates,
    )


def to_grid(point: Point, grid: int) -> int:
    """A point as a whole number of units. Raises ValueError where it is not one."""
    if isinstance(point, date):
        return (point - EPOCH).days
    units = Fraction(point) * grid
    if units.denominator != 1:
        raise ValueError(f"{point} is no multiple of 1/{grid}")
    return int(units)


def _take(flags: Flags | None, index: npt.NDArray[Any]) -> Flags | None:
    return None if flags is None else flags.take(index)


def _at(flags: Flags | None, row: int) -> bool:
    return flags is not None and bool(flags[row])


def _flags(items: Any) -> Flags | None:
    flags = np.fromiter(items, np.bool_)
    return flags if flags.any() else None


def _order(value: Value | Clash) -> tuple[int, Any, str]:
    """Codes in the order of their values, so that a threshold or an area cuts few runs out of them."""
    if isinstance(value, Clash):
        return 3, "", repr(value)
    if isinstance(value, Span):
        low = value.low if value.low is not None else value.high
        number = (low - EPOCH).days if isinstance(low, date) else low
        return 0, number if number is not None else 0, repr(value)
    if isinstance(value, frozenset):
        return 1, min(value, default=""), repr(sorted(value))
    return 2, repr(sorted(value.certain)), repr(sorted(value.possible))


def first_known(one: Column, other: Column) -> Column:
    """The first where it is known, else the other."""
    if isinstance(one, Coded) or isinstance(other, Coded):
        left = one if isinstance(one, Coded) else one.coded()
        right = other if isinstance(other, Coded) else other.coded()
        codes = np.where(left.codes > 0, left.codes.astype(np.int64), right.codes.astype(np.int64) + len(left.values))
        return Coded.of([*left.values, *right.values], codes)
    if one.unknown is None:
        return one
    absent = one.unknown

    def flags(mine: Flags | None, theirs: Flags | None) -> Flags | None:
        if mine is None and theirs is None:
            return None
        zero = np.zeros(one.rows, np.bool_)
        return np.where(absent, zero if theirs is None else theirs, zero if mine is None else mine)

    low = np.where(absent, other.low, one.low)
    same = one.high is one.low and other.high is other.low
    return Bounds(
        low,
        low if same else np.where(absent, other.high, one.high),
        one.grid,
        flags(None, other.unknown),
        flags(one.no_low, other.no_low),
        flags(one.no_high, other.no_high),
        flags(one.low_open, other.low_open),
        flags(one.high_open, other.high_open),
        one.dates,
    )
