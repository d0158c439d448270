"""Solver variables for the fields of one enterprise or record: a cell, several options, or a number.

Numbers are whole: fen for money, days (proleptic ordinals) for dates, millionths for ratios, units for counts. So a
completion has no value that a profile could not state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

import z3

from engine.completions.cells import ELSEWHERE, Cells, Element
from engine.completions.rails import YES, Formula, conjunction, disjunction
from engine.regions import Intervals, OneOf, Region, Several, Value
from engine.spans import Point, Span
from engine.vocabulary import FieldType, VocabularyField

Whole: TypeAlias = "z3.ArithRef"

SCALES: dict[FieldType, int] = {"money": 100, "count": 1, "ratio": 10**6, "date": 1}
LARGEST = 10**18 - 1
"""Profiles refuse larger figures as slips of the pen."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the cells of a finite field: one truth variable for each, of which exactly one holds."""

    field: VocabularyField
    cells: Cells
    picks: tuple[Formula, ...]

    @classmethod
    def make(cls, name: str, field: VocabularyField, cells: Cells) -> Choice:
        """One of the cells, in as few Booleans as will do."""
        size = len(cells.cells)
        if size == 1:
            return cls(field, cells, (YES,))
        if size == 2:
            one = z3.Bool(f"{name}@0")
            return cls(field, cells, (one, z3.Not(one)))
        return cls(field, cells, tuple(z3.Bool(f"{name}@{n}") for n in range(size)))

    def domain(self) -> Iterator[Formula]:
        """What always holds: at least one cell, no two."""
        if len(self.picks) > 2:
            yield z3.Or(self.picks)
            for n, pick in enumerate(self.picks):
                for other in self.picks[n + 1 :]:
                    yield z3.Or(z3.Not(pick), z3.Not(other))

    def inside(self, region: Region) -> Formula:
        """That the value is one which ``region`` accepts."""
        return self._any(n for n, cell in enumerate(self.cells.cells) if cell[0].inside(region))

    def allowed(self, value: Value) -> Formula:
        """That ``value``, as a profile or a derivation gives it, leaves the value possible."""
        if not isinstance(value, frozenset):
            raise TypeError(f"{value!r} is no set of alternatives")
        return self._any(self.cells.within(self._known(value)))

    def settled_by(self, value: frozenset[str]) -> bool:
        """Whether ``value`` leaves one cell alone."""
        return len(self.cells.within(self._known(value))) == 1

    def _known(self, value: frozenset[str]) -> frozenset[str]:
        """Texts that no condition names are all alike."""
        if self.field.options or self.field.type in ("division", "industry"):
            return value
        named = {element.exact for cell in self.cells.cells for element in cell}
        return frozenset(text if text in named else ELSEWHERE for text in value)

    def _any(self, numbers: Iterator[int] | Sequence[int]) -> Formula:
        chosen = set(numbers)
        if len(chosen) == len(self.picks):
            return YES
        return disjunction(self.picks[n] for n in sorted(chosen))

    def element(self, model: z3.ModelRef, value: Value | None) -> Element:
        """A value of the chosen cell, one that ``value`` allows."""
        chosen = next(n for n, pick in enumerate(self.picks) if _holds(model, pick))
        cell = self.cells.cells[chosen]
        if isinstance(value, frozenset):
            known = self._known(value)
            return next((element for element in cell if self.cells.allows(known, element)), cell[0])
        return cell[0]

    def symbols(self) -> list[z3.ExprRef]:
        """The solver's own variables."""
        return [self.picks[0]] if len(self.picks) == 2 else list(self.picks[:]) if len(self.picks) > 2 else []


