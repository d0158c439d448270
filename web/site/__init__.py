"""The self-check: pages for one company, which keep nothing."""

from __future__ import annotations

from flask import Flask, request

from web.site import answering, asking, home, profile_page, reports, road_map, suggesting


def register(app: Flask) -> None:
    """Add the pages to ``app``. Templates know ``root``, what stands before every path where a proxy adds something."""
    app.context_processor(lambda: {"root": request.script_root})
    for pages in (
        home.pages,
        asking.pages,
        profile_page.pages,
        suggesting.pages,
        answering.pages,
        road_map.pages,
        reports.pages,
    ):
        app.register_blueprint(pages)
    reports.guard(app)
    suggesting.guard(app)
