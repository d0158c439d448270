"""What the planner claims, over the real packs and random profiles that it knows nothing about.

The profiles are those of the conformance suite: complete, at the edges of what the packs ask, every judgement given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import lru_cache
from random import Random
from typing import Any

import pytest

from engine import Pack, load_pack
from engine.assessment import decide, in_force
from engine.compiler import compile_pack
from engine.completions.session import Completions
from engine.facts import Known
from engine.profile import Profile, profile_of
from engine.questions import Question, Questionnaire
from engine.reference import ReferenceSolver
from tests.conformance.profiles import Profiles

RECENT, EARLIER = date(2026, 11, 22), date(2017, 6, 30)
Data = dict[str, Any]


@lru_cache(maxsize=1)
def pack() -> Pack:
    return load_pack()


def read(data: Data) -> Profile:
    return profile_of(data, pack().vocabulary, pack().tables)


def verdicts(data: Data, as_of: date) -> dict[str, str] | None:
    """The verdicts of a complete profile; None where what is stated contradicts what follows from it."""
    evaluated, assessed = decide(compile_pack(pack()), read(data), as_of, ReferenceSolver())
    known: list[Known] = [evaluated.facts.enterprise, *(k for listed in evaluated.facts.records.values() for k in listed)]
    if any(found.conflict for one in known for found in one.derivations.values()):
        return None
    return {item.measure.id: item.verdict for item in assessed}


def agreeing(data: Data, as_of: date) -> Data:
    """The profile without stated values that contradict what is derived."""
    if verdicts(data, as_of) is not None:
        return data
    facts = decide(compile_pack(pack()), read(data), as_of, ReferenceSolver())[0].facts
    kept = {key: value for key, value in data.items() if key not in conflicts(facts.enterprise)}
    for kind, listed in facts.records.items():
        name = pack().vocabulary.records[kind].list
        kept[name] = [
            {key: value for key, value in item.items() if f"{kind}.{key}" not in conflicts(known)}
            for item, known in zip(data[name], listed, strict=True)
        ]
    return agreeing(kept, as_of)  # what follows then may contradict something else


def conflicts(known: Known) -> set[str]:
    return {path for path, found in known.derivations.items() if found.conflict}


def drawn(seed: int, as_of: date) -> Iterator[Data]:
    """Complete profiles, aimed at one measure in force after another."""
    profiles, rng = Profiles(pack(), seed), Random(seed)
    live = [m for m in pack().measures if in_force(pack().documents[m.document].document, as_of)]
    while True:
        yield agreeing(profiles.complete(as_of, rng.choice(live)), as_of)


def mixed(other: Data, kept: Data, as_of: date) -> Data | None:
    """A completion of ``kept`` with what somebody else says of the rest, as far as that does not contradict it."""
    data = {**other, **kept}
    if verdicts(data, as_of) is None:
        # The industry only serves to derive the size, which may be stated otherwise.
        data = {key: value for key, value in data.items() if key != "industry" or key in kept}
    return data if verdicts(data, as_of) is not None else None


def walk(data: Data, as_of: date, unknown: Collection[str] = ()) -> Iterator[tuple[Data, Questionnaire, Question | None]]:
    """Ask, and answer as ``data`` says, until nothing is left; assumptions are not answered."""
    answers: Data = {}
    skipped: set[str] = set()
    while True:
        planner = Questionnaire(compile_pack(pack()), read(answers), as_of, skipped=skipped)
        question = planner.next()
        if question is not None and question.assumed:
            question = None
        yield dict(answers), planner, question
        if question is None:
            return
        assert question.key not in answers and question.key not in skipped
        if question.key in unknown or question.key not in data:
            skipped.add(question.key)
        else:
            answers[question.key] = data[question.key]


@pytest.mark.slow
@pytest.mark.parametrize(("as_of", "seed"), [(RECENT, 1), (RECENT, 2), (EARLIER, 4)])
def test_once_settled_no_completion_of_the_rest_changes_a_verdict(as_of: date, seed: int) -> None:
    """Judgements are the same in all; the answers that were given stay; everything else is somebody else's."""
    source = drawn(seed, as_of)
    data = next(source)
    *_, (answers, planner, question) = walk(data, as_of)
    assert question is None and planner.settled() is not None
    expected = verdicts(data, as_of)
    compared = 0
    for _ in range(8):
        other = next(source)
        completion = mixed(other, {**answers, "findings": data["findings"]}, as_of)
        if completion is not None:
            assert verdicts(completion, as_of) == expected
            compared += 1
    assert compared >= 2


@pytest.mark.parametrize(("as_of", "seed"), [(RECENT, 6), (EARLIER, 7)])
def test_with_answers_not_known_nothing_else_changes_a_verdict(as_of: date, seed: int) -> None:
    source = drawn(seed, as_of)
    data = next(source)
    unknown = {key for key in data if Random(f"{seed}{key}").random() < 0.3}
    *_, (answers, planner, _) = walk(data, as_of, unknown)
    expected, compared = verdicts(data, as_of), 0
    kept = {key: data[key] for key in planner.skipped if key in data}
    for _ in range(8):
        completion = mixed(next(source), {**answers, **kept, "findings": data["findings"]}, as_of)
        if completion is not None:
            assert verdicts(completion, as_of) == expected
            compared += 1
    assert compared >= 2


@pytest.mark.parametrize(("as_of", "seed"), [(RECENT, 11), (RECENT, 12), (EARLIER, 13)])
def test_every_question_matters_to_the_first_measure_it_names(as_of: date, seed: int) -> None:
    """By the other exact check, which asks about each open fact apart."""
    for answers, _, question in walk(next(drawn(seed, as_of)), as_of):
        if question is None:
            return
        completions = Completions(compile_pack(pack()), read(answers), as_of)
        kinds = {kind.name: kind.list for kind in pack().vocabulary.records.values()}
        open_ = completions.open_fields_that_matter(question.measures[0])
        keys = {kinds.get(item.what.partition(".")[0], item.what) if "." in item.what else item.what for item in open_}
        assert question.key in keys


def test_a_verdict_changes_only_from_open() -> None:
    """While asking, what is ineligible or eligible stays so: nothing is ruled out before an answer does it."""
    before: dict[str, str] = {}
    for answers, _, _ in walk(next(drawn(21, RECENT)), RECENT):
        now = verdicts(answers, RECENT)
        assert now is not None
        changed = {id for id, verdict in before.items() if verdict != now[id]}
        assert all(before[id] == "undetermined" for id in changed)
        before = now
    assert set(before.values()) >= {"ineligible"}
    blank = verdicts({}, RECENT)
    assert blank is not None and "ineligible" not in blank.values()
