"""What a pack compiles to: circuits with their leaves, derivations in order, a tree for each measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.circuit import Circuit
from engine.conditions import Leaf, Node
from engine.pack import Derived, Measure, Pack


@dataclass(frozen=True, slots=True)
class Tree:
    """A condition node with its literal in the circuit of its scope."""

    literal: int
    node: Node
    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """All conditions evaluated together: for the enterprise (``record`` None) or for each record of a kind."""

    record: str | None
    circuit: Circuit
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One derived fact: a tree for each of its cases, in the stage's own scope."""

    derived: Derived
    scope: Scope
    cases: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled pack. ``stages`` are in an order in which each reads only facts derived before it."""

    pack: Pack
    stages: tuple[Stage, ...]
    scopes: Mapping[str | None, Scope]
    trees: Mapping[str, Tree]
    """Measure id -> tree in the scope of the measure's subject."""
    readiness: Scope
    checks: Mapping[str, tuple[Tree, Tree]]
    """Readiness check id -> its ``unless`` and its conditions, in the scope ``readiness``."""

    def scope_of(self, measure: Measure) -> Scope:
        """The scope in which the measure is evaluated."""
        return self.scopes[measure.subject]
