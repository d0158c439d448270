"""Truths as bits are what truths as bytes are: every table of Kleene's, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest

pytest.importorskip("polars")

from engine.columns import bits, masks, planes
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Plane
from engine.columns.vectors import Coded

TRUTHS = (FALSE, UNKNOWN, TRUE)
PAIRS = np.array(list(product(TRUTHS, TRUTHS)), np.uint8)  # nine rows: a byte of bits and one more


def _shown(plane: Plane, rows: int) -> list[int]:
    return planes.full(plane, rows).tolist()


@pytest.mark.parametrize("join", ["all_of", "any_of"])
@pytest.mark.parametrize("constant", [None, *TRUTHS])
def test_gates_agree_with_planes(join: str, constant: int | None) -> None:
    parts: list[Plane] = [PAIRS[:, 0], PAIRS[:, 1], *([] if constant is None else [constant])]
    of_bits: Callable[[Sequence[bits.Bits]], bits.Bits] = getattr(bits, join)
    before = [bits.of_plane(part) for part in parts]
    for order in ((0, 1, 2), (2, 0, 1), (1, 0), (0,)):
        own = [number for number in order if number < len(parts)]
        expected = getattr(planes, join)([parts[number] for number in own])
        found = bits.plane(of_bits([before[number] for number in own]), len(PAIRS))
        assert _shown(found, len(PAIRS)) == _shown(expected, len(PAIRS))
    # No gate writes into what it was given.
    assert [_shown(bits.plane(part, len(PAIRS)), len(PAIRS)) for part in before] == [
        _shown(part, len(PAIRS)) for part in parts
    ]


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 17])
def test_marks_and_counts_end_with_the_last_row(rows: int) -> None:
    plane = np.resize(np.array(TRUTHS, np.uint8), rows)
    for given in (plane, planes.negated(plane)):
        own = bits.of_plane(plane) if given is plane else bits.negated(bits.of_plane(plane))
        open_ = bits.any_of([own, UNKNOWN]), planes.any_of([given, UNKNOWN])
        for some, expected in ((own, given), open_):
            for what in TRUTHS:
                wanted = np.flatnonzero(planes.full(expected, rows) == what).tolist()
                marked = bits.marks(some, what)
                assert bits.places(marked, rows).tolist() == wanted
                assert bits.count(marked, rows) == len(wanted)
                assert np.flatnonzero(planes.full(bits.plane_of_marks(marked, rows), rows)).tolist() == wanted


@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 1.0])
@pytest.mark.parametrize("inverted", [False, True])
def test_few_marks_are_found_as_many_are(share: float, inverted: bool) -> None:
    rows = 4003
    flags = np.random.default_rng(11).random(rows) < share
    marked, wanted = bits.of_marks(flags), ~flags if inverted else flags
    # What is negated has bits behind the last row.
    marked = bits.neither(marked) if inverted else marked
    assert bits.places(marked, rows).tolist() == np.flatnonzero(wanted).tolist()
    assert bits.count(marked, rows) == int(wanted.sum())


@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.parametrize("size", [2, 3, 9, 33])
def test_conditions_on_a_column_as_bits_are_looked_up_truths(size: int, complete: bool) -> None:
    draw, rows = np.random.default_rng(size), 203
    values = (None, *(frozenset({str(number)}) for number in range(size - 1)))
    column = Coded(draw.integers(1 if complete else 0, size, rows).astype(np.uint8), values)
    tables = [[UNKNOWN, *draw.integers(0, 3, size - 1).tolist()] for _ in range(20)]
    for table in (*tables, [UNKNOWN] * size, [UNKNOWN] + [TRUE] * (size - 1), [UNKNOWN] + [FALSE] * (size - 1)):
        expected, found = planes.looked_up(table, column.codes), column.bits(table)
        assert _shown(bits.plane(found, rows), rows) == _shown(expected, rows)
        # What is the same for every row is one number in both.
        assert isinstance(found, int) == isinstance(expected, int)


def test_a_word_has_a_bit_for_each_mark() -> None:
    rows, draw = 19, np.random.default_rng(7)
    flags = [True, False, *(draw.random(rows) < 0.5 for _ in range(70)), True]
    marked = [bits.of_marks(flag) for flag in flags]
    words = masks.columns_of({"failed": marked}, rows)
    assert list(words) == ["failed_0", "failed_1"]
    for row in range(rows):
        own = [int(words[name][row]) for name in words]
        shown = [masks.bit(own, number) for number in range(len(flags))]
        assert shown == [bool(flag if isinstance(flag, bool) else flag[row]) for flag in flags]
