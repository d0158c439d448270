"""DESIGN 2.10: 新认定 within the validity and not after the as-of date; one-off awards already received."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import only_reason, result_of, verdict_of

NEW = "{newly_recognised: recognition}"
ONCE = "{field: recognition.award_received, equals: false, assumed: true, why: 只奖一次，未说领过视为未领}"
KEYS: dict[str, Any] = {"subject": "recognition"}


@pytest.mark.parametrize(
    ("issued", "as_of", "verdict"),
    [
        ("2020-01-01", date(2021, 6, 30), "eligible"),
        ("2019-12-31", date(2021, 6, 30), "ineligible"),
        ("2021-06-30", date(2021, 6, 30), "eligible"),
        ("2021-07-01", date(2021, 6, 30), "ineligible"),
        ("2022-12-31", date(2022, 12, 31), "eligible"),
        ("2020-01-01", date(2020, 1, 1), "eligible"),
        ("2020-01-02", date(2020, 1, 1), "ineligible"),
        ("2021年", date(2021, 6, 30), "undetermined"),
        ("2020年", date(2021, 6, 30), "eligible"),
        (None, date(2021, 6, 30), "undetermined"),
    ],
)
def test_newly_recognised(tmp_path: Path, issued: str | None, as_of: date, verdict: str) -> None:
    """2.10: both ends of the validity and the as-of date itself count."""
    profile = {"recognitions": [{"issued": issued}]}
    assert verdict_of(tmp_path, NEW, profile, as_of=as_of, **KEYS) == verdict


def test_newly_recognised_is_inferred(tmp_path: Path) -> None:
    """2.10: the text does not say what new means, so the condition says that we infer it, and why."""
    reason = only_reason(result_of(tmp_path, NEW, {"recognitions": [{"issued": "2021-01-01"}]}, **KEYS))
    assert reason.inferred
    assert reason.why


def test_expiry_never_touches_newly_recognised(tmp_path: Path) -> None:
    """2.10 and 2.18: what has expired since was newly recognised all the same."""
    profile = {"recognitions": [{"issued": "2020-03-01", "expires": "2021-03-01"}]}
    assert verdict_of(tmp_path, NEW, profile, **KEYS) == "eligible"
    assert verdict_of(tmp_path, "{held: recognition}", profile, **KEYS) == "ineligible"


@pytest.mark.parametrize(
    ("record", "verdict", "assumptions"),
    [
        ({}, "eligible", 1),
        ({"award_received": None}, "eligible", 1),
        ({"award_received": False}, "eligible", 0),
        ({"award_received": True}, "ineligible", 0),
        ({"award_received": ["是", "否"]}, "eligible", 1),
    ],
)
def test_silence_on_a_one_off_award_is_noted_not_unknown(
    tmp_path: Path, record: dict[str, Any], verdict: str, assumptions: int
) -> None:
    """2.10: it blocks only where the profile says so; the assumption is listed with the verdict."""
    result = result_of(tmp_path, ONCE, {"recognitions": [record]}, **KEYS)
    assert result.verdict == verdict
    assert len(result.assumptions) == assumptions
    assert result.missing == []
    assert result.items is not None
    assert len(result.items[0].assumptions) == assumptions
    assert only_reason(result).assumed is bool(assumptions)


def test_an_assumption_inside_a_filter_is_listed_too(tmp_path: Path) -> None:
    """2.10 and 2.4: an enterprise measure over records assumes no less visibly."""
    result = result_of(tmp_path, f"{{exists: recognition, where: [{ONCE}]}}", {"recognitions": [{}]})
    assert result.verdict == "eligible"
    assert len(result.assumptions) == 1


def test_within_validity_of_any_date(tmp_path: Path) -> None:
    """2.10 and 2.18: the same for dates that are not recognitions, enterprise fields among them."""
    condition = "{within_validity: founded_on}"
    assert verdict_of(tmp_path, condition, {"founded_on": "2020-01-01"}) == "eligible"
    assert verdict_of(tmp_path, condition, {"founded_on": "2019-12-31"}) == "ineligible"
    assert verdict_of(tmp_path, condition, {"founded_on": "2021-07-01"}) == "ineligible"
    contract = "{exists: contract, where: [{within_validity: contract.date}]}"
    assert verdict_of(tmp_path, contract, {"contracts": [{"date": "2021-06-30"}]}) == "eligible"
