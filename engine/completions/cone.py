"""What some conditions rest on: the fields they read, through derived facts, and every set that cuts those fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.completions.cells import Cells, cut_by, is_coded, partition
from engine.conditions import Comparison, Count, Every, FieldRef, Node, Sum, Test
from engine.dependencies import fields_of, leaves_of
from engine.facts import Known
from engine.operands import LeafReader
from engine.program import Program, Stage
from engine.regions import Intervals, OfRank, OneOf, Region, Several, Value, Within


@dataclass(slots=True)
class Cone:
    """The cone of some conditions: ``fields`` they read, ``kinds`` of records they count, cuts by path."""

    program: Program
    reader: LeafReader
    fields: dict[str, None] = field(default_factory=dict)
    kinds: dict[str, None] = field(default_factory=dict)
    stages: dict[str, list[Stage]] = field(default_factory=dict)
    _accepted: dict[tuple[Comparison, ...], Region | None] = field(default_factory=dict)
    _regions: dict[str, dict[Region, None]] = field(default_factory=dict)
    _values: dict[str, list[Value]] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Iterable[Node], program: Program, reader: LeafReader) -> Cone:
        """The cone of ``nodes``, at the reader's date."""
        cone = cls(program, reader)
        for node in nodes:
            cone.add(node)
        return cone

    def add(self, node: Node) -> None:
        """Take in one more condition."""
        for leaf in all_leaves(node):
            if isinstance(leaf, Test):
                self._cut(leaf)
                if isinstance(leaf.operand, Count):
                    self.kinds[leaf.operand.kind] = None
                elif isinstance(leaf.operand, Sum):
                    self.kinds[leaf.operand.path.partition(".")[0]] = None
            elif isinstance(leaf, Every):
                self.kinds[leaf.kind] = None
        for path in fields_of(node):
            self.reads(path)

    def reads(self, path: str) -> None:
        """Take in a field, and what it is derived from."""
        if path in self.fields:
            return
        self.fields[path] = None
        stages = [stage for stage in self.program.stages if stage.derived.field == path]
        if stages:
            self.stages[path] = stages
        for stage in stages:
            derived = stage.derived
            self._values.setdefault(path, []).extend(value for _, value in derived.cases)
            if derived.otherwise is not None:
                self._values[path].append(derived.otherwise)
            for when, _ in derived.cases:
                self.add(when)

    def region(self, comparisons: tuple[Comparison, ...]) -> Region | None:
        """What comparisons accept at the reader's date; also such as no leaf of the program has."""
        if comparisons not in self._accepted:
            # A reader keeps regions by identity, for the program's own leaves alone: so another one, used once.
            own = LeafReader(self.program.pack, self.reader.facts)
            self._accepted[comparisons] = own.region(comparisons)
        return self._accepted[comparisons]

    def stated(self) -> dict[str, list[Known]]:
        """Derived fields that are stated though no condition reads them, and whose derivation reads what one does.

        They are taken in: what they are derived from must agree with what is stated.
        """
        found: dict[str, list[Known]] = {}
        while new := self.unread(self.reader):
            found.update(new)
            for path in new:
                self.reads(path)
        return found

    def unread(self, reader: LeafReader) -> dict[str, list[Known]]:
        """Such fields of a profile that are not in the cone yet."""
        found: dict[str, list[Known]] = {}
        for stage in self.program.stages:
            path, kind = stage.derived.field, stage.derived.record
            holders = [reader.facts.enterprise] if kind is None else reader.facts.records.get(kind, [])
            named = [known for known in holders if is_stated(path, known)]
            read = {name for when, _ in stage.derived.cases for name in fields_of(when)}
            if path not in self.fields and named and read & self.fields.keys():
                found[path] = named
        return found

    def cut(self, path: str, region: Region) -> None:
        """Tell apart what ``region`` accepts of a field."""
        if not isinstance(region, Intervals):
            self._regions.setdefault(path, {})[region] = None

    def _cut(self, leaf: Test) -> None:
        if isinstance(leaf.operand, FieldRef) and leaf.comparisons[0].operator != "known":
            region = self.region(leaf.comparisons)
            if region is not None:
                self.cut(leaf.operand.path, region)

    def regions(self) -> dict[str, dict[Region, None]]:
        """The sets that conditions cut each finite field by."""
        return self._regions

    def cells(self, path: str, given: Value | None) -> Cells:
        """The cells of a finite field; ``given`` is a text's own value, which is told apart too."""
        typed = self.program.pack.vocabulary.fields[path]
        regions = dict(self._regions.get(path, {}))
        places = not any(isinstance(region, OneOf | OfRank) for region in regions)
        for value in self._values.get(path, ()):
            if isinstance(value, frozenset):
                regions[cut_by(typed, value, places and any(isinstance(r, Within) for r in regions))] = None
        if isinstance(given, frozenset) and not typed.options and not is_coded(typed):
            regions[OneOf(given)] = None
        return partition(typed, regions, self.program.pack.tables)

    def named(self, path: str) -> frozenset[str]:
        """The options of a field with several that something names."""
        named: set[str] = set()
        for region in self._regions.get(path, {}):
            if isinstance(region, OneOf):
                named |= region.options
        for value in self._values.get(path, ()):
            if isinstance(value, Several):
                named |= value.possible
        return frozenset(named)


def is_stated(path: str, known: Known) -> bool:
    """Whether a value was given and not only derived."""
    found = known.derivations.get(path)
    return path in known.values and (found is None or found.stated is not None)


def all_leaves(node: Node) -> Iterator[Node]:
    """The leaves of a condition, those inside its filters too."""
    for leaf in leaves_of(node):
        yield leaf
        for part in inner(leaf):
            yield from all_leaves(part)


def inner(leaf: Node) -> tuple[Node, ...]:
    """The conditions inside a leaf: the filter of a count or sum, and what every record must meet."""
    parts: list[Node | None] = []
    match leaf:
        case Test(operand):
            parts = _filters(operand)
        case Every(_, where, that):
            parts = [where, that]
    return tuple(part for part in parts if part is not None)


def _filters(operand: object) -> list[Node | None]:
    match operand:
        case Count(_, where) | Sum(_, where):
            return [where]
    return [part for name in ("of", "to") if hasattr(operand, name) for part in _filters(getattr(operand, name))]
