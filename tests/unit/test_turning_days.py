"""Nothing changes between two turning days: every verdict, amount and open question of random profiles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine import conditions, turning_days
from engine.assessment import decide
from engine.compiler import compile_pack
from engine.conditions import AsOf, Comparison, FieldRef
from engine.loader import load_pack
from engine.profile import Profile, profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.spans import Span
from engine.turning_days import DAY, TurningDays
from tests.conformance.profiles import Profiles
from tests.helpers import measure, pack_of
from web.centre.outcomes import Outcome, outcome_of

SPAN = 120


@cache
def program() -> Program:
    return compile_pack(load_pack())


def outcome(profile: Profile, day: date) -> Outcome:
    return outcome_of(decide(program(), profile, day, ReferenceSolver())[1])


def read(data: dict[str, Any]) -> Profile:
    return profile_of(data, program().pack.vocabulary, program().pack.tables)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_changes_between_turning_days(seed: int) -> None:
    """Day by day for four months about an edge of the rules."""
    pack, rng = program().pack, Random(seed)
    days = TurningDays(program())
    drawn = Profiles(pack, seed)
    edges = [file.document.validity.start for file in pack.documents.values()]
    edges += [file.document.validity.end for file in pack.documents.values() if file.document.validity.end]
    middle = rng.choice(edges) + timedelta(days=rng.randrange(-300, 300))
    first = middle - timedelta(days=SPAN // 2)
    profile = read(drawn.profile(middle, rng.choice(pack.measures), 0.3))
    turning = set(days.between(profile, first, first + timedelta(days=SPAN)))
    before = outcome(profile, first)
    for number in range(1, SPAN + 1):
        day = first + DAY * number
        now = outcome(profile, day)
        assert day in turning or now == before, day
        before = now


def held(kind: str, issued: str, **more: str) -> dict[str, Any]:
    return {"recognitions": [{"kind": kind, "issued": issued, **more}]}


@pytest.mark.parametrize(
    ("data", "day"),
    [
        ({"recognitions": [{"kind": "国家高新技术企业", "issued": "2020-12-01", "expires": "2023-12-01"}]}, "2023-12-02"),
        # The term of the vocabulary: three years.
        ({"recognitions": [{"kind": "国家高新技术企业", "issued": "2020-11-15"}]}, "2023-11-16"),
        # An investment that has just been made: days since it, at least none.
        ({"investments": [{"date": "2023-12-05"}]}, "2023-12-05"),
        ({"findings": [{"judgement": "x", "finding": True, "by": "甲", "on": "2023-11-20", "why": "看过"}]}, "2023-11-20"),
        ({}, "2024-01-01"),
    ],
)
def test_each_kind_of_date_turns_on_its_day(data: dict[str, Any], day: str) -> None:
    assert date.fromisoformat(day) in TurningDays(program()).between(read(data), date(2023, 10, 1), date(2024, 2, 1))


def test_both_ends_of_the_question_are_heeded() -> None:
    days = TurningDays(program())
    everything = days.between(read({}), date(2023, 6, 1), date(2024, 6, 1))
    assert date(2024, 1, 1) in everything
    assert days.between(read({}), date(2024, 1, 1), date(2024, 1, 1)) == []
    assert days.between(read({}), date(2023, 12, 31), date(2024, 1, 1)) == [date(2024, 1, 1)]
    assert date(2024, 1, 1) not in days.between(read({}), date(2024, 1, 1), date(2024, 6, 1))


def of(condition: str, folder: Path, base: str = "") -> TurningDays:
    return TurningDays(compile_pack(pack_of(folder, measure(condition))))


@pytest.mark.parametrize("ends", [(AsOf(), Span.exactly(date(2021, 6, 30))), (Span.exactly(date(2021, 3, 1)), AsOf())])
@pytest.mark.parametrize("told", [{"founded_on": "2021年"}, {"founded_on": "2021-05-05"}])
def test_an_interval_that_the_day_closes_or_opens_turns_on_that_day(
    ends: tuple[AsOf | Span, AsOf | Span], told: dict[str, str], tmp_path: Path
) -> None:
    """No rule file can write such a condition yet; the engine evaluates it all the same."""
    pack = pack_of(tmp_path, measure("{field: founded_on, at_least: 2021-01-01}"))
    only = replace(pack.measures[0], condition=conditions.Test(FieldRef("founded_on"), (Comparison("between", ends),)))
    found = compile_pack(replace(pack, measures=(only,)))
    profile = profile_of(told, pack.vocabulary, pack.tables)
    first, last = date(2021, 2, 1), date(2021, 12, 31)
    turning = TurningDays(found).between(profile, first, last)
    outcomes = {
        day: outcome_of(decide(found, profile, day, ReferenceSolver())[1])
        for day in (first + DAY * number for number in range((last - first).days + 1))
    }
    changed = {day for day in outcomes if day > first and outcomes[day] != outcomes[day - DAY]}
    assert changed
    assert changed <= set(turning)


@pytest.mark.parametrize(
    ("condition", "every"),
    [
        ("{days_since: founded_on, at_least: 365天}", False),
        ("{ratio: {of: {days_since: founded_on}, to: {field: staff}}, at_least: 10%}", True),
    ],
)
def test_what_counts_days_in_a_ratio_may_turn_every_day(condition: str, every: bool, tmp_path: Path) -> None:
    days = of(condition, tmp_path).between(Profile({}, {}), date(2026, 6, 1), date(2026, 6, 11))
    assert (len(days) == 10) == every


def test_what_is_new_in_the_language_may_turn_every_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turning_days, "THRESHOLDS", (Span, frozenset))
    days = TurningDays(program()).between(Profile({}, {}), date(2026, 6, 1), date(2026, 6, 11))
    assert len(days) == 10
