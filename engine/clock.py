"""The day it is: policies, validity and deadlines are counted in China's time, wherever the machine stands."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""One zone, without summer time since 1992."""


def today() -> date:
    """Today in China."""
    return datetime.now(CHINA).date()
