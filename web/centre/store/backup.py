"""Backup and restore: one file that either kind of database can be made from again.

A zip: ``manifest.json`` (schema revision, newest link of the chain, rows and SHA-256 of each part and file), a file of JSON
lines for each table, and the files that the rows speak of. It is read in one moment's view of the database, so work goes on.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, DateTime, Engine, LargeBinary, func, insert, select, text
from sqlalchemy import Table as Definition
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from web.centre.store import backup_files, chain, schema
from web.centre.store.backup_files import Folders
from web.centre.store.database import reading, writing
from web.centre.store.tables import Table

MANIFEST = "manifest.json"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: rows of each table, files; and ``missing``, files that rows speak of and that were not there."""

    rows: dict[str, int]
    files: int
    missing: int = 0


def back_up(engine: Engine, folders: Folders, target: Path) -> Backup:
    """Write the backup, in one step. It holds people and passwords: it is for its owner alone, whatever the umask."""
    schema.require_newest(engine)
    part = target.with_name(target.name + ".part")
    counts: dict[str, int] = {}
    sums: dict[str, str] = {}
    with (
        backup_files.owned(part) as made,
        reading(engine) as session,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        number, head = chain.newest(session)
        for table in Table.metadata.sorted_tables:
            digest, counts[table.name] = hashlib.sha256(), 0
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
                for line in _lines(session, table):
                    file.write(line)
                    digest.update(line)
                    counts[table.name] += 1
            sums[table.name] = digest.hexdigest()
        files, missing = backup_files.put(session, folders, archive)
        told = {"revision": schema.newest(), "chain": [number, head], "rows": counts, "sha256": sums, "files": files}
        archive.writestr(MANIFEST, json.dumps(told, indent=2))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    return Backup(counts, len(files), missing)


def restore(engine: Engine, folders: Folders, source: Path) -> Backup:
    """Make an empty database and empty folders what the backup says; all of it, or nothing.

    Raises InputError where the file is damaged, the database or a folder is not empty, or the chain does not hold.
    """
    with _opened(source) as archive:
        manifest = _manifest(archive, source)
        if schema.revision(engine) is not None or not folders.empty:
            raise _refused(source, "只能恢复到空的数据库和空的证据、名单文件夹", "请换一个 --database 和 --files")
        if manifest["revision"] != schema.newest():
            hint = "请用备份时的程序版本恢复，再运行 huiqi centre migrate"
            raise _refused(source, f"备份的数据库版本是{manifest['revision']}，程序的是{schema.newest()}", hint)
        schema.migrate(engine)
        try:
            with backup_files.taken(archive, manifest["files"], folders) as wrong, writing(engine) as session:
                if wrong:
                    raise _refused(source, f"备份里的文件{wrong}不完整或被改过", "备份可能被改过，请换一份")
                for table in Table.metadata.sorted_tables:
                    _fill(session, table, archive, manifest, source)
                _reset_numbers(session)
                problems = [item.what for item in chain.verify(session, tuple(manifest["chain"]))]
                if problems:
                    raise _refused(source, f"备份里的链不成立：{problems[0]}", "备份可能被改过，请换一份")
        except BaseException:
            # The schema that was made for it goes too, so that the same command can be given again.
            _empty(engine)
            raise
    return Backup(manifest["rows"], len(manifest["files"]))


def _lines(session: Session, table: Definition) -> Iterator[bytes]:
    keys = list(table.primary_key.columns)
    rows = session.execute(select(table).order_by(*keys).execution_options(yield_per=BATCH))
    for row in rows:
        told = {column.name: _told(value) for column, value in zip(table.columns, row, strict=True)}
        yield json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _told(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _read(value: Any, column: Column[Any]) -> Any:
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value


def _fill(
    session: Session, table: Definition, archive: zipfile.ZipFile, manifest: dict[str, Any], source: Path
) -> None:
    digest, count = hashlib.sha256(), 0
    rows: list[dict[str, Any]] = []
    with archive.open(f"{table.name}.jsonl") as file:
        for line in file:
            digest.update(line)
            told = json.loads(line)
            rows.append({column.name: _read(told[column.name], column) for column in table.columns})
            count += 1
            if len(rows) == BATCH:
                session.execute(insert(table), rows)
                rows = []
    if rows:
        session.execute(insert(table), rows)
    if digest.hexdigest() != manifest["sha256"].get(table.name) or count != manifest["rows"].get(table.name):
        raise _refused(source, f"备份里的{table.name}不完整或被改过", "请换一份备份")


def _reset_numbers(session: Session) -> None:
    """PostgreSQL counts on from what was put in."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in Table.metadata.sorted_tables:
        if "id" in table.columns:
            largest = session.execute(select(func.max(table.c.id))).scalar_one()
            if largest is not None:
                session.execute(
                    text("select setval(pg_get_serial_sequence(:table, 'id'), :last)"),
                    {"table": table.name, "last": largest},
                )


def _empty(engine: Engine) -> None:
    with engine.connect().execution_options(huiqi_writes=True) as connection, connection.begin():
        Table.metadata.drop_all(connection)
        connection.execute(text("drop table if exists alembic_version"))


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(b"") if not source.exists() else source)
    except (zipfile.BadZipFile, OSError):
        raise _refused(source, "这不是备份文件，或者文件不存在", "备份由 huiqi centre backup 生成") from None


def _manifest(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(archive.read(MANIFEST))
        names = {f"{table.name}.jsonl" for table in Table.metadata.sorted_tables}
        wanted = {"revision", "chain", "rows", "sha256", "files"}
        if not wanted <= told.keys() or not names <= set(archive.namelist()):
            raise KeyError
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise _refused(source, "备份文件不完整", "请换一份备份") from None
    return told


def _refused(source: Path, message: str, hint: str) -> InputError:
    return InputError([Finding(str(source), 0, 0, "centre-backup", message, hint)])
