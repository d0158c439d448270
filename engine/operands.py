"""The truth of leaves: operands read from facts and tested against regions.

Shared by all executors that evaluate one profile; the list executor computes the same on columns. Filters
inside counts and sums are decided here too, by Kleene's logic over their trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypeVar

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
    Operand,
    Parameter,
    Ratio,
    Reference,
    Sum,
    Test,
    Threshold,
    Total,
    ValidityEnd,
    ValidityStart,
)
from engine.facts import Derivation, Facts, Known
from engine.pack import Pack
from engine.profile import ReviewFinding
from engine.regions import Intervals, OfRank, OneOf, Region, Value, Within, test, union
from engine.spans import EmptySpan, Span, add, quotient
from engine.truth import Truth, all_of, any_of, negated

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Reading:
    """A leaf's truth and what it rests on.

    ``missing`` names what would settle an unknown: fields, record lists, and (its own, or inside a filter)
    judgements and instruments; ``assumed`` says that an unknown counts as true; ``note`` is a reason in Chinese
    where the value itself does not tell.
    """

    truth: Truth
    value: Value | None = None
    missing: tuple[str, ...] = ()
    assumed: bool = False
    note: str = ""
    review: ReviewFinding | None = None
    inside: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An operand's possible values, None for anything; what is missing to know more; and why, if not obvious."""

    value: Value | None
    missing: tuple[str, ...] = ()
    note: str = ""
    inside: tuple[Node, ...] = ()
    """What was assumed in the filters of the operand."""


@dataclass(frozen=True, slots=True)
class Held:
    """The truth of a filter, what is missing where it is unknown, and what was assumed in it."""

    truth: Truth
    missing: tuple[str, ...] = ()
    assumed: tuple[Node, ...] = ()


WaitingKind = Literal["fact", "judgement", "other_policy"]
Reach = dict[str, Known]
"""The record in reach for each kind: of the subject, and of the filters around a condition."""


