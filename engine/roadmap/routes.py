"""Routes, a measure at a time: the solver proposes changes, the reference executor says whether they do.

A way that does not hold there is never shown. Slow for a whole pack, quick for one measure: a page asks for what it
shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from time import monotonic

from engine.assessment import Assessed, decide
from engine.changeable import Fact, stated_facts
from engine.compiler import compile_pack
from engine.completions import SOLVING, require
from engine.completions.changes import Changes, Unit
from engine.completions.targets import Finding, Found, Moved, finding
from engine.conditions import Any, Every, Test
from engine.determination import Waiting
from engine.evaluation import Evaluated, Solved
from engine.pack import Measure, Pack
from engine.profile import Profile
from engine.program import Program, Tree
from engine.reference import ReferenceSolver
from engine.roadmap.applying import Data, changed, filled, judged, read, without
from engine.roadmap.shapes import Change, Route, Way
from engine.roadmap.words import change_text, impossible, not_in_force

MOST_WAYS = 6
MOST_CHANGES = 8
SECONDS = 10.0
"""For one measure, where no other limit is given."""


@dataclass(frozen=True, slots=True)
class Step:
    """A way with what it was made of."""

    way: Way
    moved: tuple[Moved, ...]
    """The changes, of added records with those fields alone that count."""


@dataclass(frozen=True, slots=True)
class Searched:
    """A route and the steps of its ways."""

    route: Route
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class Roads:
    """The routes of one profile at one date.

    Raises InputError where the solver is not installed, ValueError for a profile that was not read from data.
    """

    program: Program
    profile: Profile
    as_of: date
    limit: float = SECONDS
    """Seconds for one measure."""
    keep: bool = False
    """Whether to keep the solvers of measures that changes open, as ``openers`` needs."""
    evaluated: Evaluated = field(init=False)
    assessed: dict[str, Assessed] = field(init=False)
    facts: list[Fact] = field(init=False)
    solvers: dict[str, Changes] = field(default_factory=dict)
    _searched: dict[str, Searched | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require()
        if self.profile.data is None and (self.profile.values or self.profile.lists):
            raise ValueError("a profile without the data that it was read from cannot be changed")
        self.evaluated, assessed = decide(self.program, self.profile, self.as_of, ReferenceSolver())
        self.assessed = {item.measure.id: item for item in assessed}
        self.facts = list(stated_facts(self.evaluated.facts, self.program))

    def route(self, measure: str) -> Route | None:
        """The route of one measure; None where it is in reach as things are. Raises KeyError where there is none."""
        searched = self.search(measure)
        return None if searched is None else searched.route

    def search(self, measure: str) -> Searched | None:
        """The same with the steps."""
        if measure not in self._searched:
            self._searched[measure] = self._search(self.assessed[measure])
        return self._searched[measure]

    def _search(self, assessed: Assessed) -> Searched | None:
        measure, verdict = assessed.measure, assessed.verdict
        if verdict == "not_in_force":
            document = self.program.pack.documents[measure.document].document
            return Searched(Route(measure.id, (), True, not_in_force(document, self.as_of)))
        if verdict == "eligible":
            return None
        with SOLVING:
            return _Search(self, measure, verdict == "undetermined").run()

    def decided(self, data: Data, measure: Measure) -> tuple[Evaluated, Assessed]:
        """What the reference executor says of a profile, for one measure."""
        profile = read(data, self.profile, self.program.pack.vocabulary, self.program.pack.tables)
        evaluated, (assessed,) = decide(self._only(measure), profile, self.as_of, ReferenceSolver())
        return evaluated, assessed

    def _only(self, measure: Measure) -> Program:
        """The program of one measure, kept with the whole one."""
        key, live = (f"only {measure.id}",), self.program.live
        if key not in live:
            live[key] = compile_pack(replace(self.program.pack, measures=(measure,), programmes=(), checks=()))
        return live[key]


@dataclass(slots=True)
class _Search:
    roads: Roads
    measure: Measure
    maybe: bool
    """The verdict is open, so that it may need no change at all."""
    until: float = field(init=False)

    def __post_init__(self) -> None:
        self.until = monotonic() + self.roads.limit

    def run(self) -> Searched | None:
        changes = self._changes()
        already = changes.within(0) if self.maybe else False
        if already is not False:
            return None if already else self._ended((), False, None)
        able = changes.within(None)
        if able is None:
            return self._ended((), False, None)
        if not able:
            proven = not changes.unbounded or self._never(changes)
            reason = impossible(changes.blockers(), self.roads.evaluated.facts, self.roads.program.pack)
            return self._ended((), proven, reason if proven else None)
        for size in range(1, MOST_CHANGES + 1):
            sets, all_ = changes.sets(size, MOST_WAYS)
            if sets:
                return self._ways(changes, sets, all_)
            if not all_ or monotonic() > self.until:
                break
        return self._ended((), False, None)

    def _changes(self, loose: frozenset[str] = frozenset()) -> Changes:
        roads = self.roads
        return Changes(roads.program, self.measure, roads.evaluated.reader, roads.facts, loose, self.until)

    def _never(self, changes: Changes) -> bool:
        """Whether not even any number of further records helps."""
        return self._changes(changes.unbounded).within(None) is False

    def _ended(self, steps: tuple[Step, ...], proven: bool, reason: str | None, more: bool = False) -> Searched:
        ways = tuple(step.way for step in steps)
        return Searched(Route(self.measure.id, ways, proven, reason, more), steps)

    def _ways(self, changes: Changes, sets: list[tuple[Unit, ...]], all_: bool) -> Searched:
        size = len(sets[0])
        # A smaller set could only rest on more records than were tried.
        proven = all(changes.world.numbers[kind] >= size - 1 for kind in changes.unbounded - changes.open_kinds)
        if size > 1 and changes.open_kinds:
            proven = proven and self._changes(changes.open_kinds).within(size - 1) is False
        steps = []
        for units in sets:
            with finding(changes, units) as search:
                step = self._step(search)
            if step is None:
                proven = False
            else:
                steps.append(step)
        if not steps:
            return self._ended((), False, None)
        if self.roads.keep:
            self.roads.solvers[self.measure.id] = changes
        return self._ended(tuple(steps), proven, None, not all_)

    def _step(self, search: Finding) -> Step | None:
        """The way of a set of changes, if the reference executor agrees; without what the verdict does not need."""
        values = search.found()
        if values is None:
            return None
        pack = self.roads.program.pack
        data = changed(self.roads.profile.data or {}, values.moved, pack.vocabulary)
        less, moved = self._pruned(data, values.moved)
        return self._tried(less, moved, values, search) or self._tried(data, values.moved, values, search)

    def _tried(self, data: Data, moved: tuple[Moved, ...], values: Found, search: Finding) -> Step | None:
        pack = self.roads.program.pack
        evaluated, assessed = self.roads.decided(data, self.measure)
        if assessed.verdict == "ineligible":
            return None
        whole = self._filled(data, values, assessed)
        _, shown = self.roads.decided(whole, self.measure)
        _, last = self.roads.decided(judged(whole, values.findings, pack.vocabulary), self.measure)
        if last.verdict != "eligible":
            return None
        facts = tuple(dict.fromkeys(_facts(evaluated, assessed)))
        judged_by = [_judgement(item, pack) for item in shown.waiting_for if item.kind != "fact"]
        judgements = tuple(dict.fromkeys(judged_by))
        moved = search.widened(moved)
        return Step(Way(tuple(change_of(move, self.roads) for move in moved), facts, judgements, whole), moved)

    def _pruned(self, data: Data, moved: tuple[Moved, ...]) -> tuple[Data, tuple[Moved, ...]]:
        """Without those fields of added records that the verdict does not need."""
        whole = self._signature(data)
        needed: list[Moved] = []
        for move in moved:
            kept = list(move.targets)
            # What is derived comes last and goes first.
            for target in reversed(move.targets) if move.fact is None else ():
                less = without(data, move, target.field.name, self.roads.program.pack.vocabulary)
                if self._signature(less) == whole:
                    data = less
                    kept.remove(target)
            needed.append(replace(move, targets=tuple(kept)))
        return data, tuple(needed)

    def _signature(self, data: Data) -> object:
        _, assessed = self.roads.decided(data, self.measure)
        return assessed.verdict, assessed.waiting_for

    def _filled(self, data: Data, values: Found, assessed: Assessed) -> Data:
        """With the open facts that the measure still waits for, so that judgements alone are left."""
        vocabulary = self.roads.program.pack.vocabulary
        names: set[str] = set()
        whole = data
        while waiting := {item.what for item in assessed.waiting_for if item.kind == "fact"}:
            if waiting <= names:
                # What is waited for lies deeper: a contradiction, or a record within a list.
                return filled(data, values, vocabulary)
            names |= waiting
            whole = filled(data, values, vocabulary, names)
            _, assessed = self.roads.decided(whole, self.measure)
        return whole


def change_of(move: Moved, roads: Roads) -> Change:
    """A change in words."""
    fact, pack = move.fact, roads.program.pack
    text = change_text(move, move.targets, roads.evaluated.facts, pack)
    if fact is None:
        return Change("add", pack.vocabulary.records[move.kind or ""].list, None, text)
    return Change("field" if fact.record is None else "record", fact.path, fact.record, text)


def _judgement(item: Waiting, pack: Pack) -> str:
    """What a reviewer decides; a doubt with the field that it is about."""
    field = item.what.split("~")[1] if "~" in item.what else ""
    return f"{pack.vocabulary.label(field)}：{item.label}" if field and item.kind == "judgement" else item.label


def _facts(evaluated: Evaluated, assessed: Assessed) -> Iterator[str]:
    """What is open in the conditions and is no judgement, as the conditions put it."""
    if assessed.best is None:
        for item in assessed.waiting_for:
            if item.kind == "fact":
                yield f"填写{item.label}"
        return
    yield from _open(assessed.best.solved, evaluated.program.trees[assessed.measure.id])


def _open(solved: Solved, tree: Tree) -> Iterator[str]:
    if solved.truth(tree) is not None:
        return
    if isinstance(tree.node, Any):
        parts = tree.children[:1] if tree.node.fallback else tree.children
        ways = [said for part in parts if (said := "，".join(_open(solved, part)))]
        if ways:
            yield "，或者".join(ways)
    elif tree.children:
        for child in tree.children:
            yield from _open(solved, child)
    elif isinstance(tree.node, Test | Every):
        yield tree.label


def chosen(roads: Roads, measures: Collection[str] | None) -> list[str]:
    """The measures that were asked for, in the order of the pack. Raises KeyError where there is no such one."""
    if measures is None:
        return list(roads.assessed)
    for id in measures:
        if id not in roads.assessed:
            raise KeyError(id)
    return [id for id in roads.assessed if id in measures]
