"""Derived facts on columns: the few distinct combinations of inputs are derived by ``engine.facts``, one by one.

So narrowing, widening and contradiction mean for a list what they mean for a profile (DESIGN 2.19).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from engine.columns import planes
from engine.columns.leaves import Columns
from engine.columns.planes import Flags, Ints, Plane
from engine.columns.slices import Records
from engine.columns.vectors import EPOCH, Bounds, Clash, Coded, Column, Known, combinations, first_known, settled
from engine.documents import Provenance
from engine.evaluation import first_possible
from engine.facts import Known as Facts
from engine.facts import later, term_of
from engine.program import Stage
from engine.truth import Truth
from engine.vocabulary import Vocabulary

_TRUTHS: tuple[Truth, ...] = (False, None, True)


def end_terms(columns: Columns) -> None:
    """End dates that follow from a start date and the term of an option, where no end is stated."""
    vocabulary = columns.pack.vocabulary
    for kind, records in columns.data.records.items():
        for name, typed in vocabulary.records[kind].fields.items():
            if typed.spec.term is not None:
                _ended(kind, name, records, vocabulary)


def _ended(kind: str, name: str, records: Records, vocabulary: Vocabulary) -> None:
    """What ``engine.facts`` does for one record, for those of a kind: each distinct day is counted on once."""
    typed = vocabulary.records[kind].fields[name]
    if typed.spec.term is None:
        return
    by_path = f"{kind}.{typed.spec.term.by}"
    start, by = records.columns.get(f"{kind}.{typed.spec.term.start}"), records.columns.get(by_path)
    stated = records.columns.get(f"{kind}.{name}")
    if start is None or by is None:
        return
    if not isinstance(start, Bounds) or not isinstance(by, Coded) or isinstance(stated, Coded):
        raise TypeError("a term counts from a date, by an option")
    options = vocabulary.fields[by_path].options
    given = [term_of(value, options) if isinstance(value, frozenset) else None for value in by.values]
    years = np.asarray([-1 if term is None else term for term in given], np.int64).take(by.codes)
    unknown = years < 0 if start.unknown is None else (years < 0) | start.unknown
    low = _days_later(start.low, years, unknown)
    high = low if start.high is start.low else _days_later(start.high, years, unknown)
    ends = Bounds(low, high, start.grid, unknown, start.no_low, start.no_high, dates=True)
    records.columns[f"{kind}.{name}"] = ends if stated is None else first_known(stated, ends)


def _days_later(days: Ints, years: Ints, unknown: Flags) -> Ints:
    result = np.zeros(len(days), np.int64)
    for term in np.unique(years[~unknown]).tolist():
        rows = np.flatnonzero((years == term) & ~unknown)
        distinct, inverse = np.unique(days.take(rows), return_inverse=True)
        ends = [later(EPOCH + timedelta(days=day), term) for day in distinct.tolist()]
        result[rows] = np.asarray([(day - EPOCH).days for day in ends if day is not None], np.int64).take(inverse)
    return result


def derive(stage: Stage, columns: Columns) -> None:
    """Add the stage's values to the enterprise's columns, or to those of the records."""
    derived = stage.derived
    context = columns.base.get(derived.record)
    if context is None:
        return
    leaves = [columns.leaf(leaf, context) for leaf in stage.scope.leaves]
    solved = Solved(stage.scope.circuit.gates, leaves)
    truths = [solved.truth(tree.literal) for tree in stage.cases]
    holder = columns.data.columns if derived.record is None else columns.data.records[derived.record].columns
    stated = holder.get(derived.field)

    codes = columns.pack.vocabulary.fields[derived.field].type in ("division", "industry")

    def value(values: Sequence[Known], cases: Sequence[Truth]) -> Known:
        return _derived(stage, values[0], cases, codes)

    found = _combined([_coded(stated, context.rows)], [planes.full(t, context.rows) for t in truths], value)
    holder[derived.field] = found


def _derived(stage: Stage, given: Known, truths: Sequence[Truth], codes: bool) -> Known:
    derived, stated = stage.derived, settled(given)
    facts = Facts(None, {} if stated is None else {derived.field: stated})
    value = first_possible(stage, list(truths))
    if value is not None:
        facts.derive(derived.field, value, "", Provenance(title=""), codes=codes)
    how = facts.derivations.get(derived.field)
    if how is None:
        return given
    both = facts.values[derived.field]
    return Clash(how.stated, how.derived, both) if how.conflict and how.stated is not None else both


def _combined(
    columns: Sequence[Coded],
    truths: Sequence[planes.Bytes],
    value: Callable[[Sequence[Known], Sequence[Truth]], Known],
) -> Coded:
    """A value for each row from its inputs, computed once for each combination of them that occurs."""
    rows = columns[0].rows
    inputs: list[tuple[Any, Any]] = [(column.codes, column.values) for column in columns]
    inputs += [(plane, _TRUTHS) for plane in truths]
    first, inverse = combinations([(codes, len(values)) for codes, values in inputs], rows)
    count = len(columns)
    results = []
    for row in first.tolist():
        given = [values[int(codes[row])] for codes, values in inputs]
        results.append(value(given[:count], given[count:]))
    return Coded.of(results, inverse)


def _coded(column: Column | None, rows: int) -> Coded:
    if column is None:
        return Coded(np.zeros(rows, np.uint8), (None,))
    return column.coded() if isinstance(column, Bounds) else column


class Solved:
    """A circuit's nodes on columns, each computed when first asked for."""

    __slots__ = ("_gates", "_negated", "_nodes", "leaves")

    def __init__(self, gates: Sequence[Any], leaves: Sequence[Plane | None]) -> None:
        self._gates = gates
        self.leaves = leaves
        self._nodes: dict[int, Plane] = {}
        self._negated: dict[int, Plane] = {}

    def truth(self, literal: int) -> Plane:
        """The truth of a literal."""
        if literal < 0:
            if literal not in self._negated:
                self._negated[literal] = planes.negated(self.truth(-literal))
            return self._negated[literal]
        if literal <= len(self.leaves):
            plane = self.leaves[literal - 1]
            if plane is None:
                raise TypeError("a leaf that a wanted node reads was not tested")
            return plane
        if literal not in self._nodes:
            self._nodes[literal] = self._joined(self._gates[literal - len(self.leaves) - 1])
        return self._nodes[literal]

    def _joined(self, gate: Any) -> Plane:
        join, final = (planes.all_of, planes.FALSE) if gate.kind == "all" else (planes.any_of, planes.TRUE)
        # Leaves come before gates: where one of them settles it for every row, nothing else is joined or computed.
        known = [self.truth(item) for item in gate.inputs if abs(item) <= len(self.leaves)]
        if any(isinstance(plane, int) and plane == final for plane in known):
            return final
        rest = [self.truth(item) for item in gate.inputs if abs(item) > len(self.leaves)]
        return join(sorted([*known, *rest], key=_size))


def _size(plane: Plane) -> int:
    """One truth for all rows comes first when planes are joined."""
    return 0 if isinstance(plane, int) else 1
