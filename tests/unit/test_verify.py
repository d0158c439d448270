"""Verification, on small packs with one flaw each: what it says, where, and with which profile."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import Pack, screen
from engine.diagnostics import Findings
from engine.loader import read_pack
from tests.helpers import document, measure, pack_of, write_rules

pytest.importorskip("z3")

from engine.completions.examination import Flaw
from engine.completions.verify import days, verify

SOURCE = "source: {title: 规定}"


def flaws_of(folder: Path, conditions: str, **keys: Any) -> list[Flaw]:
    """The flaws of a pack of one measure; every profile that is shown gets the verdict that it is shown with."""
    derived = keys.pop("derived", None)
    pack = pack_of(folder, measure(conditions, **keys), **({"derived": derived} if derived else {}))
    return checked(pack)


def checked(pack: Pack) -> list[Flaw]:
    flaws = verify(pack)
    for flaw in flaws:
        assert flaw.finding.line > 0
        assert flaw.finding.column > 0
        for shown in flaw.shown:
            assert screen(shown.profile, pack, as_of=shown.as_of).results[0].verdict == shown.verdict
    return flaws


def codes(flaws: list[Flaw]) -> list[str]:
    return [flaw.finding.code.removeprefix("verify-") for flaw in flaws]


CLEAN = [
    "{field: staff, at_least: 5}, {field: listed, equals: true}",
    "{any: [{field: staff, below: 5}, {field: staff, above: 50}]}, {field: home, within: 廊坊市}",
    "{not: {field: home, within: [北京市, 廊坊市]}}, {field: size, not_equals: large}",
    "{field: tags, in: [ai, space], open: true}, {field: in_zone, equals: true, soft: true, why: 存疑}",
    "{exists: recognition, where: [{field: recognition.kind, equals: hnte}, {held: recognition}]}",
    "{every: contract, where: [{field: contract.kind, equals: transfer}], "
    "that: [{field: contract.amount, at_least: 5}], at_least: 1}",
    "{sum: contract.amount, where: [{field: contract.kind, equals: service}], between: [10, 20]}",
    "{ratio: {of: {annual: rd}, to: {annual: revenue}}, at_least: 5%}, {annual: revenue, at_least: 100, year: -2}",
    "{days_since: founded_on, at_least: 365}, {field: founded_on, known: true}",
]


@pytest.mark.parametrize("conditions", CLEAN)
def test_a_clean_measure_has_no_flaw(tmp_path: Path, conditions: str) -> None:
    assert flaws_of(tmp_path, conditions) == []


IDLE = [
    ("{field: staff, at_least: 5}, {field: staff, at_least: 3}", "其余条件满足时它总是满足"),
    (
        "{any: [{field: listed, equals: true}, {all: [{field: listed, equals: true}, {field: staff, at_least: 3}]}]}",
        "没有它也符合",
    ),
    ("{field: home, within: 固安县}, {field: home, within: 河北省}", "其余条件满足时它总是满足"),
    (
        "{exists: recognition, where: [{field: recognition.kind, equals: hnte}]}, {count: recognition, at_least: 1}",
        "其余条件满足时它总是满足",
    ),
    (
        "{exists: contract, where: [{field: contract.amount, above: 5}, {field: contract.amount, above: 3}]}",
        "其余条件满足时它总是满足",
    ),
]


@pytest.mark.parametrize("conditions, words", IDLE)
def test_a_condition_that_never_decides_is_found(tmp_path: Path, conditions: str, words: str) -> None:
    found = [flaw for flaw in flaws_of(tmp_path, conditions) if flaw.finding.code == "verify-condition-idle"]
    assert found
    assert any(words in flaw.finding.message for flaw in found)
    assert any(flaw.shown for flaw in found) or "any" in conditions


def test_what_is_implied_may_say_so_and_must_be(tmp_path: Path) -> None:
    implied = "{field: staff, at_least: 5}, {field: staff, at_least: 3, implied_by: 前一条}"
    assert flaws_of(tmp_path, implied) == []
    wrong = "{field: staff, at_least: 5}, {field: listed, equals: true, implied_by: 前一条}"
    (flaw,) = flaws_of(tmp_path, wrong)
    assert flaw.finding.code == "verify-implied-wrong"
    assert flaw.shown[0].verdict == "ineligible"


def test_conditions_that_exclude_each_other_are_named(tmp_path: Path) -> None:
    conditions = "{field: listed, equals: true}, {field: staff, above: 5}, {field: staff, below: 5}"
    (flaw,) = flaws_of(tmp_path, conditions)
    assert flaw.finding.code == "verify-never-met"
    assert "高于5" in flaw.finding.hint
    assert "低于5" in flaw.finding.hint
    assert "上市" not in flaw.finding.hint


DEAD = [
    ("{field: size, in: [large, medium]}, {field: size, not_equals: large}", "大型"),
    ("{field: home, within: [廊坊市, 固安县]}", "固安县"),
    ("{field: tags, in: [ai, space]}, {not: {field: tags, in: [space]}}", "商业航天"),
    ("{any: [{field: staff, above: 5}, {field: staff, above: 8}]}", "8"),
]


@pytest.mark.parametrize("conditions, words", DEAD)
def test_a_dead_option_area_or_band_is_found(tmp_path: Path, conditions: str, words: str) -> None:
    findings = [flaw.finding for flaw in flaws_of(tmp_path, conditions)]
    found = [finding for finding in findings if finding.code == "verify-alternative-dead"]
    assert [words in finding.message for finding in found] == [True]


def test_bands_of_one_figure_leave_no_hole(tmp_path: Path) -> None:
    whole = "{any: [{field: staff, between: [1, 9], label: 甲}, {field: staff, at_least: 10, label: 乙}]}"
    assert flaws_of(tmp_path, whole) == []
    hole = whole.replace("at_least: 10", "above: 10")
    (flaw,) = flaws_of(tmp_path, hole)
    assert flaw.finding.code == "verify-band-gap"
    assert "10" in flaw.finding.message
    one, other = (f"{{field: founded_on, {how}: 2020-01-01, label: {how}}}" for how in ("below", "above"))
    (flaw,) = flaws_of(tmp_path, f"{{any: [{one}, {other}]}}")
    assert "2020" in flaw.finding.message


def test_tiers_cover_what_is_eligible_and_nothing_else(tmp_path: Path) -> None:
    benefit = "{kind: tiered, by: size, amounts: {large: 3万元, small: 1万元}}"
    assert codes(flaws_of(tmp_path, "{field: size, in: [large, small]}", benefit=benefit)) == []
    (gap,) = flaws_of(tmp_path, "{field: size, in: [large, small, micro]}", benefit=benefit)
    assert gap.finding.code == "verify-tier-gap"
    assert gap.shown[0].profile == {"size": "微型"}
    (dead,) = flaws_of(tmp_path, "{field: size, in: [small]}", benefit=benefit)
    assert dead.finding.code == "verify-tier-dead"


def derived_pack(*cases: str) -> str:
    lines = "\n".join(f"      - {case}" for case in cases)
    return f"derived:\n  - field: size\n    title: 划型\n    {SOURCE}\n    cases:\n{lines}\n"


SMALL = "{field: size, in: [small]}"
DERIVED = [
    ([], ("{when: [{field: staff, at_least: 9}], value: large}", "{when: [{field: staff, at_least: 5}], value: small}")),
    (
        ["derivation-dead"],
        ("{when: [{field: staff, at_least: 5}], value: large}", "{when: [{field: staff, at_least: 9}], value: small}"),
    ),
    (
        ["band-gap"],
        ("{when: [{field: staff, at_least: 9}], value: large}", "{when: [{field: staff, below: 8}], value: small}"),
    ),
    (
        ["band-overlap"],
        ("{when: [{field: staff, at_least: 9}], value: large}", "{when: [{field: staff, at_most: 9}], value: small}"),
    ),
    (
        ["condition-idle"],
        (
            "{when: [{field: staff, at_least: 9}, {field: staff, at_least: 8}], value: large}",
            "{when: [{field: staff, at_least: 5}], value: small}",
        ),
    ),
]


@pytest.mark.parametrize("expected, cases", DERIVED)
def test_derived_facts(tmp_path: Path, expected: list[str], cases: tuple[str, ...]) -> None:
    assert codes(flaws_of(tmp_path, SMALL, derived=derived_pack(*cases))) == expected


def test_a_cap_that_is_never_reached(tmp_path: Path) -> None:
    benefit = "{kind: rate, rate: 1%, base: {field: contract.amount}, cap: {amount: 10万元, scope: per_record}}"
    keys = {"benefit": benefit, "subject": "contract"}
    assert flaws_of(tmp_path, "{field: contract.amount, at_least: 100}", **keys) == []
    (flaw,) = flaws_of(tmp_path, "{field: contract.amount, between: [100, 9999999]}", **keys)
    assert flaw.finding.code == "verify-cap-dead"


def test_figures_stay_within_64_bits(tmp_path: Path) -> None:
    fine = "{ratio: {of: {annual: rd}, to: {annual: revenue}}, at_least: 5.25%}"
    assert flaws_of(tmp_path, fine) == []
    (flaw,) = flaws_of(tmp_path, fine.replace("5.25%", "5.250000001%"))
    assert flaw.finding.code == "verify-integer"


def test_measures_that_exclude_each_other_have_one_payee(tmp_path: Path) -> None:
    award = "{kind: award, amount: 1万元}"
    one = measure("{field: listed, equals: true}", id="a", benefit=award)
    for payee, expected in (("applicant", []), ("team", ["exclusive"])):
        other = measure("{field: staff, at_least: 5}", id="b", benefit=award, payee=payee)
        text = document(groups="[{id: g, kind: exclusive, measures: [a, b], cite: 不重复享受}]")
        found = codes(verify(pack_of(tmp_path, one, other, document=text)))
        assert sorted(set(found)) == expected


def test_what_depends_on_the_day_is_no_flaw(tmp_path: Path) -> None:
    """On the last day of a year everything founded in an earlier year is a year old."""
    years = "{annual_sum: revenue, years: 3, since: founded_on, above: 0}"
    pack = pack_of(tmp_path, measure(f"{{days_since: founded_on, at_least: 300}}, {years}"))
    assert verify(pack) == []
    assert len(days(pack, "test")) == 3
    assert codes(verify(pack, as_of=date(2021, 12, 31))) == ["condition-idle"]


def test_flaws_come_sorted_and_once(tmp_path: Path) -> None:
    one = "{field: staff, at_least: 5}, {field: staff, at_least: 3}, {field: staff, at_least: 2}"
    pack = pack_of(tmp_path, measure(one, id="b"), measure(one, id="a"))
    flaws = verify(pack)
    findings = [flaw.finding for flaw in flaws]
    assert findings == sorted(set(findings))
    assert len(findings) == 4
    assert [flaw.finding for flaw in verify(pack, measures=["a"])] == findings[2:]


@pytest.mark.parametrize(
    "conditions",
    [
        ", ".join(f"{{field: staff, at_least: {n}}}" for n in range(10_000)),
        f"{{any: [{', '.join('{field: listed, equals: true}' for _ in range(10_000))}]}}",
        "{not: " * 300 + "{field: listed, equals: true}" + "}" * 300,
        f"{{field: staff, at_least: {'9' * 100_000}}}",
        "{field: revenue, at_least: 1e999999999}",
        "{any: &a [{field: listed, equals: true}]}, {any: [*a, *a, *a]}",
    ],
)
def test_a_hostile_pack_is_refused(tmp_path: Path, conditions: str) -> None:
    text = "measures:\n  " + measure(conditions).replace("\n", "\n  ")
    folder = write_rules(tmp_path / "rules", {"measures.yaml": text})
    findings = Findings()
    read_pack(folder, findings)
    assert findings.errors


def test_twenty_faults_give_twenty_findings(tmp_path: Path) -> None:
    lines = ",\n".join(f"{{field: nothing_{n}, equals: 1}}" for n in range(20))
    text = "measures:\n  " + measure(lines).replace("\n", "\n  ")
    folder = write_rules(tmp_path / "rules", {"measures.yaml": text})
    findings = Findings()
    read_pack(folder, findings)
    assert len(findings) == len({finding.line for finding in findings}) == 20
    assert list(findings) == sorted(findings)
    assert all(re.search("nothing_", finding.message) for finding in findings)
