"""The encoding of a text file, found from its bytes: UTF-8, UTF-16 with a mark, or GB18030.

Statistical guessers are not used: on short Chinese tables they name encodings that nobody here has. What is valid
UTF-8 is UTF-8, also with a few bad bytes, and each bad byte spoils only its own cell.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from engine.lists.cells import BAD_CHARACTER
from engine.lists.problems import refusal

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
_GOOD_FOR_BAD = 5  # characters beyond ASCII that have to be good for each bad byte
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


def decode(data: bytes, path: Path) -> tuple[str, str, int]:
    """The text, the encoding's name, and how many bad bytes became ``BAD_CHARACTER``. Raises InputError."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            return _checked(text, path), _NAMES[encoding], text.count(BAD_CHARACTER)
    for encoding in ("utf-8", "gb18030"):
        text = data.decode(encoding, "replace")
        bad = text.count(BAD_CHARACTER)
        # GB18030 read as UTF-8 is nearly all bad, while UTF-8 read as GB18030 can pass unnoticed: so UTF-8 goes first.
        if bad * _GOOD_FOR_BAD <= sum(1 for mark in text if not mark.isascii()) - bad:
            return _checked(text, path), _NAMES[encoding], bad
    hint = "请用 Excel 或 WPS 打开，另存为“CSV UTF-8”或 .xlsx"
    raise refusal(str(path), "list-encoding", "认不出文件的编码", hint)


def _checked(text: str, path: Path) -> str:
    """Control characters show that this is no text."""
    if len(_CONTROL.findall(text, 0, 65536)) > 8:
        hint = "名单应是 .xlsx、.xls、.csv、.tsv 或 .parquet"
        raise refusal(str(path), "list-not-text", "这不是文本文件", hint)
    return text
