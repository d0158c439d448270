"""The kernel: verdicts and amounts of every measure in force for every enterprise of a slice.

It computes what ``engine.evaluation``, ``engine.assessment`` and ``engine.amounts`` compute for one profile. The
conformance suite holds the two to the same verdicts, the same amounts and the same truths of conditions.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.amounts import is_stated
from engine.columns import bits, planes
from engine.columns.amounts import AmountReader, Amounts
from engine.columns.bits import Bits, MarkBits
from engine.columns.contexts import Context
from engine.columns.derivations import derive, end_terms
from engine.columns.gates import Solved
from engine.columns.leaves import Columns
from engine.columns.plan import Plan
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Flags, Ints, Plane
from engine.columns.slices import COMPLETE, Slice
from engine.pack import Measure


@dataclass(slots=True)
class Outcome:
    """One measure for a slice of so many rows: its verdict (true is eligible, unknown undetermined), what it is worth.

    ``amounts`` None: the document states none. On undetermined rows only the high end counts. ``possible`` is the most
    that the measure could bring once everything open is settled, for totals.
    """

    truth: Bits
    rows: int
    amounts: Amounts | None = None
    possible: Amounts | None = None
    _verdict: Plane | None = None

    @property
    def verdict(self) -> Plane:
        """The verdict row by row, made when it is first asked for: most that is asked is answered by the bits."""
        if self._verdict is None:
            self._verdict = bits.plane(self.truth, self.rows)
        return self._verdict

    def marks(self, verdict: int) -> MarkBits:
        """The rows with this verdict."""
        return bits.marks(self.truth, verdict)


@dataclass(slots=True)
class Result:
    """A slice evaluated. ``solved`` holds the truths of each scope: of the enterprise, of the records of each kind."""

    plan: Plan
    data: Slice
    columns: Columns
    solved: dict[str | None, Solved]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    met: dict[str, MarkBits] = field(default_factory=dict)
    ready: dict[str, MarkBits] = field(default_factory=dict)
    """What ``engine.columns.stated`` has found out, by measure."""
    _rows: dict[tuple[str, int], Ints] = field(default_factory=dict)

    def rows(self, measure: Measure, verdict: int) -> Ints:
        """The enterprises with this verdict."""
        key = measure.id, verdict
        if key not in self._rows:
            self._rows[key] = bits.places(self.outcomes[measure.id].marks(verdict), self.data.rows)
        return self._rows[key]


def evaluate(plan: Plan, data: Slice) -> Result:
    """Evaluate one slice. ``data`` gains the derived columns."""
    program = plan.program
    columns = Columns.of(plan.pack, data, plan.as_of, plan.numbering, program.regions_at(plan.as_of))
    end_terms(columns)
    for stage in program.stages:
        if stage.derived.field in plan.paths:
            derive(stage, columns)
    result = Result(plan, data, columns, {})
    for kind, numbers in plan.leaves.items():
        if kind is None or kind in data.records:
            result.solved[kind] = _solved(plan, kind, numbers, columns, columns.base[kind])
    blanks: dict[str, Solved] = {}
    for measure in plan.measures:
        result.outcomes[measure.id] = _Measured(measure, result, blanks).outcome()
    return result


def _solved(plan: Plan, kind: str | None, numbers: tuple[int, ...], columns: Columns, context: Context) -> Solved:
    scope = plan.program.scopes[kind]
    leaves: list[Bits | None] = [None] * len(scope.leaves)
    for number in numbers:
        leaves[number - 1] = columns.bits(scope.leaves[number - 1], context)
    return Solved(scope.circuit.gates, leaves, context.rows)


@dataclass(slots=True)
class _Measured:
    measure: Measure
    result: Result
    blanks: dict[str, Solved]

    def outcome(self) -> Outcome:
        kind = self.measure.subject
        if kind is None:
            return self._enterprise()
        return self._over_records(kind)

    @property
    def _literal(self) -> int:
        return self.result.plan.tree(self.measure).literal

    def _enterprise(self) -> Outcome:
        outcome = Outcome(self.result.solved[None].bits(self._literal), self.result.data.rows)
        if self._worth_something(outcome):
            context = self.result.columns.base[None]
            outcome.amounts = AmountReader(self.measure, self.result.plan, self.result.columns).amounts(context)
            outcome.possible = outcome.amounts
        return outcome

    def _worth_something(self, outcome: Outcome) -> bool:
        """Whether an amount is stated, and somebody may get it."""
        nobody = isinstance(outcome.truth, int) and outcome.truth == FALSE
        return is_stated(self.measure.spec) and not nobody

    def _over_records(self, kind: str) -> Outcome:
        """Eligible if any record is, else undetermined if any is or one not listed could be (DESIGN 2.15)."""
        data = self.result.data
        if kind not in data.records:
            # Nobody's list is known: whoever is not ruled out is undetermined.
            open_to = self._unlisted(kind)
            return self._paid(kind, Outcome(open_to, data.rows), FALSE, bits.marks(open_to, UNKNOWN))
        more = self._more(kind)
        records = data.records[kind]
        truth = self.result.solved[kind].truth(self._literal)
        if isinstance(truth, int):
            some = np.bincount(records.at, minlength=data.rows) > 0
            eligible, open_ = some & (truth == TRUE), some & (truth == UNKNOWN)
        else:
            eligible = np.bincount(records.at[truth == TRUE], minlength=data.rows) > 0
            open_ = np.bincount(records.at[truth == UNKNOWN], minlength=data.rows) > 0
        verdict = planes.decided(eligible, ~(eligible | open_ | more))
        outcome = Outcome(bits.pair(verdict), data.rows, _verdict=verdict)
        return self._paid(kind, outcome, truth, bits.of_marks(more))

    def _more(self, kind: str) -> Flags:
        """The enterprises of which a record that is not listed could be eligible, for all that is known."""
        data = self.result.data
        open_: Flags = data.records[kind].state != COMPLETE
        if not open_.any():
            return open_
        unlisted = bits.to_marks(bits.marks(self._unlisted(kind), UNKNOWN), data.rows)
        return planes.spread(planes.both(open_, unlisted), data.rows)

    def _unlisted(self, kind: str) -> Bits:
        """Unknown where a record of which nothing is known is not ruled out, else false."""
        columns, plan = self.result.columns, self.result.plan
        if kind not in self.blanks:
            self.blanks[kind] = _solved(plan, kind, plan.leaves[kind], columns, columns.blank(kind))
        return bits.all_of([self.blanks[kind].bits(self._literal), UNKNOWN])

    def _paid(self, kind: str, outcome: Outcome, truth: Plane, more: MarkBits) -> Outcome:
        if self._worth_something(outcome):
            reader = AmountReader(self.measure, self.result.plan, self.result.columns)
            possible = planes.spread(bits.to_marks(more, outcome.rows), outcome.rows)
            outcome.amounts, outcome.possible = reader.over_records(kind, outcome.verdict, truth, possible)
        return outcome
