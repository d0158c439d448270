"""Who sees which personal value where: the whole result is searched for what must not be in it."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from engine.compiler import compile_pack
from engine.determination import Determination
from engine.loader import load_pack
from engine.pack import Pack
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine
from web.centre.privacy import HIDDEN, Veil, masked, personal, read_by
from web.centre.store.tables import Role
from web.site.changes import changes

NAME = "王小明"
PROFILE: dict[str, Any] = {
    "name": "甲公司",
    "applicant_kinds": ["企业"],
    "operating_division": "北京市大兴区",
    "registered_division": "北京市大兴区",
    "talents": [
        {
            "id": NAME, "roles": ["科学家"], "programme": "银河项目", "programme_kind": "引智项目",
            "programme_tier": "北京市级", "selected_on": "2022-03-03", "municipal_award": "777777元",
            "employment": "全职", "work_division": "北京市大兴区", "foreign": True,
        }
    ],
}  # fmt: skip
MATCHING = "dx21-talent-programme-matching-award"
SECRETS = (NAME, "银河项目", "2022-03-03", "2022年3月3日", "77.7777万", "777777元")


@cache
def program() -> Program:
    return compile_pack(load_pack())


def pack() -> Pack:
    return program().pack


def found() -> Determination:
    told = profile_of(PROFILE, pack().vocabulary, pack().tables)
    return determine(program(), told, date(2022, 6, 30), ReferenceSolver())


def matching() -> str:
    """The measure that pays what Beijing paid: it reads the award of a person."""
    [id] = [m.id for m in pack().measures if "talent.municipal_award" in read_by(m, pack())]
    return id


def told(determination: Determination, *, but: str = "") -> str:
    """All that a determination says, but of one measure."""
    plain = json.loads(determination.to_json())
    plain["results"] = [result for result in plain["results"] if result["measure"] != but]
    # Amounts are what the enterprise or the person can claim; they are no figure of the profile.
    for result in plain["results"]:
        for holder in (result, *(result["items"] or ())):
            holder["amount_yuan"] = holder["amount_range_yuan"] = None
    plain["totals"] = None
    return json.dumps(plain, ensure_ascii=False)


def test_the_example_is_one() -> None:
    whole = told(found())
    assert all(secret in whole for secret in SECRETS if secret != "2022-03-03"), whole


@pytest.mark.parametrize("role", ["clerk", "reviewer", "head", "auditor"])
def test_nobody_sees_a_person_where_no_measure_is_at_hand(role: Role) -> None:
    shown = told(Veil.of(pack(), role).determination(found()))
    assert [secret for secret in SECRETS if secret in shown] == []
    assert "王**" in shown and "甲公司" in shown


@pytest.mark.parametrize("role", ["clerk", "reviewer", "head"])
def test_who_decides_sees_what_the_measure_at_hand_reads(role: Role) -> None:
    shown = Veil.of(pack(), role, [matching()]).determination(found())
    own, = (result for result in shown.results if result.measure == matching())
    assert own == next(result for result in found().results if result.measure == matching())
    assert [secret for secret in SECRETS if secret in told(shown, but=matching())] == []


def test_the_auditor_sees_nobody_anywhere() -> None:
    shown = told(Veil.of(pack(), "auditor", [matching()]).determination(found()))
    assert [secret for secret in SECRETS if secret in shown] == []


def test_a_measure_that_reads_nothing_of_a_person_opens_nothing() -> None:
    other = next(m.id for m in pack().measures if not any(path.startswith("talent.") for path in read_by(m, pack())))
    assert Veil.of(pack(), "head", [other]).hidden == personal(pack().vocabulary)


def test_verdicts_amounts_and_what_is_missing_stay() -> None:
    shown, whole = Veil.of(pack(), "auditor").determination(found()), found()
    assert shown.totals == whole.totals
    for one, other in zip(shown.results, whole.results, strict=True):
        assert (one.verdict, one.amount_range_yuan, one.missing, one.waiting_for) == (
            other.verdict, other.amount_range_yuan, other.missing, other.waiting_for,
        )  # fmt: skip


def test_a_profile_is_shown_without_persons() -> None:
    partial = {**PROFILE, "talents": {"partial": True, "items": PROFILE["talents"]}}
    for data in (PROFILE, partial):
        shown = Veil.of(pack(), "clerk").profile(data)
        assert shown["name"] == "甲公司"
        text = json.dumps(shown, ensure_ascii=False)
        assert [secret for secret in SECRETS if secret in text] == [] and HIDDEN in text
    assert Veil.of(pack(), "clerk").profile({"talents": "无", "staff_total": 3}) == {"talents": "无", "staff_total": 3}


def test_changes_are_told_without_persons() -> None:
    after = {**PROFILE, "talents": [{**PROFILE["talents"][0], "municipal_award": "888888元"}, {"id": "李四", "foreign": False}]}
    veil = Veil.of(pack(), "auditor")
    shown = [veil.change(change, PROFILE, after) for change in changes(PROFILE, after, pack())]
    assert [(change.label, change.before, change.after) for change in shown] == [
        ("人才（王**）的北京市奖励金额", HIDDEN, HIDDEN),
        ("人才（李*）", "没有", HIDDEN),
    ]
    other = changes({"staff_total": 3}, {"staff_total": 4}, pack())
    assert [veil.change(change) for change in other] == other


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王某某", "王**"), ("王", "王*"), ("欧阳小明", "欧***"), ("", ""), ("John Smith", "J*********"),
        ("11010119900307123X", "**************123X"), ("E12345678", "*****5678"), ("Johnson", "J******"),
    ],
)  # fmt: skip
def test_how_names_and_numbers_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_contradiction_is_told_without_its_values() -> None:
    veil = Veil.of(pack(), "auditor")
    note = f"人才·外籍({NAME})：填写的是是，按“推导”推导得否，请核对"
    shown = veil.determination(found().model_copy(update={"notes": [note, f"认定意见“x”针对“{NAME}”，但没有这条记录，没有采用"]}))
    assert shown.notes == ["人才·外籍：填写的与推导的不一致，请核对", "认定意见“x”针对“王**”，但没有这条记录，没有采用"]
