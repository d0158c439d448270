"""A backup makes the same database again, on either kind; a damaged one makes nothing."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from engine import InputError
from web.centre import accounts, keeping
from web.centre.store import backup, chain, database, schema
from web.centre.store.database import reading, writing
from web.centre.store.tables import PackArchive, ProfileVersion, Table


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> tuple[Engine, Path]:
    """Two users, a profile, rule files as bytes, and a file of evidence."""
    with writing(engine) as session:
        user = accounts.add_user(session, "wang", "王", "clerk", None)
        accounts.add_user(session, "li", "李", "auditor", None)
        enterprise = keeping.enterprise_of(session, "k", keeping.Head("甲公司", None, None, None))
        keeping.add_profile(session, enterprise, {"name": "甲公司", "annuals": [{"revenue": "1.5万元"}]}, "form", user)
        session.add(PackArchive(version="v", archive=bytes(range(256)), kept_at=database.now()))
        keeping.audit(session, user, "intake", enterprise.id)
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / hashlib.sha256(b"pdf").hexdigest()).write_bytes(b"pdf")
    return engine, evidence


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Table.metadata.sorted_tables
        }


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Engine]:
    """A database that is not there yet."""
    made = database.connect(database.address_of(str(tmp_path / "other.db")))
    yield made
    made.dispose()


def test_what_is_restored_is_what_was_backed_up(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    engine, evidence = filled
    target, into = tmp_path / "backup.zip", tmp_path / "restored"
    rows = backup.back_up(engine, evidence, target)
    assert rows["users"] == 2
    again = other
    assert backup.restore(again, into, target) == rows
    assert contents(again) == contents(engine)
    assert [path.read_bytes() for path in into.iterdir()] == [b"pdf"]
    with writing(again) as session:
        keeping.audit(session, None, "after")
    with reading(again) as session:
        assert list(chain.verify(session)) == []


def test_into_the_kind_it_came_from_and_counting_goes_on(filled: tuple[Engine, Path], tmp_path: Path) -> None:
    engine, evidence = filled
    target = tmp_path / "backup.zip"
    backup.back_up(engine, evidence, target)
    before = contents(engine)
    backup._empty(engine)
    backup.restore(engine, tmp_path / "restored", target)
    assert contents(engine) == before
    with writing(engine) as session:
        enterprise = keeping.enterprise_of(session, "k2", keeping.Head("乙公司", None, None, None))
        user = accounts.named(session, "wang")
        assert keeping.add_profile(session, enterprise, {"name": "乙公司"}, "form", user).id == 2
    with reading(engine) as session:
        assert list(chain.verify(session)) == []


def test_only_into_what_is_empty(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    engine, evidence = filled
    target = tmp_path / "backup.zip"
    backup.back_up(engine, evidence, target)
    before = contents(engine)
    with pytest.raises(InputError, match="只能恢复到空的数据库"):
        backup.restore(engine, tmp_path / "elsewhere", target)
    with pytest.raises(InputError, match="空的证据目录"):
        backup.restore(other, evidence, target)
    assert contents(engine) == before


def line_changed(parts: dict[str, bytes]) -> None:
    parts["profiles.jsonl"] = parts["profiles.jsonl"].replace("甲公司".encode(), "乙公司".encode())


def line_and_sum_changed(parts: dict[str, bytes]) -> None:
    line_changed(parts)
    manifest = json.loads(parts["manifest.json"])
    manifest["sha256"]["profiles"] = hashlib.sha256(parts["profiles.jsonl"]).hexdigest()
    parts["manifest.json"] = json.dumps(manifest).encode()


def line_lost(parts: dict[str, bytes]) -> None:
    parts["audit.jsonl"] = b""


def evidence_changed(parts: dict[str, bytes]) -> None:
    parts[f"evidence/{hashlib.sha256(b'pdf').hexdigest()}"] = b"PDF"


def part_lost(parts: dict[str, bytes]) -> None:
    del parts["users.jsonl"]


def other_revision(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), "revision": "0000"}).encode()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (line_changed, "profiles不完整或被改过"),
        (line_and_sum_changed, "备份里的链不成立：画像1的内容被改过"),
        (line_lost, "audit不完整或被改过"),
        (evidence_changed, "被改过"),
        (part_lost, "备份文件不完整"),
        (other_revision, "备份的数据库版本是0000"),
    ],
)
def test_a_damaged_backup_makes_nothing(
    filled: tuple[Engine, Path],
    other: Engine,
    tmp_path: Path,
    damage: Callable[[dict[str, bytes]], None],
    message: str,
) -> None:
    engine, evidence = filled
    target, damaged = tmp_path / "backup.zip", tmp_path / "damaged.zip"
    backup.back_up(engine, evidence, target)
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    damage(parts)
    with zipfile.ZipFile(damaged, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    again, into = other, tmp_path / "restored"
    with pytest.raises(InputError, match=message):
        backup.restore(again, into, damaged)
    assert schema.revision(again) is None
    assert not into.exists()
    # The same command with the whole file then works.
    backup.restore(again, into, target)
    with reading(again) as session:
        assert session.get_one(ProfileVersion, 1).number == 1


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_backup_is_refused(other: Engine, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "backup.zip"
    source.write_bytes(content)
    with pytest.raises(InputError, match="这不是备份文件"):
        backup.restore(other, tmp_path / "into", source)
