"""All that somebody has before them who judges: the question, whom it is about, what either answer would change, what
was said before, evidence, and the quotas that the text sets beside it (never a condition)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.pack import Measure, Pack
from engine.profile import profile_of
from engine.program import Program
from web.centre import choices, docket, evidence, keeping
from web.centre.effects import Effect, Fact, Screened, effects_of, enterprise_facts, record_facts, screened_with
from web.centre.judging import Case, said
from web.centre.matters import Question, Target, question_of, targets
from web.centre.rulings import Matter, Ruling
from web.centre.store.tables import Enterprise, Evidence, FindingRow, ProfileVersion, User
from web.rule_words import quota
from web.texts import gettext as _

Wanted = Callable[[str | None], bool]
"""Whether a target, by the name of its record, is the one that is asked for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One whom the judgement is asked of, and how it stands."""

    target: Target
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Context:
    """Quotas and targets that the text sets for a clause, as sentences."""

    measure: Measure
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One word on a matter: what it was, by whom, on which profile version, and on which evidence."""

    row: FindingRow
    words: str
    by: str
    version: int
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Look:
    """``target`` is None where the rules do not ask it of this record any more. ``found`` is how many findings say yes,
    over all enterprises; counted where there is a quota. ``spoken``: all that was said, oldest first."""

    case: Case
    question: Question
    choices: tuple[Choice, ...]
    target: Target | None
    effects: tuple[Effect, ...]
    facts: tuple[Fact, ...]
    record: tuple[Fact, ...]
    evidence: tuple[Evidence, ...]
    quotas: tuple[Context, ...]
    found: int
    spoken: tuple[Spoken, ...]
    four_eyes: bool
    pack: Pack

    @property
    def ruling(self) -> Ruling:
        """What was said on this matter."""
        return self.case.ruling

    def told_by(self, row: FindingRow) -> Spoken:
        """How a row of this matter is told."""
        return next(item for item in self.spoken if item.row is row)

    @property
    def open(self) -> list[Target]:
        """Whom a measure waits for and nobody has proposed anything about."""
        return [choice.target for choice in self.choices if choice.target.waits and not choice.ruling.waiting]

    @property
    def measures(self) -> list[str]:
        """The ids of the measures that this page is about."""
        return [effect.measure.id for effect in self.effects]

    @property
    def changed(self) -> bool:
        """Whether there is a newer profile than the one that what counts, or waits, was judged on."""
        row = self.ruling.waiting or self.ruling.by
        return row is not None and row.on_profile_id != self.case.profile.id


def look(
    session: Session,
    number: int,
    judgement: str,
    wanted: Wanted | None,
    program: Program,
    today: date,
    gone: str | None = None,
) -> Look | None:
    """What there is to see; None where there is no such enterprise, judgement or record.

    ``wanted`` chooses whom it is about; without it the first one that waits for a finding. ``gone``: a record that may be told of no
    more, and is shown all the same. Raises InputError where the profile cannot
    be read by the rules.
    """
    enterprise, profile = session.get(Enterprise, number), keeping.newest_profile(session, number)
    rulings, question = said(session, number), question_of(judgement, program.pack)
    if enterprise is None or profile is None or question is None:
        return None
    findings = keeping.confirmed(session, number)
    # An erased profile is empty: what was said stays to be read.
    screened = screened_with(program, profile.data or {}, findings, today)
    asked = _targets(question, program.pack, profile, today, screened)
    told = [matter.about for matter in rulings if matter.judgement == judgement] + ([gone] if gone else [])
    proposed = {matter.about for matter, ruling in rulings.items() if matter.judgement == judgement and ruling.waiting}
    chosen = _chosen(told, asked, proposed, wanted)
    if not chosen:
        return None
    (about,) = chosen
    matter = Matter(judgement, about)
    case = Case(enterprise, profile, matter, rulings.get(matter, Ruling(matter)))
    target = next((target for target in asked if target.about == about), None)
    effects = effects_of(program, profile.data or {}, findings, matter, question, today, screened) if target else []
    measures = [effect.measure for effect in effects]
    quotas, files = tuple(_quotas(measures, program.pack)), tuple(evidence.of_enterprise(session, number))
    return Look(
        case=case,
        question=question,
        choices=tuple(
            Choice(target, rulings.get(own, Ruling(own))) for target in asked for own in [Matter(judgement, target.about)]
        ),
        target=target,
        effects=tuple(effects),
        facts=tuple(enterprise_facts(screened, measures, about)),
        record=tuple(record_facts(screened, target.record, about)) if target and target.record and about else (),
        evidence=files,
        quotas=quotas,
        found=docket.found_true(session, judgement) if quotas else 0,
        spoken=tuple(_spoken(session, case, files)),
        four_eyes=choices.read(session).four_eyes,
        pack=program.pack,
    )


