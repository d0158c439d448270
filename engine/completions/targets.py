"""What changed facts must become, so that a set of changes opens its measure: the least change, and all that would do.

Of a figure it is the value nearest to the stated one; of a choice every option that does while the rest stays as it was
found; of an added record the fields in the order of the vocabulary. Doubts are met rather than left to a reviewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, Literal

import z3

from engine.changeable import Fact
from engine.completions.cells import Element, covering, is_coded
from engine.completions.changes import Changes, Unit
from engine.completions.holders import Holder
from engine.completions.opened import Opened, closed, findings, opened
from engine.completions.rails import Formula, conjunction, negation
from engine.completions.variables import Choice, Number, Options, scaled, written
from engine.completions.witness import holds, named_division, named_option
from engine.regions import Several, Value
from engine.spans import Point, Span
from engine.vocabulary import VocabularyField

PLAUSIBLE = {"money": 10**11, "count": 10**5, "ratio": 10**6}
"""Figures that nothing decides stay below this many units where that is possible."""
MOST_COMBINED = 32
"""Combinations of values that are tried before no more alternatives are named."""
LONGEST = 2000
"""Milliseconds to look for the nearest figure; any that does has to do then."""


Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """A value that does, as a profile states it (``raw``), and what else would.

    ``codes``: the options, texts or codes that would do; ``places``: they stand for all that lies in them, as do those
    of ``rest``, which would not. Several at once: ``taken`` up and ``dropped``; any of ``either`` would do in place of
    the one taken up. Of figures ``bound`` is the least change; ``open``: only beyond it; ``direction``: what lies
    beyond does too, or this value alone does.
    """

    field: VocabularyField
    raw: Any
    codes: frozenset[str] = frozenset()
    places: bool = False
    rest: frozenset[str] = frozenset()
    taken: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    bound: Point | None = None
    open: bool = False
    direction: Literal["up", "down", "exact"] = "exact"


@dataclass(frozen=True, slots=True)
class Moved:
    """One change: of the stated ``fact``, or (None) a record of ``kind`` added with the fields ``targets``.

    ``holder`` is the added record's name, or what the solver calls the fact's holder.
    """

    holder: str
    kind: str | None
    fact: Fact | None
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A set of changes with values for all of them, for what was open, and for judgements (as findings)."""

    moved: tuple[Moved, ...]
    opened: tuple[Opened, ...]
    lists: tuple[str, ...]
    """Kinds whose lists were missing or partial, and hold no more records than are listed or ``opened``."""
    findings: tuple[dict[str, Any], ...]


@contextmanager
def finding(changes: Changes, moved: tuple[Unit, ...]) -> Iterator[Finding]:
    """To find values for a set of units whose change does; the solver is as it was afterwards."""
    depth = changes.solver.num_scopes()
    changes.solver.push()
    try:
        yield Finding(changes, moved)
    finally:
        changes.solver.pop(changes.solver.num_scopes() - depth)


