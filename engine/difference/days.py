"""The days on which two versions of a measure are compared: one or two of every stretch in which nothing dated changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from engine.assessment import in_force
from engine.completions.cone import all_leaves
from engine.conditions import Node, Parameter, Sum, Test
from engine.dependencies import fields_of, operand_fields
from engine.pack import Measure, Pack

DAY = timedelta(days=1)


def days_between(versions: Sequence[tuple[Pack, Measure]], today: date) -> list[date]:
    """Representative days: of every stretch in which a version is in force, today or its last day, and its hundredth.

    Stretches lie between the edges of validity and of the dated parameters that the measure rests on.
    """
    documents = [pack.documents[measure.document].document for pack, measure in versions]
    edges = {today + DAY * 36525}
    for found in documents:
        edges.add(found.validity.start)
        if found.validity.end is not None:
            edges.add(found.validity.end + DAY)
    for pack, measure in versions:
        for id in parameters_of(pack, measure):
            for value in pack.parameters[id].values:
                edges.update([value.start] if value.start else [])
                edges.update([value.end + DAY] if value.end else [])
    ordered = sorted(edges)
    days: list[date] = []
    for first, after in pairwise(ordered):
        last = after - DAY
        if not any(in_force(found, first) for found in documents):
            continue
        open_ended = after == ordered[-1]
        chosen = today if first <= today <= last else max(first, today) if open_ended else last
        days += [chosen, min(first + DAY * 100, last)]
    return sorted(set(days))


def parameters_of(pack: Pack, measure: Measure) -> set[str]:
    """The dated parameters that a measure's conditions and amounts rest on, through derived facts too."""
    found: set[str] = set()
    seen: set[str] = set()
    left: list[Node] = [measure.condition]
    paths: list[str] = []
    if measure.base is not None:
        paths += operand_fields(measure.base)
        if isinstance(measure.base, Sum) and measure.base.where is not None:
            left.append(measure.base.where)
    while left or paths:
        if left:
            node = left.pop()
            found.update(_parameters(node))
            paths += fields_of(node)
            continue
        path = paths.pop()
        if path not in seen:
            seen.add(path)
            left += [when for item in pack.derived if item.field == path for when, _ in item.cases]
    return found


def _parameters(node: Node) -> Iterator[str]:
    for leaf in all_leaves(node):
        for comparison in leaf.comparisons if isinstance(leaf, Test) else ():
            yield from (item.id for item in comparison.thresholds if isinstance(item, Parameter))
