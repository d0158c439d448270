"""The paragraphs of a Word file, in order, those in tables, text boxes and accepted insertions too."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

from engine.drafting.refusals import refusal

LARGEST_PART = 60 * 1024 * 1024
"""Bytes of the main part once unpacked; more is a bomb, not a document."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OLD = b"\xd0\xcf\x11\xe0"  # .doc, and what Word makes of a .docx with a password
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def lines_of(data: bytes, path: Path) -> tuple[list[str], list[str]]:
    """The lines, and notes on what is missing from them. Raises InputError."""
    if data.startswith(_OLD):
        hint = "请在 Word 或 WPS 里去掉密码，另存为 .docx"
        raise refusal(path, "draft-encrypted", "这是加密的文件，或者是旧的 .doc", hint)
    body = _body(data, path)
    lines: list[str] = []
    numbered = 0
    for paragraph in _paragraphs(body):
        numbered += paragraph.find(f"{_WORD}pPr/{_WORD}numPr") is not None
        lines += [line for line in (part.strip() for part in _text(paragraph).split("\n")) if line]
    notes = []
    if numbered:
        notes.append(f"有 {numbered} 段用了自动编号，编号不在文字里，条款号可能不准：请在 Word 里转成普通文字后再试")
    return lines, notes


def _body(data: bytes, path: Path) -> ElementTree.Element:
    hint = "请用 Word 或 WPS 打开，另存为 .docx"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("word/document.xml") as part:
            xml = part.read(LARGEST_PART + 1)
        if len(xml) > LARGEST_PART:
            raise refusal(path, "draft-too-large", "文件解开后太大", "请只留政策文件本身")
        if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            raise refusal(path, "draft-broken", "文件含有不该有的定义", hint)
        return ElementTree.fromstring(xml)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error):
        raise refusal(path, "draft-broken", "文件损坏，或者不是 .docx", hint) from None


def _paragraphs(body: ElementTree.Element) -> list[ElementTree.Element]:
    """Paragraphs in order. A text box is held twice, for new and for old readers: the old copy is left out."""
    found: list[ElementTree.Element] = []
    waiting = [body]
    while waiting:
        element = waiting.pop()
        if element.tag == _ALTERNATE:
            continue
        if element.tag == f"{_WORD}p":
            found.append(element)
        waiting.extend(reversed(element))
    return found


def _text(paragraph: ElementTree.Element) -> str:
    """What a paragraph says itself; a paragraph inside it (a text box) speaks for itself. Deletions are no ``w:t``."""
    parts: list[str] = []
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        if element.tag in (f"{_WORD}p", _ALTERNATE):
            continue
        if element.tag == f"{_WORD}t":
            parts.append(element.text or "")
        elif element.tag == f"{_WORD}tab":
            parts.append(" ")
        elif element.tag in (f"{_WORD}br", f"{_WORD}cr"):
            parts.append("\n")
        waiting.extend(reversed(element))
    return "".join(parts)
