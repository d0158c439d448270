"""Where two versions of a measure differ: every region of profiles, proven, with a profile from each.

A region starts from one profile on which the versions differ. What of it does not matter is taken away, as long as
the solver proves that every profile of what is left differs in the same way; then the region is blocked out and the
next is asked for. When none is left, no profile outside the regions changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import z3

from engine.completions.answers import Ends, Finite, Later, Mixed, outside
from engine.completions.cone import Cone
from engine.completions.given import ENTERPRISE, Beyond, Given, Holder, Reach, cuts_of, most_counted
from engine.completions.incomplete import Side
from engine.completions.parts import Condition, Part, SideName, TruthPart, ValuePart
from engine.completions.rails import NO, YES, Formula, conjunction, disjunction, negation, undecided
from engine.completions.stated import profile_data
from engine.completions.statements import Proven, Says, Statement, cells, conditions_of, truths
from engine.completions.witness import Data
from engine.completions.worths import Worth, tier_cuts, unit_of, worth
from engine.conditions import FieldRef, Operand, Sum
from engine.dependencies import operand_fields
from engine.determination import Verdict
from engine.documents import Award, Proportional, Tiered
from engine.evaluation import evaluate
from engine.pack import Measure
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.regions import Region
from engine.spans import Span

MOST = 50
MOST_RECORDS = 8
PATIENCE = 60_000
"""Milliseconds for one question; what takes longer is said to be left open."""
Which = Literal["enterprise", "listed", "unlisted"]
"""Whose verdict: the enterprise's, that of a listed record, or that of a record that is not listed."""

