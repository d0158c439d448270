"""What all measures bring together, per payee (DESIGN 2.14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.assessment import Worth
from engine.determination import Total
from engine.documents import Group
from engine.pack import Pack
from engine.quantities import decimal_string
from engine.spans import Number


def totals(pack: Pack, outcomes: Sequence[Worth]) -> dict[str, Total]:
    """One total for each payee that some measure in force may bring something."""
    result = {}
    for payee in dict.fromkeys(worth.payee for worth in outcomes):
        worths = [worth for worth in outcomes if worth.payee == payee]
        open_ = [worth for worth in worths if worth.verdict in ("eligible", "undetermined")]
        relevant = [worth for worth in open_ if worth.possible is None or worth.possible > 0]
        if relevant:
            result[payee] = _total(pack, relevant)
    return result


def _total(pack: Pack, worths: list[Worth]) -> Total:
    eligible = [worth for worth in worths if worth.verdict == "eligible"]
    high = _sum(pack, eligible, confirmed=True)
    possible = _sum(pack, worths, confirmed=False)
    low = _least(pack, eligible)
    return Total(
        confirmed=(decimal_string(low), None if high is None else decimal_string(high)),
        possible=None if possible is None else decimal_string(possible),
    )


def _least(pack: Pack, eligible: list[Worth]) -> Number:
    """All together where the text allows it; the largest alone where it is silent and may exclude (DESIGN 2.14)."""
    # A joint cap binds even a single one.
    alone = [_grouped(pack, {worth.measure: worth.confirmed[0]}) or 0 for worth in eligible]
    stack = all(pack.documents[worth.document].document.stacking == "allowed" for worth in eligible)
    if stack and len({worth.document for worth in eligible}) <= 1:
        return _grouped(pack, {worth.measure: worth.confirmed[0] for worth in eligible}) or 0
    return max(alone, default=0)


def _sum(pack: Pack, worths: Iterable[Worth], *, confirmed: bool) -> Number | None:
    return _grouped(pack, {w.measure: w.confirmed[1] if confirmed else w.possible for w in worths})


def _grouped(pack: Pack, amounts: dict[str, Number | None]) -> Number | None:
    """The sum under every exclusion, 就高 and joint cap that a text states; None where there is no bound."""
    left = dict(amounts)
    total: Number = 0
    for document in pack.documents.values():
        for group in document.groups:
            members = [left.pop(measure) for measure in group.measures if measure in left]
            part = _one_group(group, members)
            if part is None:
                return None
            total += part
        if document.document.stacking == "exclusive":
            own = [measure.id for measure in pack.measures if measure.document == document.document.id]
            members = [left.pop(measure) for measure in own if measure in left]
            if None in members:
                return None
            total += max((m for m in members if m is not None), default=0)
    for amount in left.values():
        if amount is None:
            return None
        total += amount
    return total


def _one_group(group: Group, members: list[Number | None]) -> Number | None:
    known = [member for member in members if member is not None]
    if group.kind == "joint_cap" and group.cap is not None:
        return group.cap if len(known) < len(members) else min(sum(known, start=0), group.cap)
    return None if len(known) < len(members) else max(known, default=0)
