"""The validity of the documents as a picture: bars over years, in per cent of the width."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from engine.documents import Document
from engine.quantities import format_date
from web.texts import gettext as _

Phase = Literal["current", "over", "later"]
WORDS: dict[Phase, str] = {"current": _("在有效期内"), "over": _("已过有效期"), "later": _("尚未生效")}
MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """One document: ``left`` and ``width`` in per cent; ``words`` say all that the bar shows."""

    document: Document
    phase: Phase
    left: float
    width: float
    open_ended: bool
    words: str
    visit: date | None
    """A day on which it is in force, for documents that are not; the last one, or the first of a later one."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars, year marks and the as-of date on one scale; places are per cent of the width."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, float], ...]
    as_of: date
    at: float


def timeline(documents: Iterable[Document], as_of: date) -> Timeline:
    """The picture of these documents at ``as_of``, earliest first."""
    ordered = sorted(documents, key=lambda document: document.validity.start)
    days = [as_of, *(day for d in ordered for day in (d.validity.start, d.validity.end) if day)]
    last = max(days).year
    scale = _Scale(date(min(days).year, 1, 1), date(last + 1, 1, 1) if last < date.max.year else date.max)
    step = -(-(scale.last.year - scale.first.year) // MOST_TICKS)
    years = range(scale.first.year, scale.last.year, step)
    return Timeline(
        bars=tuple(_bar(document, as_of, scale) for document in ordered),
        ticks=tuple((year, scale.place(date(year, 1, 1))) for year in years),
        as_of=as_of,
        at=scale.place(as_of),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the first day of a year to the first day of a later one, or to the last day that there is."""

    first: date
    last: date

    def place(self, day: date) -> float:
        return round((day - self.first).days / (self.last - self.first).days * 100, 2)


def _bar(document: Document, as_of: date, scale: _Scale) -> Bar:
    start, end = document.validity.start, document.validity.end
    phase: Phase = "later" if as_of < start else "over" if end and as_of > end else "current"
    left = scale.place(start)
    # The last day counts whole.
    right = scale.place(min(end, date.max - timedelta(days=1)) + timedelta(days=1)) if end else 100.0
    first = format_date(start)
    words = _("%(first)s至%(last)s") % {"first": first, "last": format_date(end)} if end else _("%s起，未规定终止日") % first
    return Bar(
        document=document,
        phase=phase,
        left=left,
        width=round(right - left, 2),
        open_ended=end is None,
        words=words,
        visit={"over": end, "later": start, "current": None}[phase],
    )
