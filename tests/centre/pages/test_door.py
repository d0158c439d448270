"""Who gets in, what a login is good for, and when it ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.centre.office import NOW, PASSWORD, LogIn, MakeApp, Visit
from web.centre import accounts
from web.centre.pages.guard import COOKIE
from web.centre.store.database import writing
from web.centre.store.tables import AuditEntry, User


def form(visit: Visit) -> dict[str, str]:
    return {"csrf_token": visit.token, "name": "clerk", "password": PASSWORD}


def test_nobody_gets_in_without_a_login(app: Flask) -> None:
    answer = app.test_client().get("/centre/")
    assert answer.status_code == 302 and answer.headers["Location"] == "/centre/login?next=/centre/"


def test_a_login_leads_to_the_page_that_was_asked_for(app: Flask) -> None:
    visit = Visit(app.test_client())
    visit.get("/centre/login")
    answer = visit.client.post("/centre/login", data={**form(visit), "next": "/centre/?x"})
    assert answer.status_code == 303 and answer.headers["Location"] == "/centre/?x"


@pytest.mark.parametrize("next", ["https://example.org", "//example.org", "/centre//example.org", "/centre\\x", "/ask", "/centrex"])
def test_a_login_leads_nowhere_else(app: Flask, next: str) -> None:
    visit = Visit(app.test_client())
    visit.get("/centre/login")
    answer = visit.client.post("/centre/login", data={**form(visit), "next": next})
    assert answer.headers["Location"] == "/centre/"


def test_a_wrong_password_stays_outside_and_is_written_down(app: Flask, engine: Engine) -> None:
    visit = Visit(app.test_client())
    visit.get("/centre/login")
    answer = visit.post("/centre/login", 401, name="clerk", password="wrong")
    assert "用户名或密码不对" in answer.text and COOKIE not in answer.headers.get("Set-Cookie", "")
    with writing(engine) as session:
        assert session.execute(select(AuditEntry.action)).scalars().all() == ["login-refused"]
        assert session.execute(select(User.failures).where(User.name == "clerk")).scalar_one() == 1


def test_logging_out_ends_it(log_in: LogIn) -> None:
    visit = log_in("clerk")
    visit.post("/centre/logout")
    assert visit.client.get("/centre/").status_code == 302


def test_a_new_password_or_a_closed_account_ends_it(log_in: LogIn, engine: Engine) -> None:
    clerk, head = log_in("clerk"), log_in("head")
    with writing(engine) as session:
        accounts.set_password(accounts.named(session, "clerk"), "另一句十个字以上的密码")
        accounts.named(session, "head").active = False
    assert clerk.client.get("/centre/").status_code == head.client.get("/centre/").status_code == 302


@pytest.mark.parametrize(("pauses", "inside"), [([29], True), ([31], False), ([29] * 24, True), ([29] * 25, False)])
def test_it_ends_after_half_an_hour_of_rest_and_after_half_a_day(
    make_app: MakeApp, pauses: list[int], inside: bool
) -> None:
    clock: list[datetime] = [NOW]
    visit = Visit(make_app(now=lambda: clock[0]).test_client()).log_in("clerk")
    for minutes in pauses:
        clock[0] += timedelta(minutes=minutes)
        answer = visit.client.get("/centre/")
    assert (answer.status_code == 200) == inside


def test_a_cookie_of_others_is_none(app: Flask) -> None:
    client = app.test_client()
    for text in ("", "x", "eyJ1IjoxfQ.x", "W10.7Q1fVQ"):
        client.set_cookie(COOKIE, text, path="/centre")
        assert client.get("/centre/").status_code == 302


def test_the_cookie_is_sent_to_the_workbench_alone(app: Flask) -> None:
    visit = Visit(app.test_client()).log_in("clerk")
    cookie = visit.client.get_cookie(COOKIE, path="/centre")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
    assert "工作台" not in visit.get("/").text


def test_a_form_of_somebody_who_is_out_says_so(log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    with writing(engine) as session:
        accounts.named(session, "clerk").active = False
    assert "需要重新登录" in visit.post("/centre/logout", 401).text
