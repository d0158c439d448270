"""Problems as RFC 9457 ``application/problem+json``, whoever finds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Flask, Response, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.http import HTTP_STATUS_CODES

from engine.diagnostics import Finding, InputError
from web.api.models import FieldProblem, Problem

PREFIX = "/api/"
KIND = "application/problem+json"
MOST = 100
TITLES: dict[int, tuple[str, str]] = {
    400: ("请求读不懂", "请求的正文不是完整的 JSON。"),
    404: ("没有这个地址", "请对照 /api/v1/docs 检查地址。"),
    405: ("不能用这种方法", "请对照 /api/v1/docs 检查请求方法。"),
    406: ("给不出这种格式", "请求头 Accept 里没有这里能给的格式。"),
    413: ("请求太大", "请分几次发送。"),
    415: ("不认识正文的格式", "请用 application/json 发送。"),
    422: ("内容有问题", "请按 errors 里指出的地方改正。"),
    429: ("请求太频繁", "请过一会儿再试；响应头 Retry-After 是要等的秒数。"),
    500: ("服务出错", "不是您的请求有误；请稍后再试，仍不行请联系管理员。"),
    503: ("暂时做不了", "请稍后再试。"),
}
_MESSAGES = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "list_type": "应为列表",
    "dict_type": "应为“字段: 值”的对象",
    "model_type": "应为对象",
    "literal_error": "不是可选的值",
    "too_long": "太多了",
}


class ApiProblem(Exception):
    """An answer that is a problem."""

    def __init__(self, status: int, detail: str = "", errors: Iterable[FieldProblem] = ()) -> None:
        super().__init__(detail)
        title, general = TITLES[status]
        shown = list(errors)[:MOST]
        self.problem = Problem(title=title, status=status, detail=detail or general, errors=shown)


def of_input(error: InputError, status: int = 422) -> ApiProblem:
    """From findings whose file is a pointer into the request."""
    return ApiProblem(status, errors=[field_problem(finding) for finding in error.findings])


def field_problem(finding: Finding) -> FieldProblem:
    """One finding; line and column of a text that could not be read belong to the message."""
    place = f"第 {finding.line} 行第 {finding.column} 列：" if finding.line else ""
    return FieldProblem(pointer=finding.file, message=place + finding.message, hint=finding.hint)


def of_shape(error: ValidationError) -> ApiProblem:
    """From what pydantic found in the request."""
    return ApiProblem(422, errors=_shapes(error))


def _shapes(error: ValidationError) -> Iterator[FieldProblem]:
    for found in error.errors(include_url=False, include_input=False):
        yield FieldProblem(pointer=pointer(found["loc"]), message=_message(found), hint=_hint(found))


def _message(found: ErrorDetails) -> str:
    if found["type"] == "value_error":
        return str(found["ctx"]["error"])
    return _MESSAGES.get(found["type"], "写法不对")


def _hint(found: ErrorDetails) -> str:
    context = found.get("ctx", {})
    if found["type"] == "literal_error":
        return f"可选：{str(context['expected']).replace(' or ', '、').replace(chr(39), '')}"
    if found["type"] == "too_long":
        return f"最多 {context['max_length']} 项"
    return "见 /api/v1/docs"


def pointer(path: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def answer(problem: Problem) -> Response:
    """The problem as a response."""
    return Response(problem.model_dump_json(), problem.status, content_type=KIND)


def install(app: Flask) -> None:
    """Make every failure under the API's address such a problem, those of routing and of guards too."""
    app.after_request(_translated)


def _translated(response: Response) -> Response:
    failed = response.status_code >= 400 and request.path.startswith(PREFIX)
    if failed and response.mimetype != KIND:
        status = response.status_code
        title, detail = TITLES.get(status, (HTTP_STATUS_CODES.get(status, "出错"), "请求没有办成。"))
        response.set_data(Problem(title=title, status=status, detail=detail).model_dump_json())
        response.content_type = KIND
    return response
