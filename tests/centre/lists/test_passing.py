"""Folders for the work on a list: gone when it is over, swept when it was killed, left alone while it goes on."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.centre.lists.test_work import done, listed, run, waiting
from tests.centre.lists.test_worker import until_done, working
from tests.helpers import ROOT
from web.centre.lists import passing, work
from web.centre.lists.shelf import Shelf
from web.centre.office import Office

HOLDING = """
import sys, time
from pathlib import Path
from web.centre.lists.passing import passing
with passing(Path(sys.argv[1])) as folder:
    (folder / "records-0").mkdir()
    (folder / "records-0" / "0.parquet").write_bytes(b"x")
    print(folder, flush=True)
    time.sleep(600)
"""


@contextmanager
def holding(parent: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that works in a folder."""
    words = [sys.executable, "-c", HOLDING, str(parent)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_a_folder_is_ones_own_and_goes(tmp_path: Path) -> None:
    parent = tmp_path / "files" / "passing"
    with passing.passing(parent) as one, passing.passing(parent) as other:
        assert one != other and {one.parent, other.parent} == {parent}
        assert {stat.S_IMODE(path.stat().st_mode) for path in (parent, one, other)} == {0o700}
        (one / "records").mkdir()
    assert list(parent.iterdir()) == []


def test_what_was_killed_is_swept_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    parent, shelf = tmp_path / "passing", tmp_path / "lists"
    passing.sweep(parent, shelf)  # nothing is there yet
    with holding(parent) as (killed, left), holding(parent) as (_, used), passing.passing(parent) as own:
        passing.sweep(parent, shelf)
        assert {left, used, own} == set(parent.iterdir())
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert (left / "records-0" / "0.parquet").exists()
        passing.sweep(parent, shelf)
        assert {used, own} == set(parent.iterdir()) and (used / "records-0" / "0.parquet").exists()


def test_a_folder_that_is_swept_before_it_is_locked_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, swept = passing.mkdtemp, list[str]()

    def made(prefix: str, dir: Path) -> str:
        folder = own(prefix=prefix, dir=dir)
        if not swept:
            swept.append(folder)
            passing.sweep(dir, tmp_path / "lists")
        return folder

    monkeypatch.setattr(passing, "mkdtemp", made)
    with passing.passing(tmp_path / "passing") as folder:
        assert folder.is_dir() and str(folder) not in swept and not Path(swept[0]).exists()


def test_what_lay_half_way_to_the_shelf_for_a_day_goes(tmp_path: Path) -> None:
    shelf = tmp_path / "lists"
    names = (".new-a", ".new-b", ".old-a", ".old-b", "f" * 64, "rejects-1")
    for name in names:
        (shelf / name).mkdir(parents=True)
        (shelf / name / "list.csv").write_text("x")
        if not name.endswith("b"):
            before = time.time() - passing.DAY - 60
            os.utime(shelf / name, (before, before))
    passing.sweep(tmp_path / "passing", shelf)
    assert {path.name for path in shelf.iterdir()} == {".new-b", ".old-b", "f" * 64, "rejects-1"}


def test_the_work_is_done_below_the_workbenchs_folder(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number, seen, own = waiting(office, listed()), list[Path](), Shelf.keep_rejects

    def keep(*words: object) -> None:
        seen.extend(office.settings.passing.iterdir())
        own(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(work.Shelf, "keep_rejects", keep)
    before = set(Path(tempfile.gettempdir()).glob("huiqi-list-*"))
    run(office, number)
    done(office, number)
    assert len(set(seen)) == 1 and list(office.settings.passing.iterdir()) == []
    assert set(Path(tempfile.gettempdir()).glob("huiqi-list-*")) <= before


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_begins_to_work_sweeps(office: Office) -> None:
    with holding(office.settings.passing) as (killed, left), holding(office.settings.passing) as (_, used):
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        number = waiting(office, listed())
        with working(office):
            until_done(office, number)
            assert not left.exists() and used.exists()
