"""Judging on its pages: the finding, the second person, the conflict, the withdrawal; what is shown to whom."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.centre import bench
from tests.centre.bench import TALENT, WHOLE, YOUTH, letter, rows, take_in
from tests.centre.office import LogIn, Visit
from web.centre import choices
from web.centre.choices import Choices
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, FindingRow, ProfileVersion

MEASURE = "dx25-grant-equity-linkage"
WHY = "列入区科委年度重点成果清单，见清单第三页"
SECOND = "清单原件已经核对"
once = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what is the same on either kind of database."""


@pytest.fixture
def number(app: Flask, engine: Engine) -> int:
    return take_in(engine)


def four_eyes(engine: Engine, on: bool = True) -> None:
    with writing(engine) as session:
        choices.write(session, Choices(four_eyes=on))


def path(number: int) -> str:
    return f"/centre/enterprise/{number}/judge"


def carried(visit: Visit) -> dict[str, str]:
    """What the forms of the last page carry."""
    names = ("judgement", "about", "newest", "profile")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', visit.page) for name in names}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def find(visit: Visit, number: int, status: int = 200, **form: object) -> None:
    visit.post(path(number), status, **{**carried(visit), "finding": "yes", "reason": WHY, **form})


def say(visit: Visit, number: int, word: str, status: int = 200, reason: str = SECOND) -> None:
    visit.post(f"{path(number)}/word", status, **{**carried(visit), "word": word, "reason": reason})


def outcomes(page: str) -> list[str]:
    """How the first measure stands now, and with either answer."""
    shown = page[page.index("会改变什么"):]
    return re.findall(r'class="chip (\w+)"', shown[: shown.index("</dl>")])


@once
def test_the_page_says_what_is_asked_and_what_either_answer_would_change(log_in: LogIn, number: int) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=WHOLE)
    for text in ("据以创办企业的成果是否属于研发单位的重点科技成果？", "属于重点科技成果", "区科委", "以科技成果转化创办"):
        assert text in visit.page
    assert outcomes(visit.page) == ["pending", "eligible", "ineligible"]
    for phrase in bench.program().pack.measure(MEASURE).spec.cite:
        assert phrase in visit.page
    assert "数量目标" not in visit.page
    visit.get(path(number), judgement="没有这项", status=404)
    visit.get(path(99), judgement=WHOLE, status=404)


def test_a_finding_moves_the_case_and_is_written_down(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=WHOLE)
    find(visit, number)
    assert "意见已记下" in visit.page and WHY in visit.page and "审核员" in visit.page
    assert letter(engine, number, MEASURE) == "E"
    assert outcomes(visit.page) == ["eligible", "eligible", "ineligible"]
    visit.get("/centre/judging")
    assert visit.page.count("甲公司") == 1 and "我最近的意见" in visit.page
    with reading(engine) as session:
        entry = session.execute(select(AuditEntry).where(AuditEntry.action == "finding")).scalar_one()
        assert entry.detail == {"finding": rows(engine)[0].id, "profile": 1}
        assert list(chain.verify(session)) == []


@once
def test_what_is_missing_is_said_and_nothing_typed_is_lost(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=WHOLE)
    find(visit, number, 422, reason="同意")
    assert "至少 5 个字" in visit.page and ">同意</textarea>" in visit.page
    assert 'value="yes" required checked' in visit.page
    find(visit, number, 422, finding="maybe")
    assert "请选择“成立”或“不成立”" in visit.page and f">{WHY}</textarea>" in visit.page
    find(visit, number, 422, evidence="7")
    assert "没有这份证据" in visit.page
    say(visit, number, "withdraw", 422)
    say(visit, number, "nonsense", 400)
    assert rows(engine) == []


