"""A loaded pack: documents, measures and derived facts with their conditions read, ready to compile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engine.conditions import Node, Operand, Place
from engine.documents import (
    CheckSpec,
    DocumentFile,
    JudgementSpec,
    MeasureSpec,
    ParameterSpec,
    Programme,
    Provenance,
)
from engine.regions import Value
from engine.values import Tables
from engine.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Measure:
    """One promise. ``condition`` includes the beneficiary's kind; ``base`` is what a rate applies to."""

    spec: MeasureSpec
    document: str
    condition: Node
    base: Operand | None
    place: Place

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def subject(self) -> str | None:
        """The record kind that it is evaluated for, or None for the enterprise."""
        return self.spec.subject


@dataclass(frozen=True, slots=True)
class ProgrammeEntry:
    """A goal with no verdict."""

    spec: Programme
    document: str
    place: Place


@dataclass(frozen=True, slots=True)
class Derived:
    """``field`` is the value of the first case that holds; ``record`` is its record kind, if it has one."""

    field: str
    record: str | None
    title: str
    source: Provenance
    cases: tuple[tuple[Node, Value], ...]
    otherwise: Value | None
    place: Place


@dataclass(frozen=True, slots=True)
class Check:
    """A readiness check; ``unless`` holds where the title is held already."""

    spec: CheckSpec
    unless: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class DatedThreshold:
    """A parameter's value from ``start`` to ``end``, both inclusive; None is open."""

    start: date | None
    end: date | None
    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class ParameterValues:
    """A dated threshold with its values in the order written."""

    spec: ParameterSpec
    values: tuple[DatedThreshold, ...]

    def at(self, day: date) -> DatedThreshold | None:
        """The value on ``day``."""
        for item in self.values:
            if (item.start is None or item.start <= day) and (item.end is None or day <= item.end):
                return item
        return None


@dataclass(frozen=True, slots=True)
class Pack:
    """All that an evaluation needs. ``version`` is the hash of every file that bears on a verdict."""

    version: str
    vocabulary: Vocabulary
    tables: Tables
    parameters: Mapping[str, ParameterValues]
    derived: tuple[Derived, ...]
    checks: tuple[Check, ...]
    judgements: Mapping[str, JudgementSpec]
    documents: Mapping[str, DocumentFile]
    measures: tuple[Measure, ...]
    programmes: tuple[ProgrammeEntry, ...]

    def measure(self, id: str) -> Measure:
        """Raises KeyError where there is none."""
        return next_or_raise(self.measures, id)

    def judgement_label(self, id: str) -> str:
        """What a judgement is called; its id where it has no entry."""
        return self.judgements[id].label if id in self.judgements else id

    def instrument_title(self, id: str) -> str:
        """What another policy is called; its id where it has no entry."""
        for file in self.documents.values():
            if id in file.instruments:
                return file.instruments[id].title
        return id


def next_or_raise(measures: tuple[Measure, ...], id: str) -> Measure:
    """The measure with this id, or KeyError."""
    for measure in measures:
        if measure.id == id:
            return measure
    raise KeyError(id)
