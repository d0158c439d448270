"""A command beside the server: begun again when it ends, ended with the server, whatever it says to that."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from web import beside
from web.beside import Beside

WAIT = 30.0


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def lives(note: Path) -> list[int]:
    """The processes that were begun, by their ids."""
    return [int(line) for line in note.read_text().split()] if note.exists() else []


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def made(note: Path, then: str) -> Beside:
    program = f"import os, signal, sys, time; print(os.getpid(), file=open(os.environ['NOTE'], 'a'), flush=True); {then}"
    return Beside([sys.executable, "-c", program], {"NOTE": str(note)})


def test_it_is_begun_again_and_ended_with_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "FIRST", 0.02)
    monkeypatch.setattr(beside, "LOOK", 0.02)
    kept = made(tmp_path / "note", "time.sleep(600)")
    kept.start()
    until(lambda: len(lives(tmp_path / "note")) == 1)
    os.kill(lives(tmp_path / "note")[0], 9)
    until(lambda: len(lives(tmp_path / "note")) == 2)
    kept.stop()
    assert not any(map(alive, lives(tmp_path / "note")))


def test_one_that_always_ends_at_once_is_begun_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(beside, "FIRST", 1.0)
    monkeypatch.setattr(beside, "LONGEST", 4.0)
    kept = made(tmp_path / "note", "sys.exit(1)")
    monkeypatch.setattr(kept, "_run", lambda: None)
    waits: list[float] = []

    class Over:
        """Nobody waits; over after five lives."""

        def is_set(self) -> bool:
            return len(waits) == 5

        def wait(self, seconds: float) -> None:
            waits.append(seconds)

    monkeypatch.setattr(kept, "_over", Over())
    kept._keep()
    assert waits == [1.0, 2.0, 4.0, 4.0, 4.0]


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PATIENCE", 0.1)
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(0, file=open(os.environ['NOTE'], 'a'), flush=True)"
    kept = made(tmp_path / "note", f"{deaf}; time.sleep(600)")
    kept.start()
    until(lambda: len(lives(tmp_path / "note")) == 2)
    kept.stop()
    assert not alive(lives(tmp_path / "note")[0])


def test_one_that_cannot_be_begun_is_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Beside(["/nowhere/program"], {})
    kept.start()
    until(lambda: "cannot be begun: FileNotFoundError" in caplog.text)
    kept.stop()
