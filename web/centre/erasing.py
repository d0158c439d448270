"""Erasing: what is kept of an enterprise is emptied for good, and the chain still proves that nothing else was touched.

Emptied are contents: profiles, the reasons of findings and the records they name, evidence, notes, the enterprise's name and
key, and the files of the lists it came from. What stays says nothing of anybody: verdicts, amounts, days, who did what, and
the digests by which the chain holds. Files go after the transaction; what a crash leaves of them, ``sweep`` finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import CompoundSelect, Engine, delete, func, null, select, union_all, update
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from web.centre import clock, keeping
from web.centre.lists import jobs
from web.centre.lists.shelf import Shelf
from web.centre.settings import CentreSettings
from web.centre.store.database import writing
from web.centre.store.tables import (
    AuditEntry,
    Enterprise,
    Entitlement,
    Evidence,
    FindingRow,
    Listed,
    ListJob,
    Note,
    Outlook,
    ProfileVersion,
    Standing,
    User,
    Watch,
)
from web.texts import gettext as _

Why = Literal["request", "retention", "mistake", "duplicate"]
REASONS: dict[Why, str] = {
    "request": _("本人或企业要求"),
    "retention": _("超过保存年限"),
    "mistake": _("误收，不该保存"),
    "duplicate": _("重复登记"),
}
"""Why something is erased: a code in the log, so that no personal data gets there by a free text."""


@dataclass(frozen=True, slots=True)
class Held:
    """How much is kept of an enterprise, for who is about to erase it. ``lists``: whose files go with it; ``unread``: lists
    that are not screened whole, so that nobody knows whether it is in them."""

    versions: int
    findings: int
    evidence: int
    notes: int
    lists: int
    unread: int


def held(session: Session, enterprise: int) -> Held:
    """What erasing would empty."""
    def count(model: Any) -> int:
        own = select(func.count()).select_from(model).where(model.enterprise_id == enterprise)
        return int(session.execute(own).scalar_one())

    going = {job.id for job in _lists_of(session, [enterprise]) if job.removed_on is None}
    unread = select(ListJob.id).where(ListJob.removed_on.is_(None), ListJob.state != "done")
    left = set(session.execute(unread).scalars()) - going
    return Held(count(ProfileVersion), count(FindingRow), count(Evidence), count(Note), len(going), len(left))


def erase(session: Session, enterprises: Sequence[int], why: Why, by: User | None, today: date) -> None:
    """Empty what is kept of these enterprises, in a ``writing`` session; ``finish`` is to follow once it is kept.

    Raises InputError while somebody works on a list: it could bring the same again.
    """
    if session.execute(select(ListJob.id).where(ListJob.state.in_(jobs.OPEN)).limit(1)).first() is not None:
        hint = _("请等它结束，或先停止它")
        raise InputError([Finding(_("清除"), 0, 0, "centre-erase", _("有名单正在筛查，现在清除可能被它重新带回来"), hint)])
    if session.get_bind().dialect.name == "sqlite":
        # What is deleted is overwritten in the file too.
        session.connection().exec_driver_sql("pragma secure_delete=on")
    for number in sorted(set(enterprises)):
        _empty(session, number, today)
        keeping.audit(session, by, "erased", number, why=why)
    for job in _lists_of(session, enterprises):
        _forget(session, job, by, today)
    keeping.touch(session, enterprises)


def finish(engine: Engine, settings: CentreSettings) -> None:
    """Delete the files that nothing refers to any more, and what a SQLite database still has beside its file."""
    sweep(engine, settings)
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("rollback")
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")


def sweep(engine: Engine, settings: CentreSettings) -> None:
    """Delete the files of evidence that was erased and of lists that were removed, and nothing that the database does not
    know of. Alone with the database, so that nobody begins to refer to any of it just now."""
    shelf = Shelf(settings.lists)
    with writing(engine) as session:
        kept = select(Evidence.digest).where(Evidence.erased_on.is_(None))
        gone = select(Evidence.digest).where(Evidence.erased_on.is_not(None), Evidence.digest.not_in(kept)).distinct()
        for digest in session.execute(gone).scalars():
            (settings.evidence / digest).unlink(missing_ok=True)
        needed = set(session.execute(select(ListJob.digest).where(ListJob.removed_on.is_(None))).scalars())
        for job in session.execute(select(ListJob).where(ListJob.removed_on.is_not(None))).scalars():
            shelf.clear_rejects(job.id)
            if job.digest not in needed:
                shelf.clear(job.digest)


# What is past its time


@dataclass(frozen=True, slots=True)
class Due:
    """What nobody did anything about for longer than things are kept: enterprises and lists by number, each with the
    last day on which something was done."""

    enterprises: tuple[tuple[int, date], ...]
    lists: tuple[tuple[int, date], ...]


def due(session: Session, years: int, today: date) -> Due:
    """What was last touched more than so many ``years`` ago. Screening again is nothing that anybody did about it."""
    before, touched = clock.begins(years_before(today, years)), _touched().subquery()
    last = func.max(touched.c.at)
    wanted = select(Enterprise.id, last).join(touched, touched.c.enterprise == Enterprise.id)
    wanted = wanted.where(Enterprise.erased_on.is_(None)).group_by(Enterprise.id).having(last < before)
    ended = func.coalesce(ListJob.ended_at, ListJob.at)
    lists = select(ListJob.id, ended).where(ListJob.removed_on.is_(None), ListJob.state.not_in(jobs.OPEN), ended < before)
    found = (
        tuple((number, clock.local(at).date()) for number, at in session.execute(each))
        for each in (wanted.order_by(Enterprise.id), lists.order_by(ListJob.id))
    )
    return Due(*found)


def erase_due(session: Session, found: Due, by: User | None, today: date) -> None:
    """Erase it. Raises InputError as ``erase`` does."""
    if found.enterprises:
        erase(session, [number for number, _day in found.enterprises], "retention", by, today)
    for number, _day in found.lists:
        _forget(session, session.get_one(ListJob, number), by, today)


def years_before(day: date, years: int) -> date:
    """The corresponding day so many years earlier; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


