"""Conditions as ZEN expressions: each leaf and gate becomes one key of a node, named ``t1``, ``t2`` ..."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from engine.conditions import (
    All,
    Any,
    AsOf,
    Comparison,
    Count,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Operand,
    Parameter,
    Ratio,
    Reference,
    Sum,
    Test,
    Threshold,
    ValidityEnd,
    ValidityStart,
)
from engine.jdm import zen
from engine.jdm.operands import OperandWriter
from engine.jdm.zen import AS_OF, START, Refused, guarded
from engine.regions import RANKS
from engine.spans import Span

SYMBOLS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}


@dataclass(slots=True)
class LeafWriter(OperandWriter):
    """Writes conditions into one sheet; equal conditions and operands are written once."""

    written: dict[Node, str] = field(default_factory=dict)

    # Trees

    def tree(self, node: Node) -> str:
        """The reference to the truth of a condition."""
        if node not in self.written:
            self.written[node] = self.sheet.add(self.place.key(), self._truth(node))
        return self.written[node]

    def _truth(self, node: Node) -> str:
        match node:
            case All(parts):
                return zen.every([self.tree(part) for part in parts])
            case Any(parts):
                return zen.some([self.tree(part) for part in parts])
            case Not(part):
                return zen.negated(self.tree(part))
            case Judgement(id) | Reference(id):
                return self._judgement(id)
            case Every():
                return self._every(node)
            case Test():
                truth = self._test(node)
                return self._assumed(node, truth) if node.assumed else truth
        raise TypeError(f"not a condition: {node!r}")

    def _assumed(self, leaf: Test, truth: str) -> str:
        """Silence counts as true, a contradiction of the stated and the derived value does not."""
        clash = self.place.clashes.get(leaf.operand.path) if isinstance(leaf.operand, FieldRef) else None
        taken = f"({truth}) ?? true"
        return f"{clash} == true ? ({truth}) : ({taken})" if clash else taken

    def _judgement(self, id: str) -> str:
        said = "" if self.sheet.kind else "$nodes.said."
        name = zen.text(id)
        no = f"{name} in {said}no"
        return f"{name} in {said}yes ? ({no} ? null : true) : ({no} ? false : null)"

    def _every(self, leaf: Every) -> str:
        that = self.filter(leaf.kind, leaf.that)
        records = self.records(leaf.kind)
        held = f"map({records}, #.{that})"
        if leaf.where is not None:
            where = self.filter(leaf.kind, leaf.where)
            held = (
                f"map({records}, #.{where} == false or #.{that} == true ? true : "
                f"(#.{where} == null or #.{that} == null ? null : false))"
            )
        key = self.sheet.add(self.place.key("v"), held)
        more = f"{START}.open.{leaf.kind}"
        missing = f"{START}.missing.{leaf.kind}"
        decided = f"some({key}, # == false) ? false : (some({key}, # == null) or {more} ? null : true)"
        return f"{missing} ? null : ({decided})"

    # Tests

    def _test(self, leaf: Test) -> str:
        operator = leaf.comparisons[0].operator
        if operator == "known":
            return f"{self._known(leaf.operand)} ? true : null"
        if isinstance(leaf.operand, Count | Sum):
            return self._ranged(leaf.operand, leaf.comparisons)
        if isinstance(leaf.operand, Ratio):
            return self._ratio(leaf.operand, leaf.comparisons)
        if operator in ("in", "within", "rank"):
            return self._set(leaf)
        return self._ordered(leaf.operand, leaf.comparisons)

    def _known(self, operand: Operand) -> str:
        if isinstance(operand, Count | Sum):
            return "true"
        if isinstance(operand, FieldRef):
            return f"{self.reference(operand.path)} != null"
        if isinstance(operand, Ratio):
            raise Refused("“已填写”用在比值上")
        return f"{self.value(operand)} != null"

    def _set(self, leaf: Test) -> str:
        if not isinstance(leaf.operand, FieldRef):
            raise Refused("集合比较只能用在字段上")
        path, operator = leaf.operand.path, leaf.comparisons[0].operator
        ref = self.reference(path)
        wanted: set[str] = set()
        for comparison in leaf.comparisons:
            for threshold in comparison.thresholds:
                wanted |= threshold if isinstance(threshold, frozenset) else set()
        if operator == "within":
            inside = " or ".join(f"startsWith(#, {zen.text(area)})" for area in sorted(wanted))
            around = " or ".join(f"startsWith({zen.text(area)}, #)" for area in sorted(wanted))
            return zen.among(ref, f"({inside})", f"({inside} or {around})")
        if operator == "rank":
            lengths = ", ".join(str(length) for rank in sorted(wanted) for length in _lengths(rank))
            return zen.among(ref, f"len(#) in [{lengths}]", f"len(#) in [{lengths}]")
        options = zen.texts(wanted)
        if self.place.pack.vocabulary.fields[path].type == "choices":
            return f"{ref} == null ? null : some({ref}, # in {options})"
        return zen.among(ref, f"# in {options}", f"# in {options}")

    def _ordered(self, operand: Operand, comparisons: tuple[Comparison, ...]) -> str:
        dated = isinstance(operand, FieldRef) and self.type_of(operand.path) == "date"
        ref = self.reference(operand.path) if dated and isinstance(operand, FieldRef) else self.value(operand)
        value = f"d({ref})" if dated else ref
        refs = [ref]
        tests = []
        for comparison in comparisons:
            ends = [self._threshold(item, dated, refs) for item in comparison.thresholds]
            if comparison.operator == "between":
                tests.append(
                    f"({value} >= {ends[0]} and {value} <= {ends[1]}{self._no_later(comparison, value)})"
                )
            else:
                tests.append(f"{value} {SYMBOLS[comparison.operator]} {ends[0]}")
        return guarded(refs, " or ".join(tests))

    def _no_later(self, comparison: Comparison, value: str) -> str:
        """The second half of an end of validity: not after the as-of date."""
        return f" and {value} <= d({AS_OF})" if isinstance(comparison.thresholds[-1], ValidityEnd) else ""

    def _threshold(self, item: Threshold, dated: bool, refs: list[str]) -> str:
        validity = self.place.pack.documents
        match item:
            case AsOf():
                return f"d({AS_OF})"
            case ValidityStart(document):
                return zen.day(validity[document].document.validity.start)
            case ValidityEnd(document):
                end = validity[document].document.validity.end
                return zen.day(end) if end else f"d({AS_OF})"
            case Parameter(id):
                key = self.sheet.add(self.place.key("v"), self._parameter(id, dated))
                refs.append(key)
                return key
            case Span() if item.is_point:
                return _point(item)
        raise Refused("门槛不是一个确定的数或日期")

    def _parameter(self, id: str, dated: bool) -> str:
        expression = "null"
        for value in reversed(self.place.pack.parameters[id].values):
            if dated or not isinstance(value.value, Span) or not value.value.is_point:
                raise Refused(f"参数“{id}”不是数")
            bounds = [f"d({AS_OF}) >= {zen.day(value.start)}"] if value.start else []
            bounds += [f"d({AS_OF}) <= {zen.day(value.end)}"] if value.end else []
            point = _point(value.value)
            expression = f"({' and '.join(bounds)} ? {point} : {expression})" if bounds else point
        return expression

    def _ratio(self, operand: Ratio, comparisons: tuple[Comparison, ...]) -> str:
        """Multiplied out, so that no division rounds."""
        of, to = self.value(operand.of), self.value(operand.to)
        refs, tests = [of, to], []
        for comparison in comparisons:
            ends = [self._threshold(item, False, refs) for item in comparison.thresholds]
            symbols = [">=", "<="] if comparison.operator == "between" else [SYMBOLS[comparison.operator]]
            pairs = zip(symbols, ends, strict=True)
            tests.append("(" + " and ".join(f"{of} {symbol} {end} * {to}" for symbol, end in pairs) + ")")
        return guarded(refs, f"{to} <= 0 ? null : ({' or '.join(tests)})")

    def _ranged(self, operand: Count | Sum, comparisons: tuple[Comparison, ...]) -> str:
        """A count or sum is a range [low, high]; high null is unbounded."""
        if len(comparisons) != 1:
            raise Refused("对记录数或合计写了几段范围")
        low, high = self.ends(operand)
        refs: list[str] = []
        ends = [self._threshold(item, False, refs) for item in comparisons[0].thresholds]
        first, last = ends[0], ends[-1]
        bounded = f"{high} != null and "
        yes, no = {
            "at_least": (f"{low} >= {first}", f"{bounded}{high} < {first}"),
            "above": (f"{low} > {first}", f"{bounded}{high} <= {first}"),
            "below": (f"{bounded}{high} < {first}", f"{low} >= {first}"),
            "at_most": (f"{bounded}{high} <= {first}", f"{low} > {first}"),
            "between": (
                f"{low} >= {first} and {bounded}{high} <= {last}",
                f"({bounded}{high} < {first}) or {low} > {last}",
            ),
        }[comparisons[0].operator]
        return guarded(refs, f"{yes} ? true : ({no} ? false : null)")


def _lengths(rank: str) -> tuple[int, int]:
    """Lengths of division codes of a rank."""
    return RANKS.index(rank) * 2, RANKS.index(rank) * 2 + 1


def _point(span: Span) -> str:
    return zen.day(span.low) if isinstance(span.low, date) else zen.number(span.low or 0)
