"""DESIGN 2.18: every evaluation has an as-of date; documents, thresholds and recognitions are dated."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import clock, screen
from tests.helpers import document, measure, only_reason, pack_of, result_of, screened, verdict_of

STAFF = "{field: staff, at_least: 50}"
HELD = "{held: recognition}"
KEYS: dict[str, Any] = {"subject": "recognition"}


def test_validity_is_inclusive_at_both_ends(tmp_path: Path) -> None:
    """2.18: first and last day count, one day either side does not."""
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2022, 12, 31), date(2023, 1, 1)]
    found = [verdict_of(tmp_path, STAFF, {"staff": 50}, as_of=day) for day in days]
    assert found == ["not_in_force", "eligible", "eligible", "not_in_force"]


def test_validity_without_an_end(tmp_path: Path) -> None:
    """2.18: in force from its first day on."""
    pack = pack_of(tmp_path, measure(STAFF), document=document(validity="{from: 2024-10-09, to: null, basis: stated}"))
    found = {
        day: screened(pack, {"staff": 50}, day).results[0]
        for day in (date(2024, 10, 8), date(2024, 10, 9), date(2124, 1, 1))
    }
    assert [result.verdict for result in found.values()] == ["not_in_force", "eligible", "eligible"]
    assert "未规定终止日" in only_reason(found[date(2024, 10, 8)], "validity").label


def test_an_inferred_validity_says_so_and_why(tmp_path: Path) -> None:
    """2.18: ends inferred from the title are marked."""
    changed = document(validity="{from: 2020-01-01, to: 2020-12-31, basis: inferred, why: 起止年份取自标题}")
    reason = only_reason(screened(pack_of(tmp_path, measure(STAFF), document=changed), {}).results[0], "validity")
    assert (reason.inferred, reason.why) == (True, "起止年份取自标题")


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ({"issued": "2021-06-30", "expires": "2022-06-30"}, "eligible"),
        ({"issued": "2021-07-01", "expires": "2022-06-30"}, "ineligible"),
        ({"issued": "2020-06-30", "expires": "2021-06-30"}, "eligible"),
        ({"issued": "2020-06-30", "expires": "2021-06-29"}, "ineligible"),
        ({"issued": "2020-06-30"}, "undetermined"),
        ({"expires": "2022-06-30"}, "undetermined"),
        ({"expires": "2020-06-30"}, "ineligible"),
        ({}, "undetermined"),
    ],
)
def test_held_is_issued_to_expires_inclusive(tmp_path: Path, record: dict[str, Any], verdict: str) -> None:
    """2.18: issued <= as-of <= expires; without an expiry and without a term it is unknown."""
    assert verdict_of(tmp_path, HELD, {"recognitions": [{"kind": "base", **record}]}, **KEYS) == verdict


@pytest.mark.parametrize(
    ("issued", "as_of", "verdict"),
    [
        ("2018-06-30", date(2021, 6, 30), "eligible"),
        ("2018-06-29", date(2021, 6, 30), "ineligible"),
        ("2021-06-30", date(2021, 6, 30), "eligible"),
        ("2020-02-29", date(2022, 12, 31), "eligible"),
        ("2018年6月", date(2021, 6, 30), "undetermined"),
        ("2018年7月", date(2021, 6, 30), "eligible"),
        ("2017年", date(2021, 6, 30), "ineligible"),
    ],
)
def test_the_vocabularys_term_counts_where_no_expiry_is_stated(
    tmp_path: Path, issued: str, as_of: date, verdict: str
) -> None:
    """2.18: a high-tech certificate is valid for three years."""
    profile = {"recognitions": [{"kind": "hnte", "issued": issued}]}
    assert verdict_of(tmp_path, HELD, profile, as_of=as_of, **KEYS) == verdict


def test_a_leap_day_ends_on_the_28th(tmp_path: Path) -> None:
    """2.18: three years after 29 February."""
    pack = pack_of(
        tmp_path, measure(HELD, **KEYS), document=document(validity="{from: 2020-01-01, to: null, basis: stated}")
    )
    profile = {"recognitions": [{"kind": "hnte", "issued": "2020-02-29"}]}
    days = [date(2023, 2, 28), date(2023, 3, 1)]
    assert [screened(pack, profile, day).results[0].verdict for day in days] == ["eligible", "ineligible"]


def test_a_stated_expiry_beats_the_term(tmp_path: Path) -> None:
    """2.18: shorter or longer."""
    for expires, verdict in (("2021-06-29", "ineligible"), ("2030-01-01", "eligible")):
        profile = {"recognitions": [{"kind": "hnte", "issued": "2017-01-01", "expires": expires}]}
        assert verdict_of(tmp_path, HELD, profile, **KEYS) == verdict


def test_the_end_of_a_term_is_explained(tmp_path: Path) -> None:
    """2.18 and 2.19: with the rule behind it."""
    result = result_of(tmp_path, HELD, {"recognitions": [{"kind": "hnte", "issued": "2020-03-01"}]}, **KEYS)
    reason = next(item for item in result.reasons if item.fields == ["recognition.expires"])
    assert reason.value == "2023年3月1日"
    assert "有效期3年" in (reason.derivation or "")
    assert "证书有效期三年" in (reason.derivation or "")


def test_a_term_needs_one_kind(tmp_path: Path) -> None:
    """2.18: where the kind is open, so is the end."""
    profile = {"recognitions": [{"kind": ["hnte", "base"], "issued": "2020-03-01"}]}
    assert verdict_of(tmp_path, HELD, profile, **KEYS) == "undetermined"


PARAMETERS = """
parameters:
  least:
    label: 人数下限
    type: count
    values:
      - {from: null, to: 2020-12-31, value: 100人, source: 旧办法第一条, certainty: seen}
      - {from: 2021-01-01, to: 2021-12-31, value: 50人, source: 新办法第一条, certainty: seen}
      - {from: 2022-07-01, value: 10人, source: 更新的办法, certainty: seen}
