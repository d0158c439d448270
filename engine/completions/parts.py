"""What two versions of a measure are told apart by, and what a region of profiles asks of each such part.

A part is a figure or field with the cells that the thresholds of both versions cut, or a condition with its truth:
one that only a person decides, one on a whole list, or all that the two versions share. No solver is needed to say
whether a profile lies in a region: the reference executor reads its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.conditions import Node, Operand
from engine.operands import LeafReader, Reach
from engine.regions import Value
from engine.spans import Span
from engine.truth import Truth

SideName = Literal["old", "new"]
Rest = Literal["", "all", "any", "own"]
Cell = Span | tuple[str, ...]
"""Numbers or days, or the codes and options that nothing tells apart."""


@dataclass(frozen=True)
class TruthPart:
    """A condition as one version reads it. ``rest``: it is what both share of a group, or ``own``: what one has alone."""

    node: Node
    side: SideName
    rest: Rest = ""


@dataclass(frozen=True)
class ValuePart:
    """An operand as one version reads it, with its cells. ``both``: the two versions read it alike."""

    operand: Operand
    side: SideName
    cells: tuple[Cell, ...]
    both: bool = True


Part = TruthPart | ValuePart


@dataclass(frozen=True)
class TruthCondition:
    """The part has one of these truths."""

    part: TruthPart
    allowed: frozenset[Truth]

    def holds(self, readers: Mapping[SideName, LeafReader], reach: Reach) -> bool:
        """Whether it is so for a profile."""
        return readers[self.part.side].tree(self.part.node, reach).truth in self.allowed


@dataclass(frozen=True)
class ValueCondition:
    """Some cells are ruled out, some are possible; ``known``: whether anything is known, None for either."""

    part: ValuePart
    out: frozenset[int]
    possible: frozenset[int]
    known: bool | None = None

    def holds(self, readers: Mapping[SideName, LeafReader], reach: Reach) -> bool:
        """Whether it is so for a profile."""
        value = readers[self.part.side].operand(self.part.operand, reach).value
        if value is None:
            return not self.out and self.known is not True
        touched = {n for n, cell in enumerate(self.part.cells) if touches(value, cell)}
        return self.known is not False and self.out.isdisjoint(touched) and self.possible <= touched


def touches(value: Value, cell: Cell) -> bool:
    """Whether some possible value lies in the cell."""
    if isinstance(value, Span):
        return isinstance(cell, Span) and not value.disjoint(cell)
    return isinstance(value, frozenset) and not isinstance(cell, Span) and not value.isdisjoint(cell)


Condition = TruthCondition | ValueCondition


def inside(
    conditions: tuple[Condition, ...],
    readers: Mapping[SideName, LeafReader],
    reaches: Mapping[SideName, Reach],
) -> bool:
    """Whether a profile, with the record in reach if there is one, lies in the region of all conditions."""
    return all(condition.holds(readers, reaches[condition.part.side]) for condition in conditions)
