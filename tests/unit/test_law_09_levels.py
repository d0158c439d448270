"""DESIGN 2.9: a level is a tier and the issuing division."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import InputError
from tests.helpers import measure, pack_of, screened, verdict_of

DERIVED = """
derived:
  - field: recognition.tier
    title: 由认定单位所属地区推导级次
    source: {title: 行政区划代码}
    cases:
      - {when: [{field: recognition.issuer, rank: national}], value: national}
      - {when: [{field: recognition.issuer, rank: provincial}], value: provincial}
      - {when: [{field: recognition.issuer, rank: prefecture}], value: prefecture}
      - {when: [{field: recognition.issuer, rank: county}], value: county}
"""
CITY = "{level: recognition, tier: prefecture, of: 廊坊市}"
CITY_UP = "{level: recognition, tier: prefecture, of: 廊坊市, or_above: true}"
PROVINCE = "{level: recognition, tier: provincial, of: 河北省}"
BEIJING = "{level: recognition, tier: provincial, of: 北京市}"
YES, NO, OPEN = "eligible", "ineligible", "undetermined"

TABLE: list[tuple[dict[str, Any], str, str, str, str]] = [
    # the record; 廊坊市级; 廊坊市级以上; 河北省级; 北京市级
    ({"issuer": "廊坊市"}, YES, YES, NO, NO),
    ({"issuer": "廊坊市", "tier": "市级"}, YES, YES, NO, NO),
    ({"issuer": "保定市", "tier": "市级"}, NO, NO, NO, NO),
    ({"issuer": "固安县"}, NO, NO, NO, NO),
    ({"issuer": "河北省"}, NO, YES, YES, NO),
    ({"issuer": "全国"}, NO, YES, NO, NO),
    ({"tier": "国家级"}, NO, YES, NO, NO),
    ({"issuer": "北京市", "tier": "市级"}, NO, NO, NO, YES),
    ({"issuer": "天津市", "tier": "市级"}, NO, NO, NO, NO),
    ({"issuer": "大兴区", "tier": "区县级"}, NO, NO, NO, NO),
    ({"tier": "市级"}, OPEN, OPEN, OPEN, OPEN),
    ({"tier": "区县级"}, NO, NO, NO, NO),
    ({"tier": "省级"}, NO, OPEN, OPEN, OPEN),
    ({}, OPEN, OPEN, OPEN, OPEN),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row[0]))
def test_levels(tmp_path: Path, row: tuple[dict[str, Any], str, str, str, str]) -> None:
    """2.9: Beijing's 市级 is the provincial tier; 市级以上 includes 市级 and the tiers above."""
    record, *expected = row
    conditions = (CITY, CITY_UP, PROVINCE, BEIJING)
    measures = [measure(text, id=f"m{n}", subject="recognition") for n, text in enumerate(conditions)]
    pack = pack_of(tmp_path, *measures, derived=DERIVED)
    found = screened(pack, {"recognitions": [record]})
    assert [item.verdict for item in found.results] == expected


def test_a_level_without_derivation_needs_both_parts(tmp_path: Path) -> None:
    """2.9: tier and issuer, both or unknown."""
    keys: dict[str, Any] = {"subject": "recognition"}
    assert verdict_of(tmp_path, CITY, {"recognitions": [{"issuer": "廊坊市"}]}, **keys) == OPEN
    assert verdict_of(tmp_path, CITY, {"recognitions": [{"issuer": "廊坊市", "tier": "prefecture"}]}, **keys) == YES
    assert verdict_of(tmp_path, CITY, {"recognitions": [{"issuer": "廊坊市", "tier": "county"}]}, **keys) == NO


@pytest.mark.parametrize(
    "condition",
    [
        "{level: recognition, tier: prefecture, of: 北京市}",
        "{level: recognition, tier: county, of: 廊坊市}",
        "{level: recognition, tier: national, of: 全国, or_above: true}",
        "{level: recognition, tier: 市级, of: 廊坊市}",
    ],
)
def test_a_level_that_does_not_exist_is_refused(tmp_path: Path, condition: str) -> None:
    """2.9: Beijing has no prefecture tier."""
    with pytest.raises(InputError) as error:
        pack_of(tmp_path, measure(condition, subject="recognition"))
    assert [item.code for item in error.value.findings] == ["condition-bad-tier"]


def test_a_county_level_names_the_county(tmp_path: Path) -> None:
    """2.9: 固安县级 means issued by Gu'an; with or_above by Langfang, Hebei or the nation as well."""
    keys: dict[str, Any] = {"subject": "recognition"}
    own = "{level: recognition, tier: county, of: 固安县}"
    above = "{level: recognition, tier: county, of: 固安县, or_above: true}"
    county = {"recognitions": [{"issuer": "固安县", "tier": "county"}]}
    other = {"recognitions": [{"issuer": "永清县", "tier": "county"}]}
    city = {"recognitions": [{"issuer": "廊坊市", "tier": "prefecture"}]}
    nation = {"recognitions": [{"issuer": "全国", "tier": "national"}]}
    assert [verdict_of(tmp_path, own, p, **keys) for p in (county, other, city, nation)] == [YES, NO, NO, NO]
    assert [verdict_of(tmp_path, above, p, **keys) for p in (county, other, city, nation)] == [YES, NO, YES, YES]
