"""Which fields and lists bear on a measure at all: these are shown first."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dependencies import fields_of, operand_fields
from engine.documents import Proportional
from engine.pack import Pack
from engine.program import Program


def paths_read(program: Program) -> frozenset[str]:
    """Paths of the fields that measures or their amounts read, with those from which these are derived."""
    pack = program.pack
    read = {path for measure in pack.measures for path in fields_of(measure.condition)}
    for measure in pack.measures:
        if measure.base is not None:
            read.update(operand_fields(measure.base))
        if isinstance(measure.spec.benefit, Proportional) and measure.spec.benefit.per_year:
            read.add(measure.spec.benefit.per_year)
    for stage in reversed(program.stages):
        if stage.derived.field in read:
            read.update(path for when, _ in stage.derived.cases for path in fields_of(when))
    return frozenset(read | set(_terms(pack, read)))


def _terms(pack: Pack, read: set[str]) -> Iterator[str]:
    """The fields from which an end date follows."""
    for path in read:
        field = pack.vocabulary.fields[path]
        if field.spec.term is not None and field.record is not None:
            yield f"{field.record}.{field.spec.term.start}"
            yield f"{field.record}.{field.spec.term.by}"
