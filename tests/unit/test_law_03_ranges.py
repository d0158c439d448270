"""DESIGN 2.3: an atom is decided only where every possible value agrees; alternatives on one field; ratios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers import only_reason, result_of, verdict_of

YES, NO, OPEN = "eligible", "ineligible", "undetermined"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("50人", YES),
        ("49人", NO),
        ("50-99人", YES),
        ("49-99人", OPEN),
        ("10-49人", NO),
        ("10-50人", OPEN),
        ("小于50人", NO),
        ("小于51人", OPEN),
        ("50人以上", YES),
        ("超过49人", YES),
        ("超过48人", OPEN),
        ("不超过50人", OPEN),
        ("50人以下", NO),
        ("50人及以下", OPEN),
    ],
)
def test_a_range_against_at_least(tmp_path: Path, written: str, expected: str) -> None:
    """2.3: true only where so for every value, false only where so for none."""
    assert verdict_of(tmp_path, "{field: staff, at_least: 50}", {"staff": written}) == expected
    opposite = {YES: NO, NO: YES, OPEN: OPEN}[expected]
    assert verdict_of(tmp_path, "{field: staff, below: 50}", {"staff": written}) == opposite


@pytest.mark.parametrize(
    ("operator", "written", "expected"),
    [
        ("above: 2000万元", "2000-5000万", OPEN),
        ("above: 2000万元", "2000.000001万元", YES),
        ("at_least: 2000万元", "2000-5000万", YES),
        ("below: 5000万元", "2000-5000万", OPEN),
        ("at_most: 5000万元", "2000-5000万", YES),
        ("at_most: 1999.999999万元", "2000-5000万", NO),
        ("between: [1000万元, 6000万元]", "2000-5000万", YES),
        ("between: [3000万元, 6000万元]", "2000-5000万", OPEN),
        ("between: [5000万元, 6000万元]", "2000-5000万", OPEN),
        ("between: [5000.000001万元, 6000万元]", "2000-5000万", NO),
        ("equals: 2000万元", "2000-5000万", OPEN),
        ("equals: 1999万元", "2000-5000万", NO),
        ("not_equals: 1999万元", "2000-5000万", YES),
        ("not_equals: 2000万元", "2000-5000万", OPEN),
        ("equals: 2000万元", "2000万元", YES),
    ],
)
def test_a_range_of_money(tmp_path: Path, operator: str, written: str, expected: str) -> None:
    """2.3: ends count exactly, to the fen."""
    assert verdict_of(tmp_path, f"{{field: revenue, {operator}}}", {"revenue": written}) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2020年", OPEN),
        ("2020年3月", YES),
        ("2020年3月1日", YES),
        ("2020年2月29日", NO),
        ("2020年2月", NO),
        ("2020-02至2020-03", OPEN),
        ("2021年", YES),
        ("2020年3月1日前", None),
    ],
)
def test_a_range_of_dates(tmp_path: Path, written: str, expected: str | None) -> None:
    """2.3: a month or a year is all of its days."""
    condition = "{field: founded_on, at_least: 2020-03-01}"
    if expected is None:
        return
    assert verdict_of(tmp_path, condition, {"founded_on": written}) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("small", YES),
        ("小型", YES),
        ("large", NO),
        (["small", "micro"], YES),
        ("小微", YES),
        (["small", "medium"], OPEN),
        (["large", "medium"], NO),
    ],
)
def test_a_set_of_options(tmp_path: Path, written: Any, expected: str) -> None:
    """2.3: a derived or stated choice may be a set of values."""
    assert verdict_of(tmp_path, "{field: size, in: [small, micro]}", {"size": written}) == expected


def test_alternatives_on_one_field_are_decided_together(tmp_path: Path) -> None:
    """2.3: {small, micro} is small or micro, also where the alternatives are written as two atoms."""
    two = "{any: [{field: size, equals: small}, {field: size, equals: micro}]}"
    assert verdict_of(tmp_path, two, {"size": ["small", "micro"]}) == YES
    three = "{any: [{field: size, equals: small}, {field: listed, equals: true}, {field: size, equals: micro}]}"
    assert verdict_of(tmp_path, three, {"size": ["small", "micro"]}) == YES
    assert verdict_of(tmp_path, "{field: size, equals: small}", {"size": ["small", "micro"]}) == OPEN


def test_alternatives_of_numbers_are_decided_together(tmp_path: Path) -> None:
    """2.3: a range across two adjacent bands lies in their union; a gap between them leaves it open."""
    adjacent = "{any: [{field: staff, at_most: 49}, {field: staff, between: [50, 99]}]}"
    assert verdict_of(tmp_path, adjacent, {"staff": "40-60人"}) == YES
    apart = "{any: [{field: staff, at_most: 48}, {field: staff, between: [50, 99]}]}"
    assert verdict_of(tmp_path, apart, {"staff": "40-60人"}) == OPEN
    assert verdict_of(tmp_path, apart, {"staff": 49}) == NO
    touching = "{any: [{field: revenue, below: 100}, {field: revenue, at_least: 100}]}"
    assert verdict_of(tmp_path, touching, {"revenue": "90-110"}) == YES
    split = "{any: [{field: revenue, below: 100}, {field: revenue, above: 100}]}"
    assert verdict_of(tmp_path, split, {"revenue": "90-110"}) == OPEN
    assert verdict_of(tmp_path, split, {"revenue": 100}) == NO


@pytest.mark.parametrize(
    ("field", "written", "alternatives"),
    [
        ("revenue", "100.50元", ("at_most: 100元", "at_least: 101元")),
        ("revenue", "100-101元", ("at_most: 100元", "at_least: 101元")),
        ("share", "50%", ("at_most: 0%", "at_least: 100%")),
    ],
)
def test_between_two_neighbouring_whole_yuan_lies_something(
    tmp_path: Path, field: str, written: str, alternatives: tuple[str, str]
) -> None:
    """2.3: counts have neighbours, money and ratios have none."""
    condition = f"{{any: [{{field: {field}, {alternatives[0]}}}, {{field: {field}, {alternatives[1]}}}]}}"
    assert verdict_of(tmp_path, condition, {field: written}) != YES


def test_alternatives_of_places_are_decided_together(tmp_path: Path) -> None:
    """2.3: 朝阳 may be several places, all of which lie in one of the two provinces."""
    two = "{any: [{field: home, within: 北京市}, {field: home, within: 辽宁省}]}"
    assert verdict_of(tmp_path, two, {"home": ["110105", "2113"]}) == YES
    assert verdict_of(tmp_path, "{field: home, within: 北京市}", {"home": ["110105", "2113"]}) == OPEN


def test_a_place_given_too_coarsely_is_open(tmp_path: Path) -> None:
    """2.3: Hebei may or may not be Langfang; Langfang may or may not be Gu'an."""
    assert verdict_of(tmp_path, "{field: home, within: 廊坊市}", {"home": "河北省"}) == OPEN
    assert verdict_of(tmp_path, "{field: home, within: 固安县}", {"home": "廊坊市"}) == OPEN
    assert verdict_of(tmp_path, "{field: home, within: 廊坊市}", {"home": "固安县"}) == YES
    assert verdict_of(tmp_path, "{field: home, within: 廊坊市}", {"home": "天津市"}) == NO


