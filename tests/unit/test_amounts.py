"""Amounts: the ends of a range are exactly the least and the most that any completion brings (DESIGN 2.11, 2.12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import InputError, Pack, screen
from tests.helpers import DAY, measure, pack_of, result_of

MANY = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
WHERE = "where: [{field: contract.kind, equals: transfer}, {within_validity: contract.date}]"
ALWAYS = "{field: staff, at_least: 1}"
RATE = Fraction(1, 10)
YEARS = (2020, 2021)
"""The years of the validity that have begun at the as-of date."""


def rate(cap: str = "", per_year: str = ", per_year: contract.date", where: str = WHERE) -> str:
    return f"{{kind: rate, rate: 10%, base: {{sum: contract.amount, {where}}}{cap}{per_year}}}"


@dataclass(frozen=True)
class Contract:
    """What is known: the ends of the amount, the year and whether it is a transfer; None is not known."""

    low: int
    high: int
    year: int | None
    transfer: bool | None

    def written(self) -> dict[str, Any]:
        kind = {True: "transfer", False: "service", None: None}[self.transfer]
        day = None if self.year is None else f"{self.year}-05-01"
        return {"amount": f"{self.low}至{self.high}元", "kind": kind, "date": day}

    def completions(self) -> Iterator[tuple[int | None, int]]:
        """Each year in which it may count (None: it does not), with each end of its amount."""
        years: Iterable[int | None] = (2019, *YEARS) if self.year is None else (self.year,)
        kinds = (True, False) if self.transfer is None else (self.transfer,)
        for year, kind, amount in product(years, kinds, {self.low, self.high}):
            yield (year if kind and year in YEARS else None), amount


CONTRACTS = st.lists(
    st.builds(
        lambda low, more, year, transfer: Contract(low, low + more, year, transfer),
        st.integers(0, 300),
        st.sampled_from((0, 0, 70)),
        st.sampled_from((2019, 2020, 2020, 2021, None)),
        st.sampled_from((True, True, True, False, None)),
    ),
    max_size=4,
)


def worlds(contracts: list[Contract]) -> Iterator[dict[int, Fraction]]:
    """The sum of each year in every completion."""
    for choice in product(*(set(contract.completions()) for contract in contracts)):
        sums = dict.fromkeys(YEARS, Fraction(0))
        for year, amount in choice:
            if year is not None:
                sums[year] += amount * RATE
        yield sums


def _under(cap: int, found: Iterable[dict[int, Fraction]]) -> Iterator[dict[int, Fraction]]:
    for sums in found:
        yield {year: min(amount, Fraction(cap)) for year, amount in sums.items()}


def ends(values: Iterable[Fraction]) -> tuple[Fraction, Fraction]:
    known = list(values)
    return min(known), max(known)


def shown(pair: Any) -> tuple[Fraction, Fraction]:
    low, high = (pair, pair) if isinstance(pair, str) else pair
    return Fraction(low), Fraction(high)


class Packs(dict[str, Pack]):
    """Shown by name only, when a test fails."""

    def __repr__(self) -> str:
        return f"Packs{sorted(self)}"


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Packs:
    folder = tmp_path_factory.mktemp("rules")
    caps = {
        "yearly": rate(", cap: {amount: 20元, scope: per_year}"),
        "uncapped": rate(),
        "record": rate(", cap: {amount: 20元, scope: per_record}", per_year=""),
        "total": rate(", cap: {amount: 20元, scope: total}", per_year=""),
        "plain": rate(per_year=""),
    }
    return Packs({name: pack_of(folder, measure(ALWAYS, benefit=benefit)) for name, benefit in caps.items()})


def result(pack: Pack, contracts: list[Contract]) -> Any:
    profile = {"staff": 1, "contracts": [contract.written() for contract in contracts]}
    return screen(profile, pack, as_of=DAY).results[0]


@MANY
@given(contracts=CONTRACTS)
def test_yearly_sums_under_a_yearly_cap(packs: Packs, contracts: list[Contract]) -> None:
    found = result(packs["yearly"], contracts)
    capped = list(_under(20, worlds(contracts)))
    least, most = ends(sum(sums.values(), start=Fraction(0)) for sums in capped)
    low, high = shown(found.amount_range_yuan)
    assert low == least
    assert high >= most
    undated = [contract for contract in contracts if contract.year is None and contract.transfer is not False]
    if len(undated) <= 1:
        assert high == most
    if undated:
        dated = [contract for contract in contracts if contract.year is not None]
        alone = ends(sum(sums.values(), start=Fraction(0)) for sums in _under(20, worlds(dated)))[1]
        assert high <= alone + sum(min(contract.high * RATE, Fraction(20)) for contract in undated)
    by_year = {year: ends(sums[year] for sums in capped) for year in YEARS}
    expected = {str(year): pair for year, pair in by_year.items() if any(pair)}
    assert {year: shown(pair) for year, pair in found.amount_by_year.items()} == expected


@MANY
@given(contracts=CONTRACTS)
def test_yearly_sums_without_a_cap(packs: Packs, contracts: list[Contract]) -> None:
    found = result(packs["uncapped"], contracts)
    assert shown(found.amount_range_yuan) == ends(sum(sums.values(), start=Fraction(0)) for sums in worlds(contracts))


@MANY
@given(contracts=CONTRACTS)
def test_a_sum_without_years(packs: Packs, contracts: list[Contract]) -> None:
    plain = result(packs["plain"], contracts)
    assert shown(plain.amount_range_yuan) == ends(sum(sums.values(), start=Fraction(0)) for sums in worlds(contracts))
    total = result(packs["total"], contracts)
    assert shown(total.amount_range_yuan) == ends(
        min(sum(sums.values(), start=Fraction(0)), Fraction(20)) for sums in worlds(contracts)
    )


@MANY
@given(contracts=CONTRACTS)
def test_a_cap_for_each_record(packs: Packs, contracts: list[Contract]) -> None:
    found = result(packs["record"], contracts)
    totals = []
    for choice in product(*(set(contract.completions()) for contract in contracts)):
        totals.append(sum((min(a * RATE, Fraction(20)) for year, a in choice if year is not None), start=Fraction(0)))
    assert shown(found.amount_range_yuan) == ends(totals)


@MANY
@given(contracts=CONTRACTS)
def test_more_records_can_only_add(packs: Packs, contracts: list[Contract]) -> None:
    """A partial list has the same low end and no lower high end than the same list complete."""
    items = [contract.written() for contract in contracts]
    partial = screen({"staff": 1, "contracts": {"partial": True, "items": items}}, packs["yearly"], as_of=DAY).results[
        0
    ]
    low, high = shown(result(packs["yearly"], contracts).amount_range_yuan)
    assert shown(partial.amount_range_yuan)[0] == low
    assert shown(partial.amount_range_yuan)[1] == 20 * len(YEARS) >= high


# --- records that are subjects --------------------------------------------------------------------------------------


@MANY
@given(
    scope=st.sampled_from(("per_record", "total", "unstated")),
    amounts=st.lists(st.integers(0, 300), min_size=1, max_size=4),
)
def test_the_scope_of_a_cap_over_several_records(tmp_path_factory: Any, scope: str, amounts: list[int]) -> None:
    """Unstated: anything from one cap over all to a cap for each."""
    benefit = f"{{kind: rate, rate: 10%, base: {{field: project.investment}}, cap: {{amount: 20元, scope: {scope}}}}}"
    pack = pack_of(
        FOLDER.setdefault("caps", tmp_path_factory.mktemp("caps")), measure(ALWAYS, subject="project", benefit=benefit)
    )
    profile = {"staff": 1, "projects": [{"investment": amount} for amount in amounts]}
    found = screen(profile, pack, as_of=DAY).results[0]
    each = sum((min(amount * RATE, Fraction(20)) for amount in amounts), start=Fraction(0))
    all_ = min(sum(amounts) * RATE, Fraction(20))
    low, high = {"per_record": (each, each), "total": (all_, all_), "unstated": (min(all_, each), each)}[scope]
    assert shown(found.amount_range_yuan) == (low, high)


FOLDER: dict[str, Path] = {}


def test_one_undated_record_lies_in_one_year(tmp_path: Path) -> None:
    """201 yuan at 10% are 20.1, and the cap of one year is 20; where no year is empty, less."""
    contracts = [{"amount": "201元", "kind": "transfer"}]
    benefit = rate(", cap: {amount: 20元, scope: per_year}")
    found = result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": contracts}, benefit=benefit)
    assert found.amount_range_yuan == ("0", "20")
    begun = [{"amount": "50元", "kind": "transfer", "date": f"{year}-05-01"} for year in YEARS]
    found = result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": [*contracts, *begun]}, benefit=benefit)
    assert found.amount_range_yuan == ("10", "25")
    unknown = [{"kind": "transfer"}, *begun]
    found = result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": unknown}, benefit=benefit)
    assert found.amount_range_yuan == ("10", "25")


def test_a_date_that_may_lie_in_two_years(tmp_path: Path) -> None:
    """It counts in either, once."""
    contracts = [{"amount": "100元", "kind": "transfer", "date": "2020-12-01至2021-01-31"}]
    found = result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": contracts}, benefit=rate())
    assert found.amount_by_year == {"2020": ("0", "10"), "2021": ("0", "10")}
    assert found.amount_range_yuan is not None
    assert found.amount_range_yuan[1] == "10"
    certain = [{"amount": "100元", "kind": "transfer", "date": "2020-03-01至2020-11-30"}]
    assert result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": certain}, benefit=rate()).amount_yuan == "10"


def test_what_narrows_an_amount_is_named(tmp_path: Path) -> None:
    """The fields that leave it open, and the list where it may hold more."""
    contracts = [
        {"kind": "transfer", "date": "2020-05-01"},
        {"amount": "5元", "date": "2020-05-01"},
        {"amount": "5元", "kind": "transfer"},
    ]
    found = result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": contracts}, benefit=rate())
    assert (found.verdict, found.amount_status) == ("eligible", "unknown")
    assert found.missing == ["contract.amount", "contract.kind", "contract.date"]
    partial = result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": {"partial": True, "items": []}}, benefit=rate())
    assert partial.missing == ["contracts"]
    settled = [{"amount": "5元", "kind": "service", "date": "2020-05-01"}]
    assert result_of(tmp_path, ALWAYS, {"staff": 1, "contracts": settled}, benefit=rate()).missing == []


def test_a_rate_of_a_third(tmp_path: Path) -> None:
    """Its amounts would have no end, so it is refused when the pack is read."""
    benefit = "{kind: rate, rate: 三分之一, base: {field: project.investment}}"
    with pytest.raises(InputError) as error:
        pack_of(tmp_path, measure(ALWAYS, subject="project", benefit=benefit))
    assert [item.code for item in error.value.findings] == ["shape-bad-value"]


def test_a_yearly_cap_needs_years(tmp_path: Path) -> None:
    """Nothing says of which year an investment is, so the pack is refused."""
    benefit = "{kind: rate, rate: 10%, base: {field: project.investment}, cap: {amount: 20元, scope: per_year}}"
    with pytest.raises(InputError) as error:
        pack_of(tmp_path, measure(ALWAYS, subject="project", benefit=benefit))
    assert [item.code for item in error.value.findings] == ["measure-base"]
