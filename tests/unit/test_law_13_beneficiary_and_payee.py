"""DESIGN 2.13: who is promised something (hard), and who is paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import InputError
from tests.helpers import measure, only_reason, pack_of, result_of, screened, verdict_of

STAFF = "{field: staff, at_least: 50}"


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        (["company"], "eligible"),
        (["企业", "bank"], "eligible"),
        (["bank"], "ineligible"),
        ("无", "ineligible"),
        (None, "undetermined"),
        ({"partial": True, "items": ["bank"]}, "undetermined"),
    ],
)
def test_the_kind_of_beneficiary_is_hard(tmp_path: Path, kinds: Any, verdict: str) -> None:
    """2.13: one of the kinds that the text names."""
    profile = {"staff": 50, "applicant_kinds": kinds}
    assert verdict_of(tmp_path, STAFF, profile, kinds="[company, university]") == verdict


def test_the_beneficiary_is_explained_like_a_condition(tmp_path: Path) -> None:
    """2.13: in the words of the text."""
    result = result_of(tmp_path, STAFF, {"staff": 50, "applicant_kinds": ["bank"]}, kinds="[company]")
    first = next(reason for reason in result.reasons if reason.kind == "condition")
    assert (first.label, first.status, first.decisive) == ("申报主体为单位", "not_satisfied", True)
    assert first.fields == ["applicant_kinds"]


def test_anybody_says_why(tmp_path: Path) -> None:
    """2.13: every measure names the kind of beneficiary, or why none is named."""
    text = measure(STAFF).replace(", why: 测试不限主体", "")
    with pytest.raises(InputError) as error:
        pack_of(tmp_path, text)
    assert [item.code for item in error.value.findings] == ["measure-beneficiary"]


def test_a_person_is_the_record_itself(tmp_path: Path) -> None:
    """2.13: no condition on the applicant follows; without a record the applicant is to be a person."""
    keys: dict[str, Any] = {"kinds": "[person]", "payee": "person", "subject": "talent"}
    result = result_of(tmp_path, "{field: talent.work, within: 廊坊市}", {"talents": [{"work": "固安县"}]}, **keys)
    assert result.verdict == "eligible"
    assert only_reason(result).fields == ["talent.work"]
    applicant = {"staff": 50, "applicant_kinds": "个人"}
    assert verdict_of(tmp_path, STAFF, applicant, kinds="[person]") == "eligible"
    assert verdict_of(tmp_path, STAFF, {**applicant, "applicant_kinds": "企业"}, kinds="[person]") == "ineligible"


def test_totals_are_per_payee(tmp_path: Path) -> None:
    """2.13 and 2.14: 1:1 matching goes to the person."""
    pack = pack_of(
        tmp_path,
        measure(STAFF, id="award", benefit="{kind: award, amount: 10万元}"),
        measure(
            "{field: talent.work, within: 廊坊市}",
            id="match", subject="talent", payee="person", kinds="[person]",
            benefit='{kind: matching, rate: "1:1", base: {field: talent.award}}',
        ),
        measure(STAFF, id="title", payee="team", benefit="{kind: title}"),
    )  # fmt: skip
    found = screened(pack, {"staff": 50, "talents": [{"work": "固安县", "award": "30万元"}]})
    assert {item.measure: item.payee for item in found.results} == {
        "award": "applicant",
        "match": "person",
        "title": "team",
    }
    assert {payee: total.confirmed for payee, total in found.totals.items()} == {
        "applicant": ("100000", "100000"),
        "person": ("300000", "300000"),
    }
