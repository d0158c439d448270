"""Asking without a browser: what an answer leads to, going back, skipping, the end with its proof."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from random import Random
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine import load_pack
from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.questions import Questionnaire
from tests.web.conftest import TODAY, hidden
from web.site.state import State
from web.site.turns import nothing, take

PACK = load_pack()
Post = Callable[..., TestResponse]


def state_of(answer: TestResponse) -> State:
    """What a page carries on."""
    return State.read(hidden(answer.text, "state"))


def key_of(answer: TestResponse) -> str:
    """The question that a page asks."""
    return hidden(answer.text, "key")


def test_the_first_question_says_why_it_is_asked(post: Post) -> None:
    answer = post("/ask")
    question = Questionnaire(compile_pack(PACK), profile_of({}, PACK.vocabulary, PACK.tables), TODAY).next()
    assert question is not None
    assert answer.status_code == 200
    assert key_of(answer) == question.key
    assert question.why in answer.text
    assert "项措施已分清" in answer.text


def test_an_answer_is_carried_on_and_understood_by_the_engine(post: Post) -> None:
    """As text, as the engine reads it; the page keeps nothing else."""
    answer = post("/ask", {"key": "staff_total", "do": "answer", "p.staff_total": "大约 100-499人"})
    state = state_of(answer)
    assert state.data == {"staff_total": "大约 100-499人"}
    assert state.asked == ("staff_total",)
    again = post("/ask", {"key": "staff_total"}, after=answer.text)
    assert "理解为：100人至499人" in again.text


def test_money_takes_the_unit_beside_it(post: Post) -> None:
    form = {"key": "registered_capital", "do": "answer", "p.registered_capital": "2000-5000"}
    answer = post("/ask", {**form, "p.registered_capital.unit": "万元"})
    assert state_of(answer).data == {"registered_capital": "2000-5000万元"}
    back = post("/ask", {"do": "back"}, after=answer.text)
    assert 'value="2000-5000"' in back.text
    assert '<option value="万元" selected>' in back.text
    assert "理解为：2000万元至5000万元" in back.text


def test_a_wrong_answer_stays_with_its_problem(post: Post) -> None:
    answer = post("/ask", {"key": "staff_total", "do": "answer", "p.staff_total": "很多"})
    assert key_of(answer) == "staff_total"
    assert 'value="很多"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'href="#p-staff_total"' in answer.text
    assert 'id="p-staff_total-problem"' in answer.text
    assert state_of(answer).data == {}


def test_no_answer_is_not_taken_for_one(post: Post) -> None:
    answer = post("/ask", {"key": "staff_total", "do": "answer", "p.staff_total": " "})
    assert key_of(answer) == "staff_total"
    assert "还没有填" in answer.text


def test_unclear_is_an_answer(post: Post) -> None:
    """It is never asked again; an earlier answer is withdrawn, records stay."""
    first = post("/ask")
    key = key_of(first)
    answer = post("/ask", {"key": key, "do": "skip"}, after=first.text)
    assert state_of(answer).skipped == (key,)
    assert key_of(answer) != key
    before = State({"staff_total": 5, "activities": ["研发创新"], "talents": [], "contracts": [{}]})
    for key, left in (
        ("staff_total", {"activities", "talents", "contracts"}),
        ("activities", {"staff_total", "talents", "contracts"}),
        ("talents", {"staff_total", "activities", "contracts"}),
        ("contracts", {"staff_total", "activities", "talents", "contracts"}),
    ):
        told = take(before, {"key": [key], "do": ["skip"]}, PACK).state
        assert (set(told.data), told.skipped) == (left, (key,))


@pytest.mark.parametrize(
    "key, said", [("contracts", []), ("activities", []), ("staff_total", "没有"), ("founded_on", None)]
)
def test_none_is_an_answer_where_it_makes_sense(key: str, said: Any) -> None:
    turn = take(State(), {"key": [key], "do": ["none"]}, PACK)
    assert nothing(key, PACK) == said
    assert turn.state.data == ({} if said is None else {key: said})
    profile_of(dict(turn.state.data), PACK.vocabulary, PACK.tables)


def test_back_goes_to_the_question_before(post: Post) -> None:
    first = post("/ask")
    key = key_of(first)
    second = post("/ask", {"key": key, "do": "skip"}, after=first.text)
    back = post("/ask", {"do": "back"}, after=second.text)
    assert key_of(back) == key
    assert state_of(back).skipped == () and state_of(back).asked == ()
    assert "上一题" not in back.text


def test_an_ambiguous_place_is_asked_after(post: Post) -> None:
    answer = post("/ask", {"key": "registered_division", "do": "answer", "p.registered_division": "朝阳"})
    assert key_of(answer) == "registered_division"
    assert "北京市朝阳区" in answer.text and "说不准，都有可能" in answer.text
    form = {"key": "registered_division", "do": "answer", "p.registered_division": "朝阳"}
    picked = post("/ask", {**form, "p.registered_division.pick": "朝阳|北京市朝阳区"}, after=answer.text)
    assert state_of(picked).data == {"registered_division": "北京市朝阳区"}
    either = post("/ask", {**form, "p.registered_division.pick": "朝阳|*"}, after=answer.text)
    assert state_of(either).data == {"registered_division": "朝阳"}


def test_records_are_cards(post: Post) -> None:
    """Without JavaScript a card is added by the server; what was entered stays."""
    page = post("/ask", {"key": "recognitions"})
    assert 'name="p.recognitions.n0.kind"' in page.text
    form = {"key": "recognitions", "p.recognitions": "some", "p.recognitions.card": ["n0"]}
    form |= {"p.recognitions.n0.kind": "hnte", "p.recognitions.n0.issued": "2024年"}
    more = post("/ask", {**form, "add": "recognitions"}, after=page.text)
    assert 'name="p.recognitions.n1.kind"' in more.text
    assert 'value="2024年"' in more.text
    told = post("/ask", {**form, "p.recognitions.card": ["n0", "n1"], "do": "answer"}, after=more.text)
    record = {"kind": "国家高新技术企业", "issued": "2024年"}
    assert state_of(told).data == {"recognitions": {"partial": True, "items": [record]}}


def test_a_list_is_not_asked_a_third_time() -> None:
    state = State({"contracts": [{}]}, asked=("contracts",))
    form = {"key": ["contracts"], "do": ["answer"], "p.contracts": ["all"], "p.contracts.card": ["k0"]}
    assert take(state, form, PACK).state.skipped == ("contracts",)


@pytest.mark.parametrize("key", ["nothing", "contract", "__class__", ""])
def test_an_unknown_question_leads_on(key: str) -> None:
    assert take(State(), {"key": [key], "do": ["answer"]}, PACK).key is None


@pytest.mark.parametrize(
    "state",
    ["x", "[]", "{}", '{"profile": []}', '{"profile": {"foo": 1}, "as_of": null, "skipped": []}', "[" * 100_000],
    ids=["text", "list", "empty", "no mapping", "unknown field", "deep"],
)
def test_a_broken_state_is_told_with_a_next_step(post: Post, state: str) -> None:
    answer = post("/ask", {"state": state})
    assert answer.status_code == 400
    assert "回到首页" in answer.text


def test_the_way_to_the_end(post: Post) -> None:
    """Everything answered with 没有 or 不清楚: it ends with the proof and what remains open."""
    answer, chance = post("/ask"), Random(7)
    for _ in range(60):
        if "问完了" in answer.text:
            break
        key = key_of(answer)
        none = nothing(key, PACK) is not None and chance.random() < 0.7
        answer = post("/ask", {"key": key, "do": "none" if none else "skip"}, after=answer.text)
    assert "再问也改变不了结论" in unescape(answer.text)
    state = state_of(answer)
    asking = Questionnaire(
        compile_pack(PACK), profile_of(dict(state.data), PACK.vocabulary, PACK.tables), TODAY, skipped=state.skipped
    )
    settled = asking.settled()
    assert settled is not None
    assert f"{len(settled.decided)} 项已有结论" in answer.text
    assert "~" not in answer.text
    for item in settled.remaining:
        assert PACK.measure(item.measure).spec.title in unescape(answer.text)


def test_what_is_asked_of_a_record_is_asked_by_its_list(post: Post) -> None:
    """Elsewhere a missing field of a record is named by its path."""
    assert key_of(post("/ask", {"key": "contract.amount"})) == "contracts"


def test_help_while_typing(client: Any, post: Post) -> None:
    """Names that match, and what is understood; of an answer nothing is in the address."""
    places = client.get("/suggest/division?q=朝阳").json
    assert places[0] == "朝阳市" and "北京市朝阳区" in places
    assert "I65 软件和信息技术服务业" in client.get("/suggest/industry?q=软件和信息").json
    assert client.get("/suggest/industry?q=").json == []
    assert client.get("/suggest/nothing?q=x").status_code == 404
    told = post("/understand", {"field": "registered_capital", "text": "2000-5000", "unit": "万元"}).json
    assert told == {"understood": "2000万元至5000万元", "problem": ""}
    wrong = post("/understand", {"field": "credit_code", "text": "91110108MA01ABCD51", "unit": ""}).json
    assert "校验码" in wrong["problem"] and wrong["understood"] == ""
    assert post("/understand", {"field": "none", "text": "x"}).status_code == 404
