"""The words by which lists are read: units, key columns, footers, synonyms of headers. Data: ``rules/lists``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from engine.code_table import bare
from engine.diagnostics import Findings
from engine.loader import BUILT_IN
from engine.shape_reader import read_shape
from engine.vocabulary import Shape
from engine.yaml_source import read_file


class HeaderNoise(Shape):
    """Words that add nothing before or after the name of a column."""

    before: list[str]
    after: list[str]


class WordsFile(Shape):
    """``words.yaml`` as written; see the comments there."""

    money_units: dict[str, int]
    currencies: dict[str, list[str]]
    other_units: list[str]
    key_headers: list[str]
    six_digit_headers: list[str]
    year_headers: list[str]
    measure_headers: list[str]
    relative_years: list[str]
    header_noise: HeaderNoise
    junk_headers: list[str]
    footers: list[str]
    totals: list[str]
    not_companies: dict[str, list[str]]
    endless: list[str]
    sheets: dict[str, list[str]]


class SynonymsFile(Shape):
    """``headers.yaml`` as written: vocabulary path -> headers."""

    exact: dict[str, list[str]]
    likely: dict[str, list[str]]


@dataclass(frozen=True)
class Words:
    """The words, and what is looked up of them. Names are compared as ``folded``."""

    spec: WordsFile
    synonyms: SynonymsFile

    @cached_property
    def money_units(self) -> dict[str, int]:
        """Yuan in one of each unit, by folded name."""
        return {folded(name): factor for name, factor in self.spec.money_units.items()}

    @cached_property
    def currency_of(self) -> dict[str, str]:
        """The currency that a folded writing names."""
        return {folded(form): name for name, forms in self.spec.currencies.items() for form in forms}

    @cached_property
    def foreign(self) -> re.Pattern[str]:
        """Finds the writing of a foreign currency in folded text; the longest first."""
        forms = sorted(self.currency_of, key=len, reverse=True)
        return re.compile("|".join(re.escape(form) for form in forms))

    @cached_property
    def key_rank(self) -> dict[str, int]:
        """Folded headers that can be a key, the best with the least number."""
        return {folded(name): rank for rank, name in enumerate(self.spec.key_headers)}

    @cached_property
    def junk(self) -> re.Pattern[str]:
        """Matches folded headers that a program made up."""
        return re.compile("|".join(self.spec.junk_headers))

    @cached_property
    def units(self) -> frozenset[str]:
        """Every folded text that is a unit, foreign money included."""
        return frozenset({*self.money_units, *map(folded, self.spec.other_units)})

    def is_unit(self, text: str) -> bool:
        """Whether the text is a unit: 万元, 人, %, 万美元."""
        name = folded(text)
        if name in self.units:
            return True
        rest, found = self.foreign.subn("", name, count=1)
        return bool(found) and rest.strip("百千") in ("", "万", "亿", "元")

    def is_money_unit(self, text: str) -> bool:
        """Whether the text is a unit of money, of any country."""
        return folded(text) in self.money_units or (self.is_unit(text) and bool(self.foreign.search(folded(text))))

    def note_of_name(self, name: str) -> str | None:
        """What kind of body other than a company the name shows: 分支机构, 个体工商户; None for others."""
        for kind, marks in self.spec.not_companies.items():
            if any(mark in name for mark in marks):
                return kind
        return None


def folded(text: str) -> str:
    """A header as it is compared: half width, lower case, without spaces and marks."""
    return bare(text).casefold().replace(":", "").replace("_", "")


@lru_cache(maxsize=4)
def load_words(rules: Path | None = None) -> Words:
    """The words of a rules directory, or the built-in ones where it has none. Raises InputError."""
    own = rules / "lists" if rules is not None else None
    folder = own if own is not None and own.is_dir() else BUILT_IN / "lists"
    findings = Findings()
    parts = []
    for name, shape in (("words.yaml", WordsFile), ("headers.yaml", SynonymsFile)):
        source = read_file(folder / name, findings)
        parts.append(read_shape(shape, source, findings) if source else None)
    findings.raise_errors()
    words, synonyms = parts
    assert isinstance(words, WordsFile) and isinstance(synonyms, SynonymsFile)
    return Words(words, synonyms)
