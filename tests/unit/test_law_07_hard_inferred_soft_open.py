"""DESIGN 2.7: hard, inferred, soft and open conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import InputError, load_pack
from tests.helpers import measure, only_reason, pack_of, result_of, review, verdict_of, write_rules

SOFT = "{field: staff, at_least: 50, soft: true, why: 文件没有写人数以何时为准}"
OPEN_LIST = "{field: size, in: [small, micro], open: true}"
LISTED = "{field: listed, equals: true}"


def by_kind(result: Any, kind: str) -> list[Any]:
    return [reason for reason in result.reasons if reason.kind == kind]


def test_a_hard_condition_makes_ineligible(tmp_path: Path) -> None:
    """2.7: what the text states is hard."""
    result = result_of(tmp_path, LISTED, {"listed": False})
    assert result.verdict == "ineligible"
    assert not any(reason.inferred or reason.soft or reason.open for reason in result.reasons)


def test_an_inferred_condition_is_hard_and_says_so(tmp_path: Path) -> None:
    """2.7: with why."""
    condition = "{field: listed, equals: true, inferred: true, why: 文件没有明写}"
    result = result_of(tmp_path, condition, {"listed": False})
    assert result.verdict == "ineligible"
    reason = only_reason(result)
    assert (reason.inferred, reason.why) == (True, "文件没有明写")


@pytest.mark.parametrize(
    ("staff", "verdict"), [(50, "eligible"), (49, "undetermined"), (None, "undetermined"), ("10-99人", "undetermined")]
)
def test_a_soft_condition_never_makes_ineligible(tmp_path: Path, staff: Any, verdict: str) -> None:
    """2.7: its false becomes unknown before it enters the tree."""
    assert verdict_of(tmp_path, f"{SOFT}, {LISTED}", {"staff": staff, "listed": True}) == verdict


def test_a_soft_condition_does_not_save_from_a_hard_one(tmp_path: Path) -> None:
    """2.7: only its own false is unknown."""
    assert verdict_of(tmp_path, f"{SOFT}, {LISTED}", {"staff": 49, "listed": False}) == "ineligible"


def test_a_soft_false_waits_for_its_own_judgement(tmp_path: Path) -> None:
    """2.7: named after the measure and the field, with the note why it is doubtful."""
    result = result_of(tmp_path, SOFT, {"staff": 49}, id="award")
    assert [(item.kind, item.what) for item in result.waiting_for] == [("judgement", "award~staff")]
    assert (result.judgements, result.stated) == (["award~staff"], "unknown")
    (judged,) = by_kind(result, "judgement")
    assert judged.why == "文件没有写人数以何时为准"
    (group,) = by_kind(result, "any")
    assert group.soft


@pytest.mark.parametrize(("answer", "verdict"), [(True, "eligible"), (False, "ineligible")])
def test_a_finding_settles_a_soft_false(tmp_path: Path, answer: bool, verdict: str) -> None:
    """2.7 and 2.5: a person decides what the text leaves in doubt."""
    profile = {"staff": 49, "findings": [review("award~staff", answer)]}
    assert verdict_of(tmp_path, SOFT, profile, id="award") == verdict


def test_a_soft_unknown_waits_for_the_fact_first(tmp_path: Path) -> None:
    """2.7: the judgement is only needed once the condition turns out false."""
    result = result_of(tmp_path, SOFT, {})
    assert [(item.kind, item.what) for item in result.waiting_for] == [("fact", "staff")]


def test_a_soft_true_asks_nobody(tmp_path: Path) -> None:
    """2.7: a doubtful condition that is met is met."""
    result = result_of(tmp_path, SOFT, {"staff": 50})
    assert (result.verdict, result.stated, result.waiting_for) == ("eligible", "met", [])


def test_two_soft_conditions_on_one_field_have_two_judgements(tmp_path: Path) -> None:
    """2.7: a finding on one settles that one only."""
    second = "{field: staff, below: 20, soft: true, why: 同样存疑}"
    profile = {"staff": 49, "findings": [review("award~staff")]}
    result = result_of(tmp_path, f"{SOFT}, {second}", profile, id="award")
    assert (result.verdict, result.judgements) == ("undetermined", ["award~staff~2"])
    both = [review("award~staff"), review("award~staff~2")]
    assert verdict_of(tmp_path, f"{SOFT}, {second}", {"staff": 49, "findings": both}, id="award") == "eligible"


@pytest.mark.parametrize(
    ("condition", "judgement"),
    [
        ("{exists: contract, soft: true, why: 存疑}", "award~contract"),
        ("{annual: rd, at_least: 1, soft: true, why: 存疑}", "award~annual.rd"),
        ("{sum: contract.amount, at_least: 1, soft: true, why: 存疑}", "award~contract.amount"),
        ("{days_since: founded_on, below: 1, soft: true, why: 存疑}", "award~founded_on"),
        ("{field: size, not_equals: large, soft: true, why: 存疑}", "award~size"),
        ("{any: [{field: size, equals: small}, {field: listed, equals: true}], soft: true, why: 存疑}", "award~size"),
    ],
)
def test_the_fallback_is_named_after_what_the_condition_is_about(
    tmp_path: Path, condition: str, judgement: str
) -> None:
    """2.7: for every kind of condition."""
    profile = {
        "contracts": [], "founded_on": "2000-01-01", "size": "large", "listed": False,
        "annuals": [{"fiscal_year": 2020, "rd": 0}],
    }  # fmt: skip
    assert result_of(tmp_path, condition, profile, id="award").judgements == [judgement]


@pytest.mark.parametrize(
    ("size", "verdict"), [("small", "eligible"), ("large", "undetermined"), (None, "undetermined")]
)
def test_off_an_open_list_is_unknown(tmp_path: Path, size: Any, verdict: str) -> None:
    """2.7: a list that ends in 等 does not exclude what it does not name."""
    result = result_of(tmp_path, OPEN_LIST, {"size": size}, id="award")
    assert result.verdict == verdict
    if size == "large":
        assert result.judgements == ["award~size"]
        (group,) = by_kind(result, "any")
        assert group.open
        (judged,) = by_kind(result, "judgement")
        assert "等" in judged.label


def test_an_open_list_of_places_and_industries(tmp_path: Path) -> None:
    """2.7: ``within`` and ``equals`` can be open too."""
    place = "{field: home, within: [三河市, 固安县], open: true}"
    assert verdict_of(tmp_path, place, {"home": "香河县"}) == "undetermined"
    assert verdict_of(tmp_path, place, {"home": "三河市"}) == "eligible"
    industry = "{field: industry, within: I65, open: true}"
    assert verdict_of(tmp_path, industry, {"industry": "C"}) == "undetermined"
    tags = "{field: tags, in: [ai], open: true}"
    assert verdict_of(tmp_path, tags, {"tags": "无"}) == "undetermined"


def test_a_soft_condition_among_alternatives(tmp_path: Path) -> None:
    """2.7: its false is unknown there too, so nothing is ineligible."""
    condition = f"{{any: [{SOFT}, {LISTED}]}}"
    assert verdict_of(tmp_path, condition, {"staff": 49, "listed": False}) == "undetermined"
    assert verdict_of(tmp_path, condition, {"staff": 49, "listed": True}) == "eligible"


MARKS = {
    "soft": "{field: staff, at_least: 50, soft: true, why: 存疑}",
    "open": "{field: size, in: [small], open: true}",
    "assumed": "{field: listed, equals: true, assumed: true, why: 未说}",
}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "around",
    [
        "{not: X}",
        "{not: {not: X}}",
        "{not: {any: [X, {field: listed, equals: true}]}}",
        "{all: [{not: {all: [{judgement: major}, X]}}]}",
    ],
)
def test_none_of_them_may_stand_under_not(tmp_path: Path, mark: str, around: str) -> None:
    """2.7: their false is not false, so its negation would say what nobody knows."""
    with pytest.raises(InputError) as error:
        pack_of(tmp_path, measure(around.replace("X", MARKS[mark])))
    assert "condition-mark-under-not" in [item.code for item in error.value.findings]


CONTRACT_SOFT = "{field: contract.amount, at_least: 100万元, soft: true, why: 存疑}"


@pytest.mark.parametrize(
    "condition",
    [
        f"{{not: {{exists: contract, where: [{CONTRACT_SOFT}]}}}}",
        f"{{count: contract, where: [{CONTRACT_SOFT}], at_most: 0}}",
        f"{{count: contract, where: [{CONTRACT_SOFT}], below: 1}}",
        f"{{count: contract, where: [{CONTRACT_SOFT}], equals: 0}}",
        f"{{every: contract, where: [{CONTRACT_SOFT}], that: [{{field: contract.kind, equals: transfer}}], at_least: 1}}",
    ],
)
def test_a_soft_filter_never_makes_ineligible(tmp_path: Path, condition: str) -> None:
    """2.7: a filter that counts against the applicant is a negation too: refused, or at most undetermined."""
    profile = {"contracts": [{"amount": "200万元", "kind": "service"}, {"amount": "1万元", "kind": "transfer"}]}
    try:
        pack = pack_of(tmp_path, measure(condition))
    except InputError as error:
        assert "condition-mark-under-not" in [item.code for item in error.findings]
        return
    assert pack is not None
    assert verdict_of(tmp_path, condition, profile) != "ineligible"


@pytest.mark.parametrize("mark", ["soft", "inferred", "assumed"])
def test_a_marked_condition_says_why(tmp_path: Path, mark: str) -> None:
    """2.7: doubt and inference are said visibly."""
    text = "measures:\n" + measure(f"{{field: listed, equals: true, {mark}: true}}")
    with pytest.raises(InputError) as error:
        load_pack(write_rules(tmp_path / "rules", {"measures.yaml": text}))
    assert [item.code for item in error.value.findings] == ["condition-no-reason"]
