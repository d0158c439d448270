"""Letters that were issued, as the log of the centre has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.centre.store.tables import AuditEntry, User
from web.texts import gettext as _

Kind = Literal["supply", "opinion"]
ACTION = "letter"
TITLES: dict[str, str] = {"supply": _("补正通知"), "opinion": _("认定意见")}


@dataclass(frozen=True, slots=True)
class Issued:
    """One file that was handed out; ``digest`` is the SHA-256 of its bytes."""

    title: str
    ending: str
    measures: list[str]
    determination: int
    digest: str
    by: str
    at: datetime


def of(session: Session, enterprise: int) -> list[Issued]:
    """What was issued to an enterprise, newest first."""
    wanted = (
        select(AuditEntry, User.full_name)
        .join(User, User.id == AuditEntry.by_id)
        .where(AuditEntry.enterprise_id == enterprise, AuditEntry.action == ACTION)
        .order_by(AuditEntry.id.desc())
    )
    return [
        Issued(
            TITLES[entry.detail["kind"]], entry.detail["ending"], entry.detail["measures"],
            entry.detail["determination"], entry.detail["digest"], name, entry.at,
        )
        for entry, name in session.execute(wanted)
    ]  # fmt: skip
