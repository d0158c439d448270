"""The queue that wakes whoever works on lists: in a file, and in a Redis that the tests start."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from web.centre.lists.tasks import Plain, Tasks, wake
from web.centre.settings import CentreSettings


@pytest.fixture(params=["file", "redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CentreSettings]:
    if request.param == "file":
        yield CentreSettings(":memory:", tmp_path)
        return
    address: str = request.getfixturevalue("queue")
    yield CentreSettings(":memory:", tmp_path, address)
    client = redis.Redis.from_url(address)
    client.flushdb()
    client.close()


def closed(tasks: Tasks) -> None:
    tasks.huey.storage.close()


def test_what_is_put_in_is_worked_on(settings: CentreSettings) -> None:
    worked: list[int] = []
    wake(settings, 7)
    wake(settings, 9)
    tasks = Tasks(settings, worked.append)
    assert tasks.waiting() == {7, 9}
    while (task := tasks.huey.dequeue()) is not None:
        tasks.huey.execute(task)
    assert worked == [7, 9] and tasks.waiting() == set()
    closed(tasks)


def test_it_holds_numbers_and_no_program(settings: CentreSettings) -> None:
    tasks = Tasks(settings)
    tasks.wake(7)
    (message,) = tasks.huey.storage.enqueued_items()
    assert json.loads(message)[2] == [7]
    with pytest.raises(UnicodeDecodeError):
        Plain().deserialize(pickle.dumps(print))
    closed(tasks)


@pytest.mark.parametrize("jobs", ["", "redis://127.0.0.1:1/0"])
def test_a_queue_that_is_away_stops_nobody(tmp_path: Path, jobs: str, caplog: pytest.LogCaptureFixture) -> None:
    files = tmp_path / "files"
    if not jobs:
        files.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        wake(CentreSettings(":memory:", files, jobs), 7)
    assert "the queue of lists is away" in caplog.text


