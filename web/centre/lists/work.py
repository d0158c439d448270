"""Working on one list: opened, screened slice by slice, each slice kept with the note that it is behind us.

A slice and that note are one transaction, so whenever the work is cut off, whoever goes on begins after the last whole one.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from engine.columns import frames
from engine.columns.frame import RawSlice
from engine.diagnostics import InputError
from engine.lists import LazyList, ListSource, open_list
from engine.lists.mapping import Mapping, mapping_of
from web.centre.lists import jobs
from web.centre.lists.passing import passing
from web.centre.lists.screening import Screened, Screening
from web.centre.lists.shelf import Laid, Shelf, told
from web.centre.lists.storing import Author, Beside, Keeper
from web.centre.office import Office
from web.centre.store.database import now, writing
from web.centre.store.tables import Listed, ListJob
from web.texts import gettext as _

SLICE = 1000
"""Enterprises kept in one transaction: others wait for it to write, so it has to stay well below a second."""
BEAT = 2.0
"""Seconds between two signs of life."""
_LOG = logging.getLogger(__name__)


class Stopped(Exception):
    """This process is to end."""


@dataclass(slots=True)
class Work:
    """The work of one process on one list. ``stopping`` tells whether the process is to end."""

    office: Office
    number: int
    stopping: Callable[[], bool]
    slice_rows: int = SLICE
    token: str = field(default_factory=lambda: uuid4().hex)

    def run(self) -> None:
        """Do what is to be done of the list; nothing where that is nothing, or somebody else does it."""
        with writing(self.office.engine) as session:
            job = jobs.claim(session, self.number, self.token, now())
        if job is None:
            return
        with self._beating():
            try:
                self._do(job)
                self._end("done")
            except jobs.Lost:
                return
            except jobs.Cancelled:
                self._end("cancelled")
            except Stopped:
                self._end("waiting")
            except InputError as error:
                self._end("failed", "\n".join(told(error.findings)))
            except OSError as error:
                _fault(error)
                self._end("failed", _("写不下，可能磁盘已满；腾出空间后可以接着做。"))
            except (OperationalError, InterfaceError) as error:
                # The database is away; whoever finds the list silent goes on with it.
                _fault(error)
            except Exception as error:
                _fault(error)
                self._end("failed", _("程序内部出错，请把时间和名单编号告诉管理人员。"))

    def _do(self, job: ListJob) -> None:
        with passing(self.office.settings.passing) as folder:
            source, screening = self._opened(job), Screening(self.office.service.pack, job.as_of)
            with writing(self.office.engine) as session:
                held = jobs.held(session, self.number, self.token)
                if jobs.begin(held, identity(source.fingerprint, held.as_of, screening.pack.version), source.rows, now()):
                    self._shelf.clear_rejects(self.number)
                    session.execute(delete(Listed).where(Listed.list_id == self.number))
                finished = range(held.slices)
            source.prepare(folder)
            keeper = Keeper(self.office.engine, screening, Author(self.number, job.by_id))
            with closing(keeper.keep_all(source.slices(finished), self._noting)) as kept:
                for _screened in kept:
                    if self.stopping():
                        raise Stopped

    def _opened(self, job: ListJob) -> ListSource | LazyList:
        if job.state == "cancelling":
            raise jobs.Cancelled
        here = self.office.service
        paths = self._shelf.paths(Laid(job.digest, tuple(job.files)))
        mapping = mapping_of(job.mapping, _("映射")) if job.mapping else Mapping()
        return open_list(paths, here.pack, mapping, rules=here.settings.rules, slice_rows=self.slice_rows)

    def _noting(self, raw: RawSlice) -> Beside:
        """What is written with a slice: that it is behind us, and what of it was not used."""

        def note(session: Session, screened: Screened, counts: Counter[str]) -> None:
            job = jobs.held(session, self.number, self.token)
            counts["cells"] = sum(reject.kept for reject in screened.rejects)
            counts["records"] = sum(not reject.kept for reject in screened.rejects) - screened.rejected
            self._shelf.keep_rejects(self.number, raw.number, frames.rejects(list(screened.rejects)))
            jobs.advance(job, raw.number, screened.rows, screened.rejected, counts, now())

        return note

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self.office.settings.lists)

    def _end(self, state: str, message: str | None = None) -> None:
        with writing(self.office.engine) as session:
            job = session.get_one(ListJob, self.number)
            if job.worker == self.token:
                jobs.end(session, job, state, now(), message)

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """Signs of life while the work goes on."""
        over = Event()

        def beat() -> None:
            while not over.wait(BEAT):
                try:
                    with writing(self.office.engine) as session:
                        jobs.alive(session, self.number, self.token, now())
                except (OperationalError, InterfaceError) as error:
                    _fault(error)

        thread = Thread(target=beat, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def identity(source: str, as_of: date, version: str) -> str:
    """What is read, the day and the rules that it is screened by, as one hash: where one of them is another, nothing of it
    is done yet."""
    return hashlib.sha256(f"{source}|{as_of.isoformat()}|{version}".encode()).hexdigest()


def _fault(error: Exception) -> None:
    """To the log by its kind and place; what it says may quote an enterprise."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place, trace = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", trace.tb_next
    _LOG.error("list work stopped at %s: %s", place, type(error).__name__)
