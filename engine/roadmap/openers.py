"""Which changes open most: single changes and pairs, tried on all measures that are out of reach.

Changes of one fact that different measures ask for are joined where one value does for several: 通州区 for one and 北京市
for the other are 通州区. What a change opens the reference executor says, and the solver where that leaves it open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations
from time import monotonic

from engine.assessment import Assessed, decide
from engine.compiler import compile_pack
from engine.completions import SOLVING
from engine.completions.cells import smallest_within
from engine.completions.targets import Moved, Target
from engine.completions.witness import named_division
from engine.pack import Measure
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.roadmap.applying import Data, changed, read
from engine.roadmap.joining import joined, narrowed
from engine.roadmap.routes import Roads, Searched, change_of
from engine.roadmap.shapes import Opener
from engine.totals import totals
from engine.values import read_value

MOST_SINGLE, MOST_PAIRS, MOST_TRIED = 20, 10, 60
"""How many are shown, and how many are tried of each size, those of the routes in the order of the pack."""
Key = tuple[object, ...]
_Tried = tuple[Opener, tuple[Moved, ...]]


@dataclass(slots=True)
class _Openers:
    roads: Roads
    out: tuple[Measure, ...]
    """Measures out of reach whose documents are in force."""
    program: Program = field(init=False)
    steps: dict[str, list[tuple[Moved, ...]]] = field(default_factory=dict)
    """What the routes change, by measure."""
    areas: dict[str, set[str]] = field(default_factory=dict)
    """The areas that some change asks for, by field."""

    def __post_init__(self) -> None:
        pack = self.roads.program.pack
        self.program = compile_pack(replace(pack, measures=self.out, programmes=(), checks=()))

    def run(self, searched: Sequence[Searched]) -> tuple[Opener, ...]:
        steps = self.steps = {item.route.measure: [step.moved for step in item.steps] for item in searched}
        for target in (t for ways in steps.values() for moved in ways for move in moved for t in move.targets):
            if target.places:
                self.areas.setdefault(target.field.path, set()).update(target.codes)
        single = self._ranked(self._candidates(steps.values(), 1))[:MOST_SINGLE]
        best = [moved for _, moved in single[:3]]
        pairs = [tuple(one + other) for one, other in combinations(best, 2) if _key(one) != _key(other)]
        double = self._ranked([*self._candidates(steps.values(), 2), *pairs])
        alone = {_key((move,)): set(opener.measures) for opener, moved in single for move in moved}
        more = [item for item in double if self._adds(item, alone)][:MOST_PAIRS]
        return tuple(opener for opener, _ in (*single, *more))

    @staticmethod
    def _adds(item: _Tried, alone: dict[Key, set[str]]) -> bool:
        """Whether a pair opens more than either of its changes."""
        opener, moved = item
        return all(set(opener.measures) - alone.get(_key((move,)), set()) for move in moved)

    def _candidates(self, steps: Iterable[list[tuple[Moved, ...]]], size: int) -> list[tuple[Moved, ...]]:
        """The changes of the routes, and those that several of one fact join to."""
        groups: dict[Key, list[tuple[Moved, ...]]] = {}
        for ways in steps:
            for moved in ways:
                if len(moved) == size:
                    ordered = tuple(sorted(moved, key=lambda move: repr(_key((move,)))))
                    groups.setdefault(_key(ordered), []).append(ordered)
        found: list[tuple[Moved, ...]] = []
        for group in groups.values():
            found += group
            for first in group:
                whole = first
                for other in group:
                    whole = self._join(whole, other) or whole
                found.append(whole)
        return found

    def _join(self, one: tuple[Moved, ...], other: tuple[Moved, ...]) -> tuple[Moved, ...] | None:
        result = []
        for mine, theirs in zip(one, other, strict=True):
            targets = joined(mine.targets, theirs.targets, self.roads.program.pack.tables)
            if targets is None:
                return None
            result.append(replace(mine, targets=targets))
        return tuple(result)

    def _ranked(self, candidates: Iterable[tuple[Moved, ...]]) -> list[_Tried]:
        tried: dict[str, _Tried] = {}
        seen: set[str] = set()
        for moved in candidates:
            settled = [replace(move, targets=tuple(self._settled(target) for target in move.targets)) for move in moved]
            data = changed(self.roads.profile.data or {}, settled, self.roads.program.pack.vocabulary)
            if repr(data) in seen:
                continue
            if len(seen) == MOST_TRIED:
                break
            seen.add(repr(data))
            opener = self._opener(moved, settled, data)
            if opener.measures:
                tried.setdefault(repr((sorted(c.text for c in opener.changes), opener.measures)), (opener, moved))
        return list(_best(sorted(tried.values(), key=lambda item: _rank(item[0]))))

    def _settled(self, target: Target) -> Target:
        """One place for a whole area, outside those that other changes ask for, so that nothing is left open."""
        if not target.places:
            return target
        area = min(target.codes, key=lambda code: (len(code), code))
        others = {code for code in self.areas.get(target.field.path, ()) if code != area and not area.startswith(code)}
        tables = self.roads.program.pack.tables
        code = smallest_within(target.field, area, others, tables)
        named = named_division(code, tables.divisions) if target.field.type == "division" else code
        return replace(target, raw=named)

    def _opener(self, moved: tuple[Moved, ...], settled: Sequence[Moved], data: Data) -> Opener:
        pack = self.roads.program.pack
        profile = read(data, self.roads.profile, pack.vocabulary, pack.tables)
        _, assessed = decide(self.program, profile, self.roads.as_of, ReferenceSolver())
        opened = [item for item in assessed if item.verdict in ("eligible", "undetermined")]
        opened = [item for item in opened if self._sure(item, settled)]
        made = tuple(change_of(self._told(move, opened), self.roads) for move in moved)
        measures = tuple(item.measure.id for item in opened)
        return Opener(made, measures, totals(pack, [item.worth for item in opened]))

    def _told(self, move: Moved, opened: list[Assessed]) -> Moved:
        """The change with those alternatives alone that every opened measure accepts."""
        targets = {target.field.path: target for target in move.targets}
        for item in opened:
            for other in (m for step in self.steps.get(item.measure.id, ()) for m in step if _key((m,)) == _key((move,))):
                for target in other.targets:
                    if target.field.path in targets:
                        targets[target.field.path] = narrowed(targets[target.field.path], target)
        return replace(move, targets=tuple(targets.values()))

    def _sure(self, item: Assessed, moved: Sequence[Moved]) -> bool:
        """Whether the measure is really in reach after the changes, which Kleene's logic may leave open."""
        changes = self.roads.solvers.get(item.measure.id)
        if item.verdict == "eligible" or changes is None:
            return item.verdict == "eligible"
        tables, values = self.roads.program.pack.tables, {}
        for move in moved:
            for target in move.targets:
                value = read_value(target.field, target.raw, tables)
                if value is not None:
                    values[move.holder, target.field.path] = value
        added = frozenset(move.holder for move in moved if move.fact is None)
        with SOLVING:
            changes.until = monotonic() + self.roads.limit
            return changes.reached(values, added)


