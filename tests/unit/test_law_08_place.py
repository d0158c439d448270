"""DESIGN 2.8: jurisdiction, destination, and where projects and spaces lie, are separate fields."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import result_of, verdict_of

HOME = "{field: home, within: 廊坊市}"


@pytest.mark.parametrize(
    ("home", "verdict"),
    [
        ("廊坊市", "eligible"),
        ("固安县", "eligible"),
        ("131022", "eligible"),
        ("河北省廊坊市三河市", "eligible"),
        ("大厂回族自治县", "eligible"),
        ("保定市", "ineligible"),
        ("北京市大兴区", "ineligible"),
        ("河北省", "undetermined"),
        ("全国", "undetermined"),
        (None, "undetermined"),
    ],
)
def test_within_a_jurisdiction(tmp_path: Path, home: str | None, verdict: str) -> None:
    """2.8: everything inside counts, everything outside does not, what is coarser is open."""
    assert verdict_of(tmp_path, HOME, {"home": home}) == verdict


def test_the_three_counties_of_the_north(tmp_path: Path) -> None:
    """2.8: within a list of places."""
    condition = "{field: home, within: [三河市, 大厂回族自治县, 香河县]}"
    codes = {"131082": "eligible", "131028": "eligible", "131024": "eligible", "131022": "ineligible"}
    assert {code: verdict_of(tmp_path, condition, {"home": code}) for code in codes} == codes


def test_a_destination_is_not_where_the_applicant_comes_from(tmp_path: Path) -> None:
    """2.8: a clause that recruits from outside tests the destination."""
    condition = f"{{not: {HOME}}}, {{field: landing, within: 廊坊市}}"
    assert verdict_of(tmp_path, condition, {"home": "北京市", "landing": "固安县"}) == "eligible"
    assert verdict_of(tmp_path, condition, {"home": "固安县", "landing": "固安县"}) == "ineligible"
    assert verdict_of(tmp_path, condition, {"home": "北京市", "landing": "北京市"}) == "ineligible"
    assert verdict_of(tmp_path, condition, {"home": "北京市"}) == "undetermined"
    assert verdict_of(tmp_path, condition, {"home": "河北省", "landing": "固安县"}) == "undetermined"


def test_a_project_counts_where_it_lies(tmp_path: Path) -> None:
    """2.8: whoever applies."""
    condition = "{field: project.division, within: 廊坊市}"
    profile = {"home": "北京市", "projects": [{"id": "甲", "division": "固安县"}, {"id": "乙", "division": "北京市"}]}
    result = result_of(tmp_path, condition, profile, subject="project")
    assert result.items is not None
    assert [(item.record, item.verdict) for item in result.items] == [("甲", "eligible"), ("乙", "ineligible")]


def test_registration_in_the_zone_is_soft_and_the_space_itself_hard(tmp_path: Path) -> None:
    """2.8: for Zhongguancun Beijing is hard, 示范区 registration soft, except where the space must lie inside."""
    applicant = "{field: home, within: 北京市}, {field: in_zone, equals: true, soft: true, why: 由资金管理办法定}"
    assert verdict_of(tmp_path, applicant, {"home": "海淀区", "in_zone": True}) == "eligible"
    assert verdict_of(tmp_path, applicant, {"home": "海淀区", "in_zone": False}) == "undetermined"
    assert verdict_of(tmp_path, applicant, {"home": "廊坊市", "in_zone": False}) == "ineligible"
    space = "{field: project.in_zone, equals: true}"
    profile = {"projects": [{"in_zone": False}], "in_zone": True}
    assert verdict_of(tmp_path, space, profile, subject="project") == "ineligible"
