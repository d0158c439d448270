"""What the API tells of a measure, as shapes."""

from __future__ import annotations

from typing import Any, Literal

from engine.determination import Citation
from web.api.models import Answer


class MeasureBrief(Answer):
    """一项措施的概要。"""

    id: str
    title: str
    document: str
    clause: str
    summary: str
    beneficiary: str
    benefit: str
    amount: str | None
    departments: list[str]


class MeasuresAnswer(Answer):
    """全部措施。"""

    pack_version: str
    measures: list[MeasureBrief]


class ConditionRow(Answer):
    """一个条件的说法，和它下面的条件。"""

    text: str
    kind: Literal["group", "condition", "judgement", "reference"]
    marks: list[str]
    parts: list[ConditionRow]


class CapView(Answer):
    """最多给多少。"""

    amount_yuan: str
    scope: Literal["per_year", "per_record", "total", "unstated"]


class BenefitView(Answer):
    """待遇；文件没有写明的为空。"""

    kind: str
    text: str
    frequency: Literal["once", "yearly"] | None
    instrument: str | None
    amount_yuan: str | None = None
    by: str | None = None
    amounts_yuan: dict[str, str] | None = None
    rate: str | None = None
    base: str | None = None
    per_year: str | None = None
    cap: CapView | None = None


class JudgementView(Answer):
    """只能由人认定的条件。"""

    label: str
    question: str
    decided_by: list[str]


class ValidityView(Answer):
    """文件的有效期。"""

    start: str
    end: str | None
    basis: Literal["stated", "inferred"]
    text: str


class MeasureAnswer(MeasureBrief):
    """一项措施：条件、待遇、出处。"""

    pack_version: str
    subject: str | None
    payee: str
    conditions: list[ConditionRow]
    conditions_as_written: list[Any]
    judgements: list[JudgementView]
    benefit_structured: BenefitView
    validity: ValidityView
    citation: Citation
    contact: str | None
    materials: list[str]
    deadline: str | None
    notes: list[str]
