"""What one profile can still become, and which open facts still decide it: one solver for each measure.

A session follows a profile as answers come in: ``push`` a narrower profile, ``pop`` it again. A solver keeps what
it has learnt, so that one more answer costs milliseconds; where an answer contradicts what was stated or derived,
that measure's solver is built anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import z3

from engine.assessment import in_force
from engine.completions.cone import Cone
from engine.completions.holders import NOTHING, Forced, Holder
from engine.completions.matters import differ
from engine.completions.rails import Formula, conjunction, disjunction, negation
from engine.completions.witness import Data, witness
from engine.completions.world import World
from engine.evaluation import Evaluated, evaluate
from engine.operands import LeafReader
from engine.pack import Measure
from engine.profile import Profile
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.regions import Value, narrowed

Settled = Literal["eligible", "ineligible"]


@dataclass(frozen=True, slots=True)
class Possibility:
    """``yes`` with a profile that shows it; ``no``; or ``unknown``: not with ``bound`` further records a list."""

    answer: Literal["yes", "no", "unknown"]
    bound: int
    witness: Data | None = None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something open that can still decide a verdict: a field, a judgement (or instrument), or a record list.

    ``record`` is the number of the listed record that it belongs to, from 0; ``year`` the fiscal year of a figure.
    """

    kind: Literal["field", "judgement", "list"]
    what: str
    record: int | None = None
    year: int | None = None


@dataclass(slots=True)
class Model:
    """One measure's completions in a solver."""

    measure: Measure
    world: World
    solver: z3.Solver
    eligible: Formula
    ineligible: Formula

    @classmethod
    def build(
        cls,
        program: Program,
        measure: Measure,
        reader: LeafReader,
        extra: int,
        relaxed: bool = False,
        assume: bool = True,
    ) -> Model:
        """The formulas of a measure for the reader's profile."""
        cone = Cone.of([measure.condition], program, reader)
        stated = cone.stated()
        world = World(cone, extra, assume=assume, relaxed=relaxed)
        eligible, ineligible = verdicts(measure, world)
        for path, named in stated.items():
            kind = program.pack.vocabulary.fields[path].record
            holders = [world.enterprise] if kind is None else world.holders(kind)
            for holder in holders:
                if any(holder.known is known for known in named):
                    world.variable(path, holder)
        solver = z3.Solver()
        solver.add(*world.constraints)
        return cls(measure, world, solver, eligible, ineligible)

    def check(self, *goals: Formula) -> z3.ModelRef | None:
        """A completion with all of ``goals``, or None. Stated values give way where no completion is left."""
        unknown = [(item.holds, self._unknown(item.leaf, item.holder)) for item in self.world.assumptions]
        fixed = [holds if open_ else z3.Not(holds) for holds, open_ in unknown]
        for strict in (self.world.strict, z3.Not(self.world.strict)):
            self.solver.push()
            self.solver.add(strict, *fixed)
            try:
                if self.solver.check(*self._named(goals)) == z3.sat:
                    return self.solver.model()
                if self.solver.check() == z3.sat:
                    return None
            finally:
                self.solver.pop()
        return None

    def _named(self, goals: tuple[Formula, ...]) -> list[Formula]:
        """A symbol for each goal, as the solver wants its assumptions."""
        names: list[Formula] = []
        for n, goal in enumerate(goals):
            name = z3.Bool(f"goal:{n}")
            self.solver.add(z3.Implies(name, goal))
            names.append(name)
        return names

    def _unknown(self, leaf: object, holder: Holder) -> bool:
        reach = {} if holder.kind is None or holder.known is None else {holder.kind: holder.known}
        return self.world.reader.read(leaf, reach).assumed  # type: ignore[arg-type]

    def narrow(self, old: LeafReader, new: LeafReader) -> bool:
        """Take in answers that only narrow; False where the model must be built anew."""
        if self.world.cone.unread(new):
            return False
        added: list[Formula] = []
        for holder in self.holders():
            before, after = _known(holder, old), _known(holder, new)
            if holder.known is None:
                continue
            if after is None or before is None:
                return False
            for path, variable in holder.variables.items():
                was, now = before.values.get(path), after.values.get(path)
                found = after.derivations.get(path)
                if (found is not None and found.conflict) or not _narrower(was, now):
                    return False
                if now != was and now is not None:
                    added.append(variable.allowed(now))
        for (id, _), (formula, holder_) in self.world.judgements.items():
            truth, _ = new.facts.review(id, holder_.id if holder_ else None)
            if truth is not None:
                added.append(formula if truth else z3.Not(formula))
        for kind in self.world.used():
            if bool(old.open_list(kind)) != bool(new.open_list(kind)) or _size(old, kind) != _size(new, kind):
                return False
        self.solver.push()
        self.solver.add(*added)
        for holder in self.holders():
            holder.known = _known(holder, new)
        self.world.cone.reader = new
        return True

    def widen(self, old: LeafReader) -> None:
        """Take back what ``narrow`` took in."""
        self.solver.pop()
        for holder in self.holders():
            holder.known = _known(holder, old)
        self.world.cone.reader = old

    def holders(self) -> Iterator[Holder]:
        """The enterprise and every record that the measure may look at."""
        yield self.world.enterprise
        for holders in self.world.used().values():
            yield from holders


