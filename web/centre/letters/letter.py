"""What a letter says, apart from how it looks: headings, paragraphs, pairs and tables, in order.

One letter is written twice, as PDF (``pdf``) and as .docx (``word``), with the same words in the same order. Texts are
whole lines; a cell may have several, parted by a line feed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal

Tone = Literal["plain", "strong", "quiet", "quote"]
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold; a profile may bring it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 1 stands directly below the title."""

    kind: ClassVar[str] = "heading"
    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a ``quote`` is verbatim from an official text."""

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels with what they stand for."""

    kind: ClassVar[str] = "pairs"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a row of headings; ``widths`` are the parts of 100 that each column has."""

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


Block = Heading | Paragraph | Pairs | Table


@dataclass(frozen=True, slots=True)
class Letter:
    """``running`` stands above every page but the first, ``sender`` and ``issued`` (in words) close the letter;
    ``day`` is when it was issued."""

    title: str
    running: str
    blocks: tuple[Block, ...]
    sender: str
    issued: str
    day: date

    @property
    def closing(self) -> list[str]:
        """The lines at the end, on the right."""
        return [line for line in (self.sender, self.issued) if line]


def words(letter: Letter) -> Iterator[str]:
    """Every text of a letter in the order of reading, without what repeats on each page."""
    yield letter.title
    for block in letter.blocks:
        yield from _texts(block)
    yield from letter.closing


def cleaned(letter: Letter) -> Letter:
    """The letter without characters that no document can hold."""
    return replace(
        letter,
        title=_clean(letter.title),
        running=_clean(letter.running),
        sender=_clean(letter.sender),
        blocks=tuple(_cleaned(block) for block in letter.blocks),
    )


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Heading(text) | Paragraph(text):
            yield text
        case Pairs(rows):
            for row in rows:
                yield from row
        case Table(head, table_rows):
            for cells in (head, *table_rows):
                yield from cells


def _cleaned(block: Block) -> Block:
    match block:
        case Heading() | Paragraph():
            return replace(block, text=_clean(block.text))
        case Pairs(rows):
            return Pairs(tuple((_clean(label), _clean(text)) for label, text in rows))
        case Table():
            return replace(block, rows=tuple(tuple(_clean(cell) for cell in row) for row in block.rows))


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
