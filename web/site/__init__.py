"""The self-check: pages for one company, which keep nothing."""

from __future__ import annotations

from flask import Flask

from web.site import home


def register(app: Flask) -> None:
    """Add the pages to ``app``."""
    for pages in (home.pages,):
        app.register_blueprint(pages)
