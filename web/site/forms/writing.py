"""A profile as the YAML file that people keep: fields by group, a line each, records below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.flow_yaml import entry, scalar
from engine.vocabulary import Vocabulary


def as_yaml(data: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """Valid profile data as YAML, which ``huiqi check`` reads as the same profile."""
    lines = ["# 企业画像，用 huiqi check 对照，或上传后接着填。没有写的是不清楚。"]
    group = ""
    for field in sorted(vocabulary.enterprise, key=lambda field: _groups(vocabulary).index(field.spec.group)):
        if field.path in data:
            if field.spec.group != group:
                group = field.spec.group
                lines += ["", f"# {group}"]
            lines.append(f"{entry(field.path, data[field.path], 0)}{_comment(field.label, data[field.path])}")
    for kind in vocabulary.records.values():
        if kind.list in data:
            lines += ["", f"# {kind.label}", *_list(kind.list, data[kind.list])]
    if len(lines) == 1:
        lines.append("{}")
    return "\n".join(lines) + "\n"


def _groups(vocabulary: Vocabulary) -> list[str]:
    return list(dict.fromkeys(field.spec.group for field in vocabulary.enterprise))


def _comment(label: str, value: Any) -> str:
    return "" if isinstance(value, list | dict) else f"  # {label}"


def _list(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield f"{name}:"
        yield f"  partial: {scalar(value['partial'])}"
        yield from _items("items", value["items"], 2)
    else:
        yield from _items(name, value, 0)


def _items(name: str, items: Any, indent: int) -> Iterator[str]:
    if not items or not isinstance(items, list):
        yield entry(name, items, indent)
        return
    yield f"{' ' * indent}{name}:"
    for item in items:
        lead = f"{' ' * (indent + 2)}- "
        if not item:
            yield f"{lead}{{}}"
        for key, value in item.items():
            yield lead + entry(key, value, indent + 4).lstrip(" ")
            lead = " " * (indent + 4)