@once
def test_two_people_a_conflict_and_going_on_knowingly(log_in: LogIn, number: int, engine: Engine) -> None:
    first, other = log_in("reviewer"), log_in("reviewer2")
    for visit in (first, other):
        visit.get(path(number), judgement=WHOLE)
    find(first, number)
    find(other, number, 409, finding="no", reason="清单是征求意见稿，还没有印发")
    assert "这里有了变化" in other.page and WHY in other.page
    assert ">清单是征求意见稿，还没有印发</textarea>" in other.page and 'value="no" required checked' in other.page
    assert [row.finding for row in rows(engine)] == [True]
    # The page that told of it is of the newest state: sending it again is a decision.
    find(other, number, finding="no", reason="清单是征求意见稿，还没有印发")
    assert [row.finding for row in rows(engine)] == [True, False]
    find(first, number, 409)
    take_in(engine, founded_by_result_transfer=False)
    find(first, number, 409)
    assert "资料现在是第 2 版" in first.page and outcomes_gone(first.page)
    find(first, number, 409, newest="x", profile="")
    assert len(rows(engine)) == 2


def outcomes_gone(page: str) -> bool:
    return "怎样认定都不改变这一项" in page


@once
def test_a_record_that_is_gone_keeps_what_was_typed(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=YOUTH)
    take_in(engine, talents=[])
    find(visit, number, 409)
    assert "画像里已经没有这条记录" in visit.page and rows(engine) == []


@once
def test_whose_record_is_gone_is_masked_all_the_same(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=YOUTH)
    find(visit, number, reason=f"{TALENT}的材料已经看过")
    take_in(engine, talents=[])
    auditor = log_in("auditor")
    auditor.get(path(number), judgement=YOUTH)
    assert "的材料已经看过" in auditor.page and TALENT not in auditor.page


def test_four_eyes(log_in: LogIn, number: int, engine: Engine) -> None:
    four_eyes(engine)
    first, other = log_in("reviewer"), log_in("head")
    first.get(path(number), judgement=WHOLE)
    find(first, number)
    assert "等另一位审核人复核" in first.page and letter(engine, number, MEASURE) == "P"
    assert ">同意</button>" not in first.page and ">收回</button>" in first.page
    say(first, number, "confirm", 422)
    assert "要由另一位审核人确认" in first.page
    first.get("/centre/judging")
    assert "您提出的" in first.page and "没有别人提出" in first.page
    other.get("/centre/judging")
    assert "您提出的" not in other.page and "甲公司" in other.page
    other.get(path(number), judgement=WHOLE)
    say(other, number, "reject", 422, reason="不行")
    say(other, number, "confirm", reason="")
    assert "已复核同意" in other.page and letter(engine, number, MEASURE) == "E"
    say(other, number, "withdraw")
    assert "撤回已提出" in other.page and letter(engine, number, MEASURE) == "E"
    first.get(path(number), judgement=WHOLE)
    say(first, number, "confirm")
    assert "已复核同意撤回" in first.page and letter(engine, number, MEASURE) == "P"
    for words in ("提出意见", "复核同意", "提出撤回", "复核同意撤回"):
        assert f"{words} " in first.page


@once
def test_a_record_is_chosen_and_no_name_stands_in_an_address(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=YOUTH)
    # The one that a measure waits for comes first; all three can be chosen.
    assert carried(visit)["about"] == TALENT
    addresses = [unescape(address) for address in re.findall(r'href="([^"]+judge\?[^"]+)"', visit.page)]
    marks = [address.rpartition("about=")[2] for address in addresses if "about=" in address]
    assert len(set(marks)) == 3 and all(re.fullmatch("[0-9a-f]{16}", mark) for mark in marks)
    assert "人才乙" not in "".join(addresses) and "%E4%BA%BA" not in "".join(addresses)
    answer = visit.client.post(
        path(number), data={"csrf_token": visit.token, **carried(visit), "finding": "yes", "reason": WHY}
    )
    assert answer.status_code == 303 and "about=" in answer.headers["Location"] and "%" not in answer.headers["Location"]
    page = visit.client.get(answer.headers["Location"]).text
    assert "每年30名左右" in page and "本中心已认定成立：1 项" in page
    visit.get(path(number), judgement=YOUTH, about="0" * 16, status=404)


@once
def test_names_of_people_are_shown_only_to_who_needs_them(log_in: LogIn, number: int, engine: Engine) -> None:
    reviewer, auditor = log_in("reviewer"), log_in("auditor")
    reviewer.get(path(number), judgement=YOUTH)
    find(reviewer, number, reason=f"{TALENT}在公示名单里，序号第十二")
    assert f"{TALENT}在公示名单里" in reviewer.page
    (mark,) = re.findall(r'about=([0-9a-f]{16})" aria-current', reviewer.page)
    auditor.get(path(number), judgement=YOUTH, about=mark)
    assert TALENT not in auditor.page and "人**在公示名单里" in auditor.page
    reviewer.get("/centre/judging")
    assert TALENT not in reviewer.page and "人**" in reviewer.page