def _targets(question: Question, pack: Pack, profile: ProfileVersion, today: date, screened: Screened) -> list[Target]:
    if profile.data is None:
        return []
    read = profile_of(keeping.with_findings(profile.data, []), pack.vocabulary, pack.tables)
    return targets(question, pack, read, today, screened.assessed)


def _chosen(
    told: Sequence[str | None], found: Sequence[Target], proposed: Set[str | None], wanted: Wanted | None
) -> list[str | None]:
    """Whom it is about; empty where nobody is meant. ``told``: of whom something was said before."""
    everyone = [*(target.about for target in found), *told]
    if wanted is not None:
        return [about for about in everyone if wanted(about)][:1]
    waiting = [target.about for target in found if target.waits]
    return [*(about for about in waiting if about not in proposed), *waiting, *everyone][:1]


def _quotas(measures: Sequence[Measure], pack: Pack) -> Iterator[Context]:
    """Of each measure what the text sets for it, and for its clause: in the document, or as a goal of its own."""
    seen: set[str] = set()
    for measure in measures:
        spec, file = measure.spec, pack.documents[measure.document]
        beside = [item for item in file.quotas if item.clause == spec.clause]
        goals = [
            item
            for entry in pack.programmes
            if entry.document == measure.document and entry.spec.clause == spec.clause
            for item in entry.spec.targets
        ]
        texts = [quota(item) for item in (*spec.quotas, *spec.targets, *beside, *goals)]
        new = tuple(text for text in dict.fromkeys(texts) if text not in seen)
        seen.update(new)
        if new:
            yield Context(measure, new)


def _spoken(session: Session, case: Case, files: Sequence[Evidence]) -> Iterator[Spoken]:
    people = {user.id: user.full_name for user in session.execute(select(User)).scalars()}
    wanted = select(ProfileVersion.id, ProfileVersion.number).where(ProfileVersion.enterprise_id == case.enterprise.id)
    versions = dict(session.execute(wanted).all())
    evidence_by, rows = {file.id: file for file in files}, {row.id: row for row in case.ruling.rows}
    so_far = Ruling(case.matter)
    for row in case.ruling.rows:
        of = rows[row.answers_id] if row.answers_id is not None else None
        words = _words(row, of, so_far.waiting)
        so_far.say(row, of)
        file = evidence_by.get(row.evidence_id) if row.evidence_id is not None else None
        yield Spoken(row, words, people[row.by_id], versions[row.on_profile_id], file)


def _words(row: FindingRow, of: FindingRow | None, waiting: FindingRow | None) -> str:
    """What a row was, when ``waiting`` was what waited."""
    if of is None:
        return _("提出意见") if row.stage == "proposed" else _("认定")
    if row.stage == "proposed":
        return _("提出撤回")
    if of is not waiting:
        return _("撤回意见")
    if row.stage == "confirmed":
        return _("复核同意撤回") if of.answers_id is not None else _("复核同意")
    if row.by_id == of.by_id:
        return _("收回自己的提议")
    return _("复核不同意撤回") if of.answers_id is not None else _("复核不同意")
