"""Verdicts and amounts of every measure for one evaluated profile, before anything is put into words.

This is what screening decides; ``engine.screening`` adds reasons and citations to it. The question planner and
other callers that screen thousands of times need no more than this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from engine.amounts import ZERO, Amount, Range, amount_for, is_stated, open_ended, together
from engine.circuit import Solver
from engine.compiler import compile_pack
from engine.determination import Stated, Verdict, Waiting
from engine.documents import Document
from engine.evaluation import Evaluated, Solved, evaluate
from engine.openness import Openness, stated
from engine.operands import Reach
from engine.pack import Measure
from engine.profile import Profile
from engine.program import Program, Tree
from engine.spans import Number
from engine.truth import Truth


@dataclass(frozen=True, slots=True)
class Worth:
    """What totals need of a measure: its verdict and what it brings, certainly and at most."""

    measure: str
    document: str
    payee: str
    verdict: Verdict
    confirmed: Range
    possible: Number | None
    """The most that it could bring once everything open is settled; None: no bound."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the enterprise or one record got of a measure."""

    solved: Solved
    verdict: Verdict
    stated: Stated
    waiting_for: tuple[Waiting, ...]
    amount: Amount | None


@dataclass(frozen=True, slots=True)
class Assessed:
    """One measure's verdict. ``subjects`` is None for an enterprise measure, whose subject is ``best``.

    ``best`` is the subject that explains the verdict, if one does; ``more``: records that are not listed could
    still be eligible.
    """

    measure: Measure
    verdict: Verdict
    stated: Stated
    waiting_for: tuple[Waiting, ...]
    amount: Amount | None
    subjects: tuple[Subject, ...] | None
    best: Subject | None
    more: bool
    worth: Worth


def in_force(document: Document, as_of: date) -> bool:
    """Whether the document is valid at ``as_of``; both ends count."""
    validity = document.validity
    return validity.start <= as_of and (validity.end is None or as_of <= validity.end)


def decide(program: Program, profile: Profile, as_of: date, solver: Solver) -> tuple[Evaluated, list[Assessed]]:
    """Every measure of the pack, in its order; only what is in force is evaluated at all."""
    evaluated = evaluate(live_program(program, as_of), profile, as_of, solver)
    return evaluated, assess(evaluated, program.pack.measures)


def assess(evaluated: Evaluated, measures: Iterable[Measure] | None = None) -> list[Assessed]:
    """These measures (by default all that were evaluated); one that is not in force need not be evaluated."""
    opennesses: dict[int, Openness] = {}
    chosen = evaluated.program.pack.measures if measures is None else measures
    return [_Assessing(measure, evaluated, opennesses).run() for measure in chosen]


def live_program(program: Program, as_of: date) -> Program:
    """The program of the measures in force alone; as many are kept as there are sets of documents in force together."""
    pack = program.pack
    measures = tuple(m for m in pack.measures if in_force(pack.documents[m.document].document, as_of))
    if measures == pack.measures:
        return program
    key = tuple(measure.id for measure in measures)
    if key not in program.live:
        program.live[key] = compile_pack(replace(program.pack, measures=measures))
    return program.live[key]


