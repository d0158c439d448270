"""Personal data on every page there is: who sees it where, and that it is in no address and no log."""

from __future__ import annotations

import io
import re
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.centre.office import TODAY, LogIn
from tests.centre.pages.test_permissions import rules
from tests.centre.watching.applicants import enterprise, find, program, take_in, watch
from web.centre.privacy import read_by

# What a page shows is the same on either database.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
PERSON, PROGRAMME = "钟离未央", "银河引智九号"
SECRETS = (PERSON, PROGRAMME, "717171")
COMPANY = "看得见的公司"
JUDGEMENT = "tz-outstanding-youth"
OPEN = {
    # Whoever takes in profiles fills in and corrects them: what was told stands in the form.
    "centre.intake.edit",
    # Letters go to the enterprise itself, with what their measures read.
    "centre.letters.supply", "centre.letters.opinion",
}
"""Pages that show a person's data though no measure that reads it is at hand."""


@pytest.fixture
def told(app: Flask, engine: Engine) -> Flask:
    """An enterprise with a person, judged about that person."""
    person = {
        "id": PERSON, "roles": ["科研人员"], "programme": PROGRAMME, "programme_kind": "引智项目", "programme_tier": "北京市级",
        "selected_on": "2026-03-03", "municipal_award": "717171元", "work_division": "北京市通州区", "employment": "全职",
    }  # fmt: skip
    [number] = take_in(engine, enterprise(COMPANY, talents=[person]))
    assert number == 1
    find(engine, number, JUDGEMENT, True, about=PERSON)
    watch(engine, TODAY)
    take_in(engine, enterprise(COMPANY, talents=[{**person, "municipal_award": "717172元"}]))
    return app


def text_of(answer: Any) -> str:
    """What an answer says: of workbooks and documents their parts."""
    data = answer.get_data()
    if data.startswith(b"PK"):
        try:
            with ZipFile(io.BytesIO(data)) as archive:
                return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
        except BadZipFile:
            return ""
    return unescape(data.decode("utf-8", "replace"))


@cache
def of_persons() -> frozenset[str]:
    """The measures that read something of a person."""
    pack = program().pack
    return frozenset(m.id for m in pack.measures if any(path.startswith("talent.") for path in read_by(m, pack)))


def pages(app: Flask) -> list[tuple[str, str]]:
    """Endpoint and address of every page, and of the enterprise's measures those that may name a person and some more."""
    found = [(rule.endpoint, address) for rule, address in rules(app, "GET") if "log_out" not in rule.endpoint]
    live = [m.id for m in program().pack.measures if m.document in ("tongzhou-2024", "daxing-2025", "zgc-2024")]
    chosen = [id for number, id in enumerate(live) if id in of_persons() or number % 12 == 0]
    found += [("centre.case.measure", f"/centre/enterprise/1/measure/{id}") for id in chosen]
    found += [("centre.judging.judge", f"/centre/enterprise/1/judge?judgement={JUDGEMENT}")]
    found += [("centre.watch.index", f"/centre/watch?show={show}") for show in ("moved", "ending", "findings")]
    return [*dict.fromkeys(found)]


def test_what_is_left_out_here_is_there(app: Flask) -> None:
    assert app.view_functions.keys() >= OPEN


def test_auditors_see_no_person_on_any_page(told: Flask, log_in: LogIn) -> None:
    client, seen = log_in("auditor").client, 0
    for endpoint, address in pages(told):
        answer = client.get(address, follow_redirects=True)
        text = text_of(answer)
        assert [secret for secret in SECRETS if secret in text] == [], (endpoint, address)
        seen += COMPANY in text
    assert seen > 5


@pytest.mark.parametrize("name", ["clerk", "reviewer", "head"])
def test_who_decides_sees_a_person_only_where_it_is_needed(told: Flask, log_in: LogIn, name: str) -> None:
    client, shown = log_in(name).client, 0
    for endpoint, address in pages(told):
        if endpoint in OPEN or endpoint == "centre.judging.judge":
            continue
        text = text_of(client.get(address, follow_redirects=True))
        found = [secret for secret in SECRETS if secret in text]
        if endpoint == "centre.case.measure" and address.rpartition("/")[2] in of_persons():
            shown += bool(found)
        else:
            assert found == [], (endpoint, address)
    assert shown > 0


def test_no_address_names_anybody(told: Flask, log_in: LogIn) -> None:
    client = log_in("head").client
    for endpoint, address in pages(told):
        text = text_of(client.get(address, follow_redirects=True))
        links = unquote(" ".join(re.findall(r'(?:href|action|src|formaction)="([^"]*)"', text)))
        assert not any(secret in links for secret in (*SECRETS, COMPANY)), (endpoint, address)


def test_no_log_names_anybody(told: Flask, log_in: LogIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    visit = log_in("head")
    for _endpoint, address in pages(told):
        visit.client.get(address, follow_redirects=True)
    for address, form in (
        ("/centre/enterprise/1/notes", {"text": f"{PERSON}的备注"}),
        ("/centre/enterprise/1/judge", {"judgement": JUDGEMENT, "about": PERSON, "finding": "yes", "reason": PERSON}),
        ("/centre/enterprise/1/erase", {"why": "request", "key": COMPANY}),
        ("/centre/watch", {}),
    ):
        visit.get("/centre/watch")
        visit.client.post(address, data={"csrf_token": visit.token, **form})
    written = caplog.text.encode("unicode_escape").decode() + caplog.text
    for secret in (*SECRETS, COMPANY):
        assert secret not in written and secret.encode("unicode_escape").decode() not in written
