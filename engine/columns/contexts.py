"""For which rows a condition is evaluated: enterprises, records of one kind, or pairs of records of an enterprise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.columns.planes import Ints
from engine.columns.slices import Slice
from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Any,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Operand,
    Ratio,
    Reference,
    Sum,
    Test,
    Total,
)

WHOLE_REACH = "*"
"""Among the kinds that a condition needs: a finding may be about whichever record is in reach."""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Rows with their enterprise and the record in reach for each kind, outermost first.

    ``enterprise`` None: the rows are the enterprises. An index of None in ``records``: the rows are those records.
    ``blank``: an index of -1 stands for a record of which nothing is known, so no row may be looked up by it.
    """

    rows: int
    enterprise: Ints | None
    records: dict[str, Ints | None]
    blank: bool = False
    each: bool = False
    """The rows are the enterprises in their order, so what is known of them need not be looked up."""


def contexts(data: Slice) -> dict[str | None, Context]:
    """The context of the enterprise, and of the records of each kind that the slice has."""
    result: dict[str | None, Context] = {None: Context(data.rows, None, {})}
    for kind, records in data.records.items():
        result[kind] = Context(records.rows, records.at, {kind: None})
    return result


def blank(kind: str, enterprises: Ints) -> Context:
    """For each enterprise a record of ``kind`` of which nothing is known, as any that is not listed may be.

    ``enterprises`` counts them from 0.
    """
    rows = len(enterprises)
    # One number seen from every row: it takes no memory.
    nowhere = np.broadcast_to(np.int64(-1), rows)
    return Context(rows, enterprises, {kind: nowhere}, blank=True, each=True)


def expanded(context: Context, kind: str, data: Slice, base: dict[str | None, Context]) -> tuple[Context, Ints]:
    """A row for each row of ``context`` with each record of ``kind`` of its enterprise, and the row it belongs to."""
    records = data.records[kind]
    if context.enterprise is None:
        return base[kind], records.at
    first = records.start.take(context.enterprise)
    counts = records.start.take(context.enterprise + 1) - first
    row = np.repeat(np.arange(context.rows), counts)
    record = np.arange(len(row)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    reach: dict[str, Ints | None] = {
        name: row if index is None else index.take(row) for name, index in context.records.items()
    }
    reach[kind] = record
    return Context(len(row), context.enterprise.take(row), reach, context.blank), row


@lru_cache(maxsize=65_536)
def _kind_of(path: str) -> frozenset[str]:
    kind, dot, _ = path.partition(".")
    return frozenset({kind}) if dot else frozenset()


def needs(node: Node | None) -> frozenset[str]:
    """The record kinds that have to be in reach for a condition, and ``WHOLE_REACH`` where a finding settles it."""
    match node:
        case All(parts) | Any(parts):
            return frozenset().union(*(needs(part) for part in parts))
        case Not(part):
            return needs(part)
        case Judgement() | Reference():
            return frozenset({WHOLE_REACH})
        case Every(kind, where, that):
            return (needs(where) | needs(that)) - {kind}
        case Test(operand):
            return operand_needs(operand)
    return frozenset()


def operand_needs(operand: Operand) -> frozenset[str]:
    """The record kinds that have to be in reach for an operand."""
    match operand:
        case FieldRef(path) | DaysSince(path):
            return _kind_of(path)
        case Total(paths):
            return frozenset().union(*(_kind_of(path) for path in paths))
        case Count(kind, where):
            return needs(where) - {kind}
        case Sum(path, where):
            return needs(where) - _kind_of(path)
        case Ratio(of, to):
            return operand_needs(of) | operand_needs(to)
        case Annual() | AnnualSum():
            return frozenset()
    raise TypeError(f"not an operand: {operand!r}")


def filters(node: Node) -> Iterator[Node]:
    """The trees of filters inside a leaf."""
    if isinstance(node, Every):
        yield from (part for part in (node.where, node.that) if part is not None)
    elif isinstance(node, Test):
        yield from _operand_filters(node.operand)


def _operand_filters(operand: Operand) -> Iterator[Node]:
    match operand:
        case Count(_, where) | Sum(_, where) if where is not None:
            yield where
        case Ratio(of, to):
            yield from _operand_filters(of)
            yield from _operand_filters(to)
