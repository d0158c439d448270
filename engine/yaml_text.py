"""What YAML text says before and below its structure: unreadable characters, scalars, and syntax errors in Chinese.

Pure functions; ``yaml_source`` gives them places and turns them into findings. Lines and columns count from 0 here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MAX_DIGITS = 40
MAX_EXPONENT = 40

Shifts = dict[int, list[int]]
"""For each line with joined surrogate pairs, the columns from which on two more must be added."""

_RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_ESCAPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAK = re.compile(r"\r\n?|\n")
_DIRECTIVE = re.compile(r"^%(?:YAML|TAG)\b", re.MULTILINE)
_HIGH, _LOW = r"\\u([dD][89abAB][0-9a-fA-F]{2})", r"\\u([dD][c-fC-F][0-9a-fA-F]{2})"
_PAIR = re.compile(rf"(?<!\\)((?:\\\\)*){_HIGH}{_LOW}")
_JOINED = re.compile(r"\\U000([0-9a-f]{5})")
_NUMBER = re.compile(r"-?((?:0|[1-9][0-9]*)(\.[0-9]+)?)(?:[eE][+-]?0*([0-9]+))?")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
AMBIGUOUS = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Words that other YAML readers take for true or false; compare in lower case."""

Scalar = str | int | Decimal | bool | None


def place_of(text: str, index: int) -> tuple[int, int]:
    """Line and column, from 0, of the character at ``index``; CR LF is one line break, a lone CR too."""
    line = start = 0
    for found in _BREAK.finditer(text, 0, index):
        line, start = line + 1, found.end()
    return line, index - start


def unreadable(text: str) -> tuple[int, int]:
    """Index of the first character that YAML forbids or no editor shows, and how many there are; (-1, 0): none."""
    first = _RAW.search(text)
    return (first.start(), len(_RAW.findall(text))) if first else (-1, 0)


def escaped_control(value: str) -> str:
    """The first control character, or half of a pair, that an escape brought into a quoted text, or ''."""
    found = _ESCAPED.search(value)
    return found[0] if found else ""


def readable(text: str) -> str:
    """``text`` without the characters that ``unreadable`` finds, each with a blank in its place."""
    return _RAW.sub(" ", text)


def directive(text: str) -> int:
    """Index of a ``%YAML`` or ``%TAG`` line, or -1. libyaml takes quadratic time over many of them."""
    found = _DIRECTIVE.search(text)
    return found.start() if found else -1


def open_json(text: str) -> str:
    """JSON may stand between tabs, which YAML takes for indentation: they become spaces, a column each."""
    body = text.strip(" \t\r\n")
    if body[:1] not in ("{", "[") or len(body) == len(text):
        return text
    start = text.index(body[0])
    end = start + len(body)
    return text[:start].replace("\t", " ") + body + text[end:].replace("\t", " ")


def join_pairs(text: str) -> tuple[str, Shifts]:
    r"""Write the JSON escapes of a surrogate pair, ``\ud83d\ude00``, as YAML's ``\U0001f600``, two columns less."""
    if not _PAIR.search(text):
        return text, {}
    lines = text.splitlines(keepends=True)
    shifts: Shifts = {}
    for number, line in enumerate(lines):
        ends = [found.end() - 2 * count for count, found in enumerate(_PAIR.finditer(line), 1)]
        if ends:
            shifts[number] = ends
            lines[number] = _PAIR.sub(_join, line)
    return "".join(lines), shifts


def _join(pair: re.Match[str]) -> str:
    code = 0x10000 + ((int(pair[2], 16) - 0xD800) << 10) + int(pair[3], 16) - 0xDC00
    return f"{pair[1]}\\U{code:08x}"


def split_pairs(value: str) -> str:
    """Undo ``join_pairs`` in text that knows no escapes (not in double quotes)."""

    def split(found: re.Match[str]) -> str:
        code = int(found[1], 16) - 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}" if code >= 0 else found[0]

    return _JOINED.sub(split, value)


def unshift(shifts: Shifts, line: int, column: int) -> int:
    """The column in the text as it was before ``join_pairs``."""
    return column + 2 * bisect_right(shifts[line], column) if line in shifts else column


