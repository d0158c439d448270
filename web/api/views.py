"""What the engine found, as the shapes that the API gives."""

from __future__ import annotations

from datetime import date

from engine.determination import Citation, Determination
from engine.documents import Award, Cap, MeasureSpec, Proportional, Tiered
from engine.pack import Measure, Pack
from engine.quantities import decimal_string
from engine.questions import Question, Questionnaire, Settled
from engine.roadmap import Change, RoadMap, Way
from engine.vocabulary import RecordKind, VocabularyField
from web import rule_words
from web.api.measure_models import (
    BenefitView,
    CapView,
    ConditionRow,
    JudgementView,
    MeasureAnswer,
    MeasureBrief,
    ValidityView,
)
from web.api.models import (
    BriefDetermination,
    BriefResult,
    ChangeView,
    FieldView,
    NextQuestionAnswer,
    OpenerView,
    OptionView,
    ProgressView,
    QuestionView,
    RecordView,
    RemainingView,
    RoadMapAnswer,
    RouteView,
    SettledView,
    VocabularyAnswer,
    WayView,
)
from web.summary import question_of


def brief(found: Determination) -> BriefDetermination:
    """A determination without its reasons."""
    return BriefDetermination(
        pack_version=found.pack_version,
        as_of=found.as_of,
        name=found.name,
        results=[
            BriefResult(**{name: getattr(result, name) for name in BriefResult.model_fields}) for result in found.results
        ],
        totals=found.totals,
    )


def vocabulary(pack: Pack) -> VocabularyAnswer:
    """Every field and every kind of record, in the order of the files."""
    return VocabularyAnswer(
        pack_version=pack.version,
        fields=[_field(field) for field in pack.vocabulary.enterprise],
        records=[_record(kind) for kind in pack.vocabulary.records.values()],
    )


def _field(field: VocabularyField) -> FieldView:
    spec = field.spec
    return FieldView(
        path=field.path,
        type=field.type,
        label=field.label,
        question=spec.question,
        help=spec.help,
        group=spec.group,
        unit=spec.unit,
        personal=spec.personal,
        options=_options(field),
    )


def _options(field: VocabularyField) -> list[OptionView]:
    return [OptionView(value=key, label=option.label) for key, option in field.options.items()]


def _record(kind: RecordKind) -> RecordView:
    return RecordView(
        name=kind.name,
        list=kind.list,
        label=kind.label,
        question=kind.spec.question,
        help=kind.spec.help,
        group=kind.spec.group,
        fields=tuple(_field(field) for field in kind.fields.values()),
    )


def next_question(asked: Questionnaire, pack: Pack, as_of: date) -> NextQuestionAnswer:
    """The next question, and the proof that nothing else matters where there is one."""
    question, settled, progress = asked.next(), asked.settled(), asked.progress
    return NextQuestionAnswer(
        pack_version=pack.version,
        as_of=as_of.isoformat(),
        question=None if question is None else _question(question, pack),
        settled=None if settled is None else _settled(settled),
        progress=ProgressView(**{name: getattr(progress, name) for name in ProgressView.model_fields}),
    )


def _question(question: Question, pack: Pack) -> QuestionView:
    field = pack.vocabulary.fields.get(question.key)
    kind = next((kind for kind in pack.vocabulary.records.values() if kind.list == question.key), None)
    spec = field.spec if field else kind.spec if kind else None
    return QuestionView(
        key=question.key,
        kind=question.kind,
        fields=list(question.fields),
        measures=list(question.measures),
        why=question.why,
        assumed=question.assumed,
        label=pack.vocabulary.label(question.key),
        question=question_of(question.key, pack),
        help=spec.help if spec else None,
        type=field.type if field else None,
        unit=field.spec.unit if field else None,
        options=_options(field) if field else [],
    )


def _settled(settled: Settled) -> SettledView:
    return SettledView(
        decided=list(settled.decided),
        remaining=[
            RemainingView(
                measure=item.measure,
                judgements=list(item.judgements),
                other_policies=list(item.other_policies),
                unclear=list(item.unclear),
            )
            for item in settled.remaining
        ],
        sharpened=dict(settled.sharpened),
    )


