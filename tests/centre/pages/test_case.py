"""The page of one enterprise: made again from what is kept, shouting where it differs; who has it; notes; what is hidden."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, func, select, update

from tests.centre.cases import COMPANY, KEY_PROJECT, PENDING, find, letters, take_in, user
from tests.centre.office import LogIn, MakeApp, Visit
from web.centre import keeping
from web.centre.outcomes import GROUP_OF
from web.centre.store.database import reading, writing
from web.centre.store.tables import (
    AuditEntry,
    DeterminationRow,
    Enterprise,
    Note,
    ProfileVersion,
    Standing,
    User,
)

CASE = "/centre/enterprise/1"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def number(app: Flask) -> int:
    return take_in(app)


@pytest.fixture
def clerk(number: int, log_in: LogIn) -> Visit:
    return log_in("clerk")


def carried(visit: Visit, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', visit.page)
    assert found, name
    return unescape(found[1])


def actions(engine: Engine) -> list[str]:
    with reading(engine) as session:
        wanted = select(AuditEntry.action).where(AuditEntry.enterprise_id.is_not(None)).order_by(AuditEntry.id)
        return list(session.execute(wanted).scalars())


def test_every_measure_stands_in_the_group_that_was_decided(clerk: Visit, app: Flask) -> None:
    clerk.get(CASE)
    shown = dict(re.findall(r'<article class="measure (\w+)" id="m-([^"]+)"', clerk.page))
    pairs = re.findall(r'<article class="measure (\w+)" id="m-([^"]+)"', clerk.page)
    assert {measure: group for group, measure in pairs} == {m: GROUP_OF[letter] for m, letter in letters(app, 1).items()}
    tiles = {group: int(count) for group, count in re.findall(r'class="tile (\w+)"[^>]*><b>(\d+)</b>', clerk.page)}
    counted = Counter(group for group, _ in pairs)
    assert {group: tiles[group] for group in shown} == {group: counted[group] for group in shown}
    for said in ("LS-000001", COMPANY["name"], "北京市大兴区", "第 1 版", "2026年11月22日", "还没有人"):
        assert said in clerk.page
    assert "与现在不同" not in clerk.page and "重新推出的结论，与保存的结论不同" not in clerk.page


def test_a_measure_opens_as_a_part_and_as_a_page(clerk: Visit, log_in: LogIn) -> None:
    path = f"{CASE}/measure/{PENDING}"
    part = clerk.client.get(path, headers={"X-Fragment": "1"}).text
    assert part.count("<html") == 0 and "属于重点成果转化项目" in part and "将重点成果转化项目企业纳入“服务包”" in part
    assert f"<title>重点成果转化项目企业纳入“服务包” · {COMPANY['name']}" in clerk.get(path).text
    # Whoever can settle what it waits for is led there.
    link = f'href="/centre/enterprise/1/judge?judgement={KEY_PROJECT}"'
    assert link not in clerk.page and link in log_in("reviewer").get(path).text
    clerk.get(f"{CASE}/measure/nothing", 404)
    clerk.get("/centre/enterprise/7/measure/" + PENDING, 404)


def test_what_is_missing_leads_to_the_field(clerk: Visit, log_in: LogIn) -> None:
    link = 'href="/centre/enterprise/1/profile#p-'
    assert link in clerk.get(CASE).text and link not in log_in("reviewer").get(CASE).text


def test_a_verdict_that_was_changed_is_shouted_about(
    clerk: Visit, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with writing(engine) as session:
        row = session.execute(select(DeterminationRow)).scalar_one()
        session.execute(update(DeterminationRow).values(verdicts=row.verdicts.replace("N", "E", 1)))
    clerk.get(CASE)
    assert "重新推出的结论，与保存的结论不同" in clerk.page
    assert "determination 1 of enterprise 1 does not come out as it was kept" in caplog.text


def test_an_amount_that_was_changed_is_shouted_about(log_in: LogIn, app: Flask, engine: Engine) -> None:
    take_in(app)
    with writing(engine) as session:
        session.execute(update(DeterminationRow).values(amounts={PENDING: ["0", "1"]}))
    assert "重新推出的结论，与保存的结论不同" in log_in("clerk").get(CASE).text


def test_findings_of_the_centre_count_and_say_whose_they_are(clerk: Visit, app: Flask) -> None:
    find(app, 1, KEY_PROJECT, True, why="列入区里的清单")
    assert letters(app, 1)[PENDING] == "E"
    clerk.get(CASE)
    assert f'<article class="measure eligible" id="m-{PENDING}"' in clerk.page
    clerk.get(f"{CASE}/measure/{PENDING}")
    assert "认定意见：审核员，2026年11月20日，列入区里的清单" in clerk.page


def test_it_says_what_is_newer_and_is_screened_again(make_app: MakeApp, engine: Engine) -> None:
    app = make_app()
    take_in(app, today=date(2026, 11, 1))
    clerk = Visit(app.test_client()).log_in("clerk")
    assert "评估日是2026年11月1日，不是今天" in unescape(clerk.get(CASE).text)
    clerk.post(f"{CASE}/screen")
    assert "已重新对照" in clerk.page and "与现在不同" not in clerk.page
    clerk.post(f"{CASE}/screen")
    assert "没有存新的记录" in clerk.page
    assert actions(engine) == ["taken-in", "screened", "screened"]
    with reading(engine) as session:
        assert [row.as_of for row in session.execute(select(DeterminationRow).order_by(DeterminationRow.id)).scalars()] == [
            date(2026, 11, 1), date(2026, 11, 22),
        ]  # fmt: skip


def test_a_profile_that_no_rules_can_read_stays_as_it_stands(clerk: Visit, engine: Engine) -> None:
    """Rules that came later may not have a field; the page and the form say so."""
    with writing(engine) as session:
        enterprise = session.get_one(Enterprise, 1)
        by = user(session)
        keeping.add_profile(session, enterprise, {**COMPANY, "of_old": "甲"}, "form", by)
    clerk.get(CASE)
    assert "资料有了新的一版" in clerk.page
    clerk.post(f"{CASE}/screen", 422)
    assert "现在的规则读不懂这份资料" in clerk.page and "不认识的字段“of_old”" in clerk.page
    clerk.get(f"{CASE}/profile")
    assert "这些资料读不懂，请重新填" in clerk.page and COMPANY["name"] in clerk.page


def test_a_case_is_taken_given_and_put_back(clerk: Visit, log_in: LogIn, engine: Engine) -> None:
    head = log_in("head")
    for visit in (clerk, head):
        visit.get(CASE)
    version = carried(clerk, "version")
    clerk.post(f"{CASE}/assign", do="take", version=version)
    assert "承办人已改" in clerk.page and "由我承办" not in clerk.page
    # The head saw it free.
    head.post(f"{CASE}/assign", 409, do="take", version=version)
    assert "承办人没有动" in head.page
    with reading(engine) as session:
        assert session.get_one(Enterprise, 1).assignee_id == user(session, "clerk").id
        reviewer, administrator = user(session, "reviewer").id, user(session, "administrator").id
    head.post(f"{CASE}/assign", do="give", to=reviewer, version=carried(head, "version"))
    before = carried(head, "version")
    head.post(f"{CASE}/assign", 404, do="give", to=administrator, version=before)
    head.post(f"{CASE}/assign", 400, do="give", version=before)
    head.post(f"{CASE}/assign", 400, do="steal", version=before)
    head.post(f"{CASE}/assign", do="back", version=before)
    with reading(engine) as session:
        enterprise = session.get_one(Enterprise, 1)
        assert enterprise.assignee_id is None
        told = session.execute(select(AuditEntry.detail).where(AuditEntry.action == "assigned").order_by(AuditEntry.id))
        assert [detail["to"] for detail in told.scalars()] == [user(session, "clerk").id, reviewer, None]
    log_in("auditor").post(f"{CASE}/assign", 403, do="take", version="1")


def test_notes_are_for_everybody_and_stay_text(clerk: Visit, log_in: LogIn, engine: Engine) -> None:
    clerk.get(CASE)
    clerk.post(f"{CASE}/notes", text=f"  来电说明天补材料\r\n{EVIL}\x00 ")
    assert "备注已记下" in clerk.page and EVIL not in clerk.page
    assert "来电说明天补材料\n&lt;script&gt;" in clerk.page
    clerk.post(f"{CASE}/notes", 422, text=" ")
    assert "请先写备注" in clerk.page
    clerk.post(f"{CASE}/notes", 422, text="长" * 2001)
    assert "备注最多 2000 个字，现在有 2001 个" in clerk.page and "长" * 2001 in clerk.page
    auditor = log_in("auditor")
    assert "来电说明天补材料" in auditor.get(CASE).text and "记下" not in auditor.page
    auditor.post(f"{CASE}/notes", 403, text="甲")
    with reading(engine) as session:
        [note] = session.execute(select(Note)).scalars()
        assert note.text == f"来电说明天补材料\n{EVIL}" and actions(engine) == ["taken-in", "note-added"]


def test_names_stay_text(app: Flask, log_in: LogIn) -> None:
    take_in(app, {**COMPANY, "name": EVIL, "projects": [{**COMPANY["projects"][0], "id": EVIL}]})
    clerk = log_in("clerk")
    for path in (CASE, f"{CASE}/measure/{PENDING}", f"{CASE}/history", f"{CASE}/profile"):
        page = clerk.get(path).text
        assert EVIL not in page and "alert(1)" in page, path


PERSON = {"id": "王某某", "roles": ["科研人员"], "titles": ["新国门领军人才"], "work_division": "大兴区"}


def test_persons_are_hidden_where_nothing_needs_them(app: Flask, log_in: LogIn) -> None:
    take_in(app, {**COMPANY, "talents": [PERSON]})
    clerk, auditor = log_in("clerk"), log_in("auditor")
    assert "王某某" not in clerk.get(CASE).text and "王**" in clerk.page
    stands = letters(app, 1)
    reads = next(m.id for m in app.extensions["huiqi"].pack.measures if m.subject == "talent" and stands[m.id] != "X")
    assert "王某某" in clerk.get(f"{CASE}/measure/{reads}").text
    assert "王某某" not in clerk.get(f"{CASE}/measure/{PENDING}").text
    assert "王某某" not in auditor.get(f"{CASE}/measure/{reads}").text


def test_an_enterprise_without_content_says_so(clerk: Visit, engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(update(ProfileVersion).values(data=None, erased_on=date(2026, 11, 22)))
        session.execute(update(Enterprise).values(erased_on=date(2026, 11, 22)))
    clerk.get(CASE)
    assert "资料已经清除" in clerk.page and "内容已清除" in clerk.page
    clerk.get(f"{CASE}/measure/{PENDING}", 404)
    clerk.post(f"{CASE}/screen", 404)
    clerk.post(f"{CASE}/notes", 404, text="甲")
    clerk.post(f"{CASE}/assign", 404, do="take", version="1")
    with writing(engine) as session:
        session.execute(delete(Standing))
    assert "资料已经清除" in clerk.get(CASE).text and "由我承办" not in clerk.page
    # Who comes again is worked on again.
    clerk.get(f"{CASE}/profile")
    version = carried(clerk, "version")
    assert version == "1"
    clerk.post(f"{CASE}/profile", do="save", version=version, **{"p.name": COMPANY["name"]})
    assert "资料第 2 版" in clerk.page and "由我承办" in clerk.page
    with reading(engine) as session:
        assert session.get_one(Enterprise, 1).erased_on is None


def test_who_may_not_see_is_refused_and_nothing_is_nothing(clerk: Visit, log_in: LogIn, engine: Engine) -> None:
    log_in("administrator").get(CASE, 403)
    for number in ("7", "99999999999999999999"):
        clerk.get(f"/centre/enterprise/{number}", 404)
        clerk.post(f"/centre/enterprise/{number}/screen", 404)
        clerk.post(f"/centre/enterprise/{number}/notes", 404, text="甲")
        clerk.post(f"/centre/enterprise/{number}/assign", 404, do="take", version="1")
    with reading(engine) as session:
        assert session.execute(select(func.count()).select_from(Note)).scalar_one() == 0
        assert session.execute(select(func.count()).select_from(User).where(User.failures > 0)).scalar_one() == 0
