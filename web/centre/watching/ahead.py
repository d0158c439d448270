"""What a profile comes to on a day, until when that stays so, and what will be lost in the time after it. Pure.

Only turning days are evaluated: between them nothing changes (``engine.turning_days``), so the last day of anything is
found exactly. What ends with its document is told once for all by the document, not enterprise by enterprise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from engine.diagnostics import InputError
from engine.profile import Profile, profile_of
from engine.program import Program
from engine.turning_days import TurningDays
from web.centre.keeping import Head
from web.centre.outcomes import LETTERS, Outcome
from web.centre.watching.evaluating import Evaluated, Evaluator

DAY = timedelta(days=1)
OVER = LETTERS["not_in_force"]
STANDS_WELL = LETTERS["eligible"] + LETTERS["pending"]
"""The letters that can be lost, the better one first."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A measure that stands well up to ``last_day`` and then becomes ``after``; ``why`` names what decides it then."""

    measure: str
    before: str
    after: str
    last_day: date
    why: str


@dataclass(frozen=True, slots=True)
class Look:
    """``outcome`` and ``head`` hold from the day asked for to ``until``, which is the end of the look where nothing turns before.
    ``losses`` are of the whole look, in the order of their days."""

    outcome: Outcome
    head: Head
    until: date
    losses: tuple[Loss, ...]


def is_lost(before: str, after: str) -> bool:
    """Whether a measure that stands well stands less well."""
    return before in STANDS_WELL and (after not in STANDS_WELL or STANDS_WELL.index(after) > STANDS_WELL.index(before))


class Ahead:
    """Looks ahead by one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._turning = TurningDays(program)
        self._evaluator = Evaluator(program)

    def look(self, told: Sequence[Mapping[str, Any]], day: date, to: date) -> list[Look | None]:
        """Each profile (with the findings that count) on ``day``, looked at up to ``to``; None where the rules cannot read it."""
        read = [self._read(data) for data in told]
        scene = _Scene(self._program, self._evaluator, day, to, [(p, data) for p, data in zip(read, told, strict=True) if p])
        scene.run(self._turning)
        found = iter(scene.looks())
        return [next(found) if profile else None for profile in read]

    def _read(self, data: Mapping[str, Any]) -> Profile | None:
        pack = self._program.pack
        try:
            return profile_of(data, pack.vocabulary, pack.tables)
        except InputError:
            return None


@dataclass(slots=True)
class _One:
    """A profile under way: what it comes to on the first day, and what of it is not lost yet."""

    profile: Profile
    data: Mapping[str, Any]
    outcome: Outcome
    head: Head
    until: date | None = None
    well: dict[str, str] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)


@dataclass(slots=True)
class _Scene:
    program: Program
    evaluator: Evaluator
    day: date
    to: date
    pairs: list[tuple[Profile, Mapping[str, Any]]]
    ones: list[_One] = field(default_factory=list)

    def run(self, turning: TurningDays) -> None:
        first = self._on(self.day, self.pairs)
        measures = [measure.id for measure in self.program.pack.measures]
        days: dict[date, list[_One]] = {}
        for (profile, data), outcome, head in zip(self.pairs, first.outcomes, first.heads, strict=True):
            one = _One(profile, data, outcome, head)
            one.well = {id: letter for id, letter in zip(measures, outcome.verdicts, strict=True) if letter in STANDS_WELL}
            self.ones.append(one)
            for day in turning.between(profile, self.day, self.to):
                days.setdefault(day, []).append(one)
        for day in sorted(days):
            # Who has nothing left to lose, and is known to have changed, is done.
            open_ = [one for one in days[day] if one.well or one.until is None]
            if open_:
                self._turn(day, open_)

    def looks(self) -> list[Look]:
        return [Look(one.outcome, one.head, one.until or self.to, tuple(one.losses)) for one in self.ones]

    def _on(self, day: date, pairs: Sequence[tuple[Profile, Mapping[str, Any]]]) -> Evaluated:
        return self.evaluator.on(day, [profile for profile, _ in pairs], [data for _, data in pairs])

    def _turn(self, day: date, ones: Sequence[_One]) -> None:
        found = self._on(day, [(one.profile, one.data) for one in ones])
        lost: dict[tuple[str, str], list[int]] = {}
        for row, (one, outcome, head) in enumerate(zip(ones, found.outcomes, found.heads, strict=True)):
            # A size that follows from last year's figures goes at New Year, though no verdict may turn on it.
            if one.until is None and (outcome, head) != (one.outcome, one.head):
                one.until = day - DAY
            for measure, after in zip(self.program.pack.measures, outcome.verdicts, strict=True):
                if measure.id in one.well and is_lost(one.well[measure.id], after):
                    if after == OVER:
                        del one.well[measure.id]
                    else:
                        lost.setdefault((measure.id, after), []).append(row)
        for (id, after), rows in lost.items():
            for row, why in zip(rows, found.why(self.program.pack.measure(id), rows), strict=True):
                ones[row].losses.append(Loss(id, ones[row].well.pop(id), after, day - DAY, why))
