"""The API, version 1: its addresses, its guards, its document and the page that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from flask import Blueprint, Flask, Response, render_template
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect

from web.api import endpoints, problems
from web.api.examples import examples
from web.api.openapi import OPERATIONS, ROOT, Operation, document
from web.api.problems import ApiProblem
from web.api.reading import Choices
from web.security import restrict
from web.service import Service, service


def register(app: Flask, csrf: CSRFProtect, limiter: Limiter) -> None:
    """Add the API to ``app``; it takes no cookies, so it needs no token, and has a rate of its own."""
    pages = Blueprint("api", __name__, url_prefix=ROOT)
    found = service_of(app)
    choices = Choices(found)
    for operation in OPERATIONS:
        path = operation.path.replace("{id}", "<id>")
        pages.add_url_rule(path, operation.name, _view(operation, choices), methods=[operation.method])
    document_of = _Document(app, choices)
    pages.add_url_rule("/openapi.json", "openapi", lambda: Response(document_of.text(), content_type=endpoints.JSON))
    pages.add_url_rule("/docs", "docs", lambda: render_template("api/docs.html", **document_of.parts()))
    pages.register_error_handler(ApiProblem, lambda error: problems.answer(error.problem))
    csrf.exempt(pages)
    limiter.limit(found.settings.api_rate)(pages)
    app.register_blueprint(pages)
    restrict(app, limiter, "api.batch", found.settings.batch_rate)
    app.add_template_filter(lambda value: json.dumps(value, ensure_ascii=False, indent=2), "dumped")
    problems.install(app)


def service_of(app: Flask) -> Service:
    """The service of an application that is being made."""
    with app.app_context():
        return service()


def _view(operation: Operation, choices: Choices) -> Callable[..., Response]:
    action: Callable[..., Response] = getattr(endpoints, operation.name)

    @wraps(action)  # a rate belongs to the name of a function, so each needs its own
    def view(**values: str) -> Response:
        return action(choices, **values)

    return view


class _Document:
    """The OpenAPI document, made once when it is first asked for: its examples are answers of the service."""

    def __init__(self, app: Flask, choices: Choices) -> None:
        self.app, self.choices, self.lock = app, choices, Lock()
        self.made: dict[str, Any] | None = None

    def parts(self) -> dict[str, Any]:
        """The document as plain data under ``spec``."""
        with self.lock:
            if self.made is None:
                self.made = document(examples(self.app, self.choices))
            return {"spec": self.made}

    def text(self) -> str:
        """As JSON."""
        return json.dumps(self.parts()["spec"], ensure_ascii=False)
