"""Totals of random packs: never more than the parts, never less than the largest part, caps and exclusions kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import screen
from tests.helpers import DAY, document, measure, pack_of

STACKING = st.sampled_from(("silent", "allowed", "exclusive"))
KINDS = st.sampled_from((None, "exclusive", "highest", "joint_cap"))
VERDICT = {"eligible": True, "ineligible": False, "undetermined": None}
FIELDS = ("staff", "revenue", "share")
MANY = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("rules")


@MANY
@given(
    amounts=st.tuples(*[st.integers(1, 9)] * 4),
    verdicts=st.tuples(*[st.sampled_from(sorted(VERDICT))] * 4),
    stacking=STACKING,
    kind=KINDS,
    cap=st.integers(1, 12),
)
def test_totals_add_up(
    folder: Any, amounts: tuple[int, ...], verdicts: tuple[str, ...], stacking: str, kind: str | None, cap: int
) -> None:
    """One group over the first two of four awards, written out by hand."""
    fields = ("listed", "in_zone", "code", "size")
    conditions = (
        "{field: listed, equals: true}",
        "{field: in_zone, equals: true}",
        "{field: code, equals: A}",
        "{field: size, equals: small}",
    )
    answers: tuple[tuple[Any, Any], ...] = ((True, False), (True, False), ("A", "B"), ("small", "large"))
    profile = {
        name: (yes if VERDICT[verdict] else no)
        for name, verdict, (yes, no) in zip(fields, verdicts, answers, strict=True)
        if VERDICT[verdict] is not None
    }
    limit = f", cap: {cap}元" if kind == "joint_cap" else ""
    groups = f"[{{id: g, kind: {kind}, measures: [m0, m1]{limit}, cite: 原文}}]" if kind else "[]"
    measures = [
        measure(text, id=f"m{n}", benefit=f"{{kind: award, amount: {amount}元}}")
        for n, (text, amount) in enumerate(zip(conditions, amounts, strict=True))
    ]
    pack = pack_of(folder, *measures, document=document(stacking=stacking, groups=groups))
    found = screen(profile, pack, as_of=DAY)
    assert [result.verdict for result in found.results] == list(verdicts)

    def together(parts: list[int]) -> int:
        grouped, rest = [amounts[n] for n in parts if n < 2], [amounts[n] for n in parts if n >= 2]
        if kind == "joint_cap":
            group = min(sum(grouped), cap)
        elif kind is None:
            group, rest = 0, [amounts[n] for n in parts]
        else:
            group = max(grouped, default=0)
        return group + (max(rest, default=0) if stacking == "exclusive" else sum(rest))

    eligible = [n for n in range(4) if verdicts[n] == "eligible"]
    open_ = [n for n in range(4) if verdicts[n] != "ineligible"]
    if not open_:
        assert found.totals == {}
        return
    total = found.totals["applicant"]
    assert total.confirmed[1] is not None
    low, high = int(total.confirmed[0]), int(total.confirmed[1])
    assert high == together(eligible)
    assert total.possible is not None
    assert int(total.possible) == together(open_)
    alone = max((together([n]) for n in eligible), default=0)
    assert low == (together(eligible) if stacking == "allowed" else alone)
    assert low <= high <= int(total.possible)


def test_a_confirmed_total_without_an_upper_end_says_so(folder: Any) -> None:
    """DESIGN 2.14: an eligible matching whose base is not known has no upper end."""
    match = measure(
        "{field: talent.work, within: 廊坊市}", subject="talent", id="match",
        benefit='{kind: matching, rate: "1:1", base: {field: talent.award}}',
    )  # fmt: skip
    award = measure("{field: listed, equals: true}", id="award", benefit="{kind: award, amount: 10元}")
    found = screen({"listed": True, "talents": [{"work": "固安县"}]}, pack_of(folder, match, award), as_of=DAY)
    total = found.totals["applicant"]
    assert total.possible is None
    assert total.confirmed == ("10", None)
