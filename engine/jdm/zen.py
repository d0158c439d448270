"""Pieces of ZEN expressions, as text. A truth is true, false or null; ``#`` is the item of a closure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from engine.spans import Number

START = "$nodes.start"
AS_OF = f"{START}.as_of"
YEAR = f"{START}.year"


class Refused(Exception):
    """Something that a graph cannot say exactly. ``reason`` is Chinese."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def text(value: str) -> str:
    """A string literal."""
    if '"' in value or "\\" in value or any(ord(char) < 32 for char in value):
        raise Refused(f"文本“{value}”里有引号或反斜杠，图的表达式写不了")
    return json.dumps(value, ensure_ascii=False)


def texts(values: Iterable[str]) -> str:
    """A list of string literals, sorted."""
    return f"[{', '.join(text(value) for value in sorted(values))}]"


def number(value: Number) -> str:
    """An exact decimal literal."""
    fraction = Fraction(value)
    rest = fraction.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest != 1:
        raise Refused(f"数 {fraction} 除不尽，十进制写不准")
    places = 0
    while (fraction * 10**places).denominator != 1:
        places += 1
    digits = f"{abs(int(fraction * 10**places)):0{places + 1}d}"
    shown = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"(-{shown})" if fraction < 0 else shown


def day(value: date) -> str:
    """A date literal."""
    return f'd("{value.isoformat()}")'


def every(refs: Sequence[str]) -> str:
    """Kleene's and."""
    listed = ", ".join(refs)
    return f"some([{listed}], # == false) ? false : (some([{listed}], # == null) ? null : true)"


def some(refs: Sequence[str]) -> str:
    """Kleene's or."""
    listed = ", ".join(refs)
    return f"some([{listed}], # == true) ? true : (some([{listed}], # == null) ? null : false)"


def negated(ref: str) -> str:
    """Kleene's not."""
    return f"{ref} == null ? null : {ref} == false"


def guarded(refs: Iterable[str], expression: str) -> str:
    """``expression`` where none of ``refs`` is null, else null."""
    missing = " or ".join(f"{ref} == null" for ref in dict.fromkeys(refs))
    return f"{missing} ? null : ({expression})" if missing else expression


def among(ref: str, inside: str, touching: str) -> str:
    """Whether all, some or none of a list of possible values pass the tests on ``#``."""
    return f"{ref} == null ? null : (all({ref}, {inside}) ? true : (some({ref}, {touching}) ? null : false))"
