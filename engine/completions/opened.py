"""What a completion gives to all that was open: fields, figures of a year, records that a list may hold, judgements."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import z3

from engine.changeable import ANNUAL
from engine.completions.changes import Changes, Unit
from engine.completions.holders import Holder
from engine.completions.matters import settled
from engine.completions.variables import Variable
from engine.completions.witness import holds, plain, review
from engine.vocabulary import VocabularyField


@dataclass(frozen=True, slots=True)
class Opened:
    """The value (``raw``, as a profile states it) of a field that was open.

    It is the enterprise's, or that of a listed record (``record``, its number), of a fiscal year (``year``) or of a
    record that an open list may hold (``new``, its name).
    """

    field: VocabularyField
    raw: Any
    record: int | None = None
    year: int | None = None
    new: str | None = None


def opened(changes: Changes, moved: Collection[Unit], model: z3.ModelRef) -> Iterator[Opened]:
    """Every open field that conditions look at, but for what is changed; records by their names first."""
    world = changes.world
    years = {holder.name: year for year, holder in world.years().items()}
    changed = {(unit.holder.name, unit.fact.path) for unit in moved if unit.fact is not None}
    added = {id(holder) for holders in world.added.values() for holder in holders}
    for holder in changes.world_holders():
        if id(holder) in added or not holds(model, holder.present):
            continue
        known = world.known(holder)
        if holder.known is None and holder.kind is not None and holder.kind != ANNUAL:
            name = changes.program.pack.vocabulary.records[holder.kind].fields["id"]
            yield Opened(name, holder.name, new=holder.name)
        for path, variable in holder.variables.items():
            value = known.values.get(path)
            if (holder.name, path) in changed or (value is not None and settled(variable, value)):
                continue
            yield _entry(holder, variable, plain(variable, model, value, world), years.get(holder.name))


def _entry(holder: Holder, variable: Variable, raw: Any, year: int | None) -> Opened:
    if holder.kind is None:
        return Opened(variable.field, raw)
    if holder.known is not None and holder.known.record is not None:
        return Opened(variable.field, raw, record=holder.known.record.index)
    if year is not None:
        return Opened(variable.field, raw, year=year)
    return Opened(variable.field, raw, new=holder.name)


def closed(changes: Changes) -> tuple[str, ...]:
    """Kinds whose lists were missing or partial, and hold no more in a completion than it says."""
    return tuple(kind for kind in changes.world.used() if kind != ANNUAL and changes.given.open_list(kind))


def findings(changes: Changes, model: z3.ModelRef) -> Iterator[dict[str, Any]]:
    """The judgements as a reviewer's findings."""
    for (judgement, _), (formula, holder) in changes.world.judgements.items():
        if holder is not None and not holds(model, holder.present):
            continue
        finding = review(judgement, holds(model, formula), changes.given.facts.as_of)
        if holder is not None:
            finding["about"] = holder.id or holder.name
        yield finding
