"""Taking in one applicant, in Chinese: features/centre/intake.feature over the real application on SQLite."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pytest_bdd import given, parsers, scenarios, then, when
from sqlalchemy import func, select

from engine.circuit import Solver
from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.loader import load_pack
from engine.quantities import format_date
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.selection import select as select_rules
from engine.yaml_source import read_file
from tests.bdd.story import Table
from tests.centre.office import TODAY, Visit, app_of, people
from web.centre.pages.guard import KEY
from web.centre.store import database, schema
from web.centre.store.database import reading
from web.centre.store.tables import DeterminationRow, Enterprise, ProfileVersion
from web.site.forms.sheet import control_name
from web.summary import GROUPS

ROOT = Path(__file__).resolve().parents[2]
FORM = "/centre/intake/form"
scenarios(str(ROOT / "features" / "centre" / "intake.feature"))


@dataclass(slots=True)
class Desk:
    """The clerk's desk: a browser, and what was typed last. ``changed``: the measure that somebody tampered with."""

    app: Flask
    clerk: Visit
    head: Visit
    told: dict[str, Any] = field(default_factory=dict)
    changed: str = ""

    def fill(self, visit: Visit, path: str, told: dict[str, str], status: int) -> None:
        """Send the form that ``visit`` has before it."""
        visit.post(path, status, do="save", **{**carried(visit), **told})


def carried(visit: Visit) -> dict[str, Any]:
    """What the last page carries beside its questions, and the answers that stand in its text boxes."""
    hidden = re.findall(r'<input type="hidden" name="(whose|version|source|left|told)" value="([^"]*)"', visit.page)
    typed = re.findall(r'<input type="text" id="p-[^"]+" name="(p\.[^"]+)" value="([^"]*)"', visit.page)
    return {name: unescape(value) for name, value in (*hidden, *typed)}


def control(label: str) -> str:
    """The control of an enterprise field, by its label."""
    [found] = [item.path for item in load_pack().vocabulary.enterprise if item.label == label]
    return control_name(found)


