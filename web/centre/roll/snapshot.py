"""A roster as it was at one moment: counted, narrowed, sorted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from engine.determination import GroupKey
from web.centre.outcomes import LETTERS
from web.centre.roll import choosing
from web.centre.roll.columns import Content, Ints, Mask, Places, Words, with_letters
from web.centre.roll.query import Query
from web.centre.roll.reading import EPOCH, MICROSECOND, Layout
from web.centre.roll.view import View

GROUPS: tuple[GroupKey, ...] = tuple(LETTERS)


@dataclass(frozen=True, slots=True)
class Row:
    """One enterprise. ``division``, ``industry`` and ``size`` are codes, empty where unknown; ``assignee`` 0 is
    nobody."""

    id: int
    key: str
    name: str
    division: str
    industry: str
    size: str
    assignee: int
    taken_in: datetime
    determined: datetime | None


class Snapshot(View):
    """Never changes. ``number`` is the newest link of the chain that it knows of."""

    def __init__(self, content: Content, layout: Layout, number: int, tally: Ints, ranked: Places | None = None) -> None:
        """``tally``: how often each letter stands, a row a group and a column a measure; ``ranked`` as in ``View``."""
        super().__init__(content, layout, ranked)
        self.number, self.tally = number, tally

    # ---- Counting ----

    def counts(self) -> dict[str, dict[GroupKey, int]]:
        """Of each measure, how many enterprises are in each group."""
        table = self.tally.tolist()
        return {
            measure: {group: table[row][number] for row, group in enumerate(GROUPS)}
            for number, measure in enumerate(self.measures)
        }

    def groups(self, query: Query) -> dict[GroupKey, int]:
        """How many of whom ``query`` asks for, whatever its group, are in each; without a measure, for any measure."""
        mask = choosing.narrowed(self, query)
        if not query.measure:
            held = self.columns.held[mask]
            return {group: int(np.count_nonzero(held & 1 << bit)) for bit, group in enumerate(GROUPS)}
        letters = np.bincount(self.letters(query.measure)[mask], minlength=256)
        return {group: int(letters[ord(letter)]) for group, letter in LETTERS.items()}

    def judgements(self, query: Query) -> dict[str, int]:
        """How many of whom ``query`` asks for wait for each judgement: by its measure, or by any."""
        texts, facts = self.layout.judgements.texts, self.awaiting
        wanted = choosing.chosen(self, query)[facts.places]
        # Who waits for a judgement by several measures counts once.
        wanted &= facts.measures == self.measure(query.measure) if query.measure else facts.first
        counted = np.bincount(facts.judgements[wanted])
        return {texts[number]: int(counted[number]) for number in np.flatnonzero(counted)}

    def divisions(self) -> dict[str, int]:
        """How many enterprises have each division code; "" is unknown."""
        return _coded(self.layout.divisions, self.columns.divisions)

    def industries(self) -> dict[str, int]:
        """How many enterprises have each industry code; "" is unknown."""
        return _coded(self.layout.industries, self.columns.industries)

    # ---- Choosing ----

    def select(self, query: Query) -> Places:
        """The places of whom ``query`` asks for, in its order. Raises KeyError for an unknown measure."""
        places: Places = np.flatnonzero(choosing.chosen(self, query))
        return choosing.ordered(self, query, places)

    def total(self, query: Query) -> int:
        """How many ``query`` asks for."""
        return int(np.count_nonzero(choosing.chosen(self, query)))

    def place(self, enterprise: int) -> int | None:
        """Where an enterprise is; None where it is not there."""
        found = int(np.searchsorted(self.columns.ids, enterprise))
        return found if found < len(self) and self.columns.ids[found] == enterprise else None

    # ---- What is at a place ----

    def row(self, place: int) -> Row:
        """The enterprise at a place."""
        columns, layout = self.columns, self.layout
        determined = int(columns.determined[place])
        return Row(
            id=int(columns.ids[place]),
            key=columns.keys[place],
            name=columns.names[place],
            division=layout.divisions.texts[columns.divisions[place]],
            industry=layout.industries.texts[columns.industries[place]],
            size=layout.sizes.texts[columns.sizes[place]],
            assignee=int(columns.assignees[place]),
            taken_in=time_of(int(columns.taken_in[place])),
            determined=time_of(determined) if determined else None,
        )

    def amounts_of(self, measure: str, places: Places) -> list[tuple[str, str | None] | None]:
        """The stated amount of each of these enterprises by a measure: decimal strings in yuan."""
        facts = self.amounts
        entries = np.flatnonzero(self._among(places)[facts.places] & (facts.measures == self.measure(measure)))
        found = {int(facts.places[entry]): (facts.low[entry], facts.high[entry]) for entry in entries}
        return [found.get(int(place)) for place in places]

    def awaiting_of(self, measure: str, places: Places) -> list[list[str]]:
        """The judgements that each of these enterprises waits for by a measure; by any where it is empty."""
        facts, texts = self.awaiting, self.layout.judgements.texts
        entries = self._among(places)[facts.places]
        if measure:
            entries &= facts.measures == self.measure(measure)
        found: dict[int, dict[str, None]] = {}
        for entry in np.flatnonzero(entries):
            found.setdefault(int(facts.places[entry]), {})[texts[facts.judgements[entry]]] = None
        return [list(found.get(int(place), ())) for place in places]

    def groups_of(self, places: Places) -> list[dict[GroupKey, int]]:
        """Of how many measures each of these enterprises is in each group."""
        letters = self.columns.letters[places]
        counted = [np.count_nonzero(letters == ord(letter), axis=1).tolist() for letter in LETTERS.values()]
        return [dict(zip(GROUPS, row, strict=True)) for row in zip(*counted, strict=True)]

    def since_of(self, measure: str, places: Places) -> list[datetime]:
        """Since when each of these enterprises has stood as it does by a measure; without one, its newest
        determination, or when it was taken in."""
        return [time_of(int(at)) for at in choosing.since(self, measure)[places]]

    def _among(self, places: Places) -> Mask:
        mask = np.zeros(len(self), np.bool_)
        mask[places] = True
        return mask

def tallied(letters: NDArray[np.uint8]) -> Ints:
    """How often each letter stands: a row a group, a column a measure."""
    found: Ints = np.stack([with_letters(letters, letter) for letter in LETTERS.values()])
    return found


def time_of(at: int) -> datetime:
    """The time of so many microseconds since 1970, UTC."""
    return EPOCH + at * MICROSECOND


def _coded(words: Words, codes: NDArray[np.int32]) -> dict[str, int]:
    counted = np.bincount(codes)
    return {words.texts[number]: int(counted[number]) for number in np.flatnonzero(counted)}
