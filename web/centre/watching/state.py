"""What is known of watching as a whole: the day and the rules by which everybody was last checked, and who wants it done.

Kept among the settings. ``watched``: a day and a pack version. ``watch``: the number of who asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from web.centre import keeping
from web.centre.store.database import now
from web.centre.store.tables import Setting, User
from web.texts import gettext as _

CHECKED = "watched"
WANTED = "watch"
MACHINE = "huiqi centre watch"
"""The account in whose name a timer screens: it has no password and is switched off, and nobody else can be called so,
since names of accounts have no spaces."""


@dataclass(frozen=True, slots=True)
class Checked:
    """By these rules everybody stood as they stand on ``day``."""

    day: date
    version: str


def checked(session: Session) -> Checked | None:
    """When everybody was last checked; None where that was never."""
    told = _told(session, CHECKED)
    day, version = (told or " ").split(" ", 1)
    return Checked(date.fromisoformat(day), version) if version else None


def write(session: Session, found: Checked) -> None:
    """Keep that everybody was checked; whoever asked for it has it."""
    session.merge(Setting(name=CHECKED, value=f"{found.day.isoformat()} {found.version}"))
    session.execute(delete(Setting).where(Setting.name == WANTED))


def want(session: Session, by: User) -> None:
    """Ask for everybody to be screened again by whoever works in the background."""
    session.merge(Setting(name=WANTED, value=str(by.id)))
    keeping.audit(session, by, "watch-wanted")


def wanted(session: Session) -> int | None:
    """The number of who asked for it and has not got it yet."""
    told = _told(session, WANTED)
    return int(told) if told else None


def machine(session: Session) -> User:
    """The account of timers, made where it is not there."""
    found = session.execute(select(User).where(User.name == MACHINE)).scalar_one_or_none()
    if found is None:
        found = User(name=MACHINE, full_name=_("系统（定时筛查）"), role="auditor", active=False, created_at=now())
        session.add(found)
        session.flush()
        keeping.audit(session, None, "user-added", user=found.id, role=found.role)
    return found


def _told(session: Session, name: str) -> str | None:
    return session.execute(select(Setting.value).where(Setting.name == name)).scalar_one_or_none()
