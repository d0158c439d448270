"""A determination: every measure's verdict for one profile at one date, with reasons, amounts and totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import clock
from engine.amounts import Amount
from engine.assessment import Assessed, Subject, decide, in_force
from engine.circuit import Solver
from engine.compiler import compile_pack
from engine.determination import (
    AmountStatus,
    Citation,
    Context,
    Determination,
    Item,
    Reason,
    Result,
    Verdict,
    YuanRange,
)
from engine.documents import Benefit, Document, Quota, Unquantified
from engine.evaluation import Evaluated
from engine.explanation import Explained, explain
from engine.loader import load_pack
from engine.pack import Pack, ProgrammeEntry
from engine.profile import Profile, profile_of
from engine.program import Program
from engine.quantities import decimal_string, format_date, format_validity
from engine.readiness import readiness
from engine.reference import ReferenceSolver
from engine.totals import totals
from engine.wording import show

OPEN = ("eligible", "undetermined")
BENEFITS = {
    "award": "奖励",
    "tiered": "奖励",
    "rate": "按比例奖补",
    "matching": "配套奖励",
    "support": "支持（文件未载明金额）",
    "by_reference": "按其他文件执行",
    "service": "服务",
    "procurement_priority": "政府采购优先",
    "market_access": "开放市场和应用机会",
    "cultivation_pool": "纳入培育库",
    "title": "称号",
    "listing": "入库、推荐",
    "housing": "住房",
    "investment": "投资",
    "application_help": "协助申报",
}


def screen(
    profile: Profile | Mapping[str, Any],
    pack: Pack | None = None,
    *,
    as_of: date | None = None,
    solver: Solver | None = None,
) -> Determination:
    """Every measure of ``pack`` (by default the packs that come with huiqi) for one enterprise at ``as_of`` (today).

    A mapping is read as a profile first; raises InputError where it cannot be. The reference executor is used
    unless another solver is given; all give the same determination.
    """
    pack = pack or load_pack()
    if not isinstance(profile, Profile):
        profile = profile_of(profile, pack.vocabulary, pack.tables)
    program = compile_pack(pack)
    return determine(program, profile, as_of or clock.today(), solver or ReferenceSolver())


def determine(program: Program, profile: Profile, as_of: date, solver: Solver) -> Determination:
    """The determination by a compiled program."""
    pack = program.pack
    evaluated, assessed = decide(program, profile, as_of, solver)
    return Determination(
        pack_version=pack.version,
        as_of=as_of.isoformat(),
        name=profile.name,
        results=[_Reporting(item, evaluated).result() for item in assessed],
        programmes=[_context(entry, pack, as_of) for entry in pack.programmes],
        readiness=readiness(evaluated),
        totals=totals(pack, [item.worth for item in assessed]),
        notes=[*_conflicts(evaluated), *_idle_findings(profile, pack)],
        profile=profile.data,
    )


@dataclass(frozen=True, slots=True)
class _Reporting:
    """Puts one measure's assessment into words."""

    assessed: Assessed
    evaluated: Evaluated

    def result(self) -> Result:
        assessed, spec = self.assessed, self.assessed.measure.spec
        verdict, amount, benefit = assessed.verdict, assessed.amount, spec.benefit
        amount_yuan, amount_range = _yuan(verdict, amount)
        amount_missing = amount.missing if amount else ()
        # Beside an eligible record others may wait for facts that would bring more.
        waiting = [*assessed.waiting_for, *(w for s in assessed.subjects or () for w in s.waiting_for)]
        facts = [item.what for item in waiting if item.kind == "fact"] if verdict in OPEN else []
        reasons, assumptions = self._reasons()
        return Result(
            measure=spec.id,
            title=spec.title,
            document=assessed.measure.document,
            clause=spec.clause,
            subject=spec.subject,
            items=None if assessed.subjects is None else [self._item(subject) for subject in assessed.subjects],
            stated=assessed.stated,
            verdict=verdict,
            waiting_for=list(assessed.waiting_for),
            amount_yuan=amount_yuan,
            amount_range_yuan=amount_range,
            amount_status=_status(benefit, bool(amount_missing)),
            amount_by_year=_by_year(verdict, amount),
            calculation=list(amount.steps) if amount else [],
            frequency=benefit.frequency,
            payee=spec.payee,
            beneficiary=spec.beneficiary.label,
            benefit=self._benefit(),
            missing=_unique([*facts, *amount_missing]),
            judgements=[item.what for item in assessed.waiting_for if item.kind == "judgement"],
            assumptions=assumptions,
            notes=[*spec.notes, *benefit.notes],
            reasons=reasons,
            citation=self._citation(),
        )

    @property
    def _document(self) -> Document:
        return self.evaluated.program.pack.documents[self.assessed.measure.document].document

    def _reasons(self) -> tuple[list[Reason], list[str]]:
        if self.assessed.verdict == "not_in_force":
            return [self._validity()], []
        if self.assessed.best is None:
            return [self._no_record(self.assessed.measure.subject or "")], []
        explained = self._explain(self.assessed.best)
        return explained.reasons, explained.assumptions

    def _explain(self, subject: Subject) -> Explained:
        tree = self.evaluated.program.trees[self.assessed.measure.id]
        return explain(tree, subject.solved, self.evaluated)

    def _validity(self) -> Reason:
        validity, as_of = self._document.validity, self.evaluated.facts.as_of
        return Reason(
            node="1",
            kind="validity",
            label=f"文件有效期为{format_validity(validity.start, validity.end)}",
            status="not_satisfied",
            decisive=True,
            inferred=validity.basis == "inferred",
            why=validity.why or None,
            value=format_date(as_of),
            note="评估日尚未生效" if as_of < validity.start else "评估日已过有效期",
        )

    def _no_record(self, kind: str) -> Reason:
        record, more = self.evaluated.program.pack.vocabulary.records[kind], self.assessed.more
        return Reason(
            node="1",
            kind="records",
            label=f"有{record.label}记录",
            status="unknown" if more else "not_satisfied",
            decisive=True,
            fields=[record.list],
            value="未填写" if more else "没有记录",
        )

    def _item(self, subject: Subject) -> Item:
        record = subject.solved.known.record
        amount_yuan, amount_range = _yuan(subject.verdict, subject.amount)
        explained, index = self._explain(subject), record.index if record else 0
        facts = [item.what for item in subject.waiting_for if item.kind == "fact"]
        return Item(
            record=(record.id if record else None) or f"第{index + 1}条",
            index=index,
            stated=subject.stated,
            verdict=subject.verdict,
            waiting_for=list(subject.waiting_for),
            amount_yuan=amount_yuan,
            amount_range_yuan=amount_range,
            missing=_unique([*facts, *(subject.amount.missing if subject.amount else ())]),
            judgements=[item.what for item in subject.waiting_for if item.kind == "judgement"],
            assumptions=explained.assumptions,
            calculation=list(subject.amount.steps) if subject.amount else [],
            reasons=explained.reasons,
        )

    def _benefit(self) -> str:
        benefit = self.assessed.measure.spec.benefit
        text = benefit.text or BENEFITS[benefit.kind]
        if benefit.instrument:
            text += f"（见{self.evaluated.program.pack.instrument_title(benefit.instrument)}）"
        return text

    def _citation(self) -> Citation:
        document, spec = self._document, self.assessed.measure.spec
        return Citation(
            document=document.id,
            title=document.title,
            number=document.number,
            issuer=document.issuer,
            clause=spec.clause,
            phrases=spec.cite,
            departments=spec.departments,
        )


