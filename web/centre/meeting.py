"""What an applicant meets among those who are known: the same enterprise with what differs, or others of its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.pack import Pack
from web.centre import intake, keeping
from web.centre.intake import Applicant, Namesakes, Seen
from web.centre.store.tables import Enterprise, ProfileVersion, User
from web.site.changes import Change, changes


@dataclass(frozen=True, slots=True)
class Met:
    """What is known of an applicant. ``namesakes``: it may be one of them, with where each is registered.

    Of an ``enterprise`` with a profile: the number of the newest ``version``, by whom and when, and whether its content
    was erased; ``theirs`` is what that version changed since the one that was seen (None: none was), ``yours`` what
    would change by keeping this one.
    """

    enterprise: Enterprise | None = None
    version: int = 0
    by: str = ""
    at: datetime | None = None
    erased: bool = False
    theirs: tuple[Change, ...] | None = None
    yours: tuple[Change, ...] = ()
    namesakes: tuple[Enterprise, ...] = ()


def met(session: Session, applicant: Applicant, seen: Seen, pack: Pack) -> Met:
    """What ``applicant`` meets. ``seen`` is what whoever hands it in had before them."""
    try:
        enterprise, version = intake.meant(session, applicant, seen)
    except Namesakes as found:
        return Met(namesakes=tuple(found.found))
    newest = keeping.newest_profile(session, enterprise.id) if enterprise is not None else None
    if newest is None:
        return Met(enterprise)
    older = _version(session, newest.enterprise_id, version) if 0 < version < newest.number else None
    now = newest.data or {}
    return Met(
        enterprise,
        newest.number,
        session.get_one(User, newest.by_id).full_name,
        newest.at,
        newest.data is None,
        None if older is None or older.data is None else tuple(changes(older.data, now, pack)),
        tuple(changes(now, applicant.data, pack)),
    )


def _version(session: Session, enterprise: int, number: int) -> ProfileVersion | None:
    wanted = select(ProfileVersion).where(ProfileVersion.enterprise_id == enterprise, ProfileVersion.number == number)
    return session.execute(wanted).scalar_one_or_none()
