"""DESIGN 2.6: what an undetermined result waits for, and its stated part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers import measure, only_reason, pack_of, result_of, review, screened

STAFF = "{field: staff, at_least: 50}"
MAJOR = "{judgement: major}"
OTHER = "{reference: talent-policy}"


def waiting(result: Any) -> list[tuple[str, str]]:
    return [(item.kind, item.what) for item in result.waiting_for]


def test_it_waits_for_facts_judgements_and_other_policies(tmp_path: Path) -> None:
    """2.6: each with its kind, its id and a label, in the order of the conditions."""
    result = result_of(tmp_path, f"{STAFF}, {MAJOR}, {OTHER}", {})
    assert waiting(result) == [("fact", "staff"), ("judgement", "major"), ("other_policy", "talent-policy")]
    assert [item.label for item in result.waiting_for] == ["从业人数", "属于重大项目", "人才政策"]
    assert (result.missing, result.judgements) == (["staff"], ["major"])


def test_it_waits_for_nothing_that_is_settled(tmp_path: Path) -> None:
    """2.6: what is met, or cannot matter, is not asked for."""
    result = result_of(tmp_path, f"{STAFF}, {MAJOR}, {OTHER}", {"staff": 50})
    assert waiting(result) == [("judgement", "major"), ("other_policy", "talent-policy")]
    either = f"{{any: [{STAFF}, {{field: listed, equals: true}}]}}, {MAJOR}"
    assert waiting(result_of(tmp_path, either, {"listed": True})) == [("judgement", "major")]


def test_it_waits_for_each_thing_once(tmp_path: Path) -> None:
    """2.6: though two conditions ask for it."""
    result = result_of(tmp_path, f"{STAFF}, {{field: staff, below: 500}}, {MAJOR}, {MAJOR}", {})
    assert waiting(result) == [("fact", "staff"), ("judgement", "major")]


@pytest.mark.parametrize(
    ("profile", "verdict", "stated"),
    [
        ({"staff": 50}, "undetermined", "met"),
        ({}, "undetermined", "unknown"),
        ({"staff": 49}, "ineligible", "not_met"),
        ({"staff": 50, "findings": [review("major")]}, "undetermined", "met"),
        ({"staff": 50, "findings": [review("major"), review("talent-policy")]}, "eligible", "met"),
        ({"staff": 50, "findings": [review("major", False)]}, "ineligible", "met"),
        ({"findings": [review("major"), review("talent-policy")]}, "undetermined", "unknown"),
    ],
)
def test_the_stated_part(tmp_path: Path, profile: dict[str, Any], verdict: str, stated: str) -> None:
    """2.6: the conditions that the text itself states, apart from judgements and other policies."""
    result = result_of(tmp_path, f"{STAFF}, {MAJOR}, {OTHER}", profile)
    assert (result.verdict, result.stated) == (verdict, stated)


def test_the_stated_part_of_a_judgement_under_not(tmp_path: Path) -> None:
    """2.6: a judgement that must turn out false is taken to turn out false."""
    result = result_of(tmp_path, f"{STAFF}, {{not: {MAJOR}}}", {"staff": 50})
    assert (result.verdict, result.stated, waiting(result)) == ("undetermined", "met", [("judgement", "major")])


def test_the_stated_part_of_alternatives(tmp_path: Path) -> None:
    """2.6: a judgement beside a condition that is not met may still carry it."""
    result = result_of(tmp_path, f"{{any: [{STAFF}, {MAJOR}]}}", {"staff": 49})
    assert (result.verdict, result.stated) == ("undetermined", "met")


def test_a_condition_that_another_policy_sets(tmp_path: Path) -> None:
    """2.6: it is open until somebody who may say so has found it met."""
    result = result_of(tmp_path, OTHER, {})
    assert (result.verdict, waiting(result)) == ("undetermined", [("other_policy", "talent-policy")])
    assert only_reason(result, "reference").status == "other_policy"
    assert result_of(tmp_path, OTHER, {"findings": [review("talent-policy")]}).verdict == "eligible"
    assert result_of(tmp_path, OTHER, {"findings": [review("talent-policy", False)]}).verdict == "ineligible"


@pytest.mark.parametrize(
    "benefit",
    ["{kind: support, instrument: funds}", "{kind: by_reference, instrument: funds}"],
)
def test_an_amount_of_another_instrument_does_not_hold_back_the_verdict(tmp_path: Path, benefit: str) -> None:
    """2.6: the measure names the instrument, and the amount is not stated."""
    result = result_of(tmp_path, STAFF, {"staff": 50}, benefit=benefit)
    assert (result.verdict, result.amount_status, result.waiting_for) == ("eligible", "not_stated", [])
    assert "资金管理办法" in result.benefit
    assert (result.amount_yuan, result.amount_range_yuan) == (None, None)


def test_every_undetermined_result_waits_for_something(tmp_path: Path) -> None:
    """2.6: whatever leaves a condition open, the result says what would settle it."""
    ratio = "{ratio: {of: {annual: rd}, to: {annual: revenue}}, at_least: 5%}"
    conditions: dict[str, tuple[str, dict[str, Any]]] = {
        "missing field": (STAFF, {}),
        "range": (STAFF, {"staff": "10-100人"}),
        "set": ("{field: size, equals: small}", {"size": "小微"}),
        "coarse place": ("{field: home, within: 固安县}", {"home": "廊坊市"}),
        "partial options": ("{field: tags, in: [ai]}", {"tags": {"partial": True, "items": []}}),
        "date": ("{days_since: founded_on, at_least: 365}", {"founded_on": "2020年"}),
        "zero denominator": (ratio, {"annuals": [{"fiscal_year": 2020, "rd": "1万元", "revenue": 0}]}),
        "missing year": (ratio, {"annuals": []}),
        "sum": ("{sum: contract.amount, at_least: 100万元}", {"contracts": [{}]}),
        "count": ("{count: contract, at_least: 2}", {"contracts": {"partial": True, "items": [{}]}}),
        "filter": (
            "{exists: contract, where: [{field: contract.amount, above: 5}]}",
            {"contracts": [{"amount": "1-9"}]},
        ),
        "every": (
            "{every: contract, that: [{field: contract.kind, equals: transfer}], at_least: 1}",
            {"contracts": [{}]},
        ),
        "judged filter": ("{exists: contract, where: [{judgement: major}]}", {"contracts": [{}]}),
        "soft": ("{field: staff, at_least: 50, soft: true, why: 存疑}", {"staff": 1}),
        "open": ("{field: size, in: [small], open: true}", {"size": "large"}),
    }
    measures = [measure(condition, id=f"m{number}") for number, (condition, _) in enumerate(conditions.values())]
    pack = pack_of(tmp_path, *measures)
    silent = []
    for number, (name, (_, profile)) in enumerate(conditions.items()):
        result = screened(pack, profile).results[number]
        assert result.verdict == "undetermined", name
        if not result.waiting_for:
            silent.append(name)
    assert silent == []


def test_a_judgement_inside_a_filter_is_waited_for_as_a_judgement(tmp_path: Path) -> None:
    """2.6: not as a missing fact; and the stated part does not hang on it."""
    condition = "{exists: contract, where: [{judgement: major}, {field: contract.amount, at_least: 1元}]}"
    result = result_of(tmp_path, condition, {"contracts": [{"amount": "100万元"}]})
    assert waiting(result) == [("judgement", "major")]
    assert result.stated == "met"
    every = "{every: contract, that: [{judgement: major}], at_least: 1}"
    assert waiting(result_of(tmp_path, every, {"contracts": [{}]})) == [("judgement", "major")]


def test_groups_are_open_for_the_reason_of_their_parts(tmp_path: Path) -> None:
    """2.6: a group that waits for judgements alone is apart from one that lacks facts."""

    def status(condition: str) -> str:
        result = result_of(tmp_path, f"{condition}, {{field: listed, equals: true}}", {"listed": True})
        return next(reason.status for reason in result.reasons if reason.node == "1.1")

    assert status(f"{{all: [{MAJOR}, {{judgement: benefit}}]}}") == "judgement"
    assert status(f"{{all: [{MAJOR}, {OTHER}]}}") == "other_policy"
    assert status(f"{{all: [{MAJOR}, {STAFF}]}}") == "unknown"
