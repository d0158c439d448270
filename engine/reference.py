"""The reference executor: the executable specification of a circuit's meaning.

It is a loop over the gates with the functions of ``engine.truth`` and nothing else, so that it can be
checked by reading. The question planner and the road map call it thousands of times.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.circuit import Circuit
from engine.truth import Truth, all_of, any_of, negated


class ReferenceSolver:
    """Solves a circuit gate by gate. It keeps nothing between solves and may be shared by threads."""

    name = "reference"

    def solve(self, circuit: Circuit, leaves: Sequence[Truth]) -> list[Truth]:
        """Truths of all nodes, in node order; ``leaves`` holds one truth for each leaf.

        Raises ``ValueError`` if ``leaves`` is not as long as the circuit's leaves.
        """
        if len(leaves) != circuit.leaves:
            raise ValueError(f"{circuit.name}: {len(leaves)} truths for {circuit.leaves} leaves")
        size = circuit.size
        # Indexed by literal: node n at n, its negation at -n, which Python counts from the end. So a literal
        # is looked up without asking for its sign. Place 0 is no literal.
        truths: list[Truth] = [None] * (2 * size + 1)
        for node, truth in enumerate(leaves, start=1):
            truths[node] = truth
            truths[-node] = negated(truth)
        of_literal = truths.__getitem__
        for node, gate in enumerate(circuit.gates, start=circuit.leaves + 1):
            inputs = map(of_literal, gate.inputs)
            truth = all_of(inputs) if gate.kind == "all" else any_of(inputs)
            truths[node] = truth
            truths[-node] = negated(truth)
        return truths[1 : size + 1]
