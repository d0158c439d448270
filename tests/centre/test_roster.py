"""Who stands where: counted, narrowed, sorted and kept up to date from the database of either kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from web.centre import keeping
from web.centre.roster import Query, Roster, Snapshot
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    Entitlement,
    Move,
    PackArchive,
    ProfileVersion,
    Standing,
    User,
)

MEASURES = ("m1", "m2", "m3")
T0 = datetime(2026, 11, 1, 8, 0)


class Centre:
    """A database whose applicants stand as a test says, without any rules."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with writing(engine) as session:
            user = User(name="wang", full_name="王", role="clerk", created_at=T0)
            session.add(user)
            session.flush()
            self.user = user.id
        self.pack("new", MEASURES, T0)

    def pack(self, version: str, measures: tuple[str, ...], at: datetime) -> None:
        with writing(self.engine) as session:
            session.add(PackArchive(version=version, archive=b"", measures=list(measures), kept_at=at))

    def take(self, name: str, verdicts: str = "", *, pack: str = "new", at: datetime = T0, **more: Any) -> int:
        """An applicant; the same again where its key is known. ``amounts``: measure -> (low, high)."""
        with writing(self.engine) as session:
            return self._take(session, name, verdicts, pack, at, more)

    def _take(self, session: Session, name: str, verdicts: str, pack: str, at: datetime, more: dict[str, Any]) -> int:
        head = keeping.Head(name, more.get("division"), more.get("industry"), more.get("size"))
        one = keeping.enterprise_of(session, more.get("key", name), head)
        one.created_at, one.assignee_id = at, more.get("assignee")
        data = {"name": name, "told": at.isoformat(), "verdicts": verdicts, "pack": pack}
        profile = keeping.add_profile(session, one, data, "form", session.get_one(User, self.user))
        if verdicts:
            before = keeping.newest_determination(session, one.id)
            row = DeterminationRow(
                enterprise_id=one.id, profile_id=profile.id, pack_version=pack, as_of=at.date(), verdicts=verdicts,
                amounts={measure: list(ends) for measure, ends in more.get("amounts", {}).items()}, findings=[],
                by_id=self.user, at=at,
            )  # fmt: skip
            chain.seal(session, [row])
            keeping.stand(session, row, more.get("awaiting", {}), before)
        keeping.touch(session, [one.id])
        return one.id

    def erase(self, number: int) -> None:
        with writing(self.engine) as session:
            one = session.get_one(Enterprise, number)
            one.name, one.erased_on = "", date(2026, 11, 2)
            keeping.audit(session, None, "erased", number)
            keeping.touch(session, [number])


@pytest.fixture
def centre(engine: Engine) -> Centre:
    return Centre(engine)


def roster(centre: Centre) -> Roster:
    return Roster(centre.engine, MEASURES)


def names(snapshot: Snapshot, query: Query) -> list[str]:
    return [snapshot.row(place).name for place in snapshot.select(query)]


def test_counts_by_group(centre: Centre) -> None:
    for name, verdicts in (("甲", "EPN"), ("乙", "EFX"), ("丙", "")):
        centre.take(name, verdicts)
    counts = roster(centre).snapshot().counts()
    assert counts["m1"] == {"eligible": 2, "pending": 0, "facts": 0, "ineligible": 0, "not_in_force": 0}
    assert counts["m2"]["pending"] == counts["m2"]["facts"] == counts["m3"]["ineligible"] == counts["m3"]["not_in_force"] == 1
