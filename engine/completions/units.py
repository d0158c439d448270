"""The conditions of a tree as their author wrote them, one for each place in the file, and their alternatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.completions.cone import inner
from engine.conditions import All, Any, Comparison, Judgement, Node, Not, Place, Test


@dataclass(frozen=True, slots=True)
class Unit:
    """One condition as written. What a shorthand stands for is one unit, and so is a condition with its doubt."""

    node: Node

    @property
    def place(self) -> Place:
        return self.node.note.place

    @property
    def one_sided(self) -> bool:
        """Whether it can hold a verdict back but never be false (``known``)."""
        return isinstance(self.node, Test) and self.node.comparisons[0].operator == "known"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One option, area or band of a test (``alone``), and the test that lacks it (``without``)."""

    leaf: Test
    alone: Comparison
    without: Test


def units(node: Node) -> Iterator[Unit]:
    """The conditions of a tree that stand apart in the file, those inside filters too."""
    for part in _apart(node):
        yield Unit(part)
        for leaf in _leaves(part):
            for inside in inner(leaf):
                yield from units(inside)


def _apart(node: Node) -> Iterator[Node]:
    """The parts of a tree that have a place of their own and no parts elsewhere."""
    parts = _parts(node)
    if not parts or all(_one_place(part, node.note.place) for part in parts):
        yield node
        return
    for part in parts:
        if not (isinstance(part, Judgement) and part.fallback):
            yield from _apart(part)


def _one_place(node: Node, place: Place) -> bool:
    return node.note.place == place and all(_one_place(part, place) for part in _parts(node))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case All(parts) | Any(parts):
            return parts
        case Not(part):
            return (part,)
    return ()


def _leaves(node: Node) -> Iterator[Node]:
    parts = _parts(node)
    if not parts:
        yield node
    for part in parts:
        yield from _leaves(part)


def nodes(node: Node) -> Iterator[Node]:
    """Every node of a tree, those inside filters too."""
    yield node
    for part in _parts(node) or inner(node):
        yield from nodes(part)


def alternatives(leaf: Test) -> list[Alternative]:
    """What a test accepts, piece by piece; empty where it accepts one thing."""
    pieces = [piece for comparison in leaf.comparisons for piece in _pieces(comparison)]
    if len(pieces) < 2:
        return []
    return [
        Alternative(leaf, piece, replace(leaf, comparisons=tuple(p for p in pieces if p is not piece)))
        for piece in pieces
    ]


def _pieces(comparison: Comparison) -> Iterator[Comparison]:
    first = comparison.thresholds[0] if comparison.thresholds else None
    if isinstance(first, frozenset):
        for value in sorted(first):
            yield Comparison(comparison.operator, (frozenset({value}),))
    else:
        yield comparison


def cuts(leaf: Test) -> Iterator[Comparison]:
    """Every option or area of a test alone, so that cells tell them apart."""
    for alternative in alternatives(leaf):
        yield alternative.alone

