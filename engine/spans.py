"""Spans: non-empty intervals of exact numbers or of dates, their algebra and their wording.

A range that somebody answered ("2000-5000万") is one value with two ends. The algebra is exact and tight: a
result holds every pointwise result and its ends cannot be moved inwards. Floats are refused. How one figure is
read and written is the business of ``engine.quantities``; here are the words around it (至, 不超过, 以上).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

Number = int | Fraction
Point = int | Fraction | date

_POINT_TYPES = frozenset({int, Fraction, date})


class EmptySpan(ValueError):
    """Nothing lies between the two ends."""


def _less(a: Point, b: Point) -> bool:
    """``a < b``; TypeError when one is a date and the other a number."""
    if isinstance(a, date):
        if isinstance(b, date):
            return a < b
    elif not isinstance(b, date):
        return a < b
    raise TypeError("a date cannot be compared with a number")


def _number(point: Point) -> Number:
    if isinstance(point, date):
        raise TypeError("arithmetic needs numbers, not dates")
    return point


def _next(point: Point, step: int) -> Point:
    return point + timedelta(step) if isinstance(point, date) else point + step


def _simplest(point: Point) -> Point:
    """An integral fraction as an int, so that printed spans do not depend on how they were computed."""
    return point.numerator if isinstance(point, Fraction) and point.denominator == 1 else point


@dataclass(frozen=True, slots=True)
class Span:
    """The possible values between two ends, which are both numbers or both dates; ``None`` is unbounded.

    An end belongs to the span unless it is marked open; the mark means nothing on an unbounded end and is
    dropped there, so equal sets are equal spans. Raises EmptySpan (a ValueError) where nothing lies between the
    ends, and TypeError for a float, a bool, a datetime or a mixture of dates and numbers.
    """

    low: Point | None
    high: Point | None
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        for name, point in (("low", self.low), ("high", self.high)):
            if point is None:
                object.__setattr__(self, f"{name}_open", False)
            # Exact types: bool is an int and datetime a date to isinstance, and neither is meant here.
            elif type(point) not in _POINT_TYPES:
                raise TypeError(f"not an exact point: {point!r}")
            else:
                object.__setattr__(self, name, _simplest(point))
        if self.low is None or self.high is None:
            return
        if _less(self.high, self.low) or (self.low == self.high and (self.low_open or self.high_open)):
            raise EmptySpan(f"nothing lies between {self.low} and {self.high}")

    @classmethod
    def exactly(cls, point: Point) -> Span:
        """The span that holds only ``point``."""
        return cls(point, point)

    @property
    def is_point(self) -> bool:
        """True where exactly one value is possible."""
        return self.low is not None and self.low == self.high

    def contains(self, point: Point) -> bool:
        """Whether ``point`` is one of the possible values."""
        return Span.exactly(point).inside(self)

    def inside(self, other: Span) -> bool:
        """Whether every value of this span is a value of ``other``."""
        return _low_reaches(other, self) and _high_reaches(other, self)

    def disjoint(self, other: Span) -> bool:
        """Whether the two spans have no value in common (between numbers there is always another one)."""
        return _ends_before(self, other) or _ends_before(other, self)

    def intersection(self, other: Span) -> Span | None:
        """The values that both spans hold; None where there is none."""
        if self.disjoint(other):
            return None
        low = other if _low_reaches(self, other) else self
        high = other if _high_reaches(self, other) else self
        return Span(low.low, high.high, low.low_open, high.high_open)

    def hull(self, other: Span) -> Span:
        """The smallest span that holds both; what lies between them is held too."""
        low = self if _low_reaches(self, other) else other
        high = self if _high_reaches(self, other) else other
        return Span(low.low, high.high, low.low_open, high.high_open)

    def closed(self) -> Span:
        """The same whole numbers or days with both ends included: below 50 is up to 49.

        EmptySpan where there is none; OverflowError beyond the calendar; the ends must not be fractions.
        """
        low = _next(self.low, 1) if self.low is not None and self.low_open else self.low
        high = _next(self.high, -1) if self.high is not None and self.high_open else self.high
        return Span(low, high)


def _low_reaches(a: Span, b: Span) -> bool:
    """Whether the low end of ``a`` reaches at least as far down as that of ``b``."""
    if a.low is None or b.low is None:
        return a.low is None
    return _less(a.low, b.low) or (a.low == b.low and (b.low_open or not a.low_open))


def _high_reaches(a: Span, b: Span) -> bool:
    """Whether the high end of ``a`` reaches at least as far up as that of ``b``."""
    if a.high is None or b.high is None:
        return a.high is None
    return _less(b.high, a.high) or (a.high == b.high and (b.high_open or not a.high_open))


def _ends_before(a: Span, b: Span) -> bool:
    """Whether every value of ``a`` is below every value of ``b``."""
    if a.high is None or b.low is None:
        return False
    return _less(a.high, b.low) or (a.high == b.low and (a.high_open or b.low_open))


intersection = Span.intersection
hull = Span.hull


def add(a: Span, b: Span) -> Span:
    """Every sum of a value of ``a`` and a value of ``b`` (numbers)."""
    low = None if a.low is None or b.low is None else _number(a.low) + _number(b.low)
    high = None if a.high is None or b.high is None else _number(a.high) + _number(b.high)
    return Span(low, high, a.low_open or b.low_open, a.high_open or b.high_open)


def scale(a: Span, factor: Number) -> Span:
    """Every value of ``a`` (numbers) times ``factor``; ValueError where the factor is negative."""
    if factor < 0:
        raise ValueError("a span is scaled by zero or more")
    if factor == 0:
        return Span.exactly(0)
    low = None if a.low is None else _number(a.low) * factor
    high = None if a.high is None else _number(a.high) * factor
    return Span(low, high, a.low_open, a.high_open)


def minimum(a: Span, point: Point) -> Span:
    """Every value of ``a`` cut down to at most ``point``: what a cap does to an amount."""
    if a.low is not None and not _less(a.low, point):
        return Span.exactly(point)
    if a.high is None or _less(point, a.high):
        return Span(a.low, point, a.low_open)
    return a


def quotient(num: Span, den: Span) -> Span | None:
    """Every value of ``num`` divided by a value of ``den`` (numbers), exactly.

    None (unknown) unless the denominator is certainly above zero: also where its open end is zero, because
    a ratio whose denominator touches zero is unknown by the design.
    """
    if den.low is None or _number(den.low) <= 0:
        return None
    low, low_open = _divided(num.low, num.low_open, den, toward_low=True)
    high, high_open = _divided(num.high, num.high_open, den, toward_low=False)
    return Span(low, high, low_open, high_open)


def _divided(end: Point | None, is_open: bool, den: Span, *, toward_low: bool) -> tuple[Number | None, bool]:
    """One end of a quotient over a positive ``den``, and whether it is open."""
    if end is None:
        return None, False
    value = _number(end)
    if value == 0:
        return 0, is_open  # zero over anything positive: the denominator's ends play no part
    # A positive value is lowest over the largest denominator, a negative one over the smallest.
    over_largest = (value > 0) == toward_low
    divisor, divisor_open = (den.high, den.high_open) if over_largest else (den.low, den.low_open)
    if divisor is None:
        return 0, True  # an ever larger denominator: zero is approached, never reached
    return Fraction(value) / _number(divisor), is_open or divisor_open


# --- wording --------------------------------------------------------------------------------------------------

# Not NFKC: that would also turn 10² into 102.
_FOLD: dict[int, int | str] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-"),
    **dict.fromkeys(map(ord, "〜∼"), "~"),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"), ""),
    **{ord(odd): usual for odd, usual in zip("￥萬億圓圆幣兩○﹪≦⩽≧⩾", "¥万亿元元币两〇%≤≤≥≥", strict=True)},
}

# (pattern, whether the figure is the high end, whether it is excluded); the first that matches counts.
_BOUNDS = tuple(
    (re.compile(pattern), is_high, is_open)
    for pattern, is_high, is_open in (
        (r"(?:不超过|未超过|不高于|不大于|不多于|不晚于|至多|最多|≤|<=)(.+)", True, False),
        (r"(.+?)(?:及以下|或以下|\(含\)以下|以内)", True, False),
        (r"(?:小于|不足|少于|低于|早于|未满|不满|不到|<)(.+)", True, True),
        (r"(.+?)(?:\(不含\))?以下", True, True),
        (r"(.+)\(不含\)以上", False, True),
        (r"(?:不少于|不低于|不小于|不早于|至少|最少|≥|>=)(.+)", False, False),
        (r"(.+?)(?:及以上|或以上|\(含\)以上|以上)", False, False),
        (r"(?:超过|大于|高于|多于|晚于|>)(.+)", False, True),
    )
)
_BOTH = re.compile(
    r"(?P<a>.+以上)[至到~,;-]?(?P<b>.+)"
    r"|(?P<c>.+?)(?:且|;|,(?!\d{3}(?!\d))|(?<!不)(?=小于|不足|不到|低于|不超过|不高于|<|≤))(?P<d>.+)"
)
_ROUGHLY = re.compile(r"^(?:大约|大概|约为|约)|(?:左右|上下)$")


@dataclass(frozen=True, slots=True)
class SpanReader:
    """How one kind of value is read; every function raises ValueError for what it cannot read.

    ``exact`` reads one value (a month is a span of days); ``between`` matches a range, with one group for each
    end; ``pair`` lends one end of a range what the other end says for both, such as the unit.
    """

    exact: Callable[[str], Span]
    between: re.Pattern[str]
    pair: Callable[[str, str], tuple[str, str]]


def half_width(text: str) -> str:
    """Full-width signs, the many dashes and a few variant characters as their usual form; spaces are kept."""
    return text.replace("——", "~").translate(_FOLD)


def read_span(text: str, reader: SpanReader) -> Span:
    """A value, a range or a comparison; ``text`` is ``half_width`` and without spaces.

    以上 includes its figure and 以下 does not (the convention of the national statistics), 及以下 does.
    EmptySpan for a reversed range, other ValueErrors for what cannot be read.
    """
    both = _BOTH.fullmatch(text)
    if both:
        first, second = _bound(both["a"] or both["c"]), _bound(both["b"] or both["d"])
        if first and second and first[1] != second[1]:
            left, right = reader.pair(first[0], second[0])
            one, other = _beyond(reader.exact(left), *first[1:]), _beyond(reader.exact(right), *second[1:])
            common = intersection(one, other)
            if common is None:
                raise EmptySpan(text)
            return common
    bound = _bound(text)
    if bound:
        return _beyond(reader.exact(bound[0]), *bound[1:])
    # 约 says nothing more about a range; before a single figure it stays, and ``exact`` will refuse it.
    between = reader.between.fullmatch(_ROUGHLY.sub("", text))
    if between:
        left, right = reader.pair(*(end for end in between.groups() if end is not None))
        return Span(reader.exact(left).low, reader.exact(right).high)
    return reader.exact(text)


def _bound(text: str) -> tuple[str, bool, bool] | None:
    """The figure of a comparison, whether it is the high end, and whether it is excluded."""
    for pattern, is_high, is_open in _BOUNDS:
        match = pattern.fullmatch(text)
        if match:
            return match.group(1), is_high, is_open
    return None


def _beyond(value: Span, is_high: bool, is_open: bool) -> Span:
    """Before a month is before its first day, up to a month is up to its last."""
    if is_high:
        return Span(None, value.low if is_open else value.high, high_open=is_open)
    return Span(value.high if is_open else value.low, None, low_open=is_open)


def write_span(span: Span, write: Callable[[Point], str], words: tuple[str, str, str, str]) -> str:
    """The span in words that ``read_span`` reads back. ``words``: at least, above, at most, below."""
    if span.low is None and span.high is None:
        return "不确定"
    if span.low is not None and span.high is not None and not (span.low_open or span.high_open):
        return write(span.low) if span.is_point else f"{write(span.low)}至{write(span.high)}"
    low = "" if span.low is None else words[span.low_open] + write(span.low)
    high = "" if span.high is None else words[2 + span.high_open] + write(span.high)
    return "且".join(part for part in (low, high) if part)


def decimal_string(number: Number) -> str:
    """Plain and exact, without exponent or trailing zeros: 99999.999. ValueError where it would not end."""
    value = Fraction(number)
    places = next((n for n in range(value.denominator.bit_length()) if 10**n % value.denominator == 0), None)
    if places is None:
        raise ValueError(f"{value} has no finite decimal form")
    digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def rounded(number: Number) -> tuple[str, Fraction]:
    """The number as it can be shown: itself, or rounded to two places behind 约 where it would not end."""
    value = Fraction(number)
    try:
        decimal_string(value)
    except ValueError:
        return "约", round(value, 2)
    return "", value


def grouped(number: Fraction) -> str:
    """Exact, with thousands separators: -1,234.5."""
    whole, point, decimals = decimal_string(abs(number)).partition(".")
    return f"{'-' if number < 0 else ''}{int(whole):,}{point}{decimals}"
