"""What a running workbench is told from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from web.centre.store.database import now as utc_now


@dataclass(frozen=True, slots=True)
class CentreSettings:
    """Settings of one workbench. ``database`` is a SQLite file or ``postgresql://…``; ``files`` holds what is handed in.

    Below ``files``: ``evidence/`` (content of evidence by digest), ``lists/`` (lists and what became of them), ``passing/``
    (what work on a list needs while it lasts), the queue of jobs where ``jobs`` names no Redis. Somebody who does nothing
    for ``idle`` is asked to log in again, at the latest after ``longest``. ``login_header``, told by a proxy at one of the
    addresses in ``trusted``, names who is logged in. ``login_rate`` limits what one address may try at the door, in the
    notation of Flask-Limiter. ``now`` is the clock.
    """

    database: str
    files: Path
    jobs: str = field(default="", repr=False)
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    login_header: str = ""
    trusted: tuple[str, ...] = ()
    login_rate: str = "30 per minute"
    now: Callable[[], datetime] = utc_now

    @property
    def evidence(self) -> Path:
        """Where evidence files lie."""
        return self.files / "evidence"

    @property
    def lists(self) -> Path:
        """Where lists that were handed in lie."""
        return self.files / "lists"

    @property
    def passing(self) -> Path:
        """Where work on a list puts what it needs while it lasts."""
        return self.files / "passing"
