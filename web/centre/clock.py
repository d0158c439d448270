"""Times as people at the centre read them: kept in UTC, shown in China's time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from engine.clock import CHINA
from engine.quantities import format_date


def local(at: datetime) -> datetime:
    """A kept time (UTC, without a zone) in China."""
    return at.replace(tzinfo=UTC).astimezone(CHINA)


def day_of(at: datetime) -> date:
    """The day in China of a kept time: the same calendar as the site's today."""
    return local(at).date()


def moment(at: datetime) -> str:
    """2026年11月22日 17:05."""
    here = local(at)
    return f"{format_date(here.date())} {here:%H:%M}"


def begins(day: date) -> datetime:
    """When a day in China begins, as times are kept."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC).replace(tzinfo=None)
