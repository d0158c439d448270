"""Queues as somebody at a browser sees them: counts, rows, filters, cases given out, and who is in the way."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.centre.crowd import T0, Crowd
from tests.centre.office import LogIn, Visit
from web.centre import accounts
from web.centre.pages.guard import KEY
from web.centre.queues import assigning
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, Enterprise

DAY = timedelta(days=1)


@pytest.fixture
def measures(app: Flask) -> dict[str, str]:
    """Measures of the site's rules: one that states amounts, one that does not, one with quotas."""
    pack = app.extensions[KEY].service.pack
    return {
        "stated": "lf16-intermediary-jingjin-to-langfang-commission-award",
        "plain": next(m.id for m in pack.measures if m.document == "zgc-2024"),
        "quota": "tz-outstanding-youth-funding",
    }


@pytest.fixture
def crowd(app: Flask, engine: Engine) -> Crowd:
    """A centre without applicants, by the site's rules."""
    pack = app.extensions[KEY].service.pack
    return Crowd(engine, {pack.version: tuple(measure.id for measure in pack.measures)})


def rows(visit: Visit) -> list[str]:
    """The names in the table, in order."""
    return re.findall(r'<td class="who"><a href="[^"]+">([^<]+)</a>', visit.page)


def text(visit: Visit) -> str:
    """What the page says, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", visit.page.partition("<main")[2])).split())


def seen(visit: Visit) -> dict[str, str]:
    """What the form of the rows carries."""
    found = re.search(r'name="seen" value="(\d+)"', visit.page)
    assert found
    return {"seen": found[1]}


def assignees(engine: Engine) -> dict[str, int | None]:
    with reading(engine) as session:
        return dict(session.execute(select(Enterprise.name, Enterprise.assignee_id)).all())


def number_of(engine: Engine, name: str) -> int:
    with reading(engine) as session:
        return accounts.named(session, name).id


def test_the_overview_counts_by_document(log_in: LogIn, crowd: Crowd, measures: dict[str, str]) -> None:
    for name, letter in (("甲公司", "P"), ("乙公司", "P"), ("丙公司", "F"), ("丁公司", "E")):
        crowd.take(name, {measures["plain"]: letter, measures["stated"]: "N"})
    visit = log_in("clerk")
    visit.get("/centre/queue")
    said = text(visit)
    assert "共 4 家" in said
    assert f'href="/centre/queue?measure={measures["plain"]}&amp;group=pending"' in visit.page
    # What is in force stands before what is not; there nothing can be done for anybody, so it is folded.
    assert said.index("世界领先科技园区") < said.index("今天不在有效期的文件") < said.index("行动计划（2016—2018年）")
    assert re.search(r"还没有企业可办的 13 项", said)


def test_a_queue_opens_at_the_first_group_that_has_anybody(log_in: LogIn, crowd: Crowd, measures: dict[str, str]) -> None:
    crowd.take("甲公司", {measures["plain"]: "F"})
    crowd.take("乙公司", {measures["plain"]: "P"}, awaiting={measures["plain"]: ["zgc-key-scenario"]})
    visit = log_in("auditor")
    visit.get("/centre/queue", measure=measures["plain"])
    assert rows(visit) == ["乙公司"]
    said = text(visit)
    assert "可享受 0" in said and "条件已满足待认定 1" in said and "缺资料 1" in said
    assert "属于重点应用场景" in said
    # Who may not give out cases has nothing to choose them with.
    assert 'name="id"' not in visit.page and "由我承办" not in visit.page
    visit.get("/centre/queue", measure=measures["plain"], group="facts")
    assert rows(visit) == ["甲公司"]


def test_amounts_are_told_and_sorted(log_in: LogIn, crowd: Crowd, measures: dict[str, str]) -> None:
    stated = measures["stated"]
    for name, ends in (("甲公司", ("99999.999", "99999.999")), ("乙公司", ("0", None)), ("丙公司", ("0", "500000"))):
        crowd.take(name, {stated: "E"}, amounts={stated: ends})
    visit = log_in("clerk")
    visit.get("/centre/queue", measure=stated, sort="amount")
    assert rows(visit) == ["乙公司", "丙公司", "甲公司"]
    assert "最高50万元" in text(visit) and "金额未定" in text(visit)
    visit.get("/centre/queue", measure=stated, least="10万元", most="60万")
    assert rows(visit) == ["丙公司"]
    visit.get("/centre/queue", measure=stated, least="十几万")
    assert "请写一个金额，例如 10万元。" in text(visit) and len(rows(visit)) == 3


def test_quotas_are_context(log_in: LogIn, crowd: Crowd, measures: dict[str, str]) -> None:
    crowd.take("甲公司", {measures["quota"]: "P"})
    visit = log_in("clerk")
    visit.get("/centre/queue", measure=measures["quota"])
    assert "文件写的目标和名额，只作参考，不是条件：每年30名左右" in text(visit)


# By name is the usual order: by the sound of the first character, bing, jia, yi.
NARROWED: list[tuple[dict[str, str], str]] = [
    ({}, "丙甲乙"),
    ({"division": "11"}, "甲乙"),
    ({"industry": "I"}, "甲"),
    ({"size": "small"}, "乙"),
    ({"assignee": "me"}, "丙"),
    ({"assignee": "nobody", "sort": "name", "down": "1"}, "乙甲"),
    ({"q": "丙"}, "丙"),
    ({"sort": "division"}, "乙甲丙"),
    ({"sort": "since", "down": "1"}, "丙乙甲"),
    ({"group": "eligible"}, "甲"),
    ({"judgement": "zgc-key-scenario"}, "乙"),
    ({"division": "9", "industry": "Z", "size": "huge", "group": "x", "sort": "y", "assignee": "z"}, "丙甲乙"),
]


def test_everybody_narrowed_and_sorted(log_in: LogIn, crowd: Crowd, engine: Engine, measures: dict[str, str]) -> None:
    plain = measures["plain"]
    crowd.take("甲公司", {plain: "E"}, division="110112", industry="I65")
    crowd.take("乙公司", {plain: "P"}, division="110105", size="small", awaiting={plain: ["zgc-key-scenario"]}, at=T0 + DAY)
    crowd.take("丙公司", {plain: "N"}, division="131022", assignee=number_of(engine, "clerk"), at=T0 + 2 * DAY)
    visit = log_in("clerk")
    found = []
    for query, _expected in NARROWED:
        visit.get("/centre/enterprises", **query)
        found.append((query, "".join(name[0] for name in rows(visit))))
    assert found == NARROWED
    assert visit.page.count('aria-invalid="true"') == 5 and "没有这个代码，请重新选择。" in text(visit)


def test_a_queue_without_a_measure_is_everybody(log_in: LogIn, crowd: Crowd, measures: dict[str, str]) -> None:
    visit = log_in("clerk")
    answer = visit.client.get("/centre/queue", query_string={"judgement": "zgc-key-scenario"})
    assert answer.headers["Location"] == "/centre/enterprises?judgement=zgc-key-scenario"
    answer = visit.client.get("/centre/enterprises", query_string={"measure": measures["plain"], "group": "facts"})
    assert answer.headers["Location"] == f"/centre/queue?measure={measures['plain']}&group=facts"
    visit.get("/centre/queue", 404, measure="unheard-of")


@pytest.mark.parametrize("asked", ["91110000123456789X", "９１１１００００１２３４５６７８９ｘ", " 91110000123456789x "])
def test_a_key_leads_to_its_enterprise(log_in: LogIn, crowd: Crowd, asked: str) -> None:
    number = crowd.take("甲公司", key="91110000123456789X")
    crowd.take("乙公司", key="911100001234567890")
    visit = log_in("clerk")
    answer = visit.client.get("/centre/enterprises", query_string={"q": asked})
    assert answer.headers["Location"] == f"/centre/enterprise/{number}"
    visit.get("/centre/enterprises", q=asked[:6])
    assert len(rows(visit)) == 2


def test_pages_of_fifty(log_in: LogIn, crowd: Crowd, engine: Engine, measures: dict[str, str]) -> None:
    for number in range(53):
        crowd.take(f"企业{number:02d}", {measures["plain"]: "P"})
    visit = log_in("clerk")
    visit.get("/centre/queue", measure=measures["plain"], sort="name")
    assert rows(visit) == [f"企业{number:02d}" for number in range(50)]
    assert "53 家 ，这里是第 1 到 50 家" in text(visit) and "第 1 页，共 2 页" in text(visit)
    for page in ("2", "3", "999999999"):
        visit.get("/centre/queue", measure=measures["plain"], sort="name", page=page)
        assert rows(visit) == ["企业50", "企业51", "企业52"]
    # All of the filter, though only three of them are on the page.
    query = {"measure": measures["plain"], "group": "pending", "page": "2"}
    visit.client.post("/centre/queue/assign", query_string=query, data={"csrf_token": visit.token, "all": "1", "do": "take", **seen(visit)})
    assert set(assignees(engine).values()) == {number_of(engine, "clerk")}


def give(visit: Visit, names: list[str], do: str, status: int = 200, **form: Any) -> None:
    """Give cases out, from a page that shows them."""
    numbers = [re.search(rf'href="/centre/enterprise/(\d+)">{name}<', visit.page) for name in names]
    visit.post("/centre/queue/assign", status, id=[found[1] for found in numbers if found], do=do, **{**seen(visit), **form})


def test_cases_given_out(log_in: LogIn, crowd: Crowd, engine: Engine) -> None:
    for name in ("甲公司", "乙公司", "丙公司"):
        crowd.take(name)
    visit = log_in("clerk")
    visit.get("/centre/enterprises")
    give(visit, ["甲公司", "乙公司"], "take")
    clerk, reviewer = number_of(engine, "clerk"), number_of(engine, "reviewer")
    assert "承办人已改" in text(visit)
    assert assignees(engine) == {"甲公司": clerk, "乙公司": clerk, "丙公司": None}
    give(visit, ["乙公司"], "give", to=reviewer)
    give(visit, ["甲公司"], "back")
    assert assignees(engine) == {"甲公司": None, "乙公司": reviewer, "丙公司": None}
    with reading(engine) as session:
        logged = session.execute(select(AuditEntry).where(AuditEntry.action == "assigned").order_by(AuditEntry.id)).scalars()
        assert [(entry.detail, entry.by_id) for entry in logged] == [
            ({"to": clerk, "together": 2}, clerk),
            ({"to": clerk, "together": 2}, clerk),
            ({"to": reviewer}, clerk),
            ({"to": None}, clerk),
        ]
        assert list(chain.verify(session)) == []


def test_a_case_that_somebody_else_took_meanwhile_is_left_to_them(log_in: LogIn, crowd: Crowd, engine: Engine) -> None:
    for name in ("甲公司", "乙公司"):
        crowd.take(name)
    first, second = log_in("clerk"), log_in("reviewer")
    first.get("/centre/enterprises")
    second.get("/centre/enterprises")
    give(second, ["甲公司"], "take")
    give(first, ["甲公司", "乙公司"], "take", 409)
    said = text(first)
    assert "1 家的承办人已改好" in said and "甲公司 ：现在由审核员承办" in said
    assert assignees(engine) == {"甲公司": number_of(engine, "reviewer"), "乙公司": number_of(engine, "clerk")}
    # The page that says so has seen it: asked again, it is done.
    give(first, ["甲公司"], "take")
    assert assignees(engine)["甲公司"] == number_of(engine, "clerk")


def test_what_changed_meanwhile_is_looked_at_first(log_in: LogIn, crowd: Crowd, engine: Engine, measures: dict[str, str]) -> None:
    """All of a filter: what came into it, and what is otherwise since, is not taken unseen."""
    plain = measures["plain"]
    crowd.take("甲公司", {plain: "P"})
    crowd.take("乙公司", {plain: "F"})
    crowd.erase(crowd.take("己公司", {plain: "P"}))
    visit = log_in("clerk")
    visit.get("/centre/queue", measure=plain, group="pending")
    # What is asked for is not understood, so it would be everybody.
    form = {"csrf_token": visit.token, "all": "1", "do": "take", **seen(visit)}
    answer = visit.client.post("/centre/queue/assign", query_string={"measure": plain, "division": "9"}, data=form)
    assert answer.status_code == 422 and "筛选条件有问题" in answer.text
    assert set(assignees(engine).values()) == {None}
    query, form = {"measure": plain, "group": "pending"}, {"csrf_token": visit.token, "all": "1", "do": "take", **seen(visit)}
    crowd.take("乙公司", {plain: "P"}, at=T0 + DAY)
    answer = visit.client.post("/centre/queue/assign", query_string=query, data=form)
    assert answer.status_code == 409 and "1 家没有改" in answer.text
    assert assignees(engine) == {"甲公司": number_of(engine, "clerk"), "乙公司": None, "": None}


def test_what_cannot_be_given_out_is_said(
    log_in: LogIn, crowd: Crowd, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("甲公司", "乙公司"):
        crowd.take(name)
    visit = log_in("clerk")
    visit.get("/centre/enterprises")
    give(visit, [], "take", 422)
    assert "还没有选企业" in text(visit)
    give(visit, ["甲公司"], "give", 422, to=number_of(engine, "auditor"))
    assert "这位同事现在不能承办" in text(visit)
    with writing(engine) as session:
        accounts.named(session, "reviewer").active = False
    give(visit, ["甲公司"], "give", 422, to=number_of(engine, "reviewer"))
    assert 'name="id" value="1" aria-label="选甲公司" checked' in visit.page
    monkeypatch.setattr(assigning, "MOST", 1)
    give(visit, ["甲公司", "乙公司"], "take", 422)
    assert "一次最多改 1 家的承办人，选了 2 家" in text(visit)
    give(visit, ["甲公司"], "steal", 400)
    visit.get("/centre/enterprises")
    give(visit, ["甲公司"], "take", 400, seen="x")
    assert set(assignees(engine).values()) == {None}
    auditor = log_in("auditor")
    auditor.get("/centre/enterprises")
    auditor.post("/centre/queue/assign", 403, id="1", do="take", seen="99")


def test_the_desk_says_what_there_is_to_do(log_in: LogIn, crowd: Crowd, engine: Engine, measures: dict[str, str]) -> None:
    plain, clerk = measures["plain"], number_of(engine, "clerk")
    crowd.take("甲公司", {plain: "P"}, assignee=clerk, awaiting={plain: ["zgc-key-scenario"]})
    crowd.take("乙公司", {plain: "P"}, awaiting={plain: ["zgc-key-scenario"]})
    crowd.take("丙公司", {plain: "F"})
    crowd.take("丙公司", {plain: "E"}, at=T0 + 20 * DAY)
    visit = log_in("clerk")
    said = text(visit)
    assert re.search(r"我承办的 全部 1 家 .*甲公司 .*条件已满足待认定 1", said)
    assert "属于重点应用场景 2 家" in said
    assert "有可享受的措施 1 家" in said and "有条件已满足待认定的措施 1 家" in said and "全部 2 家" in said
    assert re.search(r"近 7 天新变为可享受 \S+ 1 家", said)
    assert "管理" not in said


def test_the_desk_of_who_sees_no_applicants(log_in: LogIn, crowd: Crowd) -> None:
    crowd.take("甲公司")
    said = text(log_in("administrator"))
    assert "账号" in said and "设置" in said and "甲公司" not in said and "找企业" not in said
    said = text(log_in("auditor"))
    assert "审计" in said and "我承办的" not in said and "还没有人承办" in said


def test_an_empty_centre(log_in: LogIn) -> None:
    visit = log_in("clerk")
    assert "还没有受理企业" in text(visit)
    visit.get("/centre/enterprises")
    assert "没有符合的企业" in text(visit)
    visit.get("/centre/queue")
    assert "共 0 家" in text(visit)
