"""Derived facts on columns: the few distinct combinations of inputs are derived by ``engine.facts``, one by one.

So narrowing, widening and contradiction mean for a list what they mean for a profile (DESIGN 2.19).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from math import prod

import numpy as np

from engine.columns.gates import Solved
from engine.columns.leaves import Columns
from engine.columns.planes import Flags, Ints, Plane
from engine.columns.slices import Records
from engine.columns.vectors import EPOCH, Bounds, Clash, Coded, Column, Known, combinations, first_known, mixed, settled
from engine.documents import Provenance
from engine.evaluation import first_possible
from engine.facts import Known as Facts
from engine.facts import later, term_of
from engine.program import Stage
from engine.truth import Truth
from engine.vocabulary import Vocabulary

_TRUTHS: tuple[Truth, ...] = (False, None, True)
_FEW = 4096
"""Possible combinations that are told by number alone; of more, those that occur are looked for."""


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
    leaves = [columns.bits(leaf, context) for leaf in stage.scope.leaves]
    solved = Solved(stage.scope.circuit.gates, leaves, context.rows)
    truths = [solved.truth(tree.literal) for tree in stage.cases]
    holder = columns.data.columns if derived.record is None else columns.data.records[derived.record].columns
    stated = holder.get(derived.field)

    codes = columns.pack.vocabulary.fields[derived.field].type in ("division", "industry")

    def value(given: Known, cases: Sequence[Truth]) -> Known:
        return _derived(stage, given, cases, codes)

    holder[derived.field] = _combined(_coded(stated, context.rows), truths, value)


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


def _combined(stated: Coded, truths: Sequence[Plane], value: Callable[[Known, Sequence[Truth]], Known]) -> Coded:
    """A value for each row from what is stated and the truths, computed once for each combination that occurs."""
    cases = [_TRUTHS[truth] if isinstance(truth, int) else None for truth in truths]
    varied = [(number, truth) for number, truth in enumerate(truths) if not isinstance(truth, int)]
    if not varied:
        # The truths are the same for every row, so a value follows from the stated one alone.
        return Coded.of([value(given, cases) for given in stated.values], stated.codes)
    inputs = [(stated.codes, len(stated.values)), *((truth, len(_TRUTHS)) for _, truth in varied)]
    size = prod(count for _, count in inputs)
    if size > _FEW:
        first, codes = combinations(inputs, stated.rows)
        found = [[int(own[row]) for own, _ in inputs] for row in first.tolist()]
        numbers = list(range(len(found)))
    else:
        codes = mixed(inputs, stated.rows)
        numbers = np.flatnonzero(np.bincount(codes, minlength=size)).tolist()
        found = [_digits(number, [count for _, count in inputs]) for number in numbers]
    results: list[Known] = [None] * (max(numbers, default=-1) + 1)
    for number, (code, *others) in zip(numbers, found, strict=True):
        for (place, _), truth in zip(varied, others, strict=True):
            cases[place] = _TRUTHS[truth]
        results[number] = value(stated.values[code], cases)
    return Coded.of(results, codes)


def _digits(number: int, counts: Sequence[int]) -> list[int]:
    """The codes that ``mixed`` made a number of."""
    codes = []
    for count in reversed(counts):
        number, code = divmod(number, count)
        codes.append(code)
    return codes[::-1]


def _coded(column: Column | None, rows: int) -> Coded:
    if column is None:
        return Coded(np.zeros(rows, np.uint8), (None,))
    return column.coded() if isinstance(column, Bounds) else column
