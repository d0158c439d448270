"""The questionnaire: which question is worth most now, and when nothing that could be answered matters any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from math import log10
from typing import Literal

from engine.amounts import is_stated
from engine.assessment import assess, live_program
from engine.evaluation import Evaluated, evaluate
from engine.profile import Profile
from engine.program import Program
from engine.quantities import format_money
from engine.questions.open_conditions import Asking, OpenConditions, OpenMeasure
from engine.questions.proof import Proofs, View
from engine.questions.ranking import Ranking, Worth
from engine.questions.worlds import Worlds, worlds_of
from engine.reference import ReferenceSolver
from engine.spans import Number

LARGE = 10**8
"""An amount from which a measure counts twice; less counts by its size, as one more digit is one step."""
ENOUGH = 24
"""Worlds that must agree with the answers; answers that few enterprises give are left out of account."""


@dataclass(frozen=True, slots=True)
class Question:
    """``key``: an enterprise field, or the name of a record list; ``fields``: of a list, those that still matter.

    ``measures``: those in force whose verdict it can still move, which is proven of the first. ``assumed``: it is
    offered last, for an assumption holds while nobody says otherwise.
    """

    key: str
    kind: Literal["field", "list"]
    fields: tuple[str, ...]
    measures: tuple[str, ...]
    why: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Remaining:
    """What one measure still waits for once nothing that is asked matters: nobody answers it here.

    ``judgements`` and ``other_policies`` by id; ``unclear``: fields and lists that the user does not know (or knows
    only roughly) and that still bear on it.
    """

    measure: str
    judgements: tuple[str, ...]
    other_policies: tuple[str, ...]
    unclear: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Proven: no field or list that is still unanswered changes a verdict. ``remaining``: what the open ones wait for."""

    decided: tuple[str, ...]
    """Measures in force whose verdict is eligible or ineligible."""
    remaining: tuple[Remaining, ...]
    sharpened: Mapping[str, Literal["eligible", "ineligible"]]
    """Of the remaining those whose verdict is the same however the rest turns out, judgements included."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``answered`` fields and lists (those not known too), about how many questions ``remain``; how many of all
    ``measures`` in force are ``settled``."""

    answered: int
    remain: int
    settled: int
    measures: int


@dataclass(slots=True)
class Plan:
    """All that questionnaires of one program and date share."""

    program: Program
    as_of: date
    asking: Asking
    worlds: Worlds
    proofs: Proofs
    highest: dict[str, Number | None]
    """The most that a measure can bring, by its id, where the document states an amount; None: without a bound."""
    weights: dict[str, float]

    @classmethod
    def of(cls, program: Program, as_of: date) -> Plan:
        """The plan for the measures in force; made once and kept."""
        return _plan(_Made(program, as_of))


@dataclass(frozen=True, slots=True)
class _Made:
    program: Program
    as_of: date

    def __hash__(self) -> int:
        return hash((id(self.program), self.as_of))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Made) and other.program is self.program and other.as_of == self.as_of


@lru_cache(maxsize=16)
def _plan(made: _Made) -> Plan:
    program, as_of = made.program, made.as_of
    live = live_program(program, as_of)
    asking, worlds = Asking(live), worlds_of(live, as_of)
    blank = evaluate(live, Profile({}, {}), as_of, ReferenceSolver())
    assessed = [item for item in assess(blank) if is_stated(item.measure.spec)]
    highest = {item.measure.id: item.worth.possible for item in assessed}
    weights = {measure.id: 1.0 for measure in live.pack.measures}
    weights |= {id: 1.0 + _size(amount) for id, amount in highest.items()}
    return Plan(live, as_of, asking, worlds, Proofs(live, as_of, asking, worlds), highest, weights)


def _size(amount: Number | None) -> float:
    """An amount between 0 and 1, by its digits."""
    return 1.0 if amount is None else min(1.0, log10(1 + float(amount)) / log10(LARGE))


def prepare(program: Program, as_of: date) -> None:
    """Make now what the first questionnaire of a program and date would make: about a second."""
    Plan.of(program, as_of)


