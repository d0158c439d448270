"""A centre with a few applicants, on both kinds of database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from engine.loader import BUILT_IN
from tests.centre.office import people
from tests.centre.watching.applicants import program
from web.centre import packs
from web.centre.store.database import writing


@pytest.fixture
def centre(engine: Engine) -> Engine:
    """A database with the rules that come with huiqi, and a user of each role."""
    people(engine)
    with writing(engine) as session:
        packs.keep(session, program().pack, BUILT_IN)
    return engine
