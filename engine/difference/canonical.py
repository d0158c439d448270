"""What a condition means in one version of the rules at a date, as a value that can be compared across versions.

Equal values mean the same in every profile: order and repetition of parts, labels and reasons do not count; dated
thresholds, the validity of the document, and all that the fields are derived from do.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date

from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Any,
    AsOf,
    Comparison,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Operand,
    Parameter,
    Ratio,
    Reference,
    Sum,
    Test,
    Threshold,
    Total,
    ValidityEnd,
    ValidityStart,
)
from engine.documents import Award, Proportional, Tiered
from engine.pack import Derived, Measure, Pack


@dataclass(slots=True)
class Meaning:
    """Meanings in one pack at ``day``."""

    pack: Pack
    day: date
    _fields: dict[str, Hashable] = field(default_factory=dict)
    _derived: dict[str, list[Derived]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.pack.derived:
            self._derived.setdefault(item.field, []).append(item)

    def node(self, node: Node) -> Hashable:
        """The meaning of a condition."""
        match node:
            case All(parts) | Any(parts):
                found = frozenset(self._parts(parts, type(node)))
                return next(iter(found)) if len(found) == 1 else (type(node).__name__, found)
            case Not(part):
                return "not", self.node(part)
            case Test(operand, comparisons, assumed):
                compared = frozenset(self._comparison(item) for item in comparisons)
                return "test", self.operand(operand), compared, assumed
            case Every(kind, where, that):
                return "every", kind, None if where is None else self.node(where), self.node(that)
            case Judgement(id) | Reference(id):
                return "judgement", id
        raise TypeError(f"not a condition: {node!r}")

    def _parts(self, parts: Iterable[Node], group: type) -> Iterable[Hashable]:
        for part in parts:
            if isinstance(part, All | Any) and type(part) is group:
                yield from self._parts(part.parts, group)
            else:
                yield self.node(part)

    def operand(self, operand: Operand) -> Hashable:
        """The meaning of what is compared."""
        match operand:
            case FieldRef(path) | DaysSince(path):
                return type(operand).__name__, self.path(path)
            case Annual(path, offset):
                return "annual", self.path(path), offset
            case AnnualSum(path, years, since):
                return "annual_sum", self.path(path), years, None if since is None else self.path(since)
            case Count(kind, where):
                return "count", kind, None if where is None else self.node(where)
            case Sum(path, where):
                return "sum", self.path(path), None if where is None else self.node(where)
            case Ratio(of, to):
                return "ratio", self.operand(of), self.operand(to)
            case Total(paths):
                return "total", tuple(self.path(path) for path in paths)
        raise TypeError(f"not an operand: {operand!r}")

    def path(self, path: str) -> Hashable:
        """The meaning of a field: how it is typed, and what it is derived from."""
        if path not in self._fields:
            typed = self.pack.vocabulary.fields[path]
            self._fields[path] = path  # a field may be derived from what is stated of it
            term: Hashable = None
            if typed.spec.term is not None and typed.record is not None:
                by = f"{typed.record}.{typed.spec.term.by}"
                years = frozenset((k, o.term_years) for k, o in self.pack.vocabulary.fields[by].options.items())
                term = typed.spec.term.start, by, years
            derived = tuple(self._derivation(item) for item in self._derived.get(path, ()))
            options = frozenset(typed.options)
            self._fields[path] = path, typed.type, typed.least, options, term, derived
        return self._fields[path]

    def _derivation(self, item: Derived) -> Hashable:
        return tuple((self.node(when), value) for when, value in item.cases), item.otherwise

    def _comparison(self, item: Comparison) -> Hashable:
        return item.operator, tuple(self._threshold(threshold) for threshold in item.thresholds)

    def _threshold(self, threshold: Threshold) -> Hashable:
        match threshold:
            case AsOf():
                return "as_of"
            case ValidityStart(document):
                return self.pack.documents[document].document.validity.start
            case ValidityEnd(document):
                return "until", self.pack.documents[document].document.validity.end
            case Parameter(id):
                dated = self.pack.parameters[id].at(self.day)
                return dated.value if dated else "none"
            case _:
                return threshold

    def benefit(self, measure: Measure) -> Hashable:
        """The meaning of an amount; None where the document states none."""
        benefit = measure.spec.benefit
        base = None if measure.base is None else self.operand(measure.base)
        match benefit:
            case Award(amount=amount):
                return "award", amount
            case Tiered(amounts=amounts):
                return "tiered", base, frozenset((option, amount) for option, amount in amounts.items() if amount)
            case Proportional(rate=rate, cap=cap, per_year=per_year):
                validity = self.pack.documents[measure.document].document.validity
                years = (validity.start, validity.end) if per_year else None
                limit = (cap.amount, cap.scope) if cap else None
                return "rate", rate, base, limit, per_year, years
        return None