def _status(benefit: Benefit, missing: bool) -> AmountStatus:
    if isinstance(benefit, Unquantified):
        return "not_stated" if benefit.kind in ("support", "by_reference") else "not_applicable"
    return "unknown" if missing else "stated"


def _yuan(verdict: Verdict, amount: Amount | None) -> tuple[str | None, YuanRange | None]:
    """Eligible: [low, high]; undetermined: no amount, [0, high]; otherwise none (DESIGN 2.11)."""
    if amount is None or verdict not in ("eligible", "undetermined"):
        return None, None
    low, high = amount.range
    if verdict == "undetermined":
        return None, ("0", None if high is None else decimal_string(high))
    shown = decimal_string(low), None if high is None else decimal_string(high)
    return (shown[0] if low == high else None), shown


def _by_year(verdict: Verdict, amount: Amount | None) -> dict[str, str | YuanRange] | None:
    if amount is None or amount.by_year is None or verdict not in ("eligible", "undetermined"):
        return None
    result: dict[str, str | YuanRange] = {}
    for year, (low, high) in amount.by_year.items():
        ends = decimal_string(0 if verdict == "undetermined" else low), None if high is None else decimal_string(high)
        result[str(year)] = ends[0] if ends[0] == ends[1] else ends
    return result


def _context(entry: ProgrammeEntry, pack: Pack, as_of: date) -> Context:
    spec = entry.spec
    return Context(
        programme=spec.id,
        document=entry.document,
        clause=spec.clause,
        title=spec.title,
        goal=spec.goal,
        departments=spec.departments,
        targets=[_target(item) for item in spec.targets],
        in_force=in_force(pack.documents[entry.document].document, as_of),
        phrases=spec.cite,
    )


def _target(item: Quota) -> str:
    return f"{format_date(item.by)}前：{item.text}" if item.by else item.text


def _conflicts(evaluated: Evaluated) -> list[str]:
    """Stated values that contradict derived ones."""
    pack, notes = evaluated.program.pack, []
    holders = [evaluated.facts.enterprise, *(k for records in evaluated.facts.records.values() for k in records)]
    for known in holders:
        for path, item in known.derivations.items():
            if item.conflict:
                field, where = pack.vocabulary.fields[path], pack.vocabulary.label(path)
                name = f"({known.record.id})" if known.record and known.record.id else ""
                stated, derived = show(item.stated, field, pack), show(item.derived, field, pack)
                notes.append(f"{where}{name}：填写的是{stated}，按“{item.title}”推导得{derived}，请核对")
    return notes


def _idle_findings(profile: Profile, pack: Pack) -> list[str]:
    """Findings that settle nothing: no such judgement, or no such record."""
    owners = {measure.id for measure in pack.measures}
    known = {*pack.judgements, *(id for file in pack.documents.values() for id in file.instruments)}
    named = {profile.name, *(record.id for listed in profile.lists.values() for record in listed.records)}
    notes = []
    for review in profile.findings:
        if review.judgement not in known and review.judgement.partition("~")[0] not in owners:
            notes.append(f"认定意见“{review.judgement}”没有对应的判断事项，没有采用")
        elif review.about is not None and review.about not in named:
            notes.append(f"认定意见“{review.judgement}”针对“{review.about}”，但没有这条记录，没有采用")
    return notes


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
