"""What every page is held to: escaping, tokens, headers, sizes, rates, silence in the logs."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import load_pack
from tests.web.conftest import TODAY, hidden
from web.app import create_app
from web.security import HEADERS
from web.settings import Settings
from web.site.state import State

PACK = load_pack()
Post = Callable[..., TestResponse]
ATTACK = "\"><script>alert('x')</script><img src=x onerror=alert(1)>{{7*7}}"


def text_places() -> list[dict[str, Any]]:
    """A profile for every place where free text is taken, with the attack in it."""
    fields = [field for field in PACK.vocabulary.enterprise if field.type == "text"]
    told: list[dict[str, Any]] = [{field.path: ATTACK} for field in fields]
    for kind in PACK.vocabulary.records.values():
        for field in kind.fields.values():
            if field.type == "text" and kind.name != "finding":
                year = {"fiscal_year": 2025} if kind.name == "annual" else {}
                told.append({kind.list: [{field.name: ATTACK, **year}]})
    review = {"judgement": ATTACK, "about": ATTACK, "finding": "是", "by": ATTACK, "on": "2024-01-01", "why": ATTACK}
    return [*told, {"findings": [review]}]


@pytest.mark.parametrize("data", text_places(), ids=lambda data: next(iter(data)))
@pytest.mark.parametrize("path", ["/profile", "/ask", "/result"])
def test_text_is_escaped(post: Post, path: str, data: dict[str, Any]) -> None:
    """Wherever a visitor's text comes back."""
    answer = post(path, {"state": State(data).text()})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text and "<img src=x" not in answer.text
    assert "alert(1)&gt;49" not in answer.text


@pytest.mark.parametrize("name", ["key", "do", "add", "p.name", "p.contracts", "p.contracts.card", "state", "as_of"])
def test_no_field_of_a_form_comes_back_as_markup(post: Post, name: str) -> None:
    for path in ("/ask", "/profile", "/understand"):
        answer = post(path, {"do": "save", "key": "name", name: ATTACK})
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text


def test_entered_nonsense_is_shown_as_entered(post: Post) -> None:
    answer = post("/ask", {"key": "staff_total", "do": "answer", "p.staff_total": ATTACK})
    assert escape(ATTACK, quote=False).replace('"', "&#34;").replace("'", "&#39;") in answer.text


@pytest.mark.parametrize("path", ["/ask", "/profile", "/profile.yaml", "/understand", "/result"])
def test_a_form_needs_its_token(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={"state": State().text()})
    assert answer.status_code == 400
    assert "表单已经失效" in answer.text and "回到首页" in answer.text