@once
def test_who_may_only_look_cannot_decide(log_in: LogIn, number: int, engine: Engine) -> None:
    for role in ("clerk", "auditor"):
        visit = log_in(role)
        visit.get(path(number), judgement=WHOLE)
        assert "<textarea" not in visit.page
        find(visit, number, 403, judgement=WHOLE, newest="0", profile="1")
        say(visit, number, "withdraw", 403)
    log_in("administrator").get(path(number), judgement=WHOLE, status=403)
    assert rows(engine) == []


@once
def test_from_one_case_to_the_next_of_the_same_judgement(log_in: LogIn, number: int, engine: Engine) -> None:
    second, third = take_in(engine, "k2", "乙公司"), take_in(engine, "k3", "丙公司")
    take_in(engine, "k4", "丁公司", founded_by_result_transfer=False)
    visit = log_in("reviewer")
    visit.get("/centre/judging")
    assert "3 家" in visit.page
    visit.get("/centre/judging/next", judgement=WHOLE)
    assert "甲公司" in visit.page and "另有 2 家等待" in visit.page
    find(visit, number, then="next")
    assert "乙公司" in visit.page and "意见已记下" in visit.page
    four_eyes(engine)
    find(visit, second, then="next")
    assert "丙公司" in visit.page and 'rel="next"' not in visit.page
    find(visit, third, then="next")
    # The others wait for a second person, not for me.
    assert "<h1>认定</h1>" in visit.page and "等另一位审核人复核" in visit.page


@once
def test_other_records_of_the_same_enterprise_come_before_the_next_one(log_in: LogIn, engine: Engine, app: Flask) -> None:
    people = [{"id": name, "roles": ["青年科技工作者"], "work_division": "北京市通州区"} for name in ("张三", "李四")]
    first = take_in(engine, talents=people)
    take_in(engine, "k2", "乙公司")
    four_eyes(engine)
    visit = log_in("reviewer")
    visit.get("/centre/judging/next", judgement=YOUTH)
    assert carried(visit)["about"] == "张三"
    find(visit, first, then="next")
    assert carried(visit)["about"] == "李四"
    find(visit, first, then="next")
    assert "乙公司" in visit.page and carried(visit)["about"] == TALENT


@once
def test_findings_on_facts_that_changed_are_looked_at_again(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    for judgement in (WHOLE, YOUTH):
        visit.get(path(number), judgement=judgement)
        find(visit, number)
    take_in(engine, talents=[{"id": TALENT, "roles": ["科学家"], "work_division": "北京市通州区"}])
    visit.get("/centre/judging")
    again = visit.page[visit.page.index("请再看一遍"): visit.page.index("等待认定")]
    assert again.count("甲公司") == 1 and "属于杰出青年" in again and "变了：人才" in again
    visit.get(path(number), judgement=YOUTH)
    assert "资料有了新的一版" in visit.page
    find(visit, number)
    visit.get("/centre/judging")
    assert "请再看一遍" not in visit.page


@once
def test_what_was_erased_is_told_as_erased(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=WHOLE)
    find(visit, number)
    with writing(engine) as session:
        session.execute(select(ProfileVersion)).scalar_one().data = None
        session.execute(select(FindingRow)).scalar_one().reason = None
    visit.get(path(number), judgement=WHOLE)
    assert "已经清除" in visit.page and "（理由已清除）" in visit.page and "<textarea" not in visit.page
    find(visit, number, 422, judgement=WHOLE, newest="1", profile="1")


@once
def test_nothing_of_a_case_is_written_to_the_log(
    log_in: LogIn, number: int, engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=YOUTH)
    find(visit, number, reason=f"{TALENT}在公示名单里")
    with reading(engine) as session:
        details = [entry.detail for entry in session.execute(select(AuditEntry)).scalars()]
    assert not any(isinstance(value, str) for detail in details for value in detail.values())
    assert TALENT not in caplog.text
