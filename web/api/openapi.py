"""The OpenAPI 3.1 document: made of the shapes that check requests, so that it cannot say anything else.

pydantic writes JSON Schema 2020-12, which is the language of OpenAPI 3.1: nothing is translated, nothing lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from engine.determination import Determination
from engine.verification import KEYS
from web.api.measure_models import MeasureAnswer, MeasuresAnswer
from web.api.models import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    HealthAnswer,
    NextQuestionAnswer,
    NextQuestionRequest,
    Problem,
    RoadMapAnswer,
    RoadMapRequest,
    SchemaAnswer,
    ScreenRequest,
    VocabularyAnswer,
)
from web.api.problems import KIND, TITLES

Json: TypeAlias = dict[str, Any]
ROOT = "/api/v1"
TEMPLATE = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One address: ``name`` is that of its function in ``web.api.endpoints``, ``{id}`` in ``path`` a parameter."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    summary: str
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    description: str = ""
    line: type[BaseModel] | None = None
    """What a line holds where the answer can also be had as NDJSON."""
    parameters: Sequence[Json] = field(default=())
    problems: Sequence[int] = (429, 500)


_POSTED = (400, 413, 415, 422, 429, 500)
_DOCUMENT: Json = {
    "name": "document",
    "in": "query",
    "required": False,
    "description": "只列这份文件的措施；可多次写",
    "schema": {"type": "array", "items": {"type": "string"}},
    "style": "form",
    "explode": True,
}
_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "措施编号",
    "schema": {"type": "string"},
    "example": "lf16-city-collaborative-innovation-base-award",
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "screen", "POST", "/screen", "对照一家企业", Determination, ScreenRequest,
        "给出认定记录，与 huiqi check --format json 逐字节相同；可用 huiqi check --verify 核对。", problems=_POSTED,
    ),
    Operation(
        "next_question", "POST", "/next-question", "下一个该问什么", NextQuestionAnswer, NextQuestionRequest,
        "最能定下结论的问题和问它的理由。settled 不为空时已经证明：没有回答的资料都不再影响结论；"
        "这时 question 若不为空，是在问一项按前提处理的资料。", problems=(*_POSTED, 503),
    ),
    Operation(
        "roads", "POST", "/road-map", "怎样才能符合", RoadMapAnswer, RoadMapRequest,
        "对每项够不着的措施，给出最少的改变，或证明无论如何不符合。", problems=(*_POSTED, 503),
    ),
    Operation(
        "batch", "POST", "/batch", "对照一批企业", BatchAnswer, BatchRequest,
        "次序与请求相同；一份画像有错，只在它自己那一项里说明。请求头 Accept 写 application/x-ndjson 时每行一项，边算边给。",
        line=BatchItem, problems=(*_POSTED, 406),
    ),
    Operation(
        "measures", "GET", "/measures", "全部措施", MeasuresAnswer, parameters=(_DOCUMENT,), problems=(422, 429, 500)
    ),
    Operation(
        "measure", "GET", "/measures/{id}", "一项措施的条件、待遇和出处", MeasureAnswer, parameters=(_ID,),
        problems=(404, 429, 500),
    ),
    Operation("vocabulary", "GET", "/vocabulary", "字段词典", VocabularyAnswer),
    Operation("profile_schema", "GET", "/profile-schema", "画像的 JSON Schema", SchemaAnswer),
    Operation("healthz", "GET", "/healthz", "服务是否正常", HealthAnswer, problems=(500,)),
)  # fmt: skip

_CHINESE = re.compile("[\u4e00-\u9fff]")
_SHAPES = {
    "Citation": "出处",
    "Context": "背景：只有目标，不能申报",
    "Determination": "认定记录",
    "Item": "一条记录的结论",
    "Readiness": "资质自查；资格由主管部门认定",
    "Reason": "条件树的一个节点",
    "Result": "一项措施的结论",
    "Review": "认定意见",
    "Total": "付给同一对象的合计",
    "Waiting": "待定的结论在等什么",
}


def document(examples: Mapping[str, tuple[Any, Any]]) -> Json:
    """The document; ``examples`` are real requests and answers by the name of the operation."""
    schemas = _schemas()
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        found = _operation(operation, *examples.get(operation.name, (None, None)))
        paths.setdefault(ROOT + operation.path, {})[operation.method.lower()] = found
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "惠企 API",
            "version": version("huiqi"),
            "description": "惠企政策的对照、提问和路线图。无需登录，不用 Cookie，不保存任何内容；是否给予由主管部门决定。",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _schemas() -> Json:
    shapes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [(Problem, "serialization")]
    for operation in OPERATIONS:
        if operation.body:
            shapes.append((operation.body, "validation"))
        shapes.append((operation.answer, "serialization"))
        if operation.line:
            shapes.append((operation.line, "serialization"))
    _, found = models_json_schema(shapes, ref_template=TEMPLATE)
    schemas: Json = found["$defs"]
    for name, schema in schemas.items():
        _in_chinese(schema)
        if name in _SHAPES:
            schema["description"] = _SHAPES[name]
        for key, value in schema.get("properties", {}).items():
            if key in KEYS and "$ref" not in value:
                value.setdefault("description", KEYS[key])
    return schemas


def _in_chinese(schema: Any) -> None:
    """Takes out generated titles and what the code says of itself: readers of the document read Chinese."""
    if isinstance(schema, list):
        for part in schema:
            _in_chinese(part)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("title"), str):
        del schema["title"]
    said = schema.get("description")
    if isinstance(said, str) and not _CHINESE.search(said):
        del schema["description"]
    for part in schema.values():
        _in_chinese(part)


def _operation(operation: Operation, asked: Any, given: Any) -> Json:
    answer: Json = {"schema": _ref(operation.answer)}
    if given is not None:
        answer["example"] = given
    content: Json = {"application/json": answer}
    if operation.line:
        content["application/x-ndjson"] = {"schema": {"type": "string", "description": "每行一项，形状是 BatchItem"}}
    found: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": {
            "200": {"description": "成功", "content": content},
            **{str(status): _problem(status) for status in operation.problems},
        },
    }
    if operation.description:
        found["description"] = operation.description
    if operation.parameters:
        found["parameters"] = list(operation.parameters)
    if operation.body:
        posted: Json = {"schema": _ref(operation.body)}
        if asked is not None:
            posted["example"] = asked
        found["requestBody"] = {"required": True, "content": {"application/json": posted}}
    return found


def _problem(status: int) -> Json:
    title, detail = TITLES[status]
    example = Problem(title=title, status=status, detail=detail).model_dump()
    return {"description": title, "content": {KIND: {"schema": _ref(Problem), "example": example}}}


def _ref(shape: type[BaseModel]) -> Json:
    return {"$ref": TEMPLATE.format(model=shape.__name__)}