@dataclass(slots=True)
class _Assessing:
    measure: Measure
    evaluated: Evaluated
    opennesses: dict[int, Openness]
    """By the identity of the solved scope: what conditions wait for is worked out once for all measures."""

    def run(self) -> Assessed:
        """Validity first, then the enterprise or every record (DESIGN 2.1)."""
        document = self.evaluated.program.pack.documents[self.measure.document].document
        if not in_force(document, self.evaluated.facts.as_of):
            return self._assessed("not_in_force", "unknown", (), None, None, None, False)
        if self.measure.subject is not None:
            return self._over_records(self.measure.subject)
        if self.evaluated.enterprise is None:
            raise TypeError("a program with an enterprise measure has an enterprise scope")
        subject = self._subject(self.evaluated.enterprise, {})
        return self._assessed(
            subject.verdict, subject.stated, subject.waiting_for, subject.amount, None, subject, False
        )

    def _subject(self, solved: Solved, reach: Reach, *, paid: bool = True) -> Subject:
        tree, pack = self._tree, self.evaluated.program.pack
        verdict = _verdict(solved.truth(tree))
        amount = None
        if paid and verdict != "ineligible" and is_stated(self.measure.spec):
            amount = amount_for(self.measure, self.evaluated.reader, reach)
        waiting: tuple[Waiting, ...] = ()
        if verdict == "undetermined":
            openness = self.opennesses.setdefault(id(solved), Openness(solved, pack))
            waiting = tuple(dict.fromkeys(openness.waiting(tree)))
        return Subject(solved, verdict, stated(tree, solved, pack), waiting, amount)

    @property
    def _tree(self) -> Tree:
        return self.evaluated.program.trees[self.measure.id]

    def _over_records(self, kind: str) -> Assessed:
        """Eligible if any record is, else undetermined if any is or could be, else ineligible.

        A record that is not listed could be, unless the enterprise's own facts already rule every record out.
        """
        solved = self.evaluated.records.get(kind, [])
        subjects = tuple(self._subject(item, {kind: item.known}) for item in solved)
        blank = self.evaluated.unlisted.get(kind)
        unlisted = self._subject(blank, {kind: blank.known}, paid=False) if blank else None
        more = unlisted is not None and unlisted.verdict != "ineligible"
        verdicts = {subject.verdict for subject in subjects}
        verdict: Verdict = "ineligible"
        if "eligible" in verdicts:
            verdict = "eligible"
        elif "undetermined" in verdicts or more:
            verdict = "undetermined"
        counted = [subject for subject in subjects if subject.verdict == verdict]
        best = min(counted, key=self._closeness) if counted else None if more else unlisted
        rest: Stated = "unknown" if verdict == "undetermined" else "not_met"
        return self._assessed(
            verdict,
            best.stated if best else rest,
            self._waiting(kind, verdict, counted, more),
            self._amount(verdict, counted, more),
            subjects,
            best,
            more,
        )

    def _closeness(self, subject: Subject) -> tuple[int, int]:
        """Of several records with one verdict the one that is explained first: fewest conditions missed, then open."""
        return _missed(self._tree, subject.solved), len(subject.waiting_for)

    def _waiting(self, kind: str, verdict: Verdict, counted: list[Subject], more: bool) -> tuple[Waiting, ...]:
        if verdict != "undetermined":
            return ()
        vocabulary = self.evaluated.program.pack.vocabulary
        name = vocabulary.records[kind].list
        listed = [Waiting(kind="fact", what=name, label=vocabulary.label(name))] if more else []
        return tuple(dict.fromkeys([*listed, *(item for subject in counted for item in subject.waiting_for)]))

    def _amount(self, verdict: Verdict, counted: list[Subject], more: bool) -> Amount | None:
        if verdict == "ineligible" or not is_stated(self.measure.spec):
            return None
        amounts = [subject.amount for subject in counted if subject.amount is not None]
        ended = verdict == "undetermined" and more
        return open_ended(self.measure, amounts) if ended else together(self.measure, amounts)

    def _assessed(
        self,
        verdict: Verdict,
        stated_: Stated,
        waiting: tuple[Waiting, ...],
        amount: Amount | None,
        subjects: tuple[Subject, ...] | None,
        best: Subject | None,
        more: bool,
    ) -> Assessed:
        worth = self._worth(verdict, amount, subjects, more)
        return Assessed(self.measure, verdict, stated_, waiting, amount, subjects, best, more, worth)

    def _worth(
        self, verdict: Verdict, amount: Amount | None, subjects: tuple[Subject, ...] | None, more: bool
    ) -> Worth:
        """Undetermined records beside eligible ones may still bring something."""
        confirmed = amount.range if amount and verdict == "eligible" else ZERO
        possible: Number | None = amount.range[1] if amount else 0
        if amount is not None and verdict == "eligible" and subjects is not None:
            open_ = [s.amount for s in subjects if s.verdict != "ineligible" and s.amount is not None]
            joined = open_ended(self.measure, open_) if more else together(self.measure, open_)
            possible = joined.range[1]
        spec = self.measure.spec
        return Worth(spec.id, self.measure.document, spec.payee, verdict, confirmed, possible)


def _verdict(truth: Truth) -> Verdict:
    return "undetermined" if truth is None else "eligible" if truth else "ineligible"


def _missed(tree: Tree, solved: Solved) -> int:
    """How many conditions stand between a subject and the measure: of alternatives, those of the nearest."""
    if solved.truth(tree) is not False:
        return 0
    parts = [_missed(child, solved) for child in tree.children]
    if tree.kind == "all":
        return sum(parts)
    return min(parts) if tree.kind == "any" else 1
