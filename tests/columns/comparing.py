"""Holds columns to the reference: the same verdicts, amounts, totals, stated parts and truths of conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from engine import Pack
from engine.assessment import Assessed, assess
from engine.columns import planes
from engine.columns.cells import CellReader
from engine.columns.kernel import Result, evaluate
from engine.columns.of_profiles import raw_slice
from engine.columns.plan import Plan, plan_of
from engine.columns.slices import Encoder
from engine.columns.stated import met, ready
from engine.columns.totals import totals as column_totals
from engine.compiler import compile_pack
from engine.determination import group_of
from engine.diagnostics import InputError
from engine.evaluation import Evaluated
from engine.evaluation import evaluate as evaluate_one
from engine.profile import Profile, profile_of
from engine.reference import ReferenceSolver
from engine.totals import totals

SOLVER = ReferenceSolver()
VERDICTS = {"eligible": planes.TRUE, "undetermined": planes.UNKNOWN, "ineligible": planes.FALSE}


def readable(data: Mapping[str, Any], pack: Pack) -> Profile | None:
    """The profile, or None where some random answer makes no sense."""
    try:
        return profile_of(data, pack.vocabulary, pack.tables)
    except InputError:
        return None


def evaluated(profiles: Sequence[Mapping[str, Any]], pack: Pack, as_of: date) -> Result:
    """The profiles as one slice through columns; no cell is rejected."""
    plan = plan_of(pack, as_of)
    encoder = Encoder(pack.vocabulary, CellReader(pack.tables), plan.paths, as_of)
    data = encoder.slice(raw_slice(profiles, pack.vocabulary))
    assert data.rejects == []
    return evaluate(plan, data)


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of a slice in the terms of the reference."""

    result: Result
    row: int

    def differences(self, one: Evaluated, found: Sequence[Assessed]) -> list[str]:
        """What columns say otherwise than the reference, which ``found`` this."""
        in_force = [item for item in found if item.verdict != "not_in_force"]
        assert [item.measure.id for item in in_force] == list(self.result.outcomes)
        return [
            *(text for item in in_force for text in self._measure(item)),
            *self._totals(found),
            *self._truths(one),
        ]

    def _measure(self, item: Assessed) -> list[str]:
        outcome, plan = self.result.outcomes[item.measure.id], self.result.plan
        verdict = int(planes.full(outcome.verdict, self.result.data.rows)[self.row])
        if verdict != VERDICTS[item.verdict]:
            return [f"{item.measure.id}: {item.verdict}, columns {verdict}"]
        problems = []
        if item.verdict == "undetermined":
            said = bool(met(item.measure, self.result)[self.row])
            if said != (item.stated == "met"):
                problems.append(f"{item.measure.id}: stated {item.stated}, columns {said}")
            shown = "pending" if ready(item.measure, self.result)[self.row] else "facts"
            if shown != group_of(item):
                problems.append(f"{item.measure.id}: group {group_of(item)}, columns {shown}")
        if item.amount is not None:
            amounts, possible = outcome.amounts, outcome.possible
            assert amounts is not None and possible is not None
            low, high = self._yuan(amounts.low, plan), self._high(amounts, plan)
            wanted = item.amount.range
            if (item.verdict == "eligible" and low != wanted[0]) or high != wanted[1]:
                problems.append(f"{item.measure.id}: {wanted}, columns {(low, high)}")
            if item.amount.by_year is not None:
                assert amounts.by_year is not None
                given = {
                    year: ends
                    for year, each in amounts.by_year.items()
                    if (ends := (self._yuan(each.low, plan), self._high(each, plan))) != (0, 0)
                }
                if given != dict(item.amount.by_year):
                    problems.append(f"{item.measure.id}: by year {item.amount.by_year}, columns {given}")
            if self._high(possible, plan) != item.worth.possible:
                problems.append(f"{item.measure.id}: possible {item.worth.possible}")
        return problems

    def _yuan(self, numbers: Any, plan: Plan) -> Fraction:
        return Fraction(int(numbers[self.row]), plan.unit)

    def _high(self, amounts: Any, plan: Plan) -> Fraction | None:
        endless = amounts.endless is not None and bool(amounts.endless[self.row])
        return None if endless else self._yuan(amounts.high, plan)

    def _totals(self, found: Sequence[Assessed]) -> list[str]:
        plan = self.result.plan
        wanted = {
            payee: (
                Fraction(t.confirmed[0]),
                None if t.confirmed[1] is None else Fraction(t.confirmed[1]),
                None if t.possible is None else Fraction(t.possible),
            )
            for payee, t in totals(plan.pack, [item.worth for item in found]).items()
        }
        given = {}
        for total in column_totals(self.result):
            if total.relevant[self.row]:
                endless = total.endless is not None and bool(total.endless[self.row])
                most = None if endless else self._yuan(total.possible, plan)
                unbounded = total.high_endless is not None and bool(total.high_endless[self.row])
                high = None if unbounded else self._yuan(total.high, plan)
                given[total.payee] = self._yuan(total.low, plan), high, most
        return [] if given == wanted else [f"totals: {wanted}, columns {given}"]

    def _truths(self, one: Evaluated) -> list[str]:
        """The conditions of the enterprise and of its records, one by one."""
        problems = []
        for kind, solved in self.result.solved.items():
            rows: list[tuple[int, Any]] = []
            if kind is None and one.enterprise is not None:
                rows = [(self.row, one.enterprise)]
            elif kind is not None:
                start = int(self.result.data.records[kind].start[self.row])
                rows = [(start + number, item) for number, item in enumerate(one.records.get(kind, ()))]
            for number in self.result.plan.leaves[kind]:
                plane = solved.truth(number)
                for row, item in rows:
                    given = plane if isinstance(plane, int) else int(plane[row])
                    if given != planes.of_truth(item.truths[number - 1]):
                        leaf = self.result.plan.program.scopes[kind].leaves[number - 1]
                        problems.append(f"{kind}: {leaf}, columns {given}")
        return problems


def differences(profiles: Sequence[Mapping[str, Any]], pack: Pack, as_of: date) -> tuple[list[str], Counter[str]]:
    """What columns say otherwise than the reference of any profile, and the verdicts that came up."""
    program = compile_pack(pack)
    pairs = [(data, profile) for data in profiles if (profile := readable(data, pack)) is not None]
    result = evaluated([data for data, _ in pairs], pack, as_of)
    problems: list[str] = []
    verdicts: Counter[str] = Counter()
    for row, (_, profile) in enumerate(pairs):
        one = evaluate_one(program, profile, as_of, SOLVER)
        found = assess(one)
        verdicts.update(item.verdict for item in found)
        problems += [f"{row}: {text}" for text in Seen(result, row).differences(one, found)]
    return problems, verdicts