derived: []
"""
DATED = "{field: staff, at_least: {parameter: least}}"


@pytest.mark.parametrize(
    ("as_of", "staff", "verdict"),
    [
        (date(2020, 12, 31), 99, "ineligible"),
        (date(2020, 12, 31), 100, "eligible"),
        (date(2021, 1, 1), 50, "eligible"),
        (date(2021, 1, 1), 49, "ineligible"),
        (date(2021, 12, 31), 50, "eligible"),
        (date(2022, 7, 1), 10, "eligible"),
        (date(2022, 7, 1), 9, "ineligible"),
        (date(2022, 1, 1), 1000, "undetermined"),
    ],
)
def test_dated_thresholds(tmp_path: Path, as_of: date, staff: int, verdict: str) -> None:
    """2.18: the value of the day, both ends inclusive; no value is unknown."""
    pack = pack_of(tmp_path, measure(DATED), derived=PARAMETERS)
    assert screened(pack, {"staff": staff}, as_of).results[0].verdict == verdict


def test_a_dated_threshold_names_its_source(tmp_path: Path) -> None:
    """2.18: the gap is measured from the threshold of that day."""
    pack = pack_of(tmp_path, measure(DATED), derived=PARAMETERS)
    reason = only_reason(screened(pack, {"staff": 49}).results[0])
    assert "人数下限" in (reason.parameter or "")
    assert "新办法第一条" in (reason.parameter or "")
    assert reason.gap == "差1人"
    without = only_reason(screened(pack, {"staff": 49}, date(2022, 1, 1)).results[0])
    assert without.status == "unknown"
    assert "没有适用的参数" in (without.note or "")
    assert "无适用值" in (without.parameter or "")


def test_what_waits_for_a_threshold_is_no_judgement(tmp_path: Path) -> None:
    """2.18 and 2.6: nobody has to judge where a rule has no value for the day."""
    pack = pack_of(tmp_path, measure(f"{DATED}, {{field: listed, equals: true}}"), derived=PARAMETERS)
    result = screened(pack, {"staff": 49, "listed": True}, date(2022, 1, 1)).results[0]
    assert next(item.status for item in result.reasons if item.kind == "all") == "unknown"
    assert (result.judgements, result.stated) == ([], "unknown")


def test_days_since_a_date(tmp_path: Path) -> None:
    """2.18: counted from the as-of date."""
    condition = "{days_since: founded_on, at_least: 365}"
    assert verdict_of(tmp_path, condition, {"founded_on": "2020-06-30"}) == "eligible"
    assert verdict_of(tmp_path, condition, {"founded_on": "2020-07-01"}) == "ineligible"
    assert verdict_of(tmp_path, condition, {"founded_on": "2020年6月"}) == "eligible"
    assert verdict_of(tmp_path, condition, {"founded_on": "2020-06-30至2020-07-01"}) == "undetermined"
    negative = only_reason(result_of(tmp_path, condition, {"founded_on": "2021-07-10"}))
    assert (negative.status, negative.value) == ("not_satisfied", "-10天")


def test_today_is_the_default(tmp_path: Path) -> None:
    """2.18: today by default."""
    today = clock.today()
    text = f"{{from: {today - timedelta(days=1)}, to: {today + timedelta(days=1)}, basis: stated}}"
    pack = pack_of(tmp_path, measure(STAFF), document=document(validity=text))
    found = screen({"staff": 50}, pack)
    assert found.as_of in {today.isoformat(), clock.today().isoformat()}
    assert found.results[0].verdict == "eligible"


def test_the_determination_carries_its_date_and_profile(tmp_path: Path) -> None:
    """2.18: so that it can be redone."""
    found = screened(pack_of(tmp_path, measure(STAFF)), {"staff": 50, "name": "甲公司"}, date(2020, 3, 4))
    assert (found.as_of, found.name, found.profile) == ("2020-03-04", "甲公司", {"staff": 50, "name": "甲公司"})
