"""Cells to values: what is typed means what is written, what cannot be exact is listed, and nothing wraps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

pytest.importorskip("polars")
import numpy as np
import polars as pl

from engine import Pack
from engine.columns import planes
from engine.columns.arithmetic import plus, ratio_inside, sums, times
from engine.columns.cells import CellReader
from engine.columns.frame import ColumnMeta, RawSlice, RecordSheet, Sheet
from engine.columns.kernel import evaluate
from engine.columns.plan import plan_of
from engine.columns.slices import Encoder, Slice
from engine.columns.testing import inside
from engine.columns.vectors import Bounds, Coded
from engine.regions import Intervals
from engine.spans import Span

DAY = date(2021, 6, 30)


def encoded(pack: Pack, columns: dict[str, tuple[pl.Series, ColumnMeta]], **records: RecordSheet) -> Slice:
    first = next(iter(columns.values()))[0]
    frame = pl.DataFrame({"key": pl.Series(range(len(first))), **{name: cells for name, (cells, _) in columns.items()}})
    sheet = Sheet(frame.with_row_index("row", 2), tuple(meta for _, meta in columns.values()), "企业")
    plan = plan_of(pack, DAY)
    paths = plan.paths | {meta.path for _, meta in columns.values()}
    encoder = Encoder(pack.vocabulary, CellReader(pack.tables), frozenset(paths), DAY)
    return encoder.slice(RawSlice(0, sheet, records, len(frame)))


def column(pack: Pack, path: str, cells: pl.Series, unit: str | None = None) -> tuple[list[Any], list[str]]:
    """The values of one column, and the reasons of its rejects."""
    data = encoded(pack, {"c": (cells, ColumnMeta("c", path, unit))})
    found = data.columns[path]
    if isinstance(found, Bounds):
        return [found.span(row) for row in range(found.rows)], [reject.reason for reject in data.rejects]
    return [found.values[code] for code in found.codes.tolist()], [reject.reason for reject in data.rejects]


def yuan(*amounts: Any) -> list[Span | None]:
    return [None if amount is None else Span.exactly(Fraction(amount)) for amount in amounts]


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([1000, None, 0], dtype=pl.Int64),
        pl.Series([1000, None, 0], dtype=pl.UInt16),
        pl.Series([1000, None, 0], dtype=pl.UInt64),
        pl.Series([1000.0, float("nan"), 0.0]),
        pl.Series([Decimal("1000.0"), None, Decimal(0)], dtype=pl.Decimal(18, 4)),
        pl.Series(["1000", "--", "0"]),
        pl.Series(["1,000", None, "0"]),
        pl.Series(["1000万元", "暂无", "无"]),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_a_unit_of_the_column_holds_for_bare_numbers(traps: Pack, cells: pl.Series) -> None:
    assert column(traps, "revenue", cells, "万元") == (yuan(10_000_000, None, 0), [])


def test_a_cell_with_a_unit_of_its_own_means_what_it_says(traps: Pack) -> None:
    values, problems = column(traps, "revenue", pl.Series(["1.2亿", "500", "2000-5000万", "小于500"]), "万元")
    assert values[:2] == yuan(120_000_000, 5_000_000)
    assert values[2] == Span(20_000_000, 50_000_000)
    assert values[3] == Span(0, 5_000_000, high_open=True)
    assert problems == []


@pytest.mark.parametrize("cells", [pl.Series([5]), pl.Series([5.5]), pl.Series(["5"])], ids=str)
def test_money_without_a_unit_is_never_guessed(traps: Pack, cells: pl.Series) -> None:
    values, problems = column(traps, "revenue", cells)
    assert values == [None]
    assert problems == ["没有写明金额的单位"]


def test_floats_are_the_decimals_that_they_show(traps: Pack) -> None:
    given = [0.1 + 0.2, 1234.56, 1e9 / 3, 1e30, float("inf"), 19.99]
    values, problems = column(traps, "revenue", pl.Series(given), "元")
    assert values == yuan("0.3", "1234.56", None, None, None, "19.99")
    assert sorted(problems) == ["数字大得不合理", "数字大得不合理", "金额不能精确到分以下"]
    # In 万元 the same figure has four more digits before the fen.
    assert column(traps, "revenue", pl.Series([0.3000001]), "万元") == ([None], ["金额不能精确到分以下"])


def test_below_the_least_value_is_rejected_and_unknown(traps: Pack) -> None:
    for cells in (pl.Series([-1, 5]), pl.Series([-1.0, 5.0]), pl.Series(["-1", "5"])):
        assert column(traps, "revenue", cells, "元") == (yuan(None, 5), ["收入不能小于0"])
    assert column(traps, "profit", pl.Series([-1, 5]), "元") == (yuan(-1, 5), [])


def test_figures_beyond_what_can_be_computed_are_rejected(traps: Pack) -> None:
    for cells in (pl.Series([10**14, 1]), pl.Series(["100000000000000", "1"]), pl.Series([2**63, 1], dtype=pl.UInt64)):
        values, problems = column(traps, "revenue", cells, "元")
        assert values == yuan(None, 1)
        assert problems == ["数字大得不合理"]


def test_an_unlisted_option_is_rejected_not_swallowed(traps: Pack) -> None:
    known = pl.Series(["大型", "巨型", None], dtype=pl.Enum(["大型", "巨型"]))
    for cells in (known, known.cast(pl.String), known.cast(pl.Categorical)):
        values, problems = column(traps, "size", cells)
        assert values == [frozenset({"large"}), None, None]
        assert problems == ["规模没有选项“巨型”"]


def test_several_options_stand_in_one_cell(traps: Pack) -> None:
    values, problems = column(traps, "tags", pl.Series(["人工智能、商业航天", '["ai"]', "无"]))
    assert problems == []
    assert [sorted(value.certain) for value in values] == [["ai", "space"], ["ai"], []]


def test_editions_of_industry_codes(traps: Pack) -> None:
    cells = pl.Series(["6520", "I65"])
    data = encoded(traps, {"c": (cells, ColumnMeta("c", "industry", edition="2011"))})
    found = data.columns["industry"]
    assert isinstance(found, Coded)
    old, new = traps.tables.industries.find("6520", "2011"), traps.tables.industries.find("6520")
    assert old != new
    assert [found.values[code] for code in found.codes.tolist()] == [old, traps.tables.industries.find("I65", "2011")]


def test_a_bad_cell_keeps_its_enterprise_and_a_repeated_key_does_not(traps: Pack) -> None:
    frame = pl.DataFrame({"key": ["甲", "甲", "乙"], "row": [2, 3, 4], "c": ["大型", "小型", "巨型"]})
    sheet = Sheet(frame, (ColumnMeta("c", "size", header="规模"),), "企业")
    encoder = Encoder(traps.vocabulary, CellReader(traps.tables), frozenset({"size"}), DAY)
    data = encoder.slice(RawSlice(0, sheet, {}, 3))
    assert data.keys.to_list() == ["甲", "乙"]
    assert data.rows_read - data.rows == sum(not reject.kept for reject in data.rejects) == 1
    assert [(r.row, r.key, r.column, r.kept) for r in data.rejects] == [
        (3, "甲", "key", False),
        (4, "乙", "规模", True),
    ]


def test_records_without_an_enterprise_year_or_name_of_their_own_are_listed(traps: Pack) -> None:
    annual = RecordSheet(
        pl.DataFrame({"key": [0, 0, 0, 9], "y": ["2020", "2020", None, "2020"], "r": [1, 2, 3, 4]}),
        (ColumnMeta("y", "annual.fiscal_year"), ColumnMeta("r", "annual.revenue", "元")),
        "年度数据",
    )
    data = encoded(traps, {"c": (pl.Series(["大型"]), ColumnMeta("c", "size"))}, annual=annual)
    assert data.records["annual"].rows == 1
    assert sorted(reject.reason for reject in data.rejects) == [
        "同一会计年度的数据写了两次", "名单里没有这家单位", "年度数据要写明一个会计年度",
    ]  # fmt: skip


# Arithmetic


def test_products_and_sums_never_wrap() -> None:
    big = np.asarray([2**61, -(2**61), 3])
    assert times(big, 8).tolist() == [2**64, -(2**64), 24]
    assert plus(big, big).tolist() == [2**62, -(2**62), 6]
    assert sums(np.asarray([2**61] * 5 + [1]), np.asarray([0] * 5 + [2]), 3).tolist() == [5 * 2**61, 0, 1]


@pytest.mark.parametrize(
    ("of", "to", "truth"),
    [
        (5, 100, True),  # a tie at 5%
        (499, 10_000, False),
        (0, 7, False),
        (5, 0, None),
        (-7, 2, False),  # -7 // 2 is -4 with some and -3 with others
        (5, -100, None),
        (10**15, 2 * 10**16, True),
    ],
)
def test_ratios_are_compared_as_products(of: int, to: int, truth: bool | None) -> None:
    plane = ratio_inside(_points(of), _points(to), Intervals((Span(Fraction(1, 20), None),)))
    assert planes.full(plane, 1).tolist() == [planes.of_truth(truth)]


def _points(*numbers: int) -> Bounds:
    low = np.asarray(numbers, np.int64)
    return Bounds(low, low)


def test_a_threshold_between_two_units_of_the_grid() -> None:
    cents = Bounds(np.asarray([33, 34]), np.asarray([33, 34]), 100)
    third = Intervals((Span(Fraction(1, 3), None),))
    assert planes.full(inside(cents, third), 2).tolist() == [planes.FALSE, planes.TRUE]


def test_what_is_unknown_stays_unknown_in_lists_and_below_not(traps: Pack) -> None:
    """An ``in`` list with a null, a CASE, a cast: none of them may settle an unknown."""
    cells = {
        "code": (pl.Series([None, "丙", "甲"]), ColumnMeta("code", "code")),
        "listed": (pl.Series([None, None, True]), ColumnMeta("listed", "listed")),
        "staff": (pl.Series([1, 1, 1]), ColumnMeta("staff", "staff")),
    }
    data = encoded(traps, cells)
    result = evaluate(plan_of(traps, DAY), data)
    assert planes.full(result.outcomes["options"].verdict, 3).tolist() == [planes.UNKNOWN] * 3
