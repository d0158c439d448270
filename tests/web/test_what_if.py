"""Trying other answers: what is changed, what moves, and that nothing is kept unless the visitor keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from engine.diagnostics import Findings
from engine.loader import load_pack
from engine.profile import profile_of
from engine.screening import screen
from engine.yaml_source import read_file
from tests.helpers import ROOT
from web.site import what_if
from web.site.changes import Change, changes
from web.site.moves import Moves, moves
from web.site.state import State
from web.summary import Summary, summarise

Post = Callable[..., TestResponse]
PACK = load_pack()
DAY = date(2022, 6, 30)


def sample(name: str) -> dict[str, Any]:
    """A sample's profile as plain data."""
    source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
    assert source is not None
    return dict(source.data)


MIXED = sample("mixed")


def summary(data: dict[str, Any], day: date = DAY) -> Summary:
    """What the reference executor says of a profile."""
    return summarise(screen(data, PACK, as_of=day), PACK)


def tried(form: dict[str, list[str]], data: dict[str, Any] = MIXED) -> what_if.Trial:
    """The profile after a form of the editor."""
    return what_if.trial(data, form, PACK)


def whole_form(data: dict[str, Any]) -> dict[str, list[str]]:
    """What a browser sends when nothing in the editor is touched."""
    form: dict[str, list[str]] = {}
    for group in what_if.groups(data, PACK):
        for entry in group.entries:
            if entry.input == "several":
                form[what_if.PRESENT + entry.name] = ["1"]
            form[entry.name] = [entry.text] if entry.input == "text" else sorted(entry.chosen)
    return form


@pytest.mark.parametrize("name", ["mixed", "beijing-mixed", "langfang-2016", "daxing-2021", "listed-company"])
def test_an_untouched_editor_changes_nothing(name: str) -> None:
    data = sample(name)
    trial = tried(whole_form(data), data)
    assert trial.data == data
    assert trial.problems == {}
    assert changes(data, trial.data, PACK) == []


@pytest.mark.parametrize("name", ["mixed", "beijing-mixed", "langfang-2016", "daxing-2021", "listed-company"])
def test_the_editor_shows_every_answer_but_findings(name: str) -> None:
    data = sample(name)
    places = {entry.place for group in what_if.groups(data, PACK) for entry in group.entries}
    for key, told in data.items():
        records = told["items"] if isinstance(told, dict) else told
        if key in PACK.vocabulary.fields:
            assert (key,) in places
        elif key != "findings":
            start = (key, "items") if isinstance(told, dict) else (key,)
            expected = {(*start, i, field) for i, record in enumerate(records) for field in record if field != "id"}
            assert {place for place in places if place[0] == key} == expected


@pytest.mark.parametrize(
    "name, texts, place, value",
    [
        ("set.registered_division", ["北京市大兴区"], "registered_division", "北京市大兴区"),
        ("set.staff_total", ["大约 20-30人"], "staff_total", "大约 20-30人"),
        ("set.staff_total", ["  "], "staff_total", None),
        ("set.staff_total", ["不清楚"], "staff_total", None),
        ("set.applicant_kinds", ["university"], "applicant_kinds", ["university"]),
    ],
)
def test_an_answer_is_taken_as_it_is_typed(name: str, texts: list[str], place: str, value: Any) -> None:
    trial = tried({name: texts})
    assert trial.problems == {}
    assert trial.data.get(place) == value
    assert {key: told for key, told in trial.data.items() if key != place} == {
        key: told for key, told in MIXED.items() if key != place
    }
    profile_of(trial.data, PACK.vocabulary, PACK.tables)


def test_ticks_that_are_all_empty_mean_none() -> None:
    trial = tried({"set:set.applicant_kinds": ["1"]})
    assert trial.data["applicant_kinds"] == "无"
    assert changes(MIXED, trial.data, PACK) == [Change("单位类型", "企业、科技中介服务机构", "无")]


def test_records_are_changed_where_they_stand_also_in_a_partial_list() -> None:
    data = sample("beijing-mixed")
    trial = tried({"set.ip_matters.items.0.date": ["2025-01-02"], "set.talents.1.work_division": ["大兴区"]}, data)
    assert trial.data["ip_matters"] == {"partial": True, "items": [{**data["ip_matters"]["items"][0], "date": "2025-01-02"}]}
    assert trial.data["talents"][1]["work_division"] == "大兴区"
    assert data["talents"][1]["work_division"] == "北京市通州区"
    assert [change.label for change in changes(data, trial.data, PACK)] == [
        "知识产权事项（导航算法许可）的日期",
        "人才（人才乙）的工作地",
    ]


