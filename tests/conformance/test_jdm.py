"""The exported graph, run by zen-engine, gives every verdict and amount of the reference executor."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
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
from tests.conformance.profiles import Profiles
from tests.helpers import DAY, measure, pack_of, review

PROFILES = int(os.environ.get("HUIQI_CONFORMANCE", "2000"))
DOCUMENTS = sorted(
    folder.name for folder in (BUILT_IN / "packs").iterdir() if (folder / "document.yaml").is_file()
)
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
    return (
        None if found is None else {year: ends(pair) for year, pair in found.items() if ends(pair) != (0, 0)}
    )


def agreed(pack: Pack, data: dict[str, Any], as_of: date = DAY) -> dict[str, Outcome]:
    """What both say of one profile, after making sure that they say the same."""
    profile = profile_of(data, pack.vocabulary, pack.tables)
    found = by_zen(decision(pack), profile, pack, as_of)
    assert found == by_reference(profile, pack, as_of)
    return found


@lru_cache
def of_document(document: str) -> tuple[Pack, Any]:
    pack = load_pack(BUILT_IN, document=document)
    return pack, decision(pack)


def days(pack: Pack, document: str) -> list[date]:
    """Days of a document's validity, its ends among them, and one on either side."""
    validity = pack.documents[document].document.validity
    last = validity.end or validity.start + timedelta(days=900)
    length = (last - validity.start).days
    inside = [validity.start + timedelta(days=length * part // 6) for part in range(7)]
    return [*inside, validity.start - timedelta(days=1), last + timedelta(days=1)]


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
def test_random_complete_profiles_agree(document: str) -> None:
    pack, made = of_document(document)
    profiles, dates, seen = Profiles(pack, seed=20), days(pack, document), Counter[tuple[str, str]]()
    for number in range(PROFILES // len(DOCUMENTS)):
        as_of = dates[number // len(pack.measures) % len(dates)]
        raw = profiles.complete(as_of, pack.measures[number % len(pack.measures)])
        profile = profile_of(raw, pack.vocabulary, pack.tables)
        found, expected = by_zen(made, profile, pack, as_of), by_reference(profile, pack, as_of)
        assert found == expected, {"as_of": as_of, **raw}
        seen.update((id, outcome[0]) for id, outcome in found.items())
    assert [m.id for m in pack.measures if not seen[m.id, "eligible"]] == []
    assert {"ineligible", "not_in_force"} <= {verdict for _, verdict in seen}


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
def test_profiles_with_gaps_agree(document: str) -> None:
    """Missing fields and lists, partial lists, findings that contradict or come late; ranges a graph cannot take."""
    pack, made = of_document(document)
    profiles, dates, seen = Profiles(pack, seed=21), days(pack, document), Counter[str]()
    for number in range(PROFILES // 2 // len(DOCUMENTS)):
        as_of = dates[number // len(pack.measures) % len(dates)]
        raw = profiles.profile(as_of, pack.measures[number % len(pack.measures)], (0.03, 0.1)[number % 2])
        profile = profile_of(raw, pack.vocabulary, pack.tables)
        try:
            found = by_zen(made, profile, pack, as_of)
        except InputError:
            seen["a range"] += 1
            continue
        assert found == by_reference(profile, pack, as_of), {"as_of": as_of, **raw}
        seen.update(outcome[0] for outcome in found.values())
    assert min(seen[verdict] for verdict in ("eligible", "ineligible", "undetermined")) > 10


@pytest.mark.slow
def test_the_cases_agree_on_all_documents_together() -> None:
    pack = load_pack()
    made = decision(pack)
    seen: Counter[str] = Counter()
    cases = [case for _, file in case_files(BUILT_IN, Findings()) for case in file.cases]
    for case in cases[:: max(1, len(cases) * 10 // PROFILES)]:
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


@pytest.mark.parametrize(("stated", "revenue"), [(True, "1999万元"), (False, "2000万元"), (True, "2000万元"), (None, None)])
def test_a_contradiction_is_not_assumed_away(stated: bool | None, revenue: str | None) -> None:
    pack, made = of_document("tongzhou-2024")
    raw = {
        "applicant_kinds": ["company"], "registered_division": "北京市通州区", "recognitions": [], "scale_up": ["小升规"],
        "industry": "C35", "above_scale": stated, "annuals": [{"fiscal_year": 2025, "revenue": revenue}],
    }  # fmt: skip
    profile, as_of = profile_of(raw, pack.vocabulary, pack.tables), date(2026, 6, 30)
    found = by_zen(made, profile, pack, as_of)
    assert found == by_reference(profile, pack, as_of)
    agree = stated is None or stated is (revenue == "2000万元")
    assert found["tz-gradient-cultivation"][0] == ("eligible" if agree else "undetermined")


def test_the_clock_is_an_input(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, measure("{field: staff, at_least: 5}"))
    made = decision(pack)
    given = jdm_input(
        profile_of({"staff": 5}, pack.vocabulary, pack.tables), pack.vocabulary, date(2021, 6, 30)
    )
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


@pytest.mark.parametrize(
    "cap", ["", "cap: {amount: 3万元, scope: total}", "cap: {amount: 3万元, scope: unstated}"]
)
def test_amounts_over_records_agree(tmp_path: Path, cap: str) -> None:
    benefit = f"{{kind: rate, rate: 1.5%, base: {{field: contract.amount}}{', ' * bool(cap)}{cap}}}"
    pack = pack_of(
        tmp_path, measure("{field: contract.amount, above: 1元}", subject="contract", benefit=benefit)
    )
    for amounts in (
        [],
        [1_000_000],
        [1_000_000, 1_999_999],
        [99_999_999, 3],
        [1, 2],
        [None],
        [None, 5_000_000],
    ):
        contracts = [{"amount": amount} for amount in amounts]
        agreed(pack, {"contracts": contracts})
        agreed(pack, {"contracts": {"partial": True, "items": contracts}})
    agreed(pack, {})


def test_what_cannot_be_said_exactly_is_refused_by_name(tmp_path: Path) -> None:
    benefit = "{kind: rate, rate: 1%, base: {sum: contract.amount}, cap: {amount: 1万元, scope: per_record}}"
    pack = pack_of(
        tmp_path,
        measure("{exists: contract}", id="odd", benefit=benefit) + measure("{field: staff, at_least: 1}"),
    )
    exported = export(pack)
    assert exported.measures == ("m",)
    (refused,) = exported.refused
    assert refused.code == "jdm-refused" and refused.message.startswith("odd 不能导出：")


def test_a_range_is_refused_as_input(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, measure("{field: staff, at_least: 5}"))
    profile = profile_of({"staff": "1-9人"}, pack.vocabulary, pack.tables)
    with pytest.raises(InputError, match="范围"):
        jdm_input(profile, pack.vocabulary, DAY)
