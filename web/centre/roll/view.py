"""What choosing works on: the arrays of a roster at one moment, with what is found out of them when first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from web.centre.outcomes import LETTERS
from web.centre.roll.columns import Content, Ints, Places
from web.centre.roll.query import comparable
from web.centre.roll.reading import Layout


class View:
    """Never changes. Places are the row numbers of ``columns`` and mean something in this view only."""

    def __init__(self, content: Content, layout: Layout, ranked: Places | None = None) -> None:
        """``ranked``: most places, by name, where that was known before."""
        self.content, self.layout = content, layout
        self.columns, self.amounts = content.columns, content.amounts
        self.awaiting, self.moved = content.awaiting, content.moved
        self.measures = layout.measures
        self._ranked = ranked

    def __len__(self) -> int:
        return len(self.columns)

    def measure(self, id: str) -> int:
        """The number of a measure. Raises KeyError where the site's rules have no such."""
        return self.layout.numbers[id]

    def letters(self, measure: str) -> NDArray[np.uint8]:
        """Each enterprise's letter for a measure, as the number of its character; 0 where it has none."""
        found: NDArray[np.uint8] = self.columns.letters[:, self.measure(measure)]
        return found

    @cached_property
    def held(self) -> NDArray[np.uint8]:
        """A bit for each group (in the order of ``LETTERS``) that an enterprise is in by any measure."""
        bits = np.zeros(256, np.uint8)
        for bit, letter in enumerate(LETTERS.values()):
            bits[ord(letter)] = 1 << bit
        found: NDArray[np.uint8] = np.bitwise_or.reduce(bits[self.columns.letters], axis=1)
        return found

    @cached_property
    def text(self) -> tuple[str, Ints]:
        """Names and keys as searches compare them, a line an enterprise; and where each line begins."""
        pairs = zip(self.columns.names, self.columns.keys, strict=True)
        lines = [f"{comparable(name)}\t{comparable(key)}" for name, key in pairs]
        lengths = np.fromiter(map(len, lines), np.int64)
        return "\n".join(lines), np.concatenate(([0], np.cumsum(lengths + 1)))[:-1]

    @cached_property
    def by_name(self) -> Places:
        """Places by name, as Chinese directories have it: common characters by their sound."""
        names: list[str] = self.columns.names.tolist()
        known = np.zeros(len(self), np.bool_)
        order: list[int] = []
        if self._ranked is not None:
            order, known[self._ranked] = self._ranked.tolist(), True
        order += np.flatnonzero(~known).tolist()
        # What is in order already costs next to nothing to sort. GB 18030 has the common characters by pinyin.
        order.sort(key=lambda place: names[place].encode("gb18030", "replace"))
        return np.array(order, np.int64)
