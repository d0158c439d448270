"""What a change of answers moves: verdicts, amounts and totals before and after.

Pure: two summaries. Those of the self-check are of one pack at one date, made from two profiles; the workbench also
compares summaries of different days and rules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from engine.determination import GroupKey, Result, Total
from web.amounts import confirmed_in_words, payee_label, possible_in_words
from web.summary import Line, Summary

Direction = Literal["better", "worse", "other"]
# Nearer to the benefit first. A document's validity does not depend on answers.
_ORDER: tuple[GroupKey, ...] = ("eligible", "pending", "facts", "ineligible", "not_in_force")


@dataclass(frozen=True, slots=True)
class Move:
    """One measure whose verdict, group, amount or open questions are not what they were."""

    before: Line
    after: Line
    direction: Direction

    @property
    def regrouped(self) -> bool:
        """Whether it stands in another group."""
        return self.before.group != self.after.group

    @property
    def repriced(self) -> bool:
        """Whether it brings another amount."""
        return _price(self.before.result) != _price(self.after.result)


@dataclass(frozen=True, slots=True)
class TotalMove:
    """What one payee gets in all, before and after, in words."""

    label: str
    confirmed: tuple[str, str]
    possible: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Moves:
    """All that moved, in the order of the documents; ``counts`` of each group before and after.

    ``came`` and ``went``: measures that only one of the summaries is about, because the rules are not the same.
    """

    moves: tuple[Move, ...]
    totals: tuple[TotalMove, ...]
    counts: dict[GroupKey, tuple[int, int]]
    came: tuple[Line, ...]
    went: tuple[Line, ...]

    @property
    def verdicts(self) -> list[Move]:
        """Measures that stand in another group or bring another amount."""
        return [move for move in self.moves if move.regrouped or move.repriced]

    @property
    def progress(self) -> list[Move]:
        """Measures that only wait for something else now."""
        return [move for move in self.moves if not move.regrouped and not move.repriced]


NOTHING = Total(confirmed=("0", "0"), possible="0")


def moves(before: Summary, after: Summary) -> Moves:
    """What differs."""
    then = {line.result.measure: line for line in before.lines}
    now = {line.result.measure: line for line in after.lines}
    pairs = [(then[measure], line) for measure, line in now.items() if measure in then]
    return Moves(
        moves=tuple(Move(old, new, _direction(old, new)) for old, new in pairs if _state(old) != _state(new)),
        totals=tuple(_totals(before, after)),
        counts={group: (len(before.of(group)), len(after.of(group))) for group in _ORDER},
        came=tuple(line for measure, line in now.items() if measure not in then),
        went=tuple(line for measure, line in then.items() if measure not in now),
    )


def _state(line: Line) -> object:
    result = line.result
    return line.group, _price(result), result.stated, sorted((w.kind, w.what) for w in result.waiting_for)


def _price(result: Result) -> object:
    return result.amount_range_yuan, result.amount_by_year


def _direction(before: Line, after: Line) -> Direction:
    old, new = _ORDER.index(before.group), _ORDER.index(after.group)
    if old != new:
        return "better" if new < old else "worse"
    then, now = _ends(before.result), _ends(after.result)
    if then == now:
        return "other"
    if all(a <= b for a, b in zip(then, now, strict=True)):
        return "better"
    return "worse" if all(a >= b for a, b in zip(then, now, strict=True)) else "other"


def _ends(result: Result) -> tuple[Fraction | float, Fraction | float]:
    low, high = result.amount_range_yuan or ("0", "0")
    return Fraction(low), math.inf if high is None else Fraction(high)


def _totals(before: Summary, after: Summary) -> list[TotalMove]:
    old, new = before.determination.totals, after.determination.totals
    rows = []
    for payee in dict.fromkeys([*old, *new]):
        pair = old.get(payee, NOTHING), new.get(payee, NOTHING)
        if pair[0] != pair[1]:
            confirmed = confirmed_in_words(pair[0]), confirmed_in_words(pair[1])
            possible = possible_in_words(pair[0]), possible_in_words(pair[1])
            rows.append(TotalMove(payee_label(payee), confirmed, possible))
    return rows
