"""DESIGN 2.16: annual figures by fiscal year; 上年度 is the as-of year less one; absent is unknown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import InputError
from tests.helpers import only_reason, result_of, verdict_of

LAST = "{annual: revenue, at_least: 1000万元}"


def years(**revenue: Any) -> dict[str, Any]:
    return {"annuals": [{"fiscal_year": int(year[1:]), "revenue": value} for year, value in revenue.items()]}


@pytest.mark.parametrize(
    ("as_of", "verdict"),
    [
        (date(2021, 1, 1), "eligible"),
        (date(2021, 12, 31), "eligible"),
        (date(2020, 12, 31), "ineligible"),
        (date(2022, 1, 1), "undetermined"),
    ],
)
def test_last_year_is_the_as_of_year_less_one(tmp_path: Path, as_of: date, verdict: str) -> None:
    """2.16: by the calendar, not by twelve months."""
    assert verdict_of(tmp_path, LAST, years(y2019="1万元", y2020="1000万元"), as_of=as_of) == verdict


def test_an_absent_year_is_unknown_never_an_older_one(tmp_path: Path) -> None:
    """2.16: and the reason names the year."""
    result = result_of(tmp_path, LAST, years(y2019="9亿元", y2021="9亿元"))
    assert (result.verdict, result.missing) == ("undetermined", ["annual.revenue"])
    reason = only_reason(result)
    assert reason.value == "未填写"
    assert "2020年" in (reason.note or "")


def test_an_absent_figure_of_a_given_year_is_unknown(tmp_path: Path) -> None:
    """2.16: the year alone is not the figure."""
    result = result_of(tmp_path, LAST, {"annuals": [{"fiscal_year": 2020, "rd": "1万元"}]})
    assert (result.verdict, result.missing) == ("undetermined", ["annual.revenue"])


@pytest.mark.parametrize("profile", [{}, {"annuals": None}])
def test_a_missing_list_of_years(tmp_path: Path, profile: dict[str, Any]) -> None:
    """2.16: waits for the list."""
    assert result_of(tmp_path, LAST, profile).missing == ["annuals"]


def test_an_empty_list_of_years_is_unknown_too(tmp_path: Path) -> None:
    """2.16: no year is no figure, not a figure of zero."""
    result = result_of(tmp_path, LAST, {"annuals": []})
    assert (result.verdict, result.missing) == ("undetermined", ["annual.revenue"])


@pytest.mark.parametrize(
    ("year", "verdict"), [("0", "ineligible"), ("-1", "eligible"), ("-2", "ineligible"), ("last", "eligible")]
)
def test_other_years(tmp_path: Path, year: str, verdict: str) -> None:
    """2.16: this year, last year, the year before."""
    condition = f"{{annual: revenue, year: {year}, at_least: 1000万元}}"
    assert verdict_of(tmp_path, condition, years(y2021="1万元", y2020="1000万元", y2019="2万元")) == verdict


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ({"y2018": "300万元", "y2019": "300万元", "y2020": "400万元"}, "eligible"),
        ({"y2018": "300万元", "y2019": "300万元", "y2020": "399万元"}, "ineligible"),
        ({"y2018": "300万元", "y2020": "9亿元"}, "undetermined"),
        ({"y2018": "300万元", "y2019": "300-500万元", "y2020": "300万元"}, "undetermined"),
        ({"y2018": "400万元", "y2019": "300-500万元", "y2020": "300万元"}, "eligible"),
        ({"y2017": "9亿元", "y2018": "1万元", "y2019": "1万元", "y2020": "1万元"}, "ineligible"),
        ({"y2018": "1万元", "y2019": "1万元", "y2020": "1万元", "y2021": "9亿元"}, "ineligible"),
    ],
)
def test_a_sum_of_years(tmp_path: Path, figures: dict[str, str], verdict: str) -> None:
    """2.16: the last three years up to the one before the as-of year; one missing is unknown."""
    condition = "{annual_sum: revenue, years: 3, at_least: 1000万元}"
    assert verdict_of(tmp_path, condition, years(**figures)) == verdict


def test_a_year_is_given_once(tmp_path: Path) -> None:
    """2.16: two figures for one year cannot both be true; a record without a year is none."""
    twice = {"annuals": [{"fiscal_year": 2020, "revenue": 1}, {"fiscal_year": 2020, "revenue": 2}]}
    with pytest.raises(InputError) as error:
        verdict_of(tmp_path, LAST, twice)
    assert [item.code for item in error.value.findings] == ["profile-duplicate-year"]
    for year in (None, "2019-2020"):
        with pytest.raises(InputError) as error:
            verdict_of(tmp_path, LAST, {"annuals": [{"fiscal_year": year, "revenue": 1}]})
        assert [item.code for item in error.value.findings] == ["profile-no-year"]


def test_a_sum_of_years_starts_with_the_enterprise(tmp_path: Path) -> None:
    """2.16: years that ended before it was founded do not count, where the rule says since when."""
    condition = "{annual_sum: revenue, years: 3, since: founded_on, at_least: 1000万元}"
    young = {"founded_on": "2020-03-01", **years(y2020="1000万元")}
    assert verdict_of(tmp_path, condition, young) == "eligible"
    assert verdict_of(tmp_path, condition, {**young, "founded_on": "2019-12-31"}) == "undetermined"
    assert verdict_of(tmp_path, condition, {**young, "founded_on": "2020年"}) == "eligible"
    assert result_of(tmp_path, condition, {**young, "founded_on": None}).verdict == "undetermined"
