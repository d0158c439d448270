"""The first page, and the words on every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import load_pack
from web.site.home import covered

PACK = load_pack()


def test_every_document_is_covered_with_its_validity(client: FlaskClient) -> None:
    """Those in force first; how many measures each has; whether its period is only inferred."""
    text = unescape(client.get("/").text)
    found = covered(PACK, date(2026, 11, 22))
    assert [item.in_force for item in found] == [True, True, True, False, False]
    assert sum(item.measures for item in found) == len(PACK.measures)
    for item in found:
        assert item.title in text and item.validity in text and item.place in text
    assert "None" not in text
    assert text.count("（按标题和正文推断）") == sum(
        file.document.validity.basis == "inferred" for file in PACK.documents.values()
    )


def test_a_document_counts_on_its_first_and_last_day() -> None:
    def status(day: date) -> str:
        return next(item.status for item in covered(PACK, day) if item.place == "廊坊市")

    days = [date(2015, 12, 31), date(2016, 1, 1), date(2018, 12, 31), date(2019, 1, 1)]
    assert [status(day) for day in days] == ["尚未生效", "在有效期内", "在有效期内", "已过有效期"]


def test_the_ways_on_carry_an_empty_state(client: FlaskClient) -> None:
    """Each form has the token and the state, and leads to a page that exists."""
    text = client.get("/").text
    forms = re.findall(r"<form.*?</form>", text, re.DOTALL)
    assert len(forms) == 2
    for form in forms:
        assert 'name="csrf_token"' in form and "&#34;profile&#34;:{}" in form


def test_another_day_is_told(post: Callable[..., TestResponse]) -> None:
    """Questions are about the documents in force on the chosen day."""
    state = '{"profile": {}, "as_of": "2017-06-30", "skipped": []}'
    answer = post("/ask", {"state": state})
    assert "按 2017年6月30日 的文件提问" in answer.text
    assert "/ 13 项措施已分清" in answer.text
    assert "不是今天" not in post("/ask").text
