"""One cell of a file as the text that a person would type for it."""

from __future__ import annotations

import html
import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

BAD_CHARACTER = "\ufffd"
"""Stands where a byte could not be read in the file's encoding."""

_EXACT_UP_TO = 10**15  # a spreadsheet keeps 15 digits; what is longer has lost its end
_SURELY_EXACT = 15  # signs of a number that has at most so many digits: then its shortest form is all of it
_BLANK = re.compile(r"[\s\u200b\ufeff]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|nbsp|amp|lt|gt|quot|apos|ensp|emsp|middot);")
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?.*")


def cell_text(value: Any) -> str | None:
    """The cell as text, None where it is empty; a number without exponent, a date as 2019-01-02.

    A whole number too long for a spreadsheet stays in scientific notation, which says that digits are lost.
    """
    if type(value) is str:  # the two that fill nearly every cell go first
        return clean(value) if value else None
    if type(value) is float:
        return number_text(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta | int | Decimal):
        return str(value)
    return clean(str(value))


def clean(text: str) -> str | None:
    """Without white space around (ideographic spaces and &nbsp; too), None where nothing is left."""
    if "&" in text:
        text = _ENTITY.sub(lambda mark: html.unescape(mark[0]), text)
    return text.strip(" \t\r\n\f\v\u3000\xa0\u200b\ufeff\u2002\u2003") or None


def number_text(value: float) -> str | None:
    """A spreadsheet's number with its 15 digits; None for what is no number."""
    shortest = repr(value)
    if len(shortest) <= _SURELY_EXACT and "e" not in shortest and shortest[-1] != "f" and shortest != "nan":
        return shortest.removesuffix(".0")
    if not math.isfinite(value):
        return None
    if value == int(value) and abs(value) < _EXACT_UP_TO:
        return str(int(value))
    digits = format(value, ".15g")
    return format(Decimal(digits), "f") if abs(value) < _EXACT_UP_TO else digits


def one_line(text: str) -> str:
    """The text on one line, for headers and messages."""
    return _BLANK.sub(" ", text).strip()


def looks_numeric(text: str) -> bool:
    """Whether the text is a bare number or a date, as data has them and headers do not."""
    return _NUMBER.fullmatch(text) is not None or _DATE.fullmatch(text) is not None
