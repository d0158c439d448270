"""A centre whose enterprises stand at random, written row by row without any service; and a slow, obvious recount."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import load_pack
from engine.loader import BUILT_IN
from engine.pack import Pack
from web.centre import packs
from web.centre.store.database import now, writing
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    Entitlement,
    ListJob,
    Move,
    ProfileVersion,
    Standing,
    User,
)

NOW = datetime(2026, 11, 22, 9)
TODAY = date(2026, 11, 22)
DIVISIONS = ("131022", "131082", "1310", "110112", "110115", "11", None)
AMOUNTS = ("0", "100000", "99999.999", "0.1", "123456789012345678.9012", "3333.33", None)


@cache
def pack() -> Pack:
    """The rules that come with huiqi."""
    return load_pack()


@dataclass(slots=True)
class Made:
    """One enterprise as it was written: a letter by measure, amounts, since when each measure stands so."""

    division: str | None
    taken_in: datetime
    letters: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """All that was written: enterprises, decisions (measure, after, when, days waited, division), lists."""

    enterprises: list[Made] = field(default_factory=list)
    decisions: list[tuple[str, str, datetime, int, str | None]] = field(default_factory=list)
    lists: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def world(engine: Engine) -> World:
    """Sixty enterprises, other ones on either kind of database; some without a determination, one erased."""
    random, made = Random(engine.dialect.name), World()
    with writing(engine) as session:
        user = User(name="w", full_name="王", role="clerk", created_at=now())
        session.add(user)
        packs.keep(session, pack(), BUILT_IN)
        session.flush()
        # The pack has been known for long, so that whoever never moved stands as it does since it was taken in.
        session.get_one(packs.PackArchive, pack().version).kept_at = datetime(2020, 1, 1)
        for number in range(60):
            made.enterprises.append(_enterprise(session, random, number, user, made))
        gone = Enterprise(key="gone", name="（已清除）", created_at=NOW, changed=1, erased_on=TODAY, division="131022")
        session.add(gone)
        for number in range(12):
            made.lists.append(_list(session, random, user, number))
    return made


def _enterprise(session: Session, random: Random, number: int, user: User, world: World) -> Made:
    taken_in = NOW - timedelta(minutes=random.randrange(700 * 1440))
    made = Made(random.choice(DIVISIONS), taken_in)
    row = Enterprise(key=f"k{number}", name=f"公司{number}", created_at=taken_in, changed=1, division=made.division)
    session.add(row)
    session.flush()
    if number % 10 == 0:
        return made
    made.letters = {measure.id: random.choice("EPFNX") for measure in pack().measures}
    profile = ProfileVersion(enterprise_id=row.id, number=1, data={}, digest="", source="form", by_id=user.id, at=taken_in)
    session.add(profile)
    session.flush()
    letters = "".join(made.letters.values())
    told = {"enterprise_id": row.id, "pack_version": pack().version, "as_of": TODAY}
    decided = DeterminationRow(
        **told, profile_id=profile.id, verdicts=letters, amounts={}, findings=[], digest="", by_id=user.id, at=taken_in
    )
    session.add(decided)
    session.flush()
    session.add(Standing(**told, determination_id=decided.id, verdicts=letters, changed_at=taken_in, awaiting={}))
    for id, letter in made.letters.items():
        made.since[id] = taken_in
        if letter in "EP" and random.random() < 0.4:
            low, high = random.choice(AMOUNTS[:-1]), random.choice(AMOUNTS)
            made.amounts[id] = (low, high)
            session.add(Entitlement(enterprise_id=row.id, measure=id, low=low, high=high, sort=0))
        if random.random() < 0.3:
            _moves(session, random, row.id, decided.id, id, letter, made, world)
    return made


def _moves(
    session: Session, random: Random, enterprise: int, determination: int, measure: str, letter: str, made: Made, world: World
) -> None:
    """Some moves that end at the letter that stands, each from where the one before led."""
    at, before = made.taken_in, random.choice("EPFNX".replace(letter, ""))
    path = [*random.choices("EPFNX", k=random.randrange(3)), letter]
    for after in path:
        if after == before:
            continue
        came, at = at, min(at + timedelta(minutes=random.randrange(60 * 1440)), NOW)
        cause: Any = random.choice(("finding", "finding", "profile", "rules"))
        session.add(
            Move(enterprise_id=enterprise, measure=measure, before=before, after=after, cause=cause, determination_id=determination, at=at)
        )
        if before == "P" and cause == "finding":
            world.decisions.append((measure, after, at, (at - came).days, made.division))
        before = after
    made.since[measure] = at


def _list(session: Session, random: Random, user: User, number: int) -> dict[str, Any]:
    at = NOW - timedelta(minutes=random.randrange(500 * 1440))
    total, done = random.choice(((None, 0), (100, 60), (1000, 1000)))
    told = {"total": total, "done": done, "rejected": done // 10}
    session.add(ListJob(name=f"名单{number}", digest="", as_of=TODAY, state="done", by_id=user.id, at=at, **told))
    return {"at": at, **told}
