"""Who holds fields in a world of completions: the enterprise, its records, and records that there may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from engine.completions.rails import YES, Formula, Rails
from engine.completions.variables import Variable
from engine.conditions import Test
from engine.facts import Known


@dataclass(slots=True, eq=False)
class Holder:
    """The enterprise, a listed record, or a hypothetical one (``known`` None)."""

    kind: str | None
    name: str
    known: Known | None
    present: Formula = YES
    variables: dict[str, Variable] = field(default_factory=dict)

    @property
    def id(self) -> str | None:
        """The record's own name; hypothetical ones have one."""
        if self.known is None:
            return self.name
        return self.known.record.id if self.known.record else None


def free_names(label: str, listed: Iterable[Known]) -> Iterator[str]:
    """Names for records that do not exist yet (人才甲, 人才乙, …), none of which a listed record has."""
    taken = {known.record.id for known in listed if known.record is not None}
    names = (f"{label}{sign}" for sign in chain("甲乙丙丁戊己庚辛壬癸", count(1)))
    return (name for name in names if name not in taken)


Reach = dict[str, Holder]
Forced = Mapping[int, Rails | Test]
"""Conditions, by identity, and what stands in their place: a truth whatever the facts are, or another test."""
NOTHING: Forced = {}


@dataclass(slots=True)
class Assumption:
    """A condition that counts as met while nothing is known: ``holds`` stands for "nothing is known"."""

    holds: Formula
    leaf: Test
    holder: Holder
