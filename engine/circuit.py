"""Circuits: the part of a compiled program that an executor solves.

A circuit is a list of nodes. The first ``leaves`` nodes are inputs whose truths are given; every further
node is a gate over nodes before it. A *literal* names a node by its number counted from 1 and carries the
sign: ``3`` is node 3, ``-3`` is its negation. So negation costs no node, and the order of the gates is an
order of evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from engine.truth import Truth

GateKind = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class Gate:
    """``kind`` over the literals ``inputs`` (at least one, no duplicates)."""

    kind: GateKind
    inputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Circuit:
    """``name`` is unique in its program; node ``leaves + i + 1`` is ``gates[i]``."""

    name: str
    leaves: int
    gates: tuple[Gate, ...]

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.leaves + len(self.gates)


class Solver(Protocol):
    """An executor: it gives the Kleene truth of every node of a circuit."""

    name: str

    def solve(self, circuit: Circuit, leaves: Sequence[Truth]) -> list[Truth]:
        """Truths of all nodes, in node order; ``leaves`` holds one truth for each leaf.

        INVARIANT: every solver returns the same list for the same arguments.
        """
        ...


@dataclass(slots=True)
class CircuitBuilder:
    """Collects leaves first and gates after, sharing equal gates."""

    name: str
    leaves: int
    _gates: list[Gate] = field(default_factory=list)
    _known: dict[Gate, int] = field(default_factory=dict)

    def gate(self, kind: GateKind, inputs: Sequence[int]) -> int:
        """The literal of this gate. A gate with one input is that input itself."""
        distinct = tuple(sorted(set(inputs)))
        if not distinct:
            raise ValueError("a gate needs at least one input")
        if len(distinct) == 1:
            return distinct[0]
        gate = Gate(kind, distinct)
        if gate not in self._known:
            self._gates.append(gate)
            self._known[gate] = self.leaves + len(self._gates)
        return self._known[gate]

    def build(self) -> Circuit:
        """The finished circuit."""
        return Circuit(self.name, self.leaves, tuple(self._gates))
