"""A command kept running beside the server: begun again when it ends, ended with the server."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Event, Thread

LOOK = 0.5
"""Seconds between two looks at it."""
FIRST, LONGEST = 1.0, 30.0
"""Seconds to wait before it is begun again; twice as many each time that it ends before it is ``STEADY``."""
STEADY = 5.0
PATIENCE = 15.0
"""Seconds that it has for ending when it is told to; what it does then survives being killed."""
_LOG = logging.getLogger(__name__)


class Beside:
    """One command, as a process of its own session: signals for the server reach it through ``stop`` alone."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._words, self._environment = list(words), {**os.environ, **environment}
        self._over = Event()
        self._thread = Thread(target=self._keep, name="beside", daemon=True)

    def start(self) -> None:
        """Begin it, and begin it again whenever it ends."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        pause = FIRST / 2
        while not self._over.is_set():
            begun = time.monotonic()
            self._run()
            if self._over.is_set():
                return
            pause = FIRST if time.monotonic() - begun > STEADY else min(pause * 2, LONGEST)
            _LOG.warning("the process beside the server ended; it is begun again in %.0f seconds", pause)
            self._over.wait(pause)

    def _run(self) -> None:
        """One life of it."""
        try:
            process = subprocess.Popen(
                self._words, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            _LOG.error("the process beside the server cannot be begun: %s", type(error).__name__)
            return
        # The server collects its children itself, this one too: then there is nothing more to learn of it than its end.
        while process.poll() is None and not self._over.wait(LOOK):
            pass
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            if process.poll() is None:
                process.kill()
                process.wait()
