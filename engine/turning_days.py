"""The days on which a measure may come out otherwise for a profile that does not change.

Between two of them every verdict, amount and open question is the same, so nothing has to be evaluated there. A verdict
depends on the day only through validities, dated parameters, fiscal years, the day itself as a threshold, days since a
date, and when a finding was made; each of these turns at a known distance from a known date. The days found may be
too many, never too few. Readiness checks are no measures and do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, date, timedelta
from math import floor

from engine.conditions import (
    Annual,
    AnnualSum,
    AsOf,
    Comparison,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Leaf,
    Node,
    Operand,
    Parameter,
    Ratio,
    Reference,
    Sum,
    Test,
    Total,
    ValidityEnd,
    ValidityStart,
)
from engine.dependencies import leaves_of
from engine.facts import Facts
from engine.pack import Pack
from engine.profile import Profile
from engine.program import Program
from engine.regions import Several, Value
from engine.spans import Span

DAY = timedelta(days=1)
THRESHOLDS = (Span, frozenset, Several, Parameter, AsOf, ValidityStart, ValidityEnd)
"""What a comparison can compare with, as far as it is known here on which days it turns."""


class TurningDays:
    """The turning days of one program; its own dates are gathered once."""

    def __init__(self, program: Program) -> None:
        self._pack = program.pack
        self._own: set[date] = set()
        self._distances: dict[str, set[int]] = {}
        """Of a date field, how many days after its date something may turn."""
        self._every_day = False
        self._gather_dates()
        for leaf in _leaves(self._pack):
            self._gather(leaf)
        for measure in self._pack.measures:
            # A rate on a number of days grows every day.
            base = measure.base
            self._every_day = self._every_day or isinstance(base, DaysSince) or (base is not None and not _reckoned(base))

    def between(self, profile: Profile, after: date, until: date) -> list[date]:
        """Each day in (after, until] on which something may stand otherwise than on the day before, in order."""
        if self._every_day:
            return [after + DAY * number for number in range(1, (until - after).days + 1)]
        found = {date(year, 1, 1) for year in range(after.year + 1, until.year + 1)}
        found.update(self._own, _days_of(profile, self._pack, after, self._distances))
        return sorted(day for day in found if after < day <= until)

    def _gather_dates(self) -> None:
        for file in self._pack.documents.values():
            validity = file.document.validity
            self._add(validity.start, *((validity.end,) if validity.end else ()))
        for parameter in self._pack.parameters.values():
            for dated in parameter.values:
                self._add(*(day for day in (dated.start, dated.end) if day), *_ends(dated.value))
        for derived in self._pack.derived:
            for value in (*(value for _, value in derived.cases), derived.otherwise):
                self._add(*_ends(value))

    def _gather(self, leaf: Leaf) -> None:
        if not isinstance(leaf, Test):
            return
        thresholds = [item for comparison in leaf.comparisons for item in comparison.thresholds]
        moving = any(isinstance(threshold, AsOf | ValidityEnd) for threshold in thresholds)
        if len(leaf.comparisons) > 1 or (moving and len(thresholds) > 1):
            # Where two intervals come to touch, a range across both is accepted whole; one whose ends the day brings
            # past each other accepts nothing, whatever is asked of it.
            edges = [day for threshold in thresholds for day in self._edges(threshold)]
            self._add(*edges, *(day - DAY for day in edges if day > date.min))
        if not _reckoned(leaf.operand) or not all(isinstance(threshold, THRESHOLDS) for threshold in thresholds):
            self._every_day = True
        elif isinstance(leaf.operand, FieldRef):
            own = (distance for comparison in leaf.comparisons for distance in _distance(comparison))
            self._distances.setdefault(leaf.operand.path, set()).update(own)
        elif isinstance(leaf.operand, DaysSince):
            distances = self._distances.setdefault(leaf.operand.path, set())
            for value in self._values(thresholds):
                ends = (end for end in (value.low, value.high) if end is not None and not isinstance(end, date))
                distances.update(floor(end) + more for end in ends for more in (0, 1))
        elif moving:
            # Only a date of the profile has a known distance from the day itself.
            self._every_day = True

    def _values(self, thresholds: Iterable[object]) -> Iterator[Span]:
        for threshold in thresholds:
            if isinstance(threshold, Parameter):
                yield from (item.value for item in self._pack.parameters[threshold.id].values if isinstance(item.value, Span))
            elif isinstance(threshold, Span):
                yield threshold

    def _edges(self, threshold: object) -> Iterator[date]:
        """The dates of a threshold, but for the day itself."""
        match threshold:
            case Span():
                yield from _ends(threshold)
            case ValidityStart(document):
                yield self._pack.documents[document].document.validity.start
            case ValidityEnd(document):
                end = self._pack.documents[document].document.validity.end
                yield from () if end is None else (end,)
            case Parameter(id):
                for dated in self._pack.parameters[id].values:
                    yield from _ends(dated.value)

    def _add(self, *days: date) -> None:
        """A date of the rules turns things on that day or, as the last day of something, on the next."""
        for day in days:
            self._own.update(_near(day, 0), _near(day, 1))


def _days_of(profile: Profile, pack: Pack, after: date, distances: dict[str, set[int]]) -> Iterator[date]:
    """Days that lie at the dates of a profile, and at their ``distances`` from them."""
    facts = Facts.of(profile, pack.vocabulary, after)
    holders = [facts.enterprise, *(known for records in facts.records.values() for known in records)]
    for known in holders:
        for path, value in known.values.items():
            if path in distances and isinstance(value, Span):
                # An open end leaves its own day out.
                more = (-1, 0, 1) if value.low_open or value.high_open else (0,)
                for end in _ends(value):
                    for distance in distances[path]:
                        for further in more:
                            yield from _near(end, distance + further)
    yield from (review.on for review in profile.findings)


def _distance(comparison: Comparison) -> Iterator[int]:
    """How long after a date its comparison with the day itself turns: what is issued counts on that very day, what
    expires still does."""
    upper = comparison.operator in ("at_most", "above")
    for number, threshold in enumerate(comparison.thresholds):
        if isinstance(threshold, AsOf | ValidityEnd):
            # Of an interval the second is the upper end.
            yield 0 if upper or number == 1 else 1


def _near(day: date, distance: int) -> Iterator[date]:
    if date.min.toordinal() <= day.toordinal() + distance <= date(MAXYEAR, 12, 31).toordinal():
        yield day + DAY * distance


def _ends(value: Value | None) -> Iterator[date]:
    if isinstance(value, Span):
        yield from (end for end in (value.low, value.high) if isinstance(end, date))


def _reckoned(operand: Operand) -> bool:
    """Whether an operand turns on certain days only; a ratio of numbers of days does every day."""
    match operand:
        case Ratio(of, to):
            return all(_reckoned(part) and not isinstance(part, DaysSince) for part in (of, to))
        case FieldRef() | DaysSince() | Annual() | AnnualSum() | Total() | Count() | Sum():
            return True


def _leaves(pack: Pack) -> Iterator[Leaf]:
    """Every leaf of every condition, those of filters too."""
    todo: list[Node | None] = [measure.condition for measure in pack.measures]
    todo += [when for item in pack.derived for when, _ in item.cases]
    todo += [measure.base.where for measure in pack.measures if isinstance(measure.base, Sum | Count)]
    while todo:
        node = todo.pop()
        for leaf in leaves_of(node) if node is not None else ():
            yield leaf
            todo += _within(leaf)


def _within(leaf: Leaf) -> list[Node | None]:
    match leaf:
        case Every(_, where, that):
            return [where, that]
        case Test(operand):
            return _filters(operand)
        case Judgement() | Reference():
            return []


def _filters(operand: Operand) -> list[Node | None]:
    match operand:
        case Count(_, where) | Sum(_, where):
            return [where]
        case Ratio(of, to):
            return [*_filters(of), *_filters(to)]
        case _:
            return []
