"""Two changes of one fact as one that does for both measures, where there is such a one."""

from __future__ import annotations

from dataclasses import replace

from engine.completions.cells import is_coded
from engine.completions.targets import Target
from engine.completions.witness import named_division, named_option
from engine.values import Tables

Targets = tuple[Target, ...]


def joined(one: Targets, other: Targets, tables: Tables) -> Targets | None:
    """The fields of both, each with a value that both accept; None where one field has none."""
    result = {target.field.path: target for target in one}
    for target in other:
        mine = result.get(target.field.path)
        both = target if mine is None else _both(mine, target, tables)
        if both is None:
            return None
        result[target.field.path] = both
    return tuple(result.values())


def narrowed(one: Target, other: Target) -> Target:
    """``one`` with those of its alternatives alone that ``other`` accepts too; its value stays."""
    if one.field.type == "choices":
        shared = tuple(key for key in one.either if key in other.either)
        return replace(one, either=shared) if set(one.taken) <= set(shared) else one
    if one.bound is not None or one.places != other.places:
        return one
    codes = _areas(one.codes, other.codes) if one.places else one.codes & other.codes
    return replace(one, codes=codes) if codes else one


def _both(one: Target, other: Target, tables: Tables) -> Target | None:
    if one.field.type == "choices":
        return _several(one, other)
    if one.bound is not None and other.bound is not None:
        return _figure(one, other)
    if one.places != other.places:
        return None
    codes = _areas(one.codes, other.codes) if one.places else one.codes & other.codes
    if not codes:
        return None
    first = min(codes, key=lambda code: (len(code), code))
    if first == _first(one) and not one.places and one.raw:
        return replace(one, codes=codes)
    raw: object = first
    if one.field.type == "division":
        raw = named_division(first, tables.divisions)
    elif one.field.options and not is_coded(one.field):
        raw = named_option(one.field, first)
    return replace(one, raw=raw, codes=codes)


def _first(target: Target) -> str:
    return min(target.codes, key=lambda code: (len(code), code))


def _areas(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """What lies in an area of either side: of two areas, one in the other, the smaller."""
    inside = {a for a in one if any(a.startswith(b) for b in other)}
    return frozenset(inside | {b for b in other if any(b.startswith(a) for a in one)})


def _several(one: Target, other: Target) -> Target | None:
    """One option taken up for both, where one does: taking up several is no longer one step."""
    if one.taken == other.taken and one.dropped == other.dropped:
        return one
    shared = tuple(key for key in one.either if key in other.either)
    if not shared or one.dropped or other.dropped or not isinstance(one.raw, list):
        return None
    gone = {named_option(one.field, key) for key in one.taken}
    raw = [item for item in one.raw if item not in gone]
    return replace(one, raw=[*raw, named_option(one.field, shared[0])], taken=shared[:1], either=shared)


def _figure(one: Target, other: Target) -> Target | None:
    """The further of the two, where both go the same way."""
    if one.direction != other.direction or one.direction == "exact":
        return one if one.raw == other.raw else None
    if one.bound is None or other.bound is None:
        return None
    further = one.bound >= other.bound if one.direction == "up" else one.bound <= other.bound  # type: ignore[operator]
    return one if further else other
