"""Truths of many rows: Kleene logic on bytes.

A plane holds 0 (false), 1 (unknown) or 2 (true) for each row, so that "all" is the minimum, "any" the maximum and "not"
the distance to 2: Kleene's tables, with no null that a comparison, a cast or a CASE could swallow. A truth that is
the same for every row is a plain number and costs nothing. Bytes instead of Polars' own Booleans because masks are
packed from bytes several times as fast, and packing is what most of the time would go to (docs/adr/0013).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.truth import Truth

FALSE, UNKNOWN, TRUE = 0, 1, 2
Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Plane = Bytes | int
Marks = Flags | bool
"""Some rows: those with true, or all of them, or none."""
_OF_TRUTH: dict[Truth, int] = {False: FALSE, None: UNKNOWN, True: TRUE}
_RUNS = 6  # a table with at most so many runs of one truth is faster as comparisons


def of_truth(truth: Truth) -> int:
    """The number that stands for a truth."""
    return _OF_TRUTH[truth]


def all_of(planes: Iterable[Plane]) -> Plane:
    """False where any is false, else unknown where any is unknown, else true."""
    result: Plane = TRUE
    for plane in planes:
        result = _least(result, plane)
        if isinstance(result, int) and result == FALSE:
            break
    return result


def any_of(planes: Iterable[Plane]) -> Plane:
    """True where any is true, else unknown where any is unknown, else false."""
    result: Plane = FALSE
    for plane in planes:
        result = _greatest(result, plane)
        if isinstance(result, int) and result == TRUE:
            break
    return result


def negated(plane: Plane) -> Plane:
    """Unknown stays unknown."""
    return TRUE - plane if isinstance(plane, int) else np.subtract(TRUE, plane, dtype=np.uint8)


def _least(one: Plane, other: Plane) -> Plane:
    if isinstance(one, int) and isinstance(other, int):
        return min(one, other)
    if isinstance(one, int):
        one, other = other, one
    if isinstance(other, int):
        return FALSE if other == FALSE else one if other == TRUE else np.minimum(one, np.uint8(other))
    return np.minimum(one, other)


def _greatest(one: Plane, other: Plane) -> Plane:
    if isinstance(one, int) and isinstance(other, int):
        return max(one, other)
    if isinstance(one, int):
        one, other = other, one
    if isinstance(other, int):
        return TRUE if other == TRUE else one if other == FALSE else np.maximum(one, np.uint8(other))
    return np.maximum(one, other)


def assumed(plane: Plane) -> Plane:
    """Unknown counts as true."""
    if isinstance(plane, int):
        return TRUE if plane == UNKNOWN else plane
    return plane + (plane & np.uint8(UNKNOWN))


def decided(true: Flags, false: Flags) -> Bytes:
    """A plane from where it is certainly true and where it is certainly false; the two share no row."""
    result: Bytes = true.view(np.uint8) + (~false).view(np.uint8)
    return result


def holds(plane: Plane, rows: int, what: int) -> Flags:
    """The rows on which the plane is ``what``."""
    return np.full(rows, plane == what) if isinstance(plane, int) else plane == what


def marks(plane: Plane, what: int) -> Marks:
    """The rows on which the plane is ``what``; one answer where it is the same for all of them."""
    return plane == what


def of_marks(rows: Marks) -> Plane:
    """True on these rows, false on the others."""
    if isinstance(rows, bool):
        return TRUE if rows else FALSE
    if not rows.any():
        return FALSE
    return rows.view(np.uint8) * np.uint8(TRUE)


def both(one: Marks, other: Marks) -> Marks:
    """The rows that are marked twice."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return one & other


def either(one: Marks, other: Marks) -> Marks:
    """The rows that are marked at all."""
    if isinstance(one, bool):
        return True if one else other
    if isinstance(other, bool):
        return True if other else one
    return one | other


def neither(one: Marks) -> Marks:
    """The rows that are not marked."""
    return not one if isinstance(one, bool) else ~one


def spread(one: Marks, rows: int) -> Flags:
    """The marks row by row."""
    return np.full(rows, one) if isinstance(one, bool) else one


def count(plane: Plane, what: int, rows: int) -> int:
    """How many rows are ``what``."""
    if isinstance(plane, int):
        return rows if plane == what else 0
    return int(np.count_nonzero(plane == what))


def full(plane: Plane, rows: int) -> Bytes:
    """The plane as an array."""
    return np.full(rows, plane, np.uint8) if isinstance(plane, int) else plane


def taken(plane: Plane, index: npt.NDArray[Any] | None) -> Plane:
    """The plane of the rows that ``index`` names; None is every row once."""
    return plane if isinstance(plane, int) or index is None else plane.take(index)


def looked_up(table: Sequence[int], codes: npt.NDArray[Any]) -> Plane:
    """The truth of each row by the code of its value; ``table`` has a truth for each code."""
    first = table[0]
    if all(truth == first for truth in table):
        return first
    # The first code is nothing known, which a complete column does not have.
    if all(truth == table[1] for truth in table[2:]) and len(codes) and codes.min() > 0:
        return table[1]
    found = np.asarray(table, np.uint8)
    edges = np.flatnonzero(np.diff(found)) + 1
    if len(edges) >= _RUNS:
        return found.take(codes, mode="clip")
    # Each edge adds or takes a little from all codes behind it; bytes wrap, and the sum is right again.
    result = np.full(len(codes), found[0], np.uint8)
    for edge in edges:
        step = (codes >= codes.dtype.type(edge)).view(np.uint8)
        jump = int(found[edge]) - int(found[edge - 1])
        for _ in range(abs(jump)):
            (np.add if jump > 0 else np.subtract)(result, step, out=result)
    return result
