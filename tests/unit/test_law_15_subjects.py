"""DESIGN 2.15: measures of the enterprise and of records; one result per measure, items, amounts by year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers import result_of, review

PARK = "{field: project.kind, equals: park}"
KEYS: dict[str, Any] = {"subject": "project", "benefit": "{kind: award, amount: 10万元}"}
YES, NO, OPEN = {"kind": "park"}, {"kind": "research"}, {"division": "固安县"}


@pytest.mark.parametrize(
    ("records", "verdict", "amount", "ends"),
    [
        ([], "ineligible", None, None),
        ([NO], "ineligible", None, None),
        ([OPEN], "undetermined", None, ("0", "100000")),
        ([YES], "eligible", "100000", ("100000", "100000")),
        ([NO, OPEN], "undetermined", None, ("0", "100000")),
        ([OPEN, OPEN], "undetermined", None, ("0", "200000")),
        ([NO, YES], "eligible", "100000", ("100000", "100000")),
        ([YES, OPEN], "eligible", "100000", ("100000", "100000")),
        ([YES, YES, NO], "eligible", "200000", ("200000", "200000")),
    ],
)
def test_a_complete_list(
    tmp_path: Path, records: list[dict[str, Any]], verdict: str, amount: str | None, ends: Any
) -> None:
    """2.15: eligible if any record is, else undetermined if any is, else ineligible; amounts add up."""
    result = result_of(tmp_path, PARK, {"projects": records}, **KEYS)
    assert (result.verdict, result.amount_yuan, result.amount_range_yuan) == (verdict, amount, ends)
    assert result.items is not None
    assert len(result.items) == len(records)


@pytest.mark.parametrize(
    ("records", "verdict", "high"),
    [
        ([], "undetermined", None),
        ([NO], "undetermined", None),
        ([OPEN], "undetermined", None),
        ([YES], "eligible", "100000"),
    ],
)
def test_a_partial_list(tmp_path: Path, records: list[dict[str, Any]], verdict: str, high: str | None) -> None:
    """2.15: undetermined where no listed record is eligible; there may be another."""
    result = result_of(tmp_path, PARK, {"projects": {"partial": True, "items": records}}, **KEYS)
    assert result.verdict == verdict
    assert result.amount_range_yuan is not None
    assert result.amount_range_yuan[1] == high
    if verdict == "undetermined":
        assert result.waiting_for[0].what == "projects"


def test_items_say_what_each_record_got(tmp_path: Path) -> None:
    """2.15: in the order of the list, with name, verdict, amount, missing fields and reasons of each."""
    profile = {"projects": [{"id": "甲", **NO}, {"id": "乙", **YES}, OPEN]}
    result = result_of(tmp_path, PARK, profile, **KEYS)
    assert result.subject == "project"
    assert result.items is not None
    assert [(item.record, item.index, item.verdict) for item in result.items] == [
        ("甲", 0, "ineligible"),
        ("乙", 1, "eligible"),
        ("第3条", 2, "undetermined"),
    ]
    assert [item.amount_yuan for item in result.items] == [None, "100000", None]
    assert [item.amount_range_yuan for item in result.items] == [None, ("100000", "100000"), ("0", "100000")]
    assert [item.missing for item in result.items] == [[], [], ["project.kind"]]
    assert [item.stated for item in result.items] == ["not_met", "met", "unknown"]
    assert all(item.reasons for item in result.items)


def test_the_result_explains_the_record_that_carries_it(tmp_path: Path) -> None:
    """2.15: of several with the same verdict the one with the fewest conditions missed."""
    two = f"{PARK}, {{field: project.division, within: 廊坊市}}, {{field: project.in_zone, equals: true}}"
    worse = {"id": "差", "kind": "research", "division": "北京市", "in_zone": False}
    better = {"id": "近", "kind": "park", "division": "固安县", "in_zone": False}
    result = result_of(tmp_path, two, {"projects": [worse, better]}, **KEYS)
    assert result.verdict == "ineligible"
    assert [r.fields for r in result.reasons if r.status == "not_satisfied" and r.kind == "condition"] == [
        ["project.in_zone"]
    ]


def test_enterprise_fields_are_in_reach_of_a_record(tmp_path: Path) -> None:
    """2.15: with the enterprise's own conditions among them."""
    condition = f"{PARK}, {{field: staff, at_least: 50}}"
    assert result_of(tmp_path, condition, {"staff": 50, "projects": [YES]}, **KEYS).verdict == "eligible"
    assert result_of(tmp_path, condition, {"staff": 49, "projects": [YES]}, **KEYS).verdict == "ineligible"
    assert result_of(tmp_path, condition, {"projects": [YES]}, **KEYS).missing == ["staff"]


def test_other_lists_are_in_reach_of_a_record(tmp_path: Path) -> None:
    """2.15: a record may ask for records of another kind."""
    condition = f"{PARK}, {{exists: contract, where: [{{field: contract.kind, equals: transfer}}]}}"
    profile = {"projects": [YES], "contracts": [{"kind": "transfer"}]}
    assert result_of(tmp_path, condition, profile, **KEYS).verdict == "eligible"
    assert result_of(tmp_path, condition, {"projects": [YES], "contracts": []}, **KEYS).verdict == "ineligible"


def test_an_enterprise_measure_has_no_items(tmp_path: Path) -> None:
    """2.15: ``subject`` and ``items`` are null."""
    result = result_of(tmp_path, "{field: staff, at_least: 1}", {"staff": 1})
    assert (result.subject, result.items) == (None, None)


def test_what_is_missing_is_gathered_over_the_open_records(tmp_path: Path) -> None:
    """2.15 and 2.6: each thing once."""
    condition = f"{PARK}, {{judgement: major}}"
    profile = {"projects": [OPEN, {"kind": "park", "id": "乙"}, NO], "findings": [review("major", about="丙")]}
    result = result_of(tmp_path, condition, profile, **KEYS)
    assert [(item.kind, item.what) for item in result.waiting_for] == [("fact", "project.kind"), ("judgement", "major")]


def test_no_record_is_said_so(tmp_path: Path) -> None:
    """2.15: an empty list is "no record", a missing one is not filled in."""
    empty = result_of(tmp_path, PARK, {"projects": []}, **KEYS).reasons[0]
    assert (empty.kind, empty.label, empty.value, empty.status) == (
        "records",
        "有项目记录",
        "没有记录",
        "not_satisfied",
    )
    missing = result_of(tmp_path, PARK, {}, **KEYS).reasons[0]
    assert (missing.kind, missing.value, missing.status) == ("records", "未填写", "unknown")


def test_the_commission_is_an_enterprise_measure(tmp_path: Path) -> None:
    """2.15: a filtered sum of contracts per calendar year, capped per year, with the amount by year."""
    where = "where: [{field: contract.kind, equals: transfer}, {within_validity: contract.date}]"
    benefit = (
        f"{{kind: rate, rate: 1‰, base: {{sum: contract.amount, {where}}}, "
        "cap: {amount: 10万元, scope: per_year}, per_year: contract.date}"
    )
    contracts = [
        {"kind": "transfer", "date": "2020-05-01", "amount": "9000万元"},
        {"kind": "transfer", "date": "2021-05-01", "amount": "2.5亿元"},
        {"kind": "service", "date": "2021-05-01", "amount": "9亿元"},
    ]
    result = result_of(tmp_path, f"{{exists: contract, {where}}}", {"contracts": contracts}, benefit=benefit)
    assert (result.subject, result.items) == (None, None)
    assert (result.amount_yuan, result.amount_by_year) == ("190000", {"2020": "90000", "2021": "100000"})
