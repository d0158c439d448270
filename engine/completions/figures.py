"""What is compared with thresholds, as arithmetic: sums, counts, ratios, days.

A figure is exact in a completion, but for counts and sums whose filter may stay unknown there: those lie between
two ends, its corners. A ratio is never divided: ``of * q >= p * to``, where ``to`` is above zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import z3

from engine.completions.rails import YES, Formula, Rails, conjunction, disjunction, limited
from engine.completions.variables import Whole, between, scaled
from engine.regions import Intervals
from engine.spans import Span

Corner: TypeAlias = "tuple[Whole, Whole | None]"


@dataclass(frozen=True, slots=True)
class Figure:
    """Possible ends of a value, each ``units`` or ``units / divisor``; ``scale`` makes 1; where it is ``defined``."""

    corners: tuple[Corner, ...]
    scale: Fraction
    defined: Formula = YES

    @classmethod
    def exactly(cls, units: Whole, scale: int) -> Figure:
        """A value that a completion settles."""
        return cls(((units, None),), Fraction(scale))

    def beside(self, units: Whole) -> Figure:
        """The same with a further corner, which the value does not exceed."""
        return Figure((*self.corners, (units, None)), self.scale, self.defined)

    def moved(self, units: int) -> Figure:
        """The same some units up or down; of a ratio, what is divided moves."""
        return Figure(tuple((of + units, to) for of, to in self.corners), self.scale, self.defined)

    def over(self, other: Figure) -> Figure:
        """The ratio, defined where ``other`` is surely above zero."""
        corners = tuple((of, to) for of, _ in self.corners for to, _ in other.corners)
        above = conjunction(to > 0 for to, _ in other.corners)
        return Figure(corners, self.scale / other.scale, conjunction([self.defined, other.defined, above]))

    def test(self, region: Intervals) -> Rails:
        """Whether the value lies in the region."""
        inside = [conjunction(self._inside(corner, span) for corner in self.corners) for span in region.spans]
        if len(self.corners) == 1:
            return limited(Rails(disjunction(inside)), self.defined)
        outside = [disjunction(self._outside(span)) for span in region.spans]
        return limited(Rails(disjunction(inside), conjunction(outside)), self.defined)

    def _inside(self, corner: Corner, span: Span) -> Formula:
        units, divisor = corner
        if divisor is None and self.scale.denominator == 1:
            return between(units, int(self.scale), span)
        parts = []
        if span.low is not None:
            one, other = self._sides(corner, scaled(span.low, 1))
            parts.append(one > other if span.low_open else one >= other)
        if span.high is not None:
            one, other = self._sides(corner, scaled(span.high, 1))
            parts.append(one < other if span.high_open else one <= other)
        return conjunction(parts)

    def _outside(self, span: Span) -> Iterator[Formula]:
        """That all corners lie below the span, or all above it."""
        if span.low is not None:
            pairs = [self._sides(corner, scaled(span.low, 1)) for corner in self.corners]
            yield conjunction(one <= other if span.low_open else one < other for one, other in pairs)
        if span.high is not None:
            pairs = [self._sides(corner, scaled(span.high, 1)) for corner in self.corners]
            yield conjunction(one >= other if span.high_open else one > other for one, other in pairs)

    def _sides(self, corner: Corner, threshold: Fraction) -> tuple[Whole, Whole]:
        """Two numbers that compare as the corner's value does with the threshold."""
        units, divisor = corner
        edge = threshold * self.scale
        return units * edge.denominator, edge.numerator * (z3.IntVal(1) if divisor is None else divisor)
