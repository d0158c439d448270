"""From plain data with positions to pydantic shapes; every error becomes a finding in Chinese."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.diagnostics import Findings
from engine.open_points import CODE, open_points
from engine.yaml_source import Path, Source

Model = TypeVar("Model", bound=BaseModel)

_TYPES = {
    "string_type": "文本",
    "int_type": "整数",
    "bool_type": "true 或 false",
    "list_type": "列表（每项一行，以 - 开头）",
    "dict_type": "“键： 值”的映射",
    "model_type": "“键： 值”的映射",
    "model_attributes_type": "“键： 值”的映射",
    "date_type": "日期",
    "none_required": "空",
}


def read_shape(model: type[Model], source: Source, findings: Findings) -> Model | None:
    """``source`` as ``model``; None where it does not fit or has open points, with every reason in ``findings``."""
    points = dict(open_points(source.data))
    for path, question in points.items():
        findings.add(source.finding(path, CODE, f"待定：{question or _name(path)}"))
    try:
        found = model.model_validate(source.data)
        return None if points else found
    except ValidationError as error:
        wanted: dict[Path, list[str]] = {}
        for item in error.errors(include_url=False):
            if _is_open(item, points, source):
                continue
            if item["type"] in _TYPES:
                # A union complains once for each of its members: one finding names them all.
                wanted.setdefault(_existing(source, item["loc"]), []).append(_TYPES[item["type"]])
            else:
                _report(item, model, source, findings)
        for path, types in wanted.items():
            message = f"“{_name(path)}”应为{'或'.join(dict.fromkeys(types))}"
            findings.add(source.finding(path, "shape-wrong-type", message))
        return None


def _is_open(item: Any, points: Iterable[Path], source: Source) -> bool:
    """Whether an error only says that an open point is no value yet: it lies at one, in one or just around one."""
    if item["type"] in ("missing", "extra_forbidden"):
        return False
    at = _existing(source, item["loc"])
    return any(at[: len(point)] == point[: len(at)] for point in points)


def _name(path: Path) -> str:
    """What the value at ``path`` is called: the nearest key."""
    return next((part for part in reversed(path) if isinstance(part, str)), "文件")


def _report(item: Any, model: type[BaseModel], source: Source, findings: Findings) -> None:
    path = _existing(source, item["loc"])
    kind, context = item["type"], item.get("ctx", {})
    given = kind in ("missing", "extra_forbidden") and item["loc"]
    name = str(item["loc"][-1]) if given else _name(path)
    if kind == "missing":
        findings.add(source.finding(path, "shape-missing-key", f"缺少“{name}”", "请补上这一项；没有内容写 null"))
    elif kind == "extra_forbidden":
        near = difflib.get_close_matches(name, _keys(model), n=1)
        hint = f"是不是“{near[0]}”？" if near else "请删去，或检查缩进"
        findings.add(source.finding(path, "shape-unknown-key", f"不认识的键“{name}”", hint, key=True))
    elif kind in ("literal_error", "union_tag_invalid"):
        allowed = str(context.get("expected") or context.get("expected_tags", "")).replace("'", "").replace(" or ", "、")
        findings.add(source.finding(path, "shape-not-allowed", f"“{name}”的值不在允许的范围内", f"可写：{allowed}"))
    elif kind == "union_tag_not_found":
        findings.add(source.finding(path, "shape-missing-key", f"“{name}”缺少 kind", "请写明种类"))
    elif kind == "value_error":
        findings.add(source.finding(path, "shape-bad-value", f"“{name}”: {context['error']}"))
    else:
        findings.add(source.finding(path, "shape-wrong-type", f"“{name}”应为另一种内容"))


def _existing(source: Source, location: tuple[str | int, ...]) -> Path:
    """The location without pydantic's own parts (union tags), which are not in the file."""
    path: list[str | int] = []
    data: Any = source.data
    tagged = False
    for part in location:
        if isinstance(data, dict) and not tagged and part == data.get("kind"):
            tagged = True  # the tag, also where a key is called the same (rate)
        elif (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int)):
            path.append(part)
            data, tagged = data[part], False  # type: ignore[index]
    return tuple(path)


def _keys(model: type[BaseModel]) -> set[str]:
    """All keys that occur in a shape and the shapes within it."""
    seen: set[type[BaseModel]] = set()
    keys: set[str] = set()

    def visit(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
            seen.add(annotation)
            for name, info in annotation.model_fields.items():
                keys.add(info.alias or name)
                visit(info.annotation)
        for part in getattr(annotation, "__args__", ()):
            visit(part)

    visit(model)
    return keys
