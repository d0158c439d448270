"""Random profiles from a pack: seeded, stratified, at the edges of what the pack asks.

A profile is aimed at one measure: its conditions are walked and each atom is given a value at, just inside or
just outside what it accepts. Then noise is laid over it: ranges across the edges, sets, missing fields and
lists, partial and empty lists, further records, findings that refuse, contradict or come too late, and stated
values that contradict derived ones. ``complete`` leaves the noise out and fills in whatever the pack reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any as Raw

from engine.compiler import compile_pack
from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Any,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Operand,
    Ratio,
    Reference,
    Sum,
    Test,
    Total,
)
from engine.dependencies import fields_of, leaves_of, operand_fields
from engine.documents import Proportional
from engine.evaluation import evaluate
from engine.pack import Measure, Pack
from engine.profile import Profile
from engine.reference import ReferenceSolver
from engine.regions import Intervals, OneOf, Region, Several, Value
from engine.regions import test as answer
from engine.spans import Number, Point, Span
from engine.vocabulary import VocabularyField
from tests.conformance.noise import spoil
from tests.conformance.writing import STEPS, written

Figures = dict[str, Value]
"""Values of the enterprise or of one record by path."""

CODES = ("", "11", "12", "13", "1310", "131022", "131082", "1306", "110115", "110112", "110108", "120112")
INDUSTRIES = ("I65", "I64", "C", "F51", "K701", "M", "A", "J66", "E47")


@dataclass(slots=True)
class Draft:
    """A profile being made."""

    as_of: date
    values: Figures = field(default_factory=dict)
    records: dict[str, list[Figures]] = field(default_factory=dict)
    partial: set[str] = field(default_factory=set)
    findings: list[dict[str, Raw]] = field(default_factory=list)


class Profiles:
    """Profiles for one pack. The same seed gives the same profiles in the same order."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self.pack, self.rng = pack, Random(seed)
        self.nodes = [measure.condition for measure in pack.measures]
        self.nodes += [when for item in pack.derived for when, _ in item.cases]
        self.nodes += [node for check in pack.checks for node in (check.unless, check.condition)]
        bases = [measure.base for measure in pack.measures if measure.base is not None]
        benefits = [measure.spec.benefit for measure in pack.measures]
        self.read = sorted(
            {path for node in self.nodes for path in fields_of(node)}
            | {path for base in bases for path in operand_fields(base)}
            | {b.per_year for b in benefits if isinstance(b, Proportional) and b.per_year is not None}
        )
        self.kinds = sorted({path.partition(".")[0] for path in self.read if "." in path} | set(self._kinds()))
        self.open = sorted({leaf.id for leaf in self._leaves() if isinstance(leaf, Judgement | Reference)})
        self._accepted: dict[date, dict[int, Region | None]] = {}
        self._edges: dict[date, dict[str, list[Point]]] = {}

    # What the pack asks

    def _leaves(self) -> Iterator[Node]:
        todo = list(self.nodes)
        while todo:
            for leaf in leaves_of(todo.pop()):
                yield leaf
                inner = [leaf.where, leaf.that] if isinstance(leaf, Every) else []
                inner += [getattr(leaf.operand, "where", None)] if isinstance(leaf, Test) else []
                todo += [node for node in inner if node is not None]

    def _kinds(self) -> Iterator[str]:
        yield from (measure.subject for measure in self.pack.measures if measure.subject)
        for leaf in self._leaves():
            if isinstance(leaf, Every):
                yield leaf.kind
            elif isinstance(leaf, Test) and isinstance(leaf.operand, Count):
                yield leaf.operand.kind

    def region(self, test: Test, as_of: date) -> Region | None:
        """What a test accepts on a day."""
        known = self._accepted.setdefault(as_of, {})
        if id(test) not in known:
            reader = evaluate(compile_pack(self.pack), Profile({}, {}), as_of, ReferenceSolver()).reader
            for leaf in self._leaves():
                if isinstance(leaf, Test):
                    known[id(leaf)] = reader.region(leaf.comparisons) if leaf.comparisons[0].thresholds else None
        return known[id(test)]

    def edges(self, path: str, as_of: date) -> list[Point]:
        """The ends of everything that the pack asks of a figure or a date."""
        if as_of not in self._edges:
            found: dict[str, list[Point]] = {}
            for leaf in self._leaves():
                if isinstance(leaf, Test) and isinstance(region := self.region(leaf, as_of), Intervals):
                    ends = [end for span in region.spans for end in (span.low, span.high) if end is not None]
                    for name in () if isinstance(leaf.operand, Ratio | Count) else operand_fields(leaf.operand):
                        found.setdefault(name, []).extend(ends)
            self._edges[as_of] = found
        typed = self.pack.vocabulary.fields[path]
        wanted = date if typed.type == "date" else Number
        return [end for end in self._edges[as_of].get(path, []) if isinstance(end, wanted)]

    # One profile

    def profile(self, as_of: date, target: Measure | None, noise: float) -> dict[str, Raw]:
        """A profile as one writes it; ``noise`` is the share of values that are spoilt."""
        draft = Draft(as_of)
        if target is not None:
            self._aim(target, draft)
            for _ in range(self.rng.choice((0, 0, 1, 3))):
                self._aim(self.rng.choice(self.pack.measures), draft)
        spoil(self, draft, noise)
        return self._written(draft)

    def complete(self, as_of: date, target: Measure) -> dict[str, Raw]:
        """A profile in which everything that the pack reads is known exactly."""
        draft = Draft(as_of)
        self._aim(target, draft)
        if self.rng.random() < 0.5:
            self._aim(self.rng.choice(self.pack.measures), draft)
        for kind in self.kinds:
            draft.records.setdefault(kind, [])
        self._years(draft)
        self.fill(draft, 1.0)
        answers = {item["judgement"]: item for item in draft.findings}
        draft.findings = list(answers.values())
        for name in self.open:
            if name not in answers:
                self.find(draft, name, self.rng.random() < 0.5)
        return self._written(draft)

    def _aim(self, target: Measure, draft: Draft) -> None:
        reach: dict[str, Figures] = {}
        if target.subject is not None:
            for _ in range(self.rng.choice((1, 1, 1, 2))):
                reach = {target.subject: self.record(draft, target.subject)}
                self._satisfy(target.condition, True, reach, draft)
        else:
            self._satisfy(target.condition, True, reach, draft)
        if target.base is not None:
            self._set(target.base, self.rng.choice((10**8, 10**8 - 1, 10**8 + 1, 5 * 10**6, 0)), reach, draft)

    def record(self, draft: Draft, kind: str) -> Figures:
        """Add a record, most often with a name of its own."""
        listed = draft.records.setdefault(kind, [])
        listed.append({f"{kind}.id": frozenset({f"{kind}-{len(listed)}"})} if self.rng.random() < 0.7 else {})
        return listed[-1]

    def _satisfy(self, node: Node, want: bool, reach: dict[str, Figures], draft: Draft) -> None:
        match node:
            case All(parts) | Any(parts):
                if isinstance(node, All) is want:
                    for part in parts:
                        self._satisfy(part, want, reach, draft)
                else:
                    first = isinstance(node, Any) and node.fallback and self.rng.random() < 0.7
                    self._satisfy(parts[0] if first else self.rng.choice(parts), want, reach, draft)
            case Not(part):
                self._satisfy(part, not want, reach, draft)
            case Judgement(id) | Reference(id):
                self.find(draft, id, want)
            case Every(kind, where, that):
                inner = {**reach, kind: self.record(draft, kind)}
                if where is not None:
                    self._satisfy(where, True, inner, draft)
                self._satisfy(that, want, inner, draft)
            case Test():
                self._atom(node, want, reach, draft)

    def _atom(self, test: Test, want: bool, reach: dict[str, Figures], draft: Draft) -> None:
        region = self.region(test, draft.as_of)
        match test.operand:
            case FieldRef(path):
                holder = self._holder(path, reach, draft)
                if region is None or (path in holder and answer(region, holder[path]) is want):
                    holder.setdefault(path, self.any_value(path, draft.as_of))
                else:
                    holder[path] = self._chosen(self.pack.vocabulary.fields[path], region, want)
            case Count(kind, where):
                number = self._number(region, want, 1, 0)
                for _ in range(max(0, min(int(number), 4)) or int(self.rng.random() < 0.3)):
                    inner = {**reach, kind: self.record(draft, kind)}
                    if where is not None:
                        self._satisfy(where, number > 0, inner, draft)
                draft.records.setdefault(kind, [])
            case DaysSince(path):
                days = int(self._number(region, want, 1, None))
                self._holder(path, reach, draft)[path] = Span.exactly(draft.as_of - timedelta(days=days))
            case Ratio(of, to):
                share = Fraction(self._number(region, want, Fraction(1, 1000), 0))
                self._set(to, 10_000_000, reach, draft)
                self._set(of, share * 10_000_000, reach, draft)
            case operand:
                self._set(operand, self._number(region, want, 1, 0), reach, draft)

    def _set(self, operand: Operand, number: Number, reach: dict[str, Figures], draft: Draft) -> None:
        """Give an operand a value."""
        match operand:
            case FieldRef(path):
                self._holder(path, reach, draft)[path] = Span.exactly(number)
            case Annual(path, offset):
                self._year(draft, draft.as_of.year + offset)[path] = Span.exactly(number)
            case AnnualSum(path, years):
                for back in range(1, years + 1):
                    self._year(draft, draft.as_of.year - back)[path] = Span.exactly(number if back == 1 else 0)
            case Total(paths):
                for path in paths:
                    draft.values[path] = Span.exactly(number if path == paths[0] else 0)
            case Sum(path, where):
                kind = path.partition(".")[0]
                inner = {**reach, kind: self.record(draft, kind)}
                if where is not None:
                    self._satisfy(where, True, inner, draft)
                inner[kind][path] = Span.exactly(number)

    def _year(self, draft: Draft, year: int) -> Figures:
        for record in draft.records.setdefault("annual", []):
            if record["annual.fiscal_year"] == Span.exactly(year):
                return record
        draft.records["annual"].append({"annual.fiscal_year": Span.exactly(year)})
        return draft.records["annual"][-1]

    def _years(self, draft: Draft) -> None:
        if "annual" in self.kinds:
            for back in range(1, 5):
                self._year(draft, draft.as_of.year - back)

    def _holder(self, path: str, reach: dict[str, Figures], draft: Draft) -> Figures:
        kind = self.pack.vocabulary.fields[path].record
        return reach[kind] if kind is not None else draft.values

    def find(self, draft: Draft, name: str, want: bool, **keys: Raw) -> None:
        """Add a reviewer\'s finding of the last days."""
        day = draft.as_of - timedelta(days=self.rng.choice((0, 1, 30)))
        given = {"judgement": name, "finding": "yes" if want else "no", "by": "审核人", "on": day, "why": "已核实"}
        draft.findings.append({**given, **keys})

    # Values

    def _number(self, region: Region | None, want: bool, step: Number, least: Number | None) -> Number:
        """A number at an edge, inside or outside."""
        ends = [
            end for span in getattr(region, "spans", ()) for end in (span.low, span.high) if isinstance(end, Number)
        ]
        near = [end + shift * step for end in ends or [1] for shift in (-100, -1, 0, 1, 100)]
        allowed = [number for number in near if least is None or number >= least]
        fitting = [n for n in allowed if region is None or answer(region, Span.exactly(n)) is want]
        return self.rng.choice(fitting or allowed or [least or 0])

    def _chosen(self, typed: VocabularyField, region: Region, want: bool) -> Value:
        """An exact value that is, or is not, accepted."""
        match region:
            case Intervals(spans) if typed.type == "date":
                ends = [end for span in spans for end in (span.low, span.high) if isinstance(end, date)]
                days = [
                    end + timedelta(days=shift) for end in ends or [date(2020, 1, 1)] for shift in (-400, -1, 0, 1, 400)
                ]
                fitting = [day for day in days if answer(region, Span.exactly(day)) is want]
                return Span.exactly(self.rng.choice(fitting or days))
            case Intervals():
                return Span.exactly(self._number(region, want, STEPS[typed.type], typed.least))
            case OneOf(options) if typed.type == "choices":
                pool = set(options) if want else set(typed.options) - options
                chosen = {item for item in sorted(set(typed.options) - options) if self.rng.random() < 0.1}
                if pool and (want or self.rng.random() < 0.8):
                    chosen.add(self.rng.choice(sorted(pool)))
                return Several(frozenset(chosen), frozenset(chosen))
            case _:
                codes = sorted(
                    self.codes(typed) | set(getattr(region, "areas", ())) | set(getattr(region, "options", ()))
                )
                fitting_codes = [code for code in codes if answer(region, frozenset({code})) is want]
                return frozenset({self.rng.choice(fitting_codes or codes)})

    def codes(self, typed: VocabularyField) -> set[str]:
        """What a field of options or codes can be given as."""
        if typed.type in ("choice", "yes_no"):
            return set(typed.options)
        if typed.type == "division":
            return set(CODES)
        return set(INDUSTRIES) if typed.type == "industry" else {"甲", "乙"}

    def any_value(self, path: str, as_of: date) -> Value:
        """An exact value, wherever it lies."""
        typed = self.pack.vocabulary.fields[path]
        if typed.type == "date":
            days: list[Point] = [*self.edges(path, as_of), as_of, date(2020, 1, 1)]
            day = self.rng.choice(days)
            assert isinstance(day, date)
            return Span.exactly(day + timedelta(days=self.rng.choice((-1, 0, 1, 200))))
        if typed.type in STEPS:
            step = STEPS[typed.type]
            end = self.rng.choice([end for end in self.edges(path, as_of) if isinstance(end, Number)] or [10])
            number = end + self.rng.choice((-1, 0, 1, 50)) * step
            return Span.exactly(number if typed.least is None or number >= typed.least else end)
        if typed.type == "choices":
            chosen = frozenset(item for item in typed.options if self.rng.random() < 2 / len(typed.options))
            return Several(chosen, chosen)
        return frozenset({self.rng.choice(sorted(self.codes(typed)))})

    def fill(self, draft: Draft, share: float) -> None:
        """Give fields that have no value one."""
        for path in self.read:
            kind = self.pack.vocabulary.fields[path].record
            if kind in ("annual", "finding") and path.endswith((".fiscal_year", "finding.on")):
                continue
            for holder in [draft.values] if kind is None else draft.records.get(kind, []):
                if path not in holder and self.rng.random() < share:
                    holder[path] = self.any_value(path, draft.as_of)

    # Writing

    def _written(self, draft: Draft) -> dict[str, Raw]:
        fields = self.pack.vocabulary.fields
        result: dict[str, Raw] = {path: written(value, fields[path]) for path, value in draft.values.items()}
        for kind, records in draft.records.items():
            items = [{p.partition(".")[2]: written(v, fields[p]) for p, v in record.items()} for record in records]
            name = self.pack.vocabulary.records[kind].list
            result[name] = {"partial": True, "items": items} if kind in draft.partial else items
        result["findings"] = [{**item, "on": str(item["on"])} for item in draft.findings]
        return result
