"""Boundary cases of a measure: for every condition a profile that just meets it, one that just misses it, one that
leaves it open. The solver proposes profiles in which this very condition decides; the reference executor says what
comes out.

A value that misses a choice is given as "one of all others", so that a case notices an option that is let in later;
a place that misses an area is its neighbour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any as Raw

import z3

from engine.completions.cells import is_coded
from engine.completions.cone import inner
from engine.completions.examination import Replay, around_of
from engine.completions.holders import Holder, Reach
from engine.completions.measure_checks import MeasureCheck
from engine.completions.rails import FALSE, TRUE, Formula, Rails, conjunction, disjunction, negation
from engine.completions.units import alternatives, nodes, units
from engine.completions.witness import Data, named_option
from engine.conditions import Annual, Any, FieldRef, Judgement, Node, Reference, Sum, Test
from engine.dependencies import fields_of, leaves_of
from engine.documents import Proportional
from engine.generated_cases import GeneratedCase
from engine.pack import Measure
from engine.program import Program, Stage
from engine.regions import Intervals, OneOf
from engine.wording import describe


def boundary_cases(
    program: Program, measure: Measure, as_of: date, derived: tuple[str, ...] = ()
) -> list[GeneratedCase]:
    """The cases of a measure, each profile once; with those of the facts ``derived`` that it rests on."""
    return CaseMaker(MeasureCheck(program, measure, as_of)).run(derived)


@dataclass(slots=True)
class CaseMaker:
    """Makes the boundary cases of one measure."""

    check: MeasureCheck
    made: dict[str, GeneratedCase] = field(default_factory=dict)

    def run(self, derived: tuple[str, ...]) -> list[GeneratedCase]:
        """Met, missed by one unit and unknown for each condition; ``derived`` names fields that are not given."""
        model = self.check.examination.find(self.check.eligible)
        if model is None:
            return []
        self._add("全部满足", self._profile(model))
        condition = self.check.measure.condition
        whole = {id(leaf): unit.node for unit in units(condition) for leaf in leaves_of(unit.node)}
        for leaf, reach in self._leaves(condition, self.check.reach()):
            self._leaf(leaf, reach, whole.get(id(leaf), leaf))
        self._doubts()
        self._amounts()
        for path in derived:
            for stage in self.check.examination.world.cone.stages.get(path, ()):
                self._stage(stage)
        return list(self.made.values())

    # Conditions

    def _leaves(self, node: Node, reach: Reach) -> Iterator[tuple[Node, Reach]]:
        """The leaves with the records that they look at: of a filter, the first record of its kind."""
        for part in nodes(node):
            if isinstance(part, Judgement) and part.fallback:
                continue
            if isinstance(part, Judgement | Reference) or (isinstance(part, Test) and not inner(part)):
                yield part, self._reach_of(part, reach)

    def _reach_of(self, leaf: Node, reach: Reach) -> Reach:
        path = leaf.operand.path if isinstance(leaf, Test) and hasattr(leaf.operand, "path") else ""
        kind = self.check.program.pack.vocabulary.fields[path].record if path else None
        if kind is None or kind in reach or (isinstance(leaf, Test) and not isinstance(leaf.operand, FieldRef)):
            return reach
        return {**reach, kind: self.check.examination.world.holders(kind)[0]}

    def _leaf(self, leaf: Node, reach: Reach, whole: Node) -> None:
        """The cases of a leaf; it is missed together with what its shorthand says beside it (``whole``)."""
        label = describe(leaf, self.check.program.pack)
        met = self._flips({id(leaf): FALSE})
        missed = self._flips({id(whole): TRUE})
        if not isinstance(leaf, Test):
            self._try(f"认定为否：{label}", missed)
            self._open(label, leaf, reach, met)
            return
        region = self.check.examination.world.cone.region(leaf.comparisons)
        if leaf.comparisons[0].operator == "known" or region is None:
            self._open(label, leaf, reach, met)
        elif isinstance(region, Intervals):
            for name, there, goal in self._ends(leaf, reach, region):
                # An assumed condition holds without its field too, so the field must not go.
                keep = {path.rpartition(".")[2] for path in fields_of(leaf)} if leaf.assumed else ()
                self._try(f"{name}：{label}", met if there else missed, goal, keep=keep)
            self._open(label, leaf, reach, met)
        else:
            for alternative in alternatives(leaf):
                piece = describe(Test(leaf.operand, (alternative.alone,)), self.check.program.pack)
                self._try(f"满足：{piece}", self._flips({id(leaf): alternative.without}))
            self._beyond(label, leaf, reach, missed)
            self._open(label, leaf, reach, met)

    def _ends(self, leaf: Test, reach: Reach, region: Intervals) -> Iterator[tuple[str, bool, Formula]]:
        """Just inside and just outside each end: a name, whether the condition is met, and where that is."""
        figure = self.check.examination.world.figure(leaf.operand, reach)
        here, less, more = (figure.moved(units).test(region) for units in (0, -1, 1))
        yield "下限刚好满足", True, conjunction([here.true, less.is_false])
        yield "上限刚好满足", True, conjunction([here.true, more.is_false])
        yield "差一点到下限", False, conjunction([here.is_false, more.true])
        yield "刚超过上限", False, conjunction([here.is_false, less.true])

    def _flips(self, forced: dict[int, Rails | Test]) -> Formula:
        eligible, ineligible = self.check.outcome(forced)
        one = conjunction([self.check.eligible, ineligible])
        return disjunction([one, conjunction([self.check.ineligible, eligible])])

    def _try(self, name: str, *goals: Formula, keep: Collection[str] = ()) -> Data | None:
        model = self.check.examination.find(*goals)
        if model is None:
            return None
        data = self._profile(model, keep)
        self._add(name, data)
        return data

    def _open(self, label: str, leaf: Node, reach: Reach, met: Formula) -> None:
        """A profile in which the condition decides, without what it asks for."""
        model = self.check.examination.find(met)
        if model is None:
            return
        data = self._profile(model)
        for place, name in self._asked(leaf, reach, data):
            place.pop(name, None)
        if isinstance(leaf, Judgement | Reference):
            _without_finding(data, leaf.id)
        self._add(f"未填写：{label}", data)

    def _asked(self, leaf: Node, reach: Reach, data: Data) -> list[tuple[Data, str]]:
        """Where a profile states the fields that a test reads."""
        if not isinstance(leaf, Test):
            return []
        operand = leaf.operand
        parts = [operand.of, operand.to] if hasattr(operand, "of") else [operand]  # type: ignore[union-attr]
        found: list[tuple[Data, str]] = []
        for part in parts:
            for path in [part.path] if hasattr(part, "path") else getattr(part, "paths", ()):
                kind, _, name = path.rpartition(".")
                if not kind:
                    found.append((data, name))
                    continue
                items = data.get(self.check.program.pack.vocabulary.records[kind].list, [])
                found += [(item, name) for item in items if not isinstance(part, Annual) or _of_year(item, part, self)]
        return found

    def _beyond(self, label: str, leaf: Test, reach: Reach, missed: Formula) -> None:
        """Next to what is accepted: a neighbouring place, all other options."""
        if not isinstance(leaf.operand, FieldRef):
            return
        path = leaf.operand.path
        region = self.check.examination.world.cone.region(leaf.comparisons)
        typed = self.check.program.pack.vocabulary.fields[path]
        holder = self._holder(path, reach)
        around = around_of(region) if is_coded(typed) else None
        near = None if around is None else self.check.examination.world.variable(path, holder).inside(around)
        model = None if near is None else self.check.examination.find(missed, near)
        if near is not None and isinstance(around, OneOf):
            # An exact code is missed by the one above it and by any other.
            self._try(f"不满足（上一级）：{label}", missed, near)
            model = self.check.examination.find(missed, negation(near))
        if model is None:
            model = self.check.examination.find(missed)
        if model is None:
            return
        data = self._profile(model)
        if isinstance(region, OneOf) and typed.options:
            verdict = self._verdict(data)
            wider = deepcopy(data)
            others = [named_option(typed, key) for key in typed.options if key not in region.options]
            for place, name in self._asked(leaf, reach, wider):
                if name in place and others:
                    place[name] = others[0] if len(others) == 1 and typed.type != "choices" else others
            if self._verdict(wider) == verdict:
                data = wider
        self._add(f"不满足：{label}", data)

    def _holder(self, path: str, reach: Reach) -> Holder:
        kind = self.check.program.pack.vocabulary.fields[path].record
        return reach[kind] if kind else self.check.examination.world.enterprise

    def _doubts(self) -> None:
        """A soft or open condition that is missed and on which nobody has decided."""
        for node in nodes(self.check.measure.condition):
            if not (isinstance(node, Any) and node.fallback and isinstance(node.parts[1], Judgement)):
                continue
            model = self.check.examination.find(self._flips({id(node.parts[0]): TRUE}))
            if model is not None:
                data = self._profile(model)
                _without_finding(data, node.parts[1].id)
                self._add(f"存疑：{describe(node.parts[0], self.check.program.pack)}", data)

    # Amounts and derived facts

    def _amounts(self) -> None:
        """Just below, at and beyond the cap; then two records that exceed it together, and in two years."""
        benefit, base = self.check.measure.spec.benefit, self.check.measure.base
        if not isinstance(benefit, Proportional) or not isinstance(base, FieldRef | Sum):
            return
        units = self.check.examination.world.figure(base, self.check.reach()).corners[0][0]
        if benefit.cap is None:
            self._try("一般基数", self.check.eligible, units == 1234567)
            return
        edge = ceil(Fraction(benefit.cap.amount) * 100 / Fraction(benefit.rate))
        for name, fen in (("差1分到上限", edge - 1), ("刚到上限", edge), ("超过上限", edge * 3)):
            self._try(name, self.check.eligible, units == fen)
        kind = base.path.partition(".")[0]
        dated = (benefit.per_year or "").rpartition(".")[2]
        alone = [negation(holder.present) for holder in self.check.examination.world.holders(kind)[1:]]
        goals = (self.check.eligible, units == edge * 2 // 3, *alone)
        data = self._try("上限的三分之二", *goals, keep={dated} if dated else ())
        if data is None:
            return
        name = self.check.program.pack.vocabulary.records[kind].list
        again = _twice(data, name)
        self._add("两条合计超过上限", again)
        if dated:
            first, second = again[name]
            first[dated] = second[dated] = f"{self.check.as_of.year}-01-01"
            self._add("两条同年", deepcopy(again))
            second[dated] = f"{self.check.as_of.year - 1}-12-31"
            self._add("两条分属两年", again)

    def _stage(self, stage: Stage) -> None:
        """The cases of a derived fact, in profiles where all else is met."""
        world = self.check.examination.world
        reading = [
            leaf
            for leaf in nodes(self.check.measure.condition)
            if isinstance(leaf, Test) and getattr(leaf.operand, "path", "") == stage.derived.field
        ]
        if not reading:
            return
        kind = stage.derived.record
        reach: Reach = {kind: world.holders(kind)[0]} if kind else {}
        label = world.cone.program.pack.vocabulary.label(stage.derived.field)
        eligible, _ = self.check.outcome({id(reading[0]): TRUE})
        before: list[Formula] = [eligible]
        for when, _ in stage.derived.cases:
            rails = world.tree(when, reach)
            for leaf, reach_ in self._leaves(when, reach):
                if isinstance(leaf, Test) and isinstance(world.cone.region(leaf.comparisons), Intervals):
                    self._derived_ends(f"推导{label}", leaf, reach_, when, before, stage.derived.field)
            before.append(rails.is_false)

    def _derived_ends(
        self, label: str, leaf: Test, reach: Reach, when: Node, before: list[Formula], path: str
    ) -> None:
        world = self.check.examination.world
        region = world.cone.region(leaf.comparisons)
        if not isinstance(region, Intervals):
            return
        actual = world.tree(when, reach)
        without, granted = (world.tree(when, reach, {id(leaf): forced}) for forced in (FALSE, TRUE))
        told = f"{label}（{describe(leaf, self.check.program.pack)}）"
        for name, there, goal in self._ends(leaf, reach, region):
            decisive = (actual.true, without.is_false) if there else (actual.is_false, granted.true)
            model = self.check.examination.find(*before, *decisive, goal)
            if model is not None:
                data = self.check.examination.profile(model)
                _forget(data, path)
                number = sum(key.startswith(f"{told}：{name}") for key in self.made)
                self._add(f"{told}：{name}" + (f"（{number + 1}）" if number else ""), data)

    # Profiles

    def _profile(self, model: z3.ModelRef, keep: Collection[str] = ()) -> Data:
        """The profile without what its verdict does not need."""
        return self.check.replay.shorter(self.check.examination.profile(model), keep)

    def _add(self, name: str, data: Data) -> None:
        """Take in a case. Which names there are must not depend on the values that the solver picks."""
        if name not in self.made:
            self.made[name] = self.case(name, data, self.check.as_of)

    def case(self, name: str, data: Data, as_of: date) -> GeneratedCase:
        """What the reference executor says of a profile on a day."""
        result = Replay(self.check.program.pack, self.check.measure, as_of).result(data)
        between = result.amount_range_yuan if result.verdict == "eligible" and not result.amount_yuan else None
        return GeneratedCase(
            name, self.check.measure.id, as_of, deepcopy(data), result.verdict, result.amount_yuan, between
        )

    def _verdict(self, data: Data) -> str:
        return self.check.replay.result(data).verdict


def _without_finding(data: Data, judgement: str) -> None:
    """Take back what was decided on a judgement."""
    left = [item for item in data.pop("findings", []) if item["judgement"] != judgement]
    if left:
        data["findings"] = left


def _twice(data: Data, name: str) -> Data:
    """The profile with its one record of a list twice, the second under another name, with the same findings."""
    again = deepcopy(data)
    first = again[name][0]
    second = {**deepcopy(first), "id": f"{first['id']}二"}
    again[name].append(second)
    again["findings"] = [
        *again.get("findings", []),
        *({**item, "about": second["id"]} for item in again.get("findings", []) if item.get("about") == first["id"]),
    ]
    if not again["findings"]:
        del again["findings"]
    return again


def _forget(data: Data, path: str) -> None:
    if "." not in path:
        data.pop(path, None)


def _of_year(item: Data, operand: Annual, maker: Raw) -> bool:
    return bool(item.get("fiscal_year") == maker.check.as_of.year + operand.offset)
