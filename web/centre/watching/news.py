"""What watching found, as pages and feeds read it: what moved since a day, what will be lost, what is not checked yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.determination import GroupKey
from engine.documents import Document
from engine.pack import Pack
from web.centre.outcomes import LETTERS
from web.centre.store.tables import Cause, Enterprise, Move, Outlook, ProfileVersion, Standing, Watch
from web.centre.watching import state
from web.centre.watching.ahead import STANDS_WELL
from web.texts import gettext as _

PAGE = 50
Kind = Literal["eligible", "pending", "lost"]
KINDS: dict[Kind, str] = {"eligible": _("新可享受"), "pending": _("新待认定"), "lost": _("不再符合")}
CAUSES: dict[Cause, str] = {
    "profile": _("资料更新"), "finding": _("认定意见"), "rules": _("规则更新"), "date": _("时间推移"),
}  # fmt: skip
SPANS = (30, 60, 90)
"""Days within which one looks for what will be lost."""
_E, _P = LETTERS["eligible"], LETTERS["pending"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A measure of an enterprise that stands otherwise than on the day that was asked about, with the newest cause."""

    enterprise: int
    key: str
    name: str
    measure: str
    before: str
    after: str
    cause: Cause
    at: datetime
    determination: int


@dataclass(frozen=True, slots=True)
class Ending:
    """A measure of an enterprise that will be lost after ``last_day``."""

    enterprise: int
    key: str
    name: str
    measure: str
    before: str
    after: str
    last_day: date
    why: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """What is not checked: enterprises never screened, standing by other rules than these, not looked at on this day.
    None of these counts who is ``unreadable``: whose profile these rules cannot read, which screening again does not mend."""

    unscreened: int
    older_rules: int
    unchecked: int
    unreadable: int

    def __bool__(self) -> bool:
        return bool(self.unscreened or self.older_rules or self.unchecked)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which moves: since a time, of one measure or cause where these are named."""

    since: datetime
    measure: str = ""
    cause: str = ""


def counts(session: Session, asked: Asked) -> dict[Kind, int]:
    """How many moves of each kind."""
    first, last, joined = _moves(asked)
    sums = [func.coalesce(func.sum(case((_of(kind, first, last), 1), else_=0)), 0) for kind in KINDS]
    found = session.execute(joined.with_only_columns(*sums)).one()
    return dict(zip(KINDS, found, strict=True))


def moved(session: Session, asked: Asked, kind: Kind, page: int = 1, most: int = PAGE) -> list[Moved]:
    """The moves of a kind, the newest first."""
    first, last, joined = _moves(asked)
    wanted = joined.with_only_columns(
        Enterprise.id, Enterprise.key, Enterprise.name, last.measure, first.before, last.after, last.cause, last.at,
        last.determination_id,
    )  # fmt: skip
    wanted = wanted.where(_of(kind, first, last)).order_by(last.id.desc()).limit(most).offset((page - 1) * most)
    return [Moved(*row) for row in session.execute(wanted)]


def newest(session: Session, since: datetime, most: int) -> list[Moved]:
    """What the newest determinations since then, so many of them, each moved into or out of a good standing."""
    any_ = or_(*(_of(kind, Move, Move) for kind in KINDS))
    there = and_(any_, Move.at >= since, Enterprise.erased_on.is_(None))
    last = select(Move.determination_id).join(Enterprise, Enterprise.id == Move.enterprise_id).where(there).distinct()
    chosen = last.order_by(Move.determination_id.desc()).limit(most).subquery()
    wanted = (
        select(
            Enterprise.id, Enterprise.key, Enterprise.name, Move.measure, Move.before, Move.after, Move.cause, Move.at,
            Move.determination_id,
        )
        .join(Enterprise, Enterprise.id == Move.enterprise_id)
        .join(chosen, chosen.c.determination_id == Move.determination_id)
        .where(any_)
        .order_by(Move.determination_id.desc(), Move.id)
    )  # fmt: skip
    return [Moved(*row) for row in session.execute(wanted)]


def _moves(asked: Asked) -> tuple[type[Move], type[Move], Select[Any]]:
    """The first and the last move of each measure of each enterprise since then, of those into or out of a good standing:
    most moves are neither, and what came before the first or after the last of them was no good standing either."""
    well = tuple(STANDS_WELL)
    ends = (
        select(func.min(Move.id).label("first"), func.max(Move.id).label("last"))
        .where(Move.at >= asked.since, or_(Move.before.in_(well), Move.after.in_(well)))
        .group_by(Move.enterprise_id, Move.measure)
    )
    if asked.measure:
        ends = ends.where(Move.measure == asked.measure)
    found, first, last = ends.subquery(), aliased(Move), aliased(Move)
    joined = (
        select(last.id)
        .select_from(found)
        .join(first, first.id == found.c.first)
        .join(last, last.id == found.c.last)
        .join(Enterprise, Enterprise.id == last.enterprise_id)
        .where(Enterprise.erased_on.is_(None))
    )
    return first, last, joined.where(last.cause == asked.cause) if asked.cause else joined


def _of(kind: Kind, first: type[Move], last: type[Move]) -> ColumnElement[bool]:
    well = tuple(STANDS_WELL)
    match kind:
        case "eligible":
            return and_(last.after == _E, first.before != _E)
        case "pending":
            return and_(last.after == _P, first.before.not_in(well))
        case "lost":
            return or_(and_(first.before == _E, last.after != _E), and_(first.before == _P, last.after.not_in(well)))


# What will be lost


def ending(session: Session, day: date, within: int, page: int = 1, most: int = PAGE) -> list[Ending]:
    """What enterprises will lose on ``day`` or in so many days after it, the soonest first; of who was changed since it was
    looked at, nothing."""
    wanted = _outlooks(day, within).with_only_columns(
        Enterprise.id, Enterprise.key, Enterprise.name, Outlook.measure, Outlook.before, Outlook.after, Outlook.last_day,
        Outlook.why, Outlook.found_at,
    )  # fmt: skip
    wanted = wanted.order_by(Outlook.last_day, Outlook.enterprise_id, Outlook.measure)
    return [Ending(*row) for row in session.execute(wanted.limit(most).offset((page - 1) * most))]


def ending_counts(session: Session, day: date) -> dict[int, int]:
    """How many there are within each of ``SPANS``."""
    sums = [func.coalesce(func.sum(case((Outlook.last_day <= day + timedelta(days=span), 1), else_=0)), 0) for span in SPANS]
    found = session.execute(_outlooks(day, SPANS[-1]).with_only_columns(*sums)).one()
    return dict(zip(SPANS, found, strict=True))


def ending_of(session: Session, enterprise: int, day: date) -> list[Outlook]:
    """What one enterprise will lose, the soonest first."""
    wanted = _outlooks(day, SPANS[-1]).with_only_columns(Outlook).where(Outlook.enterprise_id == enterprise)
    return list(session.execute(wanted.order_by(Outlook.last_day, Outlook.measure)).scalars())


def _outlooks(day: date, within: int) -> Select[Any]:
    return (
        select(Outlook.measure)
        .join(Enterprise, Enterprise.id == Outlook.enterprise_id)
        .join(Watch, Watch.enterprise_id == Outlook.enterprise_id)
        .join(Standing, Standing.enterprise_id == Outlook.enterprise_id)
        .where(
            Watch.determination_id == Standing.determination_id,
            Outlook.last_day.between(day, day + timedelta(days=within)),
            Enterprise.erased_on.is_(None),
        )
    )


@dataclass(frozen=True, slots=True)
class Closing:
    """A document that ends soon: its measures that somebody is eligible for or waits to be judged for, with how many."""

    document: Document
    last_day: date
    measures: tuple[tuple[str, int, int], ...]


def closing(pack: Pack, day: date, within: int, standing: Mapping[str, Mapping[GroupKey, int]]) -> list[Closing]:
    """The documents whose last day is ``day`` or one of so many after it; ``standing``: of each measure, how many are in
    each group."""
    found = []
    for id, file in pack.documents.items():
        end = file.document.validity.end
        if end is not None and day <= end <= day + timedelta(days=within):
            own = [m.id for m in pack.measures if m.document == id]
            rows = ((m, standing[m]["eligible"], standing[m]["pending"]) for m in own)
            found.append(Closing(file.document, end, tuple(row for row in rows if row[1] or row[2])))
    return sorted(found, key=lambda item: item.last_day)


# What is not checked


def unchecked(session: Session, version: str, day: date) -> Open:
    """Who is not checked by these rules for this day."""
    current = and_(Watch.determination_id == Standing.determination_id, Watch.since <= day, Watch.until >= day)
    never, other = Standing.enterprise_id.is_(None), Standing.pack_version != version
    stale = and_(Standing.pack_version == version, or_(Watch.enterprise_id.is_(None), ~current))
    refused = _refused(session, version)
    open_ = (and_(never, ~refused), and_(other, ~refused), stale, refused)
    sums = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in open_]
    return Open(*session.execute(_everybody().with_only_columns(*sums)).one())


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An enterprise whose profile these rules cannot read; it stands as on ``as_of``, None where it never stood."""

    enterprise: int
    key: str
    name: str
    as_of: date | None


