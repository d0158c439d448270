"""What a screening decided, packed: a letter for each measure, and the amounts that matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.assessment import Assessed
from engine.determination import GroupKey, Result, group_of
from engine.quantities import decimal_string

LETTERS: dict[GroupKey, str] = {
    "eligible": "E",
    "pending": "P",
    "facts": "F",
    "ineligible": "N",
    "not_in_force": "X",
}
GROUP_OF: dict[str, GroupKey] = {letter: group for group, letter in LETTERS.items()}
UNBOUNDED = 2**62
"""Sorts above every amount."""

Amounts = dict[str, tuple[str, str | None]]
Awaiting = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """``verdicts``: a letter a measure, in the pack's order; ``amounts``: [low, high] in yuan of what is eligible or
    pending and has a stated amount; ``awaiting``: the judgements that a pending measure waits for."""

    verdicts: str
    amounts: Amounts
    awaiting: Awaiting


def outcome_of(assessed: Iterable[Assessed]) -> Outcome:
    """The outcome of a screening."""
    letters, amounts, awaiting = [], Amounts(), Awaiting()
    for item in assessed:
        group = group_of(item)
        letters.append(LETTERS[group])
        if group == "pending":
            wanted = dict.fromkeys(part.what for part in item.waiting_for if part.kind == "judgement")
            awaiting[item.measure.id] = list(wanted)
        if item.amount is not None and group in ("eligible", "pending"):
            low, high = item.amount.range
            amounts[item.measure.id] = (
                decimal_string(low if group == "eligible" else 0),
                None if high is None else decimal_string(high),
            )
    return Outcome("".join(letters), amounts, awaiting)


def outcome_of_results(results: Iterable[Result]) -> Outcome:
    """The same outcome, read off a determination in words."""
    letters, amounts, awaiting = [], Amounts(), Awaiting()
    for item in results:
        group = group_of(item)
        letters.append(LETTERS[group])
        if group == "pending":
            awaiting[item.measure] = list(dict.fromkeys(item.judgements))
        if item.amount_range_yuan is not None and group in ("eligible", "pending"):
            amounts[item.measure] = item.amount_range_yuan
    return Outcome("".join(letters), amounts, awaiting)


def sort_of(ends: Sequence[str | None] | None) -> int:
    """The upper end in whole yuan; -1 without a stated amount."""
    if ends is None:
        return -1
    return UNBOUNDED if ends[1] is None else int(Fraction(ends[1]))
