"""``huiqi centre work``: a process of its own that works on whatever waits, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.centre.lists.test_work import done, job_of, listed, waiting
from tests.helpers import ROOT
from web.centre.lists.tasks import wake
from web.centre.office import Office
from web.centre.settings import CentreSettings

COMMAND = [sys.executable, "-m", "cli.main", "centre", "work"]
WAIT = 120


@contextmanager
def working(office: Office, *words: str, jobs: str = "") -> Iterator[subprocess.Popen[str]]:
    """The process on the workbench of ``office``; its addresses are no words of a command."""
    told = {"HUIQI_DATABASE": office.settings.database, "HUIQI_FILES": str(office.settings.files), "HUIQI_JOBS": jobs}
    process = subprocess.Popen(
        [*COMMAND, *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **told}, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until_done(office: Office, *numbers: int) -> None:
    end = time.monotonic() + WAIT
    while any(job_of(office, number).state in ("waiting", "running") for number in numbers):
        assert time.monotonic() < end, "nobody works"
        time.sleep(0.1)


@pytest.mark.slow
def test_it_works_on_what_waits_and_on_what_comes(office: Office) -> None:
    first = waiting(office, listed())
    with working(office) as process:
        until_done(office, first)
        second = waiting(office, listed(100))
        wake(office.settings, second)
        until_done(office, second)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=WAIT)
    assert (process.returncode, log) == (0, "等着处理名单（按 Ctrl-C 停止）。\n")
    for number, start in ((first, 0), (second, 100)):
        assert job_of(office, number).slices == 1
        done(office, number, start=start)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_it_is_woken_by_redis(office: Office, queue: str) -> None:
    number = waiting(office, listed())
    wake(CentreSettings(office.settings.database, office.settings.files, queue), number)
    with working(office, jobs=queue):
        until_done(office, number)
    done(office, number)
    assert not (office.settings.files / "jobs.db").exists()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_it_ends_when_its_server_is_gone(office: Office) -> None:
    with working(office, "--parent", "1") as process:
        _, log = process.communicate(timeout=WAIT)
    assert (process.returncode, log) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--database", "nowhere.db"), "huiqi centre init"),
        (("--jobs", "amqp://user:secret@host"), "--jobs 要写成 redis://主机:端口/编号，不能是“host”。"),
    ],
)
def test_where_it_cannot_work_it_says_so(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*COMMAND, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=WAIT)
    assert done.returncode == 2 and said in done.stderr and "secret" not in done.stderr
    assert list(tmp_path.iterdir()) == []
