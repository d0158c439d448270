"""Bit masks: verdicts and truths of conditions packed into a few 64-bit words for each row, and back.

Bit n of a mask is bit n % 64 of its word n // 64 (``eligible_0``, ``eligible_1`` ...), counted from the lowest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.columns.plan import Plan
from engine.columns.planes import Plane
from engine.conditions import Judgement, Leaf, Reference

WORD = 64
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the bits mean: ``measures`` in force, ``atoms`` of the enterprise, ``records`` the atoms of each kind.

    An atom is a leaf of the program. Those of the enterprise hold for whatever is evaluated for it; a judgement among
    a record's conditions stands in both, since a finding may be about the record or about the enterprise.
    """

    measures: tuple[str, ...]
    atoms: tuple[Leaf, ...]
    records: dict[str, tuple[Leaf, ...]]

    @property
    def record_words(self) -> int:
        """Words that the widest kind of record needs."""
        return max((words_of(len(atoms)) for atoms in self.records.values()), default=0)


def layout_of(plan: Plan) -> Layout:
    """The layout of a plan; the same plan gives the same one."""
    own: dict[int, Leaf] = {}
    records: dict[str, tuple[Leaf, ...]] = {}
    for kind, numbers in plan.leaves.items():
        scope = plan.program.scopes[kind]
        free: dict[int, Leaf] = {}
        for number in numbers:
            leaf, shared = scope.leaves[number - 1], scope.shared[number - 1]
            if shared or isinstance(leaf, Judgement | Reference):
                own.setdefault(plan.numbering.of(leaf), leaf)
            if not shared:
                free.setdefault(plan.numbering.of(leaf), leaf)
        if kind is not None:
            records[kind] = tuple(free.values())
    return Layout(tuple(measure.id for measure in plan.measures), tuple(own.values()), records)


def words_of(bits: int) -> int:
    """Words for so many bits."""
    return -(-bits // WORD)


def _pack(planes: Sequence[Plane], what: int, words: Words) -> None:
    """Fill a word for each row with the bits of up to 64 planes: those that are ``what`` on the row."""
    words.fill(sum((isinstance(plane, int) and plane == what) << bit for bit, plane in enumerate(planes)))
    bytes_ = words.view(np.uint8).reshape(len(words), 8)
    for place in range(8):
        varied = planes[place * 8 : place * 8 + 8]
        # A byte of which every bit is the same for all rows is in its place already.
        if not all(isinstance(plane, int) for plane in varied):
            bytes_[:, place] = _byte(varied, what, len(words))


def _byte(planes: Sequence[Plane], what: int, rows: int) -> npt.NDArray[np.uint8]:
    """Eight planes as a byte for each row, the last one highest."""
    same = sum((isinstance(plane, int) and plane == what) << place for place, plane in enumerate(planes))
    result = np.full(rows, same, np.uint8)
    marked = np.empty(rows, np.bool_)
    bit = marked.view(np.uint8)
    for place, plane in enumerate(planes):
        if not isinstance(plane, int):
            np.equal(plane, what, out=marked)
            # Multiplied and not shifted: numpy shifts bytes one at a time and multiplies them 32 at a time.
            np.multiply(bit, np.uint8(1 << place), out=bit)
            np.bitwise_or(result, bit, out=result)
    return result


def bit(words: Sequence[int], number: int) -> bool:
    """Whether a bit is set in one row's words."""
    return bool(words[number // WORD] >> (number % WORD) & 1)


def columns_of(wanted: Sequence[tuple[str, Sequence[Plane], int]], rows: int) -> dict[str, Words]:
    """The words of masks under their column names; of each mask its name, its planes and what of them makes a bit."""
    count = sum(words_of(len(planes)) for _, planes, _ in wanted)
    # One piece of memory costs a quarter of many: the system hands out large pages for it.
    left = iter(np.empty((count, rows), "<u8"))
    columns: dict[str, Words] = {}
    for name, planes, what in wanted:
        for number, start in enumerate(range(0, len(planes), WORD)):
            columns[f"{name}_{number}"] = words = next(left)
            _pack(planes[start : start + WORD], what, words)
    return columns
