"""Writing plain data as YAML that people read: flow style, unquoted where that is safe, in lines of bounded width."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine.yaml_text import AMBIGUOUS

WIDTH = 108
_SAFE = re.compile(r"[^\W\d_][^,\[\]{}:#&*!|>'\"%@`\\?\x00-\x1f]*|\d{4}-\d\d-\d\d")
_WORDS = AMBIGUOUS | {"null", "true", "false", "~"}


def scalar(value: object) -> str:
    """One value; text in quotes where it could be read as anything else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = str(value)
    if _SAFE.fullmatch(text) and text.casefold() not in _WORDS and text == text.strip():
        return text
    return json.dumps(text, ensure_ascii=False)


def entry(key: str, value: Any, indent: int) -> str:
    """``key: value`` at an indentation, broken after commas where it would be too wide."""
    lines, line = [], " " * indent + f"{key}: "
    for piece in _pieces(value):
        if _columns(line + piece.rstrip()) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * (indent + 2)
        line += piece
    return "\n".join([*lines, line.rstrip()])


def _pieces(value: Any) -> Iterator[str]:
    """The value as text, cut where a line may end."""
    if isinstance(value, Mapping):
        yield from _bracketed("{", [(f"{scalar(k)}: ", v) for k, v in value.items()], "}")
    elif isinstance(value, list | tuple):
        yield from _bracketed("[", [("", item) for item in value], "]")
    else:
        yield scalar(value)


def _bracketed(opening: str, items: list[tuple[str, Any]], closing: str) -> Iterator[str]:
    before = opening
    for n, (name, item) in enumerate(items):
        pieces = list(_pieces(item))
        pieces[0] = before + name + pieces[0]
        pieces[-1] += ", " if n < len(items) - 1 else closing
        before = ""
        yield from pieces
    if not items:
        yield opening + closing


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
