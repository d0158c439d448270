"""One answer as it is typed: what it says about a field, or what it asks the questionnaire to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from engine.quantities import is_missing_word
from engine.spans import half_width
from engine.values import NONE_WORDS, Tables, ValueProblem, read_value
from engine.vocabulary import OPTIONS, VocabularyField

Command = Literal["back", "why", "help", "stop", "unclear"]
COMMANDS: dict[str, Command] = {
    "返回": "back", "上一题": "back", "b": "back",
    "为什么": "why", "y": "why",
    "帮助": "help", "?": "help", "h": "help",
    "结束": "stop", "退出": "stop", "q": "stop",
    "不清楚": "unclear", "跳过": "unclear", "s": "unclear",
}  # fmt: skip
YES_WORDS = frozenset({"有", "是", "y", "yes"})
NO_WORDS = NONE_WORDS | {"否", "不", "n", "no", "0"}
SEVERAL = re.compile(r"[、,，;；\s]+")


@dataclass(frozen=True, slots=True)
class Value:
    """An answer as a profile writes it: text, or a list of options."""

    raw: Any


class Unreadable(ValueError):
    """An answer that means nothing here; ``message`` is what to say, in Chinese."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def command_of(text: str) -> Command | None:
    """What the line asks for, if it is no answer."""
    word = half_width(text).strip().casefold()
    found = COMMANDS.get(word)
    return "unclear" if found is None and word and is_missing_word(word) else found


def read_answer(text: str, field: VocabularyField, tables: Tables) -> Command | Value:
    """A command, or a value of the field. Options may be given by number or by name. Raises Unreadable."""
    typed = text.strip()
    if not typed:
        raise Unreadable("请回答；不清楚就写“不清楚”")
    named = field.type in OPTIONS and bool(field.option_of(typed))
    if not named and (command := command_of(typed)) is not None:
        return command
    raw = _options(typed, field) if field.type in OPTIONS else typed
    try:
        value = read_value(field, raw, tables)
    except ValueProblem as problem:
        raise Unreadable("；".join(part for part in (problem.message, problem.hint) if part)) from None
    if field.type == "division" and isinstance(value, frozenset) and len(value) > 1:
        places = "、".join(sorted(tables.divisions.label(code) for code in value)[:6])
        raise Unreadable(f"“{typed}”不止一处，请写全：{places}")
    return Value(raw)


def _options(typed: str, field: VocabularyField) -> Any:
    """Numbers and names as options; one stands alone, several are a list."""
    if typed in NONE_WORDS and field.type == "choices":
        return []
    if field.option_of(typed):
        return typed
    listed = list(field.options)
    parts = [part for part in SEVERAL.split(half_width(typed)) if part]
    chosen = [_numbered(part, listed) for part in parts]
    return chosen[0] if len(chosen) == 1 and field.type != "choices" else chosen


def _numbered(part: str, listed: list[str]) -> str:
    if not part.isdecimal():
        return part
    number = int(part)
    if not 1 <= number <= len(listed):
        raise Unreadable(f"没有第 {part} 个选项，请写 1 到 {len(listed)}，或写选项的名称")
    return listed[number - 1]


def read_whether(text: str) -> Command | bool | None:
    """Whether there is something: yes, no, a command; None where the line says neither."""
    word = half_width(text).strip().casefold()
    if word in YES_WORDS or (word.isdecimal() and int(word) > 0):
        return True
    if word in NO_WORDS:
        return False
    return command_of(text)
