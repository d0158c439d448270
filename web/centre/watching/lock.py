"""One at a time: whoever screens everybody again holds a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

NUMBER = 0x77617463
"""The number of PostgreSQL's advisory lock."""
BESIDE = ".watch"
"""What the lock's file is called, after the name of a SQLite database."""


@contextmanager
def alone(engine: Engine) -> Iterator[bool]:
    """Whether nobody else is at it; nobody else will be until the end."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            held = bool(connection.execute(text("select pg_try_advisory_lock(:lock)"), {"lock": NUMBER}).scalar_one())
            try:
                yield held
            finally:
                if held:
                    connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": NUMBER})
        return
    database = Path(engine.url.database or "")
    with database.with_name(database.name + BESIDE).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        # Closing the file lets go.
        yield True
