"""The site for tests that need no browser: one application, and clients that carry what a page carried."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from web.app import create_app
from web.settings import Settings

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def app() -> Any:
    """The site on a fixed day, with rates that no test reaches."""
    return create_app(
        Settings(today=lambda: TODAY, secret="tests", page_rate="100000 per minute", api_rate="100000 per minute")
    )


@pytest.fixture
def client(app: Any) -> FlaskClient:
    """A visitor without JavaScript who has seen no page yet."""
    found: FlaskClient = app.test_client()
    return found


def hidden(page: str, name: str) -> str:
    """The value of the first hidden field of this name in a page."""
    match = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert match, name
    return unescape(match[1])


@pytest.fixture
def post(client: FlaskClient) -> Callable[..., TestResponse]:
    """Send a form as a page would: with the token, and with what an earlier answer carried (``after``)."""
    token = hidden(client.get("/").text, "csrf_token")

    def send(path: str, form: dict[str, Any] | None = None, after: str | None = None, **more: Any) -> TestResponse:
        data = {"csrf_token": token, **({"state": hidden(after, "state")} if after else {}), **(form or {})}
        return client.post(path, data=data, **more)

    return send
