"""What two versions of the rules differ in: the shapes of the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from engine.completions.parts import Condition, Rest
from engine.determination import Verdict

Data = dict[str, Any]
Which = Literal["enterprise", "listed", "unlisted"]


@dataclass(frozen=True, slots=True)
class TextChange:
    """Something that changed in words; None where one version does not have it."""

    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the reference executor gave: the verdict, the amount and its range in yuan as decimal strings."""

    verdict: Verdict
    amount: str | None = None
    range: tuple[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A condition of a region in words; ``rest``: it stands for all that both versions share of a group."""

    text: str
    rest: Rest = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedRegion:
    """Profiles whose verdict or amount changes in one way.

    ``whole``: every profile of the region; else the witness is one of those that do. ``which``: whose verdict.
    """

    which: Which
    conditions: tuple[Said, ...]
    old: Outcome
    new: Outcome
    amount: bool
    whole: bool
    days: tuple[date, ...]
    witness: Data
    parts: tuple[Condition, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class MeasureChange:
    """One measure in both versions, or in one. ``complete``: no profile outside ``regions`` changes.

    ``days``: examined; ``records``: at most so many of each kind in the proof, by the kind's label; ``why``: why the
    regions are not complete; ``examined``: whether conditions or amounts differ in meaning at all.
    """

    id: str
    document: str
    title: str
    kind: Literal["added", "removed", "both"]
    texts: tuple[TextChange, ...] = ()
    regions: tuple[ChangedRegion, ...] = ()
    complete: bool = True
    examined: bool = False
    why: str = ""
    days: tuple[date, ...] = ()
    records: tuple[tuple[str, int], ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything differs, in words or in meaning."""
        return self.kind != "both" or bool(self.texts or self.regions) or not self.complete


@dataclass(frozen=True, slots=True)
class PackDifference:
    """All differences of two versions. ``days`` by document: those that were examined."""

    old_version: str
    new_version: str
    days: dict[str, tuple[date, ...]]
    texts: tuple[TextChange, ...]
    measures: tuple[MeasureChange, ...]

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return bool(self.texts) or any(measure.changed for measure in self.measures)
