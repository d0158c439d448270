"""DESIGN 2.19: derived facts are rules, explained and cited; sets, narrowing, conflicts, cycles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import InputError
from engine.compiler import compile_pack
from tests.helpers import measure, only_reason, pack_of, screened

SIZE = """
derived:
  - field: size
    title: 按人数划型
    source: {title: 划型规定, certainty: seen}
    cases:
      - {when: [{field: staff, at_least: 300}], value: large}
      - {when: [{field: staff, at_least: 100}], value: medium}
      - {when: [{field: staff, at_least: 10}], value: small}
    otherwise: micro
"""
SMALL = "{field: size, in: [small, micro]}"
YES, NO, OPEN = "eligible", "ineligible", "undetermined"


def result(tmp_path: Path, condition: str, profile: dict[str, Any], derived: str = SIZE, **keys: Any) -> Any:
    return screened(pack_of(tmp_path, measure(condition, **keys), derived=derived), profile).results[0]


def notes(tmp_path: Path, profile: dict[str, Any], derived: str = SIZE) -> list[str]:
    return screened(pack_of(tmp_path, measure(SMALL), derived=derived), profile).notes


@pytest.mark.parametrize(
    ("staff", "verdict", "value"),
    [
        (99, YES, "小型"),
        (100, NO, "中型"),
        (9, YES, "微型"),
        ("1-99人", YES, "小型或微型"),
        ("50-150人", OPEN, "中型或小型"),
        ("100-499人", NO, "大型或中型"),
        (None, OPEN, "大型或中型或小型或微型"),
    ],
)
def test_a_value_is_that_of_the_first_case_that_holds(tmp_path: Path, staff: Any, verdict: str, value: str) -> None:
    """2.19: a set where several cases may hold, and the atom is decided where the whole set is."""
    found = result(tmp_path, SMALL, {"staff": staff})
    reason = only_reason(found)
    assert found.verdict == verdict
    if staff is None:
        assert reason.value in (value, "未填写")
    else:
        assert reason.value == value


def test_a_derived_value_is_explained_and_cited(tmp_path: Path) -> None:
    """2.19: the rule and its source stand beside the value."""
    reason = only_reason(result(tmp_path, SMALL, {"staff": 50}))
    assert reason.derivation == "由规则推导：按人数划型（依据：划型规定）"
    assert only_reason(result(tmp_path, SMALL, {"size": "small"})).derivation is None


def test_a_stated_and_a_derived_value_narrow_each_other(tmp_path: Path) -> None:
    """2.19: 小微 from the profile and {medium, small} from the rule leave small."""
    found = result(tmp_path, "{field: size, equals: small}", {"size": "小微", "staff": "50-150人"})
    assert (found.verdict, only_reason(found).value) == (YES, "小型")
    assert notes(tmp_path, {"size": "小微", "staff": "50-150人"}) == []


def test_a_contradiction_is_reported_and_only_the_difference_is_unknown(tmp_path: Path) -> None:
    """2.19: atoms on which stated and derived value agree are decided."""
    profile = {"size": "micro", "staff": 200}
    assert result(tmp_path, SMALL, profile).verdict == OPEN
    assert result(tmp_path, "{field: size, in: [medium, micro]}", profile).verdict == YES
    assert result(tmp_path, "{field: size, equals: large}", profile).verdict == NO
    (note,) = notes(tmp_path, profile)
    assert all(part in note for part in ("规模", "微型", "中型", "按人数划型"))
    reason = only_reason(result(tmp_path, SMALL, profile))
    assert (reason.status, reason.fields) == ("unknown", ["size"])
    assert "矛盾" in (reason.note or "")
    waits = result(tmp_path, SMALL, profile).waiting_for
    assert [(item.kind, item.what) for item in waits] == [("fact", "size")]


def test_a_contradiction_is_no_silence_that_could_be_assumed(tmp_path: Path) -> None:
    """2.10 and 2.19: `assumed` stands for a field that nobody filled in and nothing derives."""
    small = "{field: size, equals: small, assumed: true, why: 未说}"
    assert result(tmp_path, small, {"listed": True}).verdict == YES
    assert result(tmp_path, small, {"staff": "50-150人"}).verdict == YES
    found = result(tmp_path, small, {"size": "micro", "staff": 50})
    assert (found.verdict, found.assumptions) == (OPEN, [])
    assert "矛盾" in (only_reason(found).note or "")


NUMBER = """
derived:
  - field: staff
    title: 按上年度人数
    source: {title: 年报}
    cases:
      - {when: [{annual: staff, between: [500, 500]}], value: 500人}