def unreadable(session: Session, version: str, page: int = 1, most: int = PAGE) -> list[Unreadable]:
    """Whom these rules cannot read, in the order of their numbers."""
    columns = (Enterprise.id, Enterprise.key, Enterprise.name, Standing.as_of)
    wanted = _everybody().with_only_columns(*columns).where(_refused(session, version)).order_by(Enterprise.id)
    return [Unreadable(*row) for row in session.execute(wanted.limit(most).offset((page - 1) * most))]


def _refused(session: Session, version: str) -> ColumnElement[bool]:
    """Who was left over when everybody was screened by these rules: nothing is kept of how they were looked at."""
    checked = state.checked(session)
    if checked is None or checked.version != version:
        return false()
    return and_(Watch.enterprise_id.is_(None), or_(Standing.enterprise_id.is_(None), Standing.pack_version != version))


def _everybody() -> Select[Any]:
    """Enterprises that told something, with where they stand and how far that was looked at."""
    there = select(ProfileVersion.id).where(ProfileVersion.enterprise_id == Enterprise.id).exists()
    return (
        select(Enterprise.id)
        .outerjoin(Standing, Standing.enterprise_id == Enterprise.id)
        .outerjoin(Watch, Watch.enterprise_id == Enterprise.id)
        .where(Enterprise.erased_on.is_(None), there)
    )


def holds(session: Session, enterprise: int, day: date) -> bool:
    """Whether an enterprise is known to stand on ``day`` as its determination says, though that is of another day."""
    own = select(Watch).join(Standing, Standing.determination_id == Watch.determination_id)
    found = session.execute(own.where(Watch.enterprise_id == enterprise)).scalar_one_or_none()
    return found is not None and found.since <= day <= found.until
