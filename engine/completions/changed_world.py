"""The world of a profile whose stated facts may change and whose complete lists may grow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import z3

from engine.changeable import ANNUAL, Fact
from engine.completions.holders import NOTHING, Forced, Holder, Reach, free_names
from engine.completions.rails import TRUE, YES, Formula, Rails, conjunction, negation
from engine.completions.variables import Number, Variable
from engine.completions.world import World
from engine.conditions import FieldRef, Operand, Test
from engine.facts import Known
from engine.operands import LeafReader
from engine.regions import OneOf, Region
from engine.vocabulary import VocabularyField


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Something that no change gets round: a fixed fact, what a fact can become (``fact``), what a new record can be.

    ``name`` stands for it in the solver; ``why`` is the reason in Chinese.
    """

    name: Formula
    why: str
    fact: Fact | None = None
    field: VocabularyField | None = None


@dataclass(slots=True)
class ChangedWorld(World):
    """A world in which complete lists may grow. ``given`` reads the profile as it was stated.

    ``numbers`` has how many further records of a kind are tried; of the kinds ``loose`` any number, where it is
    ``relaxed``.
    """

    given: LeafReader | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()
    added: dict[str, list[Holder]] = field(default_factory=dict)
    twins: dict[tuple[str, str], Variable] = field(default_factory=dict)
    """The derived side of fields whose stated value contradicts it, by holder and path."""
    rules: list[Rule] = field(default_factory=list)
    """What a record that is added now can be."""
    wishes: list[Formula] = field(default_factory=list)
    """What is taken for granted while nothing is known of it; values that are given should bear it out."""

    def is_open(self, kind: str) -> bool:
        """Whether the list is missing or partial, or is taken for that."""
        return kind in self.loose or bool(self.reader.open_list(kind))

    def holders(self, kind: str) -> list[Holder]:
        """The listed records, then those that there may be, or that may be added."""
        if kind not in self._holders:
            listed = self.reader.facts.records.get(kind, ())
            holders = [Holder(kind, f"{kind}[{n}]", known) for n, known in enumerate(listed)]
            # Annual figures are asked for by their year, so further ones have holders of their own.
            further = [] if kind == ANNUAL else list(self._further(kind))
            if not self.is_open(kind):
                self.added[kind] = further
            self._holders[kind] = [*holders, *further]
        return self._holders[kind]

    def _further(self, kind: str) -> Iterator[Holder]:
        """Hypothetical records by names that no listed one has."""
        label = self.cone.program.pack.vocabulary.records[kind].label
        known = self.reading.facts.records.get(kind, ())
        free = free_names(label if self.is_open(kind) else f"新增{label}", known)
        before = YES
        for n, name in zip(range(self.numbers.get(kind, 0)), free, strict=False):
            present = z3.Bool(f"{kind}+{n}")
            self.constraints.append(z3.Implies(present, before))
            before = present
            yield Holder(kind, name, None, present)

    def known(self, holder: Holder) -> Known:
        """What was stated of a holder, and derived; of a record that is not listed nothing."""
        facts = self.reading.facts
        if holder.kind is None:
            return facts.enterprise
        if holder.known is None or holder.known.record is None:
            return Known(None, {})
        index = holder.known.record.index
        return next(k for k in facts.records[holder.kind] if k.record is not None and k.record.index == index)

    @property
    def reading(self) -> LeafReader:
        """The profile as it was stated."""
        return self.given if self.given is not None else self.reader

    def clash(self, path: str, holder: Holder) -> bool:
        """Whether the stated value contradicts the derived one."""
        found = self.known(holder).derivations.get(path)
        return found is not None and found.conflict

    def _make(self, path: str, holder: Holder) -> Variable:
        variable = World._make(self, path, holder)
        if holder.kind is not None and any(holder is new for new in self.added.get(holder.kind, ())):
            name = z3.Bool(f"new:{holder.name}.{path}")
            if isinstance(variable, Number) and variable.field.type == "date":
                bound = variable.units >= self.reader.facts.as_of.toordinal()
                self._rule(name, bound, Rule(name, "从现在起才能新增，不会早于评估日", field=variable.field))
            elif variable.field.spec.new is not None:
                bound = variable.inside(OneOf(frozenset({variable.field.spec.new})))
                why = variable.field.spec.fixed or "新增的都是这样"
                self._rule(name, bound, Rule(name, why, field=variable.field))
        return variable

    def _rule(self, name: Formula, bound: Formula, rule: Rule) -> None:
        self.constraints.append(z3.Implies(name, bound))
        self.rules.append(rule)

    def _derive(self, path: str, holder: Holder) -> None:
        if not self.clash(path, holder):
            World._derive(self, path, holder)
            return
        twin = World._make(self, path, replace(holder, name=f"{holder.name}~derived", known=Known(None, {})))
        self.twins[holder.name, path] = twin
        for stage in self.cone.stages.get(path, ()):
            self.constraints.append(self.link(stage, twin, {} if holder.kind is None else {holder.kind: holder}))

    def _assumed(self, leaf: Test, rails: Rails, reach: Reach) -> Rails:
        """Met where nothing is known against it in the profile as stated."""
        stated = {kind: self.known(holder) for kind, holder in reach.items()}
        if not self.reading.read(leaf, stated).assumed:
            return rails
        self.wishes.append(rails.true)
        return TRUE

    def _compare(self, operand: Operand, region: Region, reach: Reach, forced: Forced = NOTHING) -> Rails:
        rails = World._compare(self, operand, region, reach, forced)
        if isinstance(operand, FieldRef):
            twin = self.twins.get((self._holder(operand.path, reach).name, operand.path))
            if twin is not None:
                both = twin.inside(region)
                true, false = conjunction([rails.true, both]), conjunction([rails.is_false, negation(both)])
                return Rails(true, false)
        return rails

    def _listed(self, kind: str) -> list[Holder]:
        """Relaxed ones stand for all further records of the kinds that are loose."""
        if self.relaxed and (kind in self.loose or self.reader.open_list(kind)):
            return [holder for holder in self.holders(kind) if holder.known is not None]
        return self.holders(kind)
