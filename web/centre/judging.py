"""Deciding: a finding, a second person's word on it, a withdrawal. Nothing is ever changed; every word is a further row.

Each of these runs in a ``writing`` session of its caller, which is alone with the database. It is told what its author had
``seen``; where somebody wrote in between, it raises ``Moved`` and nothing is kept. Where what counts has changed, the
enterprise is determined anew in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.profile import profile_of
from engine.program import Program
from engine.quantities import is_missing_word
from web.centre import keeping
from web.centre.matters import Question, question_of, targets
from web.centre.rulings import Matter, Ruling, rulings
from web.centre.store import chain
from web.centre.store.tables import Enterprise, Evidence, FindingRow, ProfileVersion, Stage, User
from web.texts import gettext as _

SHORTEST, LONGEST = 5, 2000
"""Characters of a reason."""


class Refused(Exception):
    """What cannot be decided so; ``why`` is a Chinese sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Moved(Exception):
    """Somebody else wrote after what the author had seen; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an author had before them: the number of the newest word on the matter (0: none) and of the profile version."""

    newest: int
    profile: int


class Word(NamedTuple):
    """What was written down, and what that was, as the log calls it."""

    row: FindingRow
    action: str


@dataclass(frozen=True, slots=True)
class Case:
    """A matter of an enterprise as it is kept: its newest profile version and what was said so far."""

    enterprise: Enterprise
    profile: ProfileVersion
    matter: Matter
    ruling: Ruling

    @property
    def seen(self) -> Seen:
        """What somebody sees who looks now."""
        return Seen(self.ruling.newest, self.profile.number)

    @property
    def erased(self) -> bool:
        """Whether nothing can be judged any more."""
        return self.profile.data is None


def case_of(session: Session, number: int, matter: Matter) -> Case | None:
    """The matter of an enterprise; None where there is no such enterprise, or nothing is known of it."""
    enterprise, profile = session.get(Enterprise, number), keeping.newest_profile(session, number)
    if enterprise is None or profile is None:
        return None
    return Case(enterprise, profile, matter, said(session, number).get(matter, Ruling(matter)))


def said(session: Session, number: int) -> dict[Matter, Ruling]:
    """Every matter of an enterprise that something was said on."""
    wanted = select(FindingRow).where(FindingRow.enterprise_id == number).order_by(FindingRow.id)
    return rulings(session.execute(wanted).scalars())


