"""Proofs are shared between profiles that are alike, and only between those; and between threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from engine import load_pack
from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.questions import Questionnaire, prepare
from engine.questions.likeness import Likeness
from tests.helpers import measure
from tests.questions.conftest import Plan

FIGURES = "{annual: revenue, at_least: 1000万}, {field: recognition.kind, equals: base}, {field: recognition.issued, at_most: 2021-01-01}"
SHARE = "{ratio: {of: {annual: rd}, to: {annual: revenue}}, at_least: 5%}"


def key(plan: Plan, conditions: str, profile: dict[str, Any], **keys: Any) -> object:
    planner = plan(measure(conditions, **keys), profile=profile)
    (one,) = planner.plan.program.pack.measures
    likeness = Likeness.of(one, planner.plan.program, planner.evaluated.reader, planner.plan.asking)
    return likeness.key(planner.evaluated, planner.profile)


def year(**figures: str) -> dict[str, Any]:
    return {"annuals": [{"fiscal_year": 2020, **figures}]}


def based(**values: str) -> dict[str, Any]:
    return {"recognitions": [values]}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (year(revenue="2000万"), year(revenue="3000万"), True),
        (year(revenue="1000万"), year(revenue="999万"), False),
        (year(revenue="1000万"), year(revenue="900-3000万"), False),
        (year(revenue="1000万"), {}, False),
        (year(revenue="1000万"), {"annuals": [{"fiscal_year": 2019, "revenue": "1000万"}]}, False),
        (based(kind="alliance"), based(kind="lab"), True),
        (based(kind="alliance"), based(kind="base"), False),
        (based(kind="base", issued="2020-05-01"), based(kind="base", issued="2020-06-01"), True),
        (based(kind="base", issued="2020-05-01"), based(kind="base", issued="2021-06-01"), False),
        (based(kind="base"), {"recognitions": {"partial": True, "items": [{"kind": "base"}]}}, False),
        ({"home": "固安县"}, {"home": "三河市"}, True),
    ],
)
def test_alike_is_what_conditions_cannot_tell_apart(
    plan: Plan, one: dict[str, Any], other: dict[str, Any], alike: bool
) -> None:
    keys = [key(plan, FIGURES, profile, subject="recognition") for profile in (one, other)]
    assert (keys[0] == keys[1]) is alike


def test_figures_that_are_divided_are_told_apart_by_value(plan: Plan) -> None:
    keys = [key(plan, SHARE, year(revenue=f"{n}万", rd="100万")) for n in (1000, 1001, 1000)]
    assert keys[0] == keys[2] != keys[1]


def test_threads_agree_with_one_alone() -> None:
    """Over the real packs, with profiles that need the solver."""
    pack = load_pack()
    program, day = compile_pack(pack), date(2026, 11, 22)
    prepare(program, day)
    sizes: list[dict[str, Any]] = [
        {"applicant_kinds": "企业", "registered_division": place, "size_class": size, "recognitions": held}
        for place in ("大兴区", "通州区")
        for size in ("大型", ["小型", "中型"])
        for held in ([], [{"kind": "hnte", "issued": "2025-01-01"}])
    ]
    read = [profile_of(data, pack.vocabulary, pack.tables) for data in sizes]

    def ask(number: int) -> object:
        planner = Questionnaire(program, read[number], day)
        return planner.ranked(30), planner.progress

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(ask, range(len(read))))
    assert found == [ask(number) for number in range(len(read))]
