"""The pages of the workbench, below ``/centre``: the only part of it that knows requests and HTML."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, g, request
from flask_limiter import Limiter

from engine.quantities import format_date
from web.centre import clock
from web.centre.office import Office
from web.centre.pages import (
    account,
    case,
    choices,
    desk,
    entry,
    erasing,
    evidence,
    figures,
    guard,
    history,
    intake,
    judging,
    letters,
    lists,
    queue,
    records,
    shortlists,
    users,
    watch,
)
from web.centre.pages.frame import NAVIGATION, NOTICES
from web.centre.settings import CentreSettings
from web.security import restrict
from web.service import Service

MOST = 2**31 - 1
"""The largest number of a row, on either kind of database."""
PAGES = (
    entry.pages, account.pages, users.pages, choices.pages, records.pages, desk.pages, letters.pages,
    case.pages, history.pages, intake.pages,
    queue.pages, judging.pages, evidence.pages, lists.pages,
    figures.pages, shortlists.pages, watch.pages, erasing.pages,
)


def register(app: Flask, settings: CentreSettings, service: Service, limiter: Limiter) -> None:
    """Add the workbench to ``app``. Raises InputError where its database cannot be used."""
    app.extensions[guard.KEY] = Office(settings, service)
    centre = Blueprint("centre", __name__, url_prefix=guard.ROOT)
    guard.install(centre)
    centre.url_value_preprocessor(_known_numbers)
    for pages in PAGES:
        centre.register_blueprint(pages)
    app.register_blueprint(centre)
    restrict(app, limiter, "centre.entry.log_in", settings.login_rate)
    # A whole centre may come from one address; who is not let in costs nothing.
    limiter.request_filter(lambda: "centre" in request.blueprints and not guard.is_public(request.endpoint or ""))
    app.jinja_env.filters["moment"] = clock.moment
    app.jinja_env.filters["day"] = format_date
    app.context_processor(lambda: _shown(app) if "centre" in request.blueprints else {})


def _known_numbers(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """A number that no row can have is of no page; databases would refuse to look for it."""
    if any(isinstance(value, int) and value > MOST for value in (values or {}).values()):
        abort(404)


def _shown(app: Flask) -> dict[str, Any]:
    """What every template of the workbench knows."""
    person: guard.Person | None = g.get("person")
    items = [item for item in NAVIGATION if person and person.may(item.permission) and item.endpoint in app.view_functions]
    return {"person": person, "navigation": items, "notice": NOTICES.get(request.args.get("done", ""), "")}
