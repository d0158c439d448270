"""The atoms of conditions: what is compared (operands) and with what (comparisons), checked by type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any as Raw

from engine.conditions import (
    Annual,
    AnnualSum,
    Comparison,
    Count,
    DaysSince,
    FieldRef,
    Node,
    Operand,
    Parameter,
    Ratio,
    Sum,
    Threshold,
    Total,
)
from engine.reading_context import ReadingContext, Scope
from engine.regions import RANKS, Value
from engine.spans import Span
from engine.values import ValueProblem, read_value
from engine.vocabulary import NUMERIC, FieldSpec, VocabularyField
from engine.yaml_source import Path

OPERANDS = ("field", "annual", "annual_sum", "count", "sum", "ratio", "days_since", "total")
OPERATORS = (
    "equals", "not_equals", "in", "within", "rank", "above", "at_least", "below", "at_most", "between", "known",
)  # fmt: skip
BESIDE: Mapping[str, tuple[str, ...]] = {
    "annual": ("year",),
    "annual_sum": ("years", "since"),
    "count": ("where",),
    "sum": ("where",),
}
"""The keys that an operand takes beside its own."""
ORDERED = ("above", "at_least", "below", "at_most", "between")
_NUMBER_OPERATORS = (*ORDERED, "equals", "not_equals", "known")
_TEXT_OPERATORS = ("equals", "not_equals", "in", "known")
_CODE_OPERATORS = ("within", "equals", "not_equals", "in", "known")
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "money": _NUMBER_OPERATORS,
    "count": _NUMBER_OPERATORS,
    "ratio": _NUMBER_OPERATORS,
    "date": _NUMBER_OPERATORS,
    "text": _TEXT_OPERATORS,
    "credit_code": _TEXT_OPERATORS,
    "choice": _TEXT_OPERATORS,
    "choices": ("equals", "in", "known"),
    "yes_no": _TEXT_OPERATORS,
    "division": (*_CODE_OPERATORS, "rank"),
    "industry": _CODE_OPERATORS,
}
_COUNT = VocabularyField("记录数", None, FieldSpec(type="count", label="记录数"))
_RATIO = VocabularyField("比值", None, FieldSpec(type="ratio", label="比值", min=None))
_DAYS = VocabularyField("天数", None, FieldSpec(type="count", label="天数", unit="天", min=None))


@dataclass(frozen=True, slots=True)
class AtomReader:
    """Reads operands and comparisons; ``conditions`` reads the list of conditions of a filter.

    ``negated`` says that a filter counts against the applicant: a doubtful condition may not stand in it.
    """

    context: ReadingContext
    conditions: Callable[[Raw, Path, Scope, bool], Node]

    def operand(
        self, raw: dict[str, Raw], path: Path, scope: Scope, negated: bool = False
    ) -> tuple[Operand, VocabularyField] | None:
        """The operand of a test and the field whose type its thresholds have."""
        key = next((key for key in OPERANDS if key in raw), "")
        at = (*path, key)
        if key == "field":
            found = self.context.field(raw[key], at, scope)
            return (FieldRef(found.path), found) if found else None
        if key in ("annual", "annual_sum"):
            return self._annual(key, raw, path)
        if key == "count":
            count = self.count(key, raw, path, scope, negated)
            return (count, _COUNT) if count else None
        if key == "sum":
            return self.sum(raw, path, scope, negated)
        if key == "days_since":
            found = self.context.field(raw[key], at, scope)
            return (DaysSince(found.path), _DAYS) if found and self.context.typed(found, ("date",), at) else None
        if key == "total":
            return self._total(raw[key], at)
        if key == "ratio" and isinstance(raw[key], dict):
            of, to = (self._part(raw[key], part, at, scope) for part in ("of", "to"))
            return (Ratio(of, to), _RATIO) if of and to else None
        self.context.wrong(path, "condition-shape", "取值写法不对", "ratio 要写 {of: {…}, to: {…}}")
        return None

    def _part(self, raw: dict[str, Raw], part: str, path: Path, scope: Scope) -> Operand | None:
        if not isinstance(raw.get(part), dict):
            self.context.wrong(path, "condition-shape", f"ratio 缺少 {part}", "ratio 要写 {of: {…}, to: {…}}")
            return None
        # A larger part raises the ratio or lowers it, so no doubtful filter may stand in either.
        found = self.operand(raw[part], (*path, part), scope, True)
        if found and found[1].type not in NUMERIC:
            self.context.wrong((*path, part), "condition-operand-type", f"“{found[1].label}”不是数，不能相除")
            return None
        return found[0] if found else None

    def _annual(self, key: str, raw: dict[str, Raw], path: Path) -> tuple[Operand, VocabularyField] | None:
        found = self.context.field(f"annual.{raw[key]}", (*path, key), frozenset({"annual"}))
        if found is None or not self.context.typed(found, (*NUMERIC,), (*path, key)):
            return None
        if key == "annual":
            year = raw.get("year", -1)
            year = -1 if year == "last" else year
            if not isinstance(year, int) or isinstance(year, bool) or not -10 <= year <= 0:
                self.context.wrong((*path, "year"), "condition-bad-year", "year 应为 last 或 -1、-2 …")
                return None
            return Annual(found.path, year), found
        years = raw.get("years")
        if not isinstance(years, int) or isinstance(years, bool) or not 1 <= years <= 10:
            self.context.wrong((*path, "years"), "condition-bad-year", "annual_sum 要写 years: 1 至 10")
            return None
        since = None
        if "since" in raw:
            since = self.context.field(raw["since"], (*path, "since"), frozenset())
            if since is None or not self.context.typed(since, ("date",), (*path, "since")):
                return None
        return AnnualSum(found.path, years, since.path if since else None), found

    def _total(self, raw: Raw, path: Path) -> tuple[Operand, VocabularyField] | None:
        if not isinstance(raw, list) or len(raw) < 2:
            self.context.wrong(path, "condition-shape", "total 后面应是至少两个字段的列表")
            return None
        parts = [self.context.field(name, (*path, index), frozenset()) for index, name in enumerate(raw)]
        fields = [part for part in parts if part and self.context.typed(part, NUMERIC, path)]
        if len(fields) < len(raw):
            return None
        if len({part.type for part in fields}) > 1:
            self.context.wrong(path, "condition-operand-type", "total 里的字段要是同一类数")
            return None
        return Total(tuple(part.path for part in fields)), fields[0]

    def count(self, key: str, raw: dict[str, Raw], path: Path, scope: Scope, negated: bool) -> Count | None:
        """``key`` names the record kind; None where there is no such kind."""
        kind = str(raw[key])
        if kind not in self.context.vocabulary.records:
            self.context.unknown("记录种类", kind, (*path, key), self.context.vocabulary.records)
            return None
        return Count(kind, self._where(raw, path, scope | {kind}, negated))

    def sum(
        self, raw: dict[str, Raw], path: Path, scope: Scope, negated: bool
    ) -> tuple[Operand, VocabularyField] | None:
        """``sum`` with its ``where``; the summed field cannot be negative, or the upper end would be wrong."""
        kind = str(raw["sum"]).partition(".")[0]
        inner = scope | {kind}
        found = self.context.field(raw["sum"], (*path, "sum"), inner)
        if found is None or not self.context.typed(found, ("money", "count"), (*path, "sum")):
            return None
        if found.record is None or found.least is None:
            self.context.wrong((*path, "sum"), "condition-sum-field", "只能对记录里不会为负的字段求和")
            return None
        return Sum(found.path, self._where(raw, path, inner, negated)), found

    def _where(self, raw: dict[str, Raw], path: Path, scope: Scope, negated: bool) -> Node | None:
        return self.conditions(raw["where"], (*path, "where"), scope, negated) if raw.get("where") else None

    # Comparisons

    def comparison(
        self, operator: str, raw: Raw, typed: VocabularyField, path: Path, negated: bool
    ) -> Comparison | None:
        """The comparison, its thresholds read by the type of the field; None where one cannot be."""
        if operator == "known":
            if raw is not True or negated:
                self.context.wrong(path, "condition-known", "只能写 known: true,且不能放在 not 下", "未填写是未知，不是否")
                return None
            return Comparison("known", ())
        whole = typed.type == "count"
        if operator == "between":
            if not isinstance(raw, list) or len(raw) != 2:
                self.context.wrong(path, "condition-between", "between 要写两端", "例如 between: [300, 1000]")
                return None
            low = self._threshold(raw[0], typed, (*path, 0))
            high = self._threshold(raw[1], typed, (*path, 1))
            if low is None or high is None:
                return None
            if isinstance(low, Span) and isinstance(high, Span) and low.low > high.low:  # type: ignore[operator]
                self.context.wrong(path, "condition-between", "between 的两端写反了", "小的在前，大的在后")
                return None
            return Comparison("between", (low, high), whole)
        if operator in ("within", "rank", "in") or typed.type not in (*NUMERIC, "date"):
            return self._set(operator, raw, typed, path)
        threshold = self._threshold(raw, typed, path)
        if threshold is None:
            return None
        if operator in ("equals", "not_equals"):
            return Comparison("between", (threshold, threshold), whole)
        return Comparison(operator, (threshold,), whole)  # type: ignore[arg-type]

    def _set(self, operator: str, raw: Raw, typed: VocabularyField, path: Path) -> Comparison | None:
        items = raw if isinstance(raw, list) else [raw]
        if operator == "rank":
            if not all(item in RANKS for item in items):
                self.context.wrong(path, "condition-bad-tier", "级次不对", f"可写：{'、'.join(RANKS)}")
                return None
            return Comparison("rank", (frozenset(items),))
        if operator in ("equals", "not_equals") and len(items) != 1:
            self.context.wrong(path, "condition-operator", f"{operator} 只能写一个值", "几个值请用 in")
            return None
        if not items:
            self.context.wrong(path, "condition-empty-list", "列表是空的")
            return None
        values: set[str] = set()
        for item in items:
            values |= self.one(item, typed, path)
        return Comparison("within" if operator == "within" else "in", (frozenset(values),)) if values else None

    def one(self, item: Raw, typed: VocabularyField, path: Path) -> frozenset[str]:
        """The one option or code that ``item`` names; empty where it names none or several."""
        value = self._value(item, typed, path)
        if value is None:
            return frozenset()
        options = getattr(value, "certain", value)
        if not isinstance(options, frozenset):
            return frozenset()
        if len(options) != 1:
            self.context.wrong(path, "condition-ambiguous", f"“{item}”不止一个意思", "请写全称或代码")
        return options

    def _threshold(self, raw: Raw, typed: VocabularyField, path: Path) -> Threshold | None:
        if isinstance(raw, dict) and set(raw) == {"parameter"}:
            name = str(raw["parameter"])
            kind = self.context.names.parameters.get(name)
            if kind is None:
                self.context.unknown("参数", name, (*path, "parameter"), self.context.names.parameters)
                return None
            if kind != typed.type:
                self.context.wrong(path, "condition-parameter-type", f"参数“{name}”与“{typed.label}”的类型不同")
                return None
            return Parameter(name)
        value = self._value(raw, typed, path)
        if isinstance(value, Span) and not value.is_point:
            self.context.wrong(path, "condition-ambiguous", "门槛要写一个确定的值", "范围请用 between")
            return None
        return value

    def _value(self, raw: Raw, typed: VocabularyField, path: Path) -> Value | None:
        try:
            value = read_value(typed, raw, self.context.tables)
        except ValueProblem as problem:
            self.context.wrong(path, problem.code, problem.message, problem.hint)
            return None
        if value is None:
            self.context.wrong(path, "condition-no-threshold", "门槛不能是空的")
        return value
