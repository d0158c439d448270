"""The arrays that a roster is made of, and how rows of them are taken, dropped and joined.

``Columns`` has one entry an enterprise, by rising number (``ids``); the place of an enterprise is its index there.
``Facts`` hold what only some enterprises have for some measures: each entry names a place and a measure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Places = NDArray[np.int64]
Codes = NDArray[np.int32]
Letters = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Objects = NDArray[np.object_]


class Words:
    """Texts by number, in the order in which they were first met. Only grows, so that a number stays good.

    Number 0 is the empty text, which stands for unknown.
    """

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str | None) -> int:
        """The number of a text, a new one where it was never met."""
        found = self._numbers.get(text or "")
        if found is None:
            found = self._numbers[text or ""] = len(self.texts)
            self.texts.append(text or "")
        return found

    def known(self, text: str) -> int:
        """The number of a text; -1 where it was never met."""
        return self._numbers.get(text, -1)


@dataclass(frozen=True, slots=True)
class _Table:
    """Arrays of one length."""

    def overlaid(self, source: Places, at: Places, fresh: Self) -> Self:
        """The entries at ``source``, with ``fresh`` in place of what would be at the places ``at``; one copy of it all."""
        made = []
        for item in fields(self):
            column = np.take(getattr(self, item.name), source, axis=0)
            column[at] = getattr(fresh, item.name)
            made.append(column)
        return type(self)(*made)

    def joined(self, other: Self) -> Self:
        """These entries, then the other ones."""
        pairs = ((getattr(self, item.name), getattr(other, item.name)) for item in fields(self))
        return type(self)(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True, slots=True)
class Columns(_Table):
    """One entry an enterprise. Times are microseconds since 1970, UTC."""

    ids: Ints
    changed: Ints
    """``Enterprise.changed``: the link of the chain of its last change."""
    keys: Objects
    names: Objects
    texts: Objects
    """Name and key as searches compare them."""
    sounds: Objects
    """What names are sorted by, as bytes; no two are alike."""
    divisions: Codes
    industries: Codes
    sizes: Codes
    assignees: Ints
    """A user's number, 0 for nobody."""
    taken_in: Ints
    determined: Ints
    """When its newest determination was made; 0 without one."""
    letters: Letters
    """A column a measure; 0 where an enterprise has no determination, or one by rules that did not have the measure."""
    held: NDArray[np.uint8]
    """A bit for each letter, in the order of ``LETTERS``, that it has for any measure."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class _Facts(_Table):
    """Entries about an enterprise (``places``) and a measure (its number)."""

    places: Places
    measures: NDArray[np.int16]

    def moved(self, places: Places) -> Self:
        """The same with each place replaced by ``places[place]``; entries where that is below 0 are dropped."""
        now = places[self.places]
        kept = now >= 0
        rest = (getattr(self, item.name)[kept] for item in fields(self)[1:])
        return type(self)(now[kept], *rest)


@dataclass(frozen=True, slots=True)
class Amounts(_Facts):
    """What is eligible or pending, with its amount: ``sort`` as in ``Entitlement``; ``low`` and ``high`` are decimal
    strings in yuan, ``high`` None without a bound."""

    sort: Ints
    low: Objects
    high: Objects


@dataclass(frozen=True, slots=True)
class Awaiting(_Facts):
    """The judgements that pending measures wait for."""

    judgements: Codes
    first: Mask
    """Whether no entry before it says that the same enterprise waits for the same judgement, by another measure."""


@dataclass(frozen=True, slots=True)
class Moved(_Facts):
    """Since when a measure has stood as it does, where it ever moved."""

    at: Ints


@dataclass(frozen=True, slots=True)
class Content:
    """All that is known of some enterprises."""

    columns: Columns
    amounts: Amounts
    awaiting: Awaiting
    moved: Moved

    def replaced(self, changed: Ints, fresh: Content) -> tuple[Content, Places]:
        """With ``fresh`` in place of what was known of the enterprises ``changed``; and where each old place went, -1
        where it was replaced."""
        if not len(self.columns):
            return fresh, np.empty(0, np.int64)
        stays = np.flatnonzero(~np.isin(self.columns.ids, changed))
        order = np.argsort(np.concatenate((self.columns.ids[stays], fresh.columns.ids)), kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        stayed, new = place[: len(stays)], place[len(stays) :]
        old = np.full(len(self.columns), -1, np.int64)
        old[stays] = stayed
        source = np.zeros(len(order), np.int64)
        source[stayed] = stays
        return (
            Content(
                self.columns.overlaid(source, new, fresh.columns),
                self.amounts.moved(old).joined(fresh.amounts.moved(new)),
                self.awaiting.moved(old).joined(fresh.awaiting.moved(new)),
                self.moved.moved(old).joined(fresh.moved.moved(new)),
            ),
            old,
        )


def with_letters(letters: Letters, letter: str) -> Ints:
    """Of each measure, how many enterprises have this letter."""
    found: Ints = np.count_nonzero(letters == ord(letter), axis=0).astype(np.int64)
    return found


def ints(values: Iterable[Any]) -> Ints:
    """An array of whole numbers."""
    return np.fromiter(values, np.int64)


def objects(values: list[Any]) -> Objects:
    """An array of whatever it is."""
    made = np.empty(len(values), np.object_)
    made[:] = values
    return made
