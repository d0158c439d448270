"""A determination: every measure's verdict for one profile at one date, with reasons, amounts and totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.amounts import ZERO, Amount, Range, amount_for, is_stated, open_ended, together
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
    Waiting,
    YuanRange,
)
from engine.documents import Document, Quota, Unquantified
from engine.evaluation import Evaluated, Solved, evaluate
from engine.explanation import Explained, explain
from engine.loader import load_pack
from engine.pack import Measure, Pack, ProgrammeEntry
from engine.profile import Profile, profile_of
from engine.program import Program
from engine.quantities import decimal_string, format_date
from engine.readiness import readiness
from engine.reference import ReferenceSolver
from engine.spans import Number
from engine.totals import totals
from engine.truth import Truth
from engine.wording import show

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
    return determine(program, profile, as_of or date.today(), solver or ReferenceSolver())


def determine(program: Program, profile: Profile, as_of: date, solver: Solver) -> Determination:
    """The determination by a compiled program."""
    pack = program.pack
    evaluated = evaluate(program, profile, as_of, solver)
    outcomes = [_Outcome(measure, evaluated).run() for measure in pack.measures]
    return Determination(
        pack_version=pack.version,
        as_of=as_of.isoformat(),
        name=profile.name,
        results=[result for result, _ in outcomes],
        programmes=[_context(entry, pack, as_of) for entry in pack.programmes],
        readiness=readiness(evaluated),
        totals=totals(pack, [(result.payee, outcome) for result, outcome in outcomes]),
        notes=_conflicts(evaluated),
        profile=profile.data,
    )


def in_force(document: Document, as_of: date) -> bool:
    """Whether the document is valid at ``as_of``; both ends count."""
    validity = document.validity
    return validity.start <= as_of and (validity.end is None or as_of <= validity.end)


@dataclass(frozen=True, slots=True)
class Worth:
    """What totals need of a measure: its verdict and what it brings, certainly and at most."""

    measure: str
    document: str
    verdict: Verdict
    confirmed: Range
    possible: Number | None
    """The most that it could bring once everything open is settled; None: no bound."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """One subject's explanation and amount."""

    solved: Solved
    explained: Explained
    verdict: Verdict
    amount: Amount | None


