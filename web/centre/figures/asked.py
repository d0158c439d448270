"""What figures are narrowed to: documents and measures, a district, a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.pack import Measure, Pack
from web.centre.clock import begins
from web.texts import gettext as _

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Asked:
    """``document``, ``measure`` and ``division`` are empty where nothing is left out; ``division`` includes what lies
    within. The period has both its days."""

    first: date
    last: date
    document: str = ""
    measure: str = ""
    division: str = ""

    @property
    def begins(self) -> datetime:
        """When the period begins, as times are kept."""
        return begins(self.first)

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return begins(self.last + timedelta(days=1))

    def measures(self, pack: Pack) -> list[Measure]:
        """The measures that are asked for, in the pack's order."""
        return [
            measure
            for measure in pack.measures
            if self.document in ("", measure.document) and self.measure in ("", measure.id)
        ]


def asked(told: Mapping[str, str], pack: Pack, today: date) -> tuple[Asked, dict[str, str]]:
    """What an address asks for, and what is wrong with it, a sentence by name; what is wrong narrows nothing."""
    problems: dict[str, str] = {}
    document, measure, division = (told.get(name, "").strip() for name in ("document", "measure", "division"))
    if document and document not in pack.documents:
        problems["document"], document = _("没有这份文件。"), ""
    if measure and not any(measure == item.id for item in pack.measures):
        problems["measure"], measure = _("没有这项措施。"), ""
    if measure and document and pack.measure(measure).document != document:
        problems["measure"], measure = _("这项措施不在所选的文件里。"), ""
    if division and division not in pack.tables.divisions:
        problems["division"], division = _("没有这个地区。"), ""
    last = _day(told, "last", today, problems)
    first = _day(told, "first", last - YEAR + timedelta(days=1), problems)
    if first > last:
        problems["first"] = _("开始的日子在结束之后，已按结束前一年计算。")
        first = last - YEAR + timedelta(days=1)
    return Asked(first, last, document, measure, division), problems


def _day(told: Mapping[str, str], name: str, otherwise: date, problems: dict[str, str]) -> date:
    text = told.get(name, "").strip()
    if not text:
        return otherwise
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2999:
        problems[name] = _("日期要写成 2026-11-22 这样。")
        return otherwise
    return found
