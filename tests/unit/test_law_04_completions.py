"""DESIGN 2.4: Kleene is the verdict, and every completion agrees with what it decides.

Random condition trees and random enterprises: the complete enterprise is judged by plain two-valued logic,
apart from the engine; then it is forgotten bit by bit, and no decided verdict may change.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Pack, load_pack, screen
from tests.enterprises import (
    ATOMS,
    CONTRACT_ATOMS,
    DERIVED,
    FILTERS,
    SIZES,
    TREES,
    Contract,
    Enterprise,
    Raw,
    blurred,
    comparisons,
    complete_enterprises,
    contract_holds,
    holds,
    options,
)
from tests.helpers import DAY, document, measure, pack_of, result_of, screened, write_rules

SLOW = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


def pack_for(shelf: Path, conditions: list[Raw], subject: str | None = None) -> Pack:
    text = measure(",\n".join(json.dumps(item, ensure_ascii=False) for item in conditions), subject=subject)
    files = {"measures.yaml": "measures:\n  " + text.replace("\n", "\n  "), "derived.yaml": DERIVED}
    return load_pack(write_rules(shelf / uuid4().hex, files))


def verdict(pack: Pack, known: Enterprise) -> str:
    return screen(known.written(), pack, as_of=DAY).results[0].verdict


ANSWERS = st.fixed_dictionaries({"major": st.booleans(), "talent-policy": st.booleans()})


@SLOW
@given(tree=TREES, known=complete_enterprises(), answers=ANSWERS)
def test_a_complete_profile_gets_the_two_valued_verdict(
    shelf: Path, tree: Raw, known: Enterprise, answers: dict[str, bool]
) -> None:
    """2.4: with everything known Kleene's logic is plain logic."""
    known = replace(known, findings=answers)
    expected = "eligible" if holds(tree, known) else "ineligible"
    assert verdict(pack_for(shelf, [tree]), known) == expected


@SLOW
@given(tree=TREES, known=complete_enterprises(), answers=ANSWERS, data=st.data())
def test_more_information_never_turns_a_decided_verdict(
    shelf: Path, tree: Raw, known: Enterprise, answers: dict[str, bool], data: st.DataObject
) -> None:
    """2.4 and 2.3: forget in three steps; each step may only make undetermined."""
    pack = pack_for(shelf, [tree])
    known = replace(known, findings=answers)
    last = verdict(pack, known)
    assert last in ("eligible", "ineligible")
    for _ in range(3):
        known = data.draw(blurred(known))
        found = verdict(pack, known)
        assert found in (last, "undetermined")
        last = found


RECORD_TREES = st.lists(st.one_of(CONTRACT_ATOMS, ATOMS), min_size=1, max_size=3)


@SLOW
@given(trees=RECORD_TREES, known=complete_enterprises(), answers=ANSWERS, data=st.data())
def test_more_information_never_turns_the_verdict_on_records(
    shelf: Path, trees: list[Raw], known: Enterprise, answers: dict[str, bool], data: st.DataObject
) -> None:
    """2.4 and 2.15: the same for a measure that is evaluated for each contract."""
    pack = pack_for(shelf, trees, subject="contract")
    known = replace(known, findings=answers)
    assert known.contracts is not None

    def both(item: Contract) -> bool:
        return all(
            contract_holds(raw, item) if str(raw.get("field", "")).startswith("contract.") else holds(raw, known)
            for raw in trees
        )

    last = verdict(pack, known)
    assert last == ("eligible" if any(both(item) for item in known.contracts) else "ineligible")
    for _ in range(3):
        known = data.draw(blurred(known))
        found = verdict(pack, known)
        assert found in (last, "undetermined")
        last = found


MARKED: st.SearchStrategy[Raw] = st.one_of(
    ATOMS,
    comparisons().map(lambda compared: {"field": "staff", **compared, "soft": True, "why": "存疑"}),
    options("size", SIZES).map(lambda raw: {**raw, "open": True}),
    FILTERS.map(lambda where: {"exists": "contract", "where": where, "soft": True, "why": "存疑"}),
)
MARKED_TREES = st.recursive(
    MARKED, lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}), max_leaves=4
)


@SLOW
@given(trees=st.lists(MARKED_TREES, min_size=1, max_size=3), known=complete_enterprises(), answers=ANSWERS)
def test_soft_and_open_conditions_never_make_ineligible(
    shelf: Path, trees: list[Raw], known: Enterprise, answers: dict[str, bool]
) -> None:
    """2.7: ineligible only where the same tree without its marked conditions' falsehood is."""
    known = replace(known, findings=answers)
    found = verdict(pack_for(shelf, trees), known)

    def lenient(raw: Raw) -> bool:
        if "any" in raw:
            return any(lenient(part) for part in raw["any"])
        return True if "soft" in raw or "open" in raw else holds(raw, known)

    def strict(raw: Raw) -> bool:
        if "any" in raw:
            return any(strict(part) for part in raw["any"])
        return holds({key: value for key, value in raw.items() if key not in ("soft", "open", "why")}, known)

    if all(strict(raw) for raw in trees):
        assert found == "eligible"
    elif all(lenient(raw) for raw in trees):
        assert found == "undetermined"
    else:
        assert found == "ineligible"


def test_kleene_may_leave_open_what_every_completion_decides(tmp_path: Path) -> None:
    """2.4: all executors give the Kleene verdict; only what quantifies over completions may sharpen it."""
    condition = "{any: [{field: staff, at_least: 50}, {all: [{not: {field: staff, at_least: 50}}]}]}"
    assert result_of(tmp_path, condition, {}).verdict == "undetermined"
    assert result_of(tmp_path, condition, {"staff": 50}).verdict == "eligible"
    assert result_of(tmp_path, condition, {"staff": 49}).verdict == "eligible"


def test_assumptions_are_listed_with_the_verdict(tmp_path: Path) -> None:
    """2.4: the verdict says on what it rests."""
    condition = "{field: listed, equals: true, assumed: true, why: 文件未说}, {field: staff, at_least: 50}"
    result = result_of(tmp_path, condition, {"staff": 50})
    assert result.verdict == "eligible"
    assert len(result.assumptions) == 1
    assert "已上市" in result.assumptions[0]
    assert result_of(tmp_path, condition, {"staff": 50, "listed": True}).assumptions == []


def test_one_profile_and_date_give_one_determination(tmp_path: Path) -> None:
    """2.4: nothing but profile, date and pack bears on it; screening twice gives the same JSON."""
    pack = pack_of(tmp_path, measure("{field: staff, at_least: 50}"), document=document())
    first = screened(pack, {"staff": "10-60人"})
    assert screened(pack, {"staff": "10-60人"}).to_json() == first.to_json()
    assert first.pack_version == pack.version
