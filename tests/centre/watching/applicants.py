"""Enterprises of which something will be lost, for tests of watching: today is 2026-11-22."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.compiler import compile_pack
from engine.loader import BUILT_IN, load_pack
from engine.profile import profile_of
from engine.program import Program
from tests.centre.office import TODAY
from web.centre import keeping, packs
from web.centre.intake import head_of
from web.centre.store import chain
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import Enterprise, FindingRow, Move, Outlook, User
from web.centre.watching.run import Done, rescreen

HNTE = "国家高新技术企业"
LEDGER = "tz-core-hnte-ledger"
"""A measure for who holds a valid title."""
ANNUAL = {"fiscal_year": 2025, "revenue": "3000万元", "rd_expense": "200万元", "staff": 60, "assets": "2000万元"}


def enterprise(name: str, **more: Any) -> dict[str, Any]:
    """A software firm in Tongzhou."""
    return {
        "name": name,
        "applicant_kinds": ["企业"],
        "registered_division": "北京市通州区",
        "operating_division": "北京市通州区",
        "industry": "I65",
        "staff_total": 60,
        "annuals": [ANNUAL],
        "recognitions": [],
        **more,
    }


def expiring(name: str, day: str, **more: Any) -> dict[str, Any]:
    """One whose title as a high-tech enterprise ends on a day."""
    title = {"id": "高企", "kind": HNTE, "tier": "国家级", "issued": "2023-12-01", "expires": day}
    return enterprise(name, recognitions=[title], **more)


def daxing(name: str, **more: Any) -> dict[str, Any]:
    """The same in Daxing, where the document does not end with the year."""
    return enterprise(name, registered_division="北京市大兴区", operating_division="北京市大兴区", **more)


@cache
def program() -> Program:
    """The rules that come with huiqi."""
    return compile_pack(load_pack())


def other_rules(folder: Path, change: Callable[[Path], None]) -> Program:
    """The rules with a change in their files."""
    shutil.copytree(BUILT_IN, folder, ignore=shutil.ignore_patterns("coverage", "lists", "citations.lock"))
    change(folder)
    return compile_pack(load_pack(folder))


def replaced(folder: Path, file: str, old: str, new: str) -> None:
    """Change a text in a file of the rules."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def renamed(folder: Path) -> None:
    """A change for ``other_rules``: ``foreign_invested`` is called ``foreign_owned``."""
    for path in folder.rglob("*.yaml"):
        text = path.read_text("utf-8")
        path.write_text(text.replace("foreign_invested", "foreign_owned"), "utf-8")


def user(session: Session, name: str = "clerk") -> User:
    """The user with this name."""
    return session.execute(select(User).where(User.name == name)).scalar_one()


def take_in(engine: Engine, *told: dict[str, Any], day: date = TODAY, screen: bool = True) -> list[int]:
    """Keep applicants, or a further profile of one that is known by its name; their numbers."""
    found, pack = [], program().pack
    with writing(engine) as session:
        for data in told:
            head = head_of(profile_of(data, pack.vocabulary, pack.tables), program(), day)
            kept = keeping.enterprise_of(session, data["name"], head)
            version = keeping.add_profile(session, kept, data, "form", user(session))
            if screen:
                keeping.determine(session, version, program(), day, user(session))
            found.append(kept.id)
    return found


def find(engine: Engine, enterprise: int, judgement: str, finding: bool, at: datetime | None = None, **more: Any) -> int:
    """A confirmed finding, without a determination."""
    with writing(engine) as session:
        profile = keeping.newest_profile(session, enterprise)
        assert profile is not None
        row = FindingRow(
            enterprise_id=enterprise, judgement=judgement, finding=finding, reason="看过材料", stage="confirmed",
            on_profile_id=profile.id, by_id=user(session, "reviewer").id, at=at or now(), **more,
        )  # fmt: skip
        chain.seal(session, [row])
        return row.id


def watch(engine: Engine, day: date = TODAY, rules: Program | None = None, at: Path = BUILT_IN, **more: Any) -> Done:
    """Everybody screened again in the clerk's name; ``rules`` lie ``at`` a folder, where they are to be made again."""
    if rules is not None:
        with writing(engine) as session:
            packs.keep(session, rules.pack, at)
    with reading(engine) as session:
        by = user(session).id
    return rescreen(engine, rules or program(), day, by, **more)


def moved(engine: Engine) -> list[tuple[str, str, str, str, str]]:
    """Name, measure, from, to, cause of every move."""
    with reading(engine) as session:
        wanted = select(Enterprise.name, Move.measure, Move.before, Move.after, Move.cause).join(Enterprise)
        return [tuple(row) for row in session.execute(wanted.order_by(Move.id))]  # type: ignore[misc]


def foreseen(engine: Engine) -> list[tuple[str, str, str, str, date]]:
    """Name, measure, before, after and last day of what will be lost."""
    with reading(engine) as session:
        columns = (Enterprise.name, Outlook.measure, Outlook.before, Outlook.after, Outlook.last_day)
        wanted = select(*columns).join(Enterprise).order_by(Outlook.last_day, Enterprise.id, Outlook.measure)
        return [tuple(row) for row in session.execute(wanted)]  # type: ignore[misc]
