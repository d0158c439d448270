"""An official text in clauses: 第一条, 一、, (一), 1., (1), ①, 一是, each with its title, sentences and departments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from engine.official_text import Sentence, sentences

NUMERAL = "[一二三四五六七八九十百]+"
_MARKERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("chapter", re.compile(rf"第({NUMERAL}|\d+)[章编部](?:分)?[\s、:：]*")),
    ("part", re.compile(rf"第({NUMERAL}|\d+)节[\s、:：]*")),
    ("article", re.compile(rf"第({NUMERAL}|\d+)条[\s、:：]*")),
    ("head", re.compile(rf"({NUMERAL})、\s*")),
    ("section", re.compile(rf"[(（]({NUMERAL})[)）][\s、.．]*")),
    ("item", re.compile(r"(\d{1,2})[.．、](?!\d)\s*")),
    ("subitem", re.compile(r"[(（](\d{1,2})[)）][\s、.．]*")),
    ("subitem", re.compile(r"(\d{1,2})[)）]\s*")),
    ("circled", re.compile(r"([①-⑳])\s*")),
)
_POINT = re.compile(rf"({NUMERAL})是(?:要)?")
_WRITTEN = {
    "article": "第{}条",
    "head": "{}",
    "section": "({})",
    "item": "{}",
    "subitem": "({})",
    "circled": "{}",
    "point": "{}是",
}
"""How a clause is cited; chapters and parts are not, where articles count on through them."""
_ANNEX = re.compile(r"附件[一二三四五六七八九十\d]*(?:[:：].{0,60})?$|附[表录][一二三四五六七八九十\d]*(?:[:：].{0,60})?$")
_CONTENTS = re.compile(r".{2,60}(?:\.{4,}|…{2,}|·{4,})\s*\d+$")
_FRAME = re.compile(
    "copyright|版权所有|ICP备|ICP证|公网安备|打印本页|关闭本页|浏览次数|保护视力|网站标识码|微信公众号|扫一扫|分享到|produced by",
    re.IGNORECASE,
)
"""What the page around a text says."""
_PUBLISHED = re.compile("发布(?:日期|时间)")
_ENDS = ("。", "；", ";", "！", "？", ":", "：")
ANNEX = "附件"
LONGEST_TITLE = 50


@dataclass(slots=True)
class Clause:
    """One clause. ``path`` are the kinds and numerals from the outermost in; ``sentences`` are its own only.

    ``label`` is how it is cited; ``title`` is its heading in the words of the text, ``""`` where it has none.
    """

    path: tuple[tuple[str, str], ...]
    label: str
    line: int
    title: str = ""
    headed: bool = False
    """Whether the title is the first sentence and says nothing else."""
    sentences: list[Sentence] = field(default_factory=list)
    departments: list[str] = field(default_factory=list)

    @property
    def in_annex(self) -> bool:
        """Whether it lies behind the text proper."""
        return bool(self.path) and self.path[0][0] == "annex"

    @property
    def chapter(self) -> tuple[tuple[str, str], ...]:
        """Its outermost part."""
        return self.path[:1]

    @property
    def body(self) -> list[Sentence]:
        """Its sentences without the title."""
        return self.sentences[1:] if self.headed else self.sentences


def clauses(text: str) -> list[Clause]:
    """The clauses in order; the first has no path and holds what stands before them."""
    walk = _Walk()
    for sentence in sentences(text):
        walk.take(sentence)
    for clause, following in zip(walk.found, [*walk.found[1:], None], strict=True):
        parent = following is not None and following.path[: len(clause.path)] == clause.path
        _entitle(clause, parent)
    return walk.found


def unmarked(text: str) -> str:
    """A sentence without the markers that it begins with."""
    while True:
        match = next(filter(None, (pattern.match(text) for _, pattern in _MARKERS)), None) or _POINT.match(text)
        if match is None or not match.end():
            return text
        text = text[match.end() :]


@dataclass(slots=True)
class _Walk:
    found: list[Clause] = field(default_factory=lambda: [Clause((), "", 1)])
    path: list[tuple[str, str]] = field(default_factory=list)
    line: int = 0

    def take(self, sentence: Sentence) -> None:
        fresh, self.line = sentence.line != self.line, sentence.line
        text = sentence.text
        moved = False
        if _CONTENTS.fullmatch(text) or (_FRAME.search(text) and not _PUBLISHED.search(text)):
            return
        if fresh and _ANNEX.fullmatch(text) and self.path:
            self.path, moved = [("annex", "")], True
        while fresh:
            rest = self._descend(text)
            if rest is None:
                break
            text, moved = rest, True
        point = _POINT.match(text)
        if point is not None:
            self._enter("point", point.group(1))
            moved = True
        if moved:
            self.found.append(Clause(tuple(self.path), _label(self.path), sentence.line))
        self.found[-1].sentences.append(sentence)

    def _descend(self, text: str) -> str | None:
        """Enter the clause that ``text`` opens and answer what follows its marker; None where it opens none."""
        for kind, pattern in _MARKERS:
            match = pattern.match(text)
            if match:
                self._enter(kind, match.group(1))
                return text[match.end() :]
        return None

    def _enter(self, kind: str, numeral: str) -> None:
        """A kind that is open already goes on counting; another one lies within what is open."""
        kinds = [name for name, _ in self.path]
        if kind in kinds:
            del self.path[kinds.index(kind) :]
        elif kind in ("chapter", "head", "article"):
            # These stand above the lesser ones, whichever came first.
            while self.path and _RANK.get(self.path[-1][0], 0) > _RANK[kind]:
                self.path.pop()
        self.path.append((kind, numeral))


_RANK = {"annex": 0, "chapter": 1, "part": 2, "article": 3, "head": 3, "section": 4, "item": 5, "subitem": 6, "circled": 7, "point": 8}


def _label(path: list[tuple[str, str]]) -> str:
    named = "".join(_WRITTEN[kind].format(numeral) for kind, numeral in path if kind in _WRITTEN)
    annex = ANNEX if path and path[0][0] == "annex" else ""
    chapter = "".join(f"第{numeral}{'章' if kind == 'chapter' else '节'}" for kind, numeral in path if kind in ("chapter", "part"))
    return annex + (named or chapter)


def _entitle(clause: Clause, parent: bool) -> None:
    """The heading: a short first sentence after which more follows (in clauses within: ``parent``), or a line of its own."""
    if not clause.path or not clause.sentences:
        return
    first = clause.sentences[0]
    title = unmarked(first.text)
    if title.endswith(("；", ";")) or re.search(r"\d|给予|予以|授予", title):
        return
    ended = title.endswith(_ENDS)
    title = title.rstrip("".join(_ENDS))
    more = parent or any(not sentence.is_duty for sentence in clause.sentences[1:])
    single = not re.search("[,，;；]", title) or not ended
    if 2 <= len(title) <= LONGEST_TITLE and single and (more or not ended):
        clause.title, clause.headed = title, True