def test_forms_work_behind_https(client: FlaskClient) -> None:
    """Browsers send no referrer with them: the headers forbid it."""
    secure = "https://self-check.example"
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/", base_url=secure).text)
    assert found is not None
    sent = {"csrf_token": found[1], "state": State().text()}
    assert client.post("/profile", base_url=secure, data=sent).status_code == 200
    assert client.post("/profile", base_url=secure, data={"state": sent["state"]}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/ask", "/nothing", "/static/site.css", "/static/site.js"])
def test_headers_are_on_every_answer(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_pages_need_no_other_host_and_no_inline_script(post: Post) -> None:
    pages = [post("/ask").text, post("/profile").text, post("/ask", {"key": "contracts"}).text]
    for page in pages:
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page)
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


def test_the_cookie_is_the_tokens_alone(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_pages_are_not_for_caches(client: FlaskClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path, status", [("/nothing", 404), ("/result/none", 404), ("/understand", 405)])
def test_errors_are_pages_with_a_next_step(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "回到首页" in answer.text and "Not Found" not in answer.text and "Method" not in answer.text


@pytest.mark.parametrize("path", ["/ask", "/profile"])
def test_a_page_without_its_form_leads_to_the_beginning(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_too_much_is_refused() -> None:
    """A file, and a field."""
    most = 100_000
    client = create_app(Settings(today=lambda: TODAY, secret="tests", max_request=most)).test_client()
    token = {"csrf_token": hidden(client.get("/").text, "csrf_token")}
    file = {**token, "do": "upload", "file": (BytesIO(b"x" * (most + 1)), "a.yaml")}
    for answer in (
        client.post("/profile", data=file, content_type="multipart/form-data"),
        client.post("/profile", data={**token, "do": "paste", "text": "x" * most}),
    ):
        assert answer.status_code == 413
        assert "内容太大" in answer.text


def test_too_often_is_refused() -> None:
    app = create_app(Settings(today=lambda: TODAY, secret="tests", page_rate="3 per minute"))
    client = app.test_client()
    answers = [client.get("/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "操作太快了" in answers[3].text
    assert "Retry-After" in answers[3].headers
    with client.get("/static/site.css") as answer:
        assert answer.status_code == 200


def test_a_fault_says_nothing_and_logs_no_data(
    app: Any, post: Post, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to the visitor, and to the log its kind and place alone."""

    def fail(*given: object) -> None:
        raise RuntimeError(f"机密单位 {given}")

    monkeypatch.setattr("web.site.asking.take", fail)
    with caplog.at_level(logging.DEBUG):
        answer = post("/ask", {"state": State({"name": "机密单位"}).text()})
    assert answer.status_code == 500
    assert "本站出错了" in answer.text and "RuntimeError" not in answer.text and "机密单位" not in answer.text
    assert "RuntimeError" in caplog.text and "机密单位" not in caplog.text


def test_a_normal_visit_logs_no_data(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        page = post("/ask", {"key": "name", "do": "answer", "p.name": "机密单位"})
        page = post("/profile", {"do": "paste", "text": "name: 机密单位\nstaff_total: 机密人数"}, after=page.text)
        post("/result", {"state": State({"name": "机密单位"}).text()})
    assert "机密" not in caplog.text


def test_a_state_that_is_tampered_with_is_read_by_the_engine(post: Post) -> None:
    """Nothing in it is trusted: the profile is checked, keys of other kinds are only names."""
    state = '{"profile": {"staff_total": "1", "contracts": [{"amount": "x"}]}, "as_of": null, "skipped": []}'
    answer = post("/profile", {"state": state})
    assert answer.status_code == 400 and "带来的资料有问题" in answer.text
    odd = '{"profile": {}, "as_of": null, "skipped": ["__class__", "../x"], "asked": ["nothing"]}'
    assert post("/ask", {"state": odd}).status_code == 200
    assert post("/ask", {"state": odd, "do": "back"}).status_code == 200
    assert hidden(post("/ask", {"state": odd, "do": "back"}).text, "state")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999999999", "1" * 41, '"\\ud800"', '"a\\u0000"'])
def test_what_no_profile_can_hold_is_no_state(post: Post, number: str) -> None:
    """The limits of a file hold for what a page carries: a number of a billion digits would keep the site busy."""
    state = f'{{"profile":{{"name":"甲","registered_capital":{number}}},"as_of":null,"skipped":[]}}'
    for path in ("/ask", "/profile", "/result", "/roadmap", "/report", "/determination.json", "/profile.yaml"):
        answer = post(path, {"state": state})
        assert answer.status_code == 400
        assert "请返回上一页重试" in answer.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days(post: Post, day: str) -> None:
    state = f'{{"profile":{{}},"as_of":"{day}","skipped":[]}}'
    for path in ("/ask", "/profile", "/result", "/roadmap", "/report"):
        assert post(path, {"state": state}).status_code == 200


def test_invisible_characters_of_copied_text_do_not_spoil_the_file(post: Post) -> None:
    """They become blanks, so that the profile that is taken away can be brought back."""
    page = post("/ask", {"key": "name", "do": "answer", "p.name": "甲\x0b乙\u2028公司\x7f"})
    file = post("/profile.yaml", after=page.text).text
    assert "name: 甲 乙 公司  # 单位名称" in file
    assert post("/profile", {"do": "paste", "text": file}).status_code == 200
