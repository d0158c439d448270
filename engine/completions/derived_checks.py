"""Derived facts and readiness checks examined: no case is dead, every condition counts, bands fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from engine.completions.bands import gaps, overlaps
from engine.completions.cone import all_leaves
from engine.completions.examination import Examination, Flaw, flaw
from engine.completions.holders import Forced, Reach
from engine.completions.rails import FALSE, TRUE, YES, Formula, Rails, conjunction, disjunction, negation
from engine.completions.units import Unit, alternatives, units
from engine.conditions import Node, Test
from engine.pack import Check
from engine.program import Program, Stage
from engine.wording import describe, show


@dataclass(slots=True)
class ConditionCheck:
    """A condition examined by itself, in the profiles where ``before`` holds."""

    owner: str
    examination: Examination
    node: Node
    reach: Reach
    before: Formula

    def rails(self, forced: Forced | None = None) -> Rails:
        return self.examination.world.tree(self.node, self.reach, forced or {})

    def run(self) -> Iterator[Flaw]:
        """Conditions and alternatives of it that never decide it."""
        pack = self.examination.program.pack
        for unit in units(self.node):
            # The last of several exhaustive cases always holds where the others do not: it must be missed elsewhere.
            counts = self._flips({id(unit.node): FALSE}, self.before) and (
                unit.one_sided or self._flips({id(unit.node): TRUE})
            )
            if counts == bool(unit.node.note.implied_by):
                yield self._idle(unit, counts)
        for leaf in all_leaves(self.node):
            for alternative in alternatives(leaf) if isinstance(leaf, Test) else ():
                if not self._flips({id(leaf): alternative.without}, self.before):
                    piece = describe(Test(alternative.leaf.operand, (alternative.alone,)), pack)
                    message = f"{self.owner}：“{piece}”这一种从不单独起作用"
                    hint = "它与其他条件矛盾，或已被别的选项包括"
                    yield flaw(alternative.leaf.note.place, "verify-alternative-dead", message, hint)

    def _idle(self, unit: Unit, counts: bool) -> Flaw:
        label = f"{self.owner}：“{describe(unit.node, self.examination.program.pack)}”"
        if counts:
            message = f"{label}：标了 implied_by，其实会单独决定结论"
            return flaw(unit.place, "verify-implied-wrong", message, "请去掉 implied_by")
        hint = "请去掉，或标 implied_by 写明由什么保证"
        return flaw(unit.place, "verify-condition-idle", f"{label}：从不单独决定结论", hint)

    def _flips(self, forced: Forced, where: Formula = YES) -> bool:
        actual, other = self.rails(), self.rails(forced)
        changed = [conjunction([actual.true, other.is_false]), conjunction([actual.is_false, other.true])]
        return self.examination.find(where, disjunction(changed)) is not None


@dataclass(slots=True)
class DerivedCheck:
    """All checks of one derived fact."""

    program: Program
    stage: Stage
    as_of: date
    examination: Examination = field(init=False)

    def __post_init__(self) -> None:
        self.examination = Examination(self.program, [when for when, _ in self.stage.derived.cases], self.as_of)

    def run(self) -> Iterator[Flaw]:
        """Cases that never give the value, values between bands, and bands that overlap."""
        derived, world = self.stage.derived, self.examination.world
        label = world.cone.program.pack.vocabulary.label(derived.field)
        kind = derived.record
        reach: Reach = {kind: world.holders(kind)[0]} if kind else {}
        before: list[Formula] = [holder.present for holder in reach.values()]
        for when, value in derived.cases:
            rails = world.tree(when, reach)
            if self.examination.find(*before, rails.true) is None:
                shown = show(value, self.program.pack.vocabulary.fields[derived.field], self.program.pack)
                message = f"{label}：推导出“{shown}”的这一种情况不会出现"
                yield flaw(when.note.place, "verify-derivation-dead", message, "前面的情况或矛盾的条件把它占满了")
            else:
                yield from ConditionCheck(label, self.examination, when, reach, conjunction(before)).run()
            before.append(negation(rails.true))
        parts = [when for when, _ in derived.cases]
        if derived.otherwise is None:
            for gap in gaps(self.examination, parts, reach):
                yield flaw(gap.place, "verify-band-gap", f"{label}：{gap.message}", "两段之间漏了一段")
        for overlap in overlaps(self.examination, derived.cases, reach):
            yield flaw(overlap.place, "verify-band-overlap", f"{label}：{overlap.message}")


def check_readiness(program: Program, check: Check, as_of: date) -> Iterator[Flaw]:
    """A readiness check can be met, and each of its conditions counts."""
    examination = Examination(program, [check.unless, check.condition], as_of)
    world = examination.world
    place, name = check.condition.note.place, check.spec.id
    if examination.find(world.tree(check.condition, {}).true, world.tree(check.unless, {}).is_false) is None:
        yield flaw(place, "verify-never-met", f"{name}：没有任何画像能达到")
        return
    for node in (check.unless, check.condition):
        yield from ConditionCheck(name, examination, node, {}, YES).run()
    for gap in gaps(examination, [check.condition], {}):
        yield flaw(gap.place, "verify-band-gap", f"{name}：{gap.message}", "两段之间漏了一段")