@pytest.fixture
def solver() -> Solver:
    """The one executor by which a centre keeps what it decides."""
    return ReferenceSolver()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty centre."""
    engine = database.connect(database.address_of(str(tmp_path / "centre.db")))
    schema.migrate(engine)
    people(engine)
    app = app_of(engine, tmp_path / "files")
    yield Desk(app, Visit(app.test_client()).log_in("clerk"), Visit(app.test_client()).log_in("head"))
    app.extensions[KEY].engine.dispose()
    engine.dispose()


@given("已经受理了：")
@when("受理员填表受理：")
def _(desk: Desk, datatable: Table) -> None:
    desk.told = {control(label): value for label, value in datatable}
    desk.clerk.get(FORM)
    form = {"csrf_token": desk.clerk.token, "do": "save", **carried(desk.clerk), **desk.told}
    desk.clerk.page = desk.clerk.client.post(FORM, data=form, follow_redirects=True).text


@given("申报人带来画像：")
def _(desk: Desk, docstring: str) -> None:
    desk.clerk.get("/centre/intake")
    desk.clerk.post("/centre/intake/file", text=docstring)


@given(parsers.re("申报人带来“(?P<name>[^”]+)”的认定记录，把一项“不符合”改成了“符合”"))
def _(desk: Desk, name: str) -> None:
    source = read_file(ROOT / "samples" / name, Findings(), rule_file=False)
    assert source is not None
    here = desk.app.extensions[KEY].service
    program = compile_pack(select_rules(here.pack, ["daxing-2025"], (), lambda *_: ""))
    told = json.loads(determine(program, here.profile(source.data), TODAY, ReferenceSolver()).to_json())
    wrong = next(result for result in told["results"] if result["verdict"] == "ineligible")
    desk.changed, wrong["verdict"] = wrong["measure"], "eligible"
    desk.clerk.get("/centre/intake")
    desk.clerk.post("/centre/intake/file", text=json.dumps(told, ensure_ascii=False))


@when("受理员确认受理")
def _(desk: Desk) -> None:
    desk.clerk.post("/centre/intake/keep", **carried(desk.clerk))


@when("受理员确认存为新的一版")
def _(desk: Desk) -> None:
    desk.fill(desk.clerk, FORM, desk.told, 200)


@given("受理员打开了修改资料的页面")
def _(desk: Desk) -> None:
    desk.clerk.get("/centre/enterprise/1/profile")


@when(parsers.re("负责人把“(?P<label>[^”]+)”改成“(?P<text>[^”]+)”"))
def _(desk: Desk, label: str, text: str) -> None:
    desk.head.get("/centre/enterprise/1/profile")
    desk.fill(desk.head, "/centre/enterprise/1/profile", {control(label): text}, 200)


@when(parsers.re("受理员把“(?P<label>[^”]+)”改成“(?P<text>[^”]+)”"))
def _(desk: Desk, label: str, text: str) -> None:
    desk.fill(desk.clerk, "/centre/enterprise/1/profile", {control(label): text}, 409)


@then(parsers.re("企业“(?P<key>[^”]+)”的资料是第“(?P<number>[^”]+)”版"))
def _(desk: Desk, key: str, number: str) -> None:
    wanted = select(func.max(ProfileVersion.number)).join(Enterprise, Enterprise.id == ProfileVersion.enterprise_id)
    with reading(desk.app.extensions[KEY].engine) as session:
        assert session.execute(wanted.where(Enterprise.key == key)).scalar_one() == int(number)


@then("没有受理任何企业")
def _(desk: Desk) -> None:
    with reading(desk.app.extensions[KEY].engine) as session:
        assert session.execute(select(func.count()).select_from(Enterprise)).scalar_one() == 0


@then(parsers.re("对照的评估日是“(?P<day>[^”]+)”"))
def _(desk: Desk, day: str) -> None:
    with reading(desk.app.extensions[KEY].engine) as session:
        assert format_date(session.execute(select(DeterminationRow.as_of)).scalar_one()) == day


@then(parsers.re("经过里写着“(?P<text>[^”]+)”"))
def _(desk: Desk, text: str) -> None:
    page = desk.clerk.get("/centre/enterprise/1/history").text
    assert text in " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@then(parsers.re("页面指出“(?P<label>[^”]+)”要改"))
def _(desk: Desk, label: str) -> None:
    assert re.search(rf'<a href="#{control(label).replace(".", "-")}">{label}</a>', desk.clerk.page)


@then(parsers.re("页面说明带来的“(?P<count>[^”]+)”条认定意见只是申报人的说法"))
def _(desk: Desk, count: str) -> None:
    assert f"里面有 {count} 条认定意见：只是申报人的说法，原样留着，不计入结论" in desk.clerk.page


@then(parsers.re("页面写着“(?P<count>[^”]+)”处与重新得出的不同"))
def _(desk: Desk, count: str) -> None:
    assert f"{count} 处与重新得出的不同" in desk.clerk.page


@then(parsers.re("“(?P<title>.+)”列在“(?P<group>[^”]+)”里"))
def _(desk: Desk, title: str, group: str) -> None:
    [found] = [item.id for item in load_pack().measures if item.spec.title == title]
    assert listed(desk, found) == group


@then(parsers.re("改过的那一项列在“(?P<group>[^”]+)”里"))
def _(desk: Desk, group: str) -> None:
    assert listed(desk, desk.changed) == group


@then(parsers.re("页面说明已经受理过，“(?P<label>[^”]+)”从“(?P<before>[^”]+)”到“(?P<after>[^”]+)”"))
def _(desk: Desk, label: str, before: str, after: str) -> None:
    assert "这家企业已经受理过" in desk.clerk.page and differs(desk.clerk, label, before, after)


@then(parsers.re("受理员看到负责人存了新的一版，“(?P<label>[^”]+)”从“(?P<before>[^”]+)”到“(?P<after>[^”]+)”"))
def _(desk: Desk, label: str, before: str, after: str) -> None:
    assert "您填写的时候，别人存了新的一版" in desk.clerk.page and "负责人" in desk.clerk.page
    assert differs(desk.clerk, label, before, after)


@then(parsers.re("受理员填的“(?P<text>[^”]+)”还在页面上"))
def _(desk: Desk, text: str) -> None:
    assert f'value="{text}"' in desk.clerk.page


def differs(visit: Visit, label: str, before: str, after: str) -> bool:
    """Whether a page tells that an answer differs."""
    said = rf"<span>{label}</span> <del>{before}</del> <span aria-hidden=\"true\">→</span> <ins>{after}</ins>"
    return re.search(said, visit.page) is not None


def listed(desk: Desk, measure: str) -> str:
    """The title of the group in which a measure stands on the page of the first enterprise."""
    page = desk.clerk.get("/centre/enterprise/1").text
    found = re.search(rf'<article class="measure (\w+)" id="m-{measure}"', page)
    assert found, measure
    return GROUPS[found[1]]  # type: ignore[index]
