"""From conditions as written (docs/rule-language.md, 3) to condition nodes; every mistake is a finding.

Shorthands are rewritten here: ``held``, ``newly_recognised``, ``within_validity`` and ``level`` into tests, ``exists``
into a count, ``every`` with ``at_least`` into both, ``not_equals`` into a negation, ``soft`` and ``open`` into "this
or a reviewer's judgement".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any as Raw

from engine.conditions import (
    NOWHERE,
    All,
    Annual,
    AnnualSum,
    Any,
    AsOf,
    Comparison,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Note,
    Operand,
    Parameter,
    Place,
    Ratio,
    Reference,
    Sum,
    Test,
    Threshold,
    ValidityEnd,
    ValidityStart,
)
from engine.diagnostics import Findings
from engine.regions import RANKS, Value
from engine.spans import Span
from engine.values import Tables, ValueProblem, read_value
from engine.vocabulary import NUMERIC, FieldSpec, Vocabulary, VocabularyField
from engine.yaml_source import Path, Source

OPERANDS = ("field", "annual", "annual_sum", "count", "sum", "ratio", "days_since")
OPERATORS = (
    "equals", "not_equals", "in", "within", "rank", "above", "at_least", "below", "at_most", "between", "known",
)  # fmt: skip
MARKS = ("inferred", "soft", "open", "assumed", "why", "label")
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
_ERROR = All(())


@dataclass(frozen=True, slots=True)
class Names:
    """What conditions may refer to besides fields: ids of judgements, instruments and parameters."""

    judgements: frozenset[str]
    instruments: frozenset[str]
    parameters: Mapping[str, str]
    """Parameter id -> type."""


@dataclass(slots=True)
class ConditionReader:
    """Reads the conditions of one owner (a measure or derived fact, whose id names fallback judgements)."""

    vocabulary: Vocabulary
    tables: Tables
    names: Names
    source: Source
    findings: Findings
    owner: str
    document: str = ""
    _fallbacks: set[str] = field(default_factory=set)

    def read_all(self, raw: list[Raw], path: Path, scope: frozenset[str]) -> Node:
        """A list of conditions, all of which must hold; ``scope`` names the record kinds in reach."""
        parts = [self.read(item, (*path, index), scope) for index, item in enumerate(raw)]
        return parts[0] if len(parts) == 1 else All(tuple(parts), Note(place=self._place(path)))

    def read(self, raw: Raw, path: Path, scope: frozenset[str], negated: bool = False) -> Node:
        """One condition."""
        if not isinstance(raw, dict):
            return self._wrong(path, "condition-shape", "条件应是“键: 值”的映射", "例如 {field: …, equals: …}")
        for key in ("all", "any", "not", *_SHORTHANDS):
            if key in raw:
                return self._compound(key, raw, path, scope, negated)
        return self._test(raw, path, scope, negated)

    # Groups and shorthands

    def _compound(self, key: str, raw: dict[str, Raw], path: Path, scope: frozenset[str], negated: bool) -> Node:
        note = self._note(raw, path)
        if key in ("all", "any"):
            self._known_keys(raw, path, (key, *MARKS))
            return self._group(key, raw[key], (*path, key), scope, negated, note, raw)
        if key == "not":
            self._known_keys(raw, path, (key, *MARKS))
            return Not(self.read(raw["not"], (*path, "not"), scope, negated=True), note)
        return _SHORTHANDS[key](self, raw, path, scope, note, negated)

    def _group(
        self,
        key: str,
        raw: Raw,
        path: Path,
        scope: frozenset[str],
        negated: bool,
        note: Note,
        marks: dict[str, Raw],
    ) -> Node:
        if not isinstance(raw, list) or not raw:
            return self._wrong(path, "condition-empty-group", f"{key} 后面应是至少一个条件的列表")
        parts = tuple(self.read(item, (*path, index), scope, negated) for index, item in enumerate(raw))
        node: Node = All(parts, note) if key == "all" else Any(merged(parts), note=note)
        return self._marked(node, marks, path, negated)

    def _exists(
        self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool
    ) -> Node:
        self._known_keys(raw, path, ("exists", "where", *MARKS))
        count = self._count("exists", raw, path, scope)
        at_least = Comparison("at_least", (Span.exactly(1),))
        return self._marked(Test(count, (at_least,), note=note), raw, path, negated) if count else _ERROR

    def _every(
        self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool
    ) -> Node:
        self._known_keys(raw, path, ("every", "where", "that", "at_least", *MARKS))
        count = self._count("every", raw, path, scope)
        if count is None:
            return _ERROR
        inner = scope | {count.kind}
        that = self._conditions(raw.get("that"), (*path, "that"), inner)
        least = raw.get("at_least")
        if not isinstance(least, int) or isinstance(least, bool) or least < 1:
            return self._wrong(
                path, "condition-every-without-count", "every 要写 at_least", "没有记录时“每条都符合”为真,请写 at_least: 1"
            )
        enough = Test(count, (Comparison("at_least", (Span.exactly(least),)),), note=note)
        return self._marked(All((enough, Every(count.kind, count.where, that, note)), note), raw, path, negated)

    def _held(self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool) -> Node:
        self._known_keys(raw, path, ("held", *MARKS))
        issued = self._record_field(raw["held"], "issued", (*path, "held"), scope)
        expires = self._record_field(raw["held"], "expires", (*path, "held"), scope)
        if issued is None or expires is None:
            return _ERROR
        note = replace(note, label=note.label or "评估日在有效期内")
        issued_before = Test(issued, (Comparison("at_most", (AsOf(),)),), note=replace(note, label="评估日前已发证"))
        not_expired = Test(expires, (Comparison("at_least", (AsOf(),)),), note=replace(note, label="评估日尚未到期"))
        return self._marked(All((issued_before, not_expired), note), raw, path, negated)

    def _newly(self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool) -> Node:
        self._known_keys(raw, path, ("newly_recognised", *MARKS))
        issued = self._record_field(raw["newly_recognised"], "issued", (*path, "newly_recognised"), scope)
        return self._in_validity(issued, "文件有效期内新认定", note, raw, path, negated)

    def _dated(self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool) -> Node:
        self._known_keys(raw, path, ("within_validity", *MARKS))
        found = self._field(raw["within_validity"], (*path, "within_validity"), scope)
        operand = FieldRef(found.path) if found and self._typed(found, ("date",), path) else None
        return self._in_validity(operand, "日期在文件有效期内", note, raw, path, negated)

    def _in_validity(
        self,
        operand: Operand | None,
        label: str,
        note: Note,
        raw: dict[str, Raw],
        path: Path,
        negated: bool,
    ) -> Node:
        if operand is None:
            return _ERROR
        if not self.document:
            return self._wrong(path, "condition-no-document", "推导事实不属于某份文件,没有有效期可比")
        why = note.why or "文件未写明起算日期,按文件有效期且不晚于评估日理解"
        note = replace(note, label=note.label or label, inferred=True, why=why)
        inside = Comparison("between", (ValidityStart(self.document), ValidityEnd(self.document)))
        return self._marked(Test(operand, (inside,), note=note), raw, path, negated)

    def _level(self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool) -> Node:
        self._known_keys(raw, path, ("level", "tier", "of", "or_above", *MARKS))
        issuer = self._record_field(raw["level"], "issuer", (*path, "level"), scope)
        tier = self._record_field(raw["level"], "tier", (*path, "level"), scope)
        area = self._division(raw.get("of"), (*path, "of"))
        wanted = raw.get("tier")
        if wanted not in RANKS or wanted == "national" and raw.get("or_above"):
            return self._wrong((*path, "tier"), "condition-bad-tier", "级次不对", f"可写:{'、'.join(RANKS)}")
        if issuer is None or tier is None or area is None:
            return _ERROR
        rank = RANKS.index(wanted)
        if rank * 2 > len(area):
            return self._wrong(path, "condition-bad-tier", f"“{raw['of']}”没有这一级次", "检查 tier 与 of 是否相配")
        ranks = range(rank + 1) if raw.get("or_above") else (rank,)
        each = [self._one_level(tier, issuer, RANKS[r], area[: r * 2], note) for r in ranks]
        node = each[0] if len(each) == 1 else Any(tuple(each), note=note)
        return self._marked(node, raw, path, negated)

    def _one_level(self, tier: FieldRef, issuer: FieldRef, rank: str, code: str, note: Note) -> Node:
        of_tier = Test(tier, (Comparison("in", (frozenset({rank}),)),), note=replace(note, label=""))
        by_issuer = Test(issuer, (Comparison("in", (frozenset({code}),)),), note=replace(note, label=""))
        return of_tier if rank == "national" else All((of_tier, by_issuer), note)

    def _judgement(
        self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool
    ) -> Node:
        self._known_keys(raw, path, ("judgement", *MARKS))
        if raw["judgement"] not in self.names.judgements:
            self._unknown("判断事项", raw["judgement"], (*path, "judgement"), self.names.judgements)
        return Judgement(str(raw["judgement"]), note=note)

    def _reference(
        self, raw: dict[str, Raw], path: Path, scope: frozenset[str], note: Note, negated: bool
    ) -> Node:
        self._known_keys(raw, path, ("reference", *MARKS))
        if raw["reference"] not in self.names.instruments:
            self._unknown("引用文件", raw["reference"], (*path, "reference"), self.names.instruments)
        return Reference(str(raw["reference"]), note)

    # Atoms

    def _test(self, raw: dict[str, Raw], path: Path, scope: frozenset[str], negated: bool) -> Node:
        operands = [key for key in OPERANDS if key in raw]
        operators = [key for key in OPERATORS if key in raw]
        if len(operands) != 1 or len(operators) != 1:
            return self._wrong(
                path,
                "condition-shape",
                "一个条件要有一个取值和一个比较",
                f"取值:{'、'.join(OPERANDS)};比较:{'、'.join(OPERATORS)}",
            )
        self._known_keys(raw, path, (*operands, *operators, "year", "years", "where", *MARKS))
        found = self.operand(raw, path, scope)
        if found is None:
            return _ERROR
        operand, typed = found
        operator = operators[0]
        if operator not in ALLOWED[typed.type]:
            allowed = "、".join(ALLOWED[typed.type])
            return self._wrong(
                path, "condition-operator", f"“{typed.label}”不能用 {operator} 比较", f"可用:{allowed}"
            )
        comparison = self._comparison(operator, raw[operator], typed, (*path, operator), negated)
        if comparison is None:
            return _ERROR
        assumed = raw.get("assumed") is True
        node: Node = Test(operand, (comparison,), assumed, self._note(raw, path))
        if operator == "not_equals":
            node = Not(node, node.note)
        return self._marked(node, raw, path, negated)

    def operand(
        self, raw: dict[str, Raw], path: Path, scope: frozenset[str]
    ) -> tuple[Operand, VocabularyField] | None:
        """The operand of a test and the field whose type its thresholds have."""
        key = next((key for key in OPERANDS if key in raw), "")
        at = (*path, key)
        if key == "field":
            found = self._field(raw[key], at, scope)
            return (FieldRef(found.path), found) if found else None
        if key in ("annual", "annual_sum"):
            return self._annual(key, raw, path)
        if key == "count":
            count = self._count(key, raw, path, scope)
            return (count, _COUNT) if count else None
        if key == "sum":
            return self.sum(raw, path, scope)
        if key == "days_since":
            found = self._field(raw[key], at, scope)
            return (DaysSince(found.path), _DAYS) if found and self._typed(found, ("date",), at) else None
        if key == "ratio" and isinstance(raw[key], dict):
            of, to = (self._part(raw[key], part, at, scope) for part in ("of", "to"))
            return (Ratio(of, to), _RATIO) if of and to else None
        self._wrong(path, "condition-shape", "取值写法不对", "ratio 要写 {of: {…}, to: {…}}")
        return None

    def _part(self, raw: dict[str, Raw], part: str, path: Path, scope: frozenset[str]) -> Operand | None:
        if not isinstance(raw.get(part), dict):
            self._wrong(path, "condition-shape", f"ratio 缺少 {part}", "ratio 要写 {of: {…}, to: {…}}")
            return None
        found = self.operand(raw[part], (*path, part), scope)
        if found and found[1].type not in NUMERIC:
            self._wrong((*path, part), "condition-operand-type", f"“{found[1].label}”不是数,不能相除")
            return None
        return found[0] if found else None

    def _annual(self, key: str, raw: dict[str, Raw], path: Path) -> tuple[Operand, VocabularyField] | None:
        found = self._field(f"annual.{raw[key]}", (*path, key), frozenset({"annual"}))
        if found is None or not self._typed(found, (*NUMERIC,), (*path, key)):
            return None
        if key == "annual":
            year = raw.get("year", -1)
            year = -1 if year == "last" else year
            if not isinstance(year, int) or isinstance(year, bool) or not -10 <= year <= 0:
                self._wrong((*path, "year"), "condition-bad-year", "year 应为 last 或 -1、-2 …")
                return None
            return Annual(found.path, year), found
        years = raw.get("years")
        if not isinstance(years, int) or isinstance(years, bool) or not 1 <= years <= 10:
            self._wrong((*path, "years"), "condition-bad-year", "annual_sum 要写 years: 1 至 10")
            return None
        return AnnualSum(found.path, years), found

    def _count(self, key: str, raw: dict[str, Raw], path: Path, scope: frozenset[str]) -> Count | None:
        kind = raw[key]
        if kind not in self.vocabulary.records:
            self._unknown("记录种类", kind, (*path, key), self.vocabulary.records)
            return None
        return Count(str(kind), self._where(raw, path, scope | {str(kind)}))

    def sum(
        self, raw: dict[str, Raw], path: Path, scope: frozenset[str]
    ) -> tuple[Operand, VocabularyField] | None:
        """``sum`` with its ``where``; the summed field cannot be negative, or the upper end would be wrong."""
        kind = str(raw["sum"]).partition(".")[0]
        inner = scope | {kind}
        found = self._field(raw["sum"], (*path, "sum"), inner)
        if found is None or not self._typed(found, ("money", "count"), (*path, "sum")):
            return None
        if found.record is None or found.least is None:
            self._wrong((*path, "sum"), "condition-sum-field", "只能对记录里不会为负的字段求和")
            return None
        return Sum(found.path, self._where(raw, path, inner)), found

    def _where(self, raw: dict[str, Raw], path: Path, scope: frozenset[str]) -> Node | None:
        return self._conditions(raw["where"], (*path, "where"), scope) if raw.get("where") else None

    def _conditions(self, raw: Raw, path: Path, scope: frozenset[str]) -> Node:
        if isinstance(raw, list) and raw:
            return self.read_all(raw, path, scope)
        return self._wrong(path, "condition-shape", "应是至少一个条件的列表")

    # Thresholds

    def _comparison(
        self, operator: str, raw: Raw, typed: VocabularyField, path: Path, negated: bool
    ) -> Comparison | None:
        if operator == "known":
            if raw is not True or negated:
                self._wrong(path, "condition-known", "只能写 known: true,且不能放在 not 下", "未填写是未知,不是否")
                return None
            return Comparison("known", ())
        if operator == "between":
            if not isinstance(raw, list) or len(raw) != 2:
                self._wrong(path, "condition-between", "between 要写两端", "例如 between: [300, 1000]")
                return None
            low = self._threshold(raw[0], typed, (*path, 0))
            high = self._threshold(raw[1], typed, (*path, 1))
            return Comparison("between", (low, high)) if low is not None and high is not None else None
        if operator in ("within", "rank", "in") or typed.type not in (*NUMERIC, "date"):
            return self._set(operator, raw, typed, path)
        threshold = self._threshold(raw, typed, path)
        if threshold is None:
            return None
        if operator in ("equals", "not_equals"):
            return Comparison("between", (threshold, threshold))
        return Comparison(operator, (threshold,))  # type: ignore[arg-type]

    def _set(self, operator: str, raw: Raw, typed: VocabularyField, path: Path) -> Comparison | None:
        items = raw if isinstance(raw, list) else [raw]
        if operator == "rank":
            if not set(items) <= set(RANKS):
                self._wrong(path, "condition-bad-tier", "级次不对", f"可写:{'、'.join(RANKS)}")
                return None
            return Comparison("rank", (frozenset(items),))
        if operator in ("equals", "not_equals") and len(items) != 1:
            self._wrong(path, "condition-operator", f"{operator} 只能写一个值", "几个值请用 in")
            return None
        if not items:
            self._wrong(path, "condition-empty-list", "列表是空的")
            return None
        values: set[str] = set()
        for item in items:
            values |= self._one(item, typed, path)
        return Comparison("within" if operator == "within" else "in", (frozenset(values),)) if values else None

    def _one(self, item: Raw, typed: VocabularyField, path: Path) -> frozenset[str]:
        value = self._value(item, typed, path)
        if value is None:
            return frozenset()
        options = getattr(value, "certain", value)
        if not isinstance(options, frozenset):
            return frozenset()
        if len(options) != 1:
            self._wrong(path, "condition-ambiguous", f"“{item}”不止一个意思", "请写全称或代码")
        return options

    def _threshold(self, raw: Raw, typed: VocabularyField, path: Path) -> Threshold | None:
        if isinstance(raw, dict) and set(raw) == {"parameter"}:
            name = str(raw["parameter"])
            kind = self.names.parameters.get(name)
            if kind is None:
                self._unknown("参数", name, (*path, "parameter"), self.names.parameters)
                return None
            if kind != typed.type:
                self._wrong(path, "condition-parameter-type", f"参数“{name}”与“{typed.label}”的类型不同")
                return None
            return Parameter(name)
        value = self._value(raw, typed, path)
        if isinstance(value, Span) and not value.is_point:
            self._wrong(path, "condition-ambiguous", "门槛要写一个确定的值", "范围请用 between")
            return None
        return value

    def _value(self, raw: Raw, typed: VocabularyField, path: Path) -> Value | None:
        try:
            value = read_value(typed, raw, self.tables)
        except ValueProblem as problem:
            self._wrong(path, problem.code, problem.message, problem.hint)
            return None
        if value is None:
            self._wrong(path, "condition-no-threshold", "门槛不能是空的")
        return value

    # Names, marks and places

    def _field(self, name: Raw, path: Path, scope: frozenset[str]) -> VocabularyField | None:
        found = self.vocabulary.fields.get(str(name))
        if found is None:
            self._unknown("字段", name, path, self.vocabulary.fields)
            return None
        if found.record is not None and found.record not in scope:
            label = self.vocabulary.records[found.record].label
            self._wrong(
                path,
                "condition-out-of-reach",
                f"这里没有哪一条“{label}”可言",
                f"请放进 exists: {found.record} 的 where,或写 subject: {found.record}",
            )
            return None
        return found

    def _record_field(self, kind: Raw, name: str, path: Path, scope: frozenset[str]) -> FieldRef | None:
        found = self._field(f"{kind}.{name}", path, scope)
        return FieldRef(found.path) if found else None

    def _typed(self, found: VocabularyField, types: Iterable[str], path: Path) -> bool:
        if found.type in types:
            return True
        self._wrong(path, "condition-operand-type", f"“{found.label}”的类型不能这样用")
        return False

    def _division(self, raw: Raw, path: Path) -> str | None:
        field_ = VocabularyField("of", None, FieldSpec(type="division", label="区划"))
        codes = self._one(raw, field_, path)
        return next(iter(codes)) if len(codes) == 1 else None

    def _note(self, raw: dict[str, Raw], path: Path) -> Note:
        return Note(
            label=str(raw.get("label") or ""),
            why=str(raw.get("why") or ""),
            inferred=raw.get("inferred") is True,
            soft=raw.get("soft") is True,
            open=raw.get("open") is True,
            place=self._place(path),
        )

    def _marked(self, node: Node, raw: dict[str, Raw], path: Path, negated: bool) -> Node:
        """``node`` with its marks: a soft or open condition gets a judgement beside it."""
        for mark in ("inferred", "soft", "open", "assumed"):
            if mark in raw and raw[mark] is not True:
                self._wrong((*path, mark), "condition-mark", f"{mark} 只能写 true")
        soft, open_, assumed = (raw.get(mark) is True for mark in ("soft", "open", "assumed"))
        if negated and (soft or open_ or assumed):
            self._wrong(path, "condition-mark-under-not", "存疑、开放或按前提处理的条件不能放在 not 下", "请写成否定的条件再标记")
        if (soft or assumed or raw.get("inferred")) and not raw.get("why"):
            self._wrong(path, "condition-no-reason", "推断、存疑或按前提处理的条件要写 why")
        if assumed and not isinstance(node, Test | Not):
            self._wrong(path, "condition-mark", "assumed 只能标在一个原子条件上")
        if isinstance(node, Not) and assumed and isinstance(node.part, Test):
            self._wrong(path, "condition-mark-under-not", "assumed 不能与 not_equals 同用", "请改用 equals")
        if not (soft or open_):
            return node
        note = replace(node.note, soft=soft, open=open_)
        label = "清单以“等”结尾,清单以外是否包括" if open_ else "该条件存疑,是否适用"
        judgement = Judgement(self._fallback_id(node), True, Note(label=label, why=note.why, place=note.place))
        return Any((node, judgement), True, note)

    def _fallback_id(self, node: Node) -> str:
        base = f"{self.owner}~{_subject_of(node)}"
        name, number = base, 2
        while name in self._fallbacks:
            name, number = f"{base}~{number}", number + 1
        self._fallbacks.add(name)
        return name

    def _known_keys(self, raw: dict[str, Raw], path: Path, known: Iterable[str]) -> None:
        for key in raw:
            if key not in known:
                self.findings.add(
                    self.source.finding((*path, key), "condition-unknown-key", f"条件里不认识的键“{key}”", "见规则语言说明第3节", key=True)
                )

    def _unknown(self, what: str, name: Raw, path: Path, known: Iterable[str]) -> None:
        import difflib

        near = difflib.get_close_matches(str(name), list(known), n=2)
        hint = f"是不是{'或'.join(near)}?" if near else f"请先定义这个{what}"
        self._wrong(path, "condition-unknown-name", f"没有{what}“{name}”", hint)

    def _wrong(self, path: Path, code: str, message: str, hint: str = "") -> Node:
        self.findings.add(self.source.finding(path, code, message, hint))
        return _ERROR

    def _place(self, path: Path) -> Place:
        line, column = self.source.place(path)
        return Place(self.source.file, line, column) if line else NOWHERE


Shorthand = Callable[[ConditionReader, dict[str, Raw], Path, frozenset[str], Note, bool], Node]
_SHORTHANDS: Mapping[str, Shorthand] = {
    "exists": ConditionReader._exists,
    "every": ConditionReader._every,
    "held": ConditionReader._held,
    "newly_recognised": ConditionReader._newly,
    "within_validity": ConditionReader._dated,
    "level": ConditionReader._level,
    "judgement": ConditionReader._judgement,
    "reference": ConditionReader._reference,
}


def merged(parts: Iterable[Node]) -> tuple[Node, ...]:
    """Alternatives on one operand as one set test (DESIGN 2.3), so that a range or a set across them is decided.

    Only plain tests merge; one with a label or a mark of its own stays apart, to be explained apart.
    """
    result: list[Node] = []
    for part in parts:
        for index, other in enumerate(result):
            if isinstance(part, Test) and isinstance(other, Test) and _mergeable(part, other):
                result[index] = replace(other, comparisons=other.comparisons + part.comparisons)
                break
        else:
            result.append(part)
    return tuple(result)


def _mergeable(one: Test, other: Test) -> bool:
    plain = all(not (t.assumed or t.note.label or t.note.inferred) for t in (one, other))
    families = {_family(comparison) for test in (one, other) for comparison in test.comparisons}
    return plain and one.operand == other.operand and len(families) == 1 and "known" not in families


def _family(comparison: Comparison) -> str:
    """Comparisons of one family make regions of one kind."""
    return comparison.operator if comparison.operator in ("in", "within", "rank", "known") else "ordered"


def _subject_of(node: Node) -> str:
    """A short name for what a condition is about, to name its fallback judgement."""
    match node:
        case Test(operand=FieldRef(path) | DaysSince(path) | Annual(path) | AnnualSum(path) | Sum(path)):
            return path
        case Test(operand=Count(kind)) | Every(kind):
            return kind
        case Not(part):
            return _subject_of(part)
        case All(parts) | Any(parts):
            return _subject_of(parts[0])
    return "condition"
