"""``huiqi centre``: the workbench's database from the command line."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

PASSWORD = "这是足够长的一句密码\n"


def centre(folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run in ``folder`` as a process of its own, the password on standard input."""
    command = [sys.executable, "-m", "cli.main", "centre", *words]
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        command, cwd=folder, input=given, capture_output=True, text=True, env={"PYTHONPATH": str(root), "PATH": ""}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert centre(tmp_path, "init").returncode == 0
    done = centre(tmp_path, "user", "add", "wang", "--role", "administrator", "--full-name", "王某", given=PASSWORD)
    assert (done.returncode, done.stdout) == (0, "已建立管理员“wang”。\n")
    return tmp_path


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    done = centre(tmp_path, "audit")
    assert done.returncode == 2
    assert "huiqi centre init" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_making_it_twice_changes_nothing(folder: Path) -> None:
    again = centre(folder, "init")
    assert (again.returncode, again.stdout) == (0, "数据库已经建立，没有改动。\n")
    assert centre(folder, "migrate").stdout == "数据库已是最新。\n"


def test_accounts(folder: Path) -> None:
    last = centre(folder, "user", "off", "wang")
    assert (last.returncode, last.stderr.count("\n")) == (2, 1) and "最后一位" in last.stderr
    assert centre(folder, "user", "add", "li", "--role", "administrator", given=PASSWORD).returncode == 0
    assert centre(folder, "user", "off", "wang").returncode == 0
    assert centre(folder, "user", "list").stdout == "wang\t管理员\t王某\t已停用\nli\t管理员\tli\n"
    assert centre(folder, "user", "on", "wang").returncode == 0
    assert centre(folder, "user", "list").stdout.startswith("wang\t管理员\t王某\n")
    missing = centre(folder, "user", "password", "zhao", given=PASSWORD)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "没有用户“zhao”" in missing.stderr


def test_an_audit_finds_what_was_changed(folder: Path) -> None:
    whole = centre(folder, "audit")
    assert whole.returncode == 0
    noted = whole.stdout.strip().rpartition("：")[2]
    assert centre(folder, "audit", "--noted", noted).returncode == 0
    with sqlite3.connect(folder / "huiqi-centre.db") as database:
        database.execute("update audit set action = 'other'")
    database.close()
    done = centre(folder, "audit")
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "第1环：操作记录1的内容被改过")
    assert centre(folder, "audit", "--noted", "x").returncode == 2


def test_backup_and_restore(folder: Path) -> None:
    head = centre(folder, "audit").stdout
    assert centre(folder, "backup", "-o", "backup.zip").returncode == 0
    evidence = sha256(b"contract").hexdigest()
    with sqlite3.connect(folder / "huiqi-centre.db") as database:
        at = "2026-11-22 09:00:00.000000"
        database.execute("insert into enterprises (key, name, created_at, version) values ('k', '甲', ?, 1)", (at,))
        told = ("合同.pdf", "application/pdf", 8, evidence, at)
        columns = "enterprise_id, by_id, name, media_type, size, digest, at"
        database.execute(f"insert into evidence ({columns}) values (1, 1, ?, ?, ?, ?, ?)", told)
    database.close()
    missing = centre(folder, "backup", "-o", "backup.zip")
    assert missing.returncode == 0 and "有1个文件不在" in missing.stderr
    for place in ("huiqi-centre-files/evidence", "elsewhere"):
        (folder / place).mkdir(parents=True)
        (folder / place / evidence).write_bytes(b"contract")
    for options in ([], ["--files", "huiqi-centre-files"], ["--evidence", "elsewhere"]):
        assert centre(folder, "backup", "-o", "backup.zip", *options).returncode == 0
        with zipfile.ZipFile(folder / "backup.zip") as kept:
            assert f"evidence/{evidence}" in kept.namelist()
    full = centre(folder, "restore", "backup.zip")
    assert (full.returncode, "只能恢复到空的数据库" in full.stderr) == (2, True)
    assert centre(folder, "restore", "backup.zip", "--database", "other.db", "--files", "other").returncode == 0
    assert (folder / "other" / "evidence" / evidence).read_bytes() == b"contract"
    assert centre(folder, "audit", "--database", "other.db").stdout == head


@pytest.mark.parametrize("address", ["mysql://a/b", "postgresql://x:secret@127.0.0.1:1/b", "missing/folder/x.db"])
def test_a_database_that_cannot_be_used_is_one_clear_line(tmp_path: Path, address: str) -> None:
    done = centre(tmp_path, "init", "--database", address)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "secret" not in done.stderr
