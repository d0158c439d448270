"""Reasons: every condition with value, gap and status, which of them decided, and where a value comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers import measure, only_reason, pack_of, result_of, review, screened

STAFF = "{field: staff, at_least: 50}"
LISTED = "{field: listed, equals: true}"


def nodes(result: Any) -> dict[str, tuple[str, str, bool]]:
    """Position: kind, status, decisive."""
    return {reason.node: (reason.kind, reason.status, reason.decisive) for reason in result.reasons}


def test_nodes_are_numbered_by_their_place_in_the_tree(tmp_path: Path) -> None:
    condition = f"{STAFF}, {{any: [{LISTED}, {{not: {{judgement: major}}}}]}}"
    result = result_of(tmp_path, condition, {"staff": 50, "listed": True})
    assert nodes(result) == {
        "1": ("all", "satisfied", True),
        "1.1": ("condition", "satisfied", True),
        "1.2": ("any", "satisfied", True),
        "1.2.1": ("condition", "satisfied", True),
        "1.2.2": ("not", "judgement", False),
        "1.2.2.1": ("judgement", "judgement", False),
    }


@pytest.mark.parametrize(
    ("profile", "decisive"),
    [
        ({"staff": 49, "listed": False}, ["1", "1.1", "1.2", "1.2.1", "1.2.2"]),
        ({"staff": 49, "listed": True}, ["1", "1.1"]),
        ({"staff": 50, "listed": True}, ["1", "1.1", "1.2", "1.2.1"]),
        ({"staff": 50}, ["1", "1.2", "1.2.1", "1.2.2"]),
        ({"staff": 50, "size": "large"}, ["1", "1.2", "1.2.1"]),
        ({}, ["1", "1.1", "1.2", "1.2.1", "1.2.2"]),
    ],
)
def test_what_decides_has_the_truth_of_its_group(tmp_path: Path, profile: dict[str, Any], decisive: list[str]) -> None:
    """All that is false of a false conjunction, one that is true of a true disjunction, what is open of an open one."""
    condition = f"{STAFF}, {{any: [{LISTED}, {{field: size, equals: small}}]}}"
    if profile == {"staff": 49, "listed": False}:
        profile = {**profile, "size": "large"}
    result = result_of(tmp_path, condition, profile)
    assert [node for node, (_, _, weighs) in nodes(result).items() if weighs] == decisive


def test_the_verdict_follows_from_its_decisive_reasons(tmp_path: Path) -> None:
    """The first reason is the whole tree, with the status of the verdict."""
    for profile, status in (({"staff": 50}, "satisfied"), ({"staff": 49}, "not_satisfied"), ({}, "unknown")):
        first = result_of(tmp_path, STAFF, profile).reasons[0]
        assert (first.node, first.status, first.decisive) == ("1", status, True)


@pytest.mark.parametrize(
    ("condition", "profile", "gap"),
    [
        ("{field: staff, at_least: 50}", {"staff": 47}, "差3人"),
        ("{field: staff, at_least: 50}", {"staff": "10-47人"}, "至少差3人"),
        ("{field: staff, at_least: 50}", {"staff": "10-60人"}, None),
        ("{field: staff, at_least: 50}", {"staff": 50}, None),
        ("{field: staff, at_least: 50}", {}, None),
        ("{field: staff, at_most: 50}", {"staff": 53}, "超出3人"),
        ("{field: staff, between: [10, 50]}", {"staff": 53}, "超出3人"),
        ("{field: staff, between: [10, 50]}", {"staff": 7}, "差3人"),
        ("{field: revenue, at_least: 500万元}", {"revenue": "380万元"}, "差120万元"),
        ("{field: revenue, at_least: 500万元}", {"revenue": "4999999.99元"}, "差0.01元"),
        ("{field: founded_on, at_least: 2021-03-01}", {"founded_on": "2021-01-19"}, "差41天"),
        ("{field: share, at_least: 5%}", {"share": "3%"}, "差2个百分点"),
        ("{days_since: founded_on, at_least: 365}", {"founded_on": "2021-06-29"}, "差364天"),
        ("{annual: revenue, at_least: 5元}", {"annuals": [{"fiscal_year": 2020, "revenue": "3元"}]}, "差2元"),
        ("{count: contract, at_least: 3}", {"contracts": [{}]}, "差2条"),
        ("{sum: contract.amount, at_least: 9元}", {"contracts": [{"amount": "5元"}]}, "差4元"),
        ("{any: [{field: staff, below: 5}, {field: staff, at_least: 9}]}", {"staff": 7}, "差2人"),
        ("{field: size, equals: small}", {"size": "large"}, None),
        ("{field: home, within: 廊坊市}", {"home": "北京市"}, None),
        ("{not: {field: staff, at_least: 50}}", {"staff": 60}, None),
    ],
)
def test_the_gap_to_the_threshold(tmp_path: Path, condition: str, profile: dict[str, Any], gap: str | None) -> None:
    """How far it is, where that means something and something is missing."""
    assert only_reason(result_of(tmp_path, condition, profile)).gap == gap


@pytest.mark.parametrize(
    ("condition", "profile", "value"),
    [
        ("{field: staff, at_least: 50}", {"staff": "10-60人"}, "10人至60人"),
        ("{field: staff, at_least: 50}", {}, "未填写"),
        ("{field: revenue, at_least: 1}", {"revenue": "1.2亿元"}, "1.2亿元"),
        ("{field: share, at_least: 5%}", {"share": "6%"}, "6%"),
        ("{field: founded_on, at_least: 2020-01-01}", {"founded_on": "2021-05-01"}, "2021年5月1日"),
        ("{field: size, equals: small}", {"size": "小微"}, "小型或微型"),
        ("{field: tags, in: [ai]}", {"tags": ["ai", "space"]}, "人工智能、商业航天"),
        ("{field: tags, in: [ai]}", {"tags": "无"}, "无"),
        ("{field: tags, in: [ai]}", {"tags": {"partial": True, "items": ["ai"]}}, "人工智能（可能还有其他）"),
        ("{field: listed, equals: true}", {"listed": False}, "否"),
        ("{field: home, within: 廊坊市}", {"home": "固安县"}, "廊坊市固安县"),
        ("{field: code, equals: A}", {"code": "B"}, "B"),
        ("{exists: contract}", {"contracts": [{}, {}]}, "2条"),
        ("{days_since: founded_on, at_least: 5}", {"founded_on": "2021-06-20"}, "10天"),
        ("{ratio: {of: {field: staff}, to: {field: staff}}, at_least: 5%}", {"staff": 3}, "100%"),
    ],
)
def test_the_value_as_people_read_it(tmp_path: Path, condition: str, profile: dict[str, Any], value: str) -> None:
    assert only_reason(result_of(tmp_path, condition, profile)).value == value


@pytest.mark.parametrize(
    ("condition", "label"),
    [
        ("{field: staff, at_least: 50人}", "从业人数不低于50人"),
        ("{field: revenue, above: 500万元}", "收入高于500万元"),
        ("{field: founded_on, at_least: 2020-01-01}", "成立日期不早于2020年1月1日"),
        ("{field: staff, between: [10, 50]}", "从业人数在10人至50人之间"),
        ("{field: staff, equals: 50}", "从业人数为50人"),
        ("{field: size, in: [small, micro]}", "规模为小型或微型"),
        ("{field: tags, in: [ai]}", "领域包括人工智能"),
        ("{field: home, within: 廊坊市}", "注册地位于廊坊市"),
        ("{annual: revenue, at_least: 5元}", "上年度营业收入不低于5元"),
        ("{annual: revenue, year: -3, at_least: 5元}", "前3年度营业收入不低于5元"),
        ("{annual_sum: revenue, years: 3, at_least: 5元}", "近3年营业收入合计不低于5元"),
        ("{exists: contract}", "有合同"),
        ("{count: contract, at_least: 3}", "合同的数量不低于3条"),
        ("{field: staff, at_least: 50, label: 人够多}", "人够多"),
        ("{field: staff, known: true}", "从业人数已填写"),
        ("{any: [{field: size, equals: small}, {field: size, equals: micro}]}", "规模为小型或为微型"),
    ],
)
def test_the_condition_as_people_read_it(tmp_path: Path, condition: str, label: str) -> None:
    assert only_reason(result_of(tmp_path, condition, {})).label == label


def test_a_judgement_is_called_by_its_label_and_a_reference_by_its_title(tmp_path: Path) -> None:
    result = result_of(tmp_path, "{judgement: major}, {reference: talent-policy}", {})
    assert only_reason(result, "judgement").label == "属于重大项目"
    assert only_reason(result, "reference").label == "符合《人才政策》的规定"


def test_fields_of_a_reason(tmp_path: Path) -> None:
    """All that the condition reads, inside its filter too."""
    condition = (
        "{exists: contract, where: [{field: contract.kind, equals: transfer}, {field: contract.amount, above: 5}]}"
    )
    assert only_reason(result_of(tmp_path, condition, {})).fields == ["contract.kind", "contract.amount"]


def test_the_same_condition_twice_is_told_twice(tmp_path: Path) -> None:
    """Evaluated once, explained at each of its places, with the labels of each."""
    result = result_of(tmp_path, f"{STAFF}, {{field: staff, at_least: 50, label: 再说一遍}}", {"staff": 49})
    found = [reason for reason in result.reasons if reason.kind == "condition"]
    assert [(reason.label, reason.status) for reason in found] == [
        ("从业人数不低于50人", "not_satisfied"),
        ("再说一遍", "not_satisfied"),
    ]


def test_a_condition_shared_by_measures_keeps_its_own_marks(tmp_path: Path) -> None:
    """Equal atoms of two measures are one leaf; label and reason are each measure's own."""
    one = measure("{field: staff, at_least: 50, label: 甲的说法}", id="a")
    two = measure("{field: staff, at_least: 50, inferred: true, why: 推断}", id="b")
    first, second = screened(pack_of(tmp_path, one, two), {"staff": 49}).results
    assert (only_reason(first).label, only_reason(first).inferred) == ("甲的说法", False)
    assert (only_reason(second).label, only_reason(second).why) == ("从业人数不低于50人", "推断")


def test_reasons_under_not_are_told_as_they_are(tmp_path: Path) -> None:
    """The part's own status, and no gap, since nearer would be worse."""
    result = result_of(tmp_path, f"{{not: {STAFF}}}", {"staff": 50})
    found = nodes(result)
    assert [status for kind, status, _ in found.values() if kind == "not"] == ["not_satisfied"]
    assert [status for kind, status, _ in found.values() if kind == "condition"] == ["satisfied"]
    assert all(weighs for _, _, weighs in found.values())


def test_a_reviewers_word_stands_with_the_reason(tmp_path: Path) -> None:
    result = result_of(tmp_path, "{judgement: major}", {"findings": [review("major", False, why="规模太小")]})
    reason = only_reason(result, "judgement")
    assert reason.review is not None
    assert (reason.status, reason.review.why) == ("not_satisfied", "规模太小")


def test_known_of_a_missing_field_is_explained(tmp_path: Path) -> None:
    """It has no threshold to be measured against."""
    reason = only_reason(result_of(tmp_path, "{field: staff, known: true}", {}))
    assert (reason.status, reason.value, reason.gap) == ("unknown", "未填写", None)
