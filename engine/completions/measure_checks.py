"""One measure examined: can it be met, does every condition and alternative count, do doubts stay doubts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import z3

from engine.completions.bands import gaps
from engine.completions.cone import all_leaves
from engine.completions.examination import Examination, Flaw, Mismatch, Replay, Shown, flaw
from engine.completions.holders import NOTHING, Forced, Reach
from engine.completions.rails import FALSE, TRUE, UNKNOWN, Formula, conjunction, disjunction, negation
from engine.completions.session import verdicts
from engine.completions.units import Unit, alternatives, nodes, units
from engine.conditions import All, Any, FieldRef, Judgement, Node, Test
from engine.documents import Tiered
from engine.pack import Measure
from engine.program import Program
from engine.regions import OneOf
from engine.wording import describe, typed


@dataclass(slots=True)
class MeasureCheck:
    """All checks of one measure at one date."""

    program: Program
    measure: Measure
    as_of: date
    examination: Examination = field(init=False)
    replay: Replay = field(init=False)
    eligible: Formula = field(init=False)
    ineligible: Formula = field(init=False)

    def __post_init__(self) -> None:
        benefit = self.measure.spec.benefit
        fields = (self.measure.base.path,) if isinstance(self.measure.base, FieldRef) else ()
        self.examination = Examination(self.program, [self.measure.condition], self.as_of, fields=fields)
        if isinstance(benefit, Tiered) and fields:
            for option in benefit.amounts:
                self.examination.world.cone.cut(fields[0], OneOf(frozenset({option})))
        self.replay = Replay(self.program.pack, self.measure, self.as_of)
        self.eligible, self.ineligible = self.outcome()
        if self.measure.subject is not None:
            self._one_record(self.measure.subject)

    def _one_record(self, kind: str) -> None:
        """One record is enough to show what happens to a record, unless the conditions count them too."""
        holders = self.examination.world.holders(kind)
        self.examination.world.constraints.append(holders[0].present)
        if kind not in self.examination.world.cone.kinds:
            self.examination.world.constraints += [negation(holder.present) for holder in holders[1:]]

    def run(self) -> Iterator[Flaw]:
        """Every flaw of the measure; of one that can never be met nothing more is said."""
        try:
            if self.examination.find(self.eligible) is None:
                yield self._never_met()
                return
            for check in (self._units, self._alternatives, self._doubts, self._tiers, self._gaps):
                yield from check()
        except Mismatch as mismatch:
            yield mismatch.flaw

    def outcome(self, forced: Forced = NOTHING) -> tuple[Formula, Formula]:
        """When the measure is eligible and when ineligible."""
        return verdicts(self.measure, self.examination.world, forced)

    # Can it be met

    def _never_met(self) -> Flaw:
        """With a few conditions that exclude each other."""
        parts = self.measure.condition.parts if isinstance(self.measure.condition, All) else ()
        named = {f"part:{n}": part for n, part in enumerate(parts)}
        solver = self.examination.solver
        for name, part in named.items():
            solver.add(z3.Implies(z3.Bool(name), self.examination.world.tree(part, self.reach()).true))
        solver.add(*self.examination.world.constraints)
        clash: list[Node] = []
        if solver.check(*(z3.Bool(name) for name in named)) == z3.unsat:
            clash = [named[str(name)] for name in solver.unsat_core() if str(name) in named]
        labels = "；".join(describe(part, self.program.pack) for part in clash)
        message = f"{self.measure.id}：没有任何画像能符合"
        hint = f"这些条件不能同时满足：{labels}" if clash else "请检查各个条件"
        return flaw(self.measure.place, "verify-never-met", message, hint)

    def reach(self) -> Reach:
        kind = self.measure.subject
        return {kind: self.examination.world.holders(kind)[0]} if kind else {}

    # Does every condition count

    def pair(self, unit: Unit) -> tuple[z3.ModelRef | None, z3.ModelRef | None]:
        """Two profiles whose verdict this condition alone decides: by being met, and by being missed.

        Masking MC/DC: what else stands in the tree has no part in it, for if the condition were the other way round
        the verdict would be too.
        """
        return self._flips(unit, {id(unit.node): FALSE}), self._flips(unit, {id(unit.node): TRUE})

    def _flips(self, unit: Unit, forced: Forced) -> z3.ModelRef | None:
        eligible, ineligible = self.outcome(forced)
        changed = [conjunction([self.eligible, ineligible]), conjunction([self.ineligible, eligible])]
        return self.examination.find(disjunction(changed))

    def _units(self) -> Iterator[Flaw]:
        for unit in units(self.measure.condition):
            needed, blocking = self.pair(unit)
            implied = unit.node.note.implied_by
            counts = needed is not None and (blocking is not None or unit.one_sided)
            if counts and implied:
                message = f"{self._label(unit)}：标了 implied_by，其实会单独决定结论"
                shown = [self._shown("它不满足时", blocking)] if blocking is not None else []
                yield flaw(unit.place, "verify-implied-wrong", message, "请去掉 implied_by", shown)
            elif not counts and not implied:
                yield self._idle(unit, needed, blocking)

    def _idle(self, unit: Unit, needed: z3.ModelRef | None, blocking: z3.ModelRef | None) -> Flaw:
        model = needed if needed is not None else blocking
        shown = [self._shown("它有作用的一面", model)] if model is not None else []
        if needed is None and blocking is None:
            message = f"{self._label(unit)}：满足与否都不改变结论"
        elif needed is None:
            message = f"{self._label(unit)}：凡是符合的画像，没有它也符合"
        else:
            message = f"{self._label(unit)}：其余条件满足时它总是满足，从不单独决定结论"
        hint = "请去掉，或标 implied_by 写明由什么保证"
        return flaw(unit.place, "verify-condition-idle", message, hint, shown)

    def _label(self, unit: Unit) -> str:
        return f"{self.measure.id}：“{describe(unit.node, self.program.pack)}”"

    def _shown(self, label: str, model: z3.ModelRef) -> Shown:
        verdict = "eligible" if z3.is_true(model.eval(self.eligible, model_completion=True)) else "ineligible"
        return self.replay.show(label, self.examination.profile(model), verdict)

    def _alternatives(self) -> Iterator[Flaw]:
        """Each option, area or band decides some verdict alone."""
        for leaf in all_leaves(self.measure.condition):
            if not isinstance(leaf, Test):
                continue
            for alternative in alternatives(leaf):
                eligible, ineligible = self.outcome({id(leaf): alternative.without})
                changed = [conjunction([self.eligible, ineligible]), conjunction([self.ineligible, eligible])]
                if self.examination.find(disjunction(changed)) is None:
                    piece = describe(type(leaf)(leaf.operand, (alternative.alone,)), self.program.pack)
                    message = f"{self.measure.id}：“{piece}”这一种从不单独起作用"
                    hint = "它与其他条件矛盾，或已被别的选项包括"
                    yield flaw(leaf.note.place, "verify-alternative-dead", message, hint)

    # Doubts

    def _doubts(self) -> Iterator[Flaw]:
        """A soft or open condition without a finding against it never makes ineligible (DESIGN 2.7)."""
        every = list(nodes(self.measure.condition))
        sheltered = {id(part) for node in every if isinstance(node, Any) and node.fallback for part in node.parts}
        for node in every:
            if not (node.note.soft or node.note.open) or id(node) in sheltered:
                continue
            forced: Forced = {id(n): UNKNOWN for n in nodes(node) if isinstance(n, Judgement) and n.fallback}
            alone = self.examination.world.tree(node, self.reach(), forced) if self._reachable(node) else None
            if alone is None:
                continue
            found = self.examination.find(alone.is_false)
            if found is not None:
                message = f"{self.measure.id}：“{describe(node, self.program.pack)}”存疑或开放，却能导致不符合"
                yield flaw(node.note.place, "verify-soft-decides", message)

    def _reachable(self, node: Node) -> bool:
        """Whether the node stands outside filters, so that no further record is in reach."""
        vocabulary = self.program.pack.vocabulary
        operands = [leaf.operand for leaf in all_leaves(node) if isinstance(leaf, Test)]
        paths = [operand.path for operand in operands if isinstance(operand, FieldRef)]
        return all(vocabulary.fields[path].record in (None, self.measure.subject) for path in paths)

    # Tiers and bands

    def _tiers(self) -> Iterator[Flaw]:
        benefit, base = self.measure.spec.benefit, self.measure.base
        if not isinstance(benefit, Tiered) or not isinstance(base, FieldRef):
            return
        holder = next(iter(self.reach().values()), self.examination.world.enterprise)
        variable = self.examination.world.variable(base.path, holder)
        label = typed(base, self.program.pack).label
        for option in benefit.amounts:
            if self.examination.find(self.eligible, variable.inside(OneOf(frozenset({option})))) is None:
                name = typed(base, self.program.pack).options[option].label
                message = f"{self.measure.id}：“{label}”的“{name}”这一档没有画像能得到"
                yield flaw(self.measure.place, "verify-tier-dead", message)
        beyond = self.examination.find(self.eligible, negation(variable.inside(OneOf(frozenset(benefit.amounts)))))
        if beyond is not None:
            shown = [self._shown("符合却没有档次", beyond)]
            message = f"{self.measure.id}：“{label}”有符合条件却没有金额的选项"
            yield flaw(self.measure.place, "verify-tier-gap", message, "请补上这一档，或写进条件", shown)

    def _gaps(self) -> Iterator[Flaw]:
        for gap in gaps(self.examination, [self.measure.condition], self.reach()):
            yield flaw(gap.place, "verify-band-gap", f"{self.measure.id}：{gap.message}", "两段之间漏了一段")
