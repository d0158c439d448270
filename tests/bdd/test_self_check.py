"""The way of a visitor through the self-check, in Chinese: features/self-check.feature over the real application."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pytest_bdd import given, parsers, scenarios, step, then, when

from engine.circuit import Solver
from engine.diagnostics import Findings
from engine.loader import load_pack
from engine.pack import Measure
from engine.reference import ReferenceSolver
from engine.yaml_source import read_file
from tests.bdd.story import Table
from web.app import create_app
from web.settings import Settings
from web.site.forms.sheet import control_name
from web.site.state import State
from web.summary import GROUPS

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
scenarios(str(ROOT / "features" / "self-check.feature"))


@cache
def site(executor: str) -> Any:
    """The application on its fixed day, under one executor."""
    rate = "100000 per minute"
    return create_app(Settings(today=lambda: TODAY, secret="tests", executor=executor, page_rate=rate))


@dataclass(slots=True)
class Visitor:
    """A browser without a script: it sends what the last page carried."""

    client: FlaskClient
    page: str = ""
    carried: dict[str, str] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    """The counts of the result before the last one."""
    other: str = ""
    """A page beside the result: a measure opened, a road map."""

    def bring(self, state: State) -> None:
        """Begin with a profile."""
        token = _field(self.client.get("/").text, "csrf_token")
        assert token is not None
        self.carried = {"csrf_token": token, "state": state.text()}

    def send(self, path: str, **form: str) -> str:
        """Send a form and answer the page."""
        answer = self.client.post(path, data={**self.carried, **form})
        assert answer.status_code == 200, answer.text
        return answer.text

    def result(self, **form: str) -> None:
        """Look at the result, which carries on."""
        if self.page:
            self.before = counts(self.page)
        self.page = self.send("/result", **form)
        self.carry(self.page.partition('<form id="go"')[2])

    def carry(self, page: str) -> None:
        """Keep what a page carries."""
        found = {name: _field(page, name) for name in ("state", "trial")}
        self.carried = {"csrf_token": self.carried["csrf_token"], **{k: v for k, v in found.items() if v is not None}}


def _field(page: str, name: str) -> str | None:
    match = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    return unescape(match[1]) if match else None


def counts(page: str) -> dict[str, int]:
    """The number of measures in each group, by its title."""
    return {GROUPS[key]: int(count) for key, count in re.findall(r'class="tile (\w+)"[^>]*><b>(\d+)</b>', page)}  # type: ignore[index]


def measure(title: str) -> Measure:
    """A measure by its title."""
    [found] = [item for item in load_pack().measures if item.spec.title == title]
    return found


def key(label: str) -> str:
    """An enterprise field by its label."""
    [found] = [item.path for item in load_pack().vocabulary.enterprise if item.label == label]
    return found


def listed(page: str, title: str) -> str:
    """The title of the group in which a measure is listed."""
    match = re.search(rf'<article class="measure (\w+)" id="m-{measure(title).id}"', page)
    assert match, title
    return GROUPS[match[1]]  # type: ignore[index]


@pytest.fixture
def visitor(solver: Solver) -> Visitor:
    """Somebody who has just come; every scenario runs under both executors."""
    return Visitor(site("reference" if isinstance(solver, ReferenceSolver) else "forward").test_client())


@given(parsers.re("用户带来画像“(?P<name>[^”]+)”"))
def _(visitor: Visitor, name: str) -> None:
    source = read_file(ROOT / "samples" / name, Findings(), rule_file=False)
    assert source is not None
    visitor.bring(State(source.data))


@given("用户什么都没有填写")
def _(visitor: Visitor) -> None:
    visitor.bring(State())


@step(parsers.re("用户看“(?P<day>[^”]+)”的结果"))
def _(visitor: Visitor, day: str) -> None:
    visitor.result(as_of=day)


@step("用户看今天的结果")
def _(visitor: Visitor) -> None:
    visitor.result()


@when(parsers.re("用户打开“(?P<title>.+)”"))
def _(visitor: Visitor, title: str) -> None:
    visitor.other = visitor.send("/result/measure", measure=measure(title).id)


@when(parsers.re("用户回答“(?P<label>[^”]+)”：“(?P<text>[^”]+)”"))
def _(visitor: Visitor, label: str, text: str) -> None:
    question = visitor.send("/ask", key=key(label))
    assert control_name(key(label)) in question
    visitor.carry(visitor.send("/ask", **{"key": key(label), "do": "answer", control_name(key(label)): text}))


@when(parsers.re("用户试着把“(?P<label>[^”]+)”改成“(?P<text>[^”]+)”"))
def _(visitor: Visitor, label: str, text: str) -> None:
    visitor.result(**{"try": "1", f"set.{key(label)}": text})


@when("用户保留改动")
def _(visitor: Visitor) -> None:
    visitor.result(keep="1")


@when("用户撤销改动")
def _(visitor: Visitor) -> None:
    visitor.result(undo="1")


@when("用户看路线图")
def _(visitor: Visitor) -> None:
    visitor.other = visitor.send("/roadmap")


@when(parsers.re("用户试“(?P<title>.+)”的办法"))
def _(visitor: Visitor, title: str) -> None:
    way = f"{measure(title).id}:0"
    assert f'name="way" value="{way}"' in visitor.other
    visitor.result(way=way)


@when(parsers.re("用户只看地区“(?P<place>[^”]+)”、待遇“(?P<benefit>[^”]+)”"))
def _(visitor: Visitor, place: str, benefit: str) -> None:
    visitor.result(place=place, benefit=benefit)


@then(parsers.re("页面说明这是“(?P<day>[^”]+)”的结论，不是今天的"))
def _(visitor: Visitor, day: str) -> None:
    assert re.search(rf"这是 <b>{day}</b> 的结论，不是今天", visitor.page)


@then("各组的项数是：")
def _(visitor: Visitor, datatable: Table) -> None:
    assert counts(visitor.page) == {group: int(number) for group, number in datatable[1:]}


@then(parsers.re("付给“(?P<payee>[^”]+)”的合计是“(?P<sure>[^”]+)”，算上还没有定的“(?P<most>[^”]+)”"))
def _(visitor: Visitor, payee: str, sure: str, most: str) -> None:
    sheet = visitor.page.partition(f"<caption>付给{payee}</caption>")[2].partition("</table>")[0]
    assert re.findall(r'<td class="figure">(.*?)</td>', sheet.partition("<tfoot>")[2]) == [sure, most]


@then(parsers.re("“(?P<title>.+)”的算式是“(?P<text>[^”]+)”"))
def _(visitor: Visitor, title: str, text: str) -> None:
    row = visitor.page.partition(f'<a href="#m-{measure(title).id}">')[2].partition("</tr>")[0]
    assert f"<td>{text}</td>" in row


@then(parsers.re("条件“(?P<label>.+)”标着“(?P<word>[^”]+)”，填的是“(?P<value>[^”]+)”"))
def _(visitor: Visitor, label: str, word: str, value: str) -> None:
    nodes = [node for node in visitor.other.split('<li class="node ')[1:] if f'<p class="label">{label}</p>' in node]
    assert any(f'<span class="word">{word}' in node and f'<span class="value">{value}</span>' in node for node in nodes)


@then(parsers.re("写着原文“(?P<phrase>.+)”"))
def _(visitor: Visitor, phrase: str) -> None:
    assert phrase in "".join(re.findall(r"<blockquote>(.*?)</blockquote>", visitor.other))


@then(parsers.re("写着要问“(?P<names>[^”]+)”"))
def _(visitor: Visitor, names: str) -> None:
    assert f"<dt>部门</dt><dd>{names}</dd>" in visitor.other


@then(parsers.re("“缺资料”里(?P<there>有|没有)去回答“(?P<label>[^”]+)”的按钮"))
def _(visitor: Visitor, there: str, label: str) -> None:
    asked = re.findall(r'formaction="/ask" name="key" value="([^"]+)"', visitor.page)
    assert asked
    assert (key(label) in asked) == (there == "有")


@then(parsers.re("“(?P<group>[^”]+)”比原来少"))
def _(visitor: Visitor, group: str) -> None:
    assert counts(visitor.page)[group] < visitor.before[group]


@then(parsers.re("改动是“(?P<label>[^”]+)”从“(?P<old>[^”]+)”到“(?P<new>[^”]+)”"))
def _(visitor: Visitor, label: str, old: str, new: str) -> None:
    changed = re.findall(r"<li><span>(.*?)</span> <del>(.*?)</del>.*?<ins>(.*?)</ins></li>", visitor.page)
    assert changed == [(label, old, new)]


@then(parsers.re("“(?P<title>.+)”从“(?P<old>[^”]+)”变成“(?P<new>[^”]+)”"))
def _(visitor: Visitor, title: str, old: str, new: str) -> None:
    moves = visitor.page.partition('id="moves"')[2].partition("</table>")[0]
    row = moves.partition(f'<a href="#m-{measure(title).id}">')[2].partition("</tr>")[0]
    assert re.findall(r'<span class="chip \w+">(.*?)</span>', row) == [old, new]


@then(parsers.re("“(?P<title>.+)”列在“(?P<group>[^”]+)”里"))
def _(visitor: Visitor, title: str, group: str) -> None:
    assert listed(visitor.page, title) == group


@then(parsers.re("“(?P<title>.+)”不再列在“(?P<group>[^”]+)”里"))
def _(visitor: Visitor, title: str, group: str) -> None:
    assert listed(visitor.page, title) != group


@then(parsers.re("页面指出“(?P<label>[^”]+)”没有读懂"))
def _(visitor: Visitor, label: str) -> None:
    assert f'aria-invalid="true" aria-describedby="p-set.{key(label)}"' in visitor.page


@then("没有任何改动")
def _(visitor: Visitor) -> None:
    assert 'id="moves"' not in visitor.page
    assert "trial" not in visitor.carried


@then(parsers.re("“(?P<title>.+)”改“(?P<size>[^”]+)”处就能符合"))
def _(visitor: Visitor, title: str, size: str) -> None:
    assert f"<b>{title}</b>" in visitor.other.partition(f'id="size-{size}"')[2].partition("</section>")[0]


@then(parsers.re("到期的文件写着“(?P<text>[^”]+)”"))
def _(visitor: Visitor, text: str) -> None:
    assert text in visitor.other.partition('id="over"')[2]


@then(parsers.re("列出的措施都出自“(?P<first>.+)”或“(?P<second>.+)”"))
def _(visitor: Visitor, first: str, second: str) -> None:
    titles = {file.document.title: id for id, file in load_pack().documents.items()}
    ids = set(re.findall(r'<article class="measure \w+" id="m-([^"]+)"', visitor.page))
    assert ids
    assert {load_pack().measure(id).document for id in ids} == {titles[first], titles[second]}


@then("各组的项数没有变")
def _(visitor: Visitor) -> None:
    assert counts(visitor.page) == visitor.before
