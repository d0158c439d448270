"""Screening everybody again in the background, for who asked for it on a page: beside the work on lists, in a thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread

from engine.diagnostics import InputError
from web.centre.office import Office
from web.centre.store.database import reading
from web.centre.watching import state
from web.centre.watching.run import Stopped, rescreen

ENOUGH = 10.0
"""Seconds that one waits for the thread to stop; what it has not kept by then is done again another time."""
_LOG = logging.getLogger(__name__)


class Attendant:
    """Looks whether somebody asked, and does it. ``stopping`` tells whether the process is to end."""

    def __init__(self, office: Office, stopping: Callable[[], bool]) -> None:
        self._office, self._stopping = office, stopping
        self._thread: Thread | None = None

    def attend(self) -> None:
        """Begin where it is asked for and not done yet; comes back at once."""
        if self._thread is not None and self._thread.is_alive():
            return
        with reading(self._office.engine) as session:
            by = state.wanted(session)
        if by is not None:
            self._thread = Thread(target=self._run, args=(by,), name="watch", daemon=True)
            self._thread.start()

    def join(self, seconds: float = ENOUGH) -> None:
        """Wait until the thread has stopped, but not for longer."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, by: int) -> None:
        here = self._office
        try:
            rescreen(here.engine, here.service.program, here.service.today(), by, stopping=self._stopping)
        except (InputError, Stopped):
            # Somebody else is at it, or we are to end: it is asked for still, and looked for again.
            return
        except Exception as error:
            # By its kind alone: what it says may quote an enterprise.
            _LOG.error("screening again stopped: %s", type(error).__name__)
