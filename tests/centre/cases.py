"""Applicants for tests of the pages about one enterprise."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.centre.office import TODAY
from web.centre import intake, keeping
from web.centre.intake import Seen
from web.centre.pages.guard import KEY
from web.centre.store import chain
from web.centre.store.database import now, writing
from web.centre.store.tables import DeterminationRow, FindingRow, Stage, User
from web.service import Service

PENDING = "dx25-key-project-enterprise-service-package"
KEY_PROJECT = "dx25-key-transformation-project"
"""The judgement that this measure waits for."""
COMPANY: dict[str, Any] = {
    "name": "大兴测试软件有限公司",
    "registered_division": "北京市大兴区",
    "applicant_kinds": ["企业"],
    "projects": [{"id": "传感器", "kind": "科技成果转化项目", "division": "大兴区"}],
}


def service(app: Flask) -> Service:
    """The rules of the application."""
    found: Service = app.extensions[KEY].service
    return found


def user(session: Session, name: str = "clerk") -> User:
    """One of those who work here."""
    return session.execute(select(User).where(User.name == name)).scalar_one()


def take_in(app: Flask, data: dict[str, Any] = COMPANY, number: int | None = None, today: date = TODAY) -> int:
    """Takes an applicant in, or a further version of enterprise ``number``; its number."""
    here = service(app)
    with writing(app.extensions[KEY].engine) as session:
        newest = keeping.newest_profile(session, number) if number is not None else None
        seen = Seen(number, newest.number if newest is not None else 0, another=True, firm=True)
        applicant = intake.applicant_of(data, here.program, today)
        version, _ = intake.take_in(session, applicant, seen, "form", user(session), here.program, today)
        return version.enterprise_id


def find(app: Flask, number: int, judgement: str, finding: bool, stage: Stage = "confirmed", why: str = "看过材料") -> None:
    """A reviewer's finding, by which the enterprise is determined anew on ``TODAY``."""
    here = service(app)
    with writing(app.extensions[KEY].engine) as session:
        profile, by = keeping.newest_profile(session, number), user(session, "reviewer")
        assert profile is not None
        row = FindingRow(
            enterprise_id=number, judgement=judgement, finding=finding, reason=why, stage=stage, on_profile_id=profile.id,
            by_id=by.id, at=now().replace(year=2026, month=11, day=20, hour=9),
        )  # fmt: skip
        chain.seal(session, [row])
        keeping.determine(session, profile, here.program, TODAY, by)


def letters(app: Flask, number: int) -> dict[str, str]:
    """The letter of each measure by which an enterprise stands."""
    with writing(app.extensions[KEY].engine) as session:
        row = keeping.newest_determination(session, number)
        assert isinstance(row, DeterminationRow)
        return dict(zip((measure.id for measure in service(app).pack.measures), row.verdicts, strict=True))
