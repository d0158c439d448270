"""Arithmetic on bounds, exact: nothing wraps, nothing is rounded, nothing is divided.

INVARIANT: before 64-bit numbers are multiplied or added up, the largest result is computed with Python's integers; where
it would not fit, the numbers become Python integers too (slow and exact). Cells are below 10^16 units, so that happens
for absurd figures only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.columns import planes
from engine.columns.planes import Flags, Ints, Plane
from engine.columns.testing import of_known
from engine.columns.vectors import Bounds
from engine.regions import Intervals
from engine.spans import Span

LIMIT = 2**62
Exact = npt.NDArray[Any]
"""64-bit integers, or Python's where those do not suffice."""


def largest(numbers: Exact) -> int:
    """The largest absolute value."""
    return max(abs(int(numbers.max())), abs(int(numbers.min()))) if len(numbers) else 0


def times(numbers: Exact, factor: int, most: int | None = None) -> Exact:
    """Exact products. ``most``: no number is beyond it, if that is proven."""
    if factor == 1:
        return numbers
    if (largest(numbers) if most is None else most) * abs(factor) < LIMIT:
        product: Exact = numbers * factor
        return product
    wide: Exact = numbers.astype(object) * factor
    return wide


def plus(one: Exact, other: Exact, most: int | None = None) -> Exact:
    """Exact sums. ``most``: no sum is beyond it, if that is proven."""
    proven = one.dtype == object or other.dtype == object or (most is not None and most < LIMIT)
    if not proven and largest(one) + largest(other) >= LIMIT:
        one, other = one.astype(object), other.astype(object)
    summed: Exact = one + other
    return summed


def sums(numbers: Exact, group: Ints, groups: int) -> Exact:
    """The sum of each group; ``group`` is ascending."""
    if not len(numbers):
        return np.zeros(groups, np.int64)
    counts = np.bincount(group, minlength=groups)
    if numbers.dtype != object and largest(numbers) * int(counts.max()) >= LIMIT:
        numbers = numbers.astype(object)
    ends = np.cumsum(counts)
    # Running sums may wrap over a whole slice; the differences within a group, which were bounded above, do not.
    running = np.concatenate([np.zeros(1, numbers.dtype), np.cumsum(numbers)])
    result: Exact = running.take(ends) - running.take(ends - counts)
    return result


def anywhere(flags: Flags | None, group: Ints, groups: int) -> Flags | None:
    """The groups with a marked row."""
    if flags is None or not flags.any():
        return None
    result: Flags = np.bincount(group[flags], minlength=groups) > 0
    return result


def either(*flags: Flags | None) -> Flags | None:
    """Marked in any of them."""
    result: Flags | None = None
    for flag in flags:
        if flag is not None:
            result = flag if result is None else result | flag
    return result


