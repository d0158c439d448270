"""Headers matched to the fields of the vocabulary, with a confidence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from engine.lists.headers import Header, cores
from engine.lists.words import Words, folded
from engine.vocabulary import RecordKind, Vocabulary, VocabularyField

EXACT = 1.0
NEARLY = 0.9
LIKELY = 0.6
USED_FROM = 0.8
"""Matches below this are suggestions: they are shown and not used."""
ENTERPRISE = "enterprise"

_FUZZY_FROM = 0.75


@dataclass(frozen=True, slots=True)
class Match:
    """A field that a header may mean; ``confidence`` 0 to 1."""

    path: str
    confidence: float


@dataclass(frozen=True)
class Matcher:
    """Looks headers up among the names of the fields, their options' headers and the synonyms."""

    vocabulary: Vocabulary
    words: Words

    @cached_property
    def _names(self) -> dict[str, dict[str, float]]:
        """Folded name -> path -> confidence."""
        names: dict[str, dict[str, float]] = {}

        def add(name: str, path: str, confidence: float) -> None:
            found = names.setdefault(folded(name), {})
            found[path] = max(found.get(path, 0.0), confidence)

        for path, field in self.vocabulary.fields.items():
            for name in (field.label, field.name, path, *field.spec.headers):
                add(name, path, EXACT)
            if field.record is not None:
                add(f"{self.vocabulary.records[field.record].label}{field.label}", path, EXACT)
        for listed, confidence in ((self.words.synonyms.exact, EXACT), (self.words.synonyms.likely, LIKELY)):
            for path, headers in listed.items():
                if path in self.vocabulary.fields:
                    for name in headers:
                        add(name, path, confidence)
        return names

    def known(self, header: Header) -> float:
        """How sure it is that the header names a figure of any kind, or is a key or a year."""
        if not header.name:
            return 0.0
        if header.name in self.words.key_rank or header.name in self._years:
            return EXACT
        return max((match.confidence for match in self._exact(header)), default=0.0)

    @cached_property
    def _years(self) -> frozenset[str]:
        return frozenset(map(folded, self.words.spec.year_headers))

    def is_year(self, header: Header) -> bool:
        """Whether the column tells the fiscal year of its row."""
        return header.name in self._years

    def matches(self, header: Header, row: str) -> list[Match]:
        """The fields that the header may mean on a sheet of ``row``, the best first.

        On a sheet of enterprises these are the enterprise's fields and annual figures, on one of records the record's
        fields before the enterprise's.
        """
        found = [match for match in self._exact(header) if self._fits(match.path, row)]
        if not found:
            found = [match for match in self._fuzzy(header) if self._fits(match.path, row)]
        return sorted(found, key=lambda match: (-match.confidence, self._home(match.path) != row, match.path))

    def kind_of_name(self, name: str) -> str | None:
        """What a sheet of this name holds: ``enterprise``, a record kind, ``skip``; None where it does not say."""
        wanted = folded(name)
        for kind in self.vocabulary.records.values():
            if wanted in (folded(kind.label), folded(kind.list), folded(kind.name)):
                return kind.name
        for holds, names in self.words.spec.sheets.items():
            if wanted in map(folded, names) and (holds in (ENTERPRISE, "skip") or holds in self.vocabulary.records):
                return holds
        return None

    def kind_of_headers(self, headers: Iterable[Header]) -> str:
        """What a sheet with these headers holds: the record kind that most of them name, else enterprises."""
        headers = [header for header in headers if header.name]
        years = any(self.is_year(header) for header in headers)
        scores = {ENTERPRISE: self._count(headers, None)}
        for kind in self.vocabulary.records.values():
            if kind.name != "annual" or years:
                scores[kind.name] = self._count(headers, kind)
        best = max(scores, key=lambda kind: (scores[kind], kind == ENTERPRISE))
        return best if scores[best] >= 2 else ENTERPRISE

    def _count(self, headers: Iterable[Header], kind: RecordKind | None) -> int:
        record = kind.name if kind else None
        return sum(
            1
            for header in headers
            if any(
                m.confidence >= USED_FROM and self.vocabulary.fields[m.path].record == record
                for m in self._exact(header)
            )
        )

    def _exact(self, header: Header) -> list[Match]:
        for distance, core in enumerate(cores(header.name, self.words)):
            if core in self._names:
                lower = 0.0 if distance == 0 else EXACT - NEARLY
                return [Match(path, round(sure - lower, 2)) for path, sure in self._names[core].items()]
        # What a group of columns is called can change the meaning of the name below it: only a suggestion.
        for core in cores(header.lower, self.words) if header.lower else []:
            if core in self._names:
                return [Match(path, LIKELY * sure) for path, sure in self._names[core].items()]
        return []

    def _fuzzy(self, header: Header) -> list[Match]:
        """Names that resemble the header: always below what is used."""
        if len(header.name) < 3:
            return []
        near = difflib.get_close_matches(header.name, self._names, 3, _FUZZY_FROM)
        return [
            Match(path, round(0.6 * difflib.SequenceMatcher(None, header.name, name).ratio(), 2))
            for name in near
            for path in self._names[name]
        ]

    def _fits(self, path: str, row: str) -> bool:
        record = self.vocabulary.fields[path].record
        if record is None:
            return True
        return record == row or (row == ENTERPRISE and record == "annual" and path != "annual.fiscal_year")

    def _home(self, path: str) -> str:
        return self.vocabulary.fields[path].record or ENTERPRISE


def unit_kind(field: VocabularyField) -> str:
    """What sort of unit the field needs: ``money``, ``ratio`` or nothing."""
    return field.type if field.type in ("money", "ratio") else ""