# Parts


def _empty(session: Session, number: int, today: date) -> None:
    """The contents of all rows about an enterprise. Rows in the chain keep their digest, so its links still hold."""

    def set_(model: Any, **values: Any) -> None:
        own = update(model).where(model.enterprise_id == number)
        session.execute(own.values(values).execution_options(synchronize_session=False))

    def on(model: Any) -> Any:
        """What was erased before was erased then."""
        return func.coalesce(model.erased_on, today)

    set_(ProfileVersion, data=null(), erased_on=on(ProfileVersion))
    # About nothing that there is: whoever comes again is not judged by it, neither the enterprise nor a record.
    set_(FindingRow, reason=None, about=keeping.ERASED, erased_on=on(FindingRow))
    set_(Evidence, name="", erased_on=on(Evidence))
    set_(Note, text="")
    for model in (Standing, Entitlement, Watch, Outlook):
        session.execute(delete(model).where(model.enterprise_id == number))
    gone = {
        "name": _("已清除的企业%d") % number, "key": f"{keeping.ERASED_KEY}{number}", "division": None, "industry": None, "size": None,
        "assignee_id": None, "erased_on": today, "version": Enterprise.version + 1,
    }  # fmt: skip
    own = update(Enterprise).where(Enterprise.id == number)
    session.execute(own.values(gone).execution_options(synchronize_session=False))


def _lists_of(session: Session, enterprises: Sequence[int]) -> list[ListJob]:
    """The lists that these enterprises came from, and others of the same files."""
    came = select(ProfileVersion.list_id).where(
        ProfileVersion.enterprise_id.in_(enterprises), ProfileVersion.list_id.is_not(None)
    )
    brought = select(Listed.list_id).where(Listed.enterprise_id.in_(enterprises))
    files = select(ListJob.digest).where(ListJob.id.in_(came) | ListJob.id.in_(brought))
    return list(session.execute(select(ListJob).where(ListJob.digest.in_(files)).order_by(ListJob.id)).scalars())


def _forget(session: Session, job: ListJob, by: User | None, today: date) -> None:
    """The files of a list go, and what they were called: the name of a file may be one of an enterprise. Its mapping names
    them too, and its message may quote them."""
    if job.removed_on is None:
        jobs.remove(session, by, job, today)
    job.name, job.files, job.mapping, job.message = _("已删除的名单"), [], None, None


def _touched() -> CompoundSelect[Any]:
    """When something was done about an enterprise: ``enterprise``, ``at``."""
    own = select(Enterprise.id.label("enterprise"), Enterprise.created_at.label("at"))
    rest = [select(model.enterprise_id, model.at) for model in (ProfileVersion, FindingRow, Evidence, Note)]
    logged = select(AuditEntry.enterprise_id, AuditEntry.at).where(AuditEntry.enterprise_id.is_not(None))
    brought = select(Listed.enterprise_id, ListJob.at).join(ListJob, ListJob.id == Listed.list_id)
    return union_all(own, *rest, logged, brought)
