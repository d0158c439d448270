"""The condition tree: frozen nodes without behaviour. Executors and explanations give them meaning.

Shorthands of the rule language (``held``, ``level``, ``soft`` ...) are rewritten into these nodes by the reader.
Places, labels and reasons do not take part in equality, so that equal conditions are evaluated once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.regions import Value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node was written; counts from 1."""

    file: str
    line: int
    column: int


NOWHERE = Place("", 0, 0)


# Operands: what is compared


@dataclass(frozen=True, slots=True)
class FieldRef:
    """An enterprise field, or a field of the record in reach."""

    path: str


@dataclass(frozen=True, slots=True)
class Annual:
    """The figure of ``path`` (a field of the annual records) for the as-of year plus ``offset``."""

    path: str
    offset: int


@dataclass(frozen=True, slots=True)
class AnnualSum:
    """The sum of the last ``years`` fiscal years, up to the one before the as-of year.

    ``since`` names a date (when the enterprise was founded): years that ended before it do not count.
    """

    path: str
    years: int
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of ``kind`` satisfy ``where``."""

    kind: str
    where: Node | None


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of ``path`` over the records that satisfy ``where``."""

    path: str
    where: Node | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """``of`` divided by ``to``; unknown unless ``to`` is surely positive."""

    of: Operand
    to: Operand


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Whole days from a date to the as-of date."""

    path: str


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of several enterprise fields, such as the points of a score."""

    paths: tuple[str, ...]


Operand = FieldRef | Annual | AnnualSum | Count | Sum | Ratio | DaysSince | Total


# Thresholds and comparisons


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated threshold, looked up at the as-of date."""

    id: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """The as-of date itself."""


@dataclass(frozen=True, slots=True)
class ValidityStart:
    """First day of the document's validity."""

    document: str


@dataclass(frozen=True, slots=True)
class ValidityEnd:
    """Last day of the document's validity or the as-of date, whichever is earlier."""

    document: str


Threshold = Value | Parameter | AsOf | ValidityStart | ValidityEnd
Operator = Literal["in", "within", "rank", "above", "at_least", "below", "at_most", "between", "known"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator and its thresholds: two for ``between``, none for ``known``, else one.

    ``whole``: a count is compared, so that nothing lies between one whole number and the next.
    """

    operator: Operator
    thresholds: tuple[Threshold, ...]
    whole: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Note:
    """What an author says of a condition. ``implied_by``: what makes sure that it never decides a verdict alone."""

    label: str = ""
    why: str = ""
    implied_by: str = ""
    inferred: bool = False
    soft: bool = False
    open: bool = False
    place: Place = NOWHERE


# Nodes


@dataclass(frozen=True, slots=True)
class Test:
    """An atom: the operand lies in the union of the comparisons. ``assumed``: unknown counts as true, noted."""

    operand: Operand
    comparisons: tuple[Comparison, ...]
    assumed: bool = False
    note: Note = field(default=Note(), compare=False)


@dataclass(frozen=True, slots=True)
class Every:
    """All records of ``kind`` that satisfy ``where`` satisfy ``that``; true for none, so lint wants a count too."""

    kind: str
    where: Node | None
    that: Node
    note: Note = field(default=Note(), compare=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Unknown until a reviewer's finding with this id. ``fallback``: stands beside a soft or open condition."""

    id: str
    fallback: bool = False
    note: Note = field(default=Note(), compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """A condition that another policy sets (an instrument's id); a finding with this id settles it."""

    id: str
    note: Note = field(default=Note(), compare=False)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Node, ...]
    note: Note = field(default=Note(), compare=False)


@dataclass(frozen=True, slots=True)
class Any:
    """``fallback``: the first part is a soft or open condition, the second its judgement."""

    parts: tuple[Node, ...]
    fallback: bool = False
    note: Note = field(default=Note(), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    part: Node
    note: Note = field(default=Note(), compare=False)


Leaf = Test | Every | Judgement | Reference
Node = Leaf | All | Any | Not
