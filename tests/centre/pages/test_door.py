"""Who gets in, what a login is good for, and when it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from tests.centre.office import NOW, PASSWORD, LogIn, MakeApp, Visit
from web.app import create_app
from web.centre import accounts
from web.centre.pages.guard import COOKIE, KEY
from web.centre.settings import CentreSettings
from web.centre.store.database import writing
from web.centre.store.tables import AuditEntry, EndedLogin, ListJob, User
from web.settings import Settings


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


ELSEWHERE = (
    "https://example.org", "//example.org", "/centre//example.org", "/centre\\x", "/ask", "/centrex", "/centre/../ask",
    "/centre/\r\nX: y", "/centre/\0", "/centre/企", "javascript:alert(1)", "/centre/?x=//example.org",
)  # fmt: skip


def test_a_login_leads_nowhere_else(app: Flask) -> None:
    for next in ELSEWHERE:
        visit = Visit(app.test_client())
        assert f'value="{next}"' not in visit.get("/centre/login", next=next).text
        answer = visit.client.post("/centre/login", data={**form(visit), "next": next})
        assert answer.status_code == 303 and answer.headers["Location"] == "/centre/", next


def test_a_wrong_password_stays_outside_and_is_written_down(app: Flask, engine: Engine) -> None:
    visit = Visit(app.test_client())
    visit.get("/centre/login")
    answer = visit.post("/centre/login", 401, name="clerk", password="wrong")
    assert "用户名或密码不对" in answer.text and COOKIE not in answer.headers.get("Set-Cookie", "")
    with writing(engine) as session:
        assert session.execute(select(AuditEntry.action)).scalars().all() == ["login-refused"]
        assert session.execute(select(User.failures).where(User.name == "clerk")).scalar_one() == 1


def test_logging_out_ends_it_wherever_its_cookie_is(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit, elsewhere = log_in("clerk"), log_in("clerk")
    cookie = visit.client.get_cookie(COOKIE, path="/centre")
    left = visit.post("/centre/logout").history[0]
    assert "已经退出" in visit.page and left.headers["Clear-Site-Data"] == '"cache"'
    assert visit.client.get_cookie(COOKIE, path="/centre") is None and visit.client.get("/centre/").status_code == 302
    thief = app.test_client()
    thief.set_cookie(COOKIE, cookie.value if cookie else "", path="/centre")
    assert thief.get("/centre/").status_code == 302
    assert elsewhere.client.get("/centre/").status_code == 200
    with writing(engine) as session:
        session.execute(update(EndedLogin).values(at=NOW - timedelta(days=8)))
    elsewhere.post("/centre/logout")
    with writing(engine) as session:
        assert session.execute(select(EndedLogin.at)).scalars().all() == [NOW]


def test_an_answer_under_way_does_not_undo_the_logging_out(make_app: MakeApp) -> None:
    """The renewed cookie that it brings is of a login that ended."""
    clock: list[datetime] = [NOW]
    visit = Visit(make_app(now=lambda: clock[0]).test_client()).log_in("clerk")
    clock[0] += timedelta(minutes=5)
    renewed = visit.client.get("/centre/").headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    visit.post("/centre/logout")
    visit.client.set_cookie(COOKIE, renewed, path="/centre")
    assert visit.client.get("/centre/").status_code == 302


def test_a_form_of_before_the_login_is_good_for_nobody_else(app: Flask) -> None:
    """A token that somebody was made to have before they logged in; and one of who was there before."""
    visit = Visit(app.test_client())
    visit.get("/centre/login")
    before = visit.token
    visit.log_in("clerk")
    assert visit.client.post("/centre/logout", data={"csrf_token": before}).status_code == 400
    before = visit.token
    visit.log_in("reviewer")
    assert visit.client.post("/centre/logout", data={"csrf_token": before}).status_code == 400


def test_what_somebody_had_begun_can_be_sent_once_they_are_back(make_app: MakeApp) -> None:
    clock: list[datetime] = [NOW]
    visit = Visit(make_app(now=lambda: clock[0]).test_client()).log_in("clerk")
    visit.get("/centre/account")
    begun = visit.token
    clock[0] += timedelta(hours=1)
    assert visit.client.post("/centre/account/elsewhere", data={"csrf_token": begun}).status_code == 401
    visit.log_in("clerk")
    assert visit.client.post("/centre/account/elsewhere", data={"csrf_token": begun}).status_code == 303


def test_the_way_back_keeps_what_was_asked(app: Flask) -> None:
    answer = app.test_client().get("/centre/?measure=a.b&page=2")
    assert answer.headers["Location"] == "/centre/login?next=/centre/?measure%3Da.b%26page%3D2"


def test_one_address_may_not_try_for_ever(make_app: MakeApp) -> None:
    visit = Visit(make_app(login_rate="2 per minute").test_client())
    visit.get("/centre/login")
    tried = [visit.client.post("/centre/login", data={**form(visit), "password": "x"}).status_code for _ in range(3)]
    assert tried == [401, 401, 429]


def test_a_whole_centre_may_work_from_one_address(engine: Engine, app: Flask, tmp_path: Path) -> None:
    """The general rate is of the pages that anybody may ask for."""
    centre = CentreSettings(engine.url.render_as_string(hide_password=False), tmp_path / "files", now=lambda: NOW)
    app = create_app(Settings(executor="reference", page_rate="3 per minute", centre=centre))
    visit = Visit(app.test_client()).log_in("clerk")
    assert {visit.client.get("/centre/account").status_code for _ in range(9)} == {200}
    assert {Visit(app.test_client()).client.get("/centre/account").status_code for _ in range(9)} == {302}
    assert {visit.client.get("/centre/login").status_code for _ in range(9)} == {200, 429}
    app.extensions[KEY].engine.dispose()


def test_a_refused_name_stays_in_its_field_and_the_password_does_not(app: Flask) -> None:
    visit = Visit(app.test_client())
    page = visit.post("/centre/login", 401, name='<b>"x', password="secret words").text
    assert 'value="&lt;b&gt;&#34;x"' in page and "secret words" not in page


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


def test_a_script_that_asks_by_itself_keeps_nobody_logged_in(make_app: MakeApp, engine: Engine) -> None:
    """A list may run for hours in a browser that nobody sits at."""
    with writing(engine) as session:
        clerk = accounts.named(session, "clerk").id
        session.add(
            ListJob(name="名单.csv", digest="0" * 64, as_of=NOW.date(), state="running", files=["名单.csv"], by_id=clerk, at=NOW)
        )
    clock: list[datetime] = [NOW]
    visit = Visit(make_app(now=lambda: clock[0]).test_client()).log_in("clerk")
    for _ in range(3):
        clock[0] += timedelta(minutes=11)
        answer = visit.client.get("/centre/lists/1/progress")
    assert answer.status_code == 302


@pytest.mark.parametrize(("site", "status"), [("same-origin", 303), ("none", 303), ("same-site", 400), ("cross-site", 400)])
def test_a_neighbour_s_page_sends_no_form(log_in: LogIn, site: str, status: int) -> None:
    visit = log_in("clerk")
    answer = visit.client.post("/centre/logout", data={"csrf_token": visit.token}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == status
