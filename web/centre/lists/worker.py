"""The process that works on lists: woken by the queue, and every few seconds looking for itself what nobody attends to."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from threading import Thread

from web.centre.lists import jobs
from web.centre.lists.passing import sweep
from web.centre.lists.tasks import Tasks
from web.centre.lists.work import SLICE, Work
from web.centre.office import Office
from web.centre.settings import CentreSettings
from web.centre.store.database import now, reading
from web.centre.watching.attending import Attendant
from web.service import Service
from web.settings import Settings

LOOK = 2.0
"""Seconds between two looks."""
_LOG = logging.getLogger(__name__)


class Worker:
    """Works on lists, one after the other, until it is stopped."""

    def __init__(self, settings: CentreSettings, service: Service, slice_rows: int = SLICE) -> None:
        """Raises InputError where the database cannot be used."""
        self.office = Office(settings, service)
        self.tasks = Tasks(settings, self._work)
        self._slice_rows = slice_rows
        self._consumer = self.tasks.huey.create_consumer(
            workers=1, periodic=False, max_delay=1.0, graceful_signal="TERM"
        )
        self._attendant = Attendant(self.office, self._consumer.stop_flag.is_set)

    def run(self, parent: int | None = None) -> None:
        """Work until a signal comes, or until the process ``parent`` is not ours any more. What killed ones left goes first."""
        sweep(self.office.settings.passing, self.office.settings.lists)
        Thread(target=self._look, args=(parent,), name="look", daemon=True).start()
        try:
            self._consumer.run()
        finally:
            self._attendant.join()
            self.office.engine.dispose()

    def seek(self) -> None:
        """Put into the queue what nobody attends to, and screen everybody again where that is asked for."""
        with reading(self.office.engine) as session:
            found = set(jobs.unattended(session, now()))
        if found:
            for number in sorted(found - self.tasks.waiting()):
                self.tasks.wake(number)
        self._attendant.attend()

    def _work(self, number: int) -> None:
        Work(self.office, number, self._consumer.stop_flag.is_set, self._slice_rows).run()

    def _look(self, parent: int | None) -> None:
        while True:
            try:
                self.seek()
            except Exception as error:
                # The database or the queue is away; they will come back.
                _LOG.warning("nothing was looked for: %s", type(error).__name__)
            if self._consumer.stop_flag.wait(LOOK):
                return
            if parent is not None and os.getppid() != parent:
                # As if it had told us before it went.
                os.kill(os.getpid(), signal.SIGTERM)
                return


def work(settings: Settings, parent: int | None = None, ready: Callable[[], None] = lambda: None) -> None:
    """Work for the workbench of a site. Raises InputError where its rules or its database cannot be used."""
    assert settings.centre is not None
    worker = Worker(settings.centre, Service(settings))
    ready()
    worker.run(parent)
