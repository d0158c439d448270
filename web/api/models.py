"""What the API takes and gives, as shapes: they check requests, and the OpenAPI document is made of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from engine.determination import AmountStatus, Determination, Stated, Total, Verdict, YuanRange

MOST_PROFILES = 1000


def _day(value: object) -> object:
    if value is None or isinstance(value, date):
        return value
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("应为“2026-11-22”这样的日期") from None


Day = Annotated[
    date | None,
    BeforeValidator(_day),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}),
]
ProfileData = Annotated[dict[str, Any], Field(description="企业画像，写法与 huiqi check 的画像相同；见 /api/v1/profile-schema")]


class Asked(BaseModel):
    """What every question about enterprises may say beside the profile."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day = Field(default=None, description="评估日，默认今天")
    documents: list[str] = Field(default=[], max_length=100, description="只看这些文件；空为全部")
    measures: list[str] = Field(default=[], max_length=1000, description="只看这些措施；空为全部")


class ScreenRequest(Asked):
    """对照一家企业。"""

    profile: ProfileData


class NextQuestionRequest(Asked):
    """问下一个问题。"""

    profile: ProfileData = Field(default_factory=dict)
    skipped: list[str] = Field(default=[], max_length=1000, description="已回答“不清楚”的问题编号，不再问")


class RoadMapRequest(Asked):
    """怎样才能符合。"""

    profile: ProfileData


class BatchRequest(Asked):
    """对照一批企业。"""

    profiles: list[Any] = Field(max_length=MOST_PROFILES, description=f"画像的列表，最多 {MOST_PROFILES} 份；一份有错不影响其余")
    detail: Literal["brief", "full"] = Field(default="brief", description="brief 只要结论和金额；full 要完整的认定记录")


class Answer(BaseModel):
    """Base of the answers."""

    model_config = ConfigDict(frozen=True)


class FieldProblem(Answer):
    """请求里的一处问题。"""

    pointer: str = Field(description="JSON Pointer，指出在请求的哪里")
    message: str
    hint: str = ""


class Problem(Answer):
    """出错时的说明（RFC 9457）。"""

    type: str = Field(default="about:blank", description="问题的种类")
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default=[])


class BriefResult(Answer):
    """一项措施的结论和金额。"""

    measure: str
    verdict: Verdict
    stated: Stated
    amount_yuan: str | None
    amount_range_yuan: YuanRange | None
    amount_status: AmountStatus
    payee: str
    missing: list[str]
    judgements: list[str]


class BriefDetermination(Answer):
    """一份画像的结论和金额，不带理由。"""

    pack_version: str
    as_of: str
    name: str | None
    results: list[BriefResult]
    totals: dict[str, Total]


class BatchItem(Answer):
    """一份画像的结果；determination 和 problem 恰有一个。"""

    index: int = Field(description="在请求里的次序，从 0 起")
    determination: Determination | BriefDetermination | None = None
    problem: Problem | None = None


class BatchAnswer(Answer):
    """一批结果，次序与请求相同。"""

    items: list[BatchItem]


class OptionView(Answer):
    """一个选项。"""

    value: str
    label: str


class FieldView(Answer):
    """一个字段，以及怎样问它。"""

    path: str
    type: str
    label: str
    question: str | None
    help: str | None
    group: str
    unit: str | None
    personal: bool
    options: list[OptionView]


class RecordView(Answer):
    """一类记录，在画像里是一个列表。"""

    name: str
    list: str
    label: str
    question: str | None
    help: str | None
    group: str
    fields: tuple[FieldView, ...]


class VocabularyAnswer(Answer):
    """字段词典。"""

    pack_version: str
    fields: list[FieldView]
    records: list[RecordView]


class QuestionView(Answer):
    """一个问题：问什么、为什么问。"""

    key: str
    kind: Literal["field", "list"]
    fields: list[str]
    measures: list[str]
    why: str
    assumed: bool
    label: str
    question: str
    help: str | None
    type: str | None = Field(description="字段的类型；列表为空")
    unit: str | None
    options: list[OptionView]


class RemainingView(Answer):
    """问完以后，一项措施还等什么。"""

    measure: str
    judgements: list[str]
    other_policies: list[str]
    unclear: list[str]


class SettledView(Answer):
    """已证明：没有回答的资料都不再影响结论。"""

    decided: list[str]
    remaining: list[RemainingView]
    sharpened: dict[str, Literal["eligible", "ineligible"]]


class ProgressView(Answer):
    """问到哪里了。"""

    answered: int
    remain: int
    settled: int
    measures: int


class NextQuestionAnswer(Answer):
    """下一个问题；没有了就给出证明。"""

    pack_version: str
    as_of: str
    question: QuestionView | None
    settled: SettledView | None
    progress: ProgressView


class ChangeView(Answer):
    """一处改变。"""

    kind: Literal["field", "record", "add"]
    what: str
    record: int | None
    text: str


class WayView(Answer):
    """一种最少的改变。"""

    changes: list[ChangeView]
    facts: list[str]
    judgements: list[str]
    profile: dict[str, Any]


class RouteView(Answer):
    """一项措施怎样才能符合，或为什么无论如何不符合。"""

    measure: str
    ways: list[WayView]
    proven: bool
    impossible: str | None
    more: bool


class OpenerView(Answer):
    """一两处改变合起来能打开的措施。"""

    changes: list[ChangeView]
    measures: list[str]
    totals: dict[str, Total]


class RoadMapAnswer(Answer):
    """路线图。"""

    pack_version: str
    as_of: str
    routes: list[RouteView]
    openers: list[OpenerView]


class SchemaAnswer(BaseModel):
    """画像的 JSON Schema（2020-12）。"""

    model_config = ConfigDict(extra="allow")


class HealthAnswer(Answer):
    """服务正常。"""

    status: Literal["ok"]
    pack_version: str
    documents: int
    measures: int