@dataclass(slots=True)
class _State:
    profile: Profile
    evaluated: Evaluated
    models: dict[str, Model] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    """Measures whose model is that of the state below, narrowed."""


class Completions:
    """The completions of one profile at one date; ``extra`` records at most are added to each open list."""

    def __init__(self, program: Program, profile: Profile, as_of: date, *, extra: int = 2) -> None:
        self.program, self.as_of, self.extra = program, as_of, extra
        self._states = [self._state(profile)]

    def can_become(self, measure: str, verdict: Settled) -> Possibility:
        """Whether some completion gets this verdict. Raises KeyError where there is no such measure."""
        spec = self.program.pack.measure(measure)
        if not in_force(self.program.pack.documents[spec.document].document, self.as_of):
            return Possibility("no", self.extra)
        model = self._model(spec)
        goal = model.eligible if verdict == "eligible" else model.ineligible
        found = model.check(goal)
        if found is not None:
            given = self._states[-1].profile.data or {}
            return Possibility("yes", self.extra, witness(model.world, found, given))
        if not any(model.world.is_open(kind) for kind in model.world.cone.kinds):
            return Possibility("no", self.extra)
        reader = self._states[-1].evaluated.reader
        relaxed = Model.build(self.program, spec, reader, 1, relaxed=True)
        goal = relaxed.eligible if verdict == "eligible" else relaxed.ineligible
        return Possibility("no" if relaxed.check(goal) is None else "unknown", self.extra)

    def open_fields_that_matter(self, measure: str) -> list[OpenItem]:
        """What is open and decides the verdict of some completion when it alone (with what follows) changes.

        Empty where every completion agrees. Raises KeyError where there is no such measure.
        """
        spec = self.program.pack.measure(measure)
        if not in_force(self.program.pack.documents[spec.document].document, self.as_of):
            return []
        model = self._model(spec)
        goals = (model.eligible, model.ineligible, conjunction([negation(model.eligible), negation(model.ineligible)]))
        if sum(model.check(goal) is not None for goal in goals) < 2:
            return []
        return [OpenItem(*key) for key in differ(model.world, model.eligible, model.ineligible, model.check)]

    def push(self, profile: Profile) -> None:
        """Go on with a profile that says more."""
        state = self._state(profile)
        below = self._states[-1]
        for id, model in below.models.items():
            if model.narrow(below.evaluated.reader, state.evaluated.reader):
                state.models[id] = model
                state.shared.add(id)
        self._states.append(state)

    def pop(self) -> None:
        """Back to the profile before the last ``push``. Raises IndexError where there was none."""
        if len(self._states) == 1:
            raise IndexError("nothing was pushed")
        state = self._states.pop()
        for id in state.shared:
            state.models[id].widen(self._states[-1].evaluated.reader)

    def _state(self, profile: Profile) -> _State:
        return _State(profile, evaluate(self.program, profile, self.as_of, ReferenceSolver()))

    def _model(self, measure: Measure) -> Model:
        state = self._states[-1]
        if measure.id not in state.models:
            state.models[measure.id] = Model.build(self.program, measure, state.evaluated.reader, self.extra)
        return state.models[measure.id]


def verdicts(measure: Measure, world: World, forced: Forced = NOTHING) -> tuple[Formula, Formula]:
    """When a measure is eligible and when ineligible: over records, eligible if any is (DESIGN 2.15)."""
    if measure.subject is None:
        rails = world.tree(measure.condition, {}, forced)
        return rails.true, rails.is_false
    kind = measure.subject
    each = [(holder, world.tree(measure.condition, {kind: holder}, forced)) for holder in world.holders(kind)]
    eligible = disjunction(conjunction([holder.present, rails.true]) for holder, rails in each)
    return eligible, conjunction(disjunction([negation(h.present), rails.is_false]) for h, rails in each)


def _known(holder: Holder, reader: LeafReader):  # type: ignore[no-untyped-def]
    """The same enterprise or record in another reading of the profile."""
    if holder.kind is None:
        return reader.facts.enterprise
    if holder.known is None or holder.known.record is None:
        return None
    records = reader.facts.records.get(holder.kind, [])
    index = holder.known.record.index
    return records[index] if index < len(records) else None


def _size(reader: LeafReader, kind: str) -> int:
    return len(reader.facts.records.get(kind, ()))


def _narrower(was: Value | None, now: Value | None) -> bool:
    if was is None or was == now:
        return True
    if now is None or type(was) is not type(now):
        return False
    return now in (narrowed(was, now), narrowed(was, now, codes=True))
