"""The pages of the workbench, below ``/centre``: the only part of it that knows requests and HTML."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, g, request

from web.centre import clock
from web.centre.office import Office
from web.centre.pages import desk, entry, guard, letters
from web.centre.pages.frame import NAVIGATION, NOTICES
from web.centre.settings import CentreSettings
from web.service import Service

PAGES = (entry.pages, desk.pages, letters.pages)


def register(app: Flask, settings: CentreSettings, service: Service) -> None:
    """Add the workbench to ``app``. Raises InputError where its database cannot be used."""
    app.extensions[guard.KEY] = Office(settings, service)
    centre = Blueprint("centre", __name__, url_prefix=guard.ROOT)
    guard.install(centre)
    for pages in PAGES:
        centre.register_blueprint(pages)
    app.register_blueprint(centre)
    app.jinja_env.filters["moment"] = clock.moment
    app.context_processor(lambda: _shown(app) if "centre" in request.blueprints else {})


def _shown(app: Flask) -> dict[str, Any]:
    """What every template of the workbench knows."""
    person: guard.Person | None = g.get("person")
    items = [item for item in NAVIGATION if person and person.may(item.permission) and item.endpoint in app.view_functions]
    return {"person": person, "navigation": items, "notice": NOTICES.get(request.args.get("done", ""), "")}
