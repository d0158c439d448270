"""What answers to expect before any is given: random complete profiles, drawn from the rules alone.

No figure about real enterprises is built in. What a measure names is taken to exist, so an option, a place or an
industry is the likelier the more measures ask for it; figures and dates fall about the thresholds; half of the
record lists are empty; most places of one enterprise are the same place. docs/adr/0010-questions.md says why.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from engine.completions.cells import Cells
from engine.completions.cone import Cone, all_leaves
from engine.conditions import FieldRef, Ratio, Test
from engine.dependencies import operand_fields
from engine.evaluation import Evaluated, evaluate
from engine.facts import Known
from engine.operands import LeafReader
from engine.profile import Profile, Record, RecordList
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.regions import Intervals, OneOf, Region, Several, Value
from engine.spans import Point, Span
from engine.vocabulary import NUMERIC

SEED = 20240229
YEARS = 4
AT_HOME = 0.7
"""How often a place is where the enterprise itself is."""
NO_RECORDS = 0.5
SECOND_RECORD = 0.3


@dataclass(slots=True)
class Prior:
    """Draws complete profiles for one program and date; the same ones for the same ``seed``."""

    program: Program
    as_of: date
    seed: int = SEED
    _rng: random.Random = field(init=False)
    _cone: Cone = field(init=False)
    _cells: dict[str, tuple[Cells, tuple[int, ...]]] = field(default_factory=dict)
    _edges: dict[str, list[Point]] = field(default_factory=dict)
    _asked: dict[str, list[Region]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        blank = evaluate(self.program, Profile({}, {}), self.as_of, ReferenceSolver())
        self._cone = Cone.of((measure.condition for measure in self.program.pack.measures), self.program, blank.reader)
        self._learn(blank.reader)

    def _learn(self, reader: LeafReader) -> None:
        """Thresholds by field, and how many conditions of how many measures accept what."""
        own = LeafReader(self.program.pack, reader.facts)
        nodes = [measure.condition for measure in self.program.pack.measures]
        nodes += [when for stage in self.program.stages for when, _ in stage.derived.cases]
        for node in nodes:
            for leaf in all_leaves(node):
                if not isinstance(leaf, Test) or leaf.comparisons[0].operator == "known":
                    continue
                region = own.region(leaf.comparisons)
                own.regions.clear()
                if isinstance(region, Intervals):
                    ends = [end for span in region.spans for end in (span.low, span.high) if end is not None]
                    for path in () if isinstance(leaf.operand, Ratio) else operand_fields(leaf.operand):
                        self._edges.setdefault(path, []).extend(ends)
                elif region is not None and isinstance(leaf.operand, FieldRef):
                    self._asked.setdefault(leaf.operand.path, []).append(region)

    def profiles(self, number: int) -> Iterator[Evaluated]:
        """So many complete profiles, evaluated."""
        for _ in range(number):
            yield self._completed(self._drawn())

    # Profiles

    def _drawn(self) -> Profile:
        """A profile in which everything is known that is not derived."""
        home = self._place(None)
        derived = {stage.derived.field for stage in self.program.stages}
        fields = self.program.pack.vocabulary.fields
        own = [path for path in self._cone.fields if fields[path].record is None and path not in derived]
        values = {path: self._value(path, home) for path in own}
        kinds = {*self._cone.kinds, *(measure.subject for measure in self.program.pack.measures)}
        kinds |= {fields[path].record for path in self._cone.fields}
        lists = {kind: self._records(kind, home, derived) for kind in sorted(kind for kind in kinds if kind)}
        return Profile(values, lists)

    def _records(self, kind: str, home: str, derived: set[str]) -> RecordList:
        own = [path for path in self._cone.fields if path.startswith(f"{kind}.") and path not in derived]
        spec = self.program.pack.vocabulary.records[kind].fields
        termed = {path for path in own if spec[path.partition(".")[2]].spec.term is not None}
        number = 0
        if kind == "annual":
            number = YEARS
        elif self._rng.random() >= NO_RECORDS:
            number = 1 + (self._rng.random() < SECOND_RECORD)
        records = []
        for index in range(number):
            values = {path: self._value(path, home) for path in own if path not in termed}
            if kind == "annual":
                values["annual.fiscal_year"] = Span.exactly(self.as_of.year - 1 - index)
            records.append(Record(kind, index, f"{kind}-{index}", values))
        return RecordList(tuple(records), True)

    def _completed(self, drawn: Profile) -> Evaluated:
        """What the rules derive is kept; derived fields and ends of terms that stay open are drawn."""
        first = evaluate(self.program, drawn, self.as_of, ReferenceSolver())
        values = {**drawn.values, **self._open(None, first.facts.enterprise)}
        lists = {
            kind: RecordList(
                tuple(
                    Record(kind, record.index, record.id, {**record.values, **self._open(kind, known)})
                    for record, known in zip(listed.records, first.facts.records[kind], strict=True)
                ),
                True,
            )
            for kind, listed in drawn.lists.items()
        }
        return evaluate(self.program, Profile(values, lists), self.as_of, ReferenceSolver())

    def _open(self, kind: str | None, known: Known) -> dict[str, Value]:
        """Values for what is not known yet, within what is."""
        fields = self.program.pack.vocabulary.fields
        drawn: dict[str, Value] = {}
        for path in self._cone.fields:
            if fields[path].record == kind and not _is_settled(known.values.get(path)):
                drawn[path] = self._value(path, "", known.values.get(path))
        return drawn

    # Values

    def _value(self, path: str, home: str, within: Value | None = None) -> Value:
        typed = self.program.pack.vocabulary.fields[path]
        if typed.type in NUMERIC or typed.type == "date":
            return self._number(path)
        if typed.type == "choices":
            return self._several(path)
        if typed.type == "division" and home and self._rng.random() < AT_HOME:
            return frozenset({home})
        if typed.type == "division":
            return frozenset({self._place(path)})
        return frozenset({self._one(path, within if isinstance(within, frozenset) else None)})

    def _one(self, path: str, within: frozenset[str] | None) -> str:
        cells, weights = self._cells_of(path)
        allowed = [n for n in range(len(cells.cells)) if within is None or n in cells.within(within)]
        chosen = self._rng.choices(allowed, [weights[n] for n in allowed])[0] if allowed else 0
        elements = [e for e in cells.cells[chosen] if within is None or cells.allows(within, e)]
        element = self._rng.choice(elements or list(cells.cells[chosen]))
        return element.place if cells.by_place else element.exact

    def _cells_of(self, path: str) -> tuple[Cells, tuple[int, ...]]:
        """The cells of a field and how likely each is: one more than the number of conditions that accept it."""
        if path not in self._cells:
            cells = self._cone.cells(path, None)
            asked = self._asked.get(path, ())
            weights = [1 + sum(cell[0].inside(region) for region in asked) for cell in cells.cells]
            self._cells[path] = cells, tuple(weights)
        return self._cells[path]

    def _place(self, path: str | None) -> str:
        """A place, most often one that measures name; without a path where the enterprise itself may be."""
        fields = self.program.pack.vocabulary.fields
        own = [p for p in self._cone.fields if fields[p].type == "division" and fields[p].record is None]
        return self._one(path or own[0], None) if path or own else ""

    def _several(self, path: str) -> Several:
        options = self.program.pack.vocabulary.fields[path].options
        asked = [region.options for region in self._asked.get(path, ()) if isinstance(region, OneOf)]
        weights = [1 + sum(option in named for named in asked) for option in options]
        number = self._rng.choice((0, 1, 1, 1, 2, 2, 3))
        chosen = frozenset(self._rng.choices(list(options), weights, k=number)) if options else frozenset()
        return Several(chosen, chosen)

    def _number(self, path: str) -> Span:
        typed = self.program.pack.vocabulary.fields[path]
        edges = self._edges.get(path, [])
        if typed.type == "date":
            days = [edge for edge in edges if isinstance(edge, date)] + [self.as_of]
            day = self._rng.choice(days).toordinal() + self._rng.randint(-900, 300)
            latest = min(self.as_of.toordinal() + 30, date.max.toordinal())
            return Span.exactly(date.fromordinal(max(1, min(day, latest))))
        points = [edge for edge in edges if isinstance(edge, int | Fraction)] or [1]
        point = self._rng.choice(points) * self._rng.choice((Fraction(0), Fraction(1, 2), Fraction(1), Fraction(3, 2)))
        return Span.exactly(int(point) if typed.type == "count" else point)


def _is_settled(value: Value | None) -> bool:
    match value:
        case Span():
            return value.is_point
        case Several(certain, possible):
            return certain == possible
        case frozenset():
            return len(value) == 1
    return False


