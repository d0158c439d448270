"""The official text of a measure's clause with the cited phrases marked, where verified texts are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.citations import LOCK_NAME, verified_texts
from engine.loader import rules_directory
from engine.official_text import Sentence, sentences
from engine.pack import Pack
from web.coverage_page import parts

Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of an official text: its number from 1, and its pieces, each with whether it is cited."""

    line: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class OfficialText:
    """One text that the hash in the lock confirms."""

    text: str

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Its sentences, parted once."""
        return sentences(self.text)

    def clause(self, phrases: Sequence[str]) -> tuple[Paragraph, ...]:
        """The lines that hold the phrases, each after the line that opens its clause; nothing for no phrase."""
        lines: set[int] = set()
        for phrase in phrases:
            at = self.text.find(phrase)
            if at >= 0:
                holding = next(item for item in self.sentences if item.start <= at < item.end)
                lines |= {holding.line, self._opening(holding)}
        rows = self.text.split("\n")
        return tuple(Paragraph(line, tuple(parts(rows[line - 1].strip(), phrases))) for line in sorted(lines))

    def _opening(self, sentence: Sentence) -> int:
        """The line on which the clause of a sentence begins."""
        return next(item.line for item in self.sentences if item.path == sentence.path)


def official_texts(pack: Pack, rules: Path | None, sources: Path | None) -> Mapping[str, OfficialText]:
    """By document id; nothing without ``sources``, and nothing for a text that is not the one checked."""
    if sources is None:
        return {}
    lock = rules_directory(rules) / LOCK_NAME
    return {id: OfficialText(text) for id, text in verified_texts(pack, lock, sources).items()}
