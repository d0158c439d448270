"""What the code tables share: reading them from ``rules/tables``, comparing names, refusing with a hint.

Every table is read whole, once per process and directory, and its name index is built at the first name
asked for: a fresh process pays some milliseconds for what it uses.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from engine.diagnostics import Finding, InputError

_IGNORED = re.compile(r"[\s·・•‧、,，。\-–—_/|>()\[\]]+")
_ZERO_FRACTION = re.compile(r"(\d+)\.0+")


class CodeError(ValueError):
    """A code or name that a table does not know, or knows to be wrong.

    ``code`` is stable (``division-unknown``); ``message`` and ``hint`` are Chinese sentences without a full
    stop; ``hint`` is "" where there is nothing to suggest.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = message
        self.hint = hint
        super().__init__(code, message, hint)  # what an exception needs to cross a process border

    def __str__(self) -> str:
        return f"{self.message}。{self.hint}" if self.hint else self.message


def half_width(text: str) -> str:
    """The text in its compatible form: full-width digits and letters become ASCII, invisible marks vanish."""
    folded = unicodedata.normalize("NFKC", text)
    if folded.isascii():
        return folded.strip()
    return "".join(mark for mark in folded if unicodedata.category(mark) != "Cf").strip()


def bare(text: str) -> str:
    """The text as names are compared: half width, without white space and the marks between words.

    >>> bare("北京市 · 海淀区")
    '北京市海淀区'
    """
    return _IGNORED.sub("", half_width(text))


def whole_number(text: str) -> str:
    """The text without the ``.0`` that a spreadsheet hangs on a code; any other text as it is."""
    match = _ZERO_FRACTION.fullmatch(text)
    return match[1] if match else text


def near(text: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """At most ``limit`` names that resemble the text, the nearest first; none for a single character."""
    if len(text) < 2:
        return []
    return difflib.get_close_matches(text, names, limit, 0.5)


def broadest(codes: Iterable[str]) -> frozenset[str]:
    """The codes that lie within no other of them; codes are prefix strings."""
    kept: set[str] = set()
    for code in sorted(set(codes), key=len):
        if not any(code.startswith(other) for other in kept):
            kept.add(code)
    return frozenset(kept)


def read_rows(path: Path, header: tuple[str, ...]) -> list[list[str]]:
    """The rows of a UTF-8 CSV below exactly this header, each as wide as the header, first column unique.

    Raises ``InputError`` with file and line where the file is missing or shaped otherwise.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError) as problem:
        raise _unusable(path, 0, "table-unreadable", f"读不了代码表：{problem}") from problem
    if not rows or tuple(rows[0]) != header:
        raise _unusable(path, 1, "table-header", f"代码表的表头应为 {','.join(header)}")
    findings: list[Finding] = []
    seen: set[str] = set()
    for line, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            message = f"应有 {len(header)} 列，实有 {len(row)} 列"
            findings.append(Finding(str(path), line, 1, "table-row", message))
        elif row[0] in seen:
            findings.append(Finding(str(path), line, 1, "table-duplicate", f"代码 {row[0]} 重复"))
        else:
            seen.add(row[0])
    if findings:
        raise InputError(findings)
    return rows[1:]


def read_names(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file of names. Raises ``InputError`` where it is missing or no mapping."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), loader)  # safe, and in C where that is built
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise _unusable(path, 0, "table-unreadable", f"读不了名称表：{problem}") from problem
    if not isinstance(content, dict):
        raise _unusable(path, 1, "table-shape", "名称表应是键值对")
    return content


def _unusable(path: Path, line: int, code: str, message: str) -> InputError:
    return InputError([Finding(str(path), line, min(line, 1), code, message)])


def remembered(look_up: Callable[[str | int], frozenset[str]]) -> Callable[[str | int], frozenset[str]]:
    """The same look-up, remembering answers and refusals: a list repeats a few names a million times."""

    @lru_cache(maxsize=65536)
    def outcome(text: str | int) -> frozenset[str] | tuple[str, str, str]:
        try:
            return look_up(text)
        except CodeError as problem:
            return problem.code, problem.message, problem.hint

    def find(text: str | int) -> frozenset[str]:
        answer = outcome(text)
        if isinstance(answer, tuple):
            raise CodeError(*answer)
        return answer

    return find
