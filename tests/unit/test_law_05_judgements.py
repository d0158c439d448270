"""DESIGN 2.5: judgements stay unknown until a reviewer's finding (who, when, why) is in the profile."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import InputError
from tests.helpers import only_reason, result_of, review, verdict_of

MAJOR = "{judgement: major}"
YES, NO, OPEN = "eligible", "ineligible", "undetermined"


def findings(*items: dict[str, Any]) -> dict[str, Any]:
    return {"findings": list(items)}


def test_without_a_finding_it_is_unknown(tmp_path: Path) -> None:
    """2.5: and the result waits for that judgement."""
    result = result_of(tmp_path, MAJOR, {})
    assert (result.verdict, result.judgements) == (OPEN, ["major"])
    reason = only_reason(result, "judgement")
    assert (reason.status, reason.judgement, reason.label) == ("judgement", "major", "属于重大项目")
    assert reason.review is None


@pytest.mark.parametrize(("answer", "verdict"), [(True, YES), (False, NO), ("是", YES), ("否", NO)])
def test_a_finding_is_true_or_false_and_is_shown(tmp_path: Path, answer: Any, verdict: str) -> None:
    """2.5: with who, when and why."""
    result = result_of(tmp_path, MAJOR, findings(review("major", answer)))
    assert result.verdict == verdict
    shown = only_reason(result, "judgement").review
    assert shown is not None
    assert (shown.by, shown.on, shown.why) == ("张三", "2021年5月1日", "已核实")


@pytest.mark.parametrize("missing", ["judgement", "finding", "by", "on", "why"])
def test_who_when_and_why_are_required(tmp_path: Path, missing: str) -> None:
    """2.5: a finding without one of them is refused, also where it is said to be unknown."""
    given = review("major")
    for profile in (
        findings({key: value for key, value in given.items() if key != missing}),
        findings({**given, missing: None}),
        findings({**given, missing: "不详"}),
    ):
        with pytest.raises(InputError) as error:
            verdict_of(tmp_path, MAJOR, profile)
        assert [item.code for item in error.value.findings] == ["profile-finding"]
        assert f"({missing})" in error.value.findings[0].message.translate(str.maketrans("（）", "()"))


@pytest.mark.parametrize("on", ["2021年5月", "2021年", "2021-05-01至2021-05-02"])
def test_the_day_of_a_finding_is_one_day(tmp_path: Path, on: str) -> None:
    """2.5: when is a day."""
    with pytest.raises(InputError) as error:
        verdict_of(tmp_path, MAJOR, findings(review("major", on=on)))
    assert [item.code for item in error.value.findings] == ["profile-finding"]


def test_a_finding_says_yes_or_no(tmp_path: Path) -> None:
    """2.5: a finding is true or false, not perhaps."""
    with pytest.raises(InputError) as error:
        verdict_of(tmp_path, MAJOR, findings(review("major", finding=["是", "否"])))
    assert [item.code for item in error.value.findings] == ["profile-finding"]


def test_a_later_finding_wins(tmp_path: Path) -> None:
    """2.5: in whatever order they are written."""
    early, late = review("major", True, on="2021-05-01"), review("major", False, on="2021-05-02", by="李四")
    for items in ((early, late), (late, early)):
        result = result_of(tmp_path, MAJOR, findings(*items))
        assert result.verdict == NO
        shown = only_reason(result, "judgement").review
        assert shown is not None
        assert shown.by == "李四"


def test_contradicting_findings_of_one_day_are_unknown(tmp_path: Path) -> None:
    """2.5: and said to contradict each other; two that agree count."""
    result = result_of(tmp_path, MAJOR, findings(review("major", True), review("major", False, by="李四")))
    assert (result.verdict, result.judgements) == (OPEN, ["major"])
    assert "矛盾" in (only_reason(result, "judgement").note or "")
    agree = findings(review("major", True), review("major", True, by="李四"))
    assert verdict_of(tmp_path, MAJOR, agree) == YES


def test_a_finding_after_the_as_of_date_does_not_count(tmp_path: Path) -> None:
    """2.5 and 2.18: one of the day itself does."""
    profile = findings(review("major", on="2021-06-30"))
    assert verdict_of(tmp_path, MAJOR, profile, as_of=date(2021, 6, 30)) == YES
    assert verdict_of(tmp_path, MAJOR, profile, as_of=date(2021, 6, 29)) == OPEN
    later = findings(review("major", True, on="2021-05-01"), review("major", False, on="2021-07-01"))
    assert verdict_of(tmp_path, MAJOR, later, as_of=date(2021, 6, 30)) == YES
    assert verdict_of(tmp_path, MAJOR, later, as_of=date(2021, 7, 1)) == NO


def test_a_finding_about_a_record_settles_that_record_only(tmp_path: Path) -> None:
    """2.5: ``about`` names the record; one about no record holds for all."""
    projects = {"projects": [{"id": "甲"}, {"id": "乙"}, {}]}
    keys: dict[str, Any] = {"subject": "project"}

    def verdicts(*items: dict[str, Any]) -> list[str]:
        result = result_of(tmp_path, MAJOR, {**projects, **findings(*items)}, **keys)
        assert result.items is not None
        return [item.verdict for item in result.items]

    assert verdicts() == [OPEN, OPEN, OPEN]
    assert verdicts(review("major", about="甲")) == [YES, OPEN, OPEN]
    assert verdicts(review("major")) == [YES, YES, YES]
    assert verdicts(review("major"), review("major", False, about="乙")) == [YES, NO, YES]
    assert verdicts(review("major", False, about="丙")) == [OPEN, OPEN, OPEN]


def test_a_finding_about_a_record_beats_a_later_general_one(tmp_path: Path) -> None:
    """2.5: what was said about this very record counts first."""
    items = findings(review("major", False, about="甲", on="2021-05-01"), review("major", True, on="2021-06-01"))
    result = result_of(tmp_path, MAJOR, {"projects": [{"id": "甲"}], **items}, subject="project")
    assert result.verdict == NO


def test_a_finding_about_a_record_says_nothing_about_the_enterprise(tmp_path: Path) -> None:
    """2.5: an enterprise measure takes general findings only."""
    profile = {"projects": [{"id": "甲"}], **findings(review("major", about="甲"))}
    assert verdict_of(tmp_path, MAJOR, profile) == OPEN


def test_a_finding_inside_a_filter_is_about_that_record(tmp_path: Path) -> None:
    """2.5: among the contracts of a filter, the one that the finding names counts."""
    condition = "{exists: contract, where: [{judgement: major}, {field: contract.amount, at_least: 100万元}]}"
    contracts = [{"id": "甲", "amount": "200万元"}, {"id": "乙", "amount": "50万元"}]
    given = {"contracts": contracts}
    assert verdict_of(tmp_path, condition, given) == OPEN
    assert verdict_of(tmp_path, condition, {**given, **findings(review("major", about="甲"))}) == YES
    assert verdict_of(tmp_path, condition, {**given, **findings(review("major", False, about="甲"))}) == NO
    assert verdict_of(tmp_path, condition, {**given, **findings(review("major", about="乙"))}) == OPEN


def test_a_filter_around_a_subject_asks_about_the_inner_record(tmp_path: Path) -> None:
    """2.5: inside a filter the record is that of the filter, not the subject around it."""
    condition = "{exists: contract, where: [{judgement: major}]}"
    given = {"projects": [{"id": "项目甲"}], "contracts": [{"id": "合同甲"}]}
    keys: dict[str, Any] = {"subject": "project"}
    about_inner = findings(review("major", about="合同甲"))
    assert verdict_of(tmp_path, condition, {**given, **about_inner}, **keys) == YES
    about_outer = findings(review("major", about="项目甲"))
    assert verdict_of(tmp_path, condition, {**given, **about_outer}, **keys) == OPEN


def test_a_self_declaration_does_not_count(tmp_path: Path) -> None:
    """2.5: there is no other way to answer a judgement; a profile that tries is refused."""
    with pytest.raises(InputError) as error:
        verdict_of(tmp_path, MAJOR, {"major": True})
    assert [item.code for item in error.value.findings] == ["profile-unknown-field"]
    assert verdict_of(tmp_path, MAJOR, findings(review("benefit"))) == OPEN


def test_a_finding_of_no_measure_changes_nothing(tmp_path: Path) -> None:
    """2.5: a finding counts for its judgement only."""
    with_other = result_of(tmp_path, f"{MAJOR}, {{judgement: benefit}}", findings(review("benefit")))
    assert (with_other.verdict, with_other.judgements) == (OPEN, ["major"])
