"""Bit masks: verdicts and truths of conditions packed into a few 64-bit words for each row, and back.

Bit n of a mask is bit n % 64 of its word n // 64 (``eligible_0``, ``eligible_1`` ...), counted from the lowest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.columns.bits import MarkBits
from engine.columns.plan import Plan
from engine.columns.planes import Bytes
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


def _pack(marked: Sequence[MarkBits], words: Words) -> None:
    """Fill a word for each row, which is zero, with the bits of up to 64 marks."""
    if same := sum(1 << place for place, marks in enumerate(marked) if marks is True):
        words.fill(same)
    bytes_ = words.view(np.uint8).reshape(len(words), 8)
    for place in range(8):
        varied = marked[place * 8 : place * 8 + 8]
        # A byte of which every bit is the same for all rows is in its place already.
        if not all(isinstance(marks, bool) for marks in varied):
            bytes_[:, place] = _byte(varied, len(words))


def _byte(marked: Sequence[MarkBits], rows: int) -> Bytes:
    """Eight marks as a byte for each row, the last one highest."""
    result = np.full(rows, sum(1 << place for place, marks in enumerate(marked) if marks is True), np.uint8)
    for place, marks in enumerate(marked):
        if not isinstance(marks, bool):
            bit = np.unpackbits(marks, count=rows)
            # Multiplied and not shifted: numpy shifts bytes one at a time and multiplies them 32 at a time.
            np.multiply(bit, np.uint8(1 << place), out=bit)
            np.bitwise_or(result, bit, out=result)
    return result


def bit(words: Sequence[int], number: int) -> bool:
    """Whether a bit is set in one row's words."""
    return bool(words[number // WORD] >> (number % WORD) & 1)


def columns_of(wanted: Mapping[str, Sequence[MarkBits]], rows: int) -> dict[str, Words]:
    """The words of masks under their column names; of each mask its name and what makes its bits."""
    parts = {
        f"{name}_{number}": marked[start : start + WORD]
        for name, marked in wanted.items()
        for number, start in enumerate(range(0, len(marked), WORD))
    }
    # One piece of memory for all of them: the system hands out a large one in large pages, which is several times as fast.
    columns = dict(zip(parts, np.zeros((len(parts), rows), "<u8"), strict=True))
    for name, words in columns.items():
        _pack(parts[name], words)
    return columns
