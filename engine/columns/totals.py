"""What all measures bring each enterprise, per payee: ``engine.totals`` on columns (DESIGN 2.14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.columns import planes
from engine.columns.arithmetic import Exact, either, plus
from engine.columns.kernel import Result
from engine.columns.planes import FALSE, TRUE, Flags
from engine.documents import Group
from engine.pack import Measure, Pack


@dataclass(frozen=True, slots=True)
class Total:
    """Per enterprise, in units: confirmed between ``low`` and ``high``, at most ``possible``; ``high_endless`` and
    ``endless`` mark where those two have no bound (the number there means nothing).

    ``relevant`` marks the enterprises for which some measure may bring the payee something.
    """

    payee: str
    relevant: Flags
    low: Exact
    high: Exact
    high_endless: Flags | None
    possible: Exact
    endless: Flags | None


@dataclass(frozen=True, slots=True)
class _Worth:
    measure: Measure
    eligible: Flags
    low: Exact
    high: Exact
    high_endless: Flags | None
    possible: Exact
    endless: Flags | None


_Highs = dict[str, tuple[Exact, Flags | None]]


def totals(result: Result) -> Iterator[Total]:
    """A total for each payee whose measures state amounts."""
    pack, rows, unit = result.plan.pack, result.data.rows, result.plan.unit
    for payee in dict.fromkeys(measure.spec.payee for measure in result.plan.measures):
        own = [m for m in result.plan.measures if m.spec.payee == payee]
        worths = [worth for measure in own if (worth := _worth(measure, result)) is not None]
        if not worths:
            continue
        relevant = np.zeros(rows, np.bool_)
        for worth in worths:
            relevant |= _some(worth)
        high, high_endless = _grouped(pack, {w.measure.id: (w.high, w.high_endless) for w in worths}, rows, unit)
        possible, endless = _grouped(pack, {w.measure.id: (w.possible, w.endless) for w in worths}, rows, unit)
        low = _least(pack, worths, rows, unit)
        yield Total(payee, relevant, low, high, high_endless, possible, endless)


def _some(worth: _Worth) -> Flags:
    more: Flags = worth.possible > 0
    return more if worth.endless is None else more | worth.endless


def _worth(measure: Measure, result: Result) -> _Worth | None:
    """Zero where the measure is not eligible, or where it can bring nothing."""
    outcome, rows = result.outcomes[measure.id], result.data.rows
    if outcome.amounts is None or outcome.possible is None:
        return None
    verdict = planes.full(outcome.verdict, rows)
    eligible, open_ = verdict == TRUE, verdict != FALSE

    def of(numbers: Exact, endless: Flags | None, where: Flags) -> tuple[Exact, Flags | None]:
        marked = None if endless is None else endless & where
        # An end without a bound holds no number that means anything.
        counted = where if marked is None else where & ~marked
        return np.where(counted, numbers, 0), marked

    high, high_endless = of(outcome.amounts.high, outcome.amounts.endless, eligible)
    possible, endless = of(outcome.possible.high, outcome.possible.endless, open_)
    low = np.where(eligible, outcome.amounts.low, 0)
    return _Worth(measure, eligible, low, high, high_endless, possible, endless)


def _least(pack: Pack, worths: list[_Worth], rows: int, unit: int) -> Exact:
    """All together where the text allows it; the largest alone where it is silent and may exclude."""
    alone: Exact = np.zeros(rows, np.int64)
    for worth in worths:
        alone = np.maximum(alone, _grouped(pack, {worth.measure.id: (worth.low, None)}, rows, unit)[0])
    if not any(file.document.stacking == "allowed" for file in pack.documents.values()):
        return alone
    together = np.ones(rows, np.bool_)
    documents = np.zeros(rows, np.int64)
    for document in pack.documents:
        counted = np.zeros(rows, np.bool_)
        for worth in worths:
            if worth.measure.document == document:
                counted |= worth.eligible & _some(worth)
        documents += counted
        if pack.documents[document].document.stacking != "allowed":
            together &= ~counted
    summed = _grouped(pack, {worth.measure.id: (worth.low, None) for worth in worths}, rows, unit)[0]
    return np.where(together & (documents <= 1), summed, alone)


def _grouped(pack: Pack, amounts: _Highs, rows: int, unit: int) -> tuple[Exact, Flags | None]:
    """The sum under every exclusion, 就高 and joint cap that a text states."""
    left = dict(amounts)
    total: Exact = np.zeros(rows, np.int64)
    endless: Flags | None = None

    def add(part: Exact, over: Flags | None) -> None:
        nonlocal total, endless
        total, endless = plus(total, part), either(endless, over)

    for document in pack.documents.values():
        for group in document.groups:
            members = [left.pop(measure) for measure in group.measures if measure in left]
            if members:
                add(*_one_group(group, members, unit))
        if document.document.stacking == "exclusive":
            own = [measure.id for measure in pack.measures if measure.document == document.document.id]
            members = [left.pop(measure) for measure in own if measure in left]
            if members:
                add(*_highest(members))
    for part, over in left.values():
        add(part, over)
    return total, endless


def _one_group(group: Group, members: list[tuple[Exact, Flags | None]], unit: int) -> tuple[Exact, Flags | None]:
    if group.kind != "joint_cap" or group.cap is None:
        return _highest(members)
    cap = int(Fraction(group.cap) * unit)
    part = members[0][0]
    for other, _ in members[1:]:
        part = plus(part, other)
    part = np.minimum(part, cap)
    over = either(*(flag for _, flag in members))
    return (part if over is None else np.where(over, cap, part)), None


def _highest(members: list[tuple[Exact, Flags | None]]) -> tuple[Exact, Flags | None]:
    part = members[0][0]
    for other, _ in members[1:]:
        part = np.maximum(part, other)
    return part, either(*(over for _, over in members))
