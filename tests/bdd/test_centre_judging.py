"""Judging, in Chinese: features/centre/judging.feature over the real application on SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from pytest_bdd import given, parsers, scenarios, then, when
from sqlalchemy import Engine, select

from engine.circuit import Solver
from engine.reference import ReferenceSolver
from tests.centre import bench, papers
from tests.centre.office import Visit, app_of, people
from tests.helpers import ROOT
from web.centre import accounts, choices, keeping
from web.centre.choices import Choices
from web.centre.matters import questions
from web.centre.outcomes import GROUP_OF
from web.centre.pages.guard import KEY
from web.centre.records import ACTIONS
from web.centre.store import chain, database, schema
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, FindingRow
from web.summary import GROUPS

scenarios(str(ROOT / "features" / "centre" / "judging.feature"))
WHO = "(?P<who>审核员|另一位审核员)"
WHY = "，理由是“(?P<why>[^”]+)”"
ANSWERS = {"成立": "yes", "不成立": "no"}


@dataclass(slots=True)
class Panel:
    """The case and those who judge it, each at a browser of their own. ``last``: who did something last."""

    app: Flask
    engine: Engine
    number: int
    browsers: dict[str, Visit]
    last: str = ""
    opened: set[str] = field(default_factory=set)

    @property
    def page(self) -> str:
        """What the last one has before them."""
        return unescape(self.browsers[self.last].page)

    def open(self, who: str, label: str, about: str = "") -> None:
        """The page of a judgement, by what it is called; of one record, by its link."""
        (judgement,) = [item.id for item in questions(bench.program().pack).values() if item.label == label]
        self.last = who
        self.browsers[who].get(f"/centre/enterprise/{self.number}/judge", judgement=judgement)
        if about:
            (address,) = re.findall(rf'href="([^"]+)"[^>]*>[^<]*{about}</a>', self.browsers[who].page)
            self.browsers[who].page = self.browsers[who].client.get(unescape(address)).text

    def send(self, who: str, part: str = "", **form: Any) -> None:
        """The form that somebody has before them."""
        self.last, visit = who, self.browsers[who]
        names = ("judgement", "about", "newest", "profile")
        told = {name: unescape(re.findall(rf'name="{name}" value="([^"]*)"', visit.page)[0]) for name in names}
        data = {"csrf_token": visit.token, **told, **form}
        address = f"/centre/enterprise/{self.number}/judge{part}"
        visit.page = visit.client.post(address, data=data, follow_redirects=True).text

    def measure(self, title: str) -> str:
        """The group of the one measure whose title has this in it, as the queues see it."""
        (found,) = [item.id for item in bench.program().pack.measures if title in item.spec.title and item.document in IN_FORCE]
        return GROUPS[GROUP_OF[bench.letter(self.engine, self.number, found)]]

    def counting(self) -> list[FindingRow]:
        """The findings that count."""
        with reading(self.engine) as session:
            return keeping.confirmed(session, self.number)

    def actions(self) -> list[str]:
        """What the log says of this case, as people read it."""
        with reading(self.engine) as session:
            assert list(chain.verify(session)) == []
            wanted = select(AuditEntry.action).where(AuditEntry.enterprise_id == self.number).order_by(AuditEntry.id)
            return [ACTIONS[action] for action in session.execute(wanted).scalars()]


IN_FORCE = ("daxing-2025", "tongzhou-2024", "zgc-2024")


@pytest.fixture
def solver() -> Solver:
    """The one executor by which a centre keeps what it decides."""
    return ReferenceSolver()


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    """A centre with the case; its passwords are not for long."""
    monkeypatch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = database.connect(database.address_of(str(tmp_path / "centre.db")))
    schema.migrate(engine)
    people(engine)
    app = app_of(engine, tmp_path / "files")
    names = {"审核员": "reviewer", "另一位审核员": "reviewer2"}
    number = bench.take_in(engine, name="虚构澄影智能医疗科技（北京）有限公司")
    yield Panel(app, engine, number, {who: Visit(app.test_client()).log_in(name) for who, name in names.items()})
    app.extensions[KEY].engine.dispose()
    engine.dispose()


@given("这家企业已经受理，“拨投联动”在等“属于重点科技成果”的认定")
def _(panel: Panel) -> None:
    assert panel.measure("拨投联动") == "条件已满足待认定"


@given("本中心要求双人复核")
@when("本中心要求双人复核")
def _(panel: Panel) -> None:
    with writing(panel.engine) as session:
        choices.write(session, Choices(four_eyes=True))


@when("本中心不再要求双人复核")
def _(panel: Panel) -> None:
    with writing(panel.engine) as session:
        choices.write(session, Choices(four_eyes=False))


@when(parsers.re("审核员打开“(?P<label>[^”]+)”"))
def _(panel: Panel, label: str) -> None:
    panel.open("审核员", label)


@given(parsers.re("审核员和另一位审核员都打开了“(?P<label>[^”]+)”"))
def _(panel: Panel, label: str) -> None:
    for who in panel.browsers:
        panel.open(who, label)


FINDING = parsers.re(WHO + "(?:就“(?P<about>[^”]+)”)?认定“(?P<label>[^”]+)”(?P<answer>成立|不成立)" + WHY)


@given(FINDING)
@when(FINDING)
def _(panel: Panel, who: str, about: str | None, label: str, answer: str, why: str) -> None:
    panel.open(who, label, about or "")
    panel.send(who, finding=ANSWERS[answer], reason=why)


@when(parsers.re("审核员带着(?P<kind>证据|冒充 PDF 的网页)“(?P<name>[^”]+)”认定“(?P<label>[^”]+)”成立" + WHY))
def _(panel: Panel, kind: str, name: str, label: str, why: str) -> None:
    content = papers.pdf() if kind == "证据" else b"<html><script>alert(1)</script></html>"
    panel.open("审核员", label)
    panel.send("审核员", finding="yes", reason=why, file=(BytesIO(content), name))


@when(parsers.re(WHO + "提交(?P<answer>成立|不成立)" + WHY))
def _(panel: Panel, who: str, answer: str, why: str) -> None:
    panel.send(who, finding=ANSWERS[answer], reason=why)


@when("另一位审核员看过以后再按一次")
def _(panel: Panel) -> None:
    typed = re.findall(r'<textarea id="reason"[^>]*>([^<]*)</textarea>', panel.browsers["另一位审核员"].page)
    chosen = re.findall(r'name="finding" value="(\w+)" required checked', panel.browsers["另一位审核员"].page)
    panel.send("另一位审核员", finding=chosen[0], reason=unescape(typed[0]))


@when("另一位审核员复核同意")
def _(panel: Panel) -> None:
    panel.open("另一位审核员", "属于重点科技成果")
    panel.send("另一位审核员", "/word", word="confirm", reason="")


@when(parsers.re("另一位审核员复核不同意" + WHY))
def _(panel: Panel, why: str) -> None:
    panel.open("另一位审核员", "属于重点科技成果")
    panel.send("另一位审核员", "/word", word="reject", reason=why)


@when(parsers.re(WHO + "撤回" + WHY))
def _(panel: Panel, who: str, why: str) -> None:
    panel.open(who, "属于重点科技成果")
    panel.send(who, "/word", word="withdraw", reason=why)


@when(parsers.re("受理员把“以科技成果转化创办”改成“否”"))
def _(panel: Panel) -> None:
    bench.take_in(panel.engine, name="虚构澄影智能医疗科技（北京）有限公司", founded_by_result_transfer=False)


@then(parsers.re("“(?P<title>[^”]+)”列在“(?P<group>[^”]+)”里"))
def _(panel: Panel, title: str, group: str) -> None:
    assert panel.measure(title) == group


@then(parsers.re("“(?P<label>[^”]+)”算数的意见是“(?P<answer>成立|不成立)”" + WHY))
def _(panel: Panel, label: str, answer: str, why: str) -> None:
    (row,) = panel.counting()
    assert (questions(bench.program().pack)[row.judgement].label, row.finding, row.reason) == (label, answer == "成立", why)


@then("“属于重点科技成果”没有算数的意见")
def _(panel: Panel) -> None:
    assert panel.counting() == []


@then(parsers.re("记录里写着“(?P<one>[^”]+)”一次(?:，“(?P<other>[^”]+)”一次)?"))
def _(panel: Panel, one: str, other: str | None) -> None:
    assert panel.actions() == [one] + ([other] if other else [])


@then(parsers.re("页面说明“(?P<what>[^”]+)”，填写的“(?P<typed>[^”]+)”还在"))
def _(panel: Panel, what: str, typed: str) -> None:
    assert what in panel.page and f">{typed}</textarea>" in panel.page


@then(parsers.re("页面说“拨投联动”现在是“(?P<now>[^”]+)”，成立时是“(?P<met>[^”]+)”，不成立时是“(?P<missed>[^”]+)”"))
def _(panel: Panel, now: str, met: str, missed: str) -> None:
    shown = panel.page[panel.page.index("会改变什么") :]
    assert re.findall(r'class="chip \w+">([^<]+)<', shown[: shown.index("</dl>")]) == [now, met, missed]


@then(parsers.re("页面在旁边写着文件的目标“(?P<target>[^”]+)”，本中心已认定成立“(?P<count>[^”]+)”项"))
def _(panel: Panel, target: str, count: str) -> None:
    assert target in panel.page and f"本中心已认定成立：{count} 项" in panel.page


@then("审核员自己不能复核")
def _(panel: Panel) -> None:
    assert ">同意</button>" not in panel.page
    panel.send("审核员", "/word", word="confirm", reason="")
    assert "要由另一位审核人确认" in panel.page and panel.counting() == []


@then(parsers.re("另一位审核员的意见没有保存，页面给他看“(?P<other>[^”]+)”，他写的“(?P<own>[^”]+)”还在"))
def _(panel: Panel, other: str, own: str) -> None:
    assert panel.last == "另一位审核员" and "您的意见还没有保存" in panel.page
    assert other in panel.page and f">{own}</textarea>" in panel.page
    assert [row.reason for row in panel.counting()] == [other]


@then(parsers.re("审核员的意见没有保存，页面说资料现在是第“(?P<version>[^”]+)”版"))
def _(panel: Panel, version: str) -> None:
    assert "您的意见还没有保存" in panel.page and f"资料现在是第 {version} 版" in panel.page
    assert bench.rows(panel.engine) == []


@then("两条意见都在记录里")
def _(panel: Panel) -> None:
    assert len(bench.rows(panel.engine)) == len(panel.actions()) == 2


@then("认定页面请审核员再看一遍，因为“以科技成果转化创办”变了")
def _(panel: Panel) -> None:
    panel.last = "审核员"
    panel.browsers["审核员"].get("/centre/judging")
    assert "请再看一遍" in panel.page and "变了：以科技成果转化创办" in panel.page


@then(parsers.re("证据“(?P<name>[^”]+)”下载下来与交来的相同"))
def _(panel: Panel, name: str) -> None:
    (address,) = set(re.findall(rf'href="([^"]+)">{name}</a>', panel.page))
    assert panel.browsers["审核员"].client.get(address).data == papers.pdf()


@then("浏览器不会把它当网页打开")
def _(panel: Panel) -> None:
    headers = panel.browsers["审核员"].client.get("/centre/evidence/1").headers
    assert headers["Content-Disposition"].startswith("attachment") and headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