PAIRS: tuple[tuple[Verdict, Verdict], ...] = (
    ("eligible", "ineligible"),
    ("ineligible", "eligible"),
    ("eligible", "undetermined"),
    ("undetermined", "eligible"),
    ("undetermined", "ineligible"),
    ("ineligible", "undetermined"),
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a measure at a date; ``live``: its document is in force then."""

    program: Program
    measure: Measure
    live: bool

    def reader_cone(self, day: date) -> Cone:
        """The cone of its condition and its benefit, for a profile that says nothing."""
        pack = self.program.pack
        reader = evaluate(self.program, profile_of({}, pack.vocabulary, pack.tables), day, ReferenceSolver()).reader
        cone = Cone.of([self.measure.condition] if self.live else [], self.program, reader)
        if self.live and self.measure.base is not None:
            _take_in(cone, self.measure.base)
        return cone


@dataclass(frozen=True)
class Found:
    """A region: its conditions, the verdicts, whether the amount changes; ``whole``: for every profile of it."""

    which: Which
    conditions: tuple[Condition, ...]
    old: Verdict
    new: Verdict
    amount: bool
    whole: bool
    profile: Data


@dataclass(slots=True)
class Differing:
    """The differences of two versions of a measure at a date. ``parts`` as ``decomposed``; raises Beyond."""

    old: Version
    new: Version
    day: date
    parts: Sequence[Part]
    money: bool
    """Whether amounts can differ where verdicts do not."""
    which: Which
    most: int = MOST
    given: Given = field(init=False)
    sides: dict[SideName, Side] = field(init=False)
    complete: bool = True
    """Whether every region has been found."""
    records: dict[str, int] = field(init=False)
    too_many: dict[str, int] = field(default_factory=dict)
    """Kinds of which the conditions tell more records apart than are considered, and how many."""
    _reach: Reach = field(default_factory=dict)
    _finding: z3.Solver = field(default_factory=z3.Solver)
    _proving: z3.Solver = field(default_factory=z3.Solver)
    _named: int = 0

    def __post_init__(self) -> None:
        cones: dict[SideName, Cone] = {"old": self.old.reader_cone(self.day), "new": self.new.reader_cone(self.day)}
        cuts: dict[str, list[Region]] = {}
        self.records = {}
        for cone in cones.values():
            for path, regions in cuts_of(cone).items():
                cuts.setdefault(path, []).extend(regions)
        for version, cone in ((self.old, cones["old"]), (self.new, cones["new"])):
            conditions = [version.measure.condition] if version.live else []
            for kind, most in most_counted(conditions, cone).items():
                self.records[kind] = max(self.records.get(kind, 2), min(most, MOST_RECORDS))
                if most > MOST_RECORDS:
                    self.too_many[kind] = most
        if self.money:
            for path, tiers in tier_cuts(self.old.measure.spec.benefit, self.new.measure.spec.benefit).items():
                cuts.setdefault(path, []).extend(tiers)
        self.given = Given((self.old.program.pack, self.new.program.pack), cuts, self.records, self.day)
        self.sides = {
            "old": Side(self.old.program, cones["old"], self.given),
            "new": Side(self.new.program, cones["new"], self.given),
        }
        subject = self.old.measure.subject
        if subject is not None and self.which == "listed":
            self._reach = {subject: self.given.subject(subject)}
        elif subject is not None:
            self._reach = {subject: Holder(subject, "未列出", blank=True)}
            self.given.constraints.append(self.given.listed(subject)[1])

    # Questions

    def run(self) -> Iterator[Found]:
        """Regions, at most ``most``; afterwards ``complete`` says whether these are all."""
        one, other = self._verdicts(self.old, "old"), self._verdicts(self.new, "new")
        goals = [
            (old, new, False, conjunction([one[old], other[new]]))
            for old, new in self._pairs(one, other)
            if not z3.is_false(conjunction([one[old], other[new]]))
        ]
        if self.money:
            goals += self._amounts(one, other)
        candidates = [self._says(part) for part in self.parts]
        self._prepare()
        left = self.most
        for old, new, amount, goal in goals:
            found = list(self._regions(candidates, goal, left))
            self.complete = len(found) <= left
            for statements, whole, model in self._needed(found[:left]):
                data = profile_data(self.given, model, self.day)
                yield Found(self.which, conditions_of(statements), old, new, amount, whole, data)
            if not self.complete:
                return
            left -= len(found)

    def _regions(self, candidates: list[Says], goal: Formula, most: int) -> Iterator[Proven]:
        """Regions until no profile with ``goal`` is outside of all; one more than ``most`` at the end if there are more."""
        self._finding.push()
        self._finding.add(goal)
        try:
            while (found := self._find()) is not None:
                if most < 0:
                    return
                most -= 1
                model, settled = found
                says = [item for make in candidates for item in make(model)]
                says.sort(key=lambda item: (-1 if settled and item.own else item.rank))
                sufficient = self._sufficient(says, goal)
                whole = sufficient is not None
                kept = self._necessary(says, goal) if sufficient is None else sufficient
                shown = self._find(*(item.formula for item in kept))
                yield kept, whole, shown[0] if shown else model
                self._finding.add(negation(conjunction(item.formula for item in kept) if whole else goal))
        finally:
            self._finding.pop()

    def _needed(self, regions: list[Proven]) -> list[Proven]:
        """Without regions that lie within the others, of those whose every profile changes."""
        kept = list(regions)
        for region in regions:
            if region[1]:
                others = [conjunction(item.formula for item in one[0]) for one in kept if one is not region and one[1]]
                own = [item.formula for item in region[0]]
                if self._never(conjunction([*own, negation(disjunction(others))])):
                    kept = [one for one in kept if one is not region]
        return kept

    def considered(self) -> dict[str, int]:
        """How many records of each kind the proof considers, but for the subject."""
        alone = {kind: 1 for kind in self._reach if self._reach[kind].kind not in self.given.counted}
        return {kind: len(holders) for kind, holders in self.given.records.items() if kind not in alone}

    def example(self, fen: int) -> Data | None:
        """A profile that is eligible in both versions, with a base of so many fen; None where there is none."""
        goals = [self._verdicts(self.old, "old")["eligible"], self._verdicts(self.new, "new")["eligible"]]
        for version, side in ((self.old, self.sides["old"]), (self.new, self.sides["new"])):
            if version.measure.base is not None:
                ends = side.ends(version.measure.base, self._reach)
                goals += [ends.known, ends.has_low, ends.has_high, ends.low == fen, ends.high == fen]
        self._prepare()
        found = self._find(*goals)
        return None if found is None else profile_data(self.given, found[0], self.day)

    def _pairs(self, one: dict[Verdict, Formula], other: dict[Verdict, Formula]) -> Iterable[tuple[Verdict, Verdict]]:
        if self.old.live and self.new.live:
            return [(old, new) for old, new in PAIRS if old in one and new in other]
        return [(old, new) for old in one for new in other if old != new]

    def _verdicts(self, version: Version, side: SideName) -> dict[Verdict, Formula]:
        """When one version gives each verdict."""
        if not version.live:
            return {"not_in_force": YES}
        rails = self.sides[side].tree(version.measure.condition, self._reach)
        if self.which == "unlisted":
            # Such a record keeps the result open unless it is ruled out.
            return {"undetermined": negation(rails.is_false), "ineligible": rails.is_false}
        return {"eligible": rails.true, "ineligible": rails.is_false, "undetermined": undecided(rails)}

    def _amounts(
        self, one: dict[Verdict, Formula], other: dict[Verdict, Formula]
    ) -> list[tuple[Verdict, Verdict, bool, Formula]]:
        """Where the verdict stays and the amount does not: of what is undetermined only the high end is told."""
        if self.which == "unlisted":
            return self._unlisted(one["undetermined"], other["undetermined"])
        benefits = self.old.measure.spec.benefit, self.new.measure.spec.benefit
        unit = unit_of(*benefits)
        before, after = (
            worth(version.measure, side, self._reach, unit) if _pays(version) else None
            for version, side in ((self.old, self.sides["old"]), (self.new, self.sides["new"]))
        )
        found: list[tuple[Verdict, Verdict, bool, Formula]] = []
        verdicts: tuple[Verdict, ...] = ("eligible", "undetermined")
        for verdict in verdicts:
            if verdict in one and verdict in other:
                changed = _changed(before, after, verdict)
                found.append((verdict, verdict, True, conjunction([one[verdict], other[verdict], changed])))
        return found

    def _unlisted(self, one: Formula, other: Formula) -> list[tuple[Verdict, Verdict, bool, Formula]]:
        """What records that are not listed could bring: no end, but for a cap on the total."""
        if _most(self.old) == _most(self.new):
            return []
        return [("undetermined", "undetermined", True, conjunction([one, other]))]

    # Solving

    def _prepare(self) -> None:
        for solver in (self._finding, self._proving):
            solver.set("timeout", PATIENCE)
            solver.add(*self.given.constraints)
        for name, wishes in self._wishes():
            self._finding.add(z3.Implies(z3.Bool(name), conjunction(wishes)))

    def _wishes(self) -> list[tuple[str, list[Formula]]]:
        given = self.given
        wishes = ("round", given.round), ("settled", given.settled), ("plain", given.plain), ("usual", given.usual)
        return [(f"wish:{name}", formulas) for name, formulas in wishes]

    def _find(self, *formulas: Formula) -> tuple[z3.ModelRef, bool] | None:
        """A profile, with everything settled where there is one (then True), else with as few ranges as will do."""
        names = [z3.Bool(name) for name, _ in self._wishes()]
        self._finding.push()
        self._finding.add(*formulas)
        try:
            if self._finding.check() == z3.unknown:
                raise Beyond("求解器在限定的时间里没有得出结论")
            for wishes in (names, names[1:], [names[0], *names[2:]], names[2:], names[3:], []):
                if self._finding.check(*wishes) == z3.sat:
                    return self._finding.model(), any(name is names[1] for name in wishes)
        finally:
            self._finding.pop()
        return None

    def _sufficient(self, says: list[Statement], goal: Formula) -> list[Statement] | None:
        """As little of what a profile says as still makes sure of ``goal``; None where all of it does not.

        What comes first is given up first.
        """
        literals = list(says)
        self._proving.push()
        try:
            self._proving.add(negation(goal))
            names = []
            for literal in literals:
                self._named += 1
                name = z3.Bool(f"literal:{self._named}")
                self._proving.add(z3.Implies(name, literal.formula))
                names.append(name)
            if self._proving.check(*names) != z3.unsat:
                return None
            kept = list(range(len(names)))
            for n in list(kept):
                rest = [names[m] for m in kept if m != n]
                if self._proving.check(*rest) == z3.unsat:
                    kept.remove(n)
            return [literals[n] for n in kept]
        finally:
            self._proving.pop()

    def _necessary(self, says: list[Statement], goal: Formula) -> list[Statement]:
        """What of it every profile says that has ``goal``, each thing once."""
        self._proving.push()
        try:
            idle = [self._never(negation(item.formula)) for item in says]
            self._proving.add(goal)
            pairs = zip(says, idle, strict=True)
            return [item for item, always in pairs if not always and self._never(negation(item.formula))]
        finally:
            self._proving.pop()

    def _never(self, formula: Formula) -> bool:
        self._proving.push()
        self._proving.add(formula)
        found = bool(self._proving.check() == z3.unsat)
        self._proving.pop()
        return found

    # Parts

    def _says(self, part: Part) -> Says:
        """What a profile says of a part, as a function of the solver's model."""
        side = self.sides[part.side]
        if isinstance(part, TruthPart):
            rails = side.tree(part.node, self._reach)
            return lambda model: truths(part, rails, model)
        outs, known = self._cells(part, side)
        return lambda model: cells(part, outs, known, model)

    def _cells(self, part: ValuePart, side: Side) -> tuple[list[Formula], Formula]:
        """For each cell when it is ruled out; and when anything is known."""
        known = side.known(part.operand, self._reach)
        state = None
        if isinstance(part.operand, FieldRef):
            kind = side.program.pack.vocabulary.fields[part.operand.path].record
            state = side.state(part.operand.path, self._reach[kind] if kind else ENTERPRISE)
        if isinstance(state, Finite):
            numbers = [state.classes.numbers(frozenset(cell)) for cell in part.cells if not isinstance(cell, Span)]
            return [state.without(some) for some in numbers], known
        if isinstance(state, Mixed):
            raise Beyond("多选字段没有单元")
        figure = state if isinstance(state, Ends | Later) else side.figure(part.operand, self._reach)
        return [conjunction([known, outside(figure, cell)]) for cell in part.cells if isinstance(cell, Span)], known


def _take_in(cone: Cone, base: Operand) -> None:
    """What a benefit is computed from."""
    for path in operand_fields(base):
        cone.reads(path)
    if isinstance(base, Sum):
        cone.kinds[base.path.partition(".")[0]] = None
        if base.where is not None:
            cone.add(base.where)


def _most(version: Version) -> object:
    """The upper end of what any number of records brings, as far as the document states amounts."""
    benefit = version.measure.spec.benefit
    cap = benefit.cap if isinstance(benefit, Proportional) else None
    return cap.amount if cap is not None and cap.scope == "total" else _pays(version)


def _pays(version: Version) -> bool:
    return isinstance(version.measure.spec.benefit, Award | Tiered | Proportional)


def _changed(one: Worth | None, other: Worth | None, verdict: Verdict) -> Formula:
    if one is None or other is None:
        return NO if one is other else YES
    highs = z3.Or(z3.Not(one.endless == other.endless), z3.And(z3.Not(one.endless), one.high != other.high))
    return disjunction([highs, one.low != other.low]) if verdict == "eligible" else highs
