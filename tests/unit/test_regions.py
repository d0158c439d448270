"""Regions: an atom's answer on a range or a set equals all its answers inside (DESIGN 2.3)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.regions import (
    RANKS,
    Intervals,
    OfRank,
    OneOf,
    Region,
    Several,
    Value,
    Within,
    narrowed,
    union,
    widened,
)
from engine.regions import test as answer_in
from engine.spans import EmptySpan, Number, Span
from engine.truth import Truth

MANY = settings(max_examples=400, deadline=None, derandomize=True)
DAY = date(2020, 2, 25)


def together(answers: list[bool]) -> Truth:
    return answers[0] if all(answer is answers[0] for answer in answers) else None


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """What a comparison with whole numbers accepts."""
    low, high = sorted((draw(st.integers(0, 9)), draw(st.integers(0, 9))))
    return draw(
        st.sampled_from(
            (
                Span(low, None), Span(low, None, low_open=True), Span(None, high), Span(None, high, high_open=True),
                Span(low, high), Span(low, low),
            )
        )
    )  # fmt: skip


REGIONS = st.lists(spans(), min_size=1, max_size=4).map(lambda items: [Intervals((item,)) for item in items])


@MANY
@given(regions=REGIONS, ends=st.tuples(st.integers(-1, 10), st.integers(-1, 10)))
def test_a_range_of_whole_numbers_is_all_numbers_inside(regions: list[Region], ends: tuple[int, int]) -> None:
    low, high = sorted(ends)
    accepted = union(regions, whole=True)
    inside = [any(contains(region, point) for region in regions) for point in range(low, high + 1)]
    assert answer_in(accepted, Span(low, high)) is together(inside)


@MANY
@given(regions=REGIONS, ends=st.tuples(st.integers(-1, 10), st.integers(-1, 10)))
def test_a_range_of_days_is_all_days_inside(regions: list[Region], ends: tuple[int, int]) -> None:
    low, high = sorted(ends)
    dated = [
        Intervals(tuple(on_days(span) for span in region.spans)) for region in regions if isinstance(region, Intervals)
    ]
    inside = [any(contains(region, point) for region in regions) for point in range(low, high + 1)]
    assert answer_in(union(dated), Span(day(low), day(high))) is together(inside)


@MANY
@given(
    regions=REGIONS,
    low=st.fractions(-1, 10, max_denominator=4),
    width=st.fractions(0, 6, max_denominator=4),
    open_=st.tuples(st.booleans(), st.booleans()),
)
def test_a_range_of_money_is_all_money_inside(
    regions: list[Region], low: Fraction, width: Fraction, open_: tuple[bool, bool]
) -> None:
    """Between numbers there is always another: ends, thresholds and what lies between them are enough to try."""
    try:
        value = Span(low, low + width, *open_)
    except EmptySpan:
        return
    points = {Fraction(n, 8) for n in range(-8, 17 * 8)} | {low, low + width}
    inside = [any(contains(region, point) for region in regions) for point in sorted(points) if value.contains(point)]
    assert answer_in(union(regions), value) is together(inside)


@MANY
@given(regions=REGIONS, bound=st.integers(-1, 10), upward=st.booleans())
def test_an_unbounded_range(regions: list[Region], bound: int, upward: bool) -> None:
    value = Span(bound, None) if upward else Span(None, bound)
    reach = range(bound, 30) if upward else range(-30, bound + 1)
    inside = [any(contains(region, point) for region in regions) for point in reach]
    assert answer_in(union(regions, whole=True), value) is together(inside)


def contains(region: Region, point: Number) -> bool:
    assert isinstance(region, Intervals)
    return any(span.contains(point) for span in region.spans)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def on_days(span: Span) -> Span:
    low = day(span.low) if isinstance(span.low, int) else None
    high = day(span.high) if isinstance(span.high, int) else None
    return Span(low, high, span.low_open, span.high_open)


NAMES = frozenset("abcd")
SETS = st.frozensets(st.sampled_from(sorted(NAMES)), min_size=1)


@MANY
@given(accepted=SETS, value=SETS)
def test_a_set_of_options_is_all_its_options(accepted: frozenset[str], value: frozenset[str]) -> None:
    assert answer_in(OneOf(accepted), value) is together([option in accepted for option in sorted(value)])


@MANY
@given(
    accepted=SETS,
    certain=st.frozensets(st.sampled_from(sorted(NAMES))),
    more=st.frozensets(st.sampled_from(sorted(NAMES))),
)
def test_several_options_are_all_that_they_may_be(
    accepted: frozenset[str], certain: frozenset[str], more: frozenset[str]
) -> None:
    """Every set between what is certain and what is possible; one of the accepted is enough."""
    possible = certain | more
    extra = sorted(possible - certain)
    worlds = [certain | {extra[n] for n in range(len(extra)) if bits >> n & 1} for bits in range(2 ** len(extra))]
    assert answer_in(OneOf(accepted), Several(certain, possible)) is together(
        [bool(world & accepted) for world in worlds]
    )


CODES = ("", "13", "1310", "131022", "131023", "1306", "130602", "11", "110115")
LEAVES = tuple(code for code in CODES if len(code) == 6)


@MANY
@given(areas=st.frozensets(st.sampled_from(CODES), min_size=1), value=st.frozensets(st.sampled_from(CODES), min_size=1))
def test_places_are_all_places_inside_them(areas: frozenset[str], value: frozenset[str]) -> None:
    """A coarse code stands for every county in it, and for those that the table here does not list."""
    found = answer_in(Within(areas), value)
    inside = [
        any(leaf.startswith(area) for area in areas) for code in value for leaf in LEAVES if leaf.startswith(code)
    ]
    if found is not None:
        assert all(answer is found for answer in inside)
    else:
        exact = all(code in LEAVES for code in value)
        assert not exact or len(set(inside)) == 2


@pytest.mark.parametrize(
    ("code", "rank"), [("", "national"), ("13", "provincial"), ("1310", "prefecture"), ("131022", "county")]
)
def test_ranks_of_codes(code: str, rank: str) -> None:
    for other in RANKS:
        assert answer_in(OfRank(frozenset({other})), frozenset({code})) is (other == rank)
    assert answer_in(OfRank(frozenset({"national", "county"})), frozenset({"", "131022"})) is True
    assert answer_in(OfRank(frozenset({"county"})), frozenset({"", "131022"})) is None


@pytest.mark.parametrize(
    "region", [Intervals((Span(1, 2),)), OneOf(frozenset("a")), Within(frozenset({"13"})), OfRank(frozenset())]
)
def test_nothing_known_is_everything(region: Region) -> None:
    assert answer_in(region, None) is None


def test_a_region_that_accepts_nothing() -> None:
    assert answer_in(Intervals(()), Span(1, 2)) is False
    assert answer_in(Intervals(()), None) is None


def test_a_value_of_another_kind_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError):
        answer_in(Intervals((Span(1, 2),)), frozenset("a"))


def test_union_joins_what_touches() -> None:
    def joined(*spans: Span, whole: bool = True) -> tuple[Span, ...]:
        region = union([Intervals((span,)) for span in spans], whole=whole)
        assert isinstance(region, Intervals)
        return region.spans

    assert joined(Span(3, 4), Span(1, 2)) == (Span(1, 4),)
    assert joined(Span(1, 2), Span(4, 5)) == (Span(1, 2), Span(4, 5))
    assert joined(Span(1, 9), Span(2, 3), Span(10, 11)) == (Span(1, 11),)
    assert joined(Span(1, 2), Span(3, 4), whole=False) == (Span(1, 2), Span(3, 4))
    assert joined(Span(1, 3), Span(3, 4), whole=False) == (Span(1, 4),)
    half = Fraction(1, 2)
    assert joined(Span(half, 1 + half), Span(2 + half, 3)) == (Span(half, 1 + half), Span(2 + half, 3))
    assert joined(Span(1, 2, high_open=True), Span(2, 3)) == (Span(1, 3),)
    assert len(joined(Span(1, 2, high_open=True), Span(2, 3, low_open=True))) == 2
    assert joined(Span(None, 2), Span(1, None)) == (Span(None, None),)
    assert joined(Span(date(2020, 2, 1), date(2020, 2, 29)), Span(date(2020, 3, 1), None)) == (
        Span(date(2020, 2, 1), None),
    )


# --- two values for one thing -------------------------------------------------------------------------------------

VALUES: st.SearchStrategy[Value] = SETS.map(lambda value: value)


@MANY
@given(one=SETS, other=SETS)
def test_narrowing_sets_keeps_what_both_allow(one: frozenset[str], other: frozenset[str]) -> None:
    assert narrowed(one, other) == (one & other or None)
    assert widened(one, other) == one | other


@MANY
@given(data=st.data())
def test_narrowing_ranges_keeps_what_both_allow(data: st.DataObject) -> None:
    ends = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)
    (a, b), (c, d) = data.draw(ends), data.draw(ends)
    common = set(range(a, b + 1)) & set(range(c, d + 1))
    found = narrowed(Span(a, b), Span(c, d))
    assert found == (Span(min(common), max(common)) if common else None)
    hull = widened(Span(a, b), Span(c, d))
    assert hull == Span(min(a, c), max(b, d))


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"1310"}, {"131022"}, {"131022"}),
        ({"131022"}, {"1310"}, {"131022"}),
        ({"1310", "11"}, {"131022", "131023"}, {"131022", "131023"}),
        ({"13"}, {"11"}, None),
        ({"1310"}, {"1310"}, {"1310"}),
        ({"131022"}, {"131023"}, None),
    ],
)
def test_places_narrow_to_the_finer_one(one: set[str], other: set[str], both: set[str] | None) -> None:
    assert narrowed(frozenset(one), frozenset(other), codes=True) == (None if both is None else frozenset(both))


def test_several_options_narrow_and_widen() -> None:
    some = Several(frozenset("a"), frozenset("abc"))
    assert narrowed(some, Several(frozenset("b"), frozenset("abd"))) == Several(frozenset("ab"), frozenset("ab"))
    assert narrowed(some, Several(frozenset("d"), frozenset("ad"))) is None
    assert widened(some, Several(frozenset("ab"), frozenset("ab"))) == Several(frozenset("a"), frozenset("abc"))


def test_values_of_two_kinds_do_not_mix() -> None:
    for both in (narrowed, widened):
        with pytest.raises(TypeError):
            both(Span(1, 2), frozenset("a"))
