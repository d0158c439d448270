"""What choosing works on: the arrays of a roster at one moment, with what is found out of them when first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from web.centre.roll.columns import Content, Mask, Places
from web.centre.roll.reading import Layout


class View:
    """Never changes. Places are the row numbers of ``columns`` and mean something in this view only."""

    def __init__(self, content: Content, layout: Layout, ranked: Places | None = None) -> None:
        """``ranked``: most places, by name, where that was known before."""
        self.content, self.layout = content, layout
        self.columns, self.amounts = content.columns, content.amounts
        self.awaiting, self.moved = content.awaiting, content.moved
        self.measures = layout.measures
        self.said: dict[str, Mask] = {}
        self._ranked = np.empty(0, np.int64) if ranked is None else ranked

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
        """Places by name: what was in order stays so, the rest is put in between."""
        sounds = self.columns.sounds
        known = np.zeros(len(self), np.bool_)
        known[self._ranked] = True
        new = np.array(sorted(np.flatnonzero(~known).tolist(), key=sounds.__getitem__), np.int64)
        found: Places = np.insert(self._ranked, np.searchsorted(sounds[self._ranked], sounds[new]), new)
        return found
