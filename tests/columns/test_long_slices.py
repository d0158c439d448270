"""Long slices take shorter ways than short ones; cells and combinations come to the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

pytest.importorskip("polars")
import numpy as np
import polars as pl

from engine import Pack
from engine.columns.cells import CellReader
from engine.columns.frame import ColumnMeta, RawSlice, Sheet
from engine.columns.slices import Encoder, Slice
from engine.columns.vectors import Bounds, combinations

DAY = date(2021, 6, 30)
ROWS = 1_500
SHORT = 500
NUMBERS = [
    "500", "0500", "+500", " 500 ", "-1", "-0", "0", "1_000", "1,000", "12.5", "12.345", "0.000001", "1e3", "1.2亿", "2000-5000万",
    "小于500", "500以上", "--", "暂无", "", "甲", "99999999999999", "999999999999999", "9999999999999999", "00000000000000000007",
    "99999999999999999999999", "５００",
]  # fmt: skip
CHOICES = ["小型", "微型", "小型、微型", " 大型 ", "不知道", "--", "small", '["小型","微型"]', "没有这一项"]


def slices_of(pack: Pack, path: str, unit: str | None, parts: Sequence[Sequence[str | None]]) -> list[Slice]:
    """The same reader for one slice after another."""
    meta = ColumnMeta("c", path, unit)
    encoder = Encoder(pack.vocabulary, CellReader(pack.tables), frozenset({path}), DAY)
    found = []
    for number, part in enumerate(parts):
        frame = pl.DataFrame({"key": range(len(part)), "c": pl.Series(part, dtype=pl.String)})
        found.append(encoder.slice(RawSlice(number, Sheet(frame, (meta,), "企业"), {}, len(part))))
    return found


def told(found: Sequence[Slice], path: str) -> tuple[list[Any], list[tuple[str, str]]]:
    """Every value, and every rejected cell with its reason."""
    values: list[Any] = []
    for data in found:
        column = data.columns[path]
        if isinstance(column, Bounds):
            values += [column.span(row) for row in range(column.rows)]
        else:
            values += [column.values[code] for code in column.codes.tolist()]
    return values, [(reject.value.strip(), reject.reason) for data in found for reject in data.rejects]


def drawn(texts: Sequence[str], seed: int) -> list[str | None]:
    draw = np.random.default_rng(seed)
    return [
        None if number == len(texts) else texts[number] for number in draw.integers(0, len(texts) + 1, ROWS).tolist()
    ]


CASES = [
    ("revenue", "万元", NUMBERS, NUMBERS),
    ("revenue", "万元", ["500", "2000-5000万", "小于500"], NUMBERS),
    ("revenue", "万元", ["小于500"], ["小于500", "12.5"]),
    ("revenue", "万元", ["500"], ["--"]),
    ("revenue", None, NUMBERS, NUMBERS),
    ("revenue", "万元", [f"{number}.5" for number in range(3_000)], [f"约{number}万" for number in range(3_000)]),
    ("staff", None, NUMBERS, ["100-499人", "50"]),
    ("size", None, CHOICES, CHOICES),
    ("size", None, CHOICES[:2], CHOICES),
    ("size", None, [], CHOICES[:1]),
]


@pytest.mark.parametrize(("path", "unit", "first", "second"), CASES)
def test_long_slices_say_what_short_ones_say(
    traps: Pack, path: str, unit: str | None, first: list[str], second: list[str]
) -> None:
    long = [drawn(first, 1), drawn(second, 2), drawn(first, 3)]
    short = [part[start : start + SHORT] for part in long for start in range(0, ROWS, SHORT)]
    whole, reasons = told(slices_of(traps, path, unit, long), path)
    pieces, expected = told(slices_of(traps, path, unit, short), path)
    assert whole == pieces
    assert sorted(reasons) == sorted(expected)


@pytest.mark.parametrize("counts", [(3, 2), (3, 5, 4), (2**20, 2**20), (2**40, 2**40, 3)], ids=str)
def test_rows_of_one_combination_have_one_number(counts: tuple[int, ...]) -> None:
    draw = np.random.default_rng(7)
    codes = [draw.integers(0, count, 7).take(draw.integers(0, 7, ROWS)) for count in counts]
    first, numbers = combinations(list(zip(codes, counts, strict=True)), ROWS)
    rows = list(zip(*(each.tolist() for each in codes), strict=True))
    assert [rows[first[number]] for number in numbers.tolist()] == rows
    assert len(first) == len(set(rows))
