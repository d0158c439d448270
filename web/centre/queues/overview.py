"""All measures with how many enterprises are in which group, by document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.assessment import in_force
from engine.determination import GroupKey
from engine.documents import Document
from engine.pack import Measure, Pack
from engine.quantities import format_validity

SHOWN: tuple[GroupKey, ...] = ("eligible", "pending", "facts", "ineligible")
"""The groups that have a queue."""
LIVELY: tuple[GroupKey, ...] = ("eligible", "pending", "facts")
"""Those for which there may be something to do."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A measure with its counts."""

    measure: Measure
    counts: Mapping[GroupKey, int]

    @property
    def lively(self) -> bool:
        """Whether there is anybody for whom something may be done."""
        return any(self.counts[group] for group in LIVELY)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document with its measures: those for which something may be done, and the rest."""

    document: Document
    validity: str
    current: bool
    lively: tuple[Tally, ...]
    rest: tuple[Tally, ...]


def overview(counts: Mapping[str, Mapping[GroupKey, int]], pack: Pack, today: date) -> list[Sheet]:
    """The documents in force first, the newest of these first; then the others alike."""
    sheets = []
    for id, file in pack.documents.items():
        tallies = [Tally(measure, counts[measure.id]) for measure in pack.measures if measure.document == id]
        validity = file.document.validity
        sheets.append(
            Sheet(
                file.document,
                format_validity(validity.start, validity.end),
                in_force(file.document, today),
                tuple(tally for tally in tallies if tally.lively),
                tuple(tally for tally in tallies if not tally.lively),
            )
        )
    sheets.sort(key=lambda sheet: sheet.document.validity.start, reverse=True)
    return sorted(sheets, key=lambda sheet: not sheet.current)
