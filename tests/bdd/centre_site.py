"""A centre for scenarios on SQLite: the application, and people of each role at browsers of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, select

from engine.pack import Measure
from tests.centre.office import Visit, app_of, people
from tests.centre.watching.applicants import program
from web.centre.pages.guard import KEY
from web.centre.store import database, schema
from web.centre.store.database import reading
from web.centre.store.tables import Enterprise

ROLES = {"受理员": "clerk", "审核员": "reviewer", "负责人": "head", "审计员": "auditor"}
IN_FORCE = ("daxing-2025", "tongzhou-2024", "zgc-2024")


@dataclass(slots=True)
class Site:
    """A running centre. ``page``: what the last one who did something has before them."""

    app: Flask
    engine: Engine
    files: Path
    page: str = ""
    browsers: dict[str, Visit] = field(default_factory=dict)

    def visit(self, who: str) -> Visit:
        """The browser of somebody, logged in."""
        if who not in self.browsers:
            self.browsers[who] = Visit(self.app.test_client()).log_in(ROLES[who])
        return self.browsers[who]

    def open(self, who: str, address: str, **query: str) -> str:
        """A page as text."""
        answer = self.visit(who).client.get(address, query_string=query, follow_redirects=True)
        visit = self.visit(who)
        visit._took(answer, answer.status_code)
        self.page = unescape(visit.page)
        return self.page

    def number(self, name: str) -> int:
        """The number of an enterprise."""
        with reading(self.engine) as session:
            return session.execute(select(Enterprise.id).where(Enterprise.name == name)).scalar_one()


def measure(title: str) -> Measure:
    """The one measure in force whose title has this in it."""
    [found] = [m for m in program().pack.measures if title in m.spec.title and m.document in IN_FORCE]
    return found


@contextmanager
def centre(folder: Path) -> Iterator[Site]:
    """A centre in a folder."""
    engine = database.connect(database.address_of(str(folder / "centre.db")))
    schema.migrate(engine)
    people(engine)
    app = app_of(engine, folder / "files")
    yield Site(app, engine, folder / "files")
    app.extensions[KEY].engine.dispose()
    engine.dispose()
