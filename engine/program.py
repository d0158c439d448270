"""What a pack compiles to: circuits with their leaves, derivations in order, a tree for each measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from engine.circuit import Circuit
from engine.conditions import Leaf, Node
from engine.pack import Derived, Measure, Pack
from engine.regions import Region

MOST_DATES = 64
TreeKind = Literal["all", "any", "not", "condition", "judgement", "reference"]


@dataclass(frozen=True, slots=True)
class Tree:
    """A condition node with its literal in the circuit of its scope, its label, and the fields a leaf reads."""

    literal: int
    node: Node
    children: tuple[Tree, ...]
    label: str
    fields: tuple[str, ...]
    kind: TreeKind


@dataclass(frozen=True, slots=True)
class Scope:
    """All conditions evaluated together: for the enterprise (``record`` None) or for each record of a kind."""

    record: str | None
    circuit: Circuit
    leaves: tuple[Leaf, ...]
    shared: tuple[bool, ...]
    """For each leaf whether it is the same for every record, so that it is read once; equal leaves are one object."""


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

    regions: dict[date, dict[int, Region | None]] = field(default_factory=dict, compare=False, repr=False)
    """What comparisons accept, by date and by the identity of the comparisons; kept for the last few dates."""

    live: dict[tuple[str, ...], Program] = field(default_factory=dict, compare=False, repr=False)
    """Programs of the measures that were in force together, by their ids."""

    def regions_at(self, day: date) -> dict[int, Region | None]:
        """The store of regions for one as-of date."""
        if day not in self.regions and len(self.regions) >= MOST_DATES:
            self.regions.clear()
        return self.regions.setdefault(day, {})

    def scope_of(self, measure: Measure) -> Scope:
        """The scope in which the measure is evaluated."""
        return self.scopes[measure.subject]