def _best(ranked: list[_Tried]) -> Iterator[_Tried]:
    """Without those that change the same and open nothing more."""
    seen: dict[Key, list[set[str]]] = {}
    for opener, moved in ranked:
        mine, before = set(opener.measures), seen.setdefault(_key(moved), [])
        if not any(mine <= other for other in before):
            before.append(mine)
            yield opener, moved


def openers(roads: Roads, searched: list[Searched]) -> tuple[Opener, ...]:
    """Single changes, then pairs that open more than either alone: by the number of measures, then by amount.

    ``searched`` are routes of ``roads``, which has kept its solvers and lets them go here.
    """
    out = tuple(
        roads.assessed[item.route.measure].measure
        for item in searched
        if roads.assessed[item.route.measure].verdict != "not_in_force"
    )
    found = _Openers(roads, out).run(searched) if roads.solvers else ()
    with SOLVING:
        roads.solvers.clear()
    return found


def _rank(opener: Opener) -> tuple[int, bool, Fraction, int, str]:
    """The most measures first, then the most money, no bound before any bound."""
    amounts = [total.possible for total in opener.totals.values()]
    bounded = None not in amounts
    most = sum((Fraction(amount) for amount in amounts if amount is not None), start=Fraction(0))
    text = "".join(change.text for change in opener.changes)
    return (-len(opener.measures), bounded, -most, len(text), text)


def _key(moved: Sequence[Moved]) -> Key:
    """What is changed, whatever it becomes."""
    return tuple(("+", move.holder) if move.fact is None else (move.fact.path, move.fact.record) for move in moved)
