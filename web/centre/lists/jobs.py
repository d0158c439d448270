"""The work on lists as rows: from being handed in to being done. A row is the truth; queues only wake who works.

Each function belongs into a ``writing`` session of its caller. Who works on a list holds it by a token and says every few
seconds that it is alive; whoever finds it silent for ``SILENT`` takes over, and the other one stops at its next step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from web.centre import keeping
from web.centre.store.tables import ListJob, User

SILENT = timedelta(seconds=10)
OPEN = ("waiting", "running", "cancelling")
"""States of what is being worked on, or is to be."""
STARTABLE = ("mapping", "failed", "cancelled")
BEGUN = ("begun", "begun_done")
"""Among the counts: when the present worker began, and how many rows were behind it then."""


class Lost(Exception):
    """Somebody else works on this list now."""


class Cancelled(Exception):
    """Somebody wants the work on this list to stop."""


class Busy(Exception):
    """The list is in a state in which this cannot be done."""


def hand_in(session: Session, by: User, name: str, digest: str, files: Sequence[str], as_of: date, at: datetime) -> ListJob:
    """A list that waits for its mapping."""
    job = ListJob(name=name, digest=digest, files=list(files), as_of=as_of, state="mapping", by_id=by.id, at=at)
    session.add(job)
    session.flush()
    keeping.audit(session, by, "list-handed-in", list=job.id, files=len(files))
    return job


def map_to(session: Session, by: User, job: ListJob, mapping: str, as_of: date) -> None:
    """Keep what the columns are read as. Raises Busy where the list is being worked on."""
    if job.state not in STARTABLE or job.removed_on is not None:
        raise Busy
    if (job.mapping, job.as_of) != (mapping, as_of):
        job.mapping, job.as_of = mapping, as_of
        keeping.audit(session, by, "list-mapped", list=job.id)


def start(session: Session, by: User, job: ListJob) -> None:
    """Let it be worked on; what is stored already is not stored again. Raises Busy."""
    if job.state not in STARTABLE or job.removed_on is not None:
        raise Busy
    job.state, job.message, job.worker, job.heartbeat, job.ended_at = "waiting", None, None, None, None
    keeping.audit(session, by, "list-started", list=job.id)


def cancel(session: Session, by: User, job: ListJob, at: datetime) -> None:
    """Stop the work: at once where nobody does it yet, else at the next step. What is stored stays. Raises Busy."""
    if job.state not in ("waiting", "running"):
        raise Busy
    keeping.audit(session, by, "list-cancelled", list=job.id)
    if job.state == "waiting":
        job.state, job.ended_at = "cancelled", at
    else:
        job.state = "cancelling"


def remove(session: Session, by: User | None, job: ListJob, today: date) -> None:
    """Forget the files of a list, which can go afterwards unless another one has the same. Raises Busy while it is worked on."""
    if job.state in OPEN or job.removed_on is not None:
        raise Busy
    job.removed_on = today
    if job.state == "mapping":
        job.state = "cancelled"
    keeping.audit(session, by, "list-removed", list=job.id)
    session.flush()


# Working


def unattended(session: Session, at: datetime) -> list[int]:
    """The lists that somebody should work on and nobody does, the oldest first."""
    silent = or_(ListJob.heartbeat.is_(None), ListJob.heartbeat < at - SILENT)
    wanted = select(ListJob.id).where(ListJob.state.in_(OPEN), silent).order_by(ListJob.id)
    return list(session.execute(wanted).scalars())


def claim(session: Session, number: int, token: str, at: datetime) -> ListJob | None:
    """Take a list to work on; None where it is not to be worked on or somebody does."""
    if number not in unattended(session, at):
        return None
    job = session.get_one(ListJob, number)
    job.worker, job.heartbeat = token, at
    if job.state == "waiting":
        job.state = "running"
    return job


def alive(session: Session, number: int, token: str, at: datetime) -> bool:
    """Say that the work goes on; whether it should."""
    ours = update(ListJob).where(ListJob.id == number, ListJob.worker == token).values(heartbeat=at)
    found = session.execute(ours.execution_options(synchronize_session=False))
    assert isinstance(found, CursorResult)
    return found.rowcount == 1


def held(session: Session, number: int, token: str) -> ListJob:
    """The list that one works on. Raises Lost or Cancelled."""
    job = session.get_one(ListJob, number)
    if job.worker != token or job.state not in OPEN:
        raise Lost
    if job.state == "cancelling":
        raise Cancelled
    return job


def begin(job: ListJob, fingerprint: str, total: int | None, at: datetime) -> bool:
    """Note what is read; whether it is another list than the one that was begun, so that all of it is to be done."""
    other = job.fingerprint != fingerprint
    if other:
        job.fingerprint, job.slices, job.done, job.rejected, job.counts = fingerprint, 0, 0, 0, {}
    job.total = total
    job.counts = {**job.counts, BEGUN[0]: at.isoformat(), BEGUN[1]: job.done}
    return other


def advance(job: ListJob, number: int, rows: int, rejected: int, counts: Counter[str], at: datetime) -> None:
    """A slice more is stored."""
    job.slices, job.done, job.rejected, job.heartbeat = number + 1, job.done + rows, job.rejected + rejected, at
    job.counts = {**job.counts, **{name: job.counts.get(name, 0) + count for name, count in counts.items()}}


def end(session: Session, job: ListJob, state: str, at: datetime, message: str | None = None) -> None:
    """The work is over, for now or for good."""
    job.state, job.message, job.worker, job.heartbeat = state, message, None, None
    job.ended_at = at if state not in OPEN else None
    if state != "waiting":
        by = session.get_one(User, job.by_id)
        keeping.audit(session, by, "list-ended", list=job.id, rows=job.done, rejected=job.rejected, state=state)
