"""The algebra of spans against sampled points: sound (holds every result) and tight (its ends are needed)."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.spans import (
    EmptySpan,
    Number,
    Span,
    SpanReader,
    add,
    decimal_string,
    half_width,
    hull,
    intersection,
    minimum,
    quotient,
    read_span,
    scale,
    write_span,
)

points = st.integers(-4, 4) | st.fractions(-4, 4, max_denominator=3)
# Two different ends are at least a sixth apart, so a point of the grid lies between them.
GRID = [Fraction(n, 12) for n in range(-60, 61)]


@st.composite
def spans(draw: st.DrawFn) -> Span:
    low, high = draw(st.none() | points), draw(st.none() | points)
    if low is not None and high is not None:
        low, high = min(low, high), max(low, high)
        if low == high:
            return Span(low, high)
    return Span(low, high, draw(st.booleans()), draw(st.booleans()))


def members(span: Span) -> list[Fraction]:
    return [point for point in GRID if span.contains(point)]


def ends(span: Span) -> list[Number]:
    return [end for end in (span.low, span.high) if isinstance(end, int | Fraction)]


@pytest.mark.parametrize(
    "ends",
    [(2, 1), (1, 1, True), (1, 1, False, True), (date(2024, 1, 2), date(2024, 1, 1)), (Fraction(1, 2), 0)],
)
def test_nothing_between_the_ends(ends: tuple[Any, ...]) -> None:
    with pytest.raises(EmptySpan):
        Span(*ends)


@pytest.mark.parametrize("point", [1.0, True, "1", datetime(2024, 1, 1), float("nan")])
def test_inexact_points_are_refused(point: Any) -> None:
    with pytest.raises(TypeError):
        Span(point, None)


def test_dates_and_numbers_do_not_mix() -> None:
    with pytest.raises(TypeError):
        Span(1, date(2024, 1, 1))
    with pytest.raises(TypeError):
        Span.exactly(1).inside(Span.exactly(date(2024, 1, 1)))
    with pytest.raises(TypeError):
        add(Span.exactly(date(2024, 1, 1)), Span.exactly(1))


def test_equal_sets_are_equal_spans() -> None:
    assert Span(None, 5, low_open=True) == Span(None, 5)
    assert Span.exactly(Fraction(4, 2)) == Span.exactly(2)
    assert repr(Span.exactly(Fraction(4, 2)).low) == "2"
    assert Span.exactly(3).is_point and not Span(3, None).is_point and not Span(None, None).is_point


@given(spans(), points)
def test_contains_follows_the_ends(span: Span, point: Number) -> None:
    above = span.low is None or point > span.low or (point == span.low and not span.low_open)  # type: ignore[operator]
    below = span.high is None or point < span.high or (point == span.high and not span.high_open)  # type: ignore[operator]
    assert span.contains(point) is (above and below)


@given(spans(), spans())
def test_inside_and_disjoint_agree_with_the_points(a: Span, b: Span) -> None:
    assert a.inside(b) is (
        all(b.contains(point) for point in members(a))
        and (b.low is None or a.low is not None)
        and (b.high is None or a.high is not None)
    )
    assert a.disjoint(b) is not any(b.contains(point) for point in members(a))


@given(spans(), spans())
def test_intersection_and_hull(a: Span, b: Span) -> None:
    common, both = intersection(a, b), hull(a, b)
    assert (common is None) is a.disjoint(b)
    assert (members(common) if common else []) == [point for point in members(a) if b.contains(point)]
    assert a.inside(both) and b.inside(both)
    assert both.low in (a.low, b.low) and both.high in (a.high, b.high)
    assert (both == b) is a.inside(b)


@given(spans(), spans())
def test_sums(a: Span, b: Span) -> None:
    total = add(a, b)
    assert all(total.contains(x + y) for x, y in product(members(a)[::9], members(b)[::9]))
    if a.is_point and b.is_point:
        assert total.is_point


@given(spans(), st.integers(0, 3) | st.fractions(0, 3, max_denominator=4))
def test_multiples(a: Span, factor: Number) -> None:
    scaled = scale(a, factor)
    assert all(scaled.contains(x * factor) for x in members(a))
    if factor:
        assert scale(scaled, 1 / Fraction(factor)) == a


def test_no_negative_multiples() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        scale(Span.exactly(1), -1)


@given(spans(), points)
def test_a_cap(a: Span, cap: Number) -> None:
    capped = minimum(a, cap)
    assert all(capped.contains(min(x, cap)) for x in members(a))
    # Tight: on the grid it holds nothing else. The cap itself may be reached from beyond the grid.
    reached = {min(x, cap) for x in members(a)} | ({cap} if a.high is None else set())
    assert set(members(capped)) <= reached | ({x for x in GRID if x < -5} if a.low is None else set())


@given(spans(), spans())
def test_quotients_hold_every_ratio(num: Span, den: Span) -> None:
    ratio = quotient(num, den)
    positive = isinstance(den.low, int | Fraction) and den.low > 0
    assert (ratio is not None) is positive
    if ratio is not None:
        for x, y in product(members(num)[::7], members(den)[::7]):
            assert ratio.contains(x / y)


@given(spans(), spans().filter(lambda span: isinstance(span.low, int | Fraction) and span.low > 0))
def test_quotient_ends_are_tight(num: Span, den: Span) -> None:
    ratio = quotient(num, den)
    assert ratio is not None
    corners = {Fraction(x) / y for x, y in product(ends(num), ends(den))}
    for end, unbounded in ((ratio.low, num.low), (ratio.high, num.high)):
        assert (end is None) is (unbounded is None)
        assert end is None or end in corners or (end == 0 and den.high is None)


@pytest.mark.parametrize(
    ("num", "den", "expected"),
    [
        (Span(1, 2), Span(4, 5), Span(Fraction(1, 5), Fraction(1, 2))),
        (Span(-2, -1), Span(4, 5), Span(Fraction(-1, 2), Fraction(-1, 5))),
        (Span(1, 2), Span(4, None), Span(0, Fraction(1, 2), low_open=True)),
        (Span(-2, -1), Span(4, None), Span(Fraction(-1, 2), 0, high_open=True)),
        (Span.exactly(0), Span(4, None), Span.exactly(0)),
        (Span(0, 1, low_open=True), Span(1, 2), Span(0, 1, low_open=True)),
        (Span(1, None), Span(1, 2, high_open=True), Span(Fraction(1, 2), None, low_open=True)),
        (Span(1, 2), Span(0, 5), None),
        (Span(1, 2), Span(0, 5, low_open=True), None),
        (Span(1, 2), Span(-1, 5), None),
        (Span(1, 2), Span(None, 5), None),
    ],
)
def test_quotient_cases(num: Span, den: Span, expected: Span | None) -> None:
    assert quotient(num, den) == expected


def test_closed_ends() -> None:
    assert Span(5, 7, True, True).closed() == Span.exactly(6)
    assert Span(None, date(2024, 3, 1), high_open=True).closed() == Span(None, date(2024, 2, 29))
    assert Span(3, None).closed() == Span(3, None)
    with pytest.raises(EmptySpan):
        Span(5, 6, True, True).closed()
    with pytest.raises(OverflowError):
        Span(date.max, None, low_open=True).closed()


plain = SpanReader(
    lambda text: Span.exactly(int(text)), re.compile("(-?[0-9]+)-(-?[0-9]+)"), lambda a, b: (a, b)
)


@given(
    spans().filter(lambda span: all(isinstance(end, int) for end in (span.low, span.high) if end is not None))
)
def test_what_is_written_is_read_back(span: Span) -> None:
    reader = SpanReader(plain.exact, re.compile("(-?[0-9]+)至(-?[0-9]+)"), plain.pair)
    text = write_span(span, str, ("不低于", "大于", "不超过", "小于"))
    if span == Span(None, None):
        assert text == "不确定"
    else:
        assert read_span(text, reader) == span


@pytest.mark.parametrize(
    "text", ["以上", "不超过", "且", "大于1且大于2", "大于1且", "约5", "5左右", "", "不超过5以下"]
)
def test_unreadable_wordings(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_span(text, plain)


def test_half_width() -> None:
    assert half_width("１２．５％—５，Ａ（萬）２——３²") == "12.5%-5,A(万)2~3²"


@given(st.integers(), st.integers(0, 12), st.integers(0, 12))
def test_decimal_strings(numerator: int, twos: int, fives: int) -> None:
    value = Fraction(numerator, 2**twos * 5**fives)
    text = decimal_string(value)
    assert Fraction(text) == value
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", text)


def test_decimal_strings_end() -> None:
    assert decimal_string(Fraction(99_999_999, 1000)) == "99999.999"
    assert decimal_string(100_000) == "100000"
    with pytest.raises(ValueError, match="no finite"):
        decimal_string(Fraction(1, 3))