@dataclass(frozen=True, slots=True)
class Options:
    """Several options at once: one truth variable for each option that a condition names."""

    field: VocabularyField
    picks: dict[str, Formula]

    @classmethod
    def make(cls, name: str, field: VocabularyField, named: frozenset[str]) -> Options:
        return cls(field, {option: z3.Bool(f"{name}@{option}") for option in sorted(named)})

    def domain(self) -> Iterator[Formula]:
        """Nothing: any options go together."""
        return iter(())

    def inside(self, region: Region) -> Formula:
        """That it has at least one of the region's options."""
        if not isinstance(region, OneOf):
            raise TypeError(f"{region!r} does not apply to options")
        return disjunction(self.picks[option] for option in sorted(region.options))

    def allowed(self, value: Value) -> Formula:
        """That it has what is certain and nothing that is impossible."""
        if not isinstance(value, Several):
            raise TypeError(f"{value!r} is no set of options")
        certain = [self.picks[option] for option in sorted(value.certain & self.picks.keys())]
        impossible = [z3.Not(pick) for option, pick in self.picks.items() if option not in value.possible]
        return conjunction([*certain, *impossible])

    def chosen(self, model: z3.ModelRef) -> list[str]:
        """The named options that it has."""
        return [option for option in self.field.options if option in self.picks and _holds(model, self.picks[option])]

    def symbols(self) -> list[z3.ExprRef]:
        """The solver's own variables."""
        return list(self.picks.values())


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number of units: ``scale`` units make 1 of what the field counts in."""

    field: VocabularyField
    units: Whole
    scale: int

    @classmethod
    def make(cls, name: str, field: VocabularyField) -> Number:
        return cls(field, z3.Int(name), SCALES[field.type])

    def domain(self) -> Iterator[Formula]:
        """The field's least value, and what a profile may state at all."""
        if self.field.type == "date":
            return
        least = self.field.least
        yield self.units >= (-LARGEST if least is None else floor(least)) * self.scale
        yield self.units <= LARGEST * self.scale

    def dated(self, value: Value | None) -> Formula:
        """That a date is a plausible day, unless ``value`` lies outside."""
        if self.field.type != "date" or isinstance(value, Span):
            return YES
        return z3.And(self.units >= FIRST_DAY.toordinal(), self.units <= LAST_DAY.toordinal())

    def inside(self, region: Region) -> Formula:
        """That the value lies in one of the region's spans."""
        if not isinstance(region, Intervals):
            raise TypeError(f"{region!r} does not apply to numbers")
        return disjunction(between(self.units, self.scale, span) for span in region.spans)

    def allowed(self, value: Value) -> Formula:
        """That the value is one of a range."""
        if not isinstance(value, Span):
            raise TypeError(f"{value!r} is no range")
        return between(self.units, self.scale, value)

    def plain(self, model: z3.ModelRef) -> int:
        """The number of units."""
        return int(model.eval(self.units, model_completion=True).as_long())

    def symbols(self) -> list[z3.ExprRef]:
        """The solver's own variables."""
        return [self.units]


Variable = Choice | Options | Number


def between(units: Whole, scale: int, span: Span) -> Formula:
    """That ``units`` (whole) lie in a span of values."""
    parts: list[Formula] = []
    if span.low is not None:
        least = scaled(span.low, scale)
        parts.append(units >= (floor(least) + 1 if span.low_open else ceil(least)))
    if span.high is not None:
        most = scaled(span.high, scale)
        parts.append(units <= (ceil(most) - 1 if span.high_open else floor(most)))
    return conjunction(parts)


def scaled(point: Point, scale: int) -> Fraction:
    """A point of a span in units."""
    return Fraction(point.toordinal()) if isinstance(point, date) else Fraction(point) * scale


def written(field: VocabularyField, units: int) -> str | int:
    """A number of units as a profile states it."""
    match field.type:
        case "date":
            return date.fromordinal(units).isoformat()
        case "money":
            return units // 100 if units % 100 == 0 else f"{Decimal(units) / 100:f}元"
        case "ratio":
            return f"{Decimal(units) / 10**4:f}%"
    return units


def _holds(model: z3.ModelRef, formula: Formula) -> bool:
    return bool(z3.is_true(model.eval(formula, model_completion=True)))
