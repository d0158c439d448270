"""One's own account: the password by the old one, and which logins end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.centre.office import NOW, PASSWORD, LogIn, MakeApp, Visit
from web.centre import accounts
from web.centre.store.database import reading
from web.centre.store.tables import AuditEntry

NEW = "另一句十个字以上的密码"


def change(visit: Visit, status: int = 200, *, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> None:
    visit.post("/centre/account", status, old=old, new=new, again=new if again is None else again)


def actions(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars())


def test_a_new_password_ends_the_other_logins_and_this_one_goes_on(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit, elsewhere = log_in("clerk"), log_in("clerk")
    visit.get("/centre/account")
    change(visit)
    assert "密码已改" in visit.page
    assert visit.client.get("/centre/account").status_code == 200
    assert elsewhere.client.get("/centre/account").status_code == 302
    assert actions(engine)[-1] == "password-changed"
    again = Visit(app.test_client())
    again.post("/centre/login", 401, name="clerk", password=PASSWORD)
    again.post("/centre/login", name="clerk", password=NEW)


def test_a_cookie_that_was_due_to_be_renewed_is_not_the_old_one(make_app: MakeApp) -> None:
    clock: list[datetime] = [NOW]
    visit = Visit(make_app(now=lambda: clock[0]).test_client()).log_in("clerk")
    clock[0] += timedelta(minutes=10)
    change(visit)
    assert visit.client.get("/centre/account").status_code == 200


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"old": "wrong"}, "现在的密码不对"),
        ({"again": "x"}, "两次输入的新密码不一样"),
        ({"new": "short"}, "密码至少 10 个字"),
        ({"new": "this is the clerk"}, "密码不能含用户名"),
        ({"new": PASSWORD}, "新密码和现在的一样"),
        ({"new": "x" * 2000}, "密码太长"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(log_in: LogIn, sent: dict[str, str], told: str) -> None:
    visit = log_in("clerk")
    change(visit, 422, **sent)
    assert told in visit.page
    assert PASSWORD not in visit.page and NEW not in visit.page
    assert visit.client.get("/centre/account").status_code == 200
    log_in("clerk")


def test_guessing_the_old_password_locks_as_at_the_door(log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    for _ in range(accounts.TRIES):
        change(visit, 422, old="wrong")
    change(visit, 422)
    with reading(engine) as session:
        assert accounts.named(session, "clerk").locked_until is not None
    assert actions(engine)[-3:] == ["user-locked", "password-change-refused", "password-change-refused"]


def test_leaving_elsewhere_ends_all_but_this(log_in: LogIn, engine: Engine) -> None:
    visit, elsewhere, other = log_in("clerk"), log_in("clerk"), log_in("reviewer")
    visit.post("/centre/account/elsewhere")
    assert "别处的登录已全部退出" in visit.page
    assert [page.client.get("/centre/").status_code for page in (visit, elsewhere, other)] == [200, 302, 200]
    assert actions(engine)[-1] == "left-elsewhere"
