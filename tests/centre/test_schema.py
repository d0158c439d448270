"""The schema is what the tables say, and migrations lead to it from nothing."""

from __future__ import annotations

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
