"""What of a profile can still change after the as-of date, by the vocabulary and the calendar.

A stated fact is a value of the enterprise or of a listed record that was given, or that follows from a term of years.
What the rules derive is no fact of its own: it follows. The past stays as it is: fiscal years before the as-of year,
days that have passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.dependencies import fields_of
from engine.facts import Facts, Known
from engine.program import Program
from engine.regions import Value
from engine.spans import Span
from engine.vocabulary import VocabularyField

ANNUAL = "annual"


@dataclass(frozen=True, slots=True)
class Fact:
    """One stated value: of the enterprise (``kind`` None) or of the record with this number in its list.

    ``fixed``: why it cannot change, in Chinese. ``sources``: a fixed value that the rules derive may change along with
    one of these fields. ``options``: those that another value may have; None for any. ``since``: another date lies
    here or later.
    """

    field: VocabularyField
    record: int | None
    value: Value
    fixed: str | None
    sources: frozenset[str] = frozenset()
    options: frozenset[str] | None = None
    since: date | None = None
    bounded: str = ""
    """Why it cannot become just anything, in Chinese."""

    @property
    def path(self) -> str:
        return self.field.path

    @property
    def kind(self) -> str | None:
        return self.field.record


def stated_facts(facts: Facts, program: Program) -> Iterator[Fact]:
    """Every stated fact of a profile, after derivation; names of records are none."""
    derived: dict[str, frozenset[str]] = {}
    for stage in program.stages:
        read = {path for when, _ in stage.derived.cases for path in fields_of(when)}
        further = [derived.get(path, frozenset()) for path in read]
        derived[stage.derived.field] = frozenset(read).union(*further)
    for record, known in _holders(facts):
        kind = None if record is None else record[0]
        for path, value in known.values.items():
            field = program.pack.vocabulary.fields[path]
            found = known.derivations.get(path)
            if (kind is not None and field.name == "id") or path == f"{ANNUAL}.fiscal_year":
                continue
            if found is not None and path in derived:
                if found.stated is None:
                    continue
                value = found.stated
            yield _fact(field, None if record is None else record[1], value, known, facts, derived)


def _holders(facts: Facts) -> Iterator[tuple[tuple[str, int] | None, Known]]:
    yield None, facts.enterprise
    for kind, records in facts.records.items():
        for known in records:
            if known.record is not None:
                yield (kind, known.record.index), known


def _fact(
    field: VocabularyField,
    record: int | None,
    value: Value,
    known: Known,
    facts: Facts,
    derived: dict[str, frozenset[str]],
) -> Fact:
    fixed = _fixed(field, value, known, facts)
    since = facts.as_of if field.type == "date" else None
    sources = derived.get(field.path, frozenset())
    return Fact(field, record, value, fixed, sources, _options(field, value), since, fixed or _bounded(field, since))


def _fixed(field: VocabularyField, value: Value, known: Known, facts: Facts) -> str | None:
    """Why the value stays as it is, or None where it can change."""
    spec = facts.vocabulary.records[field.record].spec if field.record else None
    if field.spec.fixed or (spec is not None and spec.fixed):
        return field.spec.fixed or (spec.fixed if spec else None)
    if field.record == ANNUAL:
        year = known.values.get(f"{ANNUAL}.fiscal_year")
        if isinstance(year, Span) and isinstance(year.low, int) and year.low < facts.as_of.year:
            return f"{year.low}年度已经过去"
    if spec is not None and any(f.term and field.name in (f.term.start, f.term.by) for f in spec.fields.values()):
        return "有效期由它推算，要变只能另取得一条"
    if field.spec.term is not None and field.path in known.derivations:
        return "有效期已定，要延续只能另取得一条"
    if isinstance(value, Span) and isinstance(value.high, date) and value.high <= facts.as_of and not field.spec.again:
        return "这一天已经过去"
    return next((why for key in _keys(value) if field.type == "choice" and (why := field.options[key].fixed)), None)


def _bounded(field: VocabularyField, since: date | None) -> str:
    if since is not None:
        return "以前的日期已经过去"
    fixed = (option.fixed for option in field.options.values() if option.fixed)
    return field.spec.onward or next(fixed, "")


def _keys(value: Value) -> Iterator[str]:
    if isinstance(value, frozenset):
        yield from sorted(value)


def _options(field: VocabularyField, value: Value) -> frozenset[str] | None:
    """The options that another value of the field may have; for several at once, those that may come or go."""
    if not any(option.fixed for option in field.options.values()) and not field.spec.onward:
        return None
    if field.type == "choices":
        return frozenset(key for key, option in field.options.items() if not option.fixed)
    if field.type != "choice" or not isinstance(value, frozenset):
        return None
    order = list(field.options)
    first = min(order.index(key) for key in value) if field.spec.onward else 0
    return frozenset(key for n, key in enumerate(order) if n >= first and not field.options[key].fixed)


def bare(facts: Facts) -> dict[str | None, list[Known]]:
    """The holders of a profile with nothing but the names of records and the years of annual figures."""
    kept = (f"{ANNUAL}.fiscal_year",)
    found: dict[str | None, list[Known]] = {None: [Known(None, {})]}
    for kind, records in facts.records.items():
        found[kind] = [
            Known(known.record, {path: value for path, value in known.values.items() if path in kept})
            for known in records
        ]
    return found

