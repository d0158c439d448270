"""All executors give the same determination, and for complete profiles the one that the YAML says plainly.

``HUIQI_CONFORMANCE`` is the number of random profiles over all packs, 2,000 unless set; the same number gives
the same profiles. A share of them is complete and compared with ``oracle.py`` as well.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import pytest

from engine import Pack, forward, load_pack
from engine.compiler import compile_pack
from engine.conditions import FieldRef
from engine.conditions import Test as Atom
from engine.dependencies import leaves_of
from engine.forward import ForwardSolver, limits_exceeded
from engine.loader import BUILT_IN
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine
from tests.conformance.oracle import Oracle, World
from tests.conformance.profiles import Profiles

PROFILES = int(os.environ.get("HUIQI_CONFORMANCE", "2000"))
DOCUMENTS = sorted(folder.name for folder in (BUILT_IN / "packs").iterdir() if (folder / "document.yaml").is_file())
NOISE = (0.0, 0.03, 0.15, 0.5)
"""Shares of spoilt values: a profile as the clause wants it, one with a slip, an ordinary one, a poor one."""

REFERENCE = ReferenceSolver()
needs_forward = pytest.mark.skipif(not forward.available(), reason="durable-rules is not installed")


@pytest.fixture(scope="module")
def solver() -> Iterator[ForwardSolver]:
    solver = ForwardSolver()
    yield solver
    solver.close()


@lru_cache
def program(document: str | None) -> Program:
    return compile_pack(load_pack(BUILT_IN, document=document))


def days(pack: Pack, document: str) -> list[date]:
    """First, last and middle days of a document's validity, and one on either side."""
    validity = pack.documents[document].document.validity
    last = validity.end or validity.start + timedelta(days=900)
    middle = validity.start + (last - validity.start) / 2
    inside = [validity.start, middle, middle + timedelta(days=120), last]
    return [*inside, *inside, validity.start - timedelta(days=1), last + timedelta(days=1)]


