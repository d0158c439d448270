"""The paragraphs of a PDF: lines joined again where the page broke them. The only module that imports pdfminer."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.drafting.refusals import refusal

MOST_PAGES = 300
_PAGE_NUMBER = re.compile(r"[-—–－\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／共]\s*\d{1,4}\s*页?)?[-—–－\s]*")
_CJK = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’—…·‰"
_GAP = re.compile(rf"(?<=[{_CJK}])(?<![条章节])[ \u00a0]+|(?<![条章节])[ \u00a0]+(?=[{_CJK}])")
_SLACK = 1.6  # characters by which a full line may miss the margin: punctuation is not broken off its word


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page: its ends and the size of its characters in points, and its text."""

    left: float
    right: float
    top: float
    size: float
    text: str


def lines_of(data: bytes, path: Path) -> list[str]:
    """The paragraphs in reading order, without page numbers. Raises InputError."""
    if find_spec("pdfminer") is None:
        hint = "请安装：pip install 'huiqi[draft]'，或把文字另存为 .txt"
        raise refusal(path, "draft-no-pdf", "读 PDF 要用 pdfminer.six，这里没有装", hint)
    pages = _pages(data, path)
    if not any(pages):
        raise refusal(path, "draft-scanned", "PDF 里没有文字，像是扫描件", "请先做文字识别，或找文字版")
    return [paragraph for paragraph in _joined(pages) if paragraph]


def _pages(data: bytes, path: Path) -> list[list[_Line]]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.psexceptions import PSException

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    if not data.lstrip().startswith(b"%PDF"):
        raise refusal(path, "draft-broken", "文件损坏，或者不是 PDF", "请重新下载")
    pages: list[list[_Line]] = []
    try:
        # boxes_flow None: no guess about columns; the lines are put in order here.
        for page in extract_pages(io.BytesIO(data), laparams=LAParams(boxes_flow=None, char_margin=3.0)):
            if len(pages) == MOST_PAGES:
                raise refusal(path, "draft-too-large", f"超过 {MOST_PAGES} 页", "请只留政策文件本身")
            pages.append(_lines(page))
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise refusal(path, "draft-encrypted", "PDF 加了密码", "请去掉密码后再试") from None
    except (PDFException, PSException, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, AssertionError):
        raise refusal(path, "draft-broken", "PDF 损坏，读不出文字", "请重新下载，或把文字另存为 .txt") from None
    return pages


def _lines(page: Any) -> list[_Line]:
    from pdfminer.layout import LTTextContainer, LTTextLine

    found = []
    waiting = list(page)
    while waiting:
        item = waiting.pop()
        if isinstance(item, LTTextLine):
            text = _GAP.sub("", item.get_text().strip())
            if text and not _PAGE_NUMBER.fullmatch(text):
                found.append(_Line(item.x0, item.x1, item.y1, item.height, text))
        elif isinstance(item, LTTextContainer):
            waiting.extend(item)
    return sorted(found, key=lambda line: (-round(line.top / max(line.size, 1)), line.left))


def _joined(pages: list[list[_Line]]) -> Iterator[str]:
    """A line that ends at the right margin goes on in the next, unless that is indented."""
    lines = [line for page in pages for line in page]
    right = max(line.right for line in lines)
    left = min(line.left for line in lines)
    paragraph, full = "", False
    for line in lines:
        indented = line.left > left + line.size * 0.8
        if paragraph and full and not indented:
            gap = " " if re.search("[A-Za-z]$", paragraph) and re.match("[A-Za-z]", line.text) else ""
            paragraph += gap + line.text
        else:
            yield paragraph
            paragraph = line.text
        full = line.right > right - line.size * _SLACK
    yield paragraph