def test_what_cannot_be_read_is_told_and_not_tried() -> None:
    trial = tried({"set.staff_total": ["很多"], "set.registered_division": ["大兴区"]})
    assert set(trial.problems) == {"set.staff_total"}
    assert trial.typed == {"set.staff_total": "很多"}
    assert trial.data["staff_total"] == MIXED["staff_total"]
    assert trial.data["registered_division"] == "大兴区"


def test_added_and_removed_records_are_changes() -> None:
    after = {**MIXED, "investments": [{"id": "新投资", "amount": "800万元"}], "products": []}
    assert changes(MIXED, after, PACK) == [
        Change("投资（新投资）", "没有", "投资额800万元"),
        Change("新技术新产品（感知网关一代）", "类别新产品；已完成转化是；转化完成地廊坊市固安县", "没有"),
    ]


YEARS: list[dict[str, Any]] = [{"fiscal_year": 2024, "staff": 10}, {"fiscal_year": 2025, "staff": 20}]


@pytest.mark.parametrize(
    "before, after, found",
    [
        # Another spelling of the same, another order: nothing.
        ({"staff_total": "20人"}, {"staff_total": 20}, []),
        ({"annuals": YEARS}, {"annuals": YEARS[::-1]}, []),
        # A year that came first is new; the others are not each other's.
        ({"annuals": YEARS[1:]}, {"annuals": YEARS}, [Change("年度数据（第1条）", "没有", "会计年度2024年；年度从业人数10人")]),
        # A record without a name that says something else is the same record.
        ({"annuals": YEARS[:1]}, {"annuals": [{**YEARS[0], "staff": 11}]}, [Change("年度数据（第1条）的年度从业人数", "10人", "11人")]),
        # A name tells records apart, wherever they stand.
        (
            {"projects": [{"id": "甲"}, {"id": "乙", "division": "固安县"}]},
            {"projects": [{"id": "乙", "division": "固安县"}]},
            [Change("项目（甲）", "有", "没有")],
        ),
        ({}, {"projects": []}, [Change("项目", "未填写", "没有")]),
        ({"projects": []}, {"projects": {"partial": True, "items": []}}, [Change("项目", "没有", "不是全部，可能还有")]),
        (
            {"projects": {"partial": True, "items": [{"id": "甲"}]}},
            {"projects": [{"id": "甲"}]},
            [Change("项目", "不是全部，可能还有", "就是全部")],
        ),
        # What older rules asked and these do not.
        ({"of_old": "甲"}, {}, [Change("of_old", "甲", "未填写")]),
    ],
)
def test_changes_are_of_meaning(before: dict[str, Any], after: dict[str, Any], found: list[Change]) -> None:
    assert changes(before, after, PACK) == found


@given(st.dictionaries(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=3), max_size=5))
def test_a_form_that_names_nothing_told_changes_nothing(form: dict[str, list[str]]) -> None:
    named = {entry.name for group in what_if.groups(MIXED, PACK) for entry in group.entries}
    assert tried({key: texts for key, texts in form.items() if key.removeprefix("set:") not in named}).data == MIXED


# ---- What moves


def moved(changes: dict[str, Any], day: date = DAY) -> Moves:
    """What moves when these top-level answers are others."""
    return moves(summary(MIXED, day), summary({**MIXED, **changes}, day))


def test_nothing_moves_where_nothing_changes() -> None:
    found = moved({})
    assert found.moves == ()
    assert found.totals == ()
    assert all(before == after for before, after in found.counts.values())


def test_moves_are_exactly_the_differences_of_the_determinations() -> None:
    after = {**MIXED, "operating_division": "天津市", "registered_division": "天津市"}
    before, now = summary(MIXED), summary(after)
    found = moves(before, now)
    then = {line.result.measure: line for line in before.lines}
    different = {
        line.result.measure
        for line in now.lines
        if line.group != then[line.result.measure].group
        or line.result.amount_range_yuan != then[line.result.measure].result.amount_range_yuan
    }
    assert different
    assert {move.after.result.measure for move in found.verdicts} == different
    assert {move.direction for move in found.verdicts} == {"worse"}
    assert found.counts["eligible"] == (len(before.of("eligible")), len(now.of("eligible")))


