"""The shapes of a pack's files: what ``document.yaml``, ``measures*.yaml``, ``programmes.yaml`` may say.

Shapes only: conditions stay as written here and are read by ``engine.condition_reader``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from engine.quantities import QuantityError, decimal_string, parse_date, parse_money, parse_ratio
from engine.spans import Number, Span
from engine.vocabulary import Shape


def _exact(span: Span) -> Any:
    if not span.is_point:
        raise ValueError("这里要一个确定的值，不能是范围")
    return span.low


def _money(value: object) -> object:
    return _positive(_read(parse_money, value))


def _ratio(value: object) -> object:
    ratio = _positive(_read(parse_ratio, value))
    try:
        decimal_string(ratio)
    except ValueError:
        raise ValueError("比例要能写成有限小数，否则金额除不尽") from None
    return ratio


def _positive(number: Any) -> Any:
    if number < 0:
        raise ValueError("不能小于0")
    return number


def _date(value: object) -> object:
    return value if value is None else _read(parse_date, value)


def _read(parse: Any, value: object) -> object:
    try:
        return _exact(parse(value))
    except QuantityError as error:
        raise ValueError(f"{error.message}。{error.hint}" if error.hint else error.message) from None


Money = Annotated[Number, PlainValidator(_money)]
Rate = Annotated[Number, PlainValidator(_ratio)]
Day = Annotated[date, BeforeValidator(_date)]
Certainty = Literal["stated", "seen", "secondary", "unverified"]


class Validity(Shape):
    """First and last day; ``end`` None means no end is set. ``basis`` says whether the text states both."""

    start: Day = Field(alias="from")
    end: Day | None = Field(alias="to")
    basis: Literal["stated", "inferred"]
    why: str = ""


class Named(Shape):
    """Another document, by title and number."""

    title: str
    number: str | None = None
    id: str | None = None
    start: Day | None = Field(default=None, alias="from")


class SourceText(Shape):
    """The official text: its file name among the texts, None where none is at hand (lints as unchecked)."""

    text: str | None
    url: str | None = None


class Document(Shape):
    """One official text."""

    id: str
    title: str
    number: str | None
    issuer: str | None
    issued: Day | None
    published: Day | None = None
    jurisdiction: str
    validity: Validity
    supersedes: list[Named] = []
    superseded_by: Named | None = None
    stacking: Literal["silent", "allowed", "exclusive"]
    source: SourceText
    notes: list[str] = []


class JudgementSpec(Shape):
    """A condition that only a person can confirm."""

    label: str
    question: str
    decided_by: list[str] = []
    note: str = ""


class Instrument(Shape):
    """Another policy that this document leans on, and what is known of it."""

    title: str
    number: str | None = None
    issued: Day | None = None
    known: str = ""
    certainty: Certainty = "stated"
    notes: list[str] = []


class Quota(Shape):
    """A quota or target: context, never a condition."""

    text: str
    clause: str | None = None
    by: Day | None = None


class Group(Shape):
    """Measures that the text itself says exclude each other, pay the highest only, or share a cap."""

    id: str
    kind: Literal["exclusive", "highest", "joint_cap"]
    measures: list[str]
    cap: Money | None = None
    cite: str


class DocumentFile(Shape):
    """``document.yaml``."""

    document: Document
    judgements: dict[str, JudgementSpec] = {}
    instruments: dict[str, Instrument] = {}
    groups: list[Group] = []
    quotas: list[Quota] = []


class Beneficiary(Shape):
    """Who the text promises it to. ``kinds`` are options of ``applicant_kinds``, or "any" with a reason."""

    label: str
    kinds: list[str] | Literal["any"]
    why: str = ""


class Base(Shape):
    """What a rate applies to: a field of the subject record, or a filtered sum over records."""

    field: str | None = None
    sum: str | None = None
    where: list[Any] | str = []


class Cap(Shape):
    """The most that is paid, and over what; ``unstated`` where the text does not say."""

    amount: Money
    scope: Literal["per_year", "per_record", "total", "unstated"]


class _Benefit(Shape):
    instrument: str | None = None
    frequency: Literal["once", "yearly"] | None = None
    text: str | None = None
    notes: list[str] = []


class Award(_Benefit):
    kind: Literal["award"]
    amount: Money


class Tiered(_Benefit):
    """An amount for each option of the field ``by``."""

    kind: Literal["tiered"]
    by: str
    amounts: dict[str, Money]


class Proportional(_Benefit):
    """A rate times a base, capped; ``per_year`` names the date whose calendar year separates the sums."""

    kind: Literal["rate", "matching"]
    rate: Rate
    base: Base
    cap: Cap | None = None
    per_year: str | None = None


class Unquantified(_Benefit):
    """A grant whose amount this text does not state (``support``, ``by_reference``), or none at all."""

    kind: Literal[
        "support",
        "by_reference",
        "service",
        "procurement_priority",
        "market_access",
        "cultivation_pool",
        "title",
        "listing",
        "housing",
        "investment",
        "application_help",
    ]
    form: str | None = None


Benefit = Annotated[Award | Tiered | Proportional | Unquantified, Field(discriminator="kind")]


class Reclassified(Shape):
    """A determinacy that differs from the list of clauses, and why."""

    origin: str = Field(alias="from")
    why: str


class MeasureSpec(Shape):
    """One promise of a document to an applicant, as written."""

    id: str
    title: str
    clause: str
    determinacy: Literal["quantified", "qualitative"]
    reclassified: Reclassified | None = None
    summary: str
    beneficiary: Beneficiary
    payee: Literal["applicant", "person", "team"]
    subject: str | None = None
    filters: dict[str, list[Any]] = {}
    conditions: list[Any]
    benefit: Benefit
    departments: list[str] = []
    contact: str | None = None
    materials: str | list[str] | None = None
    deadline: str | None = None
    quotas: list[Quota] = []
    targets: list[Quota] = []
    cite: list[str]
    notes: list[str] = []


class Programme(Shape):
    """A goal for which nobody can apply: context."""

    id: str
    clause: str
    title: str
    goal: str
    departments: list[str] = []
    targets: list[Quota] = []
    reclassified: Reclassified | None = None
    cite: list[str]
    notes: list[str] = []


class MeasuresFile(Shape):
    """``measures*.yaml``."""

    measures: list[MeasureSpec]


class ProgrammesFile(Shape):
    """``programmes*.yaml``."""

    programmes: list[Programme]


class Expectation(Shape):
    """What a case expects of its measure; only what is written is compared."""

    verdict: Literal["eligible", "ineligible", "undetermined", "not_in_force"]
    amount: str | int | Decimal | None = None
    range: list[str | int | Decimal | None] | None = None
    stated: Literal["met", "not_met", "unknown"] | None = None
    reason: str | None = None
    missing: list[str] | None = None
    waiting_for: list[Literal["fact", "judgement", "other_policy"]] | None = None


class Case(Shape):
    """A profile, a date and what must come out."""

    name: str
    measure: str
    as_of: Day
    profile: dict[str, Any]
    expect: Expectation
    note: str = ""


class CasesFile(Shape):
    """``cases*.yaml``."""

    cases: list[Case]


class Provenance(Shape):
    """Where a derived fact or a parameter comes from."""

    title: str
    clause: str | None = None
    url: str | None = None
    certainty: Certainty = "stated"
    note: str = ""


class DatedValue(Shape):
    """A value and the days on which it holds."""

    start: Day | None = Field(alias="from")
    end: Day | None = Field(default=None, alias="to")
    value: str | int
    source: str
    certainty: Certainty


class ParameterSpec(Shape):
    """A dated threshold."""

    label: str
    type: Literal["money", "count", "ratio", "date"] = "money"
    values: list[DatedValue]


class DerivedCase(Shape):
    """``value`` where ``when`` holds and no earlier case did."""

    when: list[Any]
    value: Any
    note: str = ""


class DerivedSpec(Shape):
    """A derived fact: cases from the top, the first that holds gives the value."""

    field: str
    title: str
    source: Provenance
    cases: list[DerivedCase]
    otherwise: Any = None
    note: str = ""


class CheckSpec(Shape):
    """A readiness check: whether applying for a title is worth considering. It never grants the title.

    ``unless`` says when it is pointless because the title is held.
    """

    id: str
    title: str
    source: Provenance
    unless: list[Any]
    conditions: list[Any]
    note: str = ""


class DerivedFile(Shape):
    """``rules/derived/*.yaml``."""

    parameters: dict[str, ParameterSpec] = {}
    derived: list[DerivedSpec] = []
    judgements: dict[str, JudgementSpec] = {}
    checks: list[CheckSpec] = []
