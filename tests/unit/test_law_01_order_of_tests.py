"""DESIGN 2.1: validity first, then false, then unknown, else eligible."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import measure, only_reason, pack_of, result_of, screened, verdict_of

BOTH = "{field: staff, at_least: 50}, {field: listed, equals: true}"


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2023, 1, 1)])
@pytest.mark.parametrize("profile", [{"staff": 50, "listed": True}, {"staff": 49}, {}])
def test_validity_comes_before_everything(tmp_path: Path, day: date, profile: dict[str, object]) -> None:
    """2.1: outside the validity nothing else is asked, whether met, not met or unknown."""
    result = result_of(tmp_path, BOTH, profile, as_of=day, benefit="{kind: award, amount: 10万元}")
    assert result.verdict == "not_in_force"
    assert (result.amount_yuan, result.amount_range_yuan) == (None, None)
    assert (result.waiting_for, result.missing, result.judgements) == ([], [], [])
    reason = only_reason(result, "validity")
    assert [reason] == result.reasons
    assert reason.decisive
    assert reason.status == "not_satisfied"
    assert "2020年1月1日" in reason.label
    assert "2022年12月31日" in reason.label


def test_validity_comes_before_missing_records(tmp_path: Path) -> None:
    """2.1: no record is looked at outside the validity."""
    keys: dict[str, Any] = {"subject": "recognition", "as_of": date(2023, 1, 1)}
    result = result_of(tmp_path, "{field: recognition.kind, equals: base}", {}, **keys)
    assert (result.verdict, result.items, result.waiting_for) == ("not_in_force", None, [])


def test_a_false_hard_condition_beats_an_unknown_one(tmp_path: Path) -> None:
    """2.1: any false hard condition gives ineligible, wherever the unknown one stands."""
    assert verdict_of(tmp_path, BOTH, {"staff": 49}) == "ineligible"
    assert verdict_of(tmp_path, BOTH, {"listed": False}) == "ineligible"
    result = result_of(tmp_path, BOTH, {"staff": 49})
    decisive = [reason.fields for reason in result.reasons if reason.decisive and reason.kind == "condition"]
    assert decisive == [["staff"]]
    assert (result.waiting_for, result.missing) == ([], [])


def test_an_unknown_condition_gives_undetermined(tmp_path: Path) -> None:
    """2.1: nothing false and something unknown is undetermined."""
    result = result_of(tmp_path, BOTH, {"staff": 50})
    assert (result.verdict, result.missing) == ("undetermined", ["listed"])


def test_eligible_says_that_nothing_is_open(tmp_path: Path) -> None:
    """2.1: eligible means that every stated condition is met and nothing waits."""
    result = result_of(tmp_path, BOTH, {"staff": 50, "listed": True})
    assert (result.verdict, result.stated) == ("eligible", "met")
    assert (result.waiting_for, result.missing, result.judgements) == ([], [], [])
    assert {reason.status for reason in result.reasons} == {"satisfied"}


def test_the_beneficiary_is_one_of_the_conditions(tmp_path: Path) -> None:
    """2.1 and 2.13: the kind of beneficiary is tested like any hard condition."""
    condition = "{field: staff, at_least: 50}"
    keys: dict[str, Any] = {"kinds": "[bank]"}
    assert verdict_of(tmp_path, condition, {"staff": 50, "applicant_kinds": ["bank"]}, **keys) == "eligible"
    assert verdict_of(tmp_path, condition, {"staff": 50, "applicant_kinds": ["company"]}, **keys) == "ineligible"
    assert verdict_of(tmp_path, condition, {"staff": 50}, **keys) == "undetermined"


def test_each_measure_has_one_result_in_the_order_written(tmp_path: Path) -> None:
    """2.1: a measure's verdict does not depend on the others."""
    pack = pack_of(
        tmp_path,
        measure("{field: staff, at_least: 50}", id="b"),
        measure("{field: staff, below: 50}", id="a"),
        measure("{field: listed, equals: true}", id="c"),
    )
    found = screened(pack, {"staff": 50})
    assert [(item.measure, item.verdict) for item in found.results] == [
        ("b", "eligible"),
        ("a", "ineligible"),
        ("c", "undetermined"),
    ]
