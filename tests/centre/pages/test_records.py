"""The log as it is read, and the proof that nothing of it was changed."""

from __future__ import annotations

import ast
import re

import pytest
from sqlalchemy import Engine, text

from tests.centre.office import LogIn
from tests.helpers import ROOT
from web.centre import accounts, keeping, records
from web.centre.keeping import Head
from web.centre.store import chain
from web.centre.store.database import reading, writing


def fill(engine: Engine, count: int = 3) -> int:
    """Something was done with one enterprise, whose number this is."""
    with writing(engine) as session:
        head = accounts.named(session, "head")
        enterprise = keeping.enterprise_of(session, "k", Head("甲公司", None, None, None))
        for number in range(count):
            keeping.audit(session, head, "test-done", enterprise.id, number=number)
        return enterprise.id


def rows(page: str) -> list[str]:
    """The lines of the log without their time."""
    found = re.findall(r"<tr>\s*<td class=\"quiet\">.*?</tr>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()[3:]) for row in found]


def test_the_log_tells_who_did_what_newest_first(log_in: LogIn, engine: Engine) -> None:
    visit = log_in("administrator")
    with writing(engine) as session:
        clerk = accounts.named(session, "clerk")
        keeping.audit(session, accounts.named(session, "administrator"), "user-edited", user=clerk.id, before="clerk", role="head")
        keeping.audit(session, None, "login-refused")
    visit.get("/centre/audit")
    assert rows(visit.page) == [
        "没有登录 登录被拒绝",
        "管理员 修改账号 ：账号“受理员”，原为受理员，角色负责人",
        "管理员 登录",
    ]


def test_it_is_narrowed(log_in: LogIn, engine: Engine) -> None:
    visit, enterprise = log_in("administrator"), fill(engine)
    with reading(engine) as session:
        head = accounts.named(session, "head").id
    visit.get("/centre/audit", enterprise=enterprise, person=head, action="test-done")
    assert [row.split()[1] for row in rows(visit.page)] == ["test-done"] * 3
    for narrowed in ({"enterprise": enterprise + 1}, {"person": "0"}, {"action": "logged-out"}, {"day": "2020-01-01"}):
        visit.get("/centre/audit", **narrowed)
        assert rows(visit.page) == [] and "没有这样的记录" in visit.page
    with writing(engine) as session:
        session.execute(text("update audit set at = '2026-11-21 16:00:00.000000' where id = 1"))
    for day, found in (("2026-11-21", 0), ("2026-11-22", 1)):
        visit.get("/centre/audit", day=day)
        assert len(rows(visit.page)) == found


@pytest.mark.parametrize(
    "query",
    [{"day": "0001-01-01"}, {"day": "9999-12-31"}, {"day": "x"}, {"person": "x"}, {"enterprise": "9" * 30},
     {"before": "-1"}, {"action": "a\0b"}, {"enterprise": "²"}],
)  # fmt: skip
def test_a_strange_address_gets_no_fault(log_in: LogIn, query: dict[str, str]) -> None:
    visit = log_in("auditor")
    visit.get("/centre/audit", **query)
    assert not rows(visit.page)


def test_it_comes_in_pages(log_in: LogIn, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE", 2)
    visit = log_in("administrator")
    fill(engine, 4)
    seen: list[int] = []
    before: str | None = ""
    while before is not None:
        visit.get("/centre/audit", action="test-done", before=before)
        seen.append(len(rows(visit.page)))
        older = re.search(r'<a href="/centre/audit\?before=(\d+)&amp;action=test-done">更早的', visit.page)
        before = older[1] if older else None
    assert seen == [2, 2]
    assert "最新的" in visit.page


@pytest.mark.parametrize("role", ["auditor", "head", "administrator"])
def test_the_chain_is_verified_in_parts(
    log_in: LogIn, engine: Engine, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(records, "PART", 2)
    visit = log_in(role)
    fill(engine)
    with reading(engine) as session:
        number, head = chain.newest(session)
    assert number == 4
    visit.post("/centre/audit/verify", noted=f" {number}：{head} ")
    assert "核验到第 2 环，共 4 环" in visit.page and "data-continue" in visit.page
    visit.post("/centre/audit/verify", noted=f"{number}:{head}", after=2, found=0)
    assert "核验了 4 环，全部成立" in visit.page and "此前记下的一环也相符" in visit.page
    assert f"{number}:{head}" in visit.page
    visit.get("/centre/audit")
    assert rows(visit.page)[0].split(" ", 1)[1] == "核验全部记录 ：核对环数4，不成立环数0"


def test_what_was_changed_is_found_whatever_part_it_is_in(
    log_in: LogIn, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PART", 2)
    visit = log_in("auditor")
    fill(engine)
    with writing(engine) as session:
        session.execute(text("update audit set action = 'other' where id = 2"))
    visit.post("/centre/audit/verify")
    assert "操作记录2的内容被改过" in visit.page and "data-continue" not in visit.page
    visit.post("/centre/audit/verify", after=2, found=1)
    assert "核验了 4 环，有 1 处不成立" in visit.page


@pytest.mark.parametrize(
    ("noted", "status", "told"),
    [("4:" + "0" * 64, 200, "与此前记下的校验值不同"), ("9:" + "0" * 64, 200, "此前记下过第9环，现在只到第4环"),
     ("9" * 15 + ":" + "0" * 64, 200, "现在只到第4环"), ("4", 422, "环号:校验值"), ("x:y", 422, "环号:校验值")],
)  # fmt: skip
def test_what_was_noted_is_compared(log_in: LogIn, engine: Engine, noted: str, status: int, told: str) -> None:
    visit = log_in("auditor")
    fill(engine)
    visit.post("/centre/audit/verify", status, noted=noted)
    assert told in visit.page


def test_who_may_not_see_enterprises_sees_numbers_alone(log_in: LogIn, engine: Engine) -> None:
    visit, enterprise = log_in("administrator"), fill(engine)
    visit.get("/centre/audit", enterprise=enterprise)
    assert f"/centre/enterprise/{enterprise}" not in visit.page and "甲公司" not in visit.page


def test_every_action_has_a_name() -> None:
    """What is written anywhere as an action's code is called something here."""
    codes = set()
    for path in [*(ROOT / "web").rglob("*.py"), *(ROOT / "cli").rglob("*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="audit") | ast.Name(id="audit"), args=[_, _, action, *_]):
                    codes |= {part.value for part in ast.walk(action) if isinstance(part, ast.Constant)}
                case ast.Assign(targets=[ast.Name(id="ACTION")], value=ast.Constant(value)):
                    codes.add(value)
    assert len(codes) > 20
    assert {code for code in codes if isinstance(code, str)} - records.ACTIONS.keys() == set()
