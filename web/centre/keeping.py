"""Keeping what was told and decided: profile versions, determinations, where an enterprise stands.

Nothing here is ever changed afterwards; a correction is a further version. Every function works in a ``writing``
session of its caller, so that what belongs together is kept together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine.assessment import decide
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from web.centre import packs
from web.centre.clock import day_of
from web.centre.outcomes import Outcome, outcome_of, sort_of
from web.centre.rulings import rulings
from web.centre.store import chain
from web.centre.store.database import now
from web.centre.store.tables import (
    AuditEntry,
    Cause,
    DeterminationRow,
    Enterprise,
    Entitlement,
    FindingRow,
    Move,
    ProfileVersion,
    Source,
    Standing,
    User,
)

ERASED = "（已清除）"
"""Stands for the reason of a finding whose text was erased."""
ERASED_KEY = "erased-"
"""How the keys of erased enterprises begin; no credit code does."""
NUMBERED = "LS-"
"""How the keys begin that the centre gives; no credit code does."""


@dataclass(frozen=True, slots=True)
class Head:
    """What queues filter an enterprise by, from its newest profile."""

    name: str
    division: str | None
    industry: str | None
    size: str | None


def audit(session: Session, by: User | None, action: str, enterprise: int | None = None, **detail: Any) -> None:
    """Write down that something was done. ``detail`` holds numbers and ids, never a person's data."""
    entry = AuditEntry(
        action=action, enterprise_id=enterprise, detail=detail, by_id=by.id if by is not None else None, at=now()
    )
    chain.seal(session, [entry])


def enterprise_of(session: Session, key: str, head: Head) -> Enterprise:
    """The enterprise with this key, made where it is new."""
    found = session.execute(select(Enterprise).where(Enterprise.key == key)).scalar_one_or_none()
    if found is None:
        found = Enterprise(key=key, created_at=now(), name=head.name)
        session.add(found)
    found.name, found.division, found.industry, found.size = head.name, head.division, head.industry, head.size
    session.flush()
    return found


def new_key(session: Session) -> str:
    """The number that the centre gives an applicant without a credit code, such as ``LS-000123``. Gaps mean nothing."""
    number = (session.execute(select(func.max(Enterprise.id))).scalar_one() or 0) + 1
    while session.execute(select(Enterprise.id).where(Enterprise.key == (key := f"{NUMBERED}{number:06d}"))).first():
        number += 1
    return key


def assign(session: Session, enterprise: Enterprise, to: User | None, by: User) -> None:
    """Give a case to somebody, or put it back where ``to`` is None."""
    enterprise.assignee_id = to.id if to is not None else None
    audit(session, by, "assigned", enterprise.id, to=enterprise.assignee_id)
    touch(session, [enterprise.id])


def add_profile(
    session: Session, enterprise: Enterprise, data: Mapping[str, Any], source: Source, by: User, list_id: int | None = None
) -> ProfileVersion:
    """The next version of an enterprise's profile; the newest one again where nothing changed."""
    newest = newest_profile(session, enterprise.id)
    if newest is not None and newest.data == dict(data):
        return newest
    version = ProfileVersion(
        enterprise_id=enterprise.id,
        number=(newest.number if newest is not None else 0) + 1,
        data=dict(data),
        source=source,
        list_id=list_id,
        by_id=by.id,
        at=now(),
    )
    chain.seal(session, [version])
    return version


def newest_profile(session: Session, enterprise: int) -> ProfileVersion | None:
    """The newest profile version of an enterprise."""
    wanted = select(ProfileVersion).where(ProfileVersion.enterprise_id == enterprise)
    return session.execute(wanted.order_by(ProfileVersion.number.desc()).limit(1)).scalar_one_or_none()


def determine(
    session: Session, profile: ProfileVersion, program: Program, as_of: date, by: User
) -> DeterminationRow | None:
    """Screen a profile with the confirmed findings about its enterprise, and keep what came out.

    None where the newest determination already says the same of the same profile, findings, date and rules.
    """
    findings = confirmed(session, profile.enterprise_id)
    outcome = decided(program, profile, findings, as_of)
    numbers = [finding.id for finding in findings]
    newest = newest_determination(session, profile.enterprise_id)
    row = DeterminationRow(
        enterprise_id=profile.enterprise_id,
        profile_id=profile.id,
        pack_version=program.pack.version,
        as_of=as_of,
        verdicts=outcome.verdicts,
        amounts={measure: list(ends) for measure, ends in outcome.amounts.items()},
        findings=numbers,
        by_id=by.id,
        at=now(),
    )
    if newest is not None and same(newest, row):
        return None
    chain.seal(session, [row])
    stand(session, row, outcome.awaiting, newest)
    return row


def decided(program: Program, profile: ProfileVersion, findings: Sequence[FindingRow], as_of: date) -> Outcome:
    """What the rules say of a kept profile with these findings. Raises InputError where its content was erased."""
    data = with_findings(profile.data or {}, findings)
    pack = program.pack
    _, assessed = decide(program, profile_of(data, pack.vocabulary, pack.tables), as_of, ReferenceSolver())
    return outcome_of(assessed)


