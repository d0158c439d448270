"""What came to pass in one line of time, and two determinations or profile versions side by side."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from tests.centre.cases import COMPANY, KEY_PROJECT, PENDING, find, take_in, user
from tests.centre.office import LogIn, Visit
from web.centre.history import PAGE, history_of
from web.centre.pages.guard import KEY
from web.centre.store.database import reading, writing
from web.centre.store.tables import DeterminationRow, Note, ProfileVersion

HISTORY, COMPARE = "/centre/enterprise/1/history", "/centre/enterprise/1/compare"
MOVED = {**COMPANY, "registered_division": "廊坊市固安县", "projects": []}
TITLE = "重点成果转化项目企业纳入“服务包”"


def told(visit: Visit) -> list[str]:
    """What the events of a page say, the newest first, without markup."""
    _, _, line = visit.page.partition('<ol class="timeline-of">')
    events = re.split(r'<li class="(?:profile|determination|finding|note|assigned)">', line.partition("</ol>")[0])[1:]
    return [" ".join(unescape(re.sub(r"<[^>]*>", " ", event)).split()) for event in events]


def numbers(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return list(session.execute(select(DeterminationRow.id).order_by(DeterminationRow.id)).scalars())


@pytest.fixture
def clerk(app: Flask, log_in: LogIn) -> Visit:
    """With an enterprise that was taken in, judged, and moved."""
    take_in(app)
    find(app, 1, KEY_PROJECT, True, why="列入区里的清单")
    take_in(app, MOVED, 1)
    return log_in("clerk")


def test_everything_stands_in_one_line_of_time(clerk: Visit, log_in: LogIn) -> None:
    clerk.get("/centre/enterprise/1")
    clerk.post("/centre/enterprise/1/notes", text="<b>电话</b>核实过")
    clerk.post("/centre/enterprise/1/assign", do="take", version=re.findall(r'name="version" value="(\d+)"', clerk.page)[0])
    clerk.get(HISTORY)
    events = told(clerk)
    wanted = [
        r"受理员 交给受理员承办",
        r"受理员 备注 <b>电话</b>核实过",
        rf"对照，评估日 2026年11月22日 资料第 2 版.* 资料变了，\d+ 项措施的结论变了：.*{TITLE}： 可享受 → 变成 不符合",
        r"资料第 2 版 填表 注册地 北京市大兴区 → 廊坊市固安县 项目（传感器） .* → 没有",
        rf"对照，评估日 2026年11月22日 资料第 1 版.* 认定意见变了，1 项措施的结论变了： {TITLE}： 条件已满足待认定 → 变成 可享受",
        r"对照，评估日 2026年11月22日 资料第 1 版.* 第一次对照。",
        r"资料第 1 版 填表 第一次受理。",
        # What the reviewer said is of the day before.
        r"审核员 认定意见：属于重点成果转化项目 是 列入区里的清单",
    ]
    assert len(events) == len(wanted)
    for event, words in zip(events, wanted, strict=True):
        assert re.search(words, event), (words, event)
    assert "<b>电话" not in clerk.page
    auditor = log_in("auditor")
    auditor.get(HISTORY)
    assert told(auditor) == events


def test_a_long_history_is_in_pages_that_lose_nothing(app: Flask, engine: Engine) -> None:
    """Notes of one moment are not parted."""
    take_in(app)
    start = datetime(2026, 11, 1)
    with writing(engine) as session:
        by = user(session)
        # One note a minute; in the middle many at once, over the end of a page.
        at = [start + timedelta(minutes=min(n, 25) if n < 85 else n) for n in range(110)]
        session.add_all(Note(enterprise_id=1, text=str(n), by_id=by.id, at=at[n]) for n in range(110))
    seen: list[tuple[str, int]] = []
    before, pages = None, 0
    with reading(engine) as session:
        while True:
            page = history_of(session, 1, app.extensions[KEY].service.pack, before)
            for event in page.events:
                row = event.note or (event.version and event.version.row) or (event.screened and event.screened.row)
                assert row
                seen.append((event.kind, row.id))
            before, pages = page.older, pages + 1
            if before is None:
                break
            assert len(page.events) >= PAGE
    assert len(seen) == len(set(seen)) == 112 and pages == 2


def test_erased_content_says_so(clerk: Visit, engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(update(ProfileVersion).where(ProfileVersion.number == 1).values(data=None, erased_on=date(2026, 11, 22)))
    clerk.get(HISTORY)
    events = "\n".join(told(clerk))
    assert "资料第 1 版 填表 内容已清除。" in events and "前一版的内容已清除，不能比较。" in events
    first, _, last = numbers(engine)
    clerk.get(COMPARE, a=first, b=last)
    assert "理由不能再推出；下面只比较保存下来的结论" in clerk.page
    assert re.search(rf"{TITLE}</th>\s*<td><span class=\"chip pending\">.*?<td><span class=\"chip ineligible\">", clerk.page, re.DOTALL)
    clerk.get(COMPARE, of="profile", a=1, b=2)
    assert "内容已清除，不能比较" in clerk.page


def test_two_determinations_side_by_side(clerk: Visit, engine: Engine) -> None:
    first, second, last = numbers(engine)
    clerk.get(COMPARE, a=second, b=first)
    page = unescape(re.sub(r"<[^>]*>", " ", clerk.page))
    assert "新算数：属于重点成果转化项目：是" in " ".join(page.split())
    assert re.search(r"条件已满足待认定 \d+ → \d+", page) and "没有不同。" in page
    clerk.get(COMPARE, a=first, b=last)
    assert re.search(r"注册地</span> <del>北京市大兴区</del>.*<ins>廊坊市固安县", clerk.page)
    assert re.search(rf"{TITLE}</th>\s*<td><span class=\"chip pending\">.*?<td><span class=\"chip ineligible\">", clerk.page, re.DOTALL)
    clerk.get(COMPARE, a=first, b=first)
    assert "没有一项措施的结论或金额不同" in clerk.page


def test_a_changed_verdict_is_shouted_about_here_too(clerk: Visit, engine: Engine) -> None:
    first, second, last = numbers(engine)
    with writing(engine) as session:
        session.execute(update(DeterminationRow).where(DeterminationRow.id == second).values(amounts={PENDING: ["0", "1"]}))
    assert "重新推出的结论与保存的不同" in clerk.get(COMPARE, a=first, b=second).text
    assert "重新推出的结论与保存的不同" not in clerk.get(COMPARE, a=first, b=last).text


def test_two_profile_versions_side_by_side(clerk: Visit) -> None:
    clerk.get(COMPARE, of="profile", a=2, b=1)
    assert "资料第 1 版与第 2 版" in clerk.page
    assert re.search(r"注册地</span> <del>北京市大兴区</del>.*<ins>廊坊市固安县", clerk.page)


def test_what_is_not_there_is_not_compared(clerk: Visit, app: Flask, engine: Engine) -> None:
    take_in(app, {**COMPANY, "name": "另一家有限公司"})
    first, *_, others = numbers(engine)
    for query in ({}, {"a": "x", "b": "y"}, {"a": first, "b": others}, {"a": first, "b": 99}, {"a": 1, "b": 10**30},
                  {"of": "profile", "a": 1, "b": 9}):  # fmt: skip
        clerk.get(COMPARE, 404, **query)
    clerk.get("/centre/enterprise/9/history", 404)
    clerk.get(HISTORY, before="x")


def test_persons_are_hidden_in_what_changed(app: Flask, log_in: LogIn, engine: Engine) -> None:
    take_in(app, {**COMPANY, "talents": [{"id": "王某某", "work_division": "大兴区"}]})
    take_in(app, {**COMPANY, "talents": [{"id": "王某某", "work_division": "固安县"}]}, 1)
    clerk = log_in("clerk")
    first, last = numbers(engine)
    for path, query in ((HISTORY, {}), (COMPARE, {"of": "profile", "a": 1, "b": 2}), (COMPARE, {"a": first, "b": last})):
        page = clerk.get(path, **query).text
        assert "王某某" not in page and "王**" in page, path


def test_persons_stay_hidden_when_they_are_gone_from_the_profile(app: Flask, log_in: LogIn) -> None:
    take_in(app, {**COMPANY, "talents": [{"id": "王某某", "work_division": "大兴区"}]})
    find(app, 1, KEY_PROJECT, True, why="王某某的项目已投产")
    take_in(app, {**COMPANY, "talents": []}, 1)
    for name in ("clerk", "auditor"):
        page = log_in(name).get(HISTORY).text
        assert "王某某" not in page and "王**的项目已投产" in page
