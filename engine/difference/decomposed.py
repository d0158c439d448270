"""Two versions of a condition taken apart: what they share of every group, and what is left to compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

from engine.completions.cells import values_of
from engine.completions.parts import Cell, Part, Rest, SideName, TruthPart, ValuePart
from engine.conditions import All, Annual, AnnualSum, Any, Count, FieldRef, Node, Not, Operand, Sum, Test, Total
from engine.dependencies import leaves_of
from engine.difference.canonical import Meaning
from engine.documents import Award, Proportional, Tiered
from engine.operands import LeafReader
from engine.pack import Measure, Pack
from engine.regions import Intervals, OneOf, Region, test
from engine.spans import EmptySpan, Point, Span

Cut = tuple[Point, bool]
"""A place between two numbers or days: before the point, or after it."""


@dataclass(slots=True)
class Decomposed:
    """The parts of two versions of a measure; ``readers`` give what comparisons accept at the date."""

    meanings: dict[SideName, Meaning]
    readers: dict[SideName, LeafReader]
    truths: list[Part] = field(default_factory=list)
    _cuts: dict[object, tuple[Operand, SideName, dict[Cut, None]]] = field(default_factory=dict)
    _regions: dict[object, tuple[FieldRef, SideName, dict[Region, None]]] = field(default_factory=dict)
    _seen: set[object] = field(default_factory=set)

    def compare(self, old: Node, new: Node) -> None:
        """Take in two versions of a condition."""
        one, other = self.meanings["old"].node(old), self.meanings["new"].node(new)
        if one == other:
            self._truth(old, "old", "all")
        elif isinstance(old, Not) and isinstance(new, Not):
            self.compare(old.part, new.part)
        elif isinstance(old, All | Any) and type(old) is type(new):
            self._groups(old, new)
        else:
            self._own(old, "old")
            self._own(new, "new")

    def _own(self, node: Node, side: SideName) -> None:
        """What one version has alone: its leaves, and where there are several it as a whole."""
        self.alone(node, side)
        if isinstance(node, All | Any | Not):
            self._truth(node, side, "own")

    def _groups(self, old: All | Any, new: Node) -> None:
        """What is equal is one part; of what is left, groups of the same kind go on in pairs."""
        left = [(part, self.meanings["old"].node(part)) for part in flat(old)]
        right = [(part, self.meanings["new"].node(part)) for part in flat(new)]
        shared = {meaning for _, meaning in left} & {meaning for _, meaning in right}
        parts = tuple({meaning: part for part, meaning in left if meaning in shared}.values())
        if parts:
            kind: Rest = "all" if isinstance(old, All) else "any"
            self._truth(parts[0] if len(parts) == 1 else type(old)(parts), "old", kind)
        rest = [part for part, meaning in left if meaning not in shared]
        others = [part for part, meaning in right if meaning not in shared]
        if len(rest) == len(others):
            for one, other in zip(rest, others, strict=True):
                self.compare(one, other)
            return
        sides: tuple[tuple[SideName, list[Node]], ...] = (("old", rest), ("new", others))
        for side, alone in sides:
            if alone:
                self._own(alone[0] if len(alone) == 1 else type(old)(tuple(alone)), side)

    def whole(self, node: Node, side: SideName) -> None:
        """A condition as one part."""
        self._truth(node, side, "all")

    def alone(self, node: Node, side: SideName) -> None:
        """The leaves of a condition that only one version has."""
        for leaf in leaves_of(node):
            region = self.readers[side].region(leaf.comparisons) if isinstance(leaf, Test) else None
            if isinstance(leaf, Test) and region is not None and self._has_cells(leaf, region, side):
                self._cut(leaf.operand, side, region)
            else:
                self._truth(leaf, side, "")

    def _has_cells(self, leaf: Test, region: Region, side: SideName) -> bool:
        if leaf.comparisons[0].operator == "known":
            return False
        if isinstance(region, Intervals):
            return True
        pack = self.meanings[side].pack
        return isinstance(leaf.operand, FieldRef) and pack.vocabulary.fields[leaf.operand.path].type != "choices"

    def _truth(self, node: Node, side: SideName, rest: Rest) -> None:
        key = self.meanings[side].node(node)
        if key not in self._seen:
            self._seen.add(key)
            self.truths.append(TruthPart(node, side, rest))

    def _cut(self, operand: Operand, side: SideName, region: Region) -> None:
        key = self.meanings[side].operand(operand)
        if isinstance(region, Intervals):
            cuts = self._cuts.setdefault(key, (operand, side, {}))[2]
            for span in region.spans:
                if span.low is not None:
                    cuts[span.low, span.low_open] = None
                if span.high is not None:
                    cuts[span.high, not span.high_open] = None
        elif isinstance(operand, FieldRef):
            self._regions.setdefault(key, (operand, side, {}))[2][region] = None

    # Amounts

    def benefits(self, old: Measure, new: Measure) -> None:
        """What the amounts of two versions go by, cut where a rate reaches a cap or two versions meet."""
        specs = [measure.spec.benefit for measure in (old, new)]
        rates = [spec.rate for spec in specs if isinstance(spec, Proportional) and spec.rate]
        limits = [spec.cap.amount for spec in specs if isinstance(spec, Proportional) and spec.cap]
        limits += [spec.amount for spec in specs if isinstance(spec, Award)]
        points = {Fraction(0), *(Fraction(limit) / Fraction(rate) for limit in limits for rate in rates)}
        sides: tuple[tuple[SideName, Measure], ...] = (("old", old), ("new", new))
        for side, measure in sides:
            benefit, base = measure.spec.benefit, measure.base
            if isinstance(benefit, Proportional) and base is not None:
                key = self.meanings[side].operand(base)
                cuts = self._cuts.setdefault(key, (base, side, {}))[2]
                cuts.update(dict.fromkeys((point, after) for point in points for after in (False, True)))
            elif isinstance(benefit, Tiered) and isinstance(base, FieldRef):
                for option in benefit.amounts:
                    self._cut(base, side, OneOf(frozenset({option})))

    # Parts

    def parts(self) -> list[Part]:
        """All parts; operands that both versions read alike come once."""
        values: list[Part] = []
        for operand, side, cuts in self._cuts.values():
            cells = tuple(spans(cuts, least(operand, self.meanings[side].pack)))
            values.append(ValuePart(operand, side, cells, self._both(operand, side)))
        for field_, side, regions in self._regions.values():
            values.append(ValuePart(field_, side, tuple(self._groups_of(field_, regions)), self._both(field_, side)))
        return [*values, *self.truths]

    def _both(self, operand: Operand, side: SideName) -> bool:
        other: SideName = "new" if side == "old" else "old"
        try:
            return self.meanings[other].operand(operand) == self.meanings[side].operand(operand)
        except KeyError:  # the other version does not have the field
            return False

    def _groups_of(self, operand: FieldRef, regions: Iterable[Region]) -> Iterator[Cell]:
        """The values of a field that no region tells apart."""
        typed = [m.pack.vocabulary.fields.get(operand.path) for m in self.meanings.values()]
        versions = [version for version in typed if version is not None]
        values = values_of(versions, regions, self.meanings["old"].pack.tables)
        found: dict[tuple[object, ...], list[str]] = {}
        for value in values:
            found.setdefault(tuple(test(region, frozenset({value})) for region in regions), []).append(value)
        return (tuple(group) for group in found.values())


def flat(node: Node) -> Iterator[Node]:
    """The parts of a group, those of inner groups of the same kind among them."""
    if isinstance(node, All | Any):
        for part in node.parts:
            if type(part) is type(node):
                yield from flat(part)
            else:
                yield part


def least(operand: Operand, pack: Pack) -> Fraction | None:
    """The least value that an operand can have, or None where there is no bound."""
    match operand:
        case Count():
            return Fraction(0)
        case FieldRef(path) | Annual(path) | AnnualSum(path) | Sum(path):
            return pack.vocabulary.fields[path].least
        case Total(paths):
            found = [pack.vocabulary.fields[path].least for path in paths]
            return sum((one for one in found if one is not None), start=Fraction(0)) if None not in found else None
    return None


def spans(cuts: Iterable[Cut], lowest: Fraction | None = None) -> Iterator[Span]:
    """The cells between cuts, from the lowest value that there is."""
    ordered: Sequence[Cut | None] = sorted(cut for cut in cuts if lowest is None or cut > (lowest, False))
    lower: Cut | None = None if lowest is None else (lowest, False)
    for cut in [*ordered, None]:
        low, after = lower if lower is not None else (None, False)
        high, beyond = cut if cut is not None else (None, True)
        # Nothing lies between before a point and after none.
        with suppress(EmptySpan):
            yield Span(low, high, low_open=after, high_open=not beyond)
        lower = cut
