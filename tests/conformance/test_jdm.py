"""The exported graph, run by zen-engine, gives every verdict and amount of the reference executor."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import zen  # type: ignore[import-untyped]

from engine import InputError, load_pack
from engine.assessment import assess
from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.evaluation import evaluate
from engine.jdm import export, jdm_input
from engine.loader import BUILT_IN, case_files
from engine.pack import Pack
from engine.profile import Profile, profile_of
from engine.reference import ReferenceSolver
from tests.conformance.complete_profiles import CompleteProfiles
from tests.helpers import DAY, measure, pack_of, review

PROFILES = int(os.environ.get("HUIQI_CONFORMANCE_PROFILES", "2000"))
CASES = max(300, PROFILES // 8)
Outcome = tuple[str, Any, Any, Any]


def decision(pack: Pack) -> Any:
    """The pack's graph, ready to run. Nothing may be refused."""
    exported = export(pack)
    assert [str(item) for item in exported.refused] == []
    return zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(exported.graph)))


def by_zen(made: Any, profile: Profile, pack: Pack, as_of: date) -> dict[str, Outcome]:
    results = made.evaluate(jdm_input(profile, pack.vocabulary, as_of))["result"]["results"]
    return {
        item["measure"]: (
            item["verdict"],
            exact(item["amount_yuan"]),
            ends(item["amount_range_yuan"]),
            years(item.get("amount_by_year")),
        )
        for item in results
    }


def by_reference(profile: Profile, pack: Pack, as_of: date) -> dict[str, Outcome]:
    found = {}
    for item in assess(evaluate(compile_pack(pack), profile, as_of, ReferenceSolver())):
        amount = item.amount if item.verdict in ("eligible", "undetermined") else None
        single = shown = by_year = None
        if amount is not None:
            sure = item.verdict == "eligible"
            low, high = amount.range
            shown = (low if sure else 0, high)
            single = low if sure and low == high else None
            if amount.by_year is not None:
                by_year = {
                    str(year): (low if sure else 0, high) for year, (low, high) in amount.by_year.items()
                }
        found[item.measure.id] = (item.verdict, single, shown, by_year)
    return found


