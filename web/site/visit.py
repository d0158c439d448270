"""One request for the result: what was told, what is only tried, the date, the filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import Response, make_response, render_template

from engine.diagnostics import InputError
from engine.quantities import QuantityError, parse_date
from web.site.board import Filters
from web.site.state import State
from web.texts import gettext as _

FRAGMENT = "X-Fragment"
"""A request header of the pages' own script: answer with the part alone."""


@dataclass(frozen=True, slots=True)
class Visit:
    """``kept`` is what the visitor told; ``tried`` the same with answers that are only tried, if any are.

    ``date_problem`` says in Chinese why a date that was typed is not used.
    """

    kept: State
    tried: State | None
    filters: Filters
    today: date
    date_problem: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str], today: date) -> Visit:
        """From the fields of a form. Raises BadRequest where the told part is broken."""
        kept = State.read(form.get("state"))
        tried = State.read(form["trial"]) if form.get("trial") else None
        visit = cls(kept, tried, Filters() if "all" in form else Filters.read(form), today)
        if "keep" in form and tried is not None:
            visit = replace(visit, kept=tried, tried=None)
        elif "undo" in form:
            visit = replace(visit, tried=None)
        # A button for a certain day weighs more than the field beside it.
        day = form.get("day", form.get("as_of"))
        return visit if day is None else visit._dated(day.strip())

    @property
    def shown(self) -> State:
        """What the page is about."""
        return self.tried or self.kept

    @property
    def as_of(self) -> date:
        """The day of the evaluation."""
        return self.kept.as_of or self.today

    def trying(self, state: State) -> Visit:
        """The same with other answers tried."""
        return replace(self, tried=replace(state, as_of=self.kept.as_of))

    def _dated(self, text: str) -> Visit:
        """At the day that was typed; today is kept as no choice, so that tomorrow it is tomorrow."""
        day: date | None = None
        if text:
            try:
                span = parse_date(text)
            except QuantityError as error:
                return replace(self, date_problem=_("评估日没有改：%s") % error.message)
            if not span.is_point or not isinstance(span.low, date):
                return replace(self, date_problem=_("评估日没有改：要写到年月日，例如 2026-11-22"))
            day = span.low if span.low != self.today else None
        tried = replace(self.tried, as_of=day) if self.tried else None
        return replace(self, kept=replace(self.kept, as_of=day), tried=tried)


def unreadable(error: InputError, visit: Visit) -> Response:
    """A profile that cannot be read: every problem, and where to mend it."""
    page = render_template("site/result_unreadable.html", problems=problems_of(error), state=visit.kept)
    return make_response(page, 400)


def problems_of(error: InputError) -> list[str]:
    """The problems without the file and code that only the command line has."""
    return [f"{item.message}。{item.hint}" if item.hint else item.message for item in error.findings]
