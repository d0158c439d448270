"""What a running site is told from outside."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine import clock

if TYPE_CHECKING:
    from web.centre.settings import CentreSettings

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one site. ``today`` is the only clock; ``sources`` holds official texts, where they are at hand.

    ``page_rate``, ``api_rate`` and, of the API for lists, ``batch_rate`` are limits for one address in the notation of
    Flask-Limiter, such as ``120 per minute``. ``secret`` signs the token against forged requests; every process of one site needs the same.
    ``centre`` adds the workbench of a service centre.
    """

    rules: Path | None = None
    sources: Path | None = None
    today: Callable[[], date] = clock.today
    executor: str = "forward"
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    secure_cookies: bool = False
    max_request: int = 8 * MEGABYTE
    page_rate: str = "240 per minute"
    api_rate: str = "120 per minute"
    batch_rate: str = "6 per minute"
    centre: CentreSettings | None = None
