"""The field dictionary (字段词典): enterprise fields and record kinds, read from ``rules/vocabulary/*.yaml``.

A field is named by its path: ``staff_total`` for the enterprise, ``recognition.kind`` for a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.spans import half_width

FieldType = Literal[
    "money", "count", "ratio", "date", "text", "choice", "choices", "yes_no", "division", "industry", "credit_code"
]
NUMERIC: frozenset[FieldType] = frozenset({"money", "count", "ratio"})
OPTIONS: frozenset[FieldType] = frozenset({"choice", "choices", "yes_no"})


class Shape(BaseModel):
    """Base of every shape of a rule file: unknown keys are refused, values are never coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _short_option(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


class Option(Shape):
    """One option; ``term_years`` is how long a recognition of this kind is valid where it states no expiry.

    ``fixed`` says why nobody can take it up or give it up.
    """

    label: str
    term_years: int | None = None
    synonyms: tuple[str, ...] = Field(default=(), strict=False)
    source: str | None = None
    fixed: str | None = None


class Term(Shape):
    """An end date that follows from a start date: ``from`` plus the ``term_years`` of the option in ``by``."""

    start: str = Field(alias="from")
    by: str


class FieldSpec(Shape):
    """One field as written. ``min`` is the least value of a number, 0 unless written; null lifts it.

    What can change after it is stated (the road map): ``fixed`` says why it cannot; ``onward`` why only to a later
    option; ``again`` that what a past date tells of can happen again; ``new`` the one option that a record which is
    added from now on can have.
    """

    type: FieldType
    label: str
    question: str | None = None
    help: str | None = None
    group: str = "其他"
    unit: str | None = None
    min: int | None = 0
    options: dict[str, Annotated[Option, BeforeValidator(_short_option)]] = {}
    synonyms: dict[str, list[str]] = {}
    headers: tuple[str, ...] = Field(default=(), strict=False)
    personal: bool = False
    term: Term | None = None
    fixed: str | None = None
    onward: str | None = None
    again: bool = False
    new: str | None = None


class RecordSpec(Shape):
    """One record kind as written; ``list`` is its key in a profile.

    ``fixed`` says why no field of a listed record can change; a further record can be added all the same.
    """

    list: str
    label: str
    question: str | None = None
    help: str | None = None
    group: str = "其他"
    fixed: str | None = None
    fields: dict[str, FieldSpec]


class VocabularyFile(Shape):
    """One file of ``rules/vocabulary/``."""

    fields: dict[str, FieldSpec] = {}
    records: dict[str, RecordSpec] = {}


YES_NO = {"yes": Option(label="是", synonyms=("有", "true")), "no": Option(label="否", synonyms=("无", "没有", "false"))}


@dataclass(frozen=True)
class VocabularyField:
    """A field with its path; ``record`` is the record kind it belongs to, or None for the enterprise."""

    path: str
    record: str | None
    spec: FieldSpec

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def type(self) -> FieldType:
        return self.spec.type

    @property
    def label(self) -> str:
        return self.spec.label

    @property
    def options(self) -> Mapping[str, Option]:
        """Options of a choice, in order; a yes/no field has ``yes`` and ``no``."""
        return YES_NO if self.type == "yes_no" else self.spec.options

    @property
    def least(self) -> Fraction | None:
        """The least value of a number, or None where it may be negative."""
        return Fraction(self.spec.min) if self.type in NUMERIC and self.spec.min is not None else None

    def option_of(self, text: str) -> frozenset[str]:
        """The options that a text names (id, label or synonym); empty when it names none."""
        return self._names.get(_folded(text), frozenset())

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        names: dict[str, frozenset[str]] = {}
        for key, option in self.options.items():
            for name in (key, option.label, *option.synonyms):
                names.setdefault(_folded(name), frozenset({key}))
        for name, keys in self.spec.synonyms.items():
            names[_folded(name)] = frozenset(keys)
        return names


def _folded(name: str) -> str:
    """Full-width and half-width, upper and lower case name the same option."""
    return half_width(name).strip().casefold()


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A record kind; ``fields`` by name. Every kind has the text field ``id``."""

    name: str
    spec: RecordSpec
    fields: Mapping[str, VocabularyField]

    @property
    def list(self) -> str:
        return self.spec.list

    @property
    def label(self) -> str:
        return self.spec.label


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All fields by path, and all record kinds by name."""

    fields: Mapping[str, VocabularyField]
    records: Mapping[str, RecordKind]

    def field(self, path: str) -> VocabularyField:
        """Raises KeyError where there is none."""
        return self.fields[path]

    @property
    def enterprise(self) -> Iterator[VocabularyField]:
        """Enterprise fields in the order of the files."""
        return (field for field in self.fields.values() if field.record is None)

    def label(self, path: str) -> str:
        """What people call a field, ``认定·认定类别`` for a record's; a list's own label for its name."""
        if path in self.fields:
            field = self.fields[path]
            return f"{self.records[field.record].label}·{field.label}" if field.record else field.label
        for kind in self.records.values():
            if path == kind.list:
                return f"{kind.label}清单"
        return path


_ID = FieldSpec(type="text", label="名称或编号", group="其他")


def build(files: list[VocabularyFile]) -> Vocabulary:
    """One vocabulary of several files. The loader has made sure that no name is given twice."""
    fields: dict[str, VocabularyField] = {}
    records: dict[str, RecordKind] = {}
    for file in files:
        for name, spec in file.fields.items():
            fields[name] = VocabularyField(name, None, spec)
    for file in files:
        for kind, record in file.records.items():
            own = {
                name: VocabularyField(f"{kind}.{name}", kind, spec)
                for name, spec in {"id": _ID, **record.fields}.items()
            }
            records[kind] = RecordKind(kind, record, own)
            fields.update({field.path: field for field in own.values()})
    return Vocabulary(fields, records)