def road_map(found: RoadMap, pack: Pack, as_of: date) -> RoadMapAnswer:
    """Routes and openers."""
    return RoadMapAnswer(
        pack_version=pack.version,
        as_of=as_of.isoformat(),
        routes=[
            RouteView(
                measure=route.measure,
                ways=[_way(way) for way in route.ways],
                proven=route.proven,
                impossible=route.impossible,
                more=route.more,
            )
            for route in found.routes
        ],
        openers=[
            OpenerView(
                changes=[_change(change) for change in opener.changes],
                measures=list(opener.measures),
                totals=dict(opener.totals),
            )
            for opener in found.openers
        ],
    )


def _way(way: Way) -> WayView:
    return WayView(
        changes=[_change(change) for change in way.changes],
        facts=list(way.facts),
        judgements=list(way.judgements),
        profile=way.profile,
    )


def _change(change: Change) -> ChangeView:
    return ChangeView(kind=change.kind, what=change.what, record=change.record, text=change.text)


def measure_brief(measure: Measure, pack: Pack) -> MeasureBrief:
    """A measure as it stands in a list."""
    spec = measure.spec
    return MeasureBrief(
        id=spec.id,
        title=spec.title,
        document=measure.document,
        clause=spec.clause,
        summary=spec.summary,
        beneficiary=spec.beneficiary.label,
        benefit=rule_words.promise(spec, pack),
        amount=rule_words.amount(spec, pack),
        departments=spec.departments,
    )


def measure(found: Measure, pack: Pack) -> MeasureAnswer:
    """A measure with its conditions, its benefit and its source, in words and as written."""
    spec, document = found.spec, pack.documents[found.document].document
    stated = spec.materials or []
    return MeasureAnswer(
        **measure_brief(found, pack).model_dump(),
        pack_version=pack.version,
        subject=spec.subject,
        payee=spec.payee,
        conditions=[_row(row) for row in rule_words.conditions(found, pack)],
        conditions_as_written=spec.conditions,
        judgements=[
            JudgementView(label=item.label, question=item.question, decided_by=item.decided_by)
            for item in rule_words.judgements(found, pack)
        ],
        benefit_structured=_benefit(spec, pack),
        validity=ValidityView(
            start=document.validity.start.isoformat(),
            end=document.validity.end.isoformat() if document.validity.end else None,
            basis=document.validity.basis,
            text=rule_words.validity(document.validity),
        ),
        citation=Citation(
            document=document.id,
            title=document.title,
            number=document.number,
            issuer=document.issuer,
            clause=spec.clause,
            phrases=spec.cite,
            departments=spec.departments,
        ),
        contact=spec.contact,
        materials=[stated] if isinstance(stated, str) else stated,
        deadline=spec.deadline,
        notes=[*spec.notes, *spec.benefit.notes],
    )


def _row(row: rule_words.Row) -> ConditionRow:
    return ConditionRow(text=row.text, kind=row.kind, marks=list(row.marks), parts=[_row(part) for part in row.parts])


def _benefit(spec: MeasureSpec, pack: Pack) -> BenefitView:
    """Its figures as decimal strings in yuan, as far as the document states them."""
    stated = spec.benefit
    found = BenefitView(
        kind=stated.kind,
        text=rule_words.promise(spec, pack),
        frequency=stated.frequency,
        instrument=stated.instrument,
    )
    match stated:
        case Award():
            return found.model_copy(update={"amount_yuan": decimal_string(stated.amount)})
        case Tiered():
            amounts = {key: decimal_string(amount) for key, amount in stated.amounts.items()}
            return found.model_copy(update={"by": stated.by, "amounts_yuan": amounts})
        case Proportional():
            rated = {
                "rate": decimal_string(stated.rate),
                "base": stated.base.field or stated.base.sum,
                "per_year": stated.per_year,
                "cap": _cap(stated.cap),
            }
            return found.model_copy(update=rated)
    return found


def _cap(cap: Cap | None) -> CapView | None:
    return None if cap is None else CapView(amount_yuan=decimal_string(cap.amount), scope=cap.scope)
