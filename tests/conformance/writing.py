"""Values as a profile writes them, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any as Raw

from engine.quantities import decimal_string, is_missing_word
from engine.regions import Several, Value
from engine.spans import Number, Point, Span
from engine.vocabulary import VocabularyField

STEPS: Mapping[str, Number] = {"money": 1, "count": 1, "ratio": Fraction(1, 1000)}
"""The step to the next figure on either side of an edge."""


def written(value: Value, typed: VocabularyField) -> Raw:
    """A value as a profile writes it."""
    match value:
        case Span() if value.is_point:
            return point_written(value.low, typed)
        case Span(low, None):
            return f"不低于{point_written(low, typed)}"
        case Span(low, high):
            return f"{point_written(low, typed)}至{point_written(high, typed)}"
        case Several(certain, possible):
            items = sorted(certain)
            return (items or "无") if certain == possible else {"partial": True, "items": items}
        case frozenset():
            named = [_named(item, typed) for item in sorted(value)]
            return named[0] if len(named) == 1 else named
    raise TypeError(f"not a value: {value!r}")


def _named(item: str, typed: VocabularyField) -> str:
    """An option by its id, or by its label where the id is a word for what is not known."""
    if typed.type == "division" and not item:
        return "全国"
    return typed.options[item].label if is_missing_word(item) else item


def point_written(point: Point | None, typed: VocabularyField) -> str:
    """A figure or a day; exact."""
    if isinstance(point, date):
        return str(point)
    assert point is not None
    if typed.type == "ratio":
        return f"{decimal_string(point * 100)}%"
    return f"{decimal_string(point)}元" if typed.type == "money" else decimal_string(point)
