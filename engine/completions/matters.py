"""Which open facts decide a verdict: two completions that agree on all else and differ in it get different verdicts.

The second completion is the first one's formulas with the symbols of the fact renamed, and of what is derived from
it. A derived value moves only where its derivation no longer allows it, so that it is not itself what decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import z3

from engine.completions.holders import Holder
from engine.completions.rails import Formula, conjunction, disjunction
from engine.completions.variables import Choice, Number, Options, Variable
from engine.completions.world import World
from engine.dependencies import fields_of
from engine.regions import Several, Value
from engine.spans import Span

Key = tuple[Literal["field", "judgement", "list"], str, int | None, int | None]
"""Kind, name, number of the record, fiscal year."""
Check = Callable[[Formula], z3.ModelRef | None]


def differ(world: World, eligible: Formula, ineligible: Formula, check: Check) -> Iterator[Key]:
    """The open facts that decide, each once: fields first, then judgements, then lists."""
    facts = conjunction(world.constraints)
    found: dict[Key, None] = {}
    for key, symbols, paths in _candidates(world):
        if key in found or not symbols:
            continue
        moved = _dependent(world, paths)
        own = [(symbol, _renamed(symbol)) for symbol in symbols]
        pairs = own + [(s, _renamed(s)) for holder, path in moved for s in holder.variables[path].symbols()]
        stays = [_stays(world, holder, path, pairs) for holder, path in moved if (holder, path) not in paths]
        one, other = (eligible, ineligible), (_put(eligible, pairs), _put(ineligible, pairs))
        change = disjunction(a != b for a, b in zip(one, other, strict=True))
        if check(conjunction([_put(facts, pairs), *stays, change])) is not None:
            found[key] = None
    yield from found


Fields = list[tuple[Holder, str]]


def _candidates(world: World) -> Iterator[tuple[Key, list[z3.ExprRef], Fields]]:
    years = {id(holder): year for year, holder in world.years().items()}
    for holder in _known_holders(world):
        record = holder.known.record if holder.known else None
        for path, variable in holder.variables.items():
            if holder.known is None or not settled(variable, holder.known.values.get(path)):
                key: Key = ("field", path, record.index if record else None, years.get(id(holder)))
                yield key, variable.symbols(), [(holder, path)]
    for (judgement, _), (formula, holder_) in world.judgements.items():
        record = holder_.known.record if holder_ and holder_.known else None
        if holder_ is None or holder_.known is not None:
            yield ("judgement", judgement, record.index if record else None, None), [formula], []
    for kind, holders in world.used().items():
        if world.is_open(kind):
            new = [holder for holder in holders if holder.known is None and id(holder) not in years]
            fields = [(holder, path) for holder in new for path in holder.variables]
            symbols = [s for holder, path in fields for s in holder.variables[path].symbols()]
            judged = [f for f, owner in world.judgements.values() if any(owner is holder for holder in new)]
            name = world.cone.program.pack.vocabulary.records[kind].list
            yield ("list", name, None, None), [*(holder.present for holder in new), *symbols, *judged], fields


def _known_holders(world: World) -> Iterator[Holder]:
    yield world.enterprise
    yield from world.years().values()
    for holders in world.used().values():
        years = {id(holder) for holder in world.years().values()}
        yield from (holder for holder in holders if holder.known is not None and id(holder) not in years)


def _dependent(world: World, changed: Fields) -> Fields:
    """Derived fields that nobody stated and that rest on one of ``changed``."""
    moving = {path for _, path in changed}
    grown = True
    while grown:
        more = {
            path
            for path, stages in world.cone.stages.items()
            if path not in moving and any(moving & set(fields_of(when)) for s in stages for when, _ in s.derived.cases)
        }
        moving |= more
        grown = bool(more)
    found: Fields = []
    for holder in {id(h): h for h in [*_known_holders(world), *_everyone(world)]}.values():
        for path in holder.variables:
            stated = holder.known is not None and path in holder.known.values and path not in holder.known.derivations
            if path in moving and path in world.cone.stages and not stated and (holder, path) not in changed:
                found.append((holder, path))
    return found


def _everyone(world: World) -> Iterator[Holder]:
    for holders in world.used().values():
        yield from holders


def _stays(world: World, holder: Holder, path: str, pairs: list[tuple[z3.ExprRef, z3.ExprRef]]) -> Formula:
    """That the derived value stays what it was unless its derivation forbids that now."""
    own = {symbol.get_id() for symbol in holder.variables[path].symbols()}
    others = [pair for pair in pairs if pair[0].get_id() not in own]
    same = conjunction(one == other for one, other in pairs if one.get_id() in own)
    links = world.links.get((holder.name, path), [])
    return disjunction([same, z3.Not(conjunction(_put(link, others) for link in links))])


def _renamed(symbol: z3.ExprRef) -> z3.ExprRef:
    return z3.Const(f"{symbol}'", symbol.sort())


def _put(formula: Formula, pairs: list[tuple[z3.ExprRef, z3.ExprRef]]) -> Formula:
    result: Formula = z3.substitute(formula, *pairs)
    return result


def settled(variable: Variable, value: Value | None) -> bool:
    """Whether a value leaves nothing open that some condition tells apart."""
    match variable, value:
        case Number(), Span():
            return value.is_point
        case Options(), Several(certain, possible):
            return not (possible - certain) & variable.picks.keys()
        case Choice(), frozenset():
            return variable.settled_by(value)
    return False


def sways(
    world: World, eligible: Formula, ineligible: Formula, check: Check, moves: Callable[[Key], bool]
) -> bool:
    """Whether the open fields and lists that ``moves`` names decide together: all else agrees, the verdict differs.

    In a relaxed world what further records add to counts and sums moves too.
    """
    symbols: dict[int, z3.ExprRef] = {}
    paths: Fields = []
    for key, own, fields in _candidates(world):
        if key[0] != "judgement" and moves(key):
            symbols.update((symbol.get_id(), symbol) for symbol in own)
            paths += fields
    if not symbols:
        return False
    moved = _dependent(world, paths)
    more = [*(s for holder, path in moved for s in holder.variables[path].symbols()), *world.fresh()]
    symbols.update((symbol.get_id(), symbol) for symbol in more)
    pairs = [(symbol, _renamed(symbol)) for symbol in symbols.values()]
    stays = [_stays(world, holder, path, pairs) for holder, path in moved]
    change = disjunction([eligible != _put(eligible, pairs), ineligible != _put(ineligible, pairs)])
    return check(conjunction([_put(conjunction(world.constraints), pairs), *stays, change])) is not None
