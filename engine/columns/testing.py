"""Tests of columns against regions: ``engine.regions.test`` row by row, and value by value where there are few."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from math import ceil, floor

import numpy as np

from engine.columns import planes
from engine.columns.planes import Flags, Plane
from engine.columns.vectors import EPOCH, Bounds, Clash, Coded, Column, Known
from engine.regions import Intervals, Region, test
from engine.spans import Point, Span
from engine.truth import Truth


def test_known(region: Region, known: Known) -> Truth:
    """As ``engine.operands`` tests a field: nothing lies between two contradictory values, so both must agree."""
    if isinstance(known, Clash):
        stated, derived = test(region, known.stated), test(region, known.derived)
        return stated if stated is derived else None
    return test(region, known)


def tested(column: Column, region: Region) -> Plane:
    """The truth of "lies in the region" for each row."""
    if isinstance(column, Coded):
        return column.plane(lambda value: test_known(region, value))
    if not isinstance(region, Intervals):
        raise TypeError(f"{region!r} does not apply to numbers")
    return inside(column, region)


def inside(value: Bounds, region: Intervals) -> Plane:
    """``engine.regions.test`` on numbers: true inside one span, false outside of all, else unknown."""
    if not region.spans:
        # An empty region accepts nothing, of whatever is known.
        return planes.FALSE if value.unknown is None else value.unknown.view(np.uint8)
    if value.points:
        return of_points(value, (_both(_from(value, span), _until(value, span)) for span in region.spans))
    true: Flags | None = None
    false: Flags | None = None
    for span in region.spans:
        lower, upper = _from(value, span), _until(value, span)
        within = _both(lower, upper)
        true = within if true is None else true | within
        outside = _beyond(value, span)
        false = outside if false is None else false & outside
    if true is None or false is None:
        raise TypeError("a region has spans")
    if value.unknown is not None:
        known = ~value.unknown
        true, false = true & known, false & known
    return planes.decided(true, false)


def of_points(value: Bounds, within: Iterable[Flags]) -> Plane:
    """The truth of single values: what lies in no span lies outside of all."""
    true: Flags | None = None
    for flags in within:
        true = flags if true is None else true | flags
    if true is None:
        raise TypeError("a region has spans")
    return of_known(true, value.unknown)


def of_known(true: Flags, unknown: Flags | None) -> planes.Bytes:
    """A truth that is certain wherever something is known."""
    if unknown is None:
        return planes.decided(true, ~true)
    certain = true & ~unknown
    result: planes.Bytes = certain.view(np.uint8) + (certain | unknown).view(np.uint8)
    return result


def _from(value: Bounds, span: Span) -> Flags | None:
    """Where the span's low end reaches as far down as the value's; None is everywhere."""
    if span.low is None:
        return None
    at, exact = _cut(span.low, value.grid, ceil)
    if span.low_open and exact:
        reached = value.low > at
        if value.low_open is not None:
            reached |= (value.low == at) & value.low_open
    else:
        reached = value.low >= at
    return reached if value.no_low is None else reached & ~value.no_low


def _until(value: Bounds, span: Span) -> Flags | None:
    if span.high is None:
        return None
    at, exact = _cut(span.high, value.grid, floor)
    if span.high_open and exact:
        reached = value.high < at
        if value.high_open is not None:
            reached |= (value.high == at) & value.high_open
    else:
        reached = value.high <= at
    return reached if value.no_high is None else reached & ~value.no_high


def _beyond(value: Bounds, span: Span) -> Flags:
    """Where the value and the span share nothing."""
    result = np.zeros(value.rows, np.bool_)
    if span.low is not None:
        at, exact = _cut(span.low, value.grid, floor)
        below = value.high <= at if span.low_open or not exact else value.high < at
        if value.high_open is not None and exact:
            below |= (value.high == at) & value.high_open
        result |= below if value.no_high is None else below & ~value.no_high
    if span.high is not None:
        at, exact = _cut(span.high, value.grid, ceil)
        above = value.low >= at if span.high_open or not exact else value.low > at
        if value.low_open is not None and exact:
            above |= (value.low == at) & value.low_open
        result |= above if value.no_low is None else above & ~value.no_low
    return result


def _cut(point: Point, grid: int, towards: Callable[[Fraction], int]) -> tuple[int, bool]:
    """A threshold in units, rounded where it lies between two of them, and whether it did not."""
    if isinstance(point, date):
        return (point - EPOCH).days, True
    units = Fraction(point) * grid
    return towards(units), units.denominator == 1


def _both(one: Flags | None, other: Flags | None) -> Flags:
    if one is None:
        if other is None:
            raise TypeError("a span without ends bounds nothing")
        return other
    return one if other is None else one & other
