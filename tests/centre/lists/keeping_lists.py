"""Small lists on a database, kept as the work on a list keeps them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from engine.columns.of_profiles import raw_slice
from engine.loader import BUILT_IN
from tests.centre.lists.comparing import program
from web.centre import packs
from web.centre.lists.screening import Screened, Screening
from web.centre.lists.storing import Author, Keeper
from web.centre.store.database import now, writing
from web.centre.store.tables import (
    ChainEntry,
    DeterminationRow,
    Enterprise,
    Entitlement,
    ListJob,
    Move,
    ProfileVersion,
    Standing,
    User,
)

AS_OF = date(2026, 6, 30)
KEPT = (Enterprise, ProfileVersion, DeterminationRow, Standing, Entitlement, Move, ChainEntry)


def centre(engine: Engine) -> None:
    """Somebody who hands lists in, and the rules."""
    with writing(engine) as session:
        session.add(User(name="li", full_name="李", role="clerk", created_at=now()))
        packs.keep(session, program().pack, BUILT_IN)


def keeper(engine: Engine, as_of: date = AS_OF) -> Keeper:
    """Keeps the slices of a list of its own."""
    with writing(engine) as session:
        user = session.execute(select(User)).scalars().first()
        assert user is not None
        job = ListJob(name="名单", digest="0" * 64, as_of=as_of, state="running", by_id=user.id, at=now())
        session.add(job)
        session.flush()
        return Keeper(engine, Screening(program().pack, as_of), Author(job.id, user.id))


def kept(keeper: Keeper, profiles: Sequence[dict[str, Any]]) -> tuple[Screened, Counter[str]]:
    """Keep profiles as one slice; their keys are 0, 1, ..."""
    counts = Counter[str]()

    def beside(session: Session, screened: Screened, found: Counter[str]) -> None:
        counts.update(found)

    return keeper.keep(raw_slice(profiles, program().pack.vocabulary), beside), counts


def rows(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    return {m.__tablename__: session.execute(select(func.count()).select_from(m)).scalar_one() for m in KEPT}
