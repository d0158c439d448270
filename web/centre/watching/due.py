"""Who is to be screened again: of whom the rules may say something else now, or who was not looked at far enough ahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from web.centre import keeping
from web.centre.store.tables import DeterminationRow, Enterprise, FindingRow, ProfileVersion, Standing, Watch

FAR = timedelta(days=90)
"""So far ahead everybody is to be looked at."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an enterprise stands, by numbers: its newest profile version, the findings that count, its determination with
    what that rests on, and how far ahead it was looked at. Equal as long as nothing of it changed."""

    enterprise: int
    profile: int
    counting: tuple[int, ...]
    determination: int | None
    rests_on: tuple[int, tuple[int, ...], str] | None
    """The profile version, the findings and the pack version of the determination."""
    looked: tuple[int, date, date, date] | None
    """The determination that was looked at, the first and the last day on which it stays, the end of the look."""

    def due(self, version: str, day: date) -> bool:
        """Whether it is to be screened by this pack version on ``day``."""
        if self.rests_on != (self.profile, self.counting, version) or self.looked is None:
            return True
        determination, since, until, to = self.looked
        return determination != self.determination or not since <= day <= until or to < day + FAR


def places(session: Session, after: int, count: int) -> list[Place]:
    """The next ``count`` enterprises with a profile by number, beginning after one."""
    return _read(session, _wanted().where(Enterprise.id > after).limit(count))


def places_of(session: Session, enterprises: Sequence[int]) -> dict[int, Place]:
    """These enterprises, by number; one that was erased is not there."""
    return {place.enterprise: place for place in _read(session, _wanted().where(Enterprise.id.in_(enterprises)))}


def counting(session: Session, enterprises: Iterable[int]) -> dict[int, list[FindingRow]]:
    """Of each of these enterprises that has any, the findings that count."""
    wanted = select(FindingRow).where(FindingRow.enterprise_id.in_(list(enterprises))).order_by(FindingRow.id)
    said: dict[int, list[FindingRow]] = {}
    for row in session.execute(wanted).scalars():
        said.setdefault(row.enterprise_id, []).append(row)
    return {enterprise: keeping.counting(rows) for enterprise, rows in said.items()}


def _wanted() -> Select[Any]:
    other = aliased(ProfileVersion)
    newest = select(func.max(other.number)).where(other.enterprise_id == Enterprise.id).scalar_subquery()
    own = and_(ProfileVersion.enterprise_id == Enterprise.id, ProfileVersion.number == newest)
    return (
        select(
            Enterprise.id, ProfileVersion.id, DeterminationRow.id, DeterminationRow.profile_id, DeterminationRow.findings,
            DeterminationRow.pack_version, Watch.determination_id, Watch.since, Watch.until, Watch.looked_to,
        )
        .select_from(Enterprise)
        .join(ProfileVersion, own)
        .outerjoin(Standing, Standing.enterprise_id == Enterprise.id)
        .outerjoin(DeterminationRow, DeterminationRow.id == Standing.determination_id)
        .outerjoin(Watch, Watch.enterprise_id == Enterprise.id)
        .where(Enterprise.erased_on.is_(None), ProfileVersion.erased_on.is_(None))
        .order_by(Enterprise.id)
    )  # fmt: skip


def _read(session: Session, wanted: Select[Any]) -> list[Place]:
    rows = session.execute(wanted).all()
    found = counting(session, [row[0] for row in rows])
    return [_place(row, found) for row in rows]


def _place(row: Any, found: Mapping[int, Sequence[FindingRow]]) -> Place:
    enterprise, profile, determination, on_profile, findings, version, *looked = row
    return Place(
        enterprise,
        profile,
        tuple(finding.id for finding in found.get(enterprise, ())),
        determination,
        None if determination is None else (on_profile, tuple(findings), version),
        None if looked[0] is None else (looked[0], looked[1], looked[2], looked[3]),
    )
