"""The schema is what the tables say, and migrations lead to it from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from engine import InputError
from web.centre.store import database, schema
from web.centre.store.tables import Table


def test_migrations_lead_to_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_an_empty_database_is_asked_to_be_made(address: str) -> None:
    engine = database.connect(database.address_of(address))
    assert schema.revision(engine) is None
    with pytest.raises(InputError, match="huiqi centre init"):
        schema.require_newest(engine)
    schema.migrate(engine)
    assert schema.revision(engine) == schema.newest()
    schema.require_newest(engine)
    engine.dispose()


def test_another_revision_is_asked_to_be_migrated(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0000'")
    with pytest.raises(InputError, match="huiqi centre migrate"):
        schema.require_newest(engine)


def test_a_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It holds passwords and people; what SQLite puts beside it has the same mode."""
    file = tmp_path / "centre.db"
    engine = database.connect(database.address_of(str(file)))
    database.probe(engine, exists=False)
    schema.migrate(engine)
    engine.dispose()
    assert file.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    engine = database.connect(database.address_of(str(tmp_path / "nowhere" / "centre.db")))
    with pytest.raises(InputError, match="打不开数据库"):
        database.probe(engine, exists=False)
    engine.dispose()
