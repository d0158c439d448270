"""A backup makes the same centre again, on either kind of database; a damaged one makes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text, update

from engine import InputError
from engine.loader import BUILT_IN
from tests.centre.office import TODAY, people
from tests.centre.papers import pdf
from tests.centre.watching.applicants import daxing, expiring, find, program, take_in, user, watch
from web.centre import accounts, cases, choices, erasing, evidence, keeping, packs
from web.centre.lists import jobs
from web.centre.lists.shelf import Shelf
from web.centre.store import backup, chain, database, schema
from web.centre.store.backup_files import Folders
from web.centre.store.database import reading, writing
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    Listed,
    ListJob,
    PackArchive,
    ProfileVersion,
    Standing,
    Table,
)

WAITING = "单位名称,注册地\n甲公司,北京市通州区\n".encode()


AWARDED: dict[str, Any] = {
    "name": "己公司",
    "applicant_kinds": ["企业"],
    "registered_division": "固安县",
    "recognitions": [{"id": "基地", "kind": "协同创新基地", "tier": "市级", "issuer": "廊坊市", "issued": "2017-03-01"}],
}
"""Eligible for an amount that is stated, in 2017."""


class Handed:
    """A file of a list."""

    def __init__(self, name: str, content: bytes) -> None:
        self.filename, self.stream = name, BytesIO(content)


def folders_in(folder: Path) -> Folders:
    return Folders(folder / "evidence", folder / "lists")


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> tuple[Engine, Path]:
    """A centre at work: something in every table, and every kind of file."""
    files = tmp_path / "files"
    people(engine)
    with writing(engine) as session:
        packs.keep(session, program().pack, BUILT_IN)
        choices.write(session, choices.Choices(name="某某区服务中心", four_eyes=True))
        accounts.end(session, "0" * 32, datetime(2026, 11, 1))
        session.add(PackArchive(version="v", archive=bytes(range(256)), kept_at=database.now()))
    [first, second] = take_in(engine, expiring("甲公司", "2026-12-10"), expiring("乙公司", "2027-01-10"))
    take_in(engine, daxing("戊公司"))
    find(engine, first, "tz-outstanding-youth", True)
    watch(engine, date(2026, 12, 12))
    take_in(engine, AWARDED, day=date(2017, 6, 30))
    shelf = Shelf(files / "lists")
    with writing(engine) as session:
        cases.add_note(session, first, "请补年度数据", user(session))
        for name, content, state in (("待筛.csv", WAITING, "waiting"), ("已筛.csv", WAITING + b"\n", "done")):
            laid = shelf.lay([Handed(name, content)])
            job = jobs.hand_in(session, user(session), name, laid.digest, laid.names, TODAY, datetime(2026, 11, 1))
            job.state = state
        session.add(Listed(list_id=2, enterprise_id=first))
    shelf.keep_rejects(2, 0, shelf.rejects(0, 0))
    paper = evidence.handed("清单.pdf", pdf())
    with evidence.arriving(engine, files / "evidence", paper) as arrival, writing(engine) as session:
        arrival.keep(session, first, user(session, "reviewer"), datetime(2026, 11, 2))
    (files / "secret").write_text("not for copies")
    (files / "jobs.db").write_bytes(b"rebuilt")
    with writing(engine) as session:
        # Emptied rows have to come through as well.
        session.execute(update(ListJob).where(ListJob.state == "waiting").values(state="cancelled"))
        erasing.erase(session, [second], "request", user(session, "head"), TODAY)
        session.execute(update(ListJob).where(ListJob.state == "cancelled").values(state="waiting"))
    return engine, files


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Table.metadata.sorted_tables
        }


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Engine]:
    """A database that is not there yet."""
    made = database.connect(database.address_of(str(tmp_path / "other.db")))
    yield made
    made.dispose()


def test_every_table_is_in_the_example(filled: tuple[Engine, Path]) -> None:
    assert [name for name, rows in contents(filled[0]).items() if not rows] == []


def test_what_is_restored_is_what_was_backed_up(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    """From the kind at hand into SQLite, from there into the kind at hand again, and work goes on there."""
    engine, files = filled
    target, into = tmp_path / "backup.zip", tmp_path / "restored"
    done = backup.back_up(engine, folders_in(files), target)
    assert (done.files, done.missing) == (3, 0)
    assert backup.restore(other, folders_in(into), target) == done
    before = contents(engine)
    assert contents(other) == before
    # Of the list that is done, and of what is rebuilt or secret, nothing was taken along.
    expected = {name: content for name, content in files_below(files).items() if name not in ("secret", "jobs.db")}
    with reading(engine) as session:
        over = session.execute(select(ListJob.digest).where(ListJob.state == "done")).scalar_one()
    assert files_below(into) == {name: content for name, content in expected.items() if over not in name}
    again = tmp_path / "again.zip"
    backup.back_up(other, folders_in(into), again)
    backup._empty(engine)
    backup.restore(engine, folders_in(tmp_path / "back"), again)
    assert contents(engine) == before
    assert files_below(tmp_path / "back") == files_below(into)
    goes_on(engine)
    goes_on(other)


def goes_on(engine: Engine) -> None:
    """The chain holds, determinations can be made again, new rows get new numbers, everybody is screened again."""
    with reading(engine) as session:
        assert list(chain.verify(session)) == []
        last = session.execute(select(func.max(ProfileVersion.id))).scalar_one()
        for standing in session.execute(select(Standing)).scalars():
            again = keeping.rederived(session, session.get_one(DeterminationRow, standing.determination_id))
            assert again is not None and again.verdicts == standing.verdicts
    [number] = take_in(engine, expiring("丙公司", "2027-02-01"))
    with reading(engine) as session:
        newest = keeping.newest_profile(session, number)
        assert newest is not None and newest.id == last + 1
    assert watch(engine, date(2026, 12, 13)).evaluated == 2
    with reading(engine) as session:
        assert list(chain.verify(session)) == []


def test_a_file_that_is_not_there_is_told(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    engine, files = filled
    for path in (files / "evidence").iterdir():
        path.unlink()
    target = tmp_path / "backup.zip"
    done = backup.back_up(engine, folders_in(files), target)
    assert (done.files, done.missing) == (2, 1)
    backup.restore(other, folders_in(tmp_path / "restored"), target)


def test_evidence_alone_as_it_was_called_before(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    engine, files = filled
    target, into = tmp_path / "backup.zip", tmp_path / "restored"
    assert backup.back_up(engine, Folders(files / "evidence"), target).files == 1
    backup.restore(other, Folders(into / "evidence"), target)
    assert files_below(into).keys() == {f"evidence/{hashlib.sha256(pdf()).hexdigest()}"}


def test_only_into_what_is_empty(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    engine, files = filled
    target = tmp_path / "backup.zip"
    backup.back_up(engine, folders_in(files), target)
    before, lying = contents(engine), files_below(files)
    with pytest.raises(InputError, match="只能恢复到空的数据库"):
        backup.restore(engine, folders_in(tmp_path / "elsewhere"), target)
    for folders in (Folders(files / "evidence", tmp_path / "a"), Folders(tmp_path / "a", files / "lists")):
        with pytest.raises(InputError, match="空的证据、名单文件夹"):
            backup.restore(other, folders, target)
    assert contents(engine) == before and files_below(files) == lying


def line_changed(parts: dict[str, bytes]) -> None:
    parts["enterprises.jsonl"] = parts["enterprises.jsonl"].replace("甲公司".encode(), "丁公司".encode())


def line_and_sum_changed(parts: dict[str, bytes]) -> None:
    parts["profiles.jsonl"] = parts["profiles.jsonl"].replace("甲公司".encode(), "丁公司".encode())
    manifest = json.loads(parts["manifest.json"])
    manifest["sha256"]["profiles"] = hashlib.sha256(parts["profiles.jsonl"]).hexdigest()
    parts["manifest.json"] = json.dumps(manifest).encode()


def line_lost(parts: dict[str, bytes]) -> None:
    parts["audit.jsonl"] = b""


def file_changed(parts: dict[str, bytes]) -> None:
    name = next(name for name in parts if name.startswith("lists/") and name.endswith(".csv"))
    parts[name] += b"x"


def evidence_and_sum_changed(parts: dict[str, bytes]) -> None:
    name = next(name for name in parts if name.startswith("evidence/"))
    parts[name] += b"x"
    told(parts, {name: hashlib.sha256(parts[name]).hexdigest()})


def file_lost(parts: dict[str, bytes]) -> None:
    del parts[next(name for name in parts if name.startswith("evidence/"))]


def file_added(parts: dict[str, bytes]) -> None:
    parts["lists/strange"] = b""


def file_elsewhere(parts: dict[str, bytes]) -> None:
    name = f"lists/{'0' * 64}/../../../x"
    parts[name] = b"x"
    told(parts, {name: hashlib.sha256(b"x").hexdigest()})


def part_lost(parts: dict[str, bytes]) -> None:
    del parts["users.jsonl"]


def other_revision(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), "revision": "0000"}).encode()


def told(parts: dict[str, bytes], files: dict[str, str]) -> None:
    manifest = json.loads(parts["manifest.json"])
    manifest["files"] |= files
    parts["manifest.json"] = json.dumps(manifest).encode()


DAMAGES = [
    (line_changed, "enterprises不完整或被改过"),
    (line_and_sum_changed, "备份里的链不成立：画像1的内容被改过"),
    (line_lost, "audit不完整或被改过"),
    (file_changed, r"文件lists/.*不完整或被改过"),
    (evidence_and_sum_changed, r"文件evidence/.*不完整或被改过"),
    (file_lost, r"文件evidence/.*不完整或被改过"),
    (file_added, "文件lists/strange不完整或被改过"),
    (file_elsewhere, r"文件lists/0*/\.\./\.\./\.\./x不完整或被改过"),
    (part_lost, "备份文件不完整"),
    (other_revision, "备份的数据库版本是0000"),
]


def test_a_damaged_backup_makes_nothing(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    engine, files = filled
    target, damaged, into = tmp_path / "backup.zip", tmp_path / "damaged.zip", tmp_path / "restored"
    backup.back_up(engine, folders_in(files), target)
    with zipfile.ZipFile(target) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    each: list[tuple[Callable[[dict[str, bytes]], None], str]] = DAMAGES
    for damage, message in each:
        parts = dict(whole)
        damage(parts)
        with zipfile.ZipFile(damaged, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        with pytest.raises(InputError, match=message):
            backup.restore(other, folders_in(into), damaged)
        assert schema.revision(other) is None, damage
        assert files_below(tmp_path).keys() & {"x"} == set() and not files_below(into) if into.exists() else True
    # The same command with the whole file then works.
    backup.restore(other, folders_in(into), target)
    with reading(other) as session:
        assert session.get_one(Enterprise, 1).name == "甲公司"


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_backup_is_refused(other: Engine, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "backup.zip"
    source.write_bytes(content)
    with pytest.raises(InputError, match="这不是备份文件"):
        backup.restore(other, folders_in(tmp_path / "into"), source)


def test_work_goes_on_while_it_is_made(filled: tuple[Engine, Path], other: Engine, tmp_path: Path) -> None:
    """What is written after it began is not in it: all tables are of one moment."""
    engine, files = filled
    target = tmp_path / "backup.zip"
    before = contents(engine)
    written: list[int] = []
    lines = backup._lines

    def meddling(session: Any, table: Any) -> Iterator[bytes]:
        if not written and table.name == "profiles":
            written.extend(take_in(engine, expiring("丁公司", "2027-02-01")))
        yield from lines(session, table)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup, "_lines", meddling)
        backup.back_up(engine, folders_in(files), target)
    assert written and contents(engine) != before
    backup.restore(other, folders_in(tmp_path / "restored"), target)
    assert contents(other) == before
    with other.connect() as connection:
        assert connection.execute(text("select count(*) from enterprises")).scalar_one() == 4


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_a_backup_and_what_is_restored_are_for_their_owner_alone(
    filled: tuple[Engine, Path], other: Engine, tmp_path: Path, umask: int
) -> None:
    engine, files = filled
    target, into = tmp_path / "backup.zip", tmp_path / "new" / "restored"
    # What a backup before left there was for everybody.
    for path in (target, tmp_path / "backup.zip.part"):
        path.write_bytes(b"before")
        path.chmod(0o644)
    before = os.umask(umask)
    try:
        backup.back_up(engine, folders_in(files), target)
        backup.restore(other, folders_in(into), target)
    finally:
        os.umask(before)
    assert modes([target]) == {0o600}
    assert modes(path for path in into.rglob("*") if path.is_file()) == {0o600}
    assert modes([into.parent, into, *(path for path in into.rglob("*") if path.is_dir())]) == {0o700}


def test_while_it_is_made_nobody_else_can_read_it(
    filled: tuple[Engine, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, files = filled
    own, seen = backup._lines, set[int]()

    def looking(session: Any, table: Any) -> Iterator[bytes]:
        seen.update(modes(tmp_path.glob("backup.zip*")))
        return own(session, table)

    monkeypatch.setattr(backup, "_lines", looking)
    backup.back_up(engine, folders_in(files), tmp_path / "backup.zip")
    assert seen == {0o600}


def modes(paths: Iterable[Path]) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in paths}