def exact(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def ends(pair: list[str | None] | None) -> tuple[Fraction | None, ...] | None:
    return None if pair is None else tuple(map(exact, pair))


def years(found: dict[str, list[str | None]] | None) -> dict[str, Any] | None:
    """Years that bring nothing are not shown."""
    return None if found is None else {year: ends(pair) for year, pair in found.items() if ends(pair) != (0, 0)}


def agreed(pack: Pack, data: dict[str, Any], as_of: date = DAY) -> dict[str, Outcome]:
    """What both say of one profile, after making sure that they say the same."""
    profile = profile_of(data, pack.vocabulary, pack.tables)
    found = by_zen(decision(pack), profile, pack, as_of)
    assert found == by_reference(profile, pack, as_of)
    return found


@pytest.mark.slow
def test_random_complete_profiles_agree() -> None:
    pack = load_pack()
    made = decision(pack)
    seen: Counter[tuple[str, str]] = Counter()
    for number, (as_of, data) in enumerate(islice(CompleteProfiles(pack, seed=20), PROFILES)):
        profile = profile_of(data, pack.vocabulary, pack.tables)
        found, expected = by_zen(made, profile, pack, as_of), by_reference(profile, pack, as_of)
        assert found == expected, f"profile {number} at {as_of}"
        seen.update((id, outcome[0]) for id, outcome in found.items())
    never = [measure.id for measure in pack.measures if not seen[measure.id, "eligible"]]
    assert len(never) * 5 <= len(pack.measures), f"hardly tested: {never}"
    assert not {m.id for m in pack.measures if m.spec.determinacy == "quantified"} & set(never)


@pytest.mark.slow
def test_the_cases_agree_with_all_that_they_leave_open() -> None:
    pack = load_pack()
    made = decision(pack)
    seen: Counter[str] = Counter()
    cases = [case for _, file in case_files(BUILT_IN, Findings()) for case in file.cases]
    for case in cases[:: max(1, len(cases) // CASES)]:
        profile = profile_of(case.profile, pack.vocabulary, pack.tables)
        try:
            found = by_zen(made, profile, pack, case.as_of)
        except InputError:
            continue  # a range
        assert found == by_reference(profile, pack, case.as_of), case.name
        seen.update(outcome[0] for outcome in found.values())
    assert min(seen[verdict] for verdict in ("eligible", "ineligible", "undetermined", "not_in_force")) > 50


def test_a_missing_value_is_null_and_never_an_error(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, measure("{any: [{field: staff, at_least: 5}, {field: listed, equals: true}]}"))
    assert agreed(pack, {"listed": True})["m"][0] == "eligible"
    assert agreed(pack, {"listed": False})["m"][0] == "undetermined"
    assert agreed(pack, {})["m"][0] == "undetermined"


def test_the_clock_is_an_input(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, measure("{field: staff, at_least: 5}"))
    made = decision(pack)
    given = jdm_input(profile_of({"staff": 5}, pack.vocabulary, pack.tables), pack.vocabulary, date(2021, 6, 30))
    verdicts = [
        made.evaluate({**given, "as_of": day})["result"]["results"][0]["verdict"]
        for day in ("1999-01-01", "2021-06-30")
    ]
    assert verdicts == ["not_in_force", "eligible"]


def test_findings_are_read_by_date_and_record(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, measure("{judgement: major}", subject="recognition"))
    two = {"recognitions": [{"id": "甲"}, {"id": "乙"}]}
    cases: list[tuple[list[dict[str, Any]], str]] = [
        ([], "undetermined"),
        ([review("major")], "eligible"),
        ([review("major", False), review("major", about="乙")], "eligible"),
        ([review("major"), review("major", False, on="2021-05-02")], "ineligible"),
        ([review("major"), review("major", False)], "undetermined"),
        ([review("major", on="2022-01-01")], "undetermined"),
    ]
    for findings, verdict in cases:
        assert agreed(pack, {**two, "findings": findings})["m"][0] == verdict


@pytest.mark.parametrize("cap", ["", "cap: {amount: 3万元, scope: total}", "cap: {amount: 3万元, scope: unstated}"])
def test_amounts_over_records_agree(tmp_path: Path, cap: str) -> None:
    benefit = f"{{kind: rate, rate: 1.5%, base: {{field: contract.amount}}{', ' * bool(cap)}{cap}}}"
    pack = pack_of(tmp_path, measure("{field: contract.amount, above: 1元}", subject="contract", benefit=benefit))
    for amounts in ([], [1_000_000], [1_000_000, 1_999_999], [99_999_999, 3], [1, 2], [None], [None, 5_000_000]):
        contracts = [{"amount": amount} for amount in amounts]
        agreed(pack, {"contracts": contracts})
        agreed(pack, {"contracts": {"partial": True, "items": contracts}})
    agreed(pack, {})


def test_what_cannot_be_said_exactly_is_refused_by_name(tmp_path: Path) -> None:
    benefit = "{kind: rate, rate: 1%, base: {sum: contract.amount}, cap: {amount: 1万元, scope: per_record}}"
    pack = pack_of(tmp_path, measure("{exists: contract}", id="odd", benefit=benefit) + measure("{field: staff, at_least: 1}"))
    exported = export(pack)
    assert exported.measures == ("m",)
    (refused,) = exported.refused
    assert refused.code == "jdm-refused" and refused.message.startswith("odd 不能导出：")


def test_a_range_is_refused_as_input(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, measure("{field: staff, at_least: 5}"))
    profile = profile_of({"staff": "1-9人"}, pack.vocabulary, pack.tables)
    with pytest.raises(InputError, match="范围"):
        jdm_input(profile, pack.vocabulary, DAY)
