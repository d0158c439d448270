"""What of a compiled program a list needs at one date, and whether columns can express it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import lcm

from engine.assessment import in_force
from engine.columns.figures import LARGEST
from engine.columns.leaves import Numbering
from engine.columns.vectors import FEN
from engine.compiler import compile_pack
from engine.conditions import Node, Sum
from engine.dependencies import fields_of, operand_fields
from engine.diagnostics import Finding, InputError
from engine.documents import Award, Proportional, Tiered
from engine.pack import Measure, Pack
from engine.program import Program, Scope, Tree

MOST = 2**62
"""Amounts have to stay below this many units."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A program at a date.

    ``measures`` are those in force, in the pack's order; ``paths`` the fields (and ``kind`` the record kinds) that
    they read; ``leaves`` names for each scope the leaves that they read. An amount counts in units of 1/``unit`` yuan.
    """

    program: Program
    as_of: date
    measures: tuple[Measure, ...]
    paths: frozenset[str]
    leaves: dict[str | None, tuple[int, ...]]
    unit: int
    numbering: Numbering = field(default_factory=Numbering, compare=False, repr=False)
    waits: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict, compare=False, repr=False)
    """For how many things a measure waits, by the truths of its leaves; the same few come again and again."""

    @property
    def pack(self) -> Pack:
        return self.program.pack

    def scope(self, measure: Measure) -> Scope:
        return self.program.scopes[measure.subject]

    def tree(self, measure: Measure) -> Tree:
        return self.program.trees[measure.id]


def plan_of(pack: Pack, as_of: date) -> Plan:
    """The plan for a pack at a date. Raises InputError for what columns cannot compute exactly."""
    program = compile_pack(pack)
    measures = tuple(m for m in pack.measures if in_force(pack.documents[m.document].document, as_of))
    leaves: dict[str | None, tuple[int, ...]] = {}
    for kind in dict.fromkeys(measure.subject for measure in measures):
        numbers = {n for m in measures if m.subject == kind for n in leaf_numbers(program.trees[m.id])}
        leaves[kind] = tuple(sorted(numbers))
    unit = lcm(FEN, *(_denominator(measure) for measure in measures))
    caps = [group.cap for file in pack.documents.values() for group in file.groups if group.cap is not None]
    unit = lcm(unit, *(Fraction(cap).denominator for cap in caps))
    refused = [finding for measure in measures for finding in _refused(measure, unit)]
    if refused:
        raise InputError(refused)
    plan = Plan(program, as_of, measures, _paths(program, measures), leaves, unit)
    for node in _conditions(program):
        plan.numbering.number_all(node)
    return plan


def with_fields(plan: Plan, paths: Iterable[str]) -> Plan:
    """The plan that reads these fields too, and derives them where the rules do."""
    return replace(plan, paths=plan.paths | _closed(plan.program, set(paths)))


def _conditions(program: Program) -> Iterator[Node]:
    yield from (measure.condition for measure in program.pack.measures)
    yield from (when for stage in program.stages for when, _ in stage.derived.cases)
    for measure in program.pack.measures:
        if isinstance(measure.base, Sum) and measure.base.where is not None:
            yield measure.base.where


def leaf_numbers(tree: Tree) -> Iterator[int]:
    """The leaves of a tree by their number in the circuit, counted from 1."""
    if not tree.children:
        yield abs(tree.literal)
    for child in tree.children:
        yield from leaf_numbers(child)


def _paths(program: Program, measures: tuple[Measure, ...]) -> frozenset[str]:
    wanted = {path for measure in measures for path in fields_of(measure.condition)}
    for measure in measures:
        if measure.subject is not None:
            wanted.add(measure.subject)
        if measure.base is not None:
            wanted.update(operand_fields(measure.base))
        benefit = measure.spec.benefit
        if isinstance(benefit, Proportional) and benefit.per_year is not None:
            wanted.add(benefit.per_year)
    return _closed(program, wanted)


def _closed(program: Program, wanted: set[str]) -> frozenset[str]:
    """Fields with the kinds of record that they lie in, and with all that they are derived from."""
    wanted |= {kind for path in wanted for kind in (path.partition(".")[0],) if kind in program.pack.vocabulary.records}
    # From the last derivation to the first, so that what a fact is derived from is wanted too.
    for stage in reversed(program.stages):
        if stage.derived.field in wanted:
            wanted.update(path for when, _ in stage.derived.cases for path in fields_of(when))
    fields = program.pack.vocabulary.fields
    for path in list(wanted):
        term = fields[path].spec.term if path in fields else None
        if term is not None:
            wanted |= {f"{fields[path].record}.{term.start}", f"{fields[path].record}.{term.by}"}
    return frozenset(wanted)


def _denominator(measure: Measure) -> int:
    """What one yuan has to be divided into so that this measure's amounts are whole."""
    match measure.spec.benefit:
        case Award(amount=amount):
            return Fraction(amount).denominator
        case Tiered(amounts=amounts):
            return lcm(1, *(Fraction(amount).denominator for amount in amounts.values()))
        case Proportional(rate=rate, cap=cap):
            capped = Fraction(cap.amount).denominator if cap else 1
            return lcm(FEN * Fraction(rate).denominator, capped)
    return 1


def _refused(measure: Measure, unit: int) -> Iterator[Finding]:
    benefit, place = measure.spec.benefit, measure.place
    if isinstance(benefit, Proportional):
        most = Fraction(LARGEST["money"], FEN) * benefit.rate * unit
        if most >= 2**127:
            message = f"{measure.id}：比例{benefit.rate}太细，清单评估不能精确计算"
            yield Finding(place.file, place.line, place.column, "columns-too-fine", message)
    amounts: list[Fraction] = []
    match benefit:
        case Award(amount=amount):
            amounts = [Fraction(amount)]
        case Tiered(amounts=tiers):
            amounts = [Fraction(amount) for amount in tiers.values()]
        case Proportional(cap=cap) if cap is not None:
            amounts = [Fraction(cap.amount)]
    if any(amount * unit >= MOST for amount in amounts):
        message = f"{measure.id}：金额太大，清单评估不能精确计算"
        yield Finding(place.file, place.line, place.column, "columns-too-large", message)
