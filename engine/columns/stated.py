"""Whether the conditions that a text itself states are met, judgements and other policies left aside (DESIGN 2.6).

What ``engine.openness.stated`` says of one profile: pages group undetermined results by it, 条件已满足、待认定 apart from
缺资料.
"""

from __future__ import annotations

import numpy as np

from engine.columns import planes
from engine.columns.contexts import Context, filters
from engine.columns.decode import Decoder
from engine.columns.derivations import Solved
from engine.columns.kernel import Result
from engine.columns.leaves import Columns
from engine.columns.plan import leaf_numbers
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Bytes, Flags, Ints, Plane
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
    if measure.id not in result.met:
        result.met[measure.id] = _met(measure, result)
    return result.met[measure.id]


def ready(measure: Measure, result: Result) -> Flags:
    """The undetermined rows that nothing of the enterprise holds back: what the text states is met, or no fact is
    awaited. They are shown as 条件已满足待认定, the other undetermined ones as 缺资料."""
    if measure.id not in result.ready:
        result.ready[measure.id] = met(measure, result) | _asks_no_fact(measure, result)
    return result.ready[measure.id]


def _asks_no_fact(measure: Measure, result: Result) -> Flags:
    rows = result.data.rows
    open_ = planes.holds(result.outcomes[measure.id].verdict, rows, UNKNOWN)
    if not open_.any() or not _judged(measure.condition):
        return np.zeros(rows, np.bool_)
    columns, kind = result.columns, measure.subject
    if kind is None:
        found: Flags = open_ & ~_own(measure.condition, columns, columns.base[None], doubts=False)
        return found
    state, records = columns.state(kind, columns.base[None]), result.data.records.get(kind)
    if isinstance(state, int) or records is None or not records.rows:
        return np.zeros(rows, np.bool_)
    unknown = planes.holds(result.solved[kind].truth(result.plan.tree(measure).literal), records.rows, UNKNOWN)
    asking = unknown & _own(measure.condition, columns, columns.base[kind], doubts=False)
    held_back = np.bincount(records.at[asking], minlength=rows) > 0
    settled: Flags = open_ & (state == COMPLETE) & ~held_back
    return settled


def _judged(node: Node) -> bool:
    """Whether a judgement or another policy stands anywhere in a tree, inside filters too."""
    return any(
        isinstance(leaf, Judgement | Reference) or any(_judged(part) for part in filters(leaf))
        for leaf in leaves_of(node)
    )


def _met(measure: Measure, result: Result) -> Flags:
    if not _foreign(measure.condition):
        # Nothing but facts stands in the tree: what is unknown is unknown by them.
        return np.zeros(result.data.rows, np.bool_)
    verdict = planes.holds(result.outcomes[measure.id].verdict, result.data.rows, UNKNOWN)
    if not verdict.any():
        return verdict
    tree, kind = result.plan.tree(measure), measure.subject
    if kind is None:
        favourable = _favourable(tree, result, result.columns.base[None], None, True)
        ready: Flags = verdict & planes.holds(favourable, result.data.rows, TRUE)
        return ready
    records = result.data.records.get(kind)
    if records is None or not records.rows:
        return np.zeros(result.data.rows, np.bool_)
    favourable = _favourable(tree, result, result.columns.base[kind], kind, True)
    best = best_records(measure, result, UNKNOWN)
    good = planes.full(favourable, records.rows).take(np.maximum(best, 0)) == TRUE
    found: Flags = verdict & (best >= 0) & good
    return found


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
    waits = planes.full(plane, context.rows) == UNKNOWN
    others = waits & ~_own(tree.node, result.columns, context)
    return np.where(others, np.uint8(TRUE if positive else FALSE), planes.full(plane, context.rows))


def _foreign(node: Node) -> bool:
    """Whether a filter holds a judgement of the text's own or another policy."""
    for leaf in leaves_of(node):
        if isinstance(leaf, Reference) or (isinstance(leaf, Judgement) and not leaf.fallback):
            return True
        if any(_foreign(part) for part in filters(leaf)):
            return True
    return False


def _own(node: Node, columns: Columns, context: Context, *, doubts: bool = True) -> Flags:
    """Where an unknown condition waits for a fact, or with ``doubts`` for a doubt about the text's own condition."""
    match node:
        case Any(parts, fallback=True):
            first = _own(parts[0], columns, context, doubts=doubts)
            doubtful = planes.full(columns.truth(parts[0], context), context.rows) == UNKNOWN
            waits: Flags = np.where(doubtful, first, _own(parts[1], columns, context, doubts=doubts))
            waits &= planes.full(columns.truth(node, context), context.rows) == UNKNOWN
            return waits
        case All(parts) | Any(parts):
            found = np.zeros(context.rows, np.bool_)
            for part in parts:
                found |= _own(part, columns, context, doubts=doubts)
            found &= planes.full(columns.truth(node, context), context.rows) == UNKNOWN
            return found
        case Not(part):
            return _own(part, columns, context, doubts=doubts)
    unknown: Bytes = planes.full(columns.truth(node, context), context.rows)
    result: Flags = (unknown == UNKNOWN) & _leaf_own(node, columns, context, doubts=doubts)
    return result


def _leaf_own(node: Node, columns: Columns, context: Context, *, doubts: bool) -> Flags:
    match node:
        case Judgement(id):
            return np.full(context.rows, doubts and "~" in id)
        case Reference():
            return np.zeros(context.rows, np.bool_)
        case Every(kind, where, that):
            inner, group = columns.expanded(context, kind)
            waits = _own(that, columns, inner, doubts=doubts)
            if where is not None:
                waits = waits | _own(where, columns, inner, doubts=doubts)
            return _listed(kind, group[waits], columns, context)
        case Test(operand):
            return _operand_own(operand, columns, context, doubts=doubts)
    raise TypeError(f"not a leaf: {node!r}")


def _operand_own(operand: Operand, columns: Columns, context: Context, *, doubts: bool) -> Flags:
    match operand:
        case Count(kind, where) if where is not None:
            if kind not in columns.data.records:
                return np.ones(context.rows, np.bool_)
            inner, group = columns.expanded(context, kind)
            return _listed(kind, group[_own(where, columns, inner, doubts=doubts)], columns, context)
        case Sum(path, where):
            kind = path.partition(".")[0]
            if kind not in columns.data.records:
                return np.ones(context.rows, np.bool_)
            inner, group = columns.expanded(context, kind)
            amounts, waits = columns.bounds_of(path, inner), np.zeros(inner.rows, np.bool_)
            possible = np.ones(inner.rows, np.bool_)
            if where is not None:
                possible = planes.full(columns.truth(where, inner), inner.rows) != FALSE
                waits = _own(where, columns, inner, doubts=doubts)
            if amounts is None:
                waits = possible
            elif amounts.unknown is not None:
                waits = waits | (possible & amounts.unknown)
            return _listed(kind, group[waits], columns, context)
        case Ratio(of, to):
            return _operand_own(of, columns, context, doubts=doubts) | _operand_own(to, columns, context, doubts=doubts)
    # Anything else is a fact that is missing or given too loosely.
    return np.ones(context.rows, np.bool_)


def _listed(kind: str, waiting: Ints, columns: Columns, context: Context) -> Flags:
    """The rows whose list is not given whole, or holds a record that waits for a fact."""
    state = columns.state(kind, context)
    if isinstance(state, int):
        return np.ones(context.rows, np.bool_)
    result: Flags = (state != COMPLETE) | (np.bincount(waiting, minlength=context.rows) > 0)
    return result
