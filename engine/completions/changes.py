"""Which stated facts must change for a measure to become eligible: the fewest, proven, by one solver a measure.

The world is that of completions with every stated fact left open; a literal for each says that it is *kept*. A list
that was given complete may get further records, each of which is one change, dated at the as-of date or later. What
was never stated stays open and costs nothing. Where stated and derived values contradicted each other already, a
condition holds only where both meet it, as the executors have it; nothing new may contradict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic

import z3

from engine.changeable import Fact, bare
from engine.completions.changed_world import ChangedWorld, Rule
from engine.completions.cone import Cone, all_leaves
from engine.completions.enough import enough
from engine.completions.holders import Holder
from engine.completions.rails import NO, Formula, conjunction, disjunction, negation
from engine.completions.variables import Choice, Number, Options, Variable
from engine.completions.world import World
from engine.conditions import Test
from engine.dependencies import operand_fields
from engine.facts import Known
from engine.operands import LeafReader
from engine.pack import Measure
from engine.program import Program
from engine.regions import Intervals, OneOf, Several, Value

MOST_SETS = 32
"""Sets of changes that are looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One thing that may change: a stated fact (``fact``), or a record that may be added. ``kept``: it does not."""

    holder: Holder
    kept: Formula
    fact: Fact | None = None

    @property
    def fixed(self) -> bool:
        """Whether it cannot change."""
        return self.fact is not None and bool(self.fact.fixed) and not self.fact.sources


@dataclass(slots=True)
class Changes:
    """The changes that make one measure eligible. Every answer may be None: the solver gave up in time."""

    program: Program
    measure: Measure
    given: LeafReader
    facts: Sequence[Fact]
    loose: frozenset[str] = frozenset()
    until: float = inf
    """When to give up, by ``time.monotonic``."""
    world: ChangedWorld = field(init=False)
    solver: z3.Solver = field(init=False)
    eligible: Formula = field(init=False)
    units: list[Unit] = field(init=False)
    rules: list[Rule] = field(default_factory=list)
    unbounded: frozenset[str] = field(init=False)
    """Kinds of which more records than are tried might do what these do not."""

    def __post_init__(self) -> None:
        facts = self.given.facts
        holders = bare(facts)
        records = {kind: known for kind, known in holders.items() if kind is not None}
        blank = replace(facts, enterprise=holders[None][0], records=records)
        reader = LeafReader(self.program.pack, blank, self.program.regions_at(facts.as_of))
        cone = Cone.of([self.measure.condition], self.program, reader)
        stated: dict[str, list[Known]] = {}
        while new := cone.unread(self.given):
            stated.update(new)
            for path in new:
                cone.reads(path)
        self._cut(cone)
        numbers, self.unbounded = enough(cone, self.measure)
        self.world = ChangedWorld(
            cone, relaxed=bool(self.loose), given=self.given, numbers=numbers, loose=self.loose
        )
        self.eligible = _eligible(self.measure, self.world)
        for path, named in stated.items():
            self._take_in(path, named)
        self.units = [*self._stated(), *self._addable()]
        self.solver = z3.Solver()
        self.solver.add(*self.world.constraints, self.eligible)
        for unit in self.units:
            if unit.fact is not None:
                self._bind(unit, unit.fact)
        self.rules += self.world.rules

    def _cut(self, cone: Cone) -> None:
        """Tell apart what a field may become from what it may not."""
        vocabulary = self.program.pack.vocabulary
        for path in cone.fields:
            if vocabulary.fields[path].spec.new is not None:
                cone.cut(path, OneOf(frozenset({vocabulary.fields[path].spec.new or ""})))
        for fact in self.facts:
            if fact.path in cone.fields and fact.field.type == "choice" and fact.options is not None:
                cone.cut(fact.path, OneOf(fact.options))

    def _take_in(self, path: str, named: list[Known]) -> None:
        """A stated field that no condition reads must agree with what it would be derived from."""
        kind = self.program.pack.vocabulary.fields[path].record
        for holder in [self.world.enterprise] if kind is None else self.world.holders(kind):
            if any(self.world.known(holder) is known for known in named):
                self.world.variable(path, holder)

    def _stated(self) -> Iterator[Unit]:
        everyone = {("", -1): self.world.enterprise}
        for kind, holders in self.world.used().items():
            for holder in holders:
                if holder.known is not None and holder.known.record is not None:
                    everyone[kind, holder.known.record.index] = holder
        for fact in self.facts:
            holder_ = everyone.get((fact.kind or "", -1 if fact.record is None else fact.record))
            if holder_ is not None and fact.path in holder_.variables:
                own = fact if self._sources(fact) else replace(fact, sources=frozenset())
                yield Unit(holder_, z3.Bool(f"kept:{holder_.name}.{fact.path}"), own)

    def _sources(self, fact: Fact) -> bool:
        """Whether something that a derived value follows from can change."""
        near = [other for other in self.facts if other.kind is None or other.record == fact.record]
        return any(other.path in fact.sources and not other.fixed for other in near)

    def _addable(self) -> Iterator[Unit]:
        for holders in self.world.added.values():
            for holder in holders:
                yield Unit(holder, z3.Not(holder.present))

    def _bind(self, unit: Unit, fact: Fact) -> None:
        """What holds where the fact is kept, and what else it may become."""
        variable = unit.holder.variables[fact.path]
        self.solver.add(z3.Implies(unit.kept, variable.allowed(fact.value)))
        if unit.fixed:
            self.rules.append(Rule(unit.kept, fact.fixed or "", fact))
            return
        bounds = [disjunction([unit.kept, bound]) for bound in self._bounds(unit, fact, variable)]
        if bounds:
            name = z3.Bool(f"bound:{unit.holder.name}.{fact.path}")
            self.solver.add(z3.Implies(name, conjunction(bounds)))
            self.rules.append(Rule(name, fact.bounded, fact))

    def _bounds(self, unit: Unit, fact: Fact, variable: Variable) -> Iterator[Formula]:
        if fact.fixed:
            near = [u for u in self.units if u.holder is unit.holder or u.holder is self.world.enterprise]
            moved = [u for u in near if u.fact and u.fact.path in fact.sources and not u.fact.fixed]
            yield disjunction(negation(u.kept) for u in moved)
        if fact.since is not None and isinstance(variable, Number):
            yield variable.units >= fact.since.toordinal()
        if fact.options is not None and isinstance(variable, Choice):
            yield variable.allowed(fact.options) if fact.options else NO
        if fact.options is not None and isinstance(variable, Options) and isinstance(fact.value, Several):
            for option, pick in variable.picks.items():
                if option not in fact.options and option in fact.value.certain:
                    yield pick
                elif option not in fact.options and option not in fact.value.possible:
                    yield negation(pick)

    def world_holders(self) -> Iterator[Holder]:
        """The enterprise and every record that conditions look at."""
        yield self.world.enterprise
        for holders in self.world.used().values():
            yield from holders

    def thresholds(self, path: str) -> Iterator[Intervals]:
        """What conditions on a figure accept."""
        stages = (when for found in self.world.cone.stages.values() for s in found for when, _ in s.derived.cases)
        for node in (self.measure.condition, *stages):
            for leaf in all_leaves(node):
                if isinstance(leaf, Test) and path in operand_fields(leaf.operand):
                    region = self.world.cone.region(leaf.comparisons)
                    if isinstance(region, Intervals):
                        yield region

    # Questions

    @property
    def open_kinds(self) -> frozenset[str]:
        """Those of ``unbounded`` whose lists are missing or partial."""
        return frozenset(kind for kind in self.unbounded if self.given.open_list(kind))

    @property
    def ruled(self) -> list[Formula]:
        """That what cannot change does not."""
        return [rule.name for rule in self.rules]

    @property
    def changeable(self) -> list[Unit]:
        """What can."""
        return [unit for unit in self.units if not unit.fixed]

    def within(self, most: int | None) -> bool | None:
        """Whether at most so many changes do (None: any number)."""
        self.solver.push()
        try:
            if most is not None and self.changeable:
                self.solver.add(z3.AtMost(*(negation(unit.kept) for unit in self.changeable), most))
            return self._sat(self.ruled)
        finally:
            self.solver.pop()

    def sets(self, size: int, most: int) -> tuple[list[tuple[Unit, ...]], bool]:
        """Sets of ``size`` units whose change does, where no fewer do; and whether these are all there are."""
        # More than are asked for, so that which ones come first does not hang on the solver's order.
        found, every = self._single(most) if size == 1 else self._several(size, max(most, MOST_SETS))
        order = {id(unit): n for n, unit in enumerate(self.changeable)}
        ranked = sorted(found, key=lambda units: [order[id(unit)] for unit in units])
        return ranked[:most], every and len(ranked) <= most

    def _several(self, size: int, most: int) -> tuple[list[tuple[Unit, ...]], bool]:
        found: list[tuple[Unit, ...]] = []
        self.solver.push()
        try:
            self.solver.add(z3.AtMost(*(negation(unit.kept) for unit in self.changeable), size))
            while len(found) < most:
                answer = self._sat(self.ruled)
                if not answer:
                    return found, answer is False
                model = self.solver.model()
                moved = tuple(u for u in self.changeable if not z3.is_true(model.eval(u.kept, model_completion=True)))
                found.append(moved)
                self.solver.add(disjunction(unit.kept for unit in moved))
            return found, self._sat(self.ruled) is False
        finally:
            self.solver.pop()

    def _single(self, most: int) -> tuple[list[tuple[Unit, ...]], bool]:
        """Each unit for itself, in the order of the profile."""
        found: list[tuple[Unit, ...]] = []
        for unit in self.changeable:
            answer = self._sat([*self.ruled, *(other.kept for other in self.changeable if other is not unit)])
            if answer is None:
                return found, False
            if answer:
                if len(found) == most:
                    return found, False
                found.append((unit,))
        return found, True

    def reached(self, values: Mapping[tuple[str, str], Value], added: frozenset[str]) -> bool:
        """Whether it is in reach once facts have these values (by holder and path) and the records ``added`` are there.

        What the measure does not look at is left out.
        """
        holders = {holder.name: holder for holder in self.world_holders()}
        goals = [
            holders[name].variables[path].allowed(value)
            for (name, path), value in values.items()
            if name in holders and path in holders[name].variables
        ]
        for unit in self.changeable:
            name = unit.holder.name
            moved = name in added if unit.fact is None else (name, unit.fact.path) in values
            goals.append(negation(unit.kept) if moved else unit.kept)
        self.solver.push()
        try:
            self.solver.add(*goals)
            return self._sat(self.ruled) is True
        finally:
            self.solver.pop()

    def blockers(self) -> list[Rule]:
        """Of a measure that no change helps: what rules it out together, none of which could be spared."""
        if self._sat(self.ruled) is not False:
            return []
        names = {str(name) for name in self.solver.unsat_core()}
        core = [rule for rule in self.rules if str(rule.name) in names]
        for rule in list(core):
            rest = [other for other in core if other is not rule]
            if self._sat([other.name for other in rest]) is False:
                core = rest
        return core

    def _sat(self, assumptions: Iterable[Formula]) -> bool | None:
        left = self.until - monotonic()
        if left <= 0:
            return None
        if left < inf:
            self.solver.set("timeout", max(1, int(left * 1000)))
        answer = self.solver.check(*assumptions)
        return None if answer == z3.unknown else bool(answer == z3.sat)


def _eligible(measure: Measure, world: World) -> Formula:
    """When a measure is eligible: over records, if any is (DESIGN 2.15)."""
    kind = measure.subject
    if kind is None:
        return world.tree(measure.condition, {}).true
    each = ((holder, world.tree(measure.condition, {kind: holder})) for holder in world.holders(kind))
    return disjunction(conjunction([holder.present, rails.true]) for holder, rails in each)
