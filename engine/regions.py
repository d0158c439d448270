"""Sets of values that a condition accepts, and the one test on them.

A value of a profile is a set of possible values: one number or a range, one option or several, a division
or industry code (which stands for everything below it). A condition is true if the set lies inside the
accepted region, false if the two share nothing, and unknown otherwise (DESIGN 2.3). A missing value is
the set of everything, so it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.spans import Span, hull, intersection
from engine.truth import Truth

RANKS = ("national", "provincial", "prefecture", "county")
"""Ranks of a division, from the top; a code of 0, 2, 4 or 6 digits has the rank 0, 1, 2 or 3."""


@dataclass(frozen=True, slots=True)
class Several:
    """A value of a field that takes several options: those it certainly has, and those it may have."""

    certain: frozenset[str]
    possible: frozenset[str]


Value = Span | frozenset[str] | Several
"""A known value: a range, a set of alternatives (options, codes or one text), or several options at once."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Numbers or dates inside any of ``spans``, which are sorted and do not touch."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Options, texts or exact codes."""

    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Within:
    """Codes that lie in one of ``areas`` (prefixes)."""

    areas: frozenset[str]


@dataclass(frozen=True, slots=True)
class OfRank:
    """Division codes of one of these ranks."""

    ranks: frozenset[str]


Region = Intervals | OneOf | Within | OfRank


def test(region: Region, value: Value | None) -> Truth:
    """Whether every, no or only some of the possible values lie in ``region``.

    A ``Several`` satisfies a ``OneOf`` if it has at least one of the options.
    """
    if value is None:
        return None
    match region, value:
        case Intervals(spans), Span():
            if any(value.inside(span) for span in spans):
                return True
            return False if all(value.disjoint(span) for span in spans) else None
        case OneOf(options), Several(certain, possible):
            if certain & options:
                return True
            return None if possible & options else False
        case OneOf(options), frozenset():
            if value <= options:
                return True
            return None if value & options else False
        case Within(areas), frozenset():
            return _all_alike([_within(code, areas) for code in value])
        case OfRank(ranks), frozenset():
            return _all_alike([RANKS[len(code) // 2] in ranks for code in value])
    raise TypeError(f"{region!r} does not apply to {value!r}")


def union(regions: Sequence[Region], *, whole: bool = False) -> Region:
    """The region that accepts what any of ``regions`` accepts; they are of one kind.

    ``whole``: of counts, which have neighbours; between whole yuan or per cent lies something.
    """
    first = regions[0]
    match first:
        case Intervals():
            return Intervals(_merged((s for r in regions if isinstance(r, Intervals) for s in r.spans), whole))
        case OneOf():
            return OneOf(frozenset().union(*(r.options for r in regions if isinstance(r, OneOf))))
        case Within():
            return Within(frozenset().union(*(r.areas for r in regions if isinstance(r, Within))))
        case OfRank():
            return OfRank(frozenset().union(*(r.ranks for r in regions if isinstance(r, OfRank))))


def narrowed(one: Value, other: Value, *, codes: bool = False) -> Value | None:
    """The values that both allow, or None where they contradict each other.

    ``codes``: divisions or industries, which narrow by what lies within: 廊坊市 and 固安县 together are 固安县.
    """
    match one, other:
        case Span(), Span():
            return intersection(one, other)
        case frozenset(), frozenset() if not codes:
            return one & other or None
        case frozenset(), frozenset():
            longer = {a for a in one if _within(a, other)} | {b for b in other if _within(b, one)}
            return frozenset(longer) or None
        case Several(), Several():
            possible = one.possible & other.possible
            certain = one.certain | other.certain
            return Several(certain, possible) if certain <= possible else None
    raise TypeError(f"{one!r} and {other!r} are of different kinds")


def widened(one: Value, other: Value) -> Value:
    """The values that either allows."""
    match one, other:
        case Span(), Span():
            return hull(one, other)
        case frozenset(), frozenset():
            return one | other
        case Several(), Several():
            return Several(one.certain & other.certain, one.possible | other.possible)
    raise TypeError(f"{one!r} and {other!r} are of different kinds")


def _within(code: str, areas: Iterable[str]) -> Truth:
    """A code coarser than an area may or may not lie in it."""
    maybe = False
    for area in areas:
        if code.startswith(area):
            return True
        maybe = maybe or area.startswith(code)
    return None if maybe else False


def _all_alike(truths: Sequence[Truth]) -> Truth:
    return truths[0] if all(truth is truths[0] for truth in truths) else None


def _merged(spans: Iterable[Span], whole: bool) -> tuple[Span, ...]:
    """Overlapping and adjacent spans joined; neighbouring counts and days are adjacent."""
    result: list[Span] = []
    for span in sorted(spans, key=_order):
        if result and (joined := _joined(result[-1], span, whole)) is not None:
            result[-1] = joined
        else:
            result.append(span)
    return tuple(result)


def _order(span: Span) -> tuple[bool, object, bool]:
    return (span.low is not None, span.low, span.low_open)


def _joined(left: Span, right: Span, whole: bool) -> Span | None:
    """The two as one, where nothing lies between them; ``left`` does not start after ``right``."""
    if left.high is None or right.low is None:
        return hull(left, right)
    if left.high > right.low or (left.high == right.low and not (left.high_open and right.low_open)):  # type: ignore[operator]
        return hull(left, right)
    if not left.high_open and not right.low_open and _next(left.high, whole) == right.low:
        return hull(left, right)
    return None


def _next(point: object, whole: bool) -> object:
    """The next day or count; other numbers have none."""
    if isinstance(point, date):
        return point + timedelta(days=1)
    return point + 1 if whole and type(point) is int else None
