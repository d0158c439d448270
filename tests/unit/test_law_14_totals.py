"""DESIGN 2.14: confirmed and possible totals; stacking, exclusion, 就高 and joint caps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers import TEMPLATE, document, measure, pack_of, screened

A = ("{field: staff, at_least: 1}", 10)
B = ("{field: listed, equals: true}", 20)
C = ("{field: in_zone, equals: true}", 40)
ALL = {"staff": 1, "listed": True, "in_zone": True}
Total = tuple[tuple[str, str], str | None]


def awards(*items: tuple[str, int]) -> list[str]:
    return [
        measure(text, id="abc"[number], benefit=f"{{kind: award, amount: {amount}万元}}")
        for number, (text, amount) in enumerate(items)
    ]


def total(tmp_path: Path, profile: dict[str, Any], **changes: str) -> Total | None:
    pack = pack_of(tmp_path, *awards(A, B, C), document=document(**changes))
    found = screened(pack, profile).totals
    assert set(found) <= {"applicant"}
    return (found["applicant"].confirmed, found["applicant"].possible) if found else None


def wan(low: int, high: int, possible: int) -> Total:
    return (str(low * 10_000), str(high * 10_000)), str(possible * 10_000)


def test_silent_on_stacking(tmp_path: Path) -> None:
    """2.14: high is the sum, low the largest alone, where the text is silent and exclusion is possible."""
    assert total(tmp_path, ALL) == wan(40, 70, 70)


def test_one_measure_is_no_range(tmp_path: Path) -> None:
    """2.14: nothing to exclude."""
    assert total(tmp_path, {"staff": 1, "listed": False, "in_zone": False}) == wan(10, 10, 10)


def test_possible_adds_what_is_undetermined(tmp_path: Path) -> None:
    """2.14: confirmed is of the eligible only."""
    assert total(tmp_path, {"staff": 1}) == wan(10, 10, 70)
    assert total(tmp_path, {"staff": 1, "in_zone": False}) == wan(10, 10, 30)
    assert total(tmp_path, {}) == wan(0, 0, 70)


def test_nothing_to_have_is_no_total(tmp_path: Path) -> None:
    """2.14: ineligible throughout."""
    assert total(tmp_path, {"staff": 0, "listed": False, "in_zone": False}) is None


def test_stacking_allowed(tmp_path: Path) -> None:
    """2.14: low is the sum where the text allows it."""
    assert total(tmp_path, ALL, stacking="allowed") == wan(70, 70, 70)


def test_stacking_excluded(tmp_path: Path) -> None:
    """2.14: only one of the document's measures is paid."""
    assert total(tmp_path, ALL, stacking="exclusive") == wan(40, 40, 40)
    assert total(tmp_path, {"staff": 1, "listed": True}, stacking="exclusive") == wan(20, 20, 40)


@pytest.mark.parametrize("kind", ["exclusive", "highest"])
@pytest.mark.parametrize("stacking", ["silent", "allowed"])
def test_an_exclusion_group_pays_its_highest(tmp_path: Path, kind: str, stacking: str) -> None:
    """2.14: 不重复享受 and 就高 within the group only."""
    groups = f"[{{id: g, kind: {kind}, measures: [a, b], cite: 就高不重复}}]"
    low = 60 if stacking == "allowed" else 40
    assert total(tmp_path, ALL, groups=groups, stacking=stacking) == wan(low, 60, 60)
    assert total(tmp_path, {"staff": 1, "in_zone": False}, groups=groups) == wan(10, 10, 20)


@pytest.mark.parametrize("stacking", ["silent", "allowed"])
def test_a_joint_cap(tmp_path: Path, stacking: str) -> None:
    """2.14: the sum of the group under its cap; low never above high."""
    groups = "[{id: g, kind: joint_cap, measures: [b, c], cap: 25万元, cite: 合计不超过25万元}]"
    low = 35 if stacking == "allowed" else 25
    assert total(tmp_path, ALL, groups=groups, stacking=stacking) == wan(low, 35, 35)
    assert total(tmp_path, {"listed": True, "staff": 0}, groups=groups, stacking=stacking) == wan(20, 20, 25)