def test_amounts_and_totals_move_with_the_answers() -> None:
    talents = [dict(record) for record in MIXED["talents"]]
    talents[0]["municipal_award"] = "80万元"
    found = moved({"talents": talents})
    [move] = found.verdicts
    assert (move.before.result.amount_yuan, move.after.result.amount_yuan) == ("500000", "800000")
    assert (move.regrouped, move.repriced, move.direction) == (False, True, "better")
    [total] = found.totals
    assert (total.label, total.confirmed) == ("个人", ("50万元", "80万元"))


def test_an_empty_list_settles_what_waited_for_it() -> None:
    found = moved({"contracts": []}, date(2017, 6, 30))
    [move] = found.moves
    assert (move.before.group, move.after.group, move.direction) == ("facts", "ineligible", "worse")
    assert [(total.label, total.possible) for total in found.totals] == [("申报单位", ("最多60万元", "最多40万元"))]


def test_what_waits_for_other_facts_alone_is_progress() -> None:
    before = {"applicant_kinds": ["企业"], "talents": [{"id": "甲", "roles": ["科学家"]}]}
    after = {"applicant_kinds": ["企业"], "talents": [{"id": "甲", "roles": ["科学家"], "titles": ["新国门领军人才"]}]}
    found = moves(summary(before), summary(after))
    assert found.progress
    for move in found.progress:
        assert move.before.group == move.after.group
        assert move.before.result.waiting_for != move.after.result.waiting_for


# ---- On the page


def test_a_trial_shows_what_moves_and_keeps_nothing_until_told_to(post: Post) -> None:
    state = State(MIXED, DAY)
    form = {"state": state.text(), "try": "1", "set.operating_division": "天津市"}
    page = post("/result", form).text
    assert 'id="moves"' in page
    assert re.search(r"<del>北京市大兴区</del>.*?<ins>天津市</ins>", page)
    assert State.read(_hidden(page, "state")).data == json.loads(state.text())["profile"]
    trial = _hidden(page, "trial")
    assert State.read(trial).data["operating_division"] == "天津市"
    assert State.read(trial).as_of == DAY
    carried = {"state": _hidden(page, "state"), "trial": trial}
    undone = post("/result", {**carried, "undo": "1"}).text
    assert 'id="moves"' not in undone
    assert State.read(_hidden(undone, "state")).data["operating_division"] == "北京市大兴区"
    kept = post("/result", {**carried, "keep": "1"}).text
    assert 'id="moves"' not in kept
    assert 'name="trial"' not in kept
    assert State.read(_hidden(kept, "state")).data["operating_division"] == "天津市"


def test_a_second_trial_adds_to_the_first(post: Post) -> None:
    first = post("/result", {"state": State(MIXED, DAY).text(), "try": "1", "set.operating_division": "天津市"}).text
    carried = {"state": _hidden(first, "state"), "trial": _hidden(first, "trial")}
    second = post("/result", {**carried, "try": "1", "set.registered_division": "天津市"}).text
    data = State.read(_hidden(second, "trial")).data
    assert (data["operating_division"], data["registered_division"]) == ("天津市", "天津市")
    back = post("/result", {**carried, "try": "1", "set.operating_division": "北京市大兴区"}).text
    assert 'id="moves"' not in back


def test_a_trial_that_cannot_be_read_keeps_what_was_typed(post: Post) -> None:
    page = post("/result", {"state": State(MIXED, DAY).text(), "try": "1", "set.staff_total": "很多很多"}).text
    assert 'id="moves"' not in page
    assert 'value="很多很多" aria-invalid="true" aria-describedby="p-set.staff_total"' in page
    assert '<a href="#set.staff_total">' in page


def test_records_that_contradict_each_other_are_told(post: Post) -> None:
    data = {"annuals": [{"fiscal_year": 2024, "revenue": "1亿元"}, {"fiscal_year": 2025, "revenue": "2亿元"}]}
    form = {"state": State(data).text(), "try": "1", "set.annuals.1.fiscal_year": "2024"}
    answer = post("/result", form)
    assert answer.status_code == 200
    assert "2024年的年度数据写了两次" in answer.text
    assert 'id="moves"' not in answer.text


def _hidden(page: str, name: str) -> str:
    match = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.partition('<form id="go"')[2])
    assert match, name
    return unescape(match[1])
