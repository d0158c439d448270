"""A circuit on columns: the truth of each node for every row of a context, computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.columns import bits, planes
from engine.columns.bits import Bits
from engine.columns.planes import Plane


class Solved:
    """A circuit's nodes. ``leaves`` has the truth of each leaf that a wanted node reads."""

    __slots__ = ("_gates", "_nodes", "_planes", "leaves", "rows")

    def __init__(self, gates: Sequence[Any], leaves: Sequence[Bits | None], rows: int) -> None:
        self._gates = gates
        self.leaves = leaves
        self.rows = rows
        self._nodes: dict[int, Bits] = {}
        self._planes: dict[int, Plane] = {}

    def truth(self, literal: int) -> Plane:
        """The truth of a literal, row by row."""
        if literal not in self._planes:
            self._planes[literal] = bits.plane(self.bits(literal), self.rows)
        return self._planes[literal]

    def bits(self, literal: int) -> Bits:
        """The truth of a literal as bits."""
        if literal not in self._nodes:
            self._nodes[literal] = self._computed(literal)
        return self._nodes[literal]

    def _computed(self, literal: int) -> Bits:
        if literal < 0:
            return bits.negated(self.bits(-literal))
        if literal <= len(self.leaves):
            leaf = self.leaves[literal - 1]
            if leaf is None:
                raise TypeError("a leaf that a wanted node reads was not tested")
            return leaf
        return self._joined(self._gates[literal - len(self.leaves) - 1])

    def _joined(self, gate: Any) -> Bits:
        join, final = (bits.all_of, planes.FALSE) if gate.kind == "all" else (bits.any_of, planes.TRUE)
        # Leaves come before gates: where one of them settles it for every row, nothing else is joined or computed.
        known = [self.bits(item) for item in gate.inputs if abs(item) <= len(self.leaves)]
        if any(isinstance(part, int) and part == final for part in known):
            return final
        return join([*known, *(self.bits(item) for item in gate.inputs if abs(item) > len(self.leaves))])