def test_a_joint_cap_below_a_single_award(tmp_path: Path) -> None:
    """2.14: even one award alone is cut down to it."""
    groups = "[{id: g, kind: joint_cap, measures: [b, c], cap: 15万元, cite: 合计不超过15万元}]"
    assert total(tmp_path, {**ALL, "staff": 0}, groups=groups) == wan(15, 15, 15)


def test_possible_is_null_when_unbounded(tmp_path: Path) -> None:
    """2.14: and confirmed stays what is certain."""
    match = measure(
        "{field: talent.work, within: 廊坊市}", id="match", subject="talent",
        benefit='{kind: matching, rate: "1:1", base: {field: talent.award}}',
    )  # fmt: skip
    pack = pack_of(tmp_path, *awards(A), match)
    found = screened(pack, {"staff": 1}).totals["applicant"]
    assert (found.confirmed, found.possible) == (("100000", "100000"), None)
    bounded = screened(pack, {"staff": 1, "talents": [{"award": "5万元"}]}).totals["applicant"]
    assert (bounded.confirmed, bounded.possible) == (("100000", "100000"), "150000")


def test_a_joint_cap_bounds_what_is_unbounded(tmp_path: Path) -> None:
    """2.14: the cap is the most that the group can bring."""
    match = measure(
        "{field: talent.work, within: 廊坊市}", id="match", subject="talent",
        benefit='{kind: matching, rate: "1:1", base: {field: talent.award}}',
    )  # fmt: skip
    groups = "[{id: g, kind: joint_cap, measures: [a, match], cap: 25万元, cite: 合计不超过25万元}]"
    pack = pack_of(tmp_path, *awards(A), match, document=document(groups=groups))
    found = screened(pack, {"staff": 1}).totals["applicant"]
    assert (found.confirmed, found.possible) == (("100000", "100000"), "250000")


def test_undetermined_records_beside_eligible_ones(tmp_path: Path) -> None:
    """2.14 and 2.15: they are possible, not confirmed; more records of a partial list have no bound."""
    award = measure("{field: project.kind, equals: park}", subject="project", benefit="{kind: award, amount: 10万元}")
    pack = pack_of(tmp_path, award)
    projects: list[dict[str, Any]] = [{"kind": "park"}, {}, {"kind": "research"}]
    found = screened(pack, {"projects": projects}).totals["applicant"]
    assert (found.confirmed, found.possible) == (("100000", "100000"), "200000")
    partial = screened(pack, {"projects": {"partial": True, "items": projects}}).totals["applicant"]
    assert (partial.confirmed, partial.possible) == (("100000", "100000"), None)


def test_an_open_amount_of_an_eligible_measure_is_a_range(tmp_path: Path) -> None:
    """2.14: confirmed runs from its low to its high end."""
    percent = "{kind: rate, rate: 1%, base: {field: project.investment}, cap: {amount: 100万元, scope: per_record}}"
    award = measure("{field: project.kind, equals: park}", subject="project", benefit=percent)
    found = screened(pack_of(tmp_path, award), {"projects": [{"kind": "park", "investment": "2000-5000万元"}]})
    assert (found.totals["applicant"].confirmed, found.totals["applicant"].possible) == (("200000", "500000"), "500000")


def test_documents_that_do_not_speak_of_each_other(tmp_path: Path) -> None:
    """2.14: across documents the texts are silent, even where each allows stacking within itself."""
    other = (TEMPLATE / "document.yaml").read_text("utf-8").split("judgements:")[0]
    other = other.replace("id: test", "id: other").replace("stacking: silent", "stacking: allowed")
    second = "measures:\n  " + measure(A[0], id="z", benefit="{kind: award, amount: 30万元}").replace("\n", "\n  ")
    files = {"packs/other/document": other, "packs/other/measures": second}
    pack = pack_of(tmp_path, *awards(A, B), document=document(stacking="allowed"), **files)
    found = screened(pack, {"staff": 1, "listed": True}).totals["applicant"]
    assert found.confirmed[1] == "600000"
    assert found.confirmed[0] == "300000"
