"""A centre's database on both kinds: SQLite in a file, and a PostgreSQL server that the tests start."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, text

from engine.loader import BUILT_IN
from tests.centre.postgres import postgres, root_of
from web.centre import accounts, packs
from web.centre.store import database, schema


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed in a fraction of the time: what is tested is that they are, not how long a guess takes."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(accounts, "_HASHER", hasher)
        patch.setattr(accounts, "_NOBODY", hasher.hash("nobody"))
        yield


@pytest.fixture(scope="session", autouse=True)
def rules_zipped_once() -> Iterator[None]:
    """Each database keeps the rules that come with huiqi; they are compressed for the first only."""
    with pytest.MonkeyPatch.context() as patch:
        zipped = packs._zipped
        of_these = cache(zipped)
        patch.setattr(packs, "_zipped", lambda rules: (of_these if rules == BUILT_IN else zipped)(rules))
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server on a socket of its own, without a database name."""
    with postgres() as address:
        yield address


@pytest.fixture(scope="session")
def prototypes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Kind of database -> a database with the newest schema, made when first asked for, to be copied."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield str(tmp_path / "centre.db")
        return
    server: str = request.getfixturevalue("server")
    name = f"t{uuid4().hex}"
    with root_of(server) as root:
        root.execute(text(f"create database {name}"))
    yield server.format(name=name)
    with root_of(server) as root:
        root.execute(text(f"drop database {name} with (force)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, prototypes: dict[str, str], tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> Iterator[Engine]:
    """A database with the newest schema."""
    if request.param == "sqlite":
        if "sqlite" not in prototypes:
            prototypes["sqlite"] = str(tmp_path_factory.mktemp("centre") / "prototype.db")
            _make(prototypes["sqlite"])
        shutil.copy(prototypes["sqlite"], tmp_path / "centre.db")
        made = database.connect(database.address_of(str(tmp_path / "centre.db")))
        yield made
        made.dispose()
        return
    server: str = request.getfixturevalue("server")
    if "postgresql" not in prototypes:
        prototypes["postgresql"] = "prototype"
        with root_of(server) as root:
            root.execute(text("create database prototype"))
        _make(server.format(name="prototype"))
    name = f"t{uuid4().hex}"
    with root_of(server) as root:
        root.execute(text(f"create database {name} template prototype"))
    made = database.connect(database.address_of(server.format(name=name)))
    yield made
    made.dispose()
    with root_of(server) as root:
        root.execute(text(f"drop database {name} with (force)"))


def _make(address: str) -> None:
    engine = database.connect(database.address_of(address))
    schema.migrate(engine)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # All of it into the one file that is copied.
            connection.exec_driver_sql("rollback")
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
