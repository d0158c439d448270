"""A PostgreSQL server of one's own: started where nobody else sees it, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from web.centre.store import database


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """The address of a server on a socket of its own, with ``{name}`` for the database's name.

    Only a ``durable`` one waits for the disk, as one in use does.
    """
    # Short, because the path of a socket may have about a hundred characters only.
    folder = Path(tempfile.mkdtemp(prefix="hq-pg-", dir=None if durable else _memory()))
    # The server refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *words: str) -> None:
        subprocess.run([_programs() / program, *words], user=user, check=True, capture_output=True, cwd=folder)

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "huiqi", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    if not durable:
        settings += " -c fsync=off -c full_page_writes=off -c max_wal_size=128MB"
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        yield f"postgresql+psycopg://huiqi@/{{name}}?host={folder}"
    finally:
        run("pg_ctl", "-D", data, "-m", "fast", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def root_of(server: str) -> Iterator[Connection]:
    """A connection that makes and drops databases."""
    engine = database.connect(database.address_of(server.format(name="postgres")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


def _memory() -> str | None:
    """Where files lie in memory, if there is room: a database is made in a tenth of the time there."""
    shared = Path("/dev/shm")
    room = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2 * 1024**3
    return str(shared) if room else None


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    assert found[-1].is_file(), "PostgreSQL is missing: scripts/install-postgres"
    return found[-1].parent
