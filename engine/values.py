"""One value as people write it, read by the type of its field."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.code_table import CodeError
from engine.credit_code import check_credit_code
from engine.divisions import DivisionTable
from engine.industries import IndustryTable
from engine.quantities import (
    QuantityError,
    is_missing_word,
    parse_count,
    parse_date,
    parse_money,
    parse_ratio,
)
from engine.regions import Several, Value
from engine.spans import Span, intersection
from engine.vocabulary import OPTIONS, VocabularyField

NONE_WORDS = frozenset({"无", "没有", "零"})


@dataclass(frozen=True, slots=True)
class Tables:
    """The code tables that values are checked against."""

    divisions: DivisionTable
    industries: IndustryTable


class ValueProblem(ValueError):
    """A value that cannot be read. ``message`` and ``hint`` are Chinese."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def read_value(field: VocabularyField, raw: Any, tables: Tables) -> Value | None:
    """The possible values that ``raw`` stands for, or None where it says that it is not known.

    A list given for a field that takes one value means "one of these". Raises ValueProblem.
    """
    if raw is None:
        return None
    if isinstance(raw, str) and is_missing_word(raw) and not (field.type in OPTIONS and field.option_of(raw)):
        # An option may be called "none", which says something.
        return None
    try:
        return _READERS[field.type](field, raw, tables)
    except QuantityError as error:
        raise ValueProblem(f"value-{error.code}", error.message, error.hint) from None
    except CodeError as error:
        raise ValueProblem(f"value-{error.code}", error.message, error.hint) from None


def _number(parse: Callable[[Any, str], Span]) -> Callable[[VocabularyField, Any, Tables], Value]:
    def read(field: VocabularyField, raw: Any, tables: Tables) -> Value:
        if isinstance(raw, str) and raw.strip() in NONE_WORDS:
            raw = 0
        if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
            raise ValueProblem("value-not-a-number", "应为一个数或一个范围", "例如 500万元、2000-5000万")
        span = parse(raw, field.spec.unit or "")
        if field.least is None:
            return span
        allowed = intersection(span, Span(field.least, None))
        if allowed is None or (span.low is not None and span.low < field.least):  # type: ignore[operator]
            raise ValueProblem("value-too-small", f"{field.label}不能小于{field.least}")
        return allowed

    return read


def _date(field: VocabularyField, raw: Any, tables: Tables) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise ValueProblem("value-not-a-date", "应为日期", "例如 2023-11-30 或 2023年11月30日")
    return parse_date(raw)


def _text(field: VocabularyField, raw: Any, tables: Tables) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal):
        raise ValueProblem("value-not-text", "应为文本")
    return frozenset({str(raw).strip()})


def _credit_code(field: VocabularyField, raw: Any, tables: Tables) -> Value:
    return frozenset({check_credit_code(str(raw))})


def _choice(field: VocabularyField, raw: Any, tables: Tables) -> Value:
    return frozenset().union(*(_options(field, item) for item in _items(raw)))


def _choices(field: VocabularyField, raw: Any, tables: Tables) -> Value:
    if isinstance(raw, Mapping):
        if set(raw) != {"partial", "items"} or raw["partial"] is not True:
            raise ValueProblem("value-bad-list", "不全的多选请写成 {partial: true, items: […]}")
        return Several(_named(field, raw["items"]), frozenset(field.options))
    chosen = _named(field, raw)
    return Several(chosen, chosen)


def _named(field: VocabularyField, raw: Any) -> frozenset[str]:
    if (isinstance(raw, str) and raw.strip() in NONE_WORDS) or raw == []:
        return frozenset()
    return frozenset().union(*(_options(field, item) for item in _items(raw)))


def _options(field: VocabularyField, item: Any) -> frozenset[str]:
    if isinstance(item, bool):
        item = "true" if item else "false"
    found = field.option_of(str(item))
    if not found:
        labels = [option.label for option in field.options.values()]
        near = difflib.get_close_matches(str(item), labels, n=3, cutoff=0.4) or labels[:12]
        raise ValueProblem("value-unknown-option", f"{field.label}没有选项“{item}”", f"可选：{'、'.join(near)}")
    return found


def _items(raw: Any) -> Sequence[Any]:
    if isinstance(raw, Mapping) or raw == []:
        raise ValueProblem("value-bad-list", "应为一个选项，或几个选项的列表")
    return raw if isinstance(raw, list) else [raw]


def _division(field: VocabularyField, raw: Any, tables: Tables) -> Value:
    return frozenset().union(*(tables.divisions.find(_code(item)) for item in _items(raw)))


def _industry(field: VocabularyField, raw: Any, tables: Tables) -> Value:
    return frozenset().union(*(tables.industries.find(_code(item)) for item in _items(raw)))


def _code(item: Any) -> str:
    if isinstance(item, bool) or not isinstance(item, str | int):
        raise ValueProblem("value-bad-code", "应为名称或代码")
    return str(item)


_READERS: Mapping[str, Callable[[VocabularyField, Any, Tables], Value]] = {
    "money": _number(lambda raw, unit: parse_money(raw)),
    "count": _number(parse_count),
    "ratio": _number(lambda raw, unit: parse_ratio(raw)),
    "date": _date,
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "yes_no": _choice,
    "division": _division,
    "industry": _industry,
    "credit_code": _credit_code,
}
