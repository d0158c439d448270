"""A measure as written, with its beneficiary, conditions and the base of its benefit read."""

from __future__ import annotations

from dataclasses import dataclass

from engine.condition_reader import ConditionReader
from engine.conditions import All, Comparison, FieldRef, Node, Note, Operand, Test
from engine.documents import MeasureSpec, Proportional, Tiered
from engine.pack import Measure
from engine.reading_context import ReadingContext, Scope
from engine.yaml_source import Path

RECORD_BENEFICIARIES = frozenset({"person", "team"})
"""Kinds of beneficiary that the subject record itself is, so that no condition on the applicant follows."""


@dataclass(frozen=True, slots=True)
class MeasureReader:
    """Reads the measures of one file of one document."""

    context: ReadingContext
    document: str

    def read(self, spec: MeasureSpec, path: Path) -> Measure | None:
        """The measure; None where it cannot be understood. Every problem is a finding of the context."""
        if spec.subject is not None and spec.subject not in self.context.vocabulary.records:
            self.context.unknown("记录种类", spec.subject, (*path, "subject"), self.context.vocabulary.records)
            return None
        filters = {name: (raw, (*path, "filters", name)) for name, raw in spec.filters.items()}
        reader = ConditionReader(self.context, spec.id, self.document, filters)
        scope = frozenset({spec.subject}) if spec.subject else frozenset()
        at = (*path, "conditions")
        parts = [reader.read(raw, (*at, index), scope) for index, raw in enumerate(spec.conditions)]
        beneficiary = self._beneficiary(spec, path)
        if beneficiary is not None:
            parts.insert(0, beneficiary)
        if not parts:
            self.context.wrong(at, "measure-no-condition", "没有任何条件", "至少写明申报主体或一个判断事项")
        base = self._benefit(spec, reader, (*path, "benefit"), scope)
        condition = All(tuple(parts), Note(place=self.context.place(at)))
        return Measure(spec, self.document, condition, base, self.context.place((*path, "id")))

    def _beneficiary(self, spec: MeasureSpec, path: Path) -> Node | None:
        """The hard condition on the applicant's kind, unless the text sets none or the record is the beneficiary."""
        kinds, at = spec.beneficiary.kinds, (*path, "beneficiary", "kinds")
        if kinds == "any":
            if not spec.beneficiary.why:
                self.context.wrong(at, "measure-beneficiary", "未说明为什么不限定主体", "文件没有限定主体时写明 why")
            return None
        if not kinds:
            self.context.wrong(at, "measure-beneficiary", "没有写主体类别", "没有限定时写 any")
            return None
        if spec.subject is not None and set(kinds) <= RECORD_BENEFICIARIES:
            return None
        field = self.context.vocabulary.fields.get("applicant_kinds")
        options = field.options if field else {}
        for kind in kinds:
            if kind not in options:
                hint = "受益人是个人或团队时，请写 subject" if kind in RECORD_BENEFICIARIES else "见字段 applicant_kinds 的选项"
                self.context.wrong(at, "condition-unknown-name", f"没有主体类别“{kind}”", hint)
                return None
        note = Note(label=f"申报主体为{spec.beneficiary.label}", place=self.context.place(at))
        return Test(FieldRef("applicant_kinds"), (Comparison("in", (frozenset(kinds),)),), note=note)

    def _benefit(self, spec: MeasureSpec, reader: ConditionReader, at: Path, scope: Scope) -> Operand | None:
        """Check what a benefit refers to, and read its base."""
        benefit = spec.benefit
        if benefit.instrument is not None and benefit.instrument not in self.context.names.instruments:
            known = self.context.names.instruments
            self.context.unknown("引用文件", benefit.instrument, (*at, "instrument"), known)
        if isinstance(benefit, Tiered):
            return self._tiers(benefit, reader, at, scope)
        if isinstance(benefit, Proportional):
            return self._base(benefit, reader, at, scope)
        return None

    def _tiers(self, benefit: Tiered, reader: ConditionReader, at: Path, scope: Scope) -> Operand | None:
        found = reader.atoms.operand({"field": benefit.by}, at, scope)
        if found is None:
            return None
        operand, field = found
        for name in benefit.amounts:
            if name not in field.options:
                message = f"“{field.label}”没有选项“{name}”"
                self.context.wrong((*at, "amounts", name), "condition-unknown-name", message)
        return operand

    def _base(self, benefit: Proportional, reader: ConditionReader, at: Path, scope: Scope) -> Operand | None:
        base = benefit.base
        if (base.field is None) == (base.sum is None):
            self.context.wrong((*at, "base"), "measure-base", "base 要写 field 或 sum 之一")
            return None
        raw = {"field": base.field} if base.field else {"sum": base.sum, "where": base.where}
        found = reader.atoms.operand(raw, (*at, "base"), scope)
        if found is not None and found[1].least is None:
            self.context.wrong((*at, "base"), "measure-base", "基数不能是可为负的字段")
        if benefit.cap is not None and (benefit.cap.scope == "per_year") != (benefit.per_year is not None):
            hint = "按年封顶的写 scope: per_year 和 per_year: 日期字段，否则都不写"
            self.context.wrong(at, "measure-base", "按年计算与封顶的范围不一致", hint)
        if benefit.per_year is not None:
            kind = benefit.per_year.partition(".")[0]
            dated = self.context.field(benefit.per_year, (*at, "per_year"), scope | {kind})
            if dated is not None:
                self.context.typed(dated, ("date",), (*at, "per_year"))
        return found[0] if found else None
