"""Columns equals the reference: on every sample, every case, and on random profiles of the packs and of a pack of traps.

2,000 random profiles in an ordinary run; HUIQI_CONFORMANCE=100000 asks for as many as that.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from engine import Pack, load_pack
from engine.diagnostics import Findings
from engine.loader import case_files, rules_directory
from engine.yaml_source import read_file
from tests.columns.comparing import differences, readable
from tests.columns.randomly import Profiles
from tests.helpers import document

pytest.importorskip("polars")

ROOT = Path(__file__).resolve().parents[2]
COUNT = int(os.environ.get("HUIQI_CONFORMANCE", "2000"))
BATCH = 500
DAYS = (date(2017, 6, 30), date(2022, 6, 30), date(2026, 6, 30))
TRAP_DAYS = (date(2020, 6, 30), date(2021, 6, 30))


def cases_by_day() -> dict[date, list[dict[str, Any]]]:
    """The profiles of all cases of the packs."""
    found: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for _, file in case_files(rules_directory(), Findings()):
        for case in file.cases:
            found[case.as_of].append(case.profile)
    return found


def samples(pack: Pack) -> list[dict[str, Any]]:
    """The sample profiles that can be read."""
    findings = Findings()
    sources = [read_file(path, findings, rule_file=False) for path in sorted((ROOT / "samples").glob("*.yaml"))]
    data = [dict(source.data) for source in sources if source is not None and isinstance(source.data, dict)]
    return [item for item in data if readable(item, pack) is not None]


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_every_sample(as_of: date) -> None:
    pack = load_pack()
    profiles = samples(pack)
    assert len(profiles) >= 3
    problems, _ = differences(profiles, pack, as_of)
    assert problems == []


def test_every_case_of_the_packs() -> None:
    pack, verdicts = load_pack(), Counter[str]()
    for as_of, profiles in cases_by_day().items():
        problems, seen = differences(profiles, pack, as_of)
        assert problems == [], as_of
        verdicts += seen
    assert min(verdicts[name] for name in ("eligible", "ineligible", "undetermined")) > 100


@pytest.mark.slow
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_random_profiles_of_the_packs(as_of: date) -> None:
    pack = load_pack()
    near = [profile for profiles in cases_by_day().values() for profile in profiles]
    _random(pack, as_of, -(-COUNT // (2 * len(DAYS))), near)


@pytest.mark.slow
@pytest.mark.parametrize("as_of", TRAP_DAYS, ids=str)
def test_random_profiles_of_traps(traps: Pack, as_of: date) -> None:
    seen = _random(traps, as_of, -(-COUNT // (2 * len(TRAP_DAYS))), [])
    assert min(seen.values()) > 0


@pytest.mark.parametrize("as_of", TRAP_DAYS, ids=str)
def test_contracts_without_a_year_under_a_yearly_cap(traps: Pack, as_of: date) -> None:
    """As few years are empty as there can be: 1‰ of each against 5 yuan a year."""
    dated = [{"amount": amount, "date": f"{year}-05-01"} for year in (2020, 2021) for amount in (2000, 4000, 9000)]
    items = [*dated, {"amount": 3000}, {"amount": 9000}, {"date": "2020-05-01"}, {}]
    lists: list[Any] = [list(chosen) for count in range(5) for chosen in combinations(items, count)]
    lists += [{"partial": True, "items": chosen} for chosen in lists]
    problems, _ = differences([{"contracts": chosen} for chosen in lists], traps, as_of)
    assert problems == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "stacking", ["allowed", "exclusive", "groups"], ids=["stacking allowed", "one document only", "groups"]
)
def test_totals_under_what_a_text_excludes(stacked: dict[str, Pack], stacking: str) -> None:
    _random(stacked[stacking], date(2021, 6, 30), min(COUNT, 2000) // 8, [])


@pytest.fixture(scope="module")
def stacked(trap_pack: Any) -> dict[str, Pack]:
    """The traps under documents that say how amounts stand together."""
    groups = (
        "[{id: g1, kind: joint_cap, cap: 12元, measures: [sums, every, ratio-sums], cite: 甲},"
        " {id: g2, kind: highest, measures: [subject-capped, subject-total], cite: 乙}]"
    )
    return {
        "allowed": trap_pack(document=document(stacking="allowed")),
        "exclusive": trap_pack(document=document(stacking="exclusive")),
        "groups": trap_pack(document=document(groups=groups)),
    }


def _random(pack: Pack, as_of: date, count: int, near: list[dict[str, Any]]) -> Counter[str]:
    """Compare so many random profiles, every other one near a case where there are any."""
    verdicts: Counter[str] = Counter()
    for batch in range(0, count, BATCH):
        drawn = Profiles(pack, batch, as_of)
        profiles = []
        for number in range(min(BATCH, count - batch)):
            if near and number % 2:
                profiles.append(drawn.near(drawn.random.choice(near)))
            else:
                profiles.append(drawn.profile())
        problems, seen = differences(profiles, pack, as_of)
        assert problems == [], f"seed {batch}"
        verdicts += seen
    return verdicts
