"""Charts: bars as long as their numbers, told apart without colour, with words for those who do not see them."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree as tree

import pytest

from web.centre.figures.chart import LABEL, RIGHT, WIDTH, svg
from web.centre.figures.figure import MOST_BARS, Cell, Chart, Figure, Row

SVG = "{http://www.w3.org/2000/svg}"


def figure(rows: list[tuple[Cell, ...]], chart: Chart | None = None) -> Figure:
    drawn = chart or Chart((0,), (1, 2), "count", stacked=True)
    return Figure("f", "题<目>", "说明", ("措施", "可享受", "待认定"), tuple(Row(cells) for cells in rows), drawn)


def bars(made: Figure) -> list[float]:
    return [float(bar.attrib["width"]) for group in tree.fromstring(svg(made)).iter(f"{SVG}g") for bar in group.iter(f"{SVG}rect")]


def test_bars_are_as_long_as_their_numbers() -> None:
    assert WIDTH - LABEL - RIGHT == 540
    # The longest bar is 75, so the scale ends at 80.
    assert bars(figure([("甲", 50, 25), ("乙", 0, 10)])) == pytest.approx([540 * part / 80 for part in (50, 25, 0, 10)])
    money = figure([("甲", Decimal("123456789012345678.90"), Decimal(0))], Chart((0,), (1, 2), "money"))
    assert 0.5 * 540 < bars(money)[0] <= 540 and bars(money)[1] == 0


@pytest.mark.parametrize("longest", [1, 3, 4, 5, 7, 9, 10, 99, 100, 101, 12345, 10**9 + 1])
def test_the_scale_ends_at_a_round_number_near_the_longest(longest: int) -> None:
    length = bars(figure([("甲", longest, 0)]))[0]
    assert 0.5 * 540 < length <= 540


def test_only_the_weightiest_rows_are_drawn_and_sums_never() -> None:
    rows = [(f"措施{number}", number, 0) for number in range(40)]
    made = figure(rows)
    assert [made.label(row) for row in made.drawn] == [f"措施{number}" for number in range(39, 39 - MOST_BARS, -1)]
    summed = Figure("f", "题", "", made.head, (Row(("合计", 99, 99), sum=True), Row(("甲", 1, 0))), made.chart)
    assert [summed.label(row) for row in summed.drawn] == ["甲"]


def test_every_month_is_drawn_in_its_order() -> None:
    made = figure([("2026-01", 3), ("2026-02", 0), ("2026-03", 9)], Chart((0,), (1,), "count", months=True))
    assert [made.label(row) for row in made.drawn] == ["2026-01", "2026-02", "2026-03"]


def test_it_has_words_and_patterns() -> None:
    text = svg(figure([("甲“<乙>”", 50, 25)]))
    root = tree.fromstring(text)
    assert root.attrib["role"] == "img" and root.attrib["aria-labelledby"] == "f-title f-desc"
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == "题<目>"
    assert described is not None and "甲“<乙>”：可享受50，待认定25" in (described.text or "")
    assert {pattern.attrib["id"] for pattern in root.iter(f"{SVG}pattern")} == {"f-0", "f-1"}
    marks = [len(list(pattern)) for pattern in root.iter(f"{SVG}pattern")]
    assert marks == [1, 2]
    assert re.findall(r"style=|<script|<style", text) == []
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_names_are_broken_into_even_lines_and_cut_at_last() -> None:
    lines = [text.text for text in tree.fromstring(svg(figure([("一" * 20, 1, 0)]))).iter(f"{SVG}text") if set(text.text or "") == {"一"}]
    assert lines == ["一" * 10, "一" * 10]
    assert "一" * 17 + "…" in svg(figure([("一" * 60, 1, 0)]))


@pytest.mark.parametrize("rows", [[], [("甲", 0, 0)], [("甲", None, None)]])
def test_nothing_to_draw_is_said(rows: list[tuple[Cell, ...]]) -> None:
    assert "没有可以画的数字" in svg(figure(rows))
    tree.fromstring(svg(figure(rows)))