class Questionnaire:
    """The questions for one profile at one date; made anew for every answer. ``skipped``: keys answered "不清楚"."""

    def __init__(self, program: Program, profile: Profile, as_of: date, *, skipped: Collection[str] = ()) -> None:
        self.plan = Plan.of(program, as_of)
        self.profile, self.as_of, self.skipped = profile, as_of, frozenset(skipped)
        self._view = View(profile, self.skipped)
        self.evaluated: Evaluated = evaluate(self.plan.program, profile, as_of, ReferenceSolver())
        self._open = OpenConditions(self.plan.asking, profile, self.evaluated, self.skipped)

    def next(self) -> Question | None:
        """The question worth most; None where nothing is left to ask, which is proven."""
        return next(iter(self._questions()), None)

    def ranked(self, limit: int = 5) -> list[Question]:
        """The best ``limit`` questions, the best first; each is proven to matter."""
        found: list[Question] = []
        for question in self._questions():
            if len(found) == limit:
                break
            found.append(question)
        return found

    def settled(self) -> Settled | None:
        """What remains once nothing that could still be answered changes a verdict; None while something does."""
        if next(self._proven(), None) is not None:
            return None
        waiting = {open_.measure.id: open_ for open_ in self._measures}
        ids = [measure.id for measure in self.plan.program.pack.measures]
        remaining = tuple(self._remaining(waiting[id]) for id in ids if id in waiting)
        sure = {id: self.plan.proofs.sharpened(waiting[id], self.evaluated, self._view) for id in ids if id in waiting}
        sharpened = {id: verdict for id, verdict in sure.items() if verdict is not None}
        return Settled(tuple(id for id in ids if id not in waiting), remaining, sharpened)

    def lacking(self, key: str) -> tuple[str, ...]:
        """The record fields of a list that still matter, in the order of the vocabulary: of records not listed yet,
        or of those listed. So a card can be shortened while it is filled in."""
        kind = next(kind for kind in self.plan.program.pack.vocabulary.records.values() if kind.list == key)
        leaves = (leaf for open_ in self._measures for case in open_.cases for leaf in case.leaves if key in leaf.keys)
        named = {path for leaf in leaves for path in leaf.fields}
        return tuple(typed.path for typed in kind.fields.values() if typed.path in named)

    @cached_property
    def progress(self) -> Progress:
        """How far the questionnaire is."""
        answered = len(self.profile.values) + len(self.profile.lists) + len(self.skipped)
        total = len(self.plan.program.pack.measures)
        if next(self._proven(), None) is None:
            return Progress(answered, 0, total, total)
        closed = sum(not open_.keys for open_ in self._measures)
        remain = max(1, round(self._ranking.expected))
        return Progress(answered, remain, total - len(self._measures) + closed, total)

    # Open measures and their order

    @cached_property
    def _measures(self) -> list[OpenMeasure]:
        return self._open.measures()

    @cached_property
    def _ranking(self) -> Ranking:
        asked = [open_ for open_ in self._measures if open_.keys]
        return Ranking.of(self.plan.worlds, asked, self.plan.weights, self._alike())

    def _alike(self) -> int:
        """The worlds in which conditions on the enterprise are as the answers have made them, as far as there are any."""
        worlds = self.plan.worlds
        among = worlds.all
        solved = self.evaluated.enterprise
        if solved is None:
            return among
        for leaf, truth in zip(solved.scope.leaves, solved.truths, strict=False):
            if truth is not None:
                true, false = worlds.shared.get(id(leaf), (0, 0))
                fewer = among & (true if truth else false)
                if fewer.bit_count() >= ENOUGH:
                    among = fewer
        return among

    # Proofs

    def _questions(self) -> Iterator[Question]:
        found = False
        for worth, proven in self._proven():
            found = True
            yield self._question(worth.key, proven)
        if not found:
            yield from self._assumptions()

    def _proven(self) -> Iterator[tuple[Worth, OpenMeasure]]:
        """The questions in their order, each with a measure that it surely moves."""
        settled = True
        for worth in self._ranking.order:
            touched = [open_ for open_ in self._measures if worth.key in open_.keys]
            proven = next((open_ for open_ in touched if self._moves(open_, worth.key)), None)
            if proven is not None:
                settled = False
                yield worth, proven
        if settled:
            yield from self._together()

    def _together(self) -> Iterator[tuple[Worth, OpenMeasure]]:
        """Where no answer alone moves anything: a question whose answer moves a measure together with others."""
        for open_ in self._measures:
            if open_.keys and self.plan.proofs.is_open(open_, self.evaluated, self._view):
                yield next(worth for worth in self._ranking.order if worth.key in open_.keys), open_

    def _moves(self, open_: OpenMeasure, key: str) -> bool:
        return self.plan.proofs.moves(open_, key, self.evaluated, self._view)

    def _assumptions(self) -> Iterator[Question]:
        """Fields that measures took for granted, which an answer could still undo."""
        for key, assumed in self._open.assumed().items():
            ids = [
                id
                for id in assumed.measures
                if self.plan.proofs.undoes(self.plan.program.pack.measure(id), key, self.evaluated, self._view)
            ]
            if ids:
                yield Question(key, assumed.kind, assumed.fields, tuple(ids), f"目前按前提处理，{self._why(ids)}", True)

    # Words

    def _question(self, key: str, proven: OpenMeasure) -> Question:
        touched = [open_ for open_ in self._measures if key in open_.keys]
        ids = [proven.measure.id, *(open_.measure.id for open_ in touched if open_ is not proven)]
        if key in self.plan.program.pack.vocabulary.fields:
            return Question(key, "field", (key,), tuple(ids), self._why(ids))
        return Question(key, "list", self.lacking(key), tuple(ids), self._why(ids))

    def _why(self, ids: list[str]) -> str:
        amounts = [amount for id in ids if (amount := self.plan.highest.get(id)) is not None]
        largest = f"，其中一项最高{format_money(max(amounts))}" if amounts else ""
        return f"影响 {len(ids)} 项措施{largest}"

    def _remaining(self, open_: OpenMeasure) -> Remaining:
        waiting = {item.what: item.kind for item in assess(self.evaluated, [open_.measure])[0].waiting_for}
        return Remaining(
            open_.measure.id,
            tuple(what for what, kind in waiting.items() if kind == "judgement"),
            tuple(what for what, kind in waiting.items() if kind == "other_policy"),
            tuple(what for what, kind in waiting.items() if kind == "fact"),
        )
