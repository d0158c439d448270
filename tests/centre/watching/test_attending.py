"""What somebody asks for on the page is done in the background, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.centre.office import NOW, TODAY
from tests.centre.watching.applicants import daxing, program, take_in, user
from web.centre.office import Office
from web.centre.settings import CentreSettings
from web.centre.store.database import reading, writing
from web.centre.watching import attending, state
from web.centre.watching.attending import Attendant
from web.centre.watching.lock import alone
from web.service import Service
from web.settings import Settings

PATIENCE = 300.0
"""Seconds after which something is wrong."""


@pytest.fixture
def office(centre: Engine, tmp_path: Path) -> Iterator[Office]:
    address = centre.url.render_as_string(hide_password=False)
    settings = CentreSettings(address, tmp_path / "files", now=lambda: NOW)
    made = Office(settings, Service(Settings(today=lambda: TODAY, executor="reference")))
    yield made
    made.engine.dispose()


def want(office: Office) -> None:
    with writing(office.engine) as session:
        state.want(session, user(session))


def done(office: Office) -> bool:
    with reading(office.engine) as session:
        return state.checked(session) == state.Checked(TODAY, program().pack.version)


def test_it_is_done_when_it_was_asked_for(office: Office) -> None:
    take_in(office.engine, daxing("甲"), screen=False)
    attendant = Attendant(office, lambda: False)
    attendant.attend()
    attendant.join(PATIENCE)
    assert not done(office)
    want(office)
    attendant.attend()
    attendant.join(PATIENCE)
    assert done(office)
    with reading(office.engine) as session:
        assert state.wanted(session) is None


def test_while_somebody_else_is_at_it_it_stays_asked_for(office: Office) -> None:
    want(office)
    attendant = Attendant(office, lambda: False)
    with alone(office.engine):
        attendant.attend()
        attendant.join(PATIENCE)
    assert not done(office)
    attendant.attend()
    attendant.join(PATIENCE)
    assert done(office)


def test_who_is_to_end_leaves_it_to_others(office: Office) -> None:
    take_in(office.engine, daxing("甲"), screen=False)
    want(office)
    attendant = Attendant(office, lambda: True)
    attendant.attend()
    attendant.join(PATIENCE)
    assert not done(office)
    with reading(office.engine) as session:
        assert state.wanted(session) is not None


def test_a_fault_is_told_without_what_it_says(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("甲公司")

    monkeypatch.setattr(attending, "rescreen", fail)
    want(office)
    attendant = Attendant(office, lambda: False)
    attendant.attend()
    attendant.join(PATIENCE)
    assert "RuntimeError" in caplog.text and "甲公司" not in caplog.text
