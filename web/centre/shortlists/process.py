"""A long shortlist made by another process: whoever waits for it holds nobody up, and the work has bounds that hold.

Run as a module it reads what is wished as JSON on standard input and writes the workbook to standard output.
"""

from __future__ import annotations

import io
import json
import logging
import os
import resource
import subprocess
import sys
import threading
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from web.centre import packs
from web.centre.office import Office
from web.centre.shortlists.workbook import Wish, write
from web.centre.store.database import address_of, connect, reading

_LOG = logging.getLogger(__name__)
HERE = 100
"""So many lines are made at once; more by another process."""
SECONDS = 120
"""Of one core, after which a list is given up."""
MEMORY = 3 * 1024**3
WAIT = 30
"""Seconds that a request waits for the list before it."""
_ONE = threading.Lock()


class Busy(Exception):
    """The list was not made: another one is being made, or it took too long."""


def made(office: Office, wish: Wish) -> bytes:
    """The workbook. A long one is made by another process, one at a time. Raises Busy."""
    if len(wish.enterprises) <= HERE:
        target = io.BytesIO()
        with reading(office.engine) as session:
            write(session, wish, office.service.program, target)
        return target.getvalue()
    if not _ONE.acquire(timeout=WAIT):
        raise Busy
    try:
        told = {**asdict(wish), "at": wish.at.isoformat(), "database": office.settings.database}
        done = subprocess.run(
            [sys.executable, "-m", "web.centre.shortlists.process"],
            input=json.dumps(told).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    except subprocess.TimeoutExpired:
        raise Busy from None
    finally:
        _ONE.release()
    if done.returncode != 0:
        _LOG.error("a shortlist was not made: its process ended with %d", done.returncode)
        raise Busy
    return done.stdout


def main() -> int:
    """Standard input to standard output, politely and within bounds."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    told: dict[str, Any] = json.load(sys.stdin)
    engine: Engine = connect(address_of(told.pop("database")))
    wish = Wish(**{**told, "at": datetime.fromisoformat(told["at"])})
    target = io.BytesIO()
    with reading(engine) as session:
        write(session, wish, packs.program_of(session, wish.version), target)
    engine.dispose()
    sys.stdout.buffer.write(target.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
