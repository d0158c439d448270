"""Counts and ratios, and what all quantities have in common: words for nothing, ranges that read back, errors of our own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quantities import (
    Kind,
    QuantityError,
    format_count,
    format_date,
    format_ratio,
    format_span,
    is_missing_word,
    parse_count,
    parse_date,
    parse_money,
    parse_ratio,
)
from engine.spans import Number, Span

WAN = 10**4
PARSERS: dict[Kind, Callable[[Any], Span]] = {
    "money": parse_money,
    "count": parse_count,
    "ratio": parse_ratio,
    "date": parse_date,
}
SLOW_START = settings(deadline=None)  # the first Chinese numeral loads cn2an
small_fen = st.integers(-(10**9), 10**9).map(lambda n: Fraction(n, 100))
days = st.dates(date(1900, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("50人", Span.exactly(50)),
        ("５０ 人", Span.exactly(50)),
        ("1.2万人", Span.exactly(12000)),
        ("三十", Span.exactly(30)),
        ("-5", Span.exactly(-5)),
        ("100-499人", Span(100, 499)),
        ("1,000-2,000人", Span(1000, 2000)),
        ("1-2万人", Span(10000, 20000)),
        ("小于50人", Span(None, 49)),
        ("不足50人", Span(None, 49)),
        ("少于50", Span(None, 49)),
        ("<50", Span(None, 49)),
        ("50人以下", Span(None, 49)),
        ("50人及以下", Span(None, 50)),
        ("50人以上", Span(50, None)),
        ("超过50人", Span(51, None)),
        ("300人以上1000人以下", Span(300, 999)),
        ("大于5小于7", Span.exactly(6)),
        (Decimal("5.0"), Span.exactly(5)),
    ],
)
def test_counts(text: str | Decimal, span: Span) -> None:
    assert parse_count(text) == span


def test_counts_refused_and_units() -> None:
    for text, code in (("12.5人", "integer"), (Decimal("1.5"), "integer"), ("大于5小于6", "reversed")):
        with pytest.raises(QuantityError) as caught:
            parse_count(text)
        assert caught.value.code == code
    assert (
        parse_count("12个月", "个月")
        == parse_count("12", "月")
        == parse_count("12名", "人")
        == Span.exactly(12)
    )
    with pytest.raises(QuantityError):
        parse_count("12家", "人")


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("5%", Fraction(1, 20)),
        ("５．５％", Fraction(11, 200)),
        ("1‰", Fraction(1, 1000)),
        ("0.05", Fraction(1, 20)),
        (Decimal("0.05"), Fraction(1, 20)),
        ("百分之五", Fraction(1, 20)),
        ("百分之零点五", Fraction(1, 200)),
        ("千分之一", Fraction(1, 1000)),
        ("万分之五", Fraction(1, 2000)),
        ("三分之一", Fraction(1, 3)),
        ("1/3", Fraction(1, 3)),
        ("1:1", 1),
        ("1：2", Fraction(1, 2)),
        ("150%", Fraction(3, 2)),
        ("-5%", Fraction(-1, 20)),
        (0, 0),
    ],
)
def test_ratios(text: str | int | Decimal, ratio: Number) -> None:
    assert parse_ratio(text) == Span.exactly(ratio)


def test_ratio_ranges() -> None:
    assert parse_ratio("5-10%") == parse_ratio("5%至10%") == Span(Fraction(1, 20), Fraction(1, 10))
    assert parse_ratio("百分之五至百分之十") == Span(Fraction(1, 20), Fraction(1, 10))
    assert parse_ratio("3%以上") == Span(Fraction(3, 100), None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5", "unit"),
        (1, "unit"),
        ("五至百分之十", "unit"),
        ("1:0", "syntax"),
        ("%", "syntax"),
        ("约5%", "approximate"),
    ],
)
def test_ratios_refused(text: str | int, code: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_ratio(text)
    assert caught.value.code == code


def test_missing_words() -> None:
    for word in [
        "-",
        "--",
        "—",
        "——",
        "－",
        "/",
        "//",
        "N/A",
        "n/a",
        "nan",
        "NULL",
        "暂无",
        "不详",
        "不清楚",
        "未知",
        "",
        "  ",
        "\u3000",
    ]:
        assert is_missing_word(word), word
    for word in ("无", "没有", "0", "零", "-5", "暂无人员"):
        assert not is_missing_word(word), word


@given(st.integers(-(10**12), 10**12) | st.fractions(-3, 3, max_denominator=10**4))
def test_ratios_read_back(ratio: Number) -> None:
    text = format_ratio(ratio)
    assert text.startswith("约") or parse_ratio(text) == Span.exactly(ratio)


@given(st.sampled_from(["money", "count", "ratio", "date"]), st.data())
def test_spans_read_back(kind: Kind, data: st.DataObject) -> None:
    values: dict[Kind, st.SearchStrategy[Any]] = {
        "money": small_fen,
        "count": st.integers(-10, 10**7),
        "ratio": st.integers(-3000, 3000).map(lambda n: Fraction(n, 1000)),
        "date": days,
    }
    low, high = sorted(data.draw(st.tuples(values[kind], values[kind])))
    low_open, high_open = data.draw(st.tuples(st.booleans(), st.booleans()))
    for span in (Span(low, None, low_open), Span(None, high, False, high_open), Span(low, high)):
        closed = span.closed() if kind in ("count", "date") else span
        assert PARSERS[kind](format_span(span, kind, "人" if kind == "count" else "")) == closed
    if low < high and kind in ("money", "ratio"):
        span = Span(low, high, low_open, high_open)
        assert PARSERS[kind](format_span(span, kind)) == span


@given(st.text(max_size=12) | st.text("0123456789,.-至到~万亿千元%年月日人约以上下不超过 ", max_size=12))
@SLOW_START
def test_only_quantity_errors(text: str) -> None:
    for parse in PARSERS.values():
        try:
            span = parse(text)
        except QuantityError as error:
            assert "\n" not in error.message
        else:
            assert isinstance(span, Span)


def test_other_formats_for_people() -> None:
    assert format_count(1000, "人") == "1,000人"
    assert format_ratio(Fraction(1, 20)) == "5%" and format_ratio(Fraction(1, 1000)) == "1‰"
    assert format_ratio(Fraction(1, 3)) == "约33.33%" and format_ratio(0) == "0%"
    assert format_date(date(2023, 11, 30)) == "2023年11月30日"
    assert format_span(Span(2000 * WAN, 5000 * WAN), "money") == "2000万元至5000万元"
    assert format_span(Span(None, 50, high_open=True), "count", "人") == "小于50人"
    assert format_span(Span(50, None), "count", "人") == "不少于50人"
    assert format_span(Span(5, None), "money") == "不低于5元"
    assert format_span(Span.exactly(5), "money") == "5元"
    assert format_span(Span(None, date(2023, 1, 1)), "date") == "不晚于2023年1月1日"
    assert format_span(Span(None, None), "money") == "不确定"
