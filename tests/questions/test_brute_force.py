"""The planner against every completion, on random conditions over four yes/no fields and a judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.questions import Questionnaire
from tests.helpers import DAY, measure, pack_of
from tests.questions.conftest import VOCABULARY

FIELDS = ("alpha", "beta", "gamma", "delta")
World = Mapping[str, bool]
Condition = tuple[str, Callable[[World], bool]]
"""As a rule file has it, and what it means."""


def atom(name: str, wanted: bool) -> Condition:
    return f"{{field: {name}, equals: {str(wanted).lower()}}}", lambda world: world[name] is wanted


def joined(word: str, join: Callable[..., bool], parts: list[Condition]) -> Condition:
    text = ", ".join(part[0] for part in parts)
    return f"{{{word}: [{text}]}}", lambda world: join(part[1](world) for part in parts)


ATOMS = st.builds(atom, st.sampled_from(FIELDS), st.booleans())
JUDGED: Condition = ("{judgement: major}", lambda world: world["major"])
TREES = st.recursive(
    ATOMS | st.just(JUDGED),
    lambda parts: st.builds(joined, st.just("all"), st.just(all), st.lists(parts, min_size=2, max_size=3))
    | st.builds(joined, st.just("any"), st.just(any), st.lists(parts, min_size=2, max_size=3)),
    max_leaves=6,
)
GIVEN = st.dictionaries(st.sampled_from(FIELDS), st.booleans(), max_size=3)


def flips(condition: Condition, given: World, free: tuple[str, ...]) -> bool:
    """Whether two completions that differ in ``free`` alone differ in the verdict."""
    rest = [name for name in (*FIELDS, "major") if name not in given and name not in free]
    for values in product((True, False), repeat=len(rest)):
        world = {**given, **dict(zip(rest, values, strict=True))}
        results = {
            condition[1]({**world, **dict(zip(free, chosen, strict=True))})
            for chosen in product((True, False), repeat=len(free))
        }
        if len(results) > 1:
            return True
    return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(one=TREES, two=TREES, answers=GIVEN)
def test_asks_what_matters_and_stops_when_nothing_does(
    folder: Path, one: Condition, two: Condition, answers: dict[str, bool]
) -> None:
    pack = pack_of(folder, measure(one[0], id="one"), measure(two[0], id="two"), vocabulary=VOCABULARY)
    conditions = {"one": one, "two": two}
    planner = Questionnaire(compile_pack(pack), profile_of(answers, pack.vocabulary, pack.tables), DAY)
    free = tuple(name for name in FIELDS if name not in answers)
    open_ = {id for id, condition in conditions.items() if flips(condition, answers, free)}
    asked = planner.ranked(9)
    assert bool(asked) == bool(open_) == (planner.settled() is None)
    for question in asked:
        assert flips(conditions[question.measures[0]], answers, (question.key,))
    expected = {name for name in free if any(flips(condition, answers, (name,)) for condition in conditions.values())}
    assert {question.key for question in asked} == expected
    settled = planner.settled()
    if settled is not None:
        for id, condition in conditions.items():
            worlds = [dict(zip((*free, "major"), v, strict=True)) for v in product((True, False), repeat=len(free) + 1)]
            verdicts = {condition[1]({**answers, **world}) for world in worlds}
            known = id in settled.decided or id in settled.sharpened
            assert known == (len(verdicts) == 1)
