"""Reading JSON from strangers exactly: no binary fractions, no second entry of one name, and limits on everything.

Numbers become ``int`` or ``Decimal``, with the limits of YAML (``engine.yaml_text``), so that a profile means the same in
either language.
"""

from __future__ import annotations

import json
from typing import Any

from engine import yaml_text
from engine.diagnostics import Finding, InputError
from engine.yaml_source import MAX_DEPTH, Plain

MAX_BYTES = 16 * 1024 * 1024
_LINE = "看这一行附近的引号、逗号和括号"


class _Refused(ValueError):
    """A value that JSON allows and we do not; ``hint`` says what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def read_json(data: bytes, file: str) -> Plain:
    """The plain data of one JSON text in UTF-8; ``file`` is the name shown to people.

    Raises InputError with one finding, with line and column where there is one.
    """
    if len(data) > MAX_BYTES:
        raise _problem(file, "json-too-large", f"内容太大，超过 {MAX_BYTES // 1024 // 1024} MB", "请分几次")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _problem(file, "json-not-utf8", "内容不是 UTF-8 编码", "请用 UTF-8 编码保存或发送") from None
    try:
        found: Plain = json.loads(
            text, object_pairs_hook=_once, parse_int=_number, parse_float=_number, parse_constant=_no_number
        )
        _within_limits(found)
    except json.JSONDecodeError as error:
        finding = Finding(file, error.lineno, error.colno, "json-syntax", "不是完整的 JSON", _LINE)
        raise InputError([finding]) from None
    except _Refused as error:
        raise _problem(file, error.code, error.message, error.hint) from None
    except RecursionError:
        raise _problem(file, "json-too-deep", f"嵌套太深，超过 {MAX_DEPTH} 层", "减少层次") from None
    return found


def _problem(file: str, code: str, message: str, hint: str) -> InputError:
    return InputError([Finding(file, 0, 0, code, message, hint)])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _Refused("json-duplicate-key", f"名称“{yaml_text.show(twice)}”重复", "只保留一处")
    return found


def _number(text: str) -> Any:
    value, code = yaml_text.resolve(text)
    if code:
        raise _Refused(code, f"数字“{yaml_text.show(text)}”位数或指数太大", "检查数字；编号请加引号")
    return value


def _no_number(text: str) -> Any:
    raise _Refused("json-not-a-number", f"“{text}”不是 JSON 的数", "不知道的数请写 null")


def _within_limits(root: Plain) -> None:
    """Refuses control characters, halves of characters, and depth; without recursion."""
    waiting: list[tuple[Any, int]] = [(root, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _Refused("json-too-deep", f"嵌套太深，超过 {MAX_DEPTH} 层", "减少层次")
        if isinstance(value, str):
            control = yaml_text.escaped_control(value)
            if control:
                message = f"文字里有控制字符或半个字符（U+{ord(control):04X}）"
                raise _Refused("json-control-character", message, "删去它")
        elif isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
