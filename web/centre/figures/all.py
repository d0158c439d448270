"""All figures for what is asked, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.pack import Pack
from engine.quantities import format_date
from web.centre.clock import moment
from web.centre.figures import period
from web.centre.figures.asked import Asked
from web.centre.figures.figure import Figure
from web.centre.figures.standing import Overview, Standing, amounts, districts, overview, verdicts, waiting
from web.centre.roster import Snapshot
from web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page and its files show. ``said``: how they were made (label, value)."""

    overview: Overview
    figures: tuple[Figure, ...]
    said: tuple[tuple[str, str], ...]

    def named(self, key: str) -> Figure | None:
        """The figure with this key; None where there is none."""
        return next((figure for figure in self.figures if figure.key == key), None)


def figures(snapshot: Snapshot, session: Session, pack: Pack, asked: Asked, now: datetime) -> Figures:
    """``pack``: the rules of the site; ``now``: the time (UTC)."""
    standing = Standing(snapshot, pack, asked, now)
    made = (
        verdicts(standing),
        amounts(standing),
        districts(standing),
        waiting(standing),
        period.decided(session, standing),
        period.taken_in(standing),
        period.lists(session, standing),
    )
    return Figures(overview(standing), made, tuple(_said(standing)))


def _said(standing: Standing) -> Iterator[tuple[str, str]]:
    pack, asked = standing.pack, standing.asked
    yield _("生成时间"), moment(standing.now)
    yield _("规则版本"), pack.version
    if asked.document:
        yield _("文件"), pack.documents[asked.document].document.title
    if asked.measure:
        yield _("措施"), pack.measure(asked.measure).spec.title
    if asked.division:
        yield _("注册地"), pack.tables.divisions.label(asked.division)
    yield _("期间"), _("%(first)s至%(last)s") % {"first": format_date(asked.first), "last": format_date(asked.last)}
