"""One enterprise with something of everything, judged by two people, as the centre keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine import load_pack
from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.loader import BUILT_IN
from engine.program import Program
from engine.yaml_source import read_file
from tests.helpers import ROOT
from web.centre import choices, keeping, packs
from web.centre.letters.basis import Basis, basis_of
from web.centre.store import chain, database, schema
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import DeterminationRow, FindingRow, ProfileVersion, User

AS_OF = date(2017, 6, 30)
DAY = date(2026, 11, 22)
CENTRE = choices.Choices("虚构市惠企服务中心", "电话 0316-0000000", "虚构市建设路1号")
KEY = "91131000MA0000000X"
AWARD = "lf16-city-collaborative-innovation-base-award"
JUDGED = "lf16-leading-enterprise-one-case-one-policy"
OPEN = "lf16-industry-tech-innovation-alliance-national"


@cache
def program() -> Program:
    """The built-in rules, compiled once."""
    return compile_pack(load_pack())


@cache
def _sample() -> str:
    source = read_file(ROOT / "samples" / "mixed.yaml", Findings(), rule_file=False)
    assert source is not None
    return json.dumps(source.data, default=str)


def sample() -> dict[str, Any]:
    """The profile as it was taken in."""
    told: dict[str, Any] = json.loads(_sample())
    return told


def reviewer(session: Session, name: str) -> User:
    """The user of this name, made where there is none."""
    found = session.execute(select(User).where(User.name == name)).scalar_one_or_none()
    if found is None:
        found = User(name=name, full_name=f"审核员{name}", role="reviewer", created_at=now())
        session.add(found)
        session.flush()
    return found


def found(session: Session, profile: ProfileVersion, judgement: str, **told: Any) -> FindingRow:
    """A finding on the profile's enterprise, as of its evaluation date so that it counts there."""
    row = FindingRow(
        enterprise_id=profile.enterprise_id, judgement=judgement, on_profile_id=profile.id,
        **{"finding": True, "reason": "看过材料", "stage": "confirmed", "by_id": reviewer(session, "甲").id, **told},
    )  # fmt: skip
    row.at = row.at or datetime(2017, 6, 1, 1)
    chain.seal(session, [row])
    return row


def keep(session: Session, rules: Program, data: dict[str, Any], root: Path = BUILT_IN) -> DeterminationRow:
    """An enterprise with this profile, judged where the letter of ``JUDGED`` asks it, and determined."""
    packs.keep(session, rules.pack, root)
    choices.write(session, CENTRE)
    enterprise = keeping.enterprise_of(session, KEY, keeping.Head(data["name"], "131022", "I65", "small"))
    profile = keeping.add_profile(session, enterprise, data, "form", reviewer(session, "甲"))
    proposal = found(session, profile, "lf16-leading-enterprise", stage="proposed", reason="连续三年产值第一")
    found(session, profile, "lf16-leading-enterprise", answers_id=proposal.id, by_id=reviewer(session, "乙").id, reason="同意")
    row = keeping.determine(session, profile, rules, AS_OF, reviewer(session, "甲"))
    assert row is not None
    return row


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A SQLite database with that enterprise, for what no SQL is in."""
    engine = database.connect(database.address_of(str(tmp_path_factory.mktemp("letters") / "centre.db")))
    schema.migrate(engine)
    with writing(engine) as session:
        keep(session, program(), sample())
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def basis(kept: Engine) -> Basis:
    """What letters to it rest on."""
    with reading(kept) as session:
        return basis_of(session, 1, program(), AS_OF)