def drawn(pack: Pack, document: str, count: int, seed: int) -> Iterator[tuple[dict[str, Any], date]]:
    """Profiles aimed at each measure of a document in turn, at every noise and date."""
    profiles = Profiles(pack, seed)
    targets = [measure for measure in pack.measures if measure.document == document]
    # The quantified ones first: where there are few profiles they are seen at every noise all the same.
    targets.sort(key=lambda measure: measure.spec.determinacy != "quantified")
    dates = days(pack, document)
    for number in range(count):
        turn, index = divmod(number, len(targets))
        target = targets[index] if turn % 8 < 7 else None
        day = dates[(turn // 4 + index) % len(dates)]
        yield profiles.profile(day, target, NOISE[turn % 4]), day


def compare(compiled: Program, raw: dict[str, Any], day: date, solver: ForwardSolver) -> Any:
    """The determination, the same under both executors to the last character."""
    profile = profile_of(raw, compiled.pack.vocabulary, compiled.pack.tables)
    expected = determine(compiled, profile, day, REFERENCE)
    found = determine(compiled, profile, day, solver)
    assert found.to_json() == expected.to_json(), {"as_of": day, **raw}
    return expected


@needs_forward
@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
def test_forward_equals_reference(document: str, solver: ForwardSolver) -> None:
    """Verdicts, reasons, amounts, ranges and records of every profile."""
    compiled = program(document)
    verdicts: Counter[str] = Counter()
    eligible: set[str] = set()
    for raw, day in drawn(compiled.pack, document, PROFILES * 19 // 20 // len(DOCUMENTS), seed=1):
        for result in compare(compiled, raw, day, solver).results:
            verdicts[result.verdict] += 1
            eligible |= {result.measure} if result.verdict == "eligible" else set()
    never = sorted(measure.id for measure in compiled.pack.measures if measure.id not in eligible)
    print(document, dict(verdicts), "never eligible:", never)  # shown with -rP
    quantified = {m.id for m in compiled.pack.measures if m.spec.determinacy == "quantified"}
    assert quantified <= eligible, sorted(quantified - eligible)
    assert len(never) <= len(compiled.pack.measures) // 10, never
    assert set(verdicts) == {"eligible", "ineligible", "undetermined", "not_in_force"}
    assert min(verdicts[name] for name in ("eligible", "ineligible", "undetermined")) > verdicts.total() / 100


@needs_forward
@pytest.mark.slow
def test_forward_equals_reference_on_all_documents_together(solver: ForwardSolver) -> None:
    """As people screen: one profile against every document."""
    compiled = program(None)
    for document in DOCUMENTS:
        for raw, day in drawn(compiled.pack, document, max(1, PROFILES // 20 // len(DOCUMENTS)), seed=2):
            compare(compiled, raw, day, solver)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_pack_is_within_the_limits_of_the_forward_executor(document: str) -> None:
    """Nothing falls back to the reference executor unnoticed."""
    compiled = program(document)
    scopes = [*compiled.scopes.values(), compiled.readiness, *(stage.scope for stage in compiled.stages)]
    assert [limits_exceeded(scope.circuit) for scope in scopes] == [[] for _ in scopes]


@lru_cache
def oracle() -> Oracle:
    return Oracle(BUILT_IN, program(None).pack.tables)


def put_back(raw: dict[str, Any], world: World, pack: Pack) -> None:
    """State the derived facts as they follow, so that nothing contradicts them."""
    for rule in oracle().derived:
        kind, _, name = rule["field"].rpartition(".")
        if kind:
            pairs = zip(raw.get(pack.vocabulary.records[kind].list, []), world.records.get(kind, []), strict=True)
        else:
            pairs = zip([raw], [world.values], strict=True)
        for written, settled in pairs:
            if name in settled:
                written[name] = settled[name] if isinstance(settled[name], str) else str(settled[name])


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
def test_complete_profiles_get_what_the_yaml_says(document: str) -> None:
    """Every verdict, and every amount that is one figure, against the second opinion."""
    compiled = program(document)
    pack, profiles = compiled.pack, Profiles(compiled.pack, seed=3)
    dates, seen = days(pack, document)[:4], Counter[str]()
    for number in range(max(len(pack.measures), PROFILES // 10 // len(DOCUMENTS))):
        day = dates[number // len(pack.measures) % 4]
        raw = profiles.complete(day, pack.measures[number % len(pack.measures)])
        world = oracle().world(raw, day)
        oracle().settle(world)
        put_back(raw, world, pack)
        found = determine(compiled, profile_of(raw, pack.vocabulary, pack.tables), day, REFERENCE)
        for result in found.results:
            verdict, amount = oracle().verdict(result.measure, world)
            seen[verdict] += 1
            assert result.verdict == verdict, (result.measure, day, raw)
            if amount is not None:
                assert result.amount_yuan is not None
                assert Fraction(result.amount_yuan) == amount, (result.measure, day, raw)
    assert seen["eligible"] > 0
    assert seen["ineligible"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
def test_forgetting_never_turns_a_verdict(document: str) -> None:
    """DESIGN 2.4 on the real packs: what a complete profile decides, less knowledge may only leave open."""
    compiled = program(document)
    pack, profiles, rng = compiled.pack, Profiles(compiled.pack, seed=7), Random(8)
    kept = {leaf.operand.path for leaf in atoms_of(pack) if leaf.assumed and isinstance(leaf.operand, FieldRef)}
    kept |= {path for path, field in pack.vocabulary.fields.items() if field.spec.term is not None}
    dates = days(pack, document)[:4]
    for number in range(max(len(pack.measures), PROFILES // 20 // len(DOCUMENTS))):
        day = dates[number // len(pack.measures) % 4]
        raw = profiles.complete(day, pack.measures[number % len(pack.measures)])
        world = oracle().world(raw, day)
        oracle().settle(world)
        put_back(raw, world, pack)
        verdicts = {measure.id: oracle().verdict(measure.id, world)[0] for measure in pack.measures}
        for share in (0.05, 0.4):
            forget(raw, share, kept, pack, rng)
            found = determine(compiled, profile_of(raw, pack.vocabulary, pack.tables), day, REFERENCE)
            for result in found.results:
                assert result.verdict in (verdicts[result.measure], "undetermined"), (result.measure, day, raw)


def atoms_of(pack: Pack) -> list[Atom]:
    """Every atom of the measures' own trees."""
    leaves = [leaf for measure in pack.measures for leaf in leaves_of(measure.condition)]
    return [leaf for leaf in leaves if isinstance(leaf, Atom)]


def forget(raw: dict[str, Any], share: float, kept: set[str], pack: Pack, rng: Random) -> None:
    """Take away fields, records and findings; a list that lost a record says that it is partial."""
    raw["findings"] = [item for item in raw["findings"] if rng.random() >= share]
    for kind, record in pack.vocabulary.records.items():
        listed = raw.get(record.list)
        if listed is None or kind == "finding":
            continue
        items = listed["items"] if isinstance(listed, dict) else listed
        left = [item for item in items if rng.random() >= share / 2]
        for item in left:
            for name in sorted(item):
                if f"{kind}.{name}" not in kept and name not in ("id", "fiscal_year") and rng.random() < share:
                    del item[name]
        if len(left) < len(items) or isinstance(listed, dict) or rng.random() < share / 4:
            raw[record.list] = {"partial": True, "items": left}
        if rng.random() < share / 8:
            del raw[record.list]
    for name in sorted(set(raw) & set(pack.vocabulary.fields) - kept):
        if rng.random() < share:
            del raw[name]


def test_the_random_profiles_are_as_varied_as_they_should_be() -> None:
    """Else agreeing on them would say little."""
    document = "langfang-2016"
    compiled = program(document)
    pack, found = compiled.pack, Counter[str]()
    lists, kinds = {kind.list for kind in pack.vocabulary.records.values()} - {"findings"}, len(Profiles(pack, 0).kinds)
    for raw, day in drawn(pack, document, 400, seed=4):
        given = {name: value for name, value in raw.items() if name in lists}
        found["missing list"] += len(given) < kinds
        found["empty list"] += [] in given.values()
        found["partial list"] += any(isinstance(value, dict) for value in given.values())
        text = repr(raw)
        found["range"] += "至" in text
        found["open range"] += "不低于" in text
        found["set of options"] += "['" in text
        found["no findings"] += not raw["findings"]
        found["refused"] += any(item["finding"] == "no" for item in raw["findings"])
        found["late"] += any(item["on"] > str(day) for item in raw["findings"])
        found["about a record"] += any("about" in item for item in raw["findings"])
        answers = Counter(item["judgement"] for item in raw["findings"])
        found["said twice"] += any(count > 1 for count in answers.values())
        profile = profile_of(raw, pack.vocabulary, pack.tables)
        found["contradiction"] += bool(determine(compiled, profile, day, REFERENCE).notes)
    assert all(count >= 4 for count in found.values()), found
    assert len(found) == 12


def test_the_same_seed_gives_the_same_profiles() -> None:
    pack = program(DOCUMENTS[0]).pack
    assert list(drawn(pack, DOCUMENTS[0], 40, seed=5)) == list(drawn(pack, DOCUMENTS[0], 40, seed=5))
    assert list(drawn(pack, DOCUMENTS[0], 40, seed=5)) != list(drawn(pack, DOCUMENTS[0], 40, seed=6))
