"""The workbench's application on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.centre.office import LogIn, MakeApp, Visit, app_of, people
from web.centre.pages.guard import KEY


@pytest.fixture
def make_app(engine: Engine, tmp_path: Path) -> Iterator[MakeApp]:
    """``make_app(now=...)``: the application with settings of the workbench, with a user of each role."""
    people(engine)
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        made.append(app_of(engine, tmp_path / "files", **settings))
        return made[-1]

    yield make
    for app in made:
        app.extensions[KEY].engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The application as it is."""
    return make_app()


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """``log_in("clerk")``: a browser of its own, logged in."""
    return lambda name: Visit(app.test_client()).log_in(name)