def resolve(value: str) -> tuple[Scalar, str]:
    """The meaning of an unquoted scalar, and '' or the code of the limit on numbers that it breaks."""
    if value in _WORDS:
        return _WORDS[value], ""
    if value[0] not in "-0123456789":
        return value, ""
    number = _NUMBER.fullmatch(value)
    if number is None:
        return value, ""
    mantissa, fraction, exponent = number.groups()
    if len(mantissa) - bool(fraction) > MAX_DIGITS:
        return value, "yaml-number-too-long"
    if exponent is not None and (len(exponent) > 3 or int(exponent) > MAX_EXPONENT):
        return value, "yaml-exponent-too-large"
    if fraction is None and exponent is None:
        return int(value), ""
    return Decimal(value), ""


def show(text: str) -> str:
    """A user's text inside a message: on one line and not long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:39] + "…"


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """One syntax error: its place from 0, and what to say."""

    line: int
    column: int
    code: str
    message: str
    hint: str


# Part of the reader's problem (libyaml's and PyYAML's own wording), at its context or not, message, hint.
_PROBLEMS: tuple[tuple[str, bool, str, str], ...] = (
    ("mapping values are not allowed", False, "这里不应出现冒号",
     "检查缩进和上一行；文字里若有“冒号加空格”，请给整段文字加引号"),
    ("could not find expected ':'", True, "这一行缺少“冒号加空格”", "写成“名称: 内容”；多行文字请用 | 或引号"),
    ("unexpected end of stream", True, "引号没有配对", "在文字末尾补上同样的引号"),
    ("unexpected document indicator", True, "引号没有配对", "在文字末尾补上同样的引号"),
    ("expected ',' or ']'", False, "方括号里缺少逗号，或没有用 ] 收尾", "各项之间用半角逗号，末尾补上 ]"),
    ("expected ',' or '}'", False, "花括号里缺少逗号，或没有用 } 收尾",
     "各项之间用半角逗号，末尾补上 }；名称与冒号须在同一行"),
    ("expected '-' indicator", False, "列表中混入了不是“- ”开头的行", "列表每一项都以“- ”开头，并对齐"),
    ("expected key", False, "这一行与上面的内容没有对齐，或写法不完整", "同一层的名称左端对齐；引号之后不要再写文字"),
    ("expected <block end>", False, "这一行与上面的内容没有对齐，或写法不完整",
     "同一层的名称左端对齐；引号之后不要再写文字"),
    ("expected <document start>", False, "前面的内容已经结束，这里又多出了内容", "一个文件只写一份；检查缩进和括号"),
    ("expected node content", False, "这里缺少内容，或多了一个符号", "检查括号和逗号；符号开头的文字请加引号"),
    ("expected the node content", False, "这里缺少内容，或多了一个符号", "检查括号和逗号；符号开头的文字请加引号"),
    ("cannot start any token", False, "文字不能以这个符号开头", "请给这段文字加引号"),
    ("block sequence entries are not allowed", False, "列表项“- ”不能写在这里", "换到下一行并缩进，或给文字加引号"),
    ("sequence entries are not allowed", False, "列表项“- ”不能写在这里", "换到下一行并缩进，或给文字加引号"),
    ("mapping keys are not allowed", False, "问号加空格不能写在这里", "请给这段文字加引号"),
    ("unknown escape character", False, "双引号里的反斜杠写法不认识", "写成 \\\\，或改用单引号"),
    ("Unicode character escape", False, "双引号里的反斜杠编码不是一个完整的字符", "直接写出这个字符"),
    ("hexdecimal number", False, "双引号里的反斜杠编码不完整", "写成 \\\\，或改用单引号"),
    ("hexadecimal number", False, "双引号里的反斜杠编码不完整", "写成 \\\\，或改用单引号"),
    ("alphabetic or numeric character", False, "文字不能以 & 或 * 开头", "请给这段文字加引号"),
    ("comment or line break", False, "| 或 > 之后不能再写文字", "文字从下一行开始写，并缩进"),
    ("leading empty line", False, "多行文字开头的空行比正文缩进更深", "删去空行里多余的空格"),
    ("leading all-spaces line", False, "多行文字开头的空行比正文缩进更深", "删去空行里多余的空格"),
    ("expected '>'", False, "文字不能以感叹号开头", "请给这段文字加引号"),
    ("tag", False, "文字不能以感叹号开头", "请给这段文字加引号"),
    ("directive", False, "行首不能是百分号", "请给这段文字加引号"),
)  # fmt: skip

_WIDE_COLON = re.compile(r"""^\s*(?:- +)*[^\s:：'"#{\[]+(：)|["'](：)""")
_TIGHT_COLON = re.compile(r"""^\s*(?:- +)*[^\s:：'"#{\[]+(:)(?=[^\s/:])""")
_WIDE_SPACE = re.compile("^[ \t]*([\u3000\u00a0])")
_WIDE_MARK = re.compile("([，“”｛｝【】［］])")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_Slip = tuple[re.Pattern[str], str, str]
_SPACE: _Slip = (_WIDE_SPACE, "行首有全角空格或不间断空格", "缩进只能用普通空格")
_COLONS: tuple[_Slip, ...] = (
    (_WIDE_COLON, "这里用了全角冒号“：”", "改成半角冒号，并在后面加一个空格"),
    (_TIGHT_COLON, "冒号后面缺少空格", "写成“名称: 内容”"),
)
_MARK: _Slip = (
    _WIDE_MARK,
    "这里用了全角标点",
    "结构用的逗号、引号和括号要写半角；全角标点只能写在引号里的文字中",
)


def explain(error: Any, text: str) -> SyntaxProblem:
    """Say in Chinese what stopped the reader. ``error``: PyYAML's error with its marks; ``text``: what it read."""
    problem, mark = str(getattr(error, "problem", "")), getattr(error, "problem_mark", None)
    if mark is None:
        return SyntaxProblem(0, 0, "yaml-syntax", "文件不符合 YAML 写法", "检查缩进、冒号和引号")
    lines = text.splitlines()
    line, column = mark.line, mark.column
    here = lines[line] if line < len(lines) else ""
    if "tab character" in problem or ("start any token" in problem and here[column : column + 1] == "\t"):
        return SyntaxProblem(
            line, column, "yaml-tab", "这里用了制表符（Tab 键）", "缩进和间隔只能用空格，每层两个"
        )
    known = next((row for row in _PROBLEMS if row[0] in problem), None)
    context = getattr(error, "context_mark", None) or mark
    slip = _slip(lines, line, problem)
    if slip:
        return slip
    if not known:
        return SyntaxProblem(line, column, "yaml-syntax", "这里不符合 YAML 写法", "检查缩进、冒号和引号")
    if known[1]:
        line, column = context.line, context.column
    message = known[2]
    if "括号里" in message and context.line != mark.line:
        message += f"（从第 {context.line + 1} 行开始）"
    return SyntaxProblem(line, column, "yaml-syntax", message, known[3])


def _slip(lines: list[str], line: int, problem: str) -> SyntaxProblem | None:
    """A usual slip of the hand where the reader stopped or, as it notices a bad colon late, in the line before."""
    flow = "expected ',' or" in problem
    slips: tuple[_Slip, ...] = (_SPACE,)
    numbers = [line]
    if flow or "mapping values" in problem or "expected ':'" in problem:
        slips = (_SPACE, *_COLONS, _MARK) if flow else (_SPACE, *_COLONS)
        numbers = [
            next((n for n in range(min(line, len(lines)) - 1, -1, -1) if lines[n].strip()), line),
            line,
        ]
    for number in numbers:
        text = lines[number][:500] if number < len(lines) else ""
        text = _QUOTED.sub(lambda found: found[0][0] + "_" * (len(found[0]) - 2) + found[0][0], text)
        for pattern, message, hint in slips:
            found = pattern.search(text)
            if found:
                column = next(found.start(group) for group in range(1, 1 + pattern.groups) if found[group])
                return SyntaxProblem(number, column, "yaml-syntax", message, hint)
    return None
