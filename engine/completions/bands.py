"""Bands of one figure: thresholds that leave a hole between two ranges, or two ranges that overlap by mistake.

The figure is set free from everything else: its tests are put on one symbol, and all other conditions stay as they
are. A hole is a value that is not covered between two that are. Two cases overlap by mistake where each reaches
beyond the other; a case that lies within another one (50% before 30%) is how lists of thresholds are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import z3

from engine.completions.cone import all_leaves
from engine.completions.examination import Examination
from engine.completions.figures import Figure
from engine.completions.holders import Forced, Reach
from engine.completions.rails import Rails, any_of
from engine.conditions import DaysSince, Node, Operand, Place, Ratio, Test
from engine.regions import Intervals
from engine.wording import operand_label, show_point, typed

Covered = Callable[[Forced], Rails]


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole or an overlap: where and what."""

    place: Place
    message: str


def gaps(examination: Examination, parts: Sequence[Node], reach: Reach) -> Iterator[Gap]:
    """Holes in what any of ``parts`` covers, along each figure that at least two tests compare."""
    for tests in _axes(examination, parts):
        def covered(forced: Forced) -> Rails:
            return any_of(examination.world.tree(part, reach, forced) for part in parts)

        low, middle, high = (_on(examination, tests, name) for name in ("low", "middle", "high"))
        order = [low.symbol < middle.symbol, middle.symbol < high.symbol]
        goals = [covered(low.forced).true, covered(middle.forced).is_false, covered(high.forced).true]
        found = examination.find(*order, *goals)
        if found is not None:
            where = _value(examination, tests[0], found, middle)
            yield Gap(tests[0].note.place, f"{where}没有着落，比它小和比它大的都有")


def overlaps(
    examination: Examination, cases: Sequence[tuple[Node, object]], reach: Reach
) -> Iterator[Gap]:
    """Cases of a decision list with different values whose ranges of one figure overlap in part."""
    for n, (one, value) in enumerate(cases):
        for other, another in cases[n + 1 :]:
            if value == another:
                continue
            for tests in _axes(examination, [one, other], both=True):
                yield from _overlap(examination, one, other, tests, reach)


def _overlap(
    examination: Examination, one: Node, other: Node, tests: list[Test], reach: Reach
) -> Iterator[Gap]:
    left, middle, right = (_on(examination, tests, name) for name in ("left", "middle", "right"))
    world = examination.world
    order = z3.Or(
        z3.And(left.symbol < middle.symbol, middle.symbol < right.symbol),
        z3.And(left.symbol > middle.symbol, middle.symbol > right.symbol),
    )
    goals = [
        world.tree(one, reach, left.forced).true,
        world.tree(other, reach, left.forced).is_false,
        world.tree(one, reach, middle.forced).true,
        world.tree(other, reach, middle.forced).true,
        world.tree(one, reach, right.forced).is_false,
        world.tree(other, reach, right.forced).true,
    ]
    found = examination.find(order, *goals)
    if found is not None:
        place = next(t for t in tests if t in list(all_leaves(other))).note.place
        yield Gap(place, f"{_value(examination, tests[0], found, middle)}同时落在两段里，两段的值不同")


@dataclass(frozen=True, slots=True)
class _Axis:
    """Tests of one figure put on one symbol."""

    symbol: z3.ArithRef
    forced: Forced


def _axes(examination: Examination, parts: Sequence[Node], both: bool = False) -> Iterator[list[Test]]:
    """The tests of each figure that at least two tests compare; with ``both`` in each of two parts."""
    found: dict[Operand, list[Test]] = {}
    within: dict[Operand, set[int]] = {}
    for n, part in enumerate(parts):
        for leaf in all_leaves(part):
            if isinstance(leaf, Test) and isinstance(examination.world.cone.region(leaf.comparisons), Intervals):
                found.setdefault(leaf.operand, []).append(leaf)
                within.setdefault(leaf.operand, set()).add(n)
    for operand, tests in found.items():
        if len(tests) > 1 and (not both or len(within[operand]) == 2):
            yield tests


def _on(examination: Examination, tests: list[Test], name: str) -> _Axis:
    """The tests on a symbol of their own, whole where the figure is."""
    operand = tests[0].operand
    symbol = z3.Real(f"band:{name}") if isinstance(operand, Ratio) else z3.Int(f"band:{name}")
    figure = Figure.exactly(symbol, 1 if isinstance(operand, Ratio) else _scale(examination, operand))
    forced = {}
    for test in tests:
        region = examination.world.cone.region(test.comparisons)
        if isinstance(region, Intervals):
            forced[id(test)] = (
                _real(symbol, region) if isinstance(operand, Ratio) else figure.test(region)
            )
    return _Axis(symbol, forced)


def _scale(examination: Examination, operand: Operand) -> int:
    field = typed(operand, examination.program.pack)
    return 100 if field.type == "money" else 10**6 if field.type == "ratio" else 1


def _real(symbol: z3.ArithRef, region: Intervals) -> Rails:
    ways = []
    for span in region.spans:
        parts = [z3.BoolVal(True)]
        if span.low is not None:
            low = z3.RealVal(str(span.low))
            parts.append(symbol > low if span.low_open else symbol >= low)
        if span.high is not None:
            high = z3.RealVal(str(span.high))
            parts.append(symbol < high if span.high_open else symbol <= high)
        ways.append(z3.And(parts))
    return Rails(z3.Or(ways) if ways else z3.BoolVal(False))


def _value(examination: Examination, test: Test, model: z3.ModelRef, axis: _Axis) -> str:
    """The figure and its value, for people."""
    pack, operand = examination.program.pack, test.operand
    label = operand_label(operand, pack)
    found = model.eval(axis.symbol, model_completion=True)
    if isinstance(operand, Ratio):
        return f"{label}为{float(found.as_fraction()):.2%}时"
    units = found.as_long()
    field = typed(operand, pack)
    if field.type == "date" and not isinstance(operand, DaysSince):
        return f"{label}为{show_point(date.fromordinal(units), field)}时"
    return f"{label}为{show_point(Fraction(units, _scale(examination, operand)), field)}时"
