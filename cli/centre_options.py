"""Options that the commands of the workbench share, and what they lead to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy import Engine

DEFAULT = "huiqi-centre.db"

database_option = click.option(
    "--database",
    metavar="地址",
    default=lambda: os.environ.get("HUIQI_DATABASE", DEFAULT),
    help=f"SQLite 文件，或 postgresql://…；默认 {DEFAULT}，也可写在 HUIQI_DATABASE 里。",
)
FILES = "huiqi-centre-files"
files_option = click.option(
    "--files",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="文件夹",
    default=lambda: os.environ.get("HUIQI_FILES", FILES),
    help=f"存放证据、名单和密钥的文件夹，不要放在网站能直接访问的地方；默认 {FILES}，也可写在 HUIQI_FILES 里。",
)
jobs_option = click.option(
    "--jobs",
    metavar="地址",
    default=lambda: os.environ.get("HUIQI_JOBS", ""),
    help="名单任务的队列放在 Redis 里：redis://…，也可写在 HUIQI_JOBS 里；不给就放在 --files 里。",
)


@contextmanager
def parts_of_the_centre(context: click.Context) -> Iterator[None]:
    """Imports of the workbench; raises UsageError where something that it needs is not installed."""
    try:
        yield
    except ImportError as error:
        message = f"缺少工作台部件 {error.name}，请安装：pip install 'huiqi[centre,forward,lists,verify,web]'。"
        raise click.UsageError(message, context) from None


def check_jobs(jobs: str, context: click.Context) -> None:
    """Raise UsageError for what is no address of a queue."""
    if jobs and not jobs.startswith(("redis://", "rediss://", "unix://")):
        raise click.UsageError(f"--jobs 要写成 redis://主机:端口/编号，不能是“{jobs.rpartition('@')[2]}”。", context)


def engine_of(database: str, *, exists: bool = False) -> Engine:
    """An engine on a database that can be reached; with ``exists`` it must be there. Raises InputError."""
    from web.centre.store.database import address_of, connect, probe

    engine = connect(address_of(database))
    probe(engine, exists=exists)
    return engine


def ready(database: str) -> Engine:
    """An engine on a database that this program can work with. Raises InputError where it cannot."""
    from web.centre.store.schema import require_newest

    engine = engine_of(database, exists=True)
    require_newest(engine)
    return engine