@dataclass(slots=True)
class _Outcome:
    measure: Measure
    evaluated: Evaluated

    def run(self) -> tuple[Result, Worth]:
        document = self._document()
        if not in_force(document, self.evaluated.facts.as_of):
            return self._not_in_force(document)
        if self.measure.subject is None:
            solved = self.evaluated.enterprise
            if solved is None:
                raise TypeError("a program with an enterprise measure has an enterprise scope")
            subject = self._subject(solved, {})
            return self._result(subject, None, subject.verdict, subject.amount, "complete")
        return self._over_records(self.measure.subject)

    def _document(self) -> Document:
        return self.evaluated.program.pack.documents[self.measure.document].document

    def _subject(self, solved: Solved, reach: dict[str, Any]) -> _Subject:
        explained = explain(self.evaluated.program.trees[self.measure.id], solved, self.evaluated)
        verdict = _verdict(explained.truth)
        amount = None
        if is_stated(self.measure.spec) and verdict != "ineligible":
            amount = amount_for(self.measure, self.evaluated.reader, reach)
        return _Subject(solved, explained, verdict, amount)

    def _over_records(self, kind: str) -> tuple[Result, Worth]:
        """Eligible if any record is, else undetermined if any is or could be, else ineligible.

        A record that is not listed could be, unless the enterprise's own facts already rule every record out.
        """
        subjects = [self._subject(solved, {kind: solved.known}) for solved in self.evaluated.records.get(kind, [])]
        verdicts = {subject.verdict for subject in subjects}
        unlisted = self._unlisted(kind)
        more = unlisted is not None and unlisted.verdict != "ineligible"
        verdict: Verdict = "ineligible"
        if "eligible" in verdicts:
            verdict = "eligible"
        elif "undetermined" in verdicts or more:
            verdict = "undetermined"
        counted = [subject for subject in subjects if subject.verdict == verdict]
        amount = None
        if is_stated(self.measure.spec) and verdict != "ineligible":
            amounts = [subject.amount for subject in counted if subject.amount is not None]
            ended = verdict == "undetermined" and more
            amount = open_ended(self.measure, amounts) if ended else together(self.measure, amounts)
        best = min(counted, key=_closeness) if counted else None if more else unlisted
        return self._result(best, subjects, verdict, amount, "open" if more else "complete")

    def _unlisted(self, kind: str) -> _Subject | None:
        solved = self.evaluated.unlisted.get(kind)
        if solved is None:
            return None
        explained = explain(self.evaluated.program.trees[self.measure.id], solved, self.evaluated)
        return _Subject(solved, explained, _verdict(explained.truth), None)

    # Results

    def _not_in_force(self, document: Document) -> tuple[Result, Worth]:
        validity = document.validity
        late = self.evaluated.facts.as_of < validity.start
        end = format_date(validity.end) if validity.end else "未规定终止日"
        label = f"文件有效期为{format_date(validity.start)}至{end}"
        note = "评估日尚未生效" if late else "评估日已过有效期"
        reason = Reason(
            node="1",
            kind="validity",
            label=label,
            status="not_satisfied",
            decisive=True,
            inferred=validity.basis == "inferred",
            why=validity.why or None,
            value=format_date(self.evaluated.facts.as_of),
            note=note,
        )
        result = self._build(None, "not_in_force", None, [reason], [], [], stated="unknown")
        return result, Worth(self.measure.id, self.measure.document, "not_in_force", ZERO, 0)

    def _result(
        self,
        best: _Subject | None,
        subjects: list[_Subject] | None,
        verdict: Verdict,
        amount: Amount | None,
        listed: str,
    ) -> tuple[Result, Worth]:
        kind = self.measure.subject
        items = [self._item(subject) for subject in subjects] if subjects is not None else None
        waiting: list[Waiting] = []
        if kind is not None and verdict == "undetermined" and listed == "open":
            waiting += self._list_missing(kind)
        if verdict == "undetermined" and subjects is not None:
            waiting += [w for s in subjects if s.verdict == verdict for w in s.explained.waiting_for]
        elif best is not None:
            waiting += best.explained.waiting_for
        reasons = best.explained.reasons if best else [self._no_record(kind or "", listed)]
        stated = self._stated(best, subjects, verdict, listed)
        amount_missing = list(amount.missing) if amount and verdict in ("eligible", "undetermined") else []
        result = self._build(items, verdict, amount, reasons, waiting, amount_missing, stated=stated, best=best)
        return result, self._worth(verdict, amount, subjects, listed)

    def _stated(
        self, best: _Subject | None, subjects: list[_Subject] | None, verdict: Verdict, listed: str
    ) -> Any:
        if best is not None:
            return best.explained.stated
        return "unknown" if verdict == "undetermined" else "not_met"

    def _worth(
        self, verdict: Verdict, amount: Amount | None, subjects: list[_Subject] | None, listed: str
    ) -> Worth:
        """Undetermined records beside eligible ones may still bring something."""
        confirmed = amount.range if amount and verdict == "eligible" else ZERO
        possible: Number | None = 0
        if amount is not None:
            possible = amount.range[1]
            if verdict == "eligible" and subjects is not None:
                open_ = [s.amount for s in subjects if s.verdict != "ineligible" and s.amount is not None]
                more = open_ended if listed == "open" else together
                possible = more(self.measure, open_).range[1]
        return Worth(self.measure.id, self.measure.document, verdict, confirmed, possible)

    def _list_missing(self, kind: str) -> list[Waiting]:
        vocabulary = self.evaluated.program.pack.vocabulary
        name = vocabulary.records[kind].list
        return [Waiting(kind="fact", what=name, label=vocabulary.label(name))]

    def _no_record(self, kind: str, listed: str) -> Reason:
        label = self.evaluated.program.pack.vocabulary.records[kind].label
        missing = listed == "open"
        return Reason(
            node="1",
            kind="records",
            label=f"有{label}记录",
            status="unknown" if missing else "not_satisfied",
            decisive=True,
            fields=[self.evaluated.program.pack.vocabulary.records[kind].list],
            value="未填写" if missing else "没有记录",
        )

    def _item(self, subject: _Subject) -> Item:
        record = subject.solved.known.record
        amount_yuan, amount_range = _yuan(subject.verdict, subject.amount)
        explained = subject.explained
        index = record.index if record else 0
        return Item(
            record=(record.id if record else None) or f"第{index + 1}条",
            index=index,
            stated=explained.stated,
            verdict=subject.verdict,
            waiting_for=explained.waiting_for,
            amount_yuan=amount_yuan,
            amount_range_yuan=amount_range,
            missing=_unique([*explained.missing, *(subject.amount.missing if subject.amount else ())]),
            judgements=explained.judgements,
            assumptions=explained.assumptions,
            calculation=list(subject.amount.steps) if subject.amount else [],
            reasons=explained.reasons,
        )

    def _build(
        self,
        items: list[Item] | None,
        verdict: Verdict,
        amount: Amount | None,
        reasons: list[Reason],
        waiting: list[Waiting],
        amount_missing: list[str],
        *,
        stated: Any,
        best: _Subject | None = None,
    ) -> Result:
        spec, document, pack = self.measure.spec, self._document(), self.evaluated.program.pack
        amount_yuan, amount_range = _yuan(verdict, amount)
        waiting = list(dict.fromkeys(waiting))
        benefit = spec.benefit
        text = benefit.text or BENEFITS[benefit.kind]
        if benefit.instrument:
            text += f"（见{pack.instrument_title(benefit.instrument)}）"
        return Result(
            measure=spec.id,
            title=spec.title,
            document=self.measure.document,
            clause=spec.clause,
            subject=spec.subject,
            items=items,
            stated=stated,
            verdict=verdict,
            waiting_for=waiting,
            amount_yuan=amount_yuan,
            amount_range_yuan=amount_range,
            amount_status=self._status(verdict, amount_missing),
            amount_by_year=_by_year(verdict, amount),
            calculation=list(amount.steps) if amount else [],
            frequency=benefit.frequency,
            payee=spec.payee,
            beneficiary=spec.beneficiary.label,
            benefit=text,
            missing=_unique([*(w.what for w in waiting if w.kind == "fact"), *amount_missing]),
            judgements=[w.what for w in waiting if w.kind == "judgement"],
            assumptions=best.explained.assumptions if best else [],
            notes=[*spec.notes, *benefit.notes],
            reasons=reasons,
            citation=Citation(
                document=document.id,
                title=document.title,
                number=document.number,
                issuer=document.issuer,
                clause=spec.clause,
                phrases=spec.cite,
                departments=spec.departments,
            ),
        )

    def _status(self, verdict: Verdict, missing: list[str]) -> AmountStatus:
        benefit = self.measure.spec.benefit
        if isinstance(benefit, Unquantified):
            return "not_stated" if benefit.kind in ("support", "by_reference") else "not_applicable"
        return "unknown" if missing and verdict in ("eligible", "undetermined") else "stated"


def _verdict(truth: Truth) -> Verdict:
    return "undetermined" if truth is None else "eligible" if truth else "ineligible"


def _closeness(subject: _Subject) -> tuple[int, int]:
    """Of several records with one verdict the one that is explained first: fewest conditions missed, then open."""
    leaves = [reason for reason in subject.explained.reasons if reason.kind not in ("all", "any", "not")]
    missed = sum(reason.status == "not_satisfied" for reason in leaves)
    return missed, sum(reason.status == "unknown" for reason in leaves)


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
        ends = decimal_string(low), None if high is None else decimal_string(high)
        result[str(year)] = ends[0] if low == high else ends
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


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
