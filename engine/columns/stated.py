"""Whether the conditions that a text itself states are met, judgements and other policies left aside (DESIGN 2.6).

What ``engine.openness.stated`` says of one profile: pages group undetermined results by it, 条件已满足、待认定 apart from
缺资料.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.columns import bits, planes
from engine.columns.bits import Bits, MarkBits
from engine.columns.contexts import Context, filters
from engine.columns.decode import Decoder
from engine.columns.gates import Solved
from engine.columns.kernel import Result
from engine.columns.leaves import Columns
from engine.columns.plan import leaf_numbers
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Flags, Ints, Plane
from engine.columns.slices import COMPLETE
from engine.columns.vectors import combinations
from engine.conditions import All, Any, Count, Every, Judgement, Node, Not, Operand, Ratio, Reference, Sum, Test
from engine.dependencies import leaves_of
from engine.pack import Measure
from engine.program import Tree
from engine.truth import Truth

_TRUTHS: tuple[Truth, ...] = (False, None, True)


def met(measure: Measure, result: Result) -> Flags:
    """The undetermined rows on which everything that the text states is met."""
    rows = result.data.rows
    return planes.spread(bits.to_marks(_met(measure, result), rows), rows)


def ready(measure: Measure, result: Result) -> Flags:
    """The undetermined rows that nothing of the enterprise holds back: what the text states is met, or no fact is
    awaited. They are shown as 条件已满足待认定, the other undetermined ones as 缺资料."""
    rows = result.data.rows
    return planes.spread(bits.to_marks(pending_marks(measure, result), rows), rows)


def pending(measure: Measure, result: Result) -> Plane:
    """``ready`` as a plane: true on these rows, false on all others."""
    return bits.plane_of_marks(pending_marks(measure, result), result.data.rows)


def pending_marks(measure: Measure, result: Result) -> MarkBits:
    """``ready`` as bits."""
    if measure.id not in result.ready:
        result.ready[measure.id] = bits.either(_met(measure, result), _asks_no_fact(measure, result))
    return result.ready[measure.id]


def _asks_no_fact(measure: Measure, result: Result) -> MarkBits:
    if _settled(measure, result) or not result.columns.numbering.told(_judged, measure.condition):
        return False
    columns, kind = result.columns, measure.subject
    if kind is None:
        waits = _tree_own(measure, result, columns.base[None])
        return bits.both(_open(measure, result), bits.neither(waits))
    state, records = columns.state(kind, columns.base[None]), result.data.records.get(kind)
    if isinstance(state, int) or records is None or not records.rows:
        return False
    rows = result.data.rows
    asking = bits.both(_open(measure, result), _tree_own(measure, result, columns.base[kind]))
    asked = planes.spread(bits.to_marks(asking, records.rows), records.rows)
    held_back = np.bincount(records.at[asked], minlength=rows) > 0
    return bits.both(result.outcomes[measure.id].marks(UNKNOWN), bits.of_marks((state == COMPLETE) & ~held_back))


def _open(measure: Measure, result: Result) -> MarkBits:
    """Where the tree of a measure is unknown."""
    return bits.marks(result.solved[measure.subject].bits(result.plan.tree(measure).literal), UNKNOWN)


def _settled(measure: Measure, result: Result) -> bool:
    """Whether one verdict, and not an open one, stands for all rows."""
    return result.outcomes[measure.id].marks(UNKNOWN) is False


def _tree_own(measure: Measure, result: Result, context: Context) -> MarkBits:
    """Where a measure waits for a fact, by the truths that its verdict was made of."""
    literals: dict[int, int] = {}
    left = [result.plan.tree(measure)]
    while left:
        tree = left.pop()
        literals[id(tree.node)] = tree.literal
        left += tree.children
    solved = result.solved[measure.subject]
    return _own(measure.condition, _Scene(result.columns, context, False, solved, literals))


def _judged(node: Node) -> bool:
    """Whether a judgement or another policy stands anywhere in a tree, inside filters too."""
    return any(
        isinstance(leaf, Judgement | Reference) or any(_judged(part) for part in filters(leaf))
        for leaf in leaves_of(node)
    )


def _met(measure: Measure, result: Result) -> MarkBits:
    if measure.id not in result.met:
        result.met[measure.id] = _all_met(measure, result)
    return result.met[measure.id]


def _all_met(measure: Measure, result: Result) -> MarkBits:
    if _settled(measure, result) or not result.columns.numbering.told(_foreign, measure.condition):
        # Where nothing but facts stands in the tree, what is unknown is unknown by them.
        return False
    tree, kind = result.plan.tree(measure), measure.subject
    if kind is None:
        favourable = _favourable(tree, result, result.columns.base[None], None, True)
        return bits.both(_open(measure, result), bits.marks(favourable, TRUE))
    records = result.data.records.get(kind)
    if records is None or not records.rows:
        return False
    favourable = _favourable(tree, result, result.columns.base[kind], kind, True)
    best = best_records(measure, result, UNKNOWN)
    good = planes.full(bits.plane(favourable, records.rows), records.rows).take(np.maximum(best, 0)) == TRUE
    return bits.both(result.outcomes[measure.id].marks(UNKNOWN), bits.of_marks((best >= 0) & good))


def best_records(measure: Measure, result: Result, truth: int) -> Ints:
    """For each enterprise the record that explains this truth: fewest conditions missed, then open; -1 for none."""
    kind = measure.subject
    if kind is None:
        raise TypeError("an enterprise measure has no records")
    records, solved, tree = result.data.records[kind], result.solved[kind], result.plan.tree(measure)
    counted = planes.holds(solved.truth(tree.literal), records.rows, truth)
    score = np.zeros(records.rows, np.int64)
    if truth == FALSE:
        score += _missed(tree, solved)
    elif truth == UNKNOWN:
        several = np.bincount(records.at[counted], minlength=result.data.rows) > 1
        rows = np.flatnonzero(counted & several.take(records.at))
        if len(rows):
            score[rows] = _waits(measure, result, rows)
    beyond = np.int64(1 << 60)
    score[~counted] = beyond
    best = np.full(result.data.rows, -1, np.int64)
    some = np.flatnonzero(np.diff(records.start) > 0)
    if not len(some):
        return best
    least = np.minimum.reduceat(score, records.start.take(some))
    lowest = np.full(result.data.rows, beyond)
    lowest[some] = least
    # From the last to the first, so that the first of equals stands.
    rows = np.flatnonzero((score == lowest.take(records.at)) & (score < beyond))[::-1]
    best[records.at.take(rows)] = rows
    return best


def _missed(tree: Tree, solved: Solved) -> Ints | int:
    """How many conditions stand between a record and the measure: of alternatives, those of the nearest."""
    truth = solved.truth(tree.literal)
    if isinstance(truth, int) and truth != FALSE:
        return 0
    parts = [_missed(child, solved) for child in tree.children]
    count: Ints | int = 1
    if tree.kind == "all":
        count = sum(parts)
    elif tree.kind == "any":
        count = parts[0]
        for part in parts[1:]:
            count = np.minimum(count, part)
    return count if isinstance(truth, int) else count * (truth == FALSE)


def _waits(measure: Measure, result: Result, rows: Ints) -> Ints:
    """For how many things each of these undetermined records waits."""
    plan, kind, scope = result.plan, measure.subject, result.plan.scope(measure)
    leaves = sorted(set(leaf_numbers(plan.tree(measure))))
    codes = []
    for number in leaves:
        plane = result.solved[kind].truth(number)
        codes.append(np.full(len(rows), plane, np.uint8) if isinstance(plane, int) else plane.take(rows))
    first, numbers = combinations([(code, TRUE + 1) for code in codes], len(rows))
    decoder, found = Decoder(plan), []
    for row in first.tolist():
        combination = tuple(int(code[row]) for code in codes)
        key = measure.id, combination
        if key not in plan.waits:
            truths: list[Truth] = [None] * len(scope.leaves)
            for number, code in zip(leaves, combination, strict=True):
                truths[number - 1] = _TRUTHS[code]
            plan.waits[key] = decoder.closeness(measure, decoder.solved(scope, truths))[1]
        found.append(plan.waits[key])
    return np.asarray(found, np.int64).take(numbers)


def _favourable(tree: Tree, result: Result, context: Context, kind: str | None, positive: bool) -> Bits:
    """The truth if every judgement and other policy turned out well."""
    match tree.node:
        case All():
            return bits.all_of(_favourable(child, result, context, kind, positive) for child in tree.children)
        case Any():
            return bits.any_of(_favourable(child, result, context, kind, positive) for child in tree.children)
        case Not():
            return bits.negated(_favourable(tree.children[0], result, context, kind, not positive))
        case Judgement(fallback=False) | Reference():
            return TRUE if positive else FALSE
    if not result.columns.numbering.told(_foreign_inside, tree.node):
        return result.solved[kind].bits(tree.literal)
    plane = result.solved[kind].truth(tree.literal)
    # Inside a filter too: what waits for judgements and other policies alone counts as turned out well.
    own = _own(tree.node, _Scene(result.columns, context, True))
    others = planes.spread(
        planes.both(planes.marks(plane, UNKNOWN), planes.neither(bits.to_marks(own, context.rows))), context.rows
    )
    return bits.pair(np.where(others, np.uint8(TRUE if positive else FALSE), planes.full(plane, context.rows)))


def _foreign_inside(node: Node) -> bool:
    """Whether a filter inside a leaf holds one."""
    return any(_foreign(part) for part in filters(node))


def _foreign(node: Node) -> bool:
    """Whether a filter holds a judgement of the text's own or another policy."""
    for leaf in leaves_of(node):
        if isinstance(leaf, Reference) or (isinstance(leaf, Judgement) and not leaf.fallback):
            return True
        if any(_foreign(part) for part in filters(leaf)):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where conditions are asked what they wait for; with ``doubts`` doubts about the text's own conditions count too.

    ``literals`` names the nodes (by identity) whose truth ``solved`` has already.
    """

    columns: Columns
    context: Context
    doubts: bool
    solved: Solved | None = None
    literals: Mapping[int, int] = field(default_factory=dict)

    def marks(self, node: Node, what: int) -> MarkBits:
        """The rows on which the truth of a node is ``what``."""
        literal = self.literals.get(id(node))
        if literal is None or self.solved is None:
            return bits.of_marks(planes.marks(self.columns.truth(node, self.context), what))
        return bits.marks(self.solved.bits(literal), what)

    def inside(self, kind: str) -> tuple[_Scene, Ints]:
        """The same for each record of a kind, and the row that it belongs to."""
        inner, group = self.columns.expanded(self.context, kind)
        return _Scene(self.columns, inner, self.doubts), group


def _own(node: Node, scene: _Scene) -> MarkBits:
    """Where an unknown condition waits for a fact, or for a doubt that counts."""
    if isinstance(node, Not):
        return _own(node.part, scene)
    open_ = scene.marks(node, UNKNOWN)
    if open_ is False:
        return False
    match node:
        case Any(parts, fallback=True):
            doubtful = scene.marks(parts[0], UNKNOWN)
            first, second = _own(parts[0], scene), _own(parts[1], scene)
            waits = bits.either(bits.both(doubtful, first), bits.both(bits.neither(doubtful), second))
        case All(parts) | Any(parts):
            waits = False
            for part in parts:
                waits = bits.either(waits, _own(part, scene))
        case _:
            waits = _leaf_own(node, scene)
    return bits.both(open_, waits)


def _leaf_own(node: Node, scene: _Scene) -> MarkBits:
    match node:
        case Judgement(id):
            return scene.doubts and "~" in id
        case Reference():
            return False
        case Every(kind, where, that):
            if kind not in scene.columns.data.records:
                return True
            inner, group = scene.inside(kind)
            waits = _own(that, inner)
            if where is not None:
                waits = bits.either(waits, _own(where, inner))
            return _listed(kind, waits, group, scene)
        case Test(operand):
            return _operand_own(operand, scene)
    raise TypeError(f"not a leaf: {node!r}")


def _operand_own(operand: Operand, scene: _Scene) -> MarkBits:
    records, columns = scene.columns.data.records, scene.columns
    match operand:
        case Count(kind, where) if where is not None:
            if kind not in records:
                return True
            inner, group = scene.inside(kind)
            return _listed(kind, _own(where, inner), group, scene)
        case Sum(path, where):
            kind = path.partition(".")[0]
            if kind not in records:
                return True
            inner, group = scene.inside(kind)
            amounts = columns.bounds_of(path, inner.context)
            possible = True if where is None else bits.neither(inner.marks(where, FALSE))
            waits: MarkBits = False if where is None else _own(where, inner)
            if amounts is None:
                waits = possible
            elif amounts.unknown is not None:
                waits = bits.either(waits, bits.both(possible, bits.of_marks(amounts.unknown)))
            return _listed(kind, waits, group, scene)
        case Ratio(of, to):
            return bits.either(_operand_own(of, scene), _operand_own(to, scene))
    # Anything else is a fact that is missing or given too loosely.
    return True


def _listed(kind: str, waiting: MarkBits, group: Ints, scene: _Scene) -> MarkBits:
    """The rows whose list is not given whole, or holds a record that waits for a fact."""
    state = scene.columns.state(kind, scene.context)
    if isinstance(state, int):
        return True
    waits = group[planes.spread(bits.to_marks(waiting, len(group)), len(group))]
    result: Flags = (state != COMPLETE) | (np.bincount(waits, minlength=scene.context.rows) > 0)
    return bits.of_marks(result)