def test_an_industry_given_too_coarsely_is_open(tmp_path: Path) -> None:
    """2.3: I is not yet I65."""
    assert verdict_of(tmp_path, "{field: industry, within: I65}", {"industry": "I"}) == OPEN
    assert verdict_of(tmp_path, "{field: industry, within: I}", {"industry": "I65"}) == YES
    assert verdict_of(tmp_path, "{field: industry, within: I65}", {"industry": "I64"}) == NO


def test_several_options_at_once(tmp_path: Path) -> None:
    """2.3: a field of several options holds one of the asked if it has any; a partial answer is open."""
    condition = "{field: tags, in: [ai, space]}"
    assert verdict_of(tmp_path, condition, {"tags": ["ai", "chips"]}) == YES
    assert verdict_of(tmp_path, condition, {"tags": ["chips"]}) == NO
    assert verdict_of(tmp_path, condition, {"tags": {"partial": True, "items": ["chips"]}}) == OPEN
    assert verdict_of(tmp_path, condition, {"tags": {"partial": True, "items": ["ai"]}}) == YES


# --- ratios -------------------------------------------------------------------------------------------------------

RATIO = "{ratio: {of: {annual: rd}, to: {annual: revenue}}, at_least: 5%}"


def annual(**figures: Any) -> dict[str, Any]:
    return {"annuals": [{"fiscal_year": 2020, **figures}]}


