"""DESIGN 2.11: amounts exist only where the document states them; their status and their ranges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers import result_of

STAFF = "{field: staff, at_least: 50}"
AWARD = "{kind: award, amount: 10万元}"
TIERED = "{kind: tiered, by: recognition.tier, amounts: {national: 30万元, provincial: 20万元, prefecture: 10万元}}"
MATCH = '{kind: matching, rate: "1:1", base: {field: talent.award}}'
PERCENT = "{kind: rate, rate: 1%, base: {field: project.investment}, cap: {amount: 100万元, scope: per_record}}"
Range = tuple[str, str | None]


def money(result: Any) -> tuple[str, str | None, Range | None, str]:
    return result.verdict, result.amount_yuan, result.amount_range_yuan, result.amount_status


def test_a_stated_award_of_an_eligible_applicant(tmp_path: Path) -> None:
    """2.11: exactly what is stated, in yuan."""
    found = money(result_of(tmp_path, STAFF, {"staff": 50}, benefit=AWARD))
    assert found == ("eligible", "100000", ("100000", "100000"), "stated")


def test_an_undetermined_award_is_no_amount_but_a_range_from_zero(tmp_path: Path) -> None:
    """2.11: [0, high]."""
    found = money(result_of(tmp_path, STAFF, {}, benefit=AWARD))
    assert found == ("undetermined", None, ("0", "100000"), "stated")


def test_an_ineligible_applicant_has_no_amount(tmp_path: Path) -> None:
    """2.11: otherwise none."""
    found = money(result_of(tmp_path, STAFF, {"staff": 1}, benefit=AWARD))
    assert found[:3] == ("ineligible", None, None)


@pytest.mark.parametrize(
    ("benefit", "status"),
    [
        ("{kind: support}", "not_stated"),
        ("{kind: support, form: 补贴}", "not_stated"),
        ("{kind: by_reference, instrument: funds}", "not_stated"),
        *((f"{{kind: {kind}}}", "not_applicable") for kind in (
            "service", "procurement_priority", "market_access", "cultivation_pool", "title", "listing", "housing",
            "investment", "application_help",
        )),
    ],
)  # fmt: skip
@pytest.mark.parametrize("staff", [50, 49, None])
def test_what_states_no_amount_has_none(tmp_path: Path, benefit: str, status: str, staff: Any) -> None:
    """2.11: not stated, or nothing that could be an amount; never zero, never a range."""
    result = result_of(tmp_path, STAFF, {"staff": staff}, benefit=benefit)
    assert (result.amount_yuan, result.amount_range_yuan, result.amount_by_year) == (None, None, None)
    assert (result.amount_status, result.calculation) == (status, [])


@pytest.mark.parametrize(
    ("record", "low", "high", "status"),
    [
        ({"tier": "national"}, "300000", "300000", "stated"),
        ({"tier": "prefecture"}, "100000", "100000", "stated"),
        ({"tier": "市级"}, "100000", "200000", "stated"),
        ({"tier": ["national", "provincial", "prefecture"]}, "100000", "300000", "stated"),
        ({"tier": "county"}, "0", "0", "stated"),
        ({}, "0", "300000", "unknown"),
    ],
)
def test_an_amount_by_tier(tmp_path: Path, record: dict[str, Any], low: str, high: str, status: str) -> None:
    """2.11: [low, high] over the facts still open; a tier for which nothing is stated brings nothing."""
    profile = {"recognitions": [{"kind": "base", **record}]}
    result = result_of(
        tmp_path, "{field: recognition.kind, equals: base}", profile, subject="recognition", benefit=TIERED
    )
    exact = low if low == high else None
    assert money(result) == ("eligible", exact, (low, high), status)


@pytest.mark.parametrize(
    ("award", "low", "high"),
    [("50万元", "500000", "500000"), ("0", "0", "0"), ("20-50万元", "200000", "500000"), ("无", "0", "0")],
)
def test_matching_one_to_one(tmp_path: Path, award: str, low: str, high: str) -> None:
    """2.11 and 2.13: matching pays what the other award paid."""
    profile = {"talents": [{"work": "固安县", "award": award}]}
    keys: dict[str, Any] = {"subject": "talent", "benefit": MATCH, "payee": "person"}
    result = result_of(tmp_path, "{field: talent.work, within: 廊坊市}", profile, **keys)
    assert (result.verdict, result.amount_range_yuan, result.payee) == ("eligible", (low, high), "person")


def test_an_amount_with_a_missing_fact_is_unknown_and_unbounded(tmp_path: Path) -> None:
    """2.11: stated, but a fact is missing; without a cap there is no upper end."""
    keys: dict[str, Any] = {"subject": "talent", "benefit": MATCH}
    result = result_of(tmp_path, "{field: talent.work, within: 廊坊市}", {"talents": [{"work": "固安县"}]}, **keys)
    assert money(result) == ("eligible", None, ("0", None), "unknown")
    assert result.missing == ["talent.award"]
    assert result.waiting_for == []


def test_an_amount_with_a_missing_fact_under_a_cap(tmp_path: Path) -> None:
    """2.11: the cap is the upper end."""
    profile = {"projects": [{"kind": "research"}]}
    keys: dict[str, Any] = {"subject": "project", "benefit": PERCENT}
    result = result_of(tmp_path, "{field: project.kind, equals: research}", profile, **keys)
    assert money(result) == ("eligible", None, ("0", "1000000"), "unknown")


@pytest.mark.parametrize(
    ("investment", "low", "high"),
    [
        ("1亿元", "1000000", "1000000"),
        ("99999999元", "999999.99", "999999.99"),
        ("100000001元", "1000000", "1000000"),
        ("5000万-2亿元", "500000", "1000000"),
        ("不超过5000万元", "0", "500000"),
        ("2亿元以上", "1000000", "1000000"),
    ],
)
def test_a_rate_under_a_cap(tmp_path: Path, investment: str, low: str, high: str) -> None:
    """2.11: the ends of the base give the ends of the amount."""
    profile = {"projects": [{"kind": "research", "investment": investment}]}
    keys: dict[str, Any] = {"subject": "project", "benefit": PERCENT}
    result = result_of(tmp_path, "{field: project.kind, equals: research}", profile, **keys)
    assert (result.verdict, result.amount_range_yuan) == ("eligible", (low, high))


def test_an_undetermined_amount_without_a_bound(tmp_path: Path) -> None:
    """2.11: high is null where unbounded."""
    keys: dict[str, Any] = {"subject": "talent", "benefit": MATCH}
    result = result_of(tmp_path, "{field: talent.work, within: 廊坊市}", {"talents": [{"award": "5万元"}]}, **keys)
    assert money(result) == ("undetermined", None, ("0", "50000"), "stated")
    missing = result_of(tmp_path, "{field: talent.work, within: 廊坊市}", {}, **keys)
    assert money(missing) == ("undetermined", None, ("0", None), "stated")
    partial = {"talents": {"partial": True, "items": []}}
    assert result_of(tmp_path, "{field: talent.work, within: 廊坊市}", partial, **keys).amount_range_yuan == ("0", None)


@pytest.mark.parametrize("frequency", ["once", "yearly", None])
def test_frequency_only_as_stated(tmp_path: Path, frequency: str | None) -> None:
    """2.11: nothing is said where the text says nothing."""
    more = f", frequency: {frequency}" if frequency else ""
    result = result_of(tmp_path, STAFF, {"staff": 50}, benefit=f"{{kind: award, amount: 10万元{more}}}")
    assert result.frequency == frequency


def test_an_amount_is_a_calculation_that_one_can_redo(tmp_path: Path) -> None:
    """2.11: base × rate = product, and the cap where it bites."""
    profile = {"projects": [{"kind": "research", "investment": "2亿元"}]}
    keys: dict[str, Any] = {"subject": "project", "benefit": PERCENT}
    result = result_of(tmp_path, "{field: project.kind, equals: research}", profile, **keys)
    assert result.calculation == ["2亿元 × 1% = 200万元", "每项最高100万元"]
    below = {"projects": [{"kind": "research", "investment": "5000万元"}]}
    assert result_of(tmp_path, "{field: project.kind, equals: research}", below, **keys).calculation == [
        "5000万元 × 1% = 50万元"
    ]


SILENT = "{kind: rate, rate: 1%, base: {field: project.investment}, cap: {amount: 100万元, scope: unstated}}"


@pytest.mark.parametrize(
    ("scope", "investments", "low", "high"),
    [
        ("unstated", ["8000万元"], "800000", "800000"),
        ("unstated", ["8000万元", "8000万元"], "1000000", "1600000"),
        ("unstated", ["2亿元", "2亿元"], "1000000", "2000000"),
        ("unstated", ["2亿元"], "1000000", "1000000"),
        ("unstated", ["3000万元", "4000万元"], "700000", "700000"),
        ("per_record", ["8000万元", "8000万元"], "1600000", "1600000"),
        ("per_record", ["2亿元", "8000万元"], "1800000", "1800000"),
        ("total", ["8000万元", "8000万元"], "1000000", "1000000"),
        ("total", ["3000万元", "4000万元"], "700000", "700000"),
    ],
)
def test_the_scope_of_a_cap(tmp_path: Path, scope: str, investments: list[str], low: str, high: str) -> None:
    """2.11: where the text does not say per investment or in all, the amount is a range."""
    profile = {"projects": [{"kind": "research", "investment": item} for item in investments]}
    keys: dict[str, Any] = {"subject": "project", "benefit": SILENT.replace("unstated", scope)}
    result = result_of(tmp_path, "{field: project.kind, equals: research}", profile, **keys)
    assert (result.verdict, result.amount_range_yuan) == ("eligible", (low, high))


@pytest.mark.parametrize(
    ("scope", "low", "high"),
    [("unstated", "1000000", "1600000"), ("per_record", "1600000", "1600000"), ("total", "1000000", "1000000")],
)
def test_the_scope_of_a_cap_on_a_sum(tmp_path: Path, scope: str, low: str, high: str) -> None:
    """2.11: the same where the enterprise is the subject."""
    where = "where: [{field: project.kind, equals: research}]"
    benefit = f"{{kind: rate, rate: 1%, base: {{sum: project.investment, {where}}}, cap: {{amount: 100万元, scope: {scope}}}}}"
    profile = {
        "projects": [{"kind": "research", "investment": "8000万元"}] * 2 + [{"kind": "park", "investment": "1亿元"}]
    }
    result = result_of(tmp_path, f"{{exists: project, {where}}}", profile, benefit=benefit)
    assert (result.verdict, result.amount_range_yuan) == ("eligible", (low, high))


def test_a_judgement_left_open_does_not_make_the_amount_unknown(tmp_path: Path) -> None:
    """2.11: ``unknown`` is for missing facts."""
    where = "where: [{judgement: major}]"
    benefit = f"{{kind: rate, rate: 1%, base: {{sum: project.investment, {where}}}}}"
    result = result_of(
        tmp_path, f"{{exists: project, {where}}}", {"projects": [{"investment": "1亿元"}]}, benefit=benefit
    )
    assert money(result) == ("undetermined", None, ("0", "1000000"), "stated")
    assert (result.missing, result.judgements) == ([], ["major"])
