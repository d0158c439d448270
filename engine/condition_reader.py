"""From conditions as written (docs/rule-language.md, 3) to condition nodes; every mistake is a finding.

Shorthands are rewritten here: ``held``, ``newly_recognised``, ``within_validity`` and ``level`` into tests, ``exists``
into a count, ``every`` with ``at_least`` into both, ``not_equals`` into a negation, ``soft`` and ``open`` into "this
or a reviewer's judgement".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any as Raw

from engine.atom_reader import ALLOWED, BESIDE, OPERANDS, OPERATORS, AtomReader
from engine.conditions import (
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
    Reference,
    Sum,
    Test,
    ValidityEnd,
    ValidityStart,
)
from engine.reading_context import ERROR, ReadingContext, Scope
from engine.regions import RANKS
from engine.spans import Span
from engine.vocabulary import FieldSpec, VocabularyField
from engine.yaml_source import Path

MARKS = ("inferred", "soft", "open", "assumed", "why", "label", "implied_by")


MAX_CONDITIONS = 1000
"""Conditions of one owner, groups counted too. The longest rule in use has some 200."""


@dataclass(slots=True)
class ConditionReader:
    """Reads the conditions of one owner (a measure or derived fact, whose id names fallback judgements)."""

    context: ReadingContext
    owner: str
    document: str = ""
    filters: Mapping[str, tuple[list[Raw], Path]] = field(default_factory=dict)
    """Filters that the measure names once and uses in several places."""
    atoms: AtomReader = field(init=False)
    _fallbacks: set[str] = field(default_factory=set)
    _count: int = 0
    _filtered: dict[tuple[str, bool], Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.atoms = AtomReader(self.context, self._conditions)

    def read_all(self, raw: list[Raw], path: Path, scope: Scope, negated: bool = False) -> Node:
        """A list of conditions, all of which must hold; ``scope`` names the record kinds in reach."""
        parts = [self.read(item, (*path, index), scope, negated) for index, item in enumerate(raw)]
        return parts[0] if len(parts) == 1 else All(tuple(parts), Note(place=self.context.place(path)))

    def read(self, raw: Raw, path: Path, scope: Scope, negated: bool = False) -> Node:
        """One condition."""
        if self._too_many(path, 1):
            return ERROR
        if not isinstance(raw, dict):
            return self.context.wrong(path, "condition-shape", "条件应是“键： 值”的映射", "例如 {field: …, equals: …}")
        for key in ("all", "any", "not", *_SHORTHANDS):
            if key in raw:
                return self._compound(key, raw, path, scope, negated)
        return self._test(raw, path, scope, negated)

    def _too_many(self, path: Path, more: int) -> bool:
        """Whether ``more`` conditions are too many; said once."""
        before, self._count = self._count, self._count + more
        if before <= MAX_CONDITIONS < self._count:
            message = f"条件太多，超过 {MAX_CONDITIONS} 个"
            self.context.wrong(path, "condition-too-many", message, "请拆成几项措施，或把并列的值写成 in: […]")
        return self._count > MAX_CONDITIONS

    # Groups and shorthands

    def _compound(self, key: str, raw: dict[str, Raw], path: Path, scope: Scope, negated: bool) -> Node:
        note = self._note(raw, path)
        if key in ("all", "any"):
            self.context.known_keys(raw, path, (key, *MARKS))
            return self._group(key, raw[key], (*path, key), scope, negated, note, raw)
        if key == "not":
            self.context.known_keys(raw, path, (key, *MARKS))
            return self._marked(Not(self.read(raw["not"], (*path, "not"), scope, True), note), raw, path, negated)
        return _SHORTHANDS[key](self, raw, path, scope, note, negated)

    def _group(
        self,
        key: str,
        raw: Raw,
        path: Path,
        scope: Scope,
        negated: bool,
        note: Note,
        marks: dict[str, Raw],
    ) -> Node:
        if not isinstance(raw, list) or not raw:
            return self.context.wrong(path, "condition-empty-group", f"{key} 后面应是至少一个条件的列表")
        if len(raw) > MAX_CONDITIONS:
            self._too_many(path, len(raw))
            return ERROR
        parts = tuple(self.read(item, (*path, index), scope, negated) for index, item in enumerate(raw))
        node: Node = All(parts, note) if key == "all" else Any(merged(parts), note=note)
        return self._marked(node, marks, path, negated)

    def _exists(
        self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool
    ) -> Node:
        self.context.known_keys(raw, path, ("exists", "where", *MARKS))
        count = self.atoms.count("exists", raw, path, scope, negated)
        at_least = Comparison("at_least", (Span.exactly(1),))
        return self._marked(Test(count, (at_least,), note=note), raw, path, negated) if count else ERROR

    def _every(
        self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool
    ) -> Node:
        self.context.known_keys(raw, path, ("every", "where", "that", "at_least", *MARKS))
        # Who is in the filter has to satisfy more, so the filter counts against the applicant.
        count = self.atoms.count("every", raw, path, scope, True)
        if count is None:
            return ERROR
        inner = scope | {count.kind}
        that = self._conditions(raw.get("that"), (*path, "that"), inner, negated)
        least = raw.get("at_least")
        if not isinstance(least, int) or isinstance(least, bool) or least < 1:
            return self.context.wrong(
                path, "condition-every-without-count", "every 要写 at_least", "没有记录时“每条都符合”为真，请写 at_least: 1"
            )
        enough = Test(count, (Comparison("at_least", (Span.exactly(least),)),), note=note)
        return self._marked(All((enough, Every(count.kind, count.where, that, note)), note), raw, path, negated)

    def _held(self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool) -> Node:
        self.context.known_keys(raw, path, ("held", *MARKS))
        issued = self._record_field(raw["held"], "issued", (*path, "held"), scope)
        expires = self._record_field(raw["held"], "expires", (*path, "held"), scope)
        if issued is None or expires is None:
            return ERROR
        note = replace(note, label=note.label or "评估日在有效期内")
        issued_before = Test(issued, (Comparison("at_most", (AsOf(),)),), note=replace(note, label="评估日前已发证"))
        not_expired = Test(expires, (Comparison("at_least", (AsOf(),)),), note=replace(note, label="评估日尚未到期"))
        return self._marked(All((issued_before, not_expired), note), raw, path, negated)

    def _newly(self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool) -> Node:
        self.context.known_keys(raw, path, ("newly_recognised", *MARKS))
        issued = self._record_field(raw["newly_recognised"], "issued", (*path, "newly_recognised"), scope)
        return self._in_validity(issued, "文件有效期内新认定", note, raw, path, negated)

    def _dated(self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool) -> Node:
        self.context.known_keys(raw, path, ("within_validity", *MARKS))
        found = self.context.field(raw["within_validity"], (*path, "within_validity"), scope)
        operand = FieldRef(found.path) if found and self.context.typed(found, ("date",), path) else None
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
            return ERROR
        if not self.document:
            return self.context.wrong(path, "condition-no-document", "推导事实不属于某份文件，没有有效期可比")
        why = note.why or "文件未写明起算日期，按文件有效期且不晚于评估日理解"
        note = replace(note, label=note.label or label, inferred=True, why=why)
        inside = Comparison("between", (ValidityStart(self.document), ValidityEnd(self.document)))
        return self._marked(Test(operand, (inside,), note=note), raw, path, negated)

    def _level(self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool) -> Node:
        self.context.known_keys(raw, path, ("level", "tier", "of", "or_above", *MARKS))
        issuer = self._record_field(raw["level"], "issuer", (*path, "level"), scope)
        tier = self._record_field(raw["level"], "tier", (*path, "level"), scope)
        area = self._division(raw.get("of"), (*path, "of"))
        wanted = raw.get("tier")
        if wanted not in RANKS or (wanted == "national" and raw.get("or_above")):
            return self.context.wrong((*path, "tier"), "condition-bad-tier", "级次不对", f"可写：{'、'.join(RANKS)}")
        if issuer is None or tier is None or area is None:
            return ERROR
        rank = RANKS.index(wanted)
        if rank * 2 > len(area):
            return self.context.wrong(path, "condition-bad-tier", f"“{raw['of']}”没有这一级次", "检查 tier 与 of 是否相配")
        ranks = range(rank + 1) if raw.get("or_above") else (rank,)
        each = [self._one_level(tier, issuer, RANKS[r], area[: r * 2], note) for r in ranks]
        node = each[0] if len(each) == 1 else Any(tuple(each), note=note)
        return self._marked(node, raw, path, negated)

    def _one_level(self, tier: FieldRef, issuer: FieldRef, rank: str, code: str, note: Note) -> Node:
        of_tier = Test(tier, (Comparison("in", (frozenset({rank}),)),), note=replace(note, label=""))
        by_issuer = Test(issuer, (Comparison("in", (frozenset({code}),)),), note=replace(note, label=""))
        return of_tier if rank == "national" else All((of_tier, by_issuer), note)

    def _judgement(
        self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool
    ) -> Node:
        self.context.known_keys(raw, path, ("judgement", *MARKS))
        if str(raw["judgement"]) not in self.context.names.judgements:
            self.context.unknown("判断事项", raw["judgement"], (*path, "judgement"), self.context.names.judgements)
        return Judgement(str(raw["judgement"]), note=note)

    def _reference(
        self, raw: dict[str, Raw], path: Path, scope: Scope, note: Note, negated: bool
    ) -> Node:
        self.context.known_keys(raw, path, ("reference", *MARKS))
        if str(raw["reference"]) not in self.context.names.instruments:
            self.context.unknown("引用文件", raw["reference"], (*path, "reference"), self.context.names.instruments)
        return Reference(str(raw["reference"]), note)

    # Atoms

    def _test(self, raw: dict[str, Raw], path: Path, scope: Scope, negated: bool) -> Node:
        operands = [key for key in OPERANDS if key in raw]
        operators = [key for key in OPERATORS if key in raw]
        if len(operands) != 1 or len(operators) != 1:
            return self.context.wrong(
                path,
                "condition-shape",
                "一个条件要有一个取值和一个比较",
                f"取值：{'、'.join(OPERANDS)}；比较：{'、'.join(OPERATORS)}",
            )
        self.context.known_keys(raw, path, (*operands, *operators, *BESIDE.get(operands[0], ()), *MARKS))
        # More records help only where the count or sum has a lower bound alone.
        found = self.atoms.operand(raw, path, scope, negated or operators[0] not in ("at_least", "above"))
        if found is None:
            return ERROR
        operand, typed = found
        operator = operators[0]
        if operator not in ALLOWED[typed.type]:
            allowed = "、".join(ALLOWED[typed.type])
            return self.context.wrong(
                path, "condition-operator", f"“{typed.label}”不能用 {operator} 比较", f"可用：{allowed}"
            )
        comparison = self.atoms.comparison(operator, raw[operator], typed, (*path, operator), negated)
        if comparison is None:
            return ERROR
        assumed = raw.get("assumed") is True
        node: Node = Test(operand, (comparison,), assumed, self._note(raw, path))
        if operator == "not_equals":
            node = Not(node, node.note)
        return self._marked(node, raw, path, negated)

    def _conditions(self, raw: Raw, path: Path, scope: Scope, negated: bool) -> Node:
        """A list of conditions, or the name of one of the measure's filters."""
        if isinstance(raw, str):
            if raw in self.filters:
                # Read once: a soft condition in it keeps one judgement wherever the filter is used.
                if (raw, negated) not in self._filtered:
                    conditions, at = self.filters[raw]
                    self._filtered[raw, negated] = self._conditions(conditions, at, scope, negated)
                return self._filtered[raw, negated]
            self.context.unknown("筛选", raw, path, self.filters)
            return ERROR
        if isinstance(raw, list) and raw:
            return self.read_all(raw, path, scope, negated)
        return self.context.wrong(path, "condition-shape", "应是至少一个条件的列表")

    # Marks

    def _record_field(self, kind: Raw, name: str, path: Path, scope: Scope) -> FieldRef | None:
        found = self.context.field(f"{kind}.{name}", path, scope)
        return FieldRef(found.path) if found else None

    def _division(self, raw: Raw, path: Path) -> str | None:
        field_ = VocabularyField("of", None, FieldSpec(type="division", label="区划"))
        codes = self.atoms.one(raw, field_, path)
        return next(iter(codes)) if len(codes) == 1 else None

    def _note(self, raw: dict[str, Raw], path: Path) -> Note:
        return Note(
            label=str(raw.get("label") or ""),
            why=str(raw.get("why") or ""),
            implied_by=str(raw.get("implied_by") or ""),
            inferred=raw.get("inferred") is True,
            soft=raw.get("soft") is True,
            open=raw.get("open") is True,
            place=self.context.place(path),
        )

    def _marked(self, node: Node, raw: dict[str, Raw], path: Path, negated: bool) -> Node:
        """``node`` with its marks: a soft or open condition gets a judgement beside it."""
        for mark in ("inferred", "soft", "open", "assumed"):
            if mark in raw and raw[mark] is not True:
                self.context.wrong((*path, mark), "condition-mark", f"{mark} 只能写 true")
        soft, open_, assumed = (raw.get(mark) is True for mark in ("soft", "open", "assumed"))
        if negated and (soft or open_ or assumed):
            self.context.wrong(path, "condition-mark-under-not", "存疑、开放或按前提处理的条件不能放在 not 下", "请写成否定的条件再标记")
        if (soft or assumed or raw.get("inferred")) and not raw.get("why"):
            self.context.wrong(path, "condition-no-reason", "推断、存疑或按前提处理的条件要写 why")
        if assumed and not isinstance(node, Test | Not):
            self.context.wrong(path, "condition-mark", "assumed 只能标在一个原子条件上")
        if isinstance(node, Not) and assumed and isinstance(node.part, Test):
            self.context.wrong(path, "condition-mark-under-not", "assumed 不能与 not_equals 同用", "请改用 equals")
        if not (soft or open_):
            return node
        note = replace(node.note, soft=soft, open=open_)
        label = "清单以“等”结尾，清单以外是否包括" if open_ else "该条件存疑，是否适用"
        judgement = Judgement(self._fallback_id(node), True, Note(label=label, why=note.why, place=note.place))
        return Any((node, judgement), True, note)

    def _fallback_id(self, node: Node) -> str:
        base = f"{self.owner}~{_subject_of(node)}"
        name, number = base, 2
        while name in self._fallbacks:
            name, number = f"{base}~{number}", number + 1
        self._fallbacks.add(name)
        return name


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