@dataclass(slots=True)
class Finding:
    """Finds values for changes, then how far each may be another one."""

    changes: Changes
    moved: tuple[Unit, ...]
    solver: z3.Solver = field(init=False)
    _alternatives: dict[Key, list[tuple[int, Formula]]] = field(default_factory=dict)
    """By holder and path: the value that was chosen, then what else does; with the number of its cell or option."""

    def __post_init__(self) -> None:
        self.solver = self.changes.solver

    def found(self) -> Found | None:
        """Values for all of it; None where the solver gives up."""
        try:
            return self._found()
        except z3.Z3Exception:
            # No model: the time was up.
            return None

    def _found(self) -> Found | None:
        self.solver.add(*self.changes.ruled)
        for unit in self.changes.changeable:
            self.solver.add(negation(unit.kept) if unit in self.moved else unit.kept)
        if self.solver.check() != z3.sat:
            return None
        judgements = [(id, formula) for (id, _), (formula, _) in self.changes.world.judgements.items()]
        self._prefer_all(self.changes.world.wishes)
        self._prefer_all([negation(formula) for id, formula in judgements if "~" in id])
        self._prefer_all([negation(formula) for id, formula in judgements if "~" not in id])
        self._prefer_all([conjunction(self._plausible())])
        self.solver.push()
        moved = tuple(self._moved(unit) for unit in self.moved)
        self.solver.check()
        model = self.solver.model()
        values = Found(
            moved,
            tuple(opened(self.changes, self.moved, model)),
            closed(self.changes),
            tuple(findings(self.changes, model)),
        )
        self.solver.pop()
        return values

    def widened(self, moved: tuple[Moved, ...]) -> tuple[Moved, ...]:
        """The same with the values alone that go with any of the others that are named: A or B, with C or D."""
        keys = [(move.holder, target.field.path) for move in moved for target in move.targets]
        if len(keys) < 2:
            return moved
        accepted = {key: self._alternatives[key][:1] for key in keys}
        for key in keys:
            others = [[formula for _, formula in accepted[other]] for other in keys if other != key]
            for number, formula in self._alternatives[key][1:]:
                if prod(map(len, others)) > MOST_COMBINED:
                    break
                if all(self._can(formula, *rest) for rest in product(*others)):
                    accepted[key].append((number, formula))
        units = {unit.holder.name: unit.holder for unit in self.moved}
        return tuple(
            replace(move, targets=tuple(self._only(target, units[move.holder], accepted) for target in move.targets))
            for move in moved
        )

    def _only(self, target: Target, holder: Holder, accepted: dict[Key, list[tuple[int, Formula]]]) -> Target:
        """A target with those values alone that were accepted."""
        numbers = [number for number, _ in accepted[holder.name, target.field.path]]
        match holder.variables[target.field.path]:
            case Choice() as variable:
                codes, rest = self._named(variable, sorted(numbers))
                return replace(target, codes=codes, rest=rest)
            case Options():
                options = list(target.field.options)
                return replace(target, either=tuple(options[n] for n in sorted(numbers)) if target.either else ())
        return target

    def _prefer_all(self, formulas: list[Formula]) -> None:
        """As many of them as go together with those before them."""
        if not self._prefer(conjunction(formulas)) and len(formulas) > 1:
            for formula in formulas:
                self._prefer(formula)

    def _prefer(self, formula: Formula) -> bool:
        """Have it so where that is possible."""
        self.solver.push()
        self.solver.add(formula)
        possible = bool(self.solver.check() == z3.sat)
        self.solver.pop()
        if possible:
            self.solver.add(formula)
        return possible

    def _can(self, *formulas: Formula) -> bool:
        self.solver.push()
        self.solver.add(*formulas)
        answer = bool(self.solver.check() == z3.sat)
        self.solver.pop()
        return answer

    def _plausible(self) -> Iterator[Formula]:
        day = self.changes.given.facts.as_of.toordinal()
        for holder in self.changes.world_holders():
            for variable in holder.variables.values():
                if not isinstance(variable, Number):
                    continue
                if variable.field.type == "date":
                    yield z3.And(variable.units >= day - 3650, variable.units <= day + 1825)
                else:
                    yield variable.units <= PLAUSIBLE[variable.field.type]

    # Changed facts

    def _moved(self, unit: Unit) -> Moved:
        return Moved(unit.holder.name, unit.holder.kind, unit.fact, tuple(self._targets(unit)))

    def _targets(self, unit: Unit) -> Iterator[Target]:
        if unit.fact is not None:
            yield self._target(unit.holder, unit.fact.path, unit.fact.value)
            return
        order = list(self.changes.program.pack.vocabulary.fields)
        # What is derived comes after what it is derived from, which it would tie down.
        derived = self.changes.world.cone.stages
        for path in sorted(unit.holder.variables, key=lambda path: (path in derived, order.index(path))):
            yield self._target(unit.holder, path, None)

    def _target(self, holder: Holder, path: str, stated: Value | None) -> Target:
        key, variable = (holder.name, path), holder.variables[path]
        match variable:
            case Number():
                return self._figure(key, variable, stated if isinstance(stated, Span) else None)
            case Options():
                return self._several(key, variable, stated if isinstance(stated, Several) else None)
        return self._choice(key, variable)

    def _choice(self, key: Key, variable: Choice) -> Target:
        cells = variable.cells.cells
        able = [n for n in range(len(cells)) if self._can(variable.picks[n])]
        chosen = min(able, key=lambda n: -len(cells[n])) if variable.cells.by_place else able[0]
        self._alternatives[key] = [(n, variable.picks[n]) for n in (chosen, *(n for n in able if n != chosen))]
        self.solver.add(variable.picks[chosen])
        codes, rest = self._named(variable, able)
        element: Element = cells[chosen][0]
        if variable.cells.by_place:
            areas = covering(variable.field, (e.place for e in cells[chosen]), self.changes.program.pack.tables)
            raw: str | bool = self._coded(variable.field, min(areas, key=lambda code: (len(code), code)))
        elif is_coded(variable.field):
            raw = self._coded(variable.field, element.place)
        else:
            raw = named_option(variable.field, element.exact) if variable.field.options else element.exact
        return Target(variable.field, raw, codes, variable.cells.by_place, rest)

    def _named(self, variable: Choice, able: list[int]) -> tuple[frozenset[str], frozenset[str]]:
        """What some cells hold, and of places what the others do."""
        cells, tables = variable.cells.cells, self.changes.program.pack.tables
        if not variable.cells.by_place:
            return frozenset(e.exact for n in able for e in cells[n]), frozenset()
        inside = covering(variable.field, (e.place for n in able for e in cells[n]), tables)
        rest = covering(variable.field, (e.place for n, c in enumerate(cells) if n not in able for e in c), tables)
        return frozenset(inside), frozenset(rest)

    def _coded(self, typed: VocabularyField, code: str) -> str:
        return named_division(code, self.changes.program.pack.tables.divisions) if typed.type == "division" else code

    def _several(self, key: Key, variable: Options, stated: Several | None) -> Target:
        had = stated.certain if stated is not None else frozenset()
        kept = conjunction(pick for option, pick in variable.picks.items() if option in had)
        further = [option for option in variable.field.options if option in variable.picks and option not in had]
        either: tuple[str, ...] = ()
        alone: dict[str, Formula] = {}
        if self._prefer(kept):
            alone = {o: conjunction(p if x == o else negation(p) for x, p in self._rest(variable, had)) for o in further}
            either = tuple(option for option in further if self._can(alone[option]))
            none = conjunction(negation(pick) for _, pick in self._rest(variable, had))
            if stated is None and self._can(none):
                self.solver.add(none)
                either = ()
            elif either:
                self.solver.add(alone[either[0]])
        for option, pick in variable.picks.items():
            self._prefer(pick if option in had else negation(pick))
        self.solver.check()
        model = self.solver.model()
        now = {option for option, pick in variable.picks.items() if holds(model, pick)}
        every = conjunction(pick if option in now else negation(pick) for option, pick in variable.picks.items())
        order = list(variable.field.options)
        self._alternatives[key] = [(order.index(either[0]) if either else 0, every)]
        self._alternatives[key] += [(order.index(option), conjunction([kept, alone[option]])) for option in either[1:]]
        taken = tuple(option for option in further if option in now)
        dropped = tuple(o for o in variable.field.options if o in had and o in variable.picks and o not in now)
        chosen = [o for o in variable.field.options if o in now or (o in had and o not in variable.picks)]
        raw: Any = [named_option(variable.field, option) for option in chosen] or "无"
        return Target(variable.field, raw, taken=taken, dropped=dropped, either=either)

    @staticmethod
    def _rest(variable: Options, had: frozenset[str]) -> list[tuple[str, Formula]]:
        return [(option, pick) for option, pick in variable.picks.items() if option not in had]

    def _figure(self, key: Key, variable: Number, stated: Span | None) -> Target:
        """The value nearest to what was stated; of a new figure the least one."""
        low, high = _ends(stated, variable)
        best = self._nearest(variable, low, high)
        self._prefer(variable.units == best)
        self._alternatives[key] = [(0, variable.units == best)]
        below = (low, high) != (None, None) and (high is None or best <= high)
        direction: Literal["up", "down"] = "down" if below else "up"
        point, open_ = self._edge(variable, best, direction)
        beyond = self._without(variable, best + 1 if direction == "up" else best - 1)
        way: Literal["up", "down", "exact"] = direction if beyond else "exact"
        return Target(variable.field, written(variable.field, best), bound=point, open=open_, direction=way)

    def _without(self, variable: Number, units: int) -> bool:
        """Whether another value does too, while all else is as it was chosen."""
        solver = z3.Solver()
        solver.set("timeout", LONGEST)
        solver.add(*(assertion for assertion in self.solver.assertions() if not _says(assertion, variable)))
        solver.add(variable.units == units)
        return bool(solver.check() == z3.sat)

    def _nearest(self, variable: Number, low: int | None, high: int | None) -> int:
        optimizer = z3.Optimize()
        optimizer.add(*self.solver.assertions())
        units = variable.units
        if low is None and high is None:
            optimizer.minimize(units)
        elif low is None or high is None:
            edge = low if low is not None else high
            optimizer.minimize(z3.If(units > edge, units - edge, edge - units))
        else:
            optimizer.minimize(z3.If(units > high, units - high, low - units))
        optimizer.set("timeout", LONGEST)
        if optimizer.check() != z3.sat:
            self.solver.check()
            return variable.plain(self.solver.model())
        return variable.plain(optimizer.model())

    def _edge(self, variable: Number, units: int, direction: str) -> tuple[Point | None, bool]:
        """The threshold that the value just meets, and whether it lies beyond it."""
        if variable.field.type == "date":
            return date.fromordinal(units), False
        last = units + (-1 if direction == "up" else 1)
        ends = ((span.low, span.high) for region in self.changes.thresholds(variable.field.path) for span in region.spans)
        for end in (end for pair in ends for end in pair):
            # The last value that does not do is a threshold: beyond it, where nothing lies between but the least unit.
            if isinstance(end, int | Fraction) and end * variable.scale == last and variable.field.type != "count":
                return end, True
        value = Fraction(units, variable.scale)
        return (int(value) if value.denominator == 1 else value), False


def _ends(stated: Span | None, variable: Number) -> tuple[int | None, int | None]:
    if stated is None:
        return None, None
    low = None if stated.low is None else int(scaled(stated.low, variable.scale))
    high = None if stated.high is None else int(scaled(stated.high, variable.scale))
    return low, high


def _says(assertion: Formula, variable: Number) -> bool:
    """Whether an assertion only says which value the variable has."""
    return bool(z3.is_eq(assertion) and assertion.arg(0).eq(variable.units) and z3.is_int_value(assertion.arg(1)))