def total(parts: Sequence[Bounds], rows: int) -> Bounds:
    """Row by row the sum; unknown where a part is."""
    if not parts:
        zero = np.zeros(rows, np.int64)
        return Bounds(zero, zero)
    low, high = parts[0].low, parts[0].high
    same = parts[0].high is parts[0].low
    most = parts[0].most
    for part in parts[1:]:
        most = None if most is None or part.most is None else most + part.most
        low = plus(low, part.low, most)
        same = same and part.high is part.low
        high = low if same else plus(high, part.high, most)
    return Bounds(
        low,
        low if same else high,
        parts[0].grid,
        either(*(part.unknown for part in parts)),
        either(*(part.no_low for part in parts)),
        either(*(part.no_high for part in parts)),
        either(*(part.low_open for part in parts)),
        either(*(part.high_open for part in parts)),
        most=most,
    )


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a quotient: ``top`` over ``bottom`` (positive), maybe open, maybe unbounded."""

    top: Exact
    bottom: Exact
    open: Flags | None
    none: Flags | None
    most: int | None


def ratio_inside(of: Bounds, to: Bounds, region: Intervals) -> Plane:
    """Whether ``of / to`` lies in the region: products are compared, and only where ``to`` is surely positive."""
    known = to.low > 0
    for flag in (of.unknown, to.unknown, to.no_low):
        if flag is not None:
            known = known & ~flag
    if not region.spans:
        return planes.decided(np.zeros(of.rows, np.bool_), known)
    if of.points and to.points:
        # What is the same for both ends is computed once, and what lies in no span lies outside of all.
        end = _End(of.low, to.low, None, None, _most(of, to))
        return of_known(_any_span(end, region, of.grid, to.grid), ~known)
    low, high = _end(of.low, of.low_open, of.no_low, of, to, 1), _end(of.high, of.high_open, of.no_high, of, to, -1)
    true = np.zeros(of.rows, np.bool_)
    false = np.ones(of.rows, np.bool_)
    for span in region.spans:
        lower = _compare(low, span.low, of.grid, to.grid)
        upper = _compare(high, span.high, of.grid, to.grid)
        true |= _reaches(lower, low, span.low_open, 1) & _reaches(upper, high, span.high_open, -1)
        false &= _apart(span, low, high, of.grid, to.grid)
    return planes.decided(true & known, false & known)


def _any_span(end: _End, region: Intervals, of_grid: int, to_grid: int) -> Flags:
    result = np.zeros(len(end.top), np.bool_)
    for span in region.spans:
        lower, upper = (_compare(end, threshold, of_grid, to_grid) for threshold in (span.low, span.high))
        if lower is None:
            result |= _reaches(upper, end, span.high_open, -1)
            continue
        inside = _reaches(lower, end, span.low_open, 1)
        result |= inside if upper is None else inside & _reaches(upper, end, span.high_open, -1)
    return result


def _most(of: Bounds, to: Bounds) -> int | None:
    return None if of.most is None or to.most is None else max(of.most, to.most)


def _end(top: Ints, is_open: Flags | None, none: Flags | None, of: Bounds, to: Bounds, sign: int) -> _End:
    """``sign`` 1 for the low end. A positive low end is lowest over the largest denominator, and so on."""
    over_largest = top * sign > 0
    opened = np.zeros(len(top), np.bool_) if is_open is None else is_open.copy()
    zero = top == 0
    for flag, where in ((to.high_open, over_largest), (to.low_open, ~over_largest & ~zero)):
        if flag is not None:
            opened |= flag & where
    bottom = np.where(over_largest, to.high, to.low)
    if to.no_high is not None:
        endless = over_largest & to.no_high
        # An ever larger denominator: zero is approached, never reached.
        top, bottom, opened = np.where(endless, 0, top), np.where(endless, 1, bottom), opened | endless
    return _End(top, np.where(zero, 1, bottom), opened, none, _most(of, to))


@dataclass(frozen=True, slots=True)
class _Compared:
    """An end against a threshold, as two products: ``left`` is to ``right`` as the end is to the threshold."""

    left: Exact
    right: Exact

    def beyond(self, sign: int, *, equal: bool) -> Flags:
        """Above the threshold for ``sign`` 1, below it for -1."""
        one, other = (self.left, self.right) if sign > 0 else (self.right, self.left)
        result: Flags = one >= other if equal else one > other
        return result

    def equal(self) -> Flags:
        result: Flags = self.left == self.right
        return result


def _compare(end: _End, threshold: Any, of_grid: int, to_grid: int) -> _Compared | None:
    """None where there is no threshold."""
    if threshold is None:
        return None
    value = Fraction(threshold) * of_grid / to_grid
    left = times(end.top, value.denominator, end.most)
    return _Compared(left, times(end.bottom, value.numerator, end.most))


def _reaches(found: _Compared | None, end: _End, is_open: bool, sign: int) -> Flags:
    """Whether the end lies on the inner side of the threshold; ``sign`` 1 for the low end."""
    if found is None:
        return np.ones(len(end.top), np.bool_)
    result = found.beyond(sign, equal=not is_open)
    if is_open and end.open is not None:
        result = result | (found.equal() & end.open)
    return result if end.none is None else result & ~end.none


def _apart(span: Span, low: _End, high: _End, of_grid: int, to_grid: int) -> Flags:
    """Whether the quotient and the span share nothing."""
    result = np.zeros(len(low.top), np.bool_)
    for threshold, is_open, end, sign in ((span.low, span.low_open, high, 1), (span.high, span.high_open, low, -1)):
        found = _compare(end, threshold, of_grid, to_grid)
        if found is None:
            continue
        outside = found.beyond(-sign, equal=is_open)
        if end.open is not None:
            outside = outside | (found.equal() & end.open)
        result |= outside if end.none is None else outside & ~end.none
    return result
