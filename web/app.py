"""The site: one Flask application of the self-check, the API and, where it is switched on, the workbench."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from web import api, errors, security, service, site, texts
from web.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Raises InputError where the rules cannot be read, or the workbench's database not be used."""
    settings = settings or Settings()
    here = service.Service(settings)
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    texts.install(app.jinja_env)
    service.install(app, here)
    csrf, limiter = security.protect(app, settings)
    errors.install(app)
    site.register(app)
    api.register(app, csrf, limiter)
    if settings.centre is not None:
        # Only where it is wanted: it needs a database.
        from web.centre import pages

        pages.register(app, settings.centre, here, limiter)
    return app
