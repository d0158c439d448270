"""The benchmark's bars on a few of its applicants, and that its hindsight minimum is one."""

from __future__ import annotations

from itertools import combinations
from random import Random

import pytest

from benchmarks.applicants import Applicants
from benchmarks.questions import AS_OF, Asked, Hindsight
from engine import load_pack
from engine.compiler import compile_pack


@pytest.fixture(scope="module")
def everyone() -> list[Asked]:
    program = compile_pack(load_pack())
    applicants = Applicants(program, AS_OF, 7)
    return [Asked(program, AS_OF, applicants.draw()) for _ in range(3)]


@pytest.mark.slow
def test_few_more_than_the_fewest_and_no_more_than_the_count(everyone: list[Asked]) -> None:
    planned = [asked.by_planner([]) for asked in everyone]
    fewest = [Hindsight(asked, order).fewest() for asked, order in zip(everyone, planned, strict=True)]
    total = sum(len(order) for order in planned)
    assert sum(map(len, fewest)) <= total <= 1.15 * sum(map(len, fewest))
    assert total <= sum(len(asked.by_count()) for asked in everyone)
    for asked, order, least in zip(everyone, planned, fewest, strict=True):
        assert not asked.open(order) and not asked.open(least)
        for key in least:
            assert asked.is_any_open(least - {key})


def test_no_two_questions_fewer_settle_a_short_one(everyone: list[Asked]) -> None:
    """Against ways to leave out two of the questions and take another instead."""
    asked = min(everyone, key=lambda one: len(one.by_planner([])))
    least = Hindsight(asked, asked.by_planner([])).fewest()
    others = sorted(set(asked.keys) - least)
    ways = [(set(left_out), other) for left_out in combinations(sorted(least), 2) for other in others]
    for left_out, other in Random(1).sample(ways, 80):
        assert asked.is_any_open(least - left_out | {other})


def test_the_same_seed_draws_the_same_applicants() -> None:
    program = compile_pack(load_pack())
    first, second = (Applicants(program, AS_OF, 7) for _ in range(2))
    assert [first.draw() for _ in range(3)] == [second.draw() for _ in range(3)]
    assert first.fields == second.fields
    assert set(first.fields) >= {"registered_division", "size_class", "recognition.kind"}