def told(text: str) -> str:
    """A reason as it is kept: its lines without blanks around them. Raises Refused where it is too short or too long."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    kept = "\n".join("".join(letter for letter in line if letter.isprintable()) for line in lines).strip()
    if len(kept) < SHORTEST or is_missing_word(kept):
        raise Refused(_("请写明理由，至少 %d 个字：依据什么材料，为什么这样认定。") % SHORTEST)
    if len(kept) > LONGEST:
        raise Refused(_("理由最多 %(most)d 个字，现在有 %(now)d 个。") % {"most": LONGEST, "now": len(kept)})
    return kept


@dataclass(frozen=True, slots=True)
class Bench:
    """Who decides, when, by which rules, and whether the centre wants a second person."""

    session: Session
    program: Program
    today: date
    by: User
    at: datetime
    four_eyes: bool

    def find(self, case: Case, seen: Seen, finding: bool, reason: str, evidence: int | None = None) -> Word:
        """A finding on the newest profile version. Raises Refused or Moved."""
        text = told(reason)
        self._unmoved(case, seen)
        self._asked(case)
        if evidence is not None:
            self._own(case, evidence)
        stage: Stage = "proposed" if self.four_eyes else "confirmed"
        row = self._row(case, finding, text, stage, None, evidence)
        return self._keep(case, row, "finding-proposed" if self.four_eyes else "finding")

    def withdraw(self, case: Case, seen: Seen, reason: str) -> Word:
        """The finding that counts is to count no more. With a second person, once that one agrees. Raises as ``find``."""
        text = told(reason)
        self._unmoved(case, seen)
        counts = case.ruling.counts
        if counts is None or case.ruling.waiting is not None:
            raise Refused(_("现在没有可以撤回的认定意见。"))
        stage: Stage = "proposed" if self.four_eyes else "rejected"
        row = self._row(case, counts.finding, text, stage, counts.id, None)
        return self._keep(case, row, "withdrawal-proposed" if self.four_eyes else "finding-withdrawn")

    def confirm(self, case: Case, seen: Seen, reason: str = "") -> Word:
        """A second person agrees with what waits; ``reason`` may be empty. Raises Refused or Moved."""
        text = told(reason) if reason.strip() else ""
        waiting = self._waiting(case, seen)
        if waiting.by_id == self.by.id:
            raise Refused(_("这是您自己提出的，要由另一位审核人确认。"))
        withdrawn = case.ruling.wants_withdrawal
        if not withdrawn:
            self._asked(case)
        row = self._row(case, waiting.finding, text, "confirmed", waiting.id, None)
        return self._keep(case, row, "withdrawal-confirmed" if withdrawn else "finding-confirmed")

    def reject(self, case: Case, seen: Seen, reason: str) -> Word:
        """What waits is turned down, or taken back by who proposed it. Raises Refused or Moved."""
        text = told(reason)
        waiting = self._waiting(case, seen)
        row = self._row(case, waiting.finding, text, "rejected", waiting.id, None)
        return self._keep(case, row, "withdrawal-rejected" if case.ruling.wants_withdrawal else "finding-rejected")

    def _waiting(self, case: Case, seen: Seen) -> FindingRow:
        self._unmoved(case, seen)
        if case.ruling.waiting is None:
            raise Refused(_("现在没有等待复核的意见。"))
        return case.ruling.waiting

    def _unmoved(self, case: Case, seen: Seen) -> None:
        if case.seen != seen:
            raise Moved
        if case.erased:
            raise Refused(_("这家企业的资料已经清除，不能再认定。"))

    def _asked(self, case: Case) -> None:
        """The rules ask this judgement, and of this record, as things are now."""
        pack = self.program.pack
        question = question_of(case.matter.judgement, pack)
        if question is None or not self._of(question, case):
            raise Refused(_("有效期内的措施没有对它问这项判断，或画像里已经没有这条记录。"))

    def _of(self, question: Question, case: Case) -> bool:
        pack = self.program.pack
        profile = profile_of(keeping.with_findings(case.profile.data or {}, []), pack.vocabulary, pack.tables)
        return case.matter.about in {target.about for target in targets(question, pack, profile, self.today)}

    def _own(self, case: Case, evidence: int) -> None:
        row = self.session.get(Evidence, evidence)
        if row is None or row.enterprise_id != case.enterprise.id or row.erased_on is not None:
            raise Refused(_("没有这份证据，或者已经清除。请重新选择。"))

    def _row(
        self, case: Case, finding: bool, reason: str, stage: Stage, answers: int | None, evidence: int | None
    ) -> FindingRow:
        return FindingRow(
            enterprise_id=case.enterprise.id, judgement=case.matter.judgement, about=case.matter.about, finding=finding,
            reason=reason, stage=stage, answers_id=answers, on_profile_id=case.profile.id, evidence_id=evidence,
            by_id=self.by.id, at=self.at,
        )  # fmt: skip

    def _keep(self, case: Case, row: FindingRow, action: str) -> Word:
        before = case.ruling.counts
        chain.seal(self.session, [row])
        numbers = {"answers": row.answers_id, "evidence": row.evidence_id}
        keeping.audit(
            self.session, self.by, action, case.enterprise.id, finding=row.id, profile=case.profile.number,
            **{name: number for name, number in numbers.items() if number is not None},
        )  # fmt: skip
        after = said(self.session, case.enterprise.id)[case.matter].counts
        if after is not before:
            keeping.determine(self.session, case.profile, self.program, self.today, self.by)
        return Word(row, action)
