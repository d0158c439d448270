"""What changed and what will be lost, on its page and in its feed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from tests.centre.office import NOW, TODAY, LogIn
from tests.centre.watching.applicants import LEDGER, daxing, expiring, find, other_rules, renamed, take_in, watch
from web.centre import keeping
from web.centre.accounts import named, set_password
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise, Move, Outlook, Standing
from web.centre.watching import state

ENDS = date(2026, 12, 10)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def seen(app: Flask, engine: Engine) -> Engine:
    """Two applicants; of one a title has just ended, of the other one will."""
    take_in(engine, expiring("甲公司", "2026-11-21"), day=date(2026, 11, 20))
    take_in(engine, expiring("乙公司", str(ENDS)), daxing("丙公司"))
    watch(engine)
    with writing(engine) as session:
        # As if the clock of the machine were the one of the tests.
        for model in (Move, Outlook):
            session.execute(update(model).values({"at" if model is Move else "found_at": NOW}))
    return engine


def rows(page: str) -> list[str]:
    """The rows of tables as text."""
    return [re.sub(r"<[^>]+>|\s+", " ", row).strip() for row in re.findall(r"<tr>.*?</tr>", page, re.S)]


def test_what_was_lost_is_told_with_its_cause(seen: Engine, log_in: LogIn) -> None:
    visit = log_in("clerk")
    page = visit.get("/centre/watch", kind="lost").text
    found = [row for row in rows(page) if "甲公司" in row]
    assert any("待认定" in row and "不符合" in row and "时间推移" in row for row in found)
    assert not any("乙公司" in row for row in rows(page))
    assert "没有这样的变化" in visit.get("/centre/watch", kind="lost", cause="rules").text
    assert "没有这样的变化" in visit.get("/centre/watch", kind="lost", since="2026-11-23").text
    only = visit.get("/centre/watch", kind="lost", measure=LEDGER).text
    assert len([row for row in rows(only) if "甲公司" in row]) == 1


def test_what_came_back_in_the_meantime_is_no_change(seen: Engine, log_in: LogIn) -> None:
    take_in(seen, expiring("甲公司", "2027-11-21"))
    with writing(seen) as session:
        session.execute(update(Move).values(at=NOW))
    page = log_in("clerk").get("/centre/watch", kind="lost").text
    assert not any("甲公司" in row for row in rows(page))


def test_what_will_be_lost_and_which_documents_end(seen: Engine, log_in: LogIn) -> None:
    visit = log_in("auditor")
    month = rows(visit.get("/centre/watch", show="ending").text)
    assert any("乙公司" in row and "2026年12月10日" in row and "持有有效的国家高新技术企业证书" in row for row in month)
    assert not any("丙公司" in row for row in month)
    page = visit.get("/centre/watch", show="ending", within="60").text
    assert any("丙公司" in row and "2026年12月31日" in row for row in rows(page))
    assert "三量齐升" in page.partition('id="closing"')[2]
    assert "centre/queue?measure=tz-" in page


def test_what_was_changed_since_is_not_foretold(seen: Engine, log_in: LogIn) -> None:
    take_in(seen, expiring("乙公司", "2027-12-10"))
    page = log_in("clerk").get("/centre/watch", show="ending").text
    assert not any("乙公司" in row for row in rows(page))
    assert "1 家没有按今天的情况核对" in page


def test_findings_on_an_older_profile(seen: Engine, log_in: LogIn) -> None:
    with reading(seen) as session:
        for standing in session.query(Standing):
            if standing.awaiting:
                break
    judgement = next(name for names in standing.awaiting.values() for name in names)
    find(seen, standing.enterprise_id, judgement, True)
    with reading(seen) as session:
        name = session.get_one(Enterprise, standing.enterprise_id).name
    visit = log_in("reviewer")
    assert name not in "".join(rows(visit.get("/centre/watch", show="findings").text))
    take_in(seen, daxing(name, staff_total=7))
    [row] = [row for row in rows(visit.get("/centre/watch", show="findings").text) if name in row]
    assert "从业人数" in row


def test_screening_again_is_asked_for_once_and_by_who_may(seen: Engine, log_in: LogIn) -> None:
    auditor, clerk = log_in("auditor"), log_in("clerk")
    assert "全部重新对照</button>" not in auditor.get("/centre/watch").text
    auditor.post("/centre/watch", 403)
    clerk.get("/centre/watch")
    assert "全部企业已按2026年11月22日的情况核对" in clerk.page
    clerk.post("/centre/watch")
    assert "重新对照已排队" in clerk.page and "全部重新对照</button>" not in clerk.page
    with reading(seen) as session:
        assert state.wanted(session) is not None
    watch(seen)
    assert "重新对照已排队" not in clerk.get("/centre/watch").text


def test_whom_the_rules_cannot_read_is_told_by_number_and_name(seen: Engine, log_in: LogIn, tmp_path: Path) -> None:
    visit = log_in("clerk")
    assert "资料读不出" not in visit.get("/centre/watch").text
    [number] = take_in(seen, daxing("丁公司"))
    with writing(seen) as session:
        one = session.get_one(Enterprise, number)
        keeping.add_profile(session, one, daxing("丁公司", foreign_owned="是"), "form", named(session, "clerk"))
    folder = tmp_path / "rules"
    watch(seen, rules=other_rules(folder, renamed), at=folder)
    watch(seen)
    page = visit.get("/centre/watch").text
    assert "1 家的资料现在的规则读不出" in page and "结论出自较早的规则" not in page
    [row] = [row for row in rows(visit.get("/centre/watch", show="unreadable").text) if "公司" in row]
    assert row.startswith("丁公司") and "2026年11月22日" in row
    assert f'href="/centre/enterprise/{number}"' in visit.page
    visit.get(f"/centre/enterprise/{number}")


def test_a_day_that_is_none_is_told(seen: Engine, log_in: LogIn) -> None:
    page = log_in("clerk").get("/centre/watch", since="11月").text
    assert "日期要写成 2026-11-22 这样" in page and 'value="2026-10-23"' in page


def test_strange_questions_are_answered_with_the_page(seen: Engine, log_in: LogIn) -> None:
    visit = log_in("clerk")
    for query in ({"show": "x"}, {"kind": "x", "page": "-1"}, {"measure": "x", "cause": "x"}, {"show": "ending", "within": "7"},
                  {"page": "99999999999"}, {"show": "findings", "after": "x"}, {"since": "0001-01-01"}, {"page": "999999999"}):
        visit.get("/centre/watch", **query)


def test_administrators_see_no_applicants(seen: Engine, log_in: LogIn) -> None:
    visit = log_in("administrator")
    visit.get("/centre/watch", 403)
    assert visit.client.get("/centre/watch.atom").status_code == 401


# The feed


def address(page: str) -> str:
    found = re.search(r'id="feed" value="([^"]+)"', page)
    assert found
    return found[1].replace("&amp;", "&").replace("http://localhost", "")


def test_the_feed_is_well_formed_and_says_what_the_page_says(seen: Engine, log_in: LogIn) -> None:
    answer = log_in("clerk").client.get("/centre/watch.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = Xml.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    for part in ("id", "title", "updated"):
        assert len(feed.findall(ATOM + part)) == 1
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    [own] = [link.attrib["href"] for link in feed.findall(f"{ATOM}link") if link.attrib["rel"] == "self"]
    assert own == "http://localhost/centre/watch.atom"
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        for part in ("id", "title", "updated", "summary"):
            assert len(entry.findall(ATOM + part)) == 1, part
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.findtext(f"{ATOM}id") or "")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.findtext(f"{ATOM}updated") or "")
        [link] = entry.findall(f"{ATOM}link")
        assert link.attrib["href"].startswith("http://localhost/centre/")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids) > 2
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in entries]
    assert any(title.startswith("甲公司：") and title.endswith("项结论有变化") for title in titles)
    assert any(title.startswith("乙公司：") and title.endswith("只到2026年12月10日") for title in titles)
    assert not any("丙公司" in title for title in titles)
    times = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert times == sorted(times, reverse=True) and feed.findtext(f"{ATOM}updated") == times[0]


def test_an_entry_keeps_its_id_and_an_unchanged_feed_is_not_sent_again(seen: Engine, log_in: LogIn) -> None:
    client = log_in("clerk").client
    first = client.get("/centre/watch.atom")
    watch(seen)
    second = client.get("/centre/watch.atom", base_url="https://centre.example", headers={"Cookie": ""})
    assert [entry.findtext(f"{ATOM}id") for entry in Xml.fromstring(first.data)] == [
        entry.findtext(f"{ATOM}id") for entry in Xml.fromstring(client.get("/centre/watch.atom").data)
    ]
    assert second.status_code == 401
    again = client.get("/centre/watch.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data


def test_a_token_opens_the_feed_and_nothing_else(seen: Engine, app: Flask, log_in: LogIn) -> None:
    path = address(log_in("clerk").get("/centre/watch").text)
    reader = app.test_client()
    assert reader.get(path).status_code == 200
    token = path.partition("?")[2]
    assert reader.get(f"/centre/watch?{token}").status_code == 302
    assert reader.get("/centre/watch.atom").status_code == 401
    for wrong in ("token=", "token=x", f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}", "token=WzEsMV0"):
        assert reader.get(f"/centre/watch.atom?{wrong}").status_code == 401, wrong


@pytest.mark.parametrize("how", ["password", "off", "role"])
def test_a_token_ends_with_the_password_the_account_or_the_role(seen: Engine, app: Flask, log_in: LogIn, how: str) -> None:
    path = address(log_in("clerk").get("/centre/watch").text)
    with writing(seen) as session:
        user = named(session, "clerk")
        if how == "password":
            set_password(user, "另一句十个字以上的密码")
        elif how == "off":
            user.active = False
        else:
            user.role = "administrator"
    assert app.test_client().get(path).status_code == 401


def test_a_token_is_in_no_log(seen: Engine, app: Flask, log_in: LogIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    path = address(log_in("clerk").get("/centre/watch").text)
    app.test_client().get(path)
    assert path.partition("=")[2] not in caplog.text


def test_nothing_that_xml_cannot_hold_breaks_the_feed(seen: Engine, log_in: LogIn) -> None:
    with writing(seen) as session:
        for enterprise in session.query(Enterprise):
            enterprise.name = "甲\x0b<公司>&\ufffe"
    feed = Xml.fromstring(log_in("clerk").client.get("/centre/watch.atom").data)
    assert any("甲<公司>&：" in (entry.findtext(f"{ATOM}title") or "") for entry in feed.findall(f"{ATOM}entry"))


def test_an_erased_enterprise_is_in_neither(seen: Engine, log_in: LogIn) -> None:
    with writing(seen) as session:
        for enterprise in session.query(Enterprise):
            enterprise.erased_on = TODAY
    visit = log_in("clerk")
    for query in ({"kind": "lost"}, {"show": "ending", "within": "90"}):
        assert not any("公司" in row for row in rows(visit.get("/centre/watch", **query).text))
    assert "公司：" not in visit.client.get("/centre/watch.atom").text
