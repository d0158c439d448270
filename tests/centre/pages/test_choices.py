"""The choices of the centre on their page."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, select

from tests.centre.office import LogIn, Visit
from web.centre import choices
from web.centre.choices import Choices
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry


def seen(visit: Visit) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', visit.get("/centre/settings").text)
    assert found
    return found[1]


def test_what_is_chosen_is_kept_shown_and_written_down(log_in: LogIn, engine: Engine) -> None:
    visit = log_in("administrator")
    sent = {"name": "某区<服务>中心", "contact": "010-0000 0000", "four_eyes": "yes", "retention_years": "5"}
    visit.post("/centre/settings", seen=seen(visit), **sent)
    assert "设置已保存" in visit.page and "某区&lt;服务&gt;中心" in visit.page and "checked" in visit.page
    with reading(engine) as session:
        assert choices.read(session) == Choices("某区<服务>中心", "010-0000 0000", "", True, 5)
        entry = session.execute(select(AuditEntry).where(AuditEntry.action == "choices-changed")).scalar_one()
    named = ["name", "contact", "four_eyes", "retention_years"]
    assert entry.detail == {"choices": named, "four_eyes": True, "retention_years": 5}
    visit.post("/centre/settings", seen=seen(visit), **sent)
    with reading(engine) as session:
        assert len(session.execute(select(AuditEntry).where(AuditEntry.action == "choices-changed")).all()) == 1


def test_what_will_not_do_is_said_beside_its_field(log_in: LogIn, engine: Engine) -> None:
    visit = log_in("administrator")
    visit.post("/centre/settings", 422, seen=seen(visit), name="惠" * 201, retention_years="五")
    assert "最多 200 个字" in visit.page and "1 到 100 的整数" in visit.page and 'value="五"' in visit.page
    with reading(engine) as session:
        assert choices.read(session) == Choices()


@pytest.mark.parametrize("on", [True, False])
def test_who_finds_cannot_choose_to_be_the_only_one(log_in: LogIn, engine: Engine, on: bool) -> None:
    """A head judges: four eyes are the administrator's, on or off, and stay as they are when a head chooses the rest."""
    with writing(engine) as session:
        choices.write(session, Choices(four_eyes=on))
    visit = log_in("head")
    stamp = seen(visit)
    assert 'name="four_eyes"' not in visit.page and ("已打开" if on else "没有打开") in visit.page
    for value in ("yes", ""):
        sent = {"csrf_token": visit.token, "seen": stamp, "four_eyes": value}
        assert visit.client.post("/centre/settings", data=sent).status_code == 403
    visit.post("/centre/settings", 422, seen=stamp, retention_years="五")
    assert ("已打开" if on else "没有打开") in visit.page
    visit.post("/centre/settings", seen=stamp, name="某区中心")
    with reading(engine) as session:
        assert choices.read(session) == Choices("某区中心", four_eyes=on)
        entry = session.execute(select(AuditEntry).where(AuditEntry.action == "choices-changed")).scalar_one()
    assert entry.detail == {"choices": ["name"]}
    other = log_in("administrator")
    told = {} if on else {"four_eyes": "yes"}
    other.post("/centre/settings", seen=seen(other), name="某区中心", **told)
    with reading(engine) as session:
        assert choices.read(session).four_eyes is not on


def test_two_do_not_undo_each_others_choices(log_in: LogIn, engine: Engine) -> None:
    visit = log_in("head")
    stamp = seen(visit)
    with writing(engine) as session:
        choices.write(session, Choices(name="某区中心"))
    visit.post("/centre/settings", 409, seen=stamp, name="另一个名称")
    assert "刚被另一位同事改过" in visit.page and "某区中心" in visit.page