"""


def test_a_contradiction_of_numbers(tmp_path: Path) -> None:
    """2.19: what lies between the two values is neither of them."""
    profile = {"staff": 100, "annuals": [{"fiscal_year": 2020, "staff": 500}]}
    assert result(tmp_path, "{field: staff, at_least: 300}", profile, NUMBER).verdict == OPEN
    assert result(tmp_path, "{field: staff, at_least: 100}", profile, NUMBER).verdict == YES
    assert result(tmp_path, "{field: staff, above: 500}", profile, NUMBER).verdict == NO


def test_a_contradiction_of_numbers_holds_nothing_between(tmp_path: Path) -> None:
    """2.19: both values lie outside 200 to 300, so the two do not differ on it."""
    profile = {"staff": 100, "annuals": [{"fiscal_year": 2020, "staff": 500}]}
    assert result(tmp_path, "{field: staff, between: [200, 300]}", profile, NUMBER).verdict == NO


def test_a_contradiction_reaches_amounts_ratios_and_filters(tmp_path: Path) -> None:
    """2.19: whatever reads the fact holds both values possible."""
    clash = {"size": "micro", "staff": 200, "listed": True}
    tiers = "{kind: tiered, by: size, amounts: {micro: 10万元, small: 20万元, medium: 30万元}}"
    paid = result(tmp_path, "{field: listed, equals: true}", clash, benefit=tiers)
    assert (paid.verdict, paid.amount_range_yuan) == (YES, ("100000", "300000"))
    numbers = {"staff": 100, "annuals": [{"fiscal_year": 2020, "staff": 500, "revenue": 1000}]}
    ratio = "{ratio: {of: {field: staff}, to: {annual: revenue}}, at_least: 30%}"
    assert result(tmp_path, ratio, numbers, NUMBER).verdict == OPEN
    tier = "{exists: recognition, where: [{field: recognition.tier, equals: prefecture}]}"
    held = {"recognitions": [{"issuer": "廊坊市", "tier": "国家级"}]}
    assert result(tmp_path, tier, held, RECORDS).verdict == OPEN


PLACE = """
derived:
  - field: office
    title: 注册地即经营地
    source: {title: 约定}
    cases:
      - {when: [{field: home, within: 固安县}], value: 固安县}
      - {when: [{field: home, within: 廊坊市}], value: 廊坊市}
"""


def test_places_narrow_to_the_finer_one(tmp_path: Path) -> None:
    """2.19: a county implies its city."""
    finer = result(tmp_path, "{field: office, within: 固安县}", {"home": "固安县", "office": "廊坊市"}, PLACE)
    assert (finer.verdict, only_reason(finer).value) == (YES, "廊坊市固安县")
    coarser = result(tmp_path, "{field: office, within: 三河市}", {"home": "三河市", "office": "三河市"}, PLACE)
    assert coarser.verdict == YES
    elsewhere = {"home": "固安县", "office": "北京市"}
    assert result(tmp_path, "{field: office, within: 廊坊市}", elsewhere, PLACE).verdict == OPEN


OTHERWISE = """
derived:
  - field: listed
    title: 有代码即上市
    source: {title: 约定}
    cases:
      - {when: [{field: code, in: [A, B]}], value: true}
    otherwise: false
"""


def test_otherwise(tmp_path: Path) -> None:
    """2.19: the value where no case holds; without it nothing follows."""
    condition = "{field: listed, equals: true}"
    assert result(tmp_path, condition, {"code": "A"}, OTHERWISE).verdict == YES
    assert result(tmp_path, condition, {"code": "C"}, OTHERWISE).verdict == NO
    assert result(tmp_path, condition, {}, OTHERWISE).verdict == OPEN
    silent = OTHERWISE.replace("    otherwise: false\n", "")
    assert result(tmp_path, condition, {"code": "C"}, silent).verdict == OPEN
    assert result(tmp_path, condition, {"code": "C", "listed": True}, silent).verdict == YES


CHAIN = """
derived:
  - field: listed
    title: 大型即上市
    source: {title: 约定}
    cases:
      - {when: [{field: size, equals: large}], value: true}
    otherwise: false
  - field: in_zone
    title: 上市即在示范区
    source: {title: 约定}
    cases:
      - {when: [{field: listed, equals: true}], value: true}
