"""``huiqi centre watch`` from the command line, as a timer runs it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from engine.clock import today
from engine.loader import BUILT_IN
from tests.centre.office import people
from tests.centre.watching.applicants import expiring, program, take_in
from tests.helpers import ROOT
from web.centre import packs
from web.centre.store import database, schema
from web.centre.watching.lock import alone


def watch(database_: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", "centre", "watch", "--database", str(database_), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def made(path: Path) -> Engine:
    engine = database.connect(database.address_of(str(path)))
    schema.migrate(engine)
    people(engine)
    return engine


def test_a_run_says_what_it_did_and_the_next_one_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    engine = made(path)
    with database.writing(engine) as session:
        packs.keep(session, program().pack, BUILT_IN)
    take_in(engine, expiring("甲", "2026-06-10"), day=date(2026, 5, 22))
    first = watch(path, "--as-of", "2026-06-11")
    assert (first.returncode, first.stderr) == (0, "")
    assert "已按2026年6月11日核对1家企业：重新对照1家，写下新结论1家。" in first.stdout
    assert "条件已满足待认定 → 不符合：1项次" in first.stdout
    second = watch(path, "--as-of", "2026-06-12")
    assert second.stdout == "已按2026年6月12日核对1家企业：重新对照0家，写下新结论0家。\n"
    with alone(engine):
        third = watch(path)
    assert third.returncode == 2 and third.stderr.count("\n") == 1 and "正在进行" in third.stderr
    engine.dispose()


def test_a_day_that_has_not_come_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    made(path).dispose()
    done = watch(path, "--as-of", str(today() + timedelta(days=1)))
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("不能晚于今天") == 1
    assert watch(path, "--as-of", str(today())).returncode == 0