@pytest.mark.parametrize(
    ("rd", "revenue", "expected"),
    [
        ("5万元", "100万元", YES),
        ("4.9999万元", "100万元", NO),
        ("5-6万元", "100万元", YES),
        ("4-6万元", "100万元", OPEN),
        ("5万元", "90-100万元", YES),
        ("5万元", "90-101万元", OPEN),
        ("4万元", "90-101万元", NO),
        ("1/3", "1", None),
        ("0", "100万元", NO),
    ],
)
def test_a_ratio_is_exact_over_ranges(tmp_path: Path, rd: str, revenue: str, expected: str | None) -> None:
    """2.3: every quotient of the ranges counts."""
    if expected is not None:
        assert verdict_of(tmp_path, RATIO, annual(rd=rd, revenue=revenue)) == expected


@pytest.mark.parametrize("revenue", ["0", "0-100万元", "不超过100万元"])
@pytest.mark.parametrize("comparison", ["at_least: 5%", "below: 5%", "at_most: 0%"])
def test_a_ratio_over_what_may_be_zero_is_unknown_with_that_reason(
    tmp_path: Path, revenue: str, comparison: str
) -> None:
    """2.3: never infinite, never zero."""
    condition = RATIO.replace("at_least: 5%", comparison)
    result = result_of(tmp_path, condition, annual(rd="10万元", revenue=revenue))
    assert result.verdict == OPEN
    reason = only_reason(result)
    assert reason.status == "unknown"
    assert reason.note is not None
    assert "分母" in reason.note
    assert result.waiting_for, "every undetermined result says what it waits for (2.6)"
    assert {"annual.rd", "annual.revenue"} >= set(result.missing)


@pytest.mark.parametrize("profit", ["-10万元", "-10至10万元", "-1元至1元", "0"])
def test_a_ratio_over_a_negative_figure_is_unknown(tmp_path: Path, profit: str) -> None:
    """2.3: the denominator may be negative by the vocabulary; then the ratio has no meaning."""
    condition = "{ratio: {of: {annual: rd}, to: {annual: profit}}, below: 5%}"
    result = result_of(tmp_path, condition, annual(rd="10万元", profit=profit))
    assert (result.verdict, result.stated) == (OPEN, "unknown")
    assert "分母" in (only_reason(result).note or "")


def test_a_ratio_with_a_missing_part_names_it(tmp_path: Path) -> None:
    """2.3: a missing figure is not a zero figure."""
    assert result_of(tmp_path, RATIO, annual(rd="1万元")).missing == ["annual.revenue"]
    assert result_of(tmp_path, RATIO, annual(revenue="1万元")).missing == ["annual.rd"]
    assert result_of(tmp_path, RATIO, {}).missing == ["annuals"]


def test_the_group_of_a_meaningless_ratio_is_unknown_not_a_judgement(tmp_path: Path) -> None:
    """2.3 and 2.6: no reviewer is waited for."""
    condition = f"{RATIO}, {{field: staff, at_least: 1}}"
    result = result_of(tmp_path, condition, {**annual(rd="1万元", revenue="0"), "staff": 1})
    assert {reason.kind: reason.status for reason in result.reasons if reason.kind == "all"} == {"all": "unknown"}
