"""Which judgements an undetermined result waits for, for every row of a slice.

What ``engine.openness.Openness`` says of one profile, judgements alone: of a condition those that stand in it, of a filter
inside one those that keep a record of the enterprise in doubt. Rows are told by the number of their combination of names,
since few combinations occur.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.columns import planes
from engine.columns.contexts import Context, filters
from engine.columns.kernel import Result
from engine.columns.leaves import Columns
from engine.columns.planes import UNKNOWN, Flags, Ints, Marks, Plane
from engine.columns.stated import pending
from engine.columns.vectors import combinations
from engine.conditions import All, Any, Count, Every, Judgement, Node, Not, Operand, Ratio, Sum, Test
from engine.dependencies import leaves_of
from engine.pack import Measure

Combination = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """``table[codes[row]]`` are the names of a row, in the order of the text; ``table[0]`` is none."""

    codes: Ints
    table: Sequence[Combination]

    def of(self, row: int) -> Combination:
        """The names of one row."""
        return self.table[int(self.codes[row])]

    def where(self, rows: Marks) -> Names:
        """None but on these rows."""
        return self if rows is True else Names(np.where(planes.spread(rows, len(self.codes)), self.codes, 0), self.table)


def awaited(measure: Measure, result: Result) -> Names:
    """The judgements that each enterprise waits for, where the measure is pending (``stated.pending``)."""
    rows, kind = result.data.rows, measure.subject
    wanted = planes.marks(pending(measure, result), planes.TRUE)
    records = result.data.records.get(kind) if kind is not None else None
    if wanted is False or not _judged(measure.condition) or (kind is not None and records is None):
        return _nothing(rows)
    scene = _Scene(result.columns, result.columns.base[kind], result.solved[kind].truth, _literals(measure, result))
    found = scene.names(measure.condition)
    if records is not None:
        found = _gathered(found, records.at, rows)
    return found.where(wanted)


def _literals(measure: Measure, result: Result) -> dict[int, int]:
    """By the identity of each node of the measure's tree: whose truth it is in the solved scope."""
    found: dict[int, int] = {}
    left = [result.plan.tree(measure)]
    while left:
        tree = left.pop()
        found[id(tree.node)] = tree.literal
        left += tree.children
    return found


def _judged(node: Node) -> bool:
    """Whether a judgement stands anywhere in a tree, inside filters too."""
    return any(isinstance(leaf, Judgement) or any(map(_judged, filters(leaf))) for leaf in leaves_of(node))


@dataclass(frozen=True, slots=True)
class _Scene:
    """The rows that conditions are asked for; of the nodes in ``literals`` the truth is ``known`` already."""

    columns: Columns
    context: Context
    known: Callable[[int], Plane] | None = None
    literals: Mapping[int, int] = field(default_factory=dict)

    def names(self, node: Node) -> Names:
        """What a tree waits for, on the rows where it is unknown."""
        if not _judged(node):
            return _nothing(self.context.rows)
        if isinstance(node, Not):
            return self.names(node.part)
        open_ = planes.marks(self._truth(node), UNKNOWN)
        if open_ is False:
            return _nothing(self.context.rows)
        match node:
            case Any(parts, fallback=True):
                # The judgement beside a doubtful condition is only needed once that turns out false.
                settled = planes.neither(planes.marks(self._truth(parts[0]), UNKNOWN))
                found = _joined([self.names(parts[0]), self.names(parts[1]).where(settled)])
            case All(parts) | Any(parts):
                found = _joined([self.names(part) for part in parts])
            case _:
                found = self._leaf(node)
        return found.where(open_)

    def _truth(self, node: Node) -> Plane:
        literal = self.literals.get(id(node))
        if literal is None or self.known is None:
            return self.columns.truth(node, self.context)
        return self.known(literal)

    def _leaf(self, node: Node) -> Names:
        rows = self.context.rows
        match node:
            case Judgement(id):
                return Names(np.ones(rows, np.int64), ((), (id,)))
            case Every(kind, where, that):
                return self._inside(kind, [that] if where is None else [where, that], node)
            case Test(operand, comparisons) if self.columns.reader.region(comparisons) is not None:
                return self._operand(operand)
        return _nothing(rows)

    def _operand(self, operand: Operand) -> Names:
        match operand:
            case Count(kind, where) if where is not None:
                return self._inside(kind, [where])
            case Sum(path, where) if where is not None:
                return self._inside(path.partition(".")[0], [where])
            case Ratio(of, to):
                return _joined([self._operand(of), self._operand(to)])
        return _nothing(self.context.rows)

    def _inside(self, kind: str, filters_: Sequence[Node], every: Every | None = None) -> Names:
        """What the records of a kind wait for together; of ``every``, those for which it is not settled."""
        if kind not in self.columns.data.records:
            return _nothing(self.context.rows)
        context, group = self.columns.expanded(self.context, kind)
        inner = _Scene(self.columns, context)
        found = _joined([inner.names(part) for part in filters_])
        if every is not None:
            held = self.columns.truth(every.that, context)
            if every.where is not None:
                held = planes.any_of([planes.negated(self.columns.truth(every.where, context)), held])
            found = found.where(planes.marks(held, UNKNOWN))
        return _gathered(found, group, self.context.rows)


def _nothing(rows: int) -> Names:
    return Names(np.zeros(rows, np.int64), ((),))


def _joined(parts: Sequence[Names]) -> Names:
    """The names of several parts, each name once."""
    some = [part for part in parts if len(part.table) > 1 and part.codes.any()]
    if len(some) < 2:
        return some[0] if some else parts[0]
    first, numbers = combinations([(part.codes, len(part.table)) for part in some], len(some[0].codes))
    together = [_once(part.of(row) for part in some) for row in first.tolist()]
    return _numbered(together, numbers)


def _gathered(inner: Names, group: Ints, rows: int) -> Names:
    """The names of all rows of a group as those of one row, in their order."""
    at: Flags = inner.codes > 0
    codes: dict[int, dict[int, None]] = {}
    for row, code in zip(group[at].tolist(), inner.codes[at].tolist(), strict=True):
        codes.setdefault(row, {})[code] = None
    if not codes:
        return _nothing(rows)
    together: list[Combination] = [(), *(_once(inner.table[code] for code in own) for own in codes.values())]
    numbers = np.zeros(rows, np.int64)
    numbers[list(codes)] = np.arange(1, len(together))
    return _numbered(together, numbers)


def _numbered(combinations_: Sequence[Combination], numbers: Ints) -> Names:
    """Distinct combinations, none of them first."""
    order: dict[Combination, int] = {(): 0}
    codes = np.asarray([order.setdefault(item, len(order)) for item in combinations_], np.int64)
    return Names(codes.take(numbers), tuple(order))


def _once(parts: Iterable[Combination]) -> Combination:
    return tuple(dict.fromkeys(name for part in parts for name in part))