@dataclass(slots=True)
class LeafReader:
    """Reads leaves for one profile at one date."""

    pack: Pack
    facts: Facts
    regions: dict[int, Region | None] = field(default_factory=dict)
    """By the identity of a leaf's comparisons, which live as long as the program."""
    shared: dict[int, Reading] = field(default_factory=dict)
    """By the identity of the leaf. Facts must not change any more for what a leaf reads once it is read."""

    # Leaves

    def read_shared(self, leaf: Node) -> Reading:
        """The reading of a leaf that depends on no record in reach; read once for all scopes."""
        key = id(leaf)
        if key not in self.shared:
            self.shared[key] = self.read(leaf, {})
        return self.shared[key]

    def read(self, leaf: Node, reach: Reach) -> Reading:
        """The truth of one leaf."""
        match leaf:
            case Test():
                return self._test(leaf, reach)
            case Every():
                return self._every(leaf, reach)
            case Judgement(id) | Reference(id):
                truth, review = self.facts.review(id, self._about(reach))
                clash = "认定意见相互矛盾" if truth is None and review else ""
                return Reading(truth, missing=(id,) if truth is None else (), note=clash, review=review)
        raise TypeError(f"not a leaf: {leaf!r}")

    def _about(self, reach: Reach) -> str | None:
        """The name of the record in question: inside a filter that of the filter, not of the subject around it."""
        known = next(reversed(reach.values()), None)
        return known.record.id if known is not None and known.record is not None else None

    def _test(self, leaf: Test, reach: Reach) -> Reading:
        found = self.operand(leaf.operand, reach)
        if leaf.comparisons[0].operator == "known":
            return Reading(True if found.value is not None else None, found.value, found.missing)
        region = self.region(leaf.comparisons)
        if region is None:
            return Reading(None, found.value, (), note="评估日没有适用的参数")
        truth = self._meets(leaf, region, found, reach)
        # What is assumed stands for silence; where a stated and a derived value contradict each other, nothing is.
        if truth is None and leaf.assumed and self._clash(leaf, reach) is None:
            return Reading(True, found.value, found.missing, assumed=True, inside=found.inside)
        missing = found.missing
        if truth is None and not missing:
            missing = tuple(dict.fromkeys(_paths(leaf.operand)))
        missing = missing if truth is None else ()
        return Reading(truth, found.value, missing, note=found.note, inside=found.inside)

    def _meets(self, leaf: Test, region: Region, found: Found, reach: Reach) -> Truth:
        """Of a stated and a derived value that contradict each other, neither lies between: both must agree."""
        clash = self._clash(leaf, reach)
        if clash is None:
            return test(region, found.value)
        stated, derived = test(region, clash.stated), test(region, clash.derived)
        return stated if stated is derived else None

    def _clash(self, leaf: Test, reach: Reach) -> Derivation | None:
        """The contradiction between what is stated and what is derived of the leaf's field, if there is one."""
        if not isinstance(leaf.operand, FieldRef):
            return None
        found = self._holder(leaf.operand.path, reach).derivations.get(leaf.operand.path)
        return found if found is not None and found.conflict else None

    def _every(self, leaf: Every, reach: Reach) -> Reading:
        name = self.pack.vocabulary.records[leaf.kind].list
        if leaf.kind not in self.facts.records:
            return Reading(None, missing=(name,))
        results = [self._one_of_every(leaf, {**reach, leaf.kind: known}) for known in self.facts.records[leaf.kind]]
        held = _joined(all_of, results)
        if held.truth is True and leaf.kind in self.facts.partial:
            return Reading(None, missing=(name,), inside=held.assumed)
        return Reading(held.truth, missing=held.missing, inside=held.assumed)

    def _one_of_every(self, leaf: Every, inner: Reach) -> Held:
        that = self.tree(leaf.that, inner)
        if leaf.where is None:
            return that
        where = self.tree(leaf.where, inner)
        return _joined(any_of, [replace(where, truth=negated(where.truth)), that])

    def tree(self, node: Node, reach: Reach) -> Held:
        """Kleene truth of a filter."""
        match node:
            case All(parts) | Any(parts):
                results = [self.tree(part, reach) for part in parts]
                joined = _joined(all_of if isinstance(node, All) else any_of, results)
                if isinstance(node, Any) and node.fallback and results[0].truth is None and joined.truth is None:
                    # The judgement beside a doubtful condition is only needed once that turns out false.
                    return replace(joined, missing=results[0].missing)
                return joined
            case Not(part):
                held = self.tree(part, reach)
                return replace(held, truth=negated(held.truth))
            case _:
                reading = self.read(node, reach)
                assumed = (node, *reading.inside) if reading.assumed else reading.inside
                return Held(reading.truth, reading.missing if reading.truth is None else (), assumed)

    # Regions

    def region(self, comparisons: tuple[Comparison, ...]) -> Region | None:
        """What the comparisons accept at the as-of date; None where a dated threshold has no value then."""
        key = id(comparisons)
        if key not in self.regions:
            regions = [self._one_region(comparison) for comparison in comparisons]
            known = [region for region in regions if region is not None]
            whole = all(comparison.whole for comparison in comparisons)
            self.regions[key] = union(known, whole=whole) if len(known) == len(regions) else None
        return self.regions[key]

    def _one_region(self, comparison: Comparison) -> Region | None:
        thresholds = [self.threshold(item) for item in comparison.thresholds]
        if not thresholds or any(item is None for item in thresholds):
            return None
        first = thresholds[0]
        if isinstance(first, frozenset):
            kinds: dict[str, type[OneOf] | type[Within] | type[OfRank]]
            kinds = {"in": OneOf, "within": Within, "rank": OfRank}
            return kinds[comparison.operator](first)
        points = [item.low for item in thresholds if isinstance(item, Span)]
        match comparison.operator:
            case "above":
                return Intervals((Span(points[0], None, low_open=True),))
            case "at_least":
                return Intervals((Span(points[0], None),))
            case "below":
                return Intervals((Span(None, points[0], high_open=True),))
            case "at_most":
                return Intervals((Span(None, points[0]),))
        try:
            return Intervals((Span(points[0], points[1]),))
        except EmptySpan:
            # A validity that has not begun accepts nothing.
            return Intervals(())

    def threshold(self, threshold: Threshold) -> Value | None:
        """The value of a threshold at the as-of date."""
        match threshold:
            case AsOf():
                return Span.exactly(self.facts.as_of)
            case ValidityStart(document):
                return Span.exactly(self.pack.documents[document].document.validity.start)
            case ValidityEnd(document):
                end = self.pack.documents[document].document.validity.end
                return Span.exactly(self.facts.as_of if end is None else min(end, self.facts.as_of))
            case Parameter(id):
                dated = self.pack.parameters[id].at(self.facts.as_of)
                return dated.value if dated else None
            case _:
                return threshold

    # Operands

    def operand(self, operand: Operand, reach: Reach) -> Found:
        """The possible values of an operand."""
        match operand:
            case FieldRef(path):
                value = self._holder(path, reach).values.get(path)
                return Found(value, () if value is not None else (path,))
            case Annual(path, offset):
                return self._annual(path, self.facts.as_of.year + offset)
            case AnnualSum():
                return self._annual_sum(operand)
            case Total(paths):
                return self._total([self.operand(FieldRef(path), reach) for path in paths])
            case Count():
                return self._count(operand, reach)
            case Sum():
                return self._sum(operand, reach)
            case Ratio():
                return self._ratio(operand, reach)
            case DaysSince(path):
                value = self._holder(path, reach).values.get(path)
                if not isinstance(value, Span):
                    return Found(None, (path,))
                return Found(Span(self._days(value.high), self._days(value.low)))
        raise TypeError(f"not an operand: {operand!r}")

    def _holder(self, path: str, reach: Reach) -> Known:
        kind = self.pack.vocabulary.fields[path].record
        return reach[kind] if kind else self.facts.enterprise

    def _days(self, day: object) -> int | None:
        return (self.facts.as_of - day).days if isinstance(day, date) else None

    def _annual(self, path: str, year: int) -> Found:
        """An absent year is unknown, never an older one (DESIGN 2.16)."""
        if "annual" not in self.facts.records:
            return Found(None, ("annuals",), f"缺少{year}年的年度数据")
        for known in self.facts.records["annual"]:
            if known.values.get("annual.fiscal_year") == Span.exactly(year):
                value = known.values.get(path)
                return Found(value, () if value is not None else (path,), "" if value is not None else f"{year}年未填")
        return Found(None, (path,), f"缺少{year}年的年度数据")

    def _annual_sum(self, operand: AnnualSum) -> Found:
        """The years, less those that ended before the date ``since``; an uncertain date leaves the sum unknown."""
        last = self.facts.as_of.year - 1
        years = range(last - operand.years + 1, last + 1)
        if operand.since is not None:
            founded = self.facts.enterprise.values.get(operand.since)
            if not isinstance(founded, Span) or not isinstance(founded.low, date) or not isinstance(founded.high, date):
                return Found(None, (operand.since,))
            if max(founded.low.year, years.start) != max(founded.high.year, years.start):
                return Found(None, (operand.since,))
            years = range(max(founded.low.year, years.start), last + 1)
        return self._total([self._annual(operand.path, year) for year in years])

    def _total(self, parts: list[Found]) -> Found:
        missing = tuple(dict.fromkeys(name for part in parts for name in part.missing))
        total = Span.exactly(0)
        for part in parts:
            if not isinstance(part.value, Span):
                note = next((item.note for item in parts if item.note), "")
                return Found(None, missing, note)
            total = add(total, part.value)
        return Found(total, missing)

    def _ratio(self, operand: Ratio, reach: Reach) -> Found:
        of, to = self.operand(operand.of, reach), self.operand(operand.to, reach)
        missing = tuple(dict.fromkeys((*of.missing, *to.missing)))
        if not isinstance(of.value, Span) or not isinstance(to.value, Span):
            return Found(None, missing, of.note or to.note)
        result = quotient(of.value, to.value)
        return Found(result, missing, "" if result else "分母为零、为负或可能为零，比值无意义")

    # Aggregates

    def matches(self, kind: str, where: Node | None, reach: Reach) -> Iterator[tuple[Known, Held]]:
        """Each record of a kind with how the filter holds for it, the impossible ones left out."""
        for known in self.facts.records.get(kind, ()):
            held = Held(True) if where is None else self.tree(where, {**reach, kind: known})
            if held.truth is not False:
                yield known, held

    def open_list(self, kind: str) -> tuple[str, ...]:
        """The list's name where it is missing or partial, so that further records are possible."""
        if kind in self.facts.records and kind not in self.facts.partial:
            return ()
        return (self.pack.vocabulary.records[kind].list,)

    def _count(self, operand: Count, reach: Reach) -> Found:
        held = [item for _, item in self.matches(operand.kind, operand.where, reach)]
        certain = sum(item.truth is True for item in held)
        high = None if self.open_list(operand.kind) else len(held)
        missing = [*self.open_list(operand.kind), *(name for item in held for name in item.missing)]
        assumed = [node for item in held for node in item.assumed]
        return Found(Span(certain, high), _once(missing), inside=_once(assumed))

    def _sum(self, operand: Sum, reach: Reach) -> Found:
        kind = operand.path.partition(".")[0]
        total = Span(0, None) if self.open_list(kind) else Span.exactly(0)
        missing: dict[str, None] = dict.fromkeys(self.open_list(kind))
        assumed: list[Node] = []
        for known, held in self.matches(kind, operand.where, reach):
            amount = amount_of(known, operand.path)
            if operand.path not in known.values:
                missing[operand.path] = None
            missing.update(dict.fromkeys(held.missing))
            assumed += held.assumed
            total = add(total, amount if held.truth else replace(amount, low=0, low_open=False))
        return Found(total, tuple(missing), inside=_once(assumed))


