"""All figures for what is asked, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.quantities import format_date
from web.centre.clock import moment
from web.centre.figures import period
from web.centre.figures.figure import Figure
from web.centre.figures.standing import Overview, Standing, amounts, districts, overview, verdicts, waiting
from web.texts import gettext as _

MAKERS: dict[str, Callable[[Standing, Session], Figure]] = {
    "verdicts": lambda standing, session: verdicts(standing),
    "amounts": lambda standing, session: amounts(standing),
    "districts": lambda standing, session: districts(standing),
    "waiting": lambda standing, session: waiting(standing),
    "decided": lambda standing, session: period.decided(session, standing),
    "applicants": lambda standing, session: period.taken_in(standing),
    "lists": lambda standing, session: period.lists(session, standing),
}
"""What makes each figure, by its key."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page and its files show. ``said``: how they were made (label, value)."""

    overview: Overview
    figures: tuple[Figure, ...]
    said: tuple[tuple[str, str], ...]


def figures(standing: Standing, session: Session) -> Figures:
    """Every figure of what is asked for."""
    made = tuple(make(standing, session) for make in MAKERS.values())
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
