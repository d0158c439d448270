"""One profile through one program: derivations stage by stage, then every scope, with any solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.circuit import Solver
from engine.facts import Facts, Known
from engine.operands import LeafReader, Reach, Reading
from engine.profile import Profile
from engine.program import Program, Scope, Stage, Tree
from engine.regions import Value, widened
from engine.truth import Truth, negated


@dataclass(frozen=True, slots=True)
class Solved:
    """A scope solved for the enterprise or one record: the truth of each node, the reading of each leaf."""

    known: Known
    truths: list[Truth]
    readings: list[Reading]
    scope: Scope
    said: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """What the explanation has worked out for leaves of this record, by their number."""

    def truth(self, tree: Tree) -> Truth:
        """The truth of a tree of this scope."""
        truth = self.truths[abs(tree.literal) - 1]
        return truth if tree.literal > 0 else negated(truth)

    def reading(self, tree: Tree) -> Reading:
        """The reading of a leaf of this scope."""
        return self.readings[abs(tree.literal) - 1]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All that explanation and amounts need. ``records`` has an entry for each record kind that is a subject."""

    program: Program
    reader: LeafReader
    enterprise: Solved | None
    readiness: Solved
    records: Mapping[str, list[Solved]]
    unlisted: Mapping[str, Solved]
    """For each subject whose list is missing or partial: a record of which nothing is known, as any that is not
    listed may be. Where its tree is false, no record whatever can make the measure eligible."""

    said: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """The same for leaves that all records share, by identity."""

    @property
    def facts(self) -> Facts:
        return self.reader.facts


def evaluate(program: Program, profile: Profile, as_of: date, solver: Solver) -> Evaluated:
    """Solve every scope of ``program`` for ``profile`` at ``as_of``."""
    reader = derived(program, profile, as_of, solver)
    facts = reader.facts
    enterprise: Solved | None = None
    records: dict[str, list[Solved]] = {}
    unlisted: dict[str, Solved] = {}
    for kind, scope in program.scopes.items():
        if kind is None:
            enterprise = _solve(scope, facts.enterprise, {}, reader, solver)
        else:
            records[kind] = [
                _solve(scope, known, {kind: known}, reader, solver) for known in facts.records.get(kind, ())
            ]
        if kind is not None and reader.open_list(kind):
            blank = Known(None, {})
            unlisted[kind] = _solve(scope, blank, {kind: blank}, reader, solver)
    readiness = _solve(program.readiness, facts.enterprise, {}, reader, solver)
    return Evaluated(program, reader, enterprise, readiness, records, unlisted)


def derived(program: Program, profile: Profile, as_of: date, solver: Solver) -> LeafReader:
    """What is known of ``profile`` at ``as_of``, with all that follows from it; measures are not looked at."""
    facts = Facts.of(profile, program.pack.vocabulary, as_of)
    reader = LeafReader(program.pack, facts, program.regions_at(as_of))
    for stage in program.stages:
        _derive(stage, reader, solver)
    return reader


def _derive(stage: Stage, reader: LeafReader, solver: Solver) -> None:
    rule, facts = stage.derived, reader.facts
    holders = [facts.enterprise] if rule.record is None else facts.records.get(rule.record, ())
    for known in holders:
        reach: Reach = {} if rule.record is None else {rule.record: known}
        solved = _solve(stage.scope, known, reach, reader, solver)
        value = first_possible(stage, [solved.truth(tree) for tree in stage.cases])
        if value is not None:
            codes = reader.pack.vocabulary.fields[rule.field].type in ("division", "industry")
            known.derive(rule.field, value, rule.title, rule.source, codes=codes)


def first_possible(stage: Stage, truths: list[Truth]) -> Value | None:
    """The value of the first case that holds, widened by the cases before it that may hold; None is anything."""
    possible: Value | None = None
    for (_, value), truth in zip(stage.derived.cases, truths, strict=True):
        if truth is not False:
            possible = value if possible is None else widened(possible, value)
        if truth is True:
            return possible
    otherwise = stage.derived.otherwise
    if otherwise is None:
        return None
    return otherwise if possible is None else widened(possible, otherwise)


def _solve(scope: Scope, known: Known, reach: Reach, reader: LeafReader, solver: Solver) -> Solved:
    readings = [
        reader.read_shared(leaf) if shared else reader.read(leaf, reach)
        for leaf, shared in zip(scope.leaves, scope.shared, strict=True)
    ]
    truths = solver.solve(scope.circuit, [reading.truth for reading in readings])
    return Solved(known, truths, readings, scope)
