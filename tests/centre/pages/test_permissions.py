"""Who gets where: every page of the workbench, whatever there is, asked for by every role.

Nothing here knows a page by name, but the door: what is added is held to the same. Forms are sent as the pages show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from werkzeug.datastructures import FileStorage
from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter, IntegerConverter
from werkzeug.test import TestResponse

from tests.centre.office import NOW, ROLES, TODAY, LogIn, Visit
from tests.helpers import ROOT
from web.centre import accounts, bringing, intake, keeping
from web.centre.intake import Seen
from web.centre.lists import jobs
from web.centre.lists.shelf import Shelf
from web.centre.pages.guard import KEY
from web.centre.roles import Permission, may
from web.centre.store.database import reading, writing
from web.centre.store.tables import Role, Table

LET_IN = {200, 302, 303, 400, 404, 409, 410, 413, 422}
PUBLIC = {"centre.entry.login", "centre.entry.log_in"}
ITSELF: dict[str, Permission] = {"centre.watch.atom": "see"}
"""What readers of feeds fetch, who log in nowhere but bring a token: it asks for the permission itself."""
ORDER: tuple[Role, ...] = ("auditor", "clerk", "reviewer", "head", "administrator")
"""Who changes most comes last."""
OWN_TABLES = {"users", "audit", "chain", "ended_logins"}
"""What an auditor leaves traces in: their own logins, and the log of them."""
NAME = "虚构澄影智能医疗科技（北京）有限公司"


def test_everybody_that_there_is_is_asked() -> None:
    assert set(ORDER) == set(ROLES)


@pytest.fixture
def filled(app: Flask, engine: Engine) -> Flask:
    """One enterprise with a determination and a note of it, and one list, each of them number 1."""
    office = app.extensions[KEY]
    laid = Shelf(office.settings.lists).lay([FileStorage(BytesIO("名称\n甲\n".encode()), "list.csv")])
    with writing(engine) as session:
        clerk = accounts.named(session, "clerk")
        content = (ROOT / "samples" / "beijing-mixed.yaml").read_bytes()
        brought = bringing.from_file(session, "x.yaml", content, office.service)
        applicant = intake.applicant_of(brought.data, office.service.program, TODAY)
        version, _ = intake.take_in(session, applicant, Seen(), "form", clerk, office.service.program, TODAY)
        keeping.assign(session, session.get_one(keeping.Enterprise, version.enterprise_id), clerk, clerk)
        job = jobs.hand_in(session, clerk, "list.csv", laid.digest, laid.names, TODAY, NOW)
        assert (version.enterprise_id, job.id) == (1, 1)
    return app


def rules(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    """Every rule of the workbench with this method, and an address of it."""
    measure = app.extensions[KEY].service.pack.measures[0].id
    for rule in app.url_map.iter_rules():
        if str(rule).startswith("/centre") and method in (rule.methods or set()):
            values = {name: value(name, converter, measure) for name, converter in rule._converters.items()}
            yield rule, app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def value(name: str, converter: Any, measure: str) -> Any:
    """Something that may be there."""
    if isinstance(converter, IntegerConverter):
        return 1
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return measure if name == "measure" else "x"


def permission(app: Flask, rule: Rule) -> Any:
    return ITSELF.get(rule.endpoint, getattr(app.view_functions[rule.endpoint], "permission", "none at all"))


@dataclass
class Forms(HTMLParser):
    """The forms of pages: by address what a browser would send that nothing was typed into."""

    found: dict[str, dict[str, str]] = field(default_factory=dict)
    _here: dict[str, str] | None = None
    _select: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told: Mapping[str, str] = {name: text or "" for name, text in attrs}
        name, here = told.get("name", ""), self._here
        if tag == "form":
            self._here = self.found.setdefault(told.get("action", ""), {}) if told.get("method") == "post" else None
        elif here is None:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in told or self._select not in here):
            here[self._select] = told.get("value", "")
        elif tag in ("input", "textarea") and name:
            ticked = told.get("type") not in ("checkbox", "radio") or "checked" in told
            if ticked and told.get("type") != "file":
                here[name] = told.get("value", "")
        elif tag == "button" and name:
            here.setdefault(name, told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._here = None
        elif tag == "select":
            self._select = ""


def test_every_page_says_who_may_see_it_and_only_the_door_is_open(app: Flask) -> None:
    found = [rule for method in ("GET", "POST") for rule, _ in rules(app, method)]
    assert len(found) > 20
    assert [rule for rule in found if not rule.endpoint.startswith("centre.")] == []  # the guard would not be asked
    assert [rule for rule in found if permission(app, rule) == "none at all"] == []
    assert {rule.endpoint for rule in found if permission(app, rule) is None} == PUBLIC


def test_nobody_gets_in_without_a_login(filled: Flask) -> None:
    visit = Visit(filled.test_client())
    visit.get("/centre/login")
    for rule, path in rules(filled, "GET"):
        if permission(filled, rule) is not None:
            answer = visit.client.get(path)
            if rule.endpoint in ITSELF:
                assert answer.status_code == 401, path
            else:
                assert answer.status_code == 302 and answer.location.startswith("/centre/login?next="), path
    for rule, path in rules(filled, "POST"):
        if permission(filled, rule) is not None:
            assert visit.client.post(path, data={"csrf_token": visit.token}).status_code == 401, path


def test_no_form_is_taken_without_its_token(filled: Flask, log_in: LogIn) -> None:
    visits = [Visit(filled.test_client()), *(log_in(role) for role in ROLES)]
    for _, path in rules(filled, "POST"):
        for visit in visits:
            for sent in ({}, {"csrf_token": "x"}):
                assert visit.client.post(path, data=sent).status_code == 400, path
    for visit in visits[1:]:
        assert visit.client.get("/centre/account").status_code == 200


def test_every_role_gets_where_it_may_and_nowhere_else(filled: Flask, log_in: LogIn, engine: Engine) -> None:
    forms, wrong = Forms(), []
    for role in ORDER:
        before = kept(engine)
        visit = log_in(role)
        for rule, path in rules(filled, "GET"):
            answer = visit.client.get(path)
            wrong += check(filled, rule, role, answer)
            if answer.mimetype == "text/html":
                forms.feed(answer.text)
            assert may(role, "see") or NAME not in answer.text, path
        for rule, path in rules(filled, "POST"):
            for sent in ({}, forms.found.get(path, {})):
                if visit.client.get("/centre/account").status_code != 200:
                    visit.log_in(role)
                visit.get("/centre/account")
                answer = visit.client.post(path, data={**sent, "csrf_token": visit.token})
                if rule.endpoint not in PUBLIC:
                    wrong += check(filled, rule, role, answer)
        assert role != "auditor" or kept(engine) == before
    assert wrong == []


def check(app: Flask, rule: Rule, role: Role, answer: TestResponse) -> list[str]:
    """Refused exactly where the role lacks the permission, and never a fault; what is not so."""
    allowed = permission(app, rule) is None or may(role, permission(app, rule))
    refused = {401 if rule.endpoint in ITSELF else 403}
    thrown_out = answer.headers.get("Location", "").startswith("/centre/login") and rule.endpoint != "centre.entry.log_out"
    if answer.status_code in (LET_IN if allowed else refused) and not thrown_out:
        return []
    return [f"{role} {answer.request.method} {answer.request.path}: {answer.status}"]


def kept(engine: Engine) -> dict[str, list[Any]]:
    """All that the database holds, but what everybody's coming and going leaves."""
    with reading(engine) as session:
        tables = [table for table in Table.metadata.sorted_tables if table.name not in OWN_TABLES]
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in tables}
