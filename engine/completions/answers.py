"""What an incomplete profile may say of one field, for a solver: nothing, one value, a range, several alternatives.

Choices go by classes: codes and options that every condition in question treats alike. Numbers have two ends, each
of which may be missing. Exclusive ends are those of the next unit (a fen, a day, a millionth).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Protocol

import z3

from engine.completions.cells import ELSEWHERE, values_of
from engine.completions.rails import NO, YES, Formula, Rails, conjunction, disjunction, negation
from engine.completions.variables import Whole, scaled
from engine.facts import later
from engine.regions import Intervals, OneOf, Region, test
from engine.spans import Point, Span
from engine.truth import Truth
from engine.values import Tables
from engine.vocabulary import VocabularyField


@dataclass(frozen=True)
class Classes:
    """The codes, options or texts of a finite field by how ``regions`` treat each of them."""

    regions: tuple[Region, ...]
    members: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, versions: Sequence[VocabularyField], regions: Iterable[Region], tables: Tables) -> Classes:
        """The classes of a field, which may have other options in another version of the vocabulary."""
        cuts = tuple(dict.fromkeys(regions))
        found: dict[tuple[Truth, ...], list[str]] = {}
        for value in values_of(versions, cuts, tables):
            found.setdefault(tuple(test(cut, frozenset({value})) for cut in cuts), []).append(value)
        return cls(cuts, tuple(tuple(group) for group in found.values()))

    @cached_property
    def sharp(self) -> tuple[bool, ...]:
        """For each class whether every region settles it."""
        return tuple(None not in (test(cut, frozenset({group[0]})) for cut in self.regions) for group in self.members)

    def truths(self, region: Region) -> list[Truth]:
        """How a region treats each class."""
        return [test(region, frozenset({group[0]})) for group in self.members]

    def numbers(self, value: frozenset[str]) -> set[int]:
        """The classes of some values; a text that nothing names is like all others."""
        known = {member for group in self.members for member in group}
        named = {item if item in known else ELSEWHERE for item in value}
        return {n for n, group in enumerate(self.members) if not named.isdisjoint(group)}


@dataclass(frozen=True)
class Finite:
    """A choice, a code or a text: what is possible by class, if anything is known.

    ``clash``: what is stated and what is derived contradict each other; then either is possible.
    """

    classes: Classes
    known: Formula
    picks: tuple[Formula, ...]
    clash: Formula = NO

    def inside(self, region: Region) -> Rails:
        """As ``engine.regions.test``: true or false where it is so for every alternative."""
        truths = self.classes.truths(region)
        true = self.without(n for n, truth in enumerate(truths) if truth is not True)
        return Rails(true, self.without(n for n, truth in enumerate(truths) if truth is not False))

    def without(self, numbers: Iterable[int]) -> Formula:
        """That something is known and none of these classes is possible."""
        return conjunction([self.known, *(negation(self.picks[n]) for n in numbers)])


@dataclass(frozen=True)
class Mixed:
    """A field with several options at once: those it certainly has, and those it may have."""

    known: Formula
    certain: dict[str, Formula]
    possible: dict[str, Formula]

    def inside(self, region: Region) -> Rails:
        """True with a certain option of the region, false with no possible one."""
        if not isinstance(region, OneOf):
            raise TypeError(f"{region!r} does not apply to options")
        named = [option for option in sorted(region.options) if option in self.certain]
        true = conjunction([self.known, disjunction(self.certain[option] for option in named)])
        return Rails(true, conjunction([self.known, *(negation(self.possible[option]) for option in named)]))


class Figure(Protocol):
    """A range of numbers or days."""

    @property
    def known(self) -> Formula:
        """Whether anything is known of it."""

    def above(self, point: Point, strict: bool) -> Formula:
        """That every value is at least ``point`` (``strict``: more than it)."""

    def below(self, point: Point, strict: bool) -> Formula:
        """That every value is at most ``point`` (``strict``: less than it)."""


def inside(figure: Figure, region: Intervals) -> Rails:
    """As ``engine.regions.test``: in one of the spans, or outside of all."""
    true = disjunction(within(figure, span) for span in region.spans)
    false = conjunction(outside(figure, span) for span in region.spans)
    return Rails(conjunction([figure.known, true]), conjunction([figure.known, false]))


def within(figure: Figure, span: Span) -> Formula:
    """That every value lies in the span."""
    low = YES if span.low is None else figure.above(span.low, span.low_open)
    return conjunction([low, YES if span.high is None else figure.below(span.high, span.high_open)])


def outside(figure: Figure, span: Span) -> Formula:
    """That no value lies in the span."""
    ways = [] if span.low is None else [figure.below(span.low, not span.low_open)]
    return disjunction(ways if span.high is None else [*ways, figure.above(span.high, not span.high_open)])


@dataclass(frozen=True)
class Ends:
    """A range between two whole numbers of units; ``scale`` units make 1."""

    known: Formula
    has_low: Formula
    low: Whole
    has_high: Formula
    high: Whole
    scale: int

    def above(self, point: Point, strict: bool) -> Formula:
        """That every value is at least ``point``."""
        units = scaled(point, self.scale)
        return conjunction([self.has_low, self.low >= (floor(units) + 1 if strict else ceil(units))])

    def below(self, point: Point, strict: bool) -> Formula:
        """That every value is at most ``point``."""
        units = scaled(point, self.scale)
        return conjunction([self.has_high, self.high <= (ceil(units) - 1 if strict else floor(units))])


@dataclass(frozen=True)
class Later:
    """A date that is stated, or else follows from another after one of several terms of years."""

    stated: Ends
    terms: tuple[tuple[Formula, Ends, int], ...]
    """When a term applies, the start, and the years; no two apply at once, and none where a date is stated."""

    @property
    def known(self) -> Formula:
        """Stated, or a term applies."""
        return disjunction([self.stated.known, *(when for when, _, _ in self.terms)])

    def above(self, point: Point, strict: bool) -> Formula:
        """That the date is surely not before ``point``."""
        ways = [conjunction([self.stated.known, self.stated.above(point, strict)])]
        for when, start, years in self.terms:
            first = start_reaching(point, years, strict)
            ways.append(conjunction([when, start.above(first, False)]))
        return disjunction(ways)

    def below(self, point: Point, strict: bool) -> Formula:
        """That the date is surely not after ``point``."""
        ways = [conjunction([self.stated.known, self.stated.below(point, strict)])]
        for when, start, years in self.terms:
            first = start_reaching(point, years, not strict)
            ways.append(conjunction([when, start.below(first, True)]))
        return disjunction(ways)


def start_reaching(point: Point, years: int, strict: bool) -> Point:
    """The first day whose term of years ends on ``point`` or later (``strict``: later)."""
    if not isinstance(point, date):
        raise TypeError(f"{point!r} is no day")
    day = date(max(point.year - years, 1), point.month, min(point.day, 28)) - timedelta(days=5)
    while True:
        end = later(day, years)
        if end is not None and (end > point or (end == point and not strict)):
            return day
        day += timedelta(days=1)


@dataclass(frozen=True)
class Quotient:
    """A ratio, known where both parts are and the divisor is surely above zero. It is never divided."""

    of: Ends
    to: Ends

    @property
    def known(self) -> Formula:
        """Whether the ratio has a meaning."""
        return conjunction([self.of.known, self.to.known, self.to.has_low, self.to.low > 0])

    def above(self, point: Point, strict: bool) -> Formula:
        """A positive low end is least over the largest divisor, a negative one over the smallest."""
        of, to = self.of, self.to
        endless = z3.BoolVal(scaled(point, 1) <= 0)
        positive = z3.If(to.has_high, self._compare(of.low, to.high, point, strict, 1), endless)
        negative = self._compare(of.low, to.low, point, strict, 1)
        other = z3.If(of.low < 0, negative, self._zero(point, strict, 1))
        return conjunction([of.has_low, z3.If(of.low > 0, positive, other)])

    def below(self, point: Point, strict: bool) -> Formula:
        """A positive high end is largest over the smallest divisor, a negative one over the largest."""
        of, to = self.of, self.to
        endless = z3.BoolVal(scaled(point, 1) >= 0)
        negative = z3.If(to.has_high, self._compare(of.high, to.high, point, strict, -1), endless)
        positive = self._compare(of.high, to.low, point, strict, -1)
        other = z3.If(of.high < 0, negative, self._zero(point, strict, -1))
        return conjunction([of.has_high, z3.If(of.high > 0, positive, other)])

    def _compare(self, of: Whole, to: Whole, point: Point, strict: bool, sign: int) -> Formula:
        edge = scaled(point, 1) * Fraction(self.of.scale, self.to.scale)
        one, other = sign * of * edge.denominator, sign * edge.numerator * to
        return one > other if strict else one >= other

    @staticmethod
    def _zero(point: Point, strict: bool, sign: int) -> Formula:
        edge = sign * scaled(point, 1)
        return z3.BoolVal(edge < 0 if strict else edge <= 0)


def base(amount: Ends) -> Ends:
    """An amount that is added up: one that is not given is anything from zero."""
    return Ends(
        YES,
        disjunction([negation(amount.known), amount.has_low]),
        z3.If(amount.known, amount.low, 0),
        conjunction([amount.known, amount.has_high]),
        amount.high,
        amount.scale,
    )


def total(parts: list[Ends], scale: int = 1) -> Ends:
    """Ranges added up; unknown where one is."""
    if not parts:
        return Ends(YES, YES, z3.IntVal(0), YES, z3.IntVal(0), scale)
    return Ends(
        conjunction(part.known for part in parts),
        conjunction(part.has_low for part in parts),
        z3.Sum([part.low for part in parts]),
        conjunction(part.has_high for part in parts),
        z3.Sum([part.high for part in parts]),
        parts[0].scale,
    )


def chosen(when: Formula, one: Ends, other: Ends | None) -> Ends:
    """``one`` where ``when`` holds, else ``other`` (None: nothing is known)."""
    if other is None:
        return Ends(conjunction([when, one.known]), one.has_low, one.low, one.has_high, one.high, one.scale)
    return Ends(
        z3.If(when, one.known, other.known),
        z3.If(when, one.has_low, other.has_low),
        z3.If(when, one.low, other.low),
        z3.If(when, one.has_high, other.has_high),
        z3.If(when, one.high, other.high),
        one.scale,
    )
