"""A workbench under test: the application on a database of its own, and people of each role who are logged in.

``Visit`` is a browser without a script: it keeps cookies, sends the token of its last page, and follows redirects.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from web.app import create_app
from web.centre import accounts
from web.centre.settings import CentreSettings
from web.centre.store.database import now, writing
from web.centre.store.tables import Role, User
from web.settings import Settings

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 0)
PASSWORD = "十个字以上的一句密码"
ROLES: tuple[Role, ...] = ("clerk", "reviewer", "head", "administrator", "auditor")
RATE = "100000 per minute"


@cache
def _hashed() -> str:
    found = accounts.hashed(PASSWORD)
    assert found is not None
    return found


def people(engine: Engine) -> None:
    """One user of each role, called like it; and a second reviewer, ``reviewer2``."""
    with writing(engine) as session:
        for name, role in (*((role, role) for role in ROLES), ("reviewer2", "reviewer")):
            label = accounts.ROLES[role]  # type: ignore[index]
            session.add(User(name=name, full_name=label + name[len(role):], role=role, password=_hashed(), created_at=now()))


def app_of(engine: Engine, files: Path, **settings: Any) -> Flask:
    """The application on the database of ``engine``; ``settings`` are those of the workbench."""
    address = engine.url.render_as_string(hide_password=False)
    centre = CentreSettings(address, files, **{"now": lambda: NOW, "login_rate": RATE, **settings})
    return create_app(
        Settings(today=lambda: TODAY, secret="tests", page_rate=RATE, api_rate=RATE, executor="reference", centre=centre)
    )


@dataclass(slots=True)
class Visit:
    """Somebody at a browser. ``page`` is the last answer's text."""

    client: FlaskClient
    page: str = ""
    token: str = field(default="")

    def get(self, path: str, status: int = 200, **query: Any) -> TestResponse:
        """A page, followed to where it leads."""
        return self._took(self.client.get(path, query_string=query, follow_redirects=True), status)

    def post(self, path: str, status: int = 200, **form: Any) -> TestResponse:
        """A form with the token of the last page, followed to where it leads. A file is ``(BytesIO, name)``."""
        if not self.token:
            self.get("/centre/login")
        answer = self.client.post(path, data={"csrf_token": self.token, **form}, follow_redirects=True)
        return self._took(answer, status)

    def log_in(self, name: str) -> Visit:
        """Through the door, with the password that everybody here has."""
        self.get("/centre/login")
        self.post("/centre/login", name=name, password=PASSWORD)
        assert "/centre/logout" in self.page, self.page
        return self

    def _took(self, answer: TestResponse, status: int) -> TestResponse:
        assert answer.status_code == status, (answer.status_code, answer.get_data(as_text=True)[:3000])
        if answer.mimetype == "text/html":
            self.page = answer.text
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
            self.token = unescape(found[1]) if found else self.token
        return answer


LogIn = Callable[[str], Visit]
MakeApp = Callable[..., Flask]