""" + SIZE.replace("\nderived:\n", "")


def test_derivations_run_in_the_order_of_their_needs(tmp_path: Path) -> None:
    """2.19: however they are written."""
    assert result(tmp_path, "{field: in_zone, equals: true}", {"staff": 300}, CHAIN).verdict == YES
    assert result(tmp_path, "{field: listed, equals: false}", {"staff": 20}, CHAIN).verdict == YES
    assert result(tmp_path, "{field: listed, equals: true}", {"staff": "200-400人"}, CHAIN).verdict == OPEN


RECORDS = """
derived:
  - field: recognition.tier
    title: 由认定单位推导
    source: {title: 区划代码}
    cases:
      - {when: [{field: recognition.issuer, rank: prefecture}], value: prefecture}
  - field: listed
    title: 有市级认定即上市
    source: {title: 约定}
    cases:
      - {when: [{exists: recognition, where: [{field: recognition.tier, equals: prefecture}]}], value: true}
"""


def test_facts_of_records_are_derived_for_each_record(tmp_path: Path) -> None:
    """2.19: and before what counts the records."""
    profile = {"recognitions": [{"issuer": "北京市"}, {"issuer": "廊坊市"}]}
    assert result(tmp_path, "{field: listed, equals: true}", profile, RECORDS).verdict == YES
    found = result(tmp_path, "{field: recognition.tier, equals: prefecture}", profile, RECORDS, subject="recognition")
    assert [item.verdict for item in found.items] == [OPEN, YES]


def test_a_contradiction_of_a_record_names_it(tmp_path: Path) -> None:
    """2.19: which certificate to look at."""
    profile = {"recognitions": [{"id": "证书甲", "issuer": "廊坊市", "tier": "国家级"}]}
    condition = "{field: recognition.tier, equals: prefecture}"
    pack = pack_of(tmp_path, measure(condition, subject="recognition"), derived=RECORDS)
    (note,) = screened(pack, profile).notes
    assert "证书甲" in note


@pytest.mark.parametrize(
    "derived",
    [
        """
derived:
  - {field: listed, title: 甲, source: {title: x}, cases: [{when: [{field: in_zone, equals: true}], value: true}]}
  - {field: in_zone, title: 乙, source: {title: x}, cases: [{when: [{field: listed, equals: true}], value: true}]}
""",
        """
derived:
  - {field: listed, title: 甲, source: {title: x}, cases: [{when: [{field: listed, equals: true}], value: false}]}
""",
        """
derived:
  - field: recognition.tier
    title: 甲
    source: {title: x}
    cases: [{when: [{field: listed, equals: true}], value: county}]
  - field: listed
    title: 乙
    source: {title: x}
    cases: [{when: [{exists: recognition, where: [{field: recognition.tier, equals: county}]}], value: true}]
""",
        """
derived:
  - field: listed
    title: 甲
    source: {title: x}
    cases: [{when: [{sum: contract.amount, where: [{field: contract.kind, equals: transfer}], at_least: 1}], value: true}]
  - field: contract.kind
    title: 乙
    source: {title: x}
    cases: [{when: [{field: listed, equals: true}], value: transfer}]
""",
    ],
)
def test_circles_are_refused(tmp_path: Path, derived: str) -> None:
    """2.19: derived facts are cycle-free, through records and filters too; the finding has a place."""
    with pytest.raises(InputError) as error:
        compile_pack(pack_of(tmp_path, measure(SMALL), derived=derived))
    (finding,) = error.value.findings
    assert finding.code == "derived-cycle"
    assert (finding.line > 0, finding.file.endswith("derived.yaml")) == (True, True)


def test_a_granted_title_is_not_derived_from_criteria(tmp_path: Path) -> None:
    """2.19: a certificate is a record; figures that would earn it do not make one."""
    condition = "{exists: recognition, where: [{field: recognition.kind, equals: hnte}, {held: recognition}]}"
    rich = {"staff": 500, "annuals": [{"fiscal_year": 2020, "rd": "1亿元", "revenue": "2亿元"}]}
    assert result(tmp_path, condition, {**rich, "recognitions": []}).verdict == NO
    assert result(tmp_path, condition, rich).verdict == OPEN


def test_two_rules_for_one_fact(tmp_path: Path) -> None:
    """2.19: both count; where they clash, that is reported."""
    second = """
  - field: size
    title: 按收入划型
    source: {title: 另一规定}
    cases:
      - {when: [{field: revenue, at_least: 1亿元}], value: [large, medium]}
"""
    both = SIZE + second.lstrip("\n")
    assert (
        result(tmp_path, "{field: size, equals: medium}", {"staff": "50-150人", "revenue": "2亿元"}, both).verdict
        == YES
    )
    clash = {"staff": 50, "revenue": "2亿元"}
    assert result(tmp_path, SMALL, clash, both).verdict == OPEN
    assert notes(tmp_path, clash, both)
