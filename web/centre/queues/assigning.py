"""Many cases given to somebody at once, but none that changed since they were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from web.centre import keeping
from web.centre.cases import HANDLERS
from web.centre.store import chain
from web.centre.store.database import now
from web.centre.store.tables import AuditEntry, Enterprise, User

MOST = 2000
"""Cases at once: one transaction, during which nobody else writes."""


@dataclass(frozen=True, slots=True)
class Left:
    """A case that was left as it is. ``taken``: who has it now, where that changed."""

    number: int
    name: str
    taken: str


@dataclass(frozen=True, slots=True)
class Given:
    """``done``: how many cases are now as wanted."""

    done: int
    left: tuple[Left, ...]


def give(session: Session, numbers: Sequence[int], to: int | None, seen: int, by: User) -> Given:
    """Give cases to ``to`` (a user's number), or put them back.

    ``seen`` is the link of the chain up to which whoever asks has seen changes: what changed later is left alone.
    Each case gets an entry in the log, as if it had been given alone. Raises LookupError where there is nobody to
    give it to, ValueError for more than ``MOST``.
    """
    if len(numbers) > MOST:
        raise ValueError(len(numbers))
    user = session.get(User, to) if to is not None else None
    if to is not None and (user is None or not user.active or user.role not in HANDLERS):
        raise LookupError(to)
    right, moving, left = 0, list[int](), list[Enterprise]()
    wanted = select(Enterprise).where(Enterprise.id.in_(numbers)).order_by(Enterprise.id)
    for one in session.execute(wanted).scalars():
        if one.erased_on is not None or (one.changed > seen and one.assignee_id != to):
            left.append(one)
        elif one.assignee_id != to:
            moving.append(one.id)
        else:
            right += 1
    if moving:
        detail = {"to": to, **({"together": len(moving)} if len(moving) > 1 else {})}
        entry = {"action": "assigned", "detail": detail, "by_id": by.id, "at": now()}
        chain.seal_all(session, AuditEntry, [{**entry, "enterprise_id": number} for number in moving])
        changed = update(Enterprise).where(Enterprise.id.in_(moving))
        values = {"assignee_id": to, "version": Enterprise.version + 1}
        session.execute(changed.values(values).execution_options(synchronize_session=False))
        keeping.touch(session, moving)
    return Given(right + len(moving), tuple(_left(session, left)))


def _left(session: Session, cases: list[Enterprise]) -> list[Left]:
    who = {one.assignee_id for one in cases}
    names = dict(session.execute(select(User.id, User.full_name).where(User.id.in_(who))).all())
    return [Left(one.id, one.name, names.get(one.assignee_id or 0, "")) for one in cases]
