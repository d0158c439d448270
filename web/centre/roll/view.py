"""What choosing works on: the arrays of a roster at one moment, with what is found out of them when first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from web.centre.roll.columns import Content, Places
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
    def by_name(self) -> Places:
        """Places by name."""
        known = np.zeros(len(self), np.bool_)
        order: list[int] = []
        if self._ranked is not None:
            order, known[self._ranked] = self._ranked.tolist(), True
        order += np.flatnonzero(~known).tolist()
        # What is in order already costs next to nothing to sort.
        sounds: list[bytes] = self.columns.sounds.tolist()
        order.sort(key=sounds.__getitem__)
        return np.array(order, np.int64)
