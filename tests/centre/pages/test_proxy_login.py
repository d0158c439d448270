"""A proxy names who is logged in: believed where it speaks itself, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import TestResponse

from tests.centre.office import PASSWORD, MakeApp, Visit
from web.centre import accounts
from web.centre.pages.guard import COOKIE
from web.centre.store.database import writing

HEADER = "X-Remote-User"
PROXY, STRANGER = "10.0.0.9", "192.0.2.7"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """As it is behind a proxy at 10.0.0.9 that tells the visitor's address too."""
    app = make_app(login_header=HEADER, trusted=("10.0.0.0/24",))
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    return app


def get(app: Flask, path: str = "/centre/account", *, peer: str = PROXY, **headers: Any) -> TestResponse:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return app.test_client().get(path, headers=sent, environ_base={"REMOTE_ADDR": peer})


def test_the_proxys_word_lets_in(app: Flask) -> None:
    answer = get(app, X_Remote_User="clerk", X_Forwarded_For=STRANGER)
    assert answer.status_code == 200 and "受理员" in answer.text
    assert COOKIE not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("forwarded", [None, PROXY, f"{PROXY}, {PROXY}", f"{STRANGER}, {PROXY}"])
def test_nobody_elses_word_does(app: Flask, forwarded: str | None) -> None:
    """Whatever address they say they have."""
    headers = {"X_Forwarded_For": forwarded} if forwarded else {}
    answer = get(app, peer=STRANGER, X_Remote_User="administrator", **headers)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/centre/login")
    assert get(app, "/centre/login", peer=STRANGER, X_Remote_User="administrator", **headers).status_code == 403


def test_without_the_proxy_fix_the_peer_is_asked_itself(make_app: MakeApp) -> None:
    app = make_app(login_header=HEADER, trusted=(PROXY,))
    assert get(app, X_Remote_User="clerk").status_code == 200
    assert get(app, peer=STRANGER, X_Remote_User="clerk", X_Forwarded_For=PROXY).status_code == 302


def test_where_no_header_is_agreed_on_none_counts(make_app: MakeApp) -> None:
    app = make_app(trusted=(PROXY,))
    assert get(app, X_Remote_User="clerk").status_code == 302


@pytest.mark.parametrize("name", ["nobody", "clerk,administrator", "\xff", "a\0b"])
@pytest.mark.parametrize("path", ["/centre/account", "/centre/login"])
def test_whom_the_centre_does_not_know_is_told_so(app: Flask, name: str, path: str) -> None:
    environment = {"REMOTE_ADDR": PROXY, "HTTP_X_REMOTE_USER": name}
    answer = app.test_client().get(path, environ_base=environment)
    assert answer.status_code == 403
    assert "没有账号，或者账号已停用" in answer.text and "管理员" in answer.text


def test_who_was_switched_off_stays_outside(app: Flask, engine: Engine) -> None:
    with writing(engine) as session:
        accounts.named(session, "clerk").active = False
    assert get(app, X_Remote_User="clerk").status_code == 403


def test_no_cookie_counts(make_app: MakeApp, app: Flask) -> None:
    visit = Visit(make_app().test_client()).log_in("clerk")
    cookie = visit.client.get_cookie(COOKIE, path="/centre")
    assert cookie is not None
    client = app.test_client()
    client.set_cookie(COOKIE, cookie.value, path="/centre")
    assert client.get("/centre/account").status_code == 302


def test_there_is_no_form_and_no_password(app: Flask) -> None:
    visit = Visit(app.test_client())
    assert "统一登录的入口" in visit.get("/centre/login", 403).text
    visit.get("/")
    visit.post("/centre/login", 403, name="clerk", password=PASSWORD)
    visit.client.environ_base.update({"REMOTE_ADDR": PROXY, "HTTP_X_REMOTE_USER": "clerk"})
    assert 'type="password"' not in visit.get("/centre/account").text
    visit.post("/centre/account", 403, old=PASSWORD, new="另一句十个字以上的密码", again="另一句十个字以上的密码")
    assert visit.get("/centre/login").request.path == "/centre/"
    assert "请在统一登录里退出" in visit.post("/centre/logout").text


def test_accounts_need_no_password_there(app: Flask, engine: Engine) -> None:
    visit = Visit(app.test_client())
    visit.client.environ_base.update({"REMOTE_ADDR": PROXY, "HTTP_X_REMOTE_USER": "administrator"})
    assert 'type="password"' not in visit.get("/centre/users/new").text
    visit.post("/centre/users/new", name="wang", full_name="王某", role="clerk")
    with writing(engine) as session:
        assert accounts.named(session, "wang").password is None
    assert get(app, X_Remote_User="wang").status_code == 200
