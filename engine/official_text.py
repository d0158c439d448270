"""An official text in clauses and sentences, each with its place.

Chapters (一、), sections ((一)), items (1.) and points (一是) make the clause of what follows. A sentence
ends with 。！？ or a semicolon outside brackets, or with its line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.spans import half_width

_NUMERAL = "[一二三四五六七八九十]+"
_MARKERS = (
    re.compile(rf"({_NUMERAL})、"),
    re.compile(rf"[(（]({_NUMERAL})[)）]"),
    re.compile(r"(\d{1,2})[.．、](?!\d)"),
)
_POINT = re.compile(rf"({_NUMERAL})是")
_ENDS = "。！？；;"
_CLOSERS = "”’」』)）》〉"
_OPEN, _CLOSE = "(（《〈“「『", ")）》〉”」』"
_ANNEX = re.compile(r"附件\d*([:：].*)?$|附表\d*$")
_DUTY = re.compile(r"[(（]?(责任单位|责任部门|牵头单位|完成时限)[:：]")
TRIGGERS = re.compile("支持|奖励|补贴|鼓励|万元")
"""What may promise something: such a sentence is never set aside without a written reason."""
LONGEST_TITLE = 50


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. ``line`` and ``column`` count from 1; ``start`` and ``end`` are offsets into the text.

    ``path`` are the numerals of its chapter, section, item and point, ``""`` where it stands in none.
    """

    number: int
    line: int
    column: int
    start: int
    end: int
    text: str
    path: tuple[str, str, str, str]
    opens: bool
    """Whether a chapter, section, item or point begins with it."""

    @property
    def clause(self) -> str:
        """Its clause as it is cited: 二(四)2, 三(一)一是."""
        chapter, section, item, point = self.path
        return chapter + (f"({section})" if section else "") + item + (f"{point}是" if point else "")

    @property
    def promising(self) -> bool:
        """Whether it has a word that may promise something."""
        return TRIGGERS.search(self.text) is not None

    @property
    def is_duty(self) -> bool:
        """Whether it only names the departments and the term of the clause before it."""
        return _DUTY.match(self.text) is not None

    @property
    def is_title(self) -> bool:
        """Whether it reads like a clause's title: it opens one, is short, has no second part or no end."""
        single = self.text[-1] not in _ENDS or not re.search("[,，;；]", self.text)
        return self.opens and len(self.text) <= LONGEST_TITLE and single


def sentences(text: str) -> list[Sentence]:
    """Every sentence in order; nothing but blanks lies between them."""
    found: list[Sentence] = []
    path = ["", "", "", ""]
    offset = 0
    for line_number, line in enumerate(text.split("\n"), start=1):
        for start, end in _pieces(line):
            piece = line[start:end]
            opens = False
            if start == _indent(line):
                opens = _descend(path, piece)
            point = _POINT.match(piece)
            if point:
                path[3], opens = point.group(1), True
            elif _ANNEX.match(piece):
                path = ["", "", "", ""]
            place = (path[0], path[1], path[2], path[3])
            at = offset + start
            found.append(Sentence(len(found), line_number, start + 1, at, offset + end, piece, place, opens))
        offset += len(line) + 1
    return found


def promises(sentence: Sentence) -> list[Sentence]:
    """The pieces of a sentence between commas outside brackets that may promise something, each with its place."""
    found = []
    for start, end in _pieces(sentence.text, marks=",，"):
        piece = replace(
            sentence,
            column=sentence.column + start,
            start=sentence.start + start,
            end=sentence.start + end,
            text=sentence.text[start:end],
        )
        if piece.promising:
            found.append(piece)
    return found


def digest(text: str) -> str:
    """A short hash of one or several sentences, blanks aside."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:16]


def clause_matches(cited: str, sentence: Sentence) -> bool:
    """Whether a rule's clause (三(一)二是, 第11条, (四)2) is the clause of a sentence or one around it.

    A clause that names none of its numerals cannot be told and matches.
    """
    text = half_width(cited).replace(" ", "")
    item = re.search(r"第(\d+)条", text)
    if item:
        return sentence.path[2] == item.group(1)
    chapter = re.match(rf"({_NUMERAL})(?=[、(]|$)", text)
    section = re.search(rf"\(({_NUMERAL})\)", text)
    number = re.search(r"(?<!\d)(\d{1,2})(?!\d)", text)
    point = _POINT.search(text)
    wanted = (chapter, section, number, point)
    return all(
        match is None or match.group(1) == own for match, own in zip(wanted, sentence.path, strict=True)
    )


def _descend(path: list[str], piece: str) -> bool:
    """Move ``path`` to the clause that a line opens, if it opens one."""
    for depth, marker in enumerate(_MARKERS):
        match = marker.match(piece)
        if match:
            path[depth] = match.group(1)
            path[depth + 1 :] = [""] * (len(path) - depth - 1)
            return True
    return False


def _pieces(line: str, marks: str = _ENDS) -> Iterator[tuple[int, int]]:
    """The pieces of a line that end with ``marks`` outside brackets (its sentences) as offsets, without blanks around."""
    start = depth = 0
    nested = _balanced(line)
    position = 0
    while position < len(line):
        char = line[position]
        position += 1
        if nested:
            depth += (char in _OPEN) - (char in _CLOSE)
        if char in marks and depth <= 0:
            while position < len(line) and line[position] in _CLOSERS:
                position += 1
            yield from _trimmed(line, start, position)
            start = position
    yield from _trimmed(line, start, len(line))


def _trimmed(line: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end


def _balanced(line: str) -> bool:
    return sum(line.count(char) for char in _OPEN) == sum(line.count(char) for char in _CLOSE)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