def _joined(join: Callable[[Iterable[Truth]], Truth], parts: Sequence[Held]) -> Held:
    """Several as one: what an unknown part lacks is lacking where the whole is unknown."""
    truth = join(part.truth for part in parts)
    lacking = (name for part in parts if part.truth is None for name in part.missing)
    assumed = _once(node for part in parts for node in part.assumed)
    return Held(truth, _once(lacking) if truth is None else (), assumed)


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


def waits_for(name: str, pack: Pack) -> WaitingKind:
    """What kind of thing a name in ``Reading.missing`` is: a field or list, a judgement, an instrument."""
    if name in pack.vocabulary.fields or any(name == kind.list for kind in pack.vocabulary.records.values()):
        return "fact"
    return "other_policy" if any(name in file.instruments for file in pack.documents.values()) else "judgement"


def amount_of(known: Known, path: str) -> Span:
    """A record's amount; one that is not given is anything from zero (never negative, by the vocabulary)."""
    value = known.values.get(path)
    return value if isinstance(value, Span) else Span(0, None)


def _paths(operand: Operand) -> Iterable[str]:
    match operand:
        case FieldRef(path) | Annual(path) | AnnualSum(path) | Sum(path) | DaysSince(path):
            yield path
        case Count(kind):
            yield kind
        case Total(paths):
            yield from paths
        case Ratio(of, to):
            yield from _paths(of)
            yield from _paths(to)


