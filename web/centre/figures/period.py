"""Figures of a period: who was taken in, which lists came, how long what was decided had waited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from web.centre.clock import day_of
from web.centre.figures.figure import Chart, Figure, Row
from web.centre.figures.standing import Standing, document_of, spread
from web.centre.outcomes import GROUP_OF, LETTERS
from web.centre.roll.reading import EPOCH, MICROSECOND, micros
from web.centre.store.tables import Enterprise, ListJob, Move
from web.summary import GROUPS
from web.texts import gettext as _


def taken_in(standing: Standing) -> Figure:
    """New applicants by month."""
    begin, end = micros(standing.asked.begins), micros(standing.asked.ends)
    times = standing.snapshot.columns.taken_in[standing.inside]
    times = times[(times >= begin) & (times < end)]
    # China's time is eight hours ahead all year.
    there = (times + 8 * 3_600_000_000).astype("datetime64[us]").astype("datetime64[M]")
    found, often = np.unique(there, return_counts=True)
    counted = {str(month): int(count) for month, count in zip(found, often, strict=True)}
    rows = [Row((month, counted.get(month, 0))) for month in months(standing.asked.first, standing.asked.last)]
    head = (_("月份"), _("新受理（家）"))
    note = _("期间内第一次受理的企业。")
    return Figure("applicants", _("新受理的企业"), note, head, tuple(rows), Chart((0,), (1,), "count", months=True))


def lists(session: Session, standing: Standing) -> Figure:
    """Lists that were handed in by month; they belong to no district and no measure."""
    wanted = select(ListJob.at, ListJob.total, ListJob.done, ListJob.rejected).where(
        ListJob.at >= standing.asked.begins, ListJob.at < standing.asked.ends
    )
    counted = {month: [0, 0, 0, 0] for month in months(standing.asked.first, standing.asked.last)}
    for at, total, done, rejected in session.execute(wanted):
        own = counted[_month(day_of(at))]
        for place, number in enumerate((1, total or 0, done, rejected)):
            own[place] += number
    rows = [Row((month, *numbers)) for month, numbers in counted.items()]
    head = (_("月份"), _("名单（份）"), _("行"), _("已处理（行）"), _("未采用（行）"))
    note = _("期间内交来的名单，不分地区和措施。")
    return Figure("lists", _("名单"), note, head, tuple(rows), Chart((0,), (3, 4), "count", months=True))


def decided(session: Session, standing: Standing) -> Figure:
    """How long what somebody decided in the period had waited for it."""
    letters = [LETTERS["eligible"], LETTERS["ineligible"]]
    found: dict[str, list[tuple[str, int]]] = {}
    for id, after, days in _decisions(session, standing):
        found.setdefault(id, []).append((after, days))
    rows, every = [], []
    for measure in standing.measures:
        own = found.get(measure.id, [])
        if own:
            every += own
            title = measure.spec.title, document_of(measure, standing.pack)
            rows.append(Row((*title, *_counted(own, letters)), measure.id))
    if len(rows) > 1:
        rows.append(Row((_("合计"), "", *_counted(every, letters)), sum=True))
    head = (
        _("措施"), _("文件"), _("认定（项）"), *(_("认定为%s") % GROUPS[GROUP_OF[letter]] for letter in letters),
        _("中位（天）"), _("九成不超过（天）"), _("最长（天）"),
    )  # fmt: skip
    note = _("期间内因认定意见而不再待认定的，从变成待认定到那时等了几天。")
    return Figure("decided", _("已认定的等了多久"), note, head, tuple(rows), Chart((0,), (5, 6), "count"))


def months(first: date, last: date) -> Iterator[str]:
    """Every month that has a day between the two, such as 2026-11."""
    at = first.replace(day=1)
    while at <= last:
        yield _month(at)
        at = (at + timedelta(days=31)).replace(day=1)


def _decisions(session: Session, standing: Standing) -> Iterator[tuple[str, str, int]]:
    """Measure, letter and days waited of every decision in the period."""
    earlier, asked = aliased(Move), standing.asked
    # An enterprise's moves of one measure follow each other: the one before brought it to where this one leaves from.
    came = (
        select(func.max(earlier.at))
        .where(earlier.enterprise_id == Move.enterprise_id, earlier.measure == Move.measure, earlier.id < Move.id)
        .scalar_subquery()
    )
    wanted = (
        select(Move.measure, Move.after, Move.at, came, Enterprise.created_at)
        .join(Enterprise, Enterprise.id == Move.enterprise_id)
        .where(
            Move.at >= asked.begins, Move.at < asked.ends,
            Move.before == LETTERS["pending"], Move.cause == "finding",
        )
    )  # fmt: skip
    if asked.division:
        wanted = wanted.where(Enterprise.division.startswith(asked.division, autoescape=True))
    known = _known_from(standing)
    for measure, after, at, since, created in session.execute(wanted):
        if measure in known:
            yield measure, after, (at - (since or max(created, known[measure]))) // timedelta(days=1)


def _known_from(standing: Standing) -> dict[str, datetime]:
    layout = standing.snapshot.layout
    wanted = {measure.id for measure in standing.measures}
    return {
        id: EPOCH + int(at) * MICROSECOND
        for id, at in zip(layout.measures, layout.known_from, strict=True)
        if id in wanted
    }


def _counted(decisions: Iterable[tuple[str, int]], letters: list[str]) -> tuple[int, ...]:
    told = list(decisions)
    count, half, most, longest = spread(np.array([days for _after, days in told], np.int64))
    return count, *(sum(after == letter for after, _days in told) for letter in letters), half, most, longest


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
