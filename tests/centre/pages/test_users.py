"""Accounts as administrators keep them: what can be changed, what cannot, and that two do not undo each other's work."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from tests.centre.office import NOW, PASSWORD, LogIn, Visit
from web.centre import accounts, staff
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, User

NEW = "另一句十个字以上的密码"


def number(engine: Engine, name: str) -> int:
    with reading(engine) as session:
        return accounts.named(session, name).id


def user(engine: Engine, name: str) -> User:
    with reading(engine) as session:
        return accounts.named(session, name)


def newest(engine: Engine) -> tuple[str, dict[str, Any]]:
    with reading(engine) as session:
        entry = session.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()
        return entry.action, entry.detail


def version(visit: Visit) -> str:
    found = re.search(r'name="version" value="(\d+)"', visit.page)
    assert found
    return found[1]


def test_all_accounts_are_listed(log_in: LogIn, engine: Engine) -> None:
    with writing(engine) as session:
        accounts.named(session, "clerk").active = False
        accounts.named(session, "reviewer").locked_until = NOW + timedelta(minutes=1)
        accounts.named(session, "head").locked_until = NOW - timedelta(minutes=1)
    page = log_in("administrator").get("/centre/users").text
    rows = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:7]]
    shown = {row.split()[0]: row for row in rows}
    assert rows[-1].startswith("受理员 clerk 受理员 已停用")
    assert "输错密码，锁到2026年11月22日 17:01" in shown["审核员"]
    assert "在用" in shown["负责人"] and "（您）" in shown["管理员"]
    assert "argon2" not in page


def test_a_new_account_can_log_in(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("administrator")
    visit.get("/centre/users/new")
    sent = {"name": "wang", "full_name": " 王某 ", "role": "reviewer", "password": NEW}
    visit.post("/centre/users/new", 422, **sent, again="x")
    assert "两次输入的密码不一样" in visit.page and 'value="wang"' in visit.page and NEW not in visit.page
    visit.post("/centre/users/new", **sent, again=NEW)
    assert "账号已建立" in visit.page and "王某" in visit.page
    assert newest(engine) == ("user-added", {"user": number(engine, "wang"), "role": "reviewer"})
    Visit(app.test_client()).post("/centre/login", name="wang", password=NEW)


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"name": "clerk"}, "已经有用户“clerk”"), ({"name": "a b"}, "不含空格和逗号"), ({"full_name": " "}, "姓名要有"),
     ({"role": "boss"}, "没有角色"), ({"password": "short", "again": "short"}, "至少 10 个字"), ({"name": "x\0"}, "用户名要有")],
)  # fmt: skip
def test_a_bad_account_is_not_made(log_in: LogIn, engine: Engine, changed: dict[str, str], told: str) -> None:
    visit = log_in("administrator")
    sent = {"name": "wang", "full_name": "王某", "role": "clerk", "password": NEW, "again": NEW, **changed}
    visit.post("/centre/users/new", 422, **sent)
    assert told in visit.page
    with reading(engine) as session:
        assert session.execute(select(func.count()).select_from(User)).scalar_one() == 6


def test_another_role_ends_the_sessions(log_in: LogIn, engine: Engine) -> None:
    visit, clerk, of_clerk = log_in("administrator"), log_in("clerk"), number(engine, "clerk")
    visit.get(f"/centre/users/{of_clerk}")
    visit.post(f"/centre/users/{of_clerk}", full_name="钱某", role="reviewer", version=version(visit))
    assert "账号已保存" in visit.page and "钱某" in visit.page
    assert newest(engine) == ("user-edited", {"user": of_clerk, "before": "clerk", "role": "reviewer"})
    assert clerk.client.get("/centre/").status_code == 302


def test_saving_without_a_change_is_none(log_in: LogIn, engine: Engine) -> None:
    visit, clerk, of_clerk = log_in("administrator"), log_in("clerk"), number(engine, "clerk")
    visit.post(f"/centre/users/{of_clerk}", full_name="受理员", role="clerk", version=1)
    assert newest(engine)[0] == "logged-in"
    assert clerk.client.get("/centre/").status_code == 200


def test_a_new_password_for_somebody_lets_them_in_at_once(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit, of_clerk = log_in("administrator"), number(engine, "clerk")
    with writing(engine) as session:
        accounts.named(session, "clerk").locked_until = NOW + timedelta(minutes=10)
    path = f"/centre/users/{of_clerk}/password"
    visit.post(path, 422, password=NEW, again="x", version=1)
    visit.post(path, 422, password="short", again="short", version=1)
    visit.post(path, password=NEW, again=NEW, version=1)
    assert "密码已重设" in visit.page and NEW not in visit.page
    assert newest(engine) == ("password-set", {"user": of_clerk})
    Visit(app.test_client()).post("/centre/login", name="clerk", password=NEW)


def test_somebody_locked_out_is_let_try_again(log_in: LogIn, engine: Engine) -> None:
    with writing(engine) as session:
        accounts.named(session, "clerk").locked_until = NOW + timedelta(minutes=10)
    visit, of_clerk = log_in("administrator"), number(engine, "clerk")
    assert "锁到2026年11月22日 17:10" in visit.get(f"/centre/users/{of_clerk}").text
    visit.post(f"/centre/users/{of_clerk}/unlock")
    assert newest(engine) == ("user-unlocked", {"user": of_clerk})
    log_in("clerk")


def test_an_account_is_switched_off_and_on(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit, clerk, of_clerk = log_in("administrator"), log_in("clerk"), number(engine, "clerk")
    visit.get(f"/centre/users/{of_clerk}")
    visit.post(f"/centre/users/{of_clerk}/active", active="", version=version(visit))
    assert "账号已停用" in visit.page and clerk.client.get("/centre/").status_code == 302
    Visit(app.test_client()).post("/centre/login", 401, name="clerk", password=PASSWORD)
    visit.post(f"/centre/users/{of_clerk}/active", active="yes", version=version(visit))
    assert newest(engine) == ("user-on", {"user": of_clerk})
    assert clerk.client.get("/centre/").status_code == 302  # that login stays ended
    log_in("clerk")


@pytest.mark.parametrize(
    ("path", "sent"),
    [("", {"full_name": "钱某", "role": "head"}), ("/password", {"password": NEW, "again": NEW}), ("/active", {"active": ""})],
)
def test_two_administrators_do_not_undo_each_others_work(
    log_in: LogIn, engine: Engine, path: str, sent: dict[str, str]
) -> None:
    visit, of_clerk = log_in("administrator"), number(engine, "clerk")
    visit.get(f"/centre/users/{of_clerk}")
    seen = version(visit)
    with writing(engine) as session:
        staff.edit(session, accounts.named(session, "administrator"), of_clerk, int(seen), "受理员", "reviewer")
    for wrong in (seen, "", "x", "9" * 20):
        visit.post(f"/centre/users/{of_clerk}{path}", 409, **sent, version=wrong)
        assert "刚被另一位管理员改过" in visit.page
    found = user(engine, "clerk")
    assert (found.role, found.full_name, found.active, found.version) == ("reviewer", "受理员", True, int(seen) + 1)
    visit.post(f"/centre/users/{of_clerk}{path}", **sent, version=version(visit))


def test_nobody_shuts_themselves_out(log_in: LogIn, engine: Engine) -> None:
    visit, own = log_in("administrator"), number(engine, "administrator")
    visit.post(f"/centre/users/{own}", 422, full_name="管理员", role="clerk", version=1)
    assert "不能停用自己的账号" in visit.page
    visit.post(f"/centre/users/{own}/active", 422, active="", version=1)
    visit.post(f"/centre/users/{own}/password", 422, password=NEW, again=NEW, version=1)
    assert user(engine, "administrator").version == 1
    visit.post(f"/centre/users/{own}", full_name="管理员甲", role="administrator", version=1)
    assert "管理员甲" in visit.page  # and is still logged in


def test_two_administrators_cannot_switch_each_other_off(engine: Engine, app: Flask) -> None:
    """The second one was let in by the guard when the first had not acted yet."""
    with writing(engine) as session:
        first = accounts.named(session, "administrator")
        second = accounts.add_user(session, "second", "管理员乙", "administrator", NEW)
        staff.switch(session, first, second.id, 1, False)
        with pytest.raises(staff.Unfit, match="不再是管理员"):
            staff.switch(session, second, first.id, 1, False)
        with pytest.raises(staff.Unfit, match="不再是管理员"):
            staff.add(session, second, "x", "某", "administrator", NEW)


def test_the_last_administrator_stays_whoever_asks(engine: Engine, app: Flask) -> None:
    with writing(engine) as session, pytest.raises(staff.Unfit, match="最后一位"):
        staff.switch(session, None, accounts.named(session, "administrator").id, 1, False)


@pytest.mark.parametrize("path", ["", "/password", "/active", "/unlock"])
def test_an_account_that_is_not_there(log_in: LogIn, path: str) -> None:
    visit = log_in("administrator")
    visit.post(f"/centre/users/99{path}", 404)
    visit.post(f"/centre/users/{10**30}{path}", 404)
