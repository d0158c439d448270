"""The text of an official document, from .txt, .html, .docx or .pdf: one line for each paragraph or table cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.drafting.refusals import refusal

LARGEST = 20 * 1024 * 1024
LONGEST = 1_000_000
"""Bytes of a file and characters of its text. The longest programmes of a ministry have some 50,000 characters."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_FAMILY = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8", "utf8": "utf-8", "big5": "big5"}


@dataclass(frozen=True, slots=True)
class Text:
    """``text`` with ``\\n`` between lines; ``notes`` say in Chinese what of the file could not be read."""

    text: str
    notes: tuple[str, ...] = ()


def read_text(path: Path) -> Text:
    """The text of a file, told apart by its ending. Raises InputError with one finding."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise refusal(path, "draft-format", "不认识这种文件", "请用 .txt、.html、.docx 或 .pdf；.doc 请另存为 .docx")
    found = reader(_bytes(path), path)
    text = clean(found.text)
    if len(text) > LONGEST:
        raise refusal(path, "draft-too-long", f"文字超过 {LONGEST // 10000} 万字", "请只留政策文件本身")
    if not re.search("[\u4e00-\u9fff]", text):
        raise refusal(path, "draft-no-text", "文件里没有中文文字", "请检查是不是政策文件；扫描件要先做文字识别")
    return Text(text, found.notes)


def clean(text: str) -> str:
    """One kind of line end, and no characters that nobody sees: rule files would refuse them in a citation."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def decode(data: bytes, path: Path, *, declared: bool = False) -> str:
    """The text of bytes: by its mark, UTF-8, what a page declares (``declared``), or GB18030. Raises InputError."""
    candidates = ["utf-8", "gb18030"]
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            data, candidates = data[len(mark) :], [encoding]
            break
    else:
        named = _DECLARED.search(data[:4096]) if declared else None
        family = _FAMILY.get(named[1].decode().lower()) if named else None
        if family is not None and family not in ("utf-8", "gb18030"):
            candidates.insert(1, family)
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text):
            break
        return text
    hint = "请在编辑器里另存为 UTF-8 编码的文本"
    raise refusal(path, "draft-encoding", "认不出文件的编码，或者它不是文本文件", hint)


def _bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise refusal(path, "draft-missing", "找不到这个文件", "检查路径和文件名") from None
    except IsADirectoryError:
        raise refusal(path, "draft-missing", "这是一个文件夹，不是文件", "写出其中一个文件的名称") from None
    except (OSError, ValueError):
        raise refusal(path, "draft-missing", "文件无法读取", "检查读取权限") from None
    if len(data) > LARGEST:
        raise refusal(path, "draft-too-large", f"文件超过 {LARGEST // 1024 // 1024} MB", "请只留政策文件本身")
    if not data.strip():
        raise refusal(path, "draft-no-text", "文件是空的", "检查文件是否下载完整")
    return data


def _plain(data: bytes, path: Path) -> Text:
    return Text(decode(data, path))


def _page(data: bytes, path: Path) -> Text:
    from engine.drafting.html_text import lines_of

    return Text("\n".join(lines_of(decode(data, path, declared=True))))


def _word(data: bytes, path: Path) -> Text:
    from engine.drafting.docx_text import lines_of

    lines, notes = lines_of(data, path)
    return Text("\n".join(lines), tuple(notes))


def _pdf(data: bytes, path: Path) -> Text:
    from engine.drafting.pdf_text import lines_of

    return Text("\n".join(lines_of(data, path)))


_READERS: Mapping[str, Callable[[bytes, Path], Text]] = {
    ".txt": _plain,
    ".html": _page,
    ".htm": _page,
    ".docx": _word,
    ".pdf": _pdf,
}
