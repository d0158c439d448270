"""Erasing on its page: who may, what has to be said, and that it is gone from every page."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Engine, select

from tests.centre.office import TODAY, LogIn, Visit
from tests.centre.watching.applicants import expiring, take_in, user, watch
from web.centre import cases
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, Enterprise

NAME = "要清除的公司"


@pytest.fixture
def number(log_in: LogIn, engine: Engine) -> int:
    """An enterprise with something to erase; the application has kept the rules."""
    log_in("clerk")
    [found] = take_in(engine, expiring(NAME, "2026-12-10"))
    watch(engine)
    return found


def version(visit: Visit) -> str:
    found = re.search(r'name="version" value="(\d+)"', visit.page)
    assert found
    return found[1]


def erase(visit: Visit, number: int, status: int = 200, **form: str) -> str:
    path = f"/centre/enterprise/{number}/erase"
    visit.get(path)
    told = {"why": "request", "key": NAME, "version": version(visit), **form}
    return visit.post(path, status, **told).text


def test_the_page_says_what_goes(number: int, log_in: LogIn) -> None:
    page = log_in("head").get(f"/centre/enterprise/{number}/erase").text
    assert "资料的全部内容（1 版）" in page and "不能恢复" in page and "以前的备份里仍有" in page


@pytest.mark.parametrize("name", ["clerk", "reviewer", "auditor", "administrator"])
def test_only_the_head_may(number: int, log_in: LogIn, name: str) -> None:
    visit = log_in(name)
    visit.get(f"/centre/enterprise/{number}/erase", 403)
    visit.post(f"/centre/enterprise/{number}/erase", 403, why="request", key=NAME, version="1")


@pytest.mark.parametrize(
    ("form", "message"),
    [({"why": ""}, "请选为什么清除"), ({"why": "x"}, "请选为什么清除"), ({"key": "别的"}, "照着写一遍")],
)
def test_what_is_not_said_rightly_erases_nothing(
    number: int, log_in: LogIn, engine: Engine, form: dict[str, str], message: str
) -> None:
    assert message in erase(log_in("head"), number, 422, **form)
    with reading(engine) as session:
        assert session.get_one(Enterprise, number).erased_on is None


def test_what_changed_in_between_is_looked_at_first(number: int, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("head")
    visit.get(f"/centre/enterprise/{number}/erase")
    seen = version(visit)
    with writing(engine) as session:
        cases.hand_over(session, number, int(seen), user(session, "clerk").id, user(session, "head"))
    told = {"why": "request", "key": NAME, "version": seen}
    assert "有人改过这家企业" in visit.post(f"/centre/enterprise/{number}/erase", 409, **told).text


def test_it_is_gone_from_every_page_and_the_log_says_who_and_why(number: int, log_in: LogIn, engine: Engine) -> None:
    head = log_in("head")
    assert NAME in head.get("/centre/enterprises").text
    page = erase(head, number)
    assert "已清除" in page and NAME not in page
    for path in (f"/centre/enterprise/{number}", f"/centre/enterprise/{number}/history", "/centre/enterprises",
                 "/centre/watch", "/centre/queue", "/centre/judging", "/centre/", "/centre/figures"):
        assert NAME not in head.get(path).text, path
    assert NAME not in head.get("/centre/watch", show="ending").text
    assert "要清除" not in head.client.get("/centre/watch.atom").text
    log = head.get("/centre/audit", action="erased").text
    assert "清除资料" in log and "本人或企业要求" in log and NAME not in log
    head.get(f"/centre/enterprise/{number}/erase", 404)
    with reading(engine) as session:
        assert list(chain.verify(session)) == []
        entry = session.execute(select(AuditEntry).where(AuditEntry.action == "erased")).scalar_one()
        assert (entry.enterprise_id, session.get_one(Enterprise, number).erased_on) == (number, TODAY)


def test_there_is_no_other_enterprise_to_erase(log_in: LogIn) -> None:
    head = log_in("head")
    head.get("/centre/enterprise/77/erase", 404)
    head.post("/centre/enterprise/77/erase", 404, why="request", key="x", version="1")
