"""DESIGN 2.12: exact money; caps after the sum they are stated for; undated records; fen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import InputError
from tests.helpers import DAY, result_of

WHERE = "where: [{within_validity: contract.date}]"
YEARLY = (
    f"{{kind: rate, rate: 1‰, base: {{sum: contract.amount, {WHERE}}}, "
    "cap: {amount: 10万元, scope: per_year}, per_year: contract.date}"
)
UNCAPPED = f"{{kind: rate, rate: 1‰, base: {{sum: contract.amount, {WHERE}}}, per_year: contract.date}}"


def yearly(tmp_path: Path, contracts: Any, *, as_of: date = DAY, benefit: str = YEARLY) -> Any:
    return result_of(tmp_path, f"{{exists: contract, {WHERE}}}", {"contracts": contracts}, as_of=as_of, benefit=benefit)


def contract(amount: str | None, day: str | None = "2020-05-01") -> dict[str, Any]:
    return {"amount": amount, "date": day}


@pytest.mark.parametrize(
    ("amount", "yuan"),
    [
        ("99999999元", "99999.999"),
        ("1亿元", "100000"),
        ("100000001元", "100000"),
        ("99999999.99元", "99999.99999"),
        ("0.01元", "0.00001"),
        ("123456789.12元", "100000"),
    ],
)
def test_money_is_exact(tmp_path: Path, amount: str, yuan: str) -> None:
    """2.12: 99,999,999 yuan at 1‰ is 99,999.999 and is not rounded into the cap."""
    result = yearly(tmp_path, [contract(amount)])
    assert (result.verdict, result.amount_yuan, result.amount_by_year) == ("eligible", yuan, {"2020": yuan})


def test_a_yearly_cap_applies_after_the_sum_of_the_year(tmp_path: Path) -> None:
    """2.12: two contracts of one year are summed before the cap."""
    result = yearly(tmp_path, [contract("6000万元"), contract("6000万元", "2020-06-01")])
    assert (result.amount_yuan, result.amount_by_year) == ("100000", {"2020": "100000"})


def test_contracts_over_two_years_have_two_caps(tmp_path: Path) -> None:
    """2.12: each year its own."""
    result = yearly(tmp_path, [contract("9000万元"), contract("2.5亿元", "2021-03-01")])
    assert result.amount_by_year == {"2020": "90000", "2021": "100000"}
    assert (result.amount_yuan, result.amount_status) == ("190000", "stated")


def test_calendar_years_change_at_new_year(tmp_path: Path) -> None:
    """2.12 and 2.15: 31 December and 1 January are two years."""
    result = yearly(tmp_path, [contract("9000万元", "2020-12-31"), contract("9000万元", "2021-01-01")])
    assert result.amount_by_year == {"2020": "90000", "2021": "90000"}


def test_an_undated_record_makes_a_range(tmp_path: Path) -> None:
    """2.12: low caps the dated ones alone, high adds the undated."""
    result = yearly(tmp_path, [contract("9000万元"), contract("2000万元", None)])
    assert (result.verdict, result.amount_yuan) == ("eligible", None)
    assert result.amount_by_year == {"2020": ("90000", "100000"), "2021": ("0", "20000")}
    assert result.amount_range_yuan == ("90000", "110000")
    assert (result.amount_status, result.missing) == ("unknown", ["contract.date"])


def test_an_undated_record_is_counted_once(tmp_path: Path) -> None:
    """2.12: it may lie in any year, but not in all of them."""
    result = yearly(tmp_path, [contract("1亿元"), contract("3000万元", None)], benefit=UNCAPPED)
    assert result.amount_by_year == {"2020": ("100000", "130000"), "2021": ("0", "30000")}
    assert result.amount_range_yuan == ("100000", "130000")


def test_the_caps_leave_no_more_room_than_they_have(tmp_path: Path) -> None:
    """2.12: large undated records fill what the caps of the years leave, and no more."""
    more = yearly(tmp_path, [contract("9000万元"), contract("50亿元", None), contract("50亿元", None)])
    assert more.amount_range_yuan == ("90000", "200000")


def test_an_undated_record_alone_leaves_the_verdict_open(tmp_path: Path) -> None:
    """2.12: it may lie outside the validity."""
    result = yearly(tmp_path, [contract("2000万元", None)])
    assert (result.verdict, result.amount_range_yuan) == ("undetermined", ("0", "20000"))


def test_a_record_without_an_amount(tmp_path: Path) -> None:
    """2.12: any amount from zero, up to the cap of its year."""
    result = yearly(tmp_path, [contract("9000万元"), contract(None)])
    assert (result.amount_range_yuan, result.amount_status) == (("90000", "100000"), "unknown")
    assert result.missing == ["contract.amount"]


def test_a_partial_list_may_hold_more_of_every_year(tmp_path: Path) -> None:
    """2.12 and 2.2: up to the caps of the years of the validity so far."""
    partial = {"partial": True, "items": [contract("9000万元")]}
    result = yearly(tmp_path, partial)
    assert result.amount_by_year == {"2020": ("90000", "100000"), "2021": ("0", "100000")}
    assert result.amount_range_yuan == ("90000", "200000")
    assert yearly(tmp_path, partial, benefit=UNCAPPED).amount_range_yuan == ("90000", None)


@pytest.mark.parametrize(
    ("as_of", "high"), [(date(2020, 6, 30), "100000"), (DAY, "200000"), (date(2022, 12, 31), "300000")]
)
def test_a_missing_list_may_bring_every_years_cap(tmp_path: Path, as_of: date, high: str) -> None:
    """2.12: of the years that have begun."""
    result = yearly(tmp_path, None, as_of=as_of)
    assert (result.verdict, result.amount_range_yuan) == ("undetermined", ("0", high))


def test_contracts_outside_the_filter_do_not_count(tmp_path: Path) -> None:
    """2.12: the sum is of the records that the clause names."""
    result = yearly(tmp_path, [contract("5000万元"), contract("9亿元", "2019-12-31"), contract("9亿元", "2021-07-01")])
    assert (result.amount_yuan, result.amount_by_year) == ("50000", {"2020": "50000"})


def test_a_range_of_amounts_within_a_year(tmp_path: Path) -> None:
    """2.12: both ends under the cap."""
    result = yearly(tmp_path, [contract("8000万-1.2亿元")])
    assert (result.amount_by_year, result.amount_range_yuan) == ({"2020": ("80000", "100000")}, ("80000", "100000"))


@pytest.mark.parametrize("amount", ["0.001元", "99999999.999元", "0.0000001万元"])
def test_inputs_finer_than_a_fen_are_refused(tmp_path: Path, amount: str) -> None:
    """2.12: nobody pays a tenth of a fen."""
    with pytest.raises(InputError) as error:
        yearly(tmp_path, [contract(amount)])
    assert [item.code for item in error.value.findings] == ["value-precision"]


def test_years_are_summed_exactly_in_the_calculation(tmp_path: Path) -> None:
    """2.12: a line for each year that can be redone."""
    result = yearly(tmp_path, [contract("9000万元"), contract("2.5亿元", "2021-03-01")])
    assert result.calculation == [
        "2020年：9000万元 × 1‰ = 9万元",
        "2021年：2.5亿元 × 1‰ = 25万元，年度最高10万元",
    ]
