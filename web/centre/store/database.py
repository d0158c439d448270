"""The centre's database: SQLite in a file with nothing to install, or PostgreSQL by its address."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""
LOOKS = 0.11
"""A little longer than between two looks of who waits to write on SQLite."""
CHAIN_LOCK = 0x68756971
"""The number of PostgreSQL's advisory lock that serialises what goes into the chain."""


def address_of(given: str) -> URL:
    """A database address; a plain path is a SQLite file. Raises InputError where it is neither."""
    if "://" not in given:
        return URL.create("sqlite", database=str(Path(given).resolve()))
    try:
        url = make_url(given)
    except ArgumentError:
        raise InputError([_bad(given, "这不是数据库地址")]) from None
    kind = url.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise InputError([_bad(given, f"不支持{kind}")])
    return url.set(drivername="postgresql+psycopg") if kind == "postgresql" else url


def connect(address: URL) -> Engine:
    """An engine whose transactions are explicit. On SQLite: write-ahead log, foreign keys, every commit on disk.

    Raises InputError where what PostgreSQL needs is not installed.
    """
    if address.get_backend_name() == "postgresql":
        try:
            return create_engine(address, pool_pre_ping=True)
        except ImportError:
            hint = "请安装：pip install 'psycopg[binary]'"
            raise InputError([Finding("--database", 0, 0, "centre-database", "缺少连接 PostgreSQL 的部件", hint)]) from None
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def probe(engine: Engine, *, exists: bool) -> None:
    """Raise InputError where the database cannot be reached, or with ``exists`` is a file that is not there."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if exists and file and not Path(file).exists():
        hint = "请先运行：huiqi centre init，或用 --database 指明"
        raise InputError([Finding(file, 0, 0, "centre-schema", "数据库还没有建立", hint)])
    try:
        if file and not exists:
            # It holds passwords and people: for its owner alone, and so what SQLite puts beside it.
            Path(file).touch(0o600)
        with engine.connect() as connection:
            connection.exec_driver_sql("select 1" if file is None else "select count(*) from sqlite_master")
    except (DBAPIError, OSError) as error:
        where = file or engine.url.render_as_string(hide_password=True)
        cause = error.orig if isinstance(error, DBAPIError) else error.strerror
        why = str(cause).strip().splitlines()[0] if cause else ""
        hint = f"数据库的回答：{why}" if why else ""
        raise InputError([Finding(where, 0, 0, "centre-database", "打不开数据库", hint)]) from None


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads; what it sees is of one moment. Its objects keep what was loaded when it has ended."""
    if engine.dialect.name == "postgresql":
        # By default each statement there sees a moment of its own.
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that writes: alone on SQLite, alone in the chain on PostgreSQL. All of it is kept, or none."""
    with engine.connect() as plain:
        connection = plain.execution_options(huiqi_writes=True)
        with connection.begin(), Session(connection, expire_on_commit=False) as session:
            if engine.dialect.name == "postgresql":
                session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
            yield session
            session.flush()


def give_way(engine: Engine) -> None:
    """Let others write who wait. PostgreSQL lets them in by turns; on SQLite who waits only looks every tenth of a second, so
    whoever writes again at once would be first each time."""
    if engine.dialect.name == "sqlite":
        time.sleep(LOOKS)


def now() -> datetime:
    """The time, UTC, without a zone, to the microsecond."""
    return datetime.now(UTC).replace(tzinfo=None)


def _prepare(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"pragma {pragma}")


def _begin(connection: Any) -> None:
    # A transaction that will write takes the lock first: one that read before could not be brought up to date.
    writes = connection.get_execution_options().get("huiqi_writes")
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def _bad(given: str, why: str) -> Finding:
    hint = "写一个文件路径（SQLite），或 postgresql://用户@主机/库名"
    return Finding("--database", 0, 0, "centre-database", f"{why}：{given.partition('@')[2] or given}", hint)
