"""The workbench to try out: whole, with somebody in every queue, put in as anybody would."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from scripts.centre_demo import PASSWORD, PEOPLE, fill
from tests.centre.office import NOW, TODAY
from web.centre import accounts, choices, docket
from web.centre.office import Office
from web.centre.outcomes import LETTERS
from web.centre.settings import CentreSettings
from web.centre.store import chain, schema
from web.centre.store.database import address_of, connect, reading
from web.centre.store.tables import Enterprise, Move, Standing
from web.service import Service
from web.settings import Settings


def test_a_filled_workbench_has_somebody_everywhere(tmp_path: Path) -> None:
    engine = connect(address_of(str(tmp_path / "centre.db")))
    schema.migrate(engine)
    settings = CentreSettings(str(tmp_path / "centre.db"), tmp_path / "files", now=lambda: NOW)
    office = Office(settings, Service(Settings(executor="reference", today=lambda: TODAY, centre=settings)))
    counts = fill(office)
    with reading(engine) as session:
        verdicts = session.execute(select(Standing.verdicts)).scalars().all()
        assert len(verdicts) == counts["enterprises"] > 300
        assert set("".join(verdicts)) == set(LETTERS.values())
        assert set(session.execute(select(Move.cause)).scalars()) == {"date", "profile", "finding"}
        assert session.execute(select(Enterprise.id).where(Enterprise.assignee_id.is_not(None))).first()
        assert (docket.proposals(session).items) and choices.read(session).four_eyes
        assert list(chain.verify(session)) == []
    for name, _, role in PEOPLE:
        assert accounts.log_in(engine, name, PASSWORD, NOW).role == role
    for used in (engine, office.engine):
        used.dispose()
