"""An applicant whose case waits for judgement: the invented enterprise of samples/beijing-mixed.yaml."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.loader import BUILT_IN, load_pack
from engine.program import Program
from engine.yaml_source import read_file
from tests.centre.office import TODAY
from tests.helpers import ROOT
from web.centre import keeping, packs
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise, FindingRow, Standing, User

WHOLE = "dx25-key-result"
"""About the enterprise; dx25-grant-equity-linkage waits for it alone."""
YOUTH, TALENT = "tz-outstanding-youth", "人才乙"
"""About a person; tz-outstanding-youth-funding waits for it, and the text wants about 30 a year."""


@cache
def program() -> Program:
    """The rules that come with huiqi."""
    return compile_pack(load_pack())


@cache
def _sample() -> dict[str, Any]:
    source = read_file(ROOT / "samples" / "beijing-mixed.yaml", Findings(), rule_file=False)
    assert source is not None
    told: dict[str, Any] = {**source.data}
    told.pop("findings")
    # Money and dates as JSON has them.
    return {key: _plain(value) for key, value in told.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | str) or value is None else str(value)


def sample(**changes: Any) -> dict[str, Any]:
    """Its profile, with changes."""
    return {**deepcopy(_sample()), **changes}


def user(session: Session, name: str) -> User:
    """The user with this name."""
    return session.execute(select(User).where(User.name == name)).scalar_one()


def take_in(engine: Engine, key: str = "k1", name: str = "甲公司", **changes: Any) -> int:
    """An enterprise with the sample's profile, screened; a further version where it is known. Its number."""
    with writing(engine) as session:
        head = keeping.Head(name, "110115", "C358", "small")
        enterprise = keeping.enterprise_of(session, key, head)
        clerk = user(session, "clerk")
        packs.keep(session, program().pack, BUILT_IN)
        profile = keeping.add_profile(session, enterprise, sample(**changes), "form", clerk)
        keeping.determine(session, profile, program(), TODAY, clerk)
        return enterprise.id


def letter(engine: Engine, number: int, measure: str) -> str:
    """How an enterprise stands by a measure, as the queues read it."""
    with reading(engine) as session:
        standing = session.execute(select(Standing).where(Standing.enterprise_id == number)).scalar_one()
    return standing.verdicts[[item.id for item in program().pack.measures].index(measure)]


def rows(engine: Engine) -> list[FindingRow]:
    """Everything that was ever said, in order."""
    with reading(engine) as session:
        return list(session.execute(select(FindingRow).order_by(FindingRow.id)).scalars())


def name_of(engine: Engine, number: int) -> str:
    """What an enterprise is called."""
    with reading(engine) as session:
        return session.get_one(Enterprise, number).name
