"""Whether the conditions that a text itself states are met, judgements and other policies left aside (DESIGN 2.6).

What ``engine.openness.stated`` says of one profile: pages group undetermined results by it, 条件已满足、待认定 apart from
缺资料.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.columns import planes
from engine.columns.contexts import Context, filters
from engine.columns.decode import Decoder
from engine.columns.derivations import Solved
from engine.columns.kernel import Result
from engine.columns.leaves import Columns
from engine.columns.plan import leaf_numbers
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Flags, Ints, Marks, Plane
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
    return planes.holds(_met(measure, result), result.data.rows, TRUE)


def ready(measure: Measure, result: Result) -> Flags:
    """The undetermined rows that nothing of the enterprise holds back: what the text states is met, or no fact is
    awaited. They are shown as 条件已满足待认定, the other undetermined ones as 缺资料."""
    return planes.holds(pending(measure, result), result.data.rows, TRUE)


def pending(measure: Measure, result: Result) -> Plane:
    """``ready`` as a plane: true on these rows, false on all others."""
    if measure.id not in result.ready:
        result.ready[measure.id] = planes.any_of([_met(measure, result), _asks_no_fact(measure, result)])
    return result.ready[measure.id]


def _asks_no_fact(measure: Measure, result: Result) -> Plane:
    open_ = planes.marks(result.outcomes[measure.id].verdict, UNKNOWN)
    if open_ is False or not _judged(measure.condition):
        return FALSE
    columns, kind = result.columns, measure.subject
    if kind is None:
        waits = _tree_own(measure, result, columns.base[None])
        return planes.of_marks(planes.both(open_, planes.neither(waits)))
    state, records = columns.state(kind, columns.base[None]), result.data.records.get(kind)
    if isinstance(state, int) or records is None or not records.rows:
        return FALSE
    rows = result.data.rows
    unknown = planes.marks(result.solved[kind].truth(result.plan.tree(measure).literal), UNKNOWN)
    asking = planes.both(unknown, _tree_own(measure, result, columns.base[kind]))
    held_back = np.bincount(records.at[planes.spread(asking, records.rows)], minlength=rows) > 0
    return planes.of_marks(planes.both(open_, (state == COMPLETE) & ~held_back))


def _tree_own(measure: Measure, result: Result, context: Context) -> Marks:
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


def _met(measure: Measure, result: Result) -> Plane:
    if measure.id not in result.met:
        result.met[measure.id] = _all_met(measure, result)
    return result.met[measure.id]


def _all_met(measure: Measure, result: Result) -> Plane:
    open_ = planes.marks(result.outcomes[measure.id].verdict, UNKNOWN)
    if open_ is False or not _foreign(measure.condition):
        # Where nothing but facts stands in the tree, what is unknown is unknown by them.
        return FALSE
    tree, kind = result.plan.tree(measure), measure.subject
    if kind is None:
        favourable = _favourable(tree, result, result.columns.base[None], None, True)
        return planes.of_marks(planes.both(open_, planes.marks(favourable, TRUE)))
    records = result.data.records.get(kind)
    if records is None or not records.rows:
        return FALSE
    favourable = _favourable(tree, result, result.columns.base[kind], kind, True)
    best = best_records(measure, result, UNKNOWN)
    good = planes.full(favourable, records.rows).take(np.maximum(best, 0)) == TRUE
    return planes.of_marks(planes.both(open_, (best >= 0) & good))


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


def _favourable(tree: Tree, result: Result, context: Context, kind: str | None, positive: bool) -> Plane:
    """The truth if every judgement and other policy turned out well."""
    match tree.node:
        case All():
            return planes.all_of(_favourable(child, result, context, kind, positive) for child in tree.children)
        case Any():
            return planes.any_of(_favourable(child, result, context, kind, positive) for child in tree.children)
        case Not():
            return planes.negated(_favourable(tree.children[0], result, context, kind, not positive))
        case Judgement(fallback=False) | Reference():
            return TRUE if positive else FALSE
    plane = result.solved[kind].truth(tree.literal)
    if not any(_foreign(part) for part in filters(tree.node)):
        return plane
    # Inside a filter too: what waits for judgements and other policies alone counts as turned out well.
    own = _own(tree.node, _Scene(result.columns, context, True))
    others = planes.spread(planes.both(planes.marks(plane, UNKNOWN), planes.neither(own)), context.rows)
    return np.where(others, np.uint8(TRUE if positive else FALSE), planes.full(plane, context.rows))


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

    def truth(self, node: Node) -> Plane:
        literal = self.literals.get(id(node))
        if literal is None or self.solved is None:
            return self.columns.truth(node, self.context)
        return self.solved.truth(literal)

    def inside(self, kind: str) -> tuple[_Scene, Ints]:
        """The same for each record of a kind, and the row that it belongs to."""
        inner, group = self.columns.expanded(self.context, kind)
        return _Scene(self.columns, inner, self.doubts), group


def _own(node: Node, scene: _Scene) -> Marks:
    """Where an unknown condition waits for a fact, or for a doubt that counts."""
    if isinstance(node, Not):
        return _own(node.part, scene)
    open_ = planes.marks(scene.truth(node), UNKNOWN)
    if open_ is False:
        return False
    match node:
        case Any(parts, fallback=True):
            doubtful = planes.marks(scene.truth(parts[0]), UNKNOWN)
            first, second = _own(parts[0], scene), _own(parts[1], scene)
            waits = planes.either(planes.both(doubtful, first), planes.both(planes.neither(doubtful), second))
        case All(parts) | Any(parts):
            waits = False
            for part in parts:
                waits = planes.either(waits, _own(part, scene))
        case _:
            waits = _leaf_own(node, scene)
    return planes.both(open_, waits)


def _leaf_own(node: Node, scene: _Scene) -> Marks:
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
                waits = planes.either(waits, _own(where, inner))
            return _listed(kind, waits, group, scene)
        case Test(operand):
            return _operand_own(operand, scene)
    raise TypeError(f"not a leaf: {node!r}")


def _operand_own(operand: Operand, scene: _Scene) -> Marks:
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
            possible = True if where is None else planes.neither(planes.marks(inner.truth(where), FALSE))
            waits: Marks = False if where is None else _own(where, inner)
            if amounts is None:
                waits = possible
            elif amounts.unknown is not None:
                waits = planes.either(waits, planes.both(possible, amounts.unknown))
            return _listed(kind, waits, group, scene)
        case Ratio(of, to):
            return planes.either(_operand_own(of, scene), _operand_own(to, scene))
    # Anything else is a fact that is missing or given too loosely.
    return True


def _listed(kind: str, waiting: Marks, group: Ints, scene: _Scene) -> Marks:
    """The rows whose list is not given whole, or holds a record that waits for a fact."""
    state = scene.columns.state(kind, scene.context)
    if isinstance(state, int):
        return True
    waits = group[planes.spread(waiting, len(group))]
    result: Flags = (state != COMPLETE) | (np.bincount(waits, minlength=scene.context.rows) > 0)
    return result
