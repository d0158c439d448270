"""The schema of the database: made, brought up to date, checked."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from engine.diagnostics import Finding, InputError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the database to a revision, in one transaction; an empty one is made."""
    config = _config()
    with engine.connect().execution_options(huiqi_writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def revision(engine: Engine) -> str | None:
    """The revision of the database; None where it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this code works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def require_newest(engine: Engine) -> None:
    """Raise InputError unless the database is what this code works with."""
    found = revision(engine)
    if found == newest():
        return
    message = "数据库还没有建立" if found is None else "数据库的版本与程序不符"
    hint = "请先运行：huiqi centre init" if found is None else "请先备份，再运行：huiqi centre migrate"
    raise InputError([Finding("--database", 0, 0, "centre-schema", message, hint)])


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
