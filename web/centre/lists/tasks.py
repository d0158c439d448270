"""The queue that wakes whoever works on lists: in a file beside them, or in Redis.

It holds numbers of lists and nothing else, as JSON: nothing that was put into it is ever run. What it loses is found again
by looking at the lists (``jobs.unattended``), so it need not be safe.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer

from web.centre.settings import CentreSettings

NAME = "huiqi-lists"
_LOG = logging.getLogger(__name__)


class Plain(Serializer):  # type: ignore[misc, unused-ignore]
    """Messages as JSON in place of pickles."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, data.args]).encode()

    def _deserialize(self, data: bytes) -> Message:
        id, name, args = json.loads(data)
        return Message(id=id, name=name, args=tuple(args), kwargs={}, retries=0, retry_delay=0)


class Tasks:
    """The queue of one workbench. ``work`` is called with the number of a list by whoever consumes it.

    Its connections belong to the process and the moment in which it was made.
    """

    def __init__(self, settings: CentreSettings, work: Callable[[int], None] = lambda number: None) -> None:
        def list_(number: int) -> None:
            work(number)

        self.huey = _huey(settings)
        self._task: Any = self.huey.task(name="list")(list_)

    def wake(self, number: int) -> None:
        """Ask for a list to be worked on."""
        self._task(number)

    def waiting(self) -> set[int]:
        """The lists that are in the queue."""
        return {task.args[0] for task in self.huey.pending()}


def wake(settings: CentreSettings, number: int) -> None:
    """Ask for a list to be worked on. Where the queue is away, the list is found by looking."""
    try:
        tasks = Tasks(settings)
        tasks.wake(number)
        tasks.huey.storage.close()
    except Exception as error:
        _LOG.warning("the queue of lists is away: %s", type(error).__name__)


def _huey(settings: CentreSettings) -> Huey:
    if settings.jobs:
        return RedisHuey(NAME, url=settings.jobs, results=False, serializer=Plain())
    settings.files.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteHuey(NAME, filename=str(settings.files / "jobs.db"), results=False, serializer=Plain())
