"""Truths of many rows as bits, for what joins truths and looks at no row: gates, and what they wait for.

A pair of bit rows holds where a truth is true (its first row) and where it is not false (its second), eight rows of the
list in a byte; true is never without not false. "All" is AND, "any" is OR and "not" swaps the two and flips them:
Kleene's tables again, on a quarter of the memory that bytes take (``engine.columns.planes``), so that the hundreds of
truths of a slice stay near the processor. A truth that is the same for every row is a plain number, as in a plane.
The bits behind the last row mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from engine.columns.planes import FALSE, TRUE, UNKNOWN, Bytes, Flags, Ints, Marks, Plane

Pair = npt.NDArray[np.uint8]
"""Two rows of bits, shape (2, bytes)."""
Bits = Pair | int
Packed = npt.NDArray[np.uint8]
MarkBits = Packed | bool
"""Some rows, a bit each; or all of them, or none."""


def pair(plane: Bytes) -> Pair:
    """The bits of a plane that differs from row to row."""
    result = np.empty((2, -(-len(plane) // 8)), np.uint8)
    # Packing takes whatever is not zero for one.
    result[0] = np.packbits(plane & np.uint8(TRUE))
    result[1] = np.packbits(plane)
    return result


def of_plane(plane: Plane) -> Bits:
    """The bits of a plane."""
    return plane if isinstance(plane, int) else pair(plane)


def plane(bits: Bits, rows: int) -> Plane:
    """The truths row by row."""
    if isinstance(bits, int):
        return bits
    result: Bytes = np.unpackbits(bits[1], count=rows)
    result += np.unpackbits(bits[0], count=rows)
    return result


def all_of(parts: Iterable[Bits]) -> Bits:
    """False where any is false, else unknown where any is unknown, else true."""
    return _joined(parts, TRUE, FALSE)


def any_of(parts: Iterable[Bits]) -> Bits:
    """True where any is true, else unknown where any is unknown, else false."""
    return _joined(parts, FALSE, TRUE)


def _joined(parts: Iterable[Bits], neutral: int, final: int) -> Bits:
    """``final`` wins, ``neutral`` gives way; in between, an unknown is taken in at the end."""
    join = np.bitwise_and if final == FALSE else np.bitwise_or
    result: Pair | None = None
    own = unknown = False
    for part in parts:
        if isinstance(part, int):
            if part == final:
                return final
            unknown = unknown or part == UNKNOWN
        elif result is None:
            result = part
        elif own:
            join(result, part, out=result)
        else:
            result, own = join(result, part), True
    if result is None:
        return UNKNOWN if unknown else neutral
    if unknown:
        result = result if own else result.copy()
        # Nothing is true beside an unknown that must hold, nothing false beside one that may.
        result[0 if final == FALSE else 1] = 0 if final == FALSE else 255
    return result


def negated(bits: Bits) -> Bits:
    """Unknown stays unknown."""
    return TRUE - bits if isinstance(bits, int) else ~bits[::-1]


def marks(bits: Bits, what: int) -> MarkBits:
    """The rows on which the truth is ``what``; one answer where it is the same for all of them."""
    if isinstance(bits, int):
        return bits == what
    result: Packed = bits[1] ^ bits[0] if what == UNKNOWN else bits[0] if what == TRUE else ~bits[1]
    return result


def both(one: MarkBits, other: MarkBits) -> MarkBits:
    """The rows that are marked twice."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return one & other


def either(one: MarkBits, other: MarkBits) -> MarkBits:
    """The rows that are marked at all."""
    if isinstance(one, bool):
        return True if one else other
    if isinstance(other, bool):
        return True if other else one
    return one | other


def neither(one: MarkBits) -> MarkBits:
    """The rows that are not marked."""
    return not one if isinstance(one, bool) else ~one


def of_marks(flags: Marks) -> MarkBits:
    """Marks row by row as bits."""
    return flags if isinstance(flags, bool) else np.packbits(flags)


def places(marked: MarkBits, rows: int) -> Ints:
    """The numbers of the marked rows, ascending."""
    if isinstance(marked, bool):
        return np.arange(rows if marked else 0)
    # Most marks are of few rows, so only the bytes with any are looked into.
    some = np.flatnonzero(_within(marked, rows))
    if len(some) * 4 > len(marked):
        return np.flatnonzero(np.unpackbits(marked, count=rows))
    at = np.flatnonzero(np.unpackbits(_within(marked, rows)[some]))
    result: Ints = some[at >> 3] * 8 + (at & 7)
    return result


def count(marked: MarkBits, rows: int) -> int:
    """How many rows are marked."""
    if isinstance(marked, bool):
        return rows if marked else 0
    return int(np.bitwise_count(_within(marked, rows)).sum())


def _within(marked: Packed, rows: int) -> Packed:
    """The same without the bits behind the last row."""
    spare = -rows % 8
    if not spare or not marked[-1] & (1 << spare) - 1:
        return marked
    result = marked.copy()
    result[-1] &= 256 - (1 << spare)
    return result


def plane_of_marks(marked: MarkBits, rows: int) -> Plane:
    """True on these rows, false on all others."""
    if isinstance(marked, bool):
        return TRUE if marked else FALSE
    if not marked.any():
        return FALSE
    result: Bytes = np.unpackbits(marked, count=rows)
    return np.add(result, result, out=result)


def to_marks(bits: MarkBits, rows: int) -> Marks:
    """Bits as marks row by row; one answer where no row or every row is marked."""
    if isinstance(bits, bool):
        return bits
    flags: Flags = np.unpackbits(bits, count=rows).view(np.bool_)
    return flags
