"""How many further records are worth trying: as many as conditions can ask for as witnesses, and no more."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from engine.completions.cone import Cone, all_leaves, inner
from engine.conditions import Count, Every, Node, Operand, Ratio, Sum, Test
from engine.dependencies import fields_of
from engine.pack import Measure
from engine.regions import Intervals

LEAST_EXTRA, MOST_EXTRA = 2, 8
"""Records tried where no number is known to be enough, and at most."""


def enough(cone: Cone, measure: Measure) -> tuple[dict[str, int], frozenset[str]]:
    """How many further records of each kind are enough, and the kinds of which no number is known to be.

    Whatever a profile with more of them gets, it gets with these: a count keeps as many witnesses as its ends ask for,
    "not every" keeps one, the subject is one, and one record has what the others would add to a sum; what else there
    was can go, for that only makes counts smaller.
    """
    stages = [stage.derived for found in cone.stages.values() for stage in found]
    shared = [measure.condition, *(when for derived in stages if derived.record is None for when, _ in derived.cases)]
    leaves = list(dict.fromkeys(leaf for node in shared for leaf in all_leaves(node)))
    numbers = {measure.subject: 1} if measure.subject is not None else {}
    added = _added_up(leaves)
    for kind in added:
        numbers[kind] = numbers.get(kind, 0) + 1
    # What each record derives from a count of its own may need witnesses of its own.
    own = [when for derived in stages if derived.record is not None for when, _ in derived.cases]
    unbounded = {kind for node in own for leaf in all_leaves(node) for kind in _kinds(leaf)}
    for leaf in leaves:
        nested = any(_kinds(part) for node in inner(leaf) for part in all_leaves(node))
        for kind in _kinds(leaf):
            witnesses = None if nested else 0 if kind in added and _sums_alone(leaf) else _witnesses(leaf, cone)
            if witnesses is None:
                unbounded.add(kind)
            else:
                numbers[kind] = numbers.get(kind, 0) + witnesses
    unbounded |= {kind for kind, number in numbers.items() if number > MOST_EXTRA}
    tried = {kind: max(LEAST_EXTRA, min(numbers.get(kind, 0), MOST_EXTRA)) for kind in unbounded}
    return {**numbers, **tried}, frozenset(unbounded)


def _added_up(leaves: list[Node]) -> frozenset[str]:
    """Kinds with one sum alone, of a figure that no filter reads: one record may stand for all that it adds up."""
    sums: dict[str, set[Sum]] = {}
    for part in (part for leaf in leaves for part in _parts(leaf)):
        if isinstance(part, Sum):
            sums.setdefault(part.path.partition(".")[0], set()).add(part)
    read = {path for leaf in leaves for node in inner(leaf) for path in fields_of(node)}
    return frozenset(kind for kind, some in sums.items() if len(some) == 1 and not any(s.path in read for s in some))


def _sums_alone(leaf: Node) -> bool:
    return all(isinstance(part, Sum) for part in _parts(leaf) if isinstance(part, Sum | Count))


def _parts(leaf: Node) -> tuple[Operand, ...]:
    if not isinstance(leaf, Test):
        return ()
    return (leaf.operand.of, leaf.operand.to) if isinstance(leaf.operand, Ratio) else (leaf.operand,)


def _kinds(leaf: Node) -> set[str]:
    """Kinds of records that a leaf counts or adds up."""
    if isinstance(leaf, Every):
        return {leaf.kind}
    parts = _parts(leaf)
    counted = {part.kind for part in parts if isinstance(part, Count)}
    return counted | {part.path.partition(".")[0] for part in parts if isinstance(part, Sum)}


def _witnesses(leaf: Node, cone: Cone) -> int | None:
    """How many records show what a leaf says; None where no number does."""
    if isinstance(leaf, Every):
        return 1
    if not isinstance(leaf, Test) or not isinstance(leaf.operand, Count):
        return None
    region = cone.region(leaf.comparisons)
    if not isinstance(region, Intervals):
        return 0
    lows = [ceil(s.low) + s.low_open for s in region.spans if isinstance(s.low, int | Fraction)]
    highs = [floor(s.high) + 1 for s in region.spans if isinstance(s.high, int | Fraction)]
    return max([0, *lows, *highs])