def with_findings(
    data: Mapping[str, Any], findings: Sequence[FindingRow], names: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """The profile with the centre's findings in place of any that it brought: a claim of the applicant is none.

    ``names`` says who found, by their number, where people are to read it; nothing else depends on it.
    """
    told = {key: value for key, value in data.items() if key != "findings"}
    if findings:
        told["findings"] = [
            {
                "judgement": finding.judgement,
                **({"about": finding.about} if finding.about else {}),
                "finding": finding.finding,
                "by": (names or {}).get(finding.by_id, f"#{finding.by_id}"),
                "on": day_of(finding.at).isoformat(),
                "why": finding.reason or ERASED,
            }
            for finding in findings
        ]
    return told


def confirmed(session: Session, enterprise: int) -> list[FindingRow]:
    """The findings that count: of each judgement (and record) the newest confirmed one that was not withdrawn."""
    wanted = select(FindingRow).where(FindingRow.enterprise_id == enterprise).order_by(FindingRow.id)
    return counting(session.execute(wanted).scalars())


def counting(rows: Iterable[FindingRow]) -> list[FindingRow]:
    """Of all rows about one enterprise, in the order of their numbers, the findings that count."""
    return sorted((item.counts for item in rulings(rows).values() if item.counts), key=lambda row: row.id)


def newest_determination(session: Session, enterprise: int) -> DeterminationRow | None:
    """The determination by which an enterprise stands."""
    wanted = select(DeterminationRow).where(DeterminationRow.enterprise_id == enterprise)
    return session.execute(wanted.order_by(DeterminationRow.id.desc()).limit(1)).scalar_one_or_none()


def stand(
    session: Session, row: DeterminationRow, awaiting: Mapping[str, list[str]], before: DeterminationRow | None
) -> None:
    """Let the queues see a new determination, and note what moved since the one ``before``."""
    if before is not None:
        session.add_all(moves(session, before, row))
    standing = session.get(Standing, row.enterprise_id)
    if standing is None:
        standing = Standing(enterprise_id=row.enterprise_id)
        session.add(standing)
    standing.determination_id, standing.pack_version = row.id, row.pack_version
    standing.as_of, standing.verdicts, standing.changed_at = row.as_of, row.verdicts, row.at
    standing.awaiting = dict(awaiting)
    session.execute(delete(Entitlement).where(Entitlement.enterprise_id == row.enterprise_id))
    session.add_all(entitlements(row))
    touch(session, [row.enterprise_id])


def touch(session: Session, enterprises: Sequence[int]) -> None:
    """Let the queues read these enterprises again; to be called last, after what it is about was sealed."""
    session.flush()
    number, _ = chain.newest(session)
    # By a number of an earlier transaction, a roster that has read so far would never learn of this one.
    assert session.info.get("sealed") == number, "touched before anything was sealed"
    session.execute(
        update(Enterprise)
        .where(Enterprise.id.in_(enterprises))
        .values(changed=number)
        .execution_options(synchronize_session=False)
    )


def moves(session: Session, before: DeterminationRow, after: DeterminationRow) -> list[Move]:
    """What stands otherwise after a determination; a measure that only one pack version has is none."""
    measures = {row.pack_version: packs.measures_of(session, row.pack_version) for row in (before, after)}
    return [Move(**values) for values in moved(before, after, measures)]


def moved(
    before: DeterminationRow, after: DeterminationRow, measures: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    """The same as plain values, with the measures of both pack versions at hand (``packs.measures_of``)."""
    cause: Cause = "date"
    if before.profile_id != after.profile_id:
        cause = "profile"
    elif list(before.findings) != list(after.findings):
        cause = "finding"
    elif before.pack_version != after.pack_version:
        cause = "rules"
    old = packs.by_measure(measures[before.pack_version], before.verdicts)
    new = packs.by_measure(measures[after.pack_version], after.verdicts)
    for measure, letter in new.items():
        if old.get(measure, letter) != letter:
            yield {
                "enterprise_id": after.enterprise_id, "measure": measure, "before": old[measure], "after": letter,
                "cause": cause, "determination_id": after.id, "at": after.at,
            }  # fmt: skip


def entitlements(row: DeterminationRow) -> list[Entitlement]:
    """The rows for sorting by amount."""
    return [Entitlement(**values) for values in sortable(row.enterprise_id, row.amounts)]


def sortable(enterprise: int, amounts: Mapping[str, Sequence[str | None]]) -> Iterator[dict[str, Any]]:
    """The same as plain values."""
    for measure, ends in amounts.items():
        yield {
            "enterprise_id": enterprise, "measure": measure, "low": ends[0], "high": ends[1], "sort": sort_of(ends),
        }  # fmt: skip


def rederived(session: Session, row: DeterminationRow) -> Outcome | None:
    """The outcome made again from what is kept; None where the profile was erased."""
    profile = session.get_one(ProfileVersion, row.profile_id)
    if profile.data is None:
        return None
    findings = [session.get_one(FindingRow, number) for number in row.findings]
    return decided(packs.program_of(session, row.pack_version), profile, findings, row.as_of)


def same(one: DeterminationRow, other: DeterminationRow) -> bool:
    """Whether two determinations say the same of the same profile, findings, date and rules."""
    keys = ("profile_id", "pack_version", "as_of", "verdicts", "amounts", "findings")
    return all(getattr(one, key) == getattr(other, key) for key in keys)
