"""Exact sums of many decimal strings: each distinct amount is added once, times how often it stands there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact

import numpy as np
from numpy.typing import NDArray

from web.centre.roll.columns import Amounts

_EXACT = Context(prec=200, traps=[Inexact])


@dataclass(frozen=True, slots=True)
class Sum:
    """``total`` in yuan of those that have a bound, and how many have none."""

    total: Decimal
    unbounded: int


class Coded:
    """The amounts of a roster as numbers of distinct texts."""

    def __init__(self, amounts: Amounts) -> None:
        numbers: dict[str | None, int] = {}
        self.low = _coded(amounts.low, numbers)
        self.high = _coded(amounts.high, numbers)
        self._values = [None if text is None else Decimal(text) for text in numbers]

    def sums(self, codes: NDArray[np.int64], keys: NDArray[np.int64], count: int) -> list[Sum]:
        """The sum for each key below ``count`` of the amounts whose codes these are."""
        width = max(len(self._values), 1)
        pairs, often = np.unique(keys * width + codes, return_counts=True)
        totals, unbounded = [Decimal()] * count, [0] * count
        for pair, times in zip(pairs.tolist(), often.tolist(), strict=True):
            key, value = pair // width, self._values[pair % width]
            if value is None:
                unbounded[key] += times
            else:
                totals[key] = _EXACT.fma(value, times, totals[key])
        return [Sum(total, open_) for total, open_ in zip(totals, unbounded, strict=True)]


def total(sums: Iterable[Sum]) -> Sum:
    """All of them together."""
    whole, unbounded = Decimal(), 0
    for item in sums:
        whole, unbounded = _EXACT.add(whole, item.total), unbounded + item.unbounded
    return Sum(whole, unbounded)


def _coded(texts: NDArray[np.object_], numbers: dict[str | None, int]) -> NDArray[np.int64]:
    return np.fromiter((numbers.setdefault(text, len(numbers)) for text in texts.tolist()), np.int64, len(texts))
