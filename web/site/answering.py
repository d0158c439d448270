"""The result page: what one gets, what is open, what is missed, and every measure opened on request."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.determination import Determination
from engine.diagnostics import InputError
from web.service import service
from web.site import road_map, what_if
from web.site.board import Board, board, sheets
from web.site.changes import changes
from web.site.condition_picture import picture
from web.site.moves import Moves, moves
from web.site.opened import WORDS, opened, question_key
from web.site.timeline import timeline
from web.site.visit import FRAGMENT, Visit, problems_of, unreadable
from web.summary import Summary, summarise

pages = Blueprint("answering", __name__)


@pages.get("/result")
@pages.get("/result/measure")
def begin() -> Answer:
    """What was told travels in forms only: a bare address leads to the beginning."""
    return redirect(url_for("home.home"), 303)


@pages.post("/result")
def result() -> Response:
    """The result of what was told, or of what is tried."""
    visit = Visit.read(request.form, service().today())
    try:
        service().profile(visit.shown.data)
        visit, trial = _trying(visit)
        return make_response(_page(visit, _summary(visit), trial))
    except InputError as error:
        return unreadable(error, visit)


def _trying(visit: Visit) -> tuple[Visit, what_if.Trial | None]:
    """With the way of the road map or the answers that the form asks to try; raises InputError for the told part."""
    if "way" in request.form:
        way = road_map.tried(visit, request.form["way"])
        return (visit.trying(way) if way else visit), None
    if "try" not in request.form:
        return visit, None
    trial = what_if.trial(visit.shown.data, request.form.to_dict(flat=False), service().pack)
    try:
        service().profile(trial.data)
    except InputError as error:
        # Answers that contradict each other are not tried; the rest of the page stays as it was.
        return visit, what_if.Trial({}, {}, {"": "；".join(problems_of(error))})
    changed = trial.data != visit.kept.data
    return (visit.trying(visit.kept.with_data(trial.data)) if changed else replace(visit, tried=None)), trial


@pages.post("/result/measure")
def measure() -> Response:
    """One measure opened: its conditions as a picture, its amount, its source."""
    visit = Visit.read(request.form, service().today())
    found = next((item for item in service().pack.measures if item.id == request.form.get("measure")), None)
    if found is None:
        abort(404)
    try:
        summary = _summary(visit)
    except InputError as error:
        return unreadable(error, visit)
    line = next(line for line in summary.lines if line.result.measure == found.id)
    template = "measure_opened" if request.headers.get(FRAGMENT) else "measure_page"
    values = opened(line, service().pack, service().texts)
    return make_response(render_template(f"site/{template}.html", visit=visit, state=visit.kept, summary=summary, **values, **WORDS))


def _summary(visit: Visit) -> Summary:
    """Raises InputError where the profile cannot be read."""
    return summarise(determination_of(visit.shown.data, visit.as_of), service().pack)


def determination_of(data: Any, as_of: date) -> Determination:
    """The determination of plain data. Raises InputError."""
    return service().screen(service().profile(data), as_of)


def _page(visit: Visit, summary: Summary, trial: what_if.Trial | None) -> str:
    rules = service().pack
    shown: Board = board(summary, rules, visit.filters)
    moved: Moves | None = None
    if visit.tried is not None:
        moved = moves(summarise(determination_of(visit.kept.data, visit.as_of), rules), summary)
    return render_template(
        "site/result.html",
        visit=visit,
        state=visit.kept,
        board=shown,
        summary=summary,
        sheets=sheets(summary),
        timeline=timeline((file.document for file in rules.documents.values()), visit.as_of),
        answers=what_if.groups(visit.shown.data, rules),
        trial=trial,
        moved=moved,
        changed=changes(visit.kept.data, visit.tried.data, rules) if visit.tried else [],
        checks=[(title, picture(title.readiness.reasons)) for title in summary.titles],
        question_key=lambda path: question_key(path, rules),
        **WORDS,
    )
