"""What the result page shows of a summary: the lines that pass the filters, sheets of amounts, distances.

Pure: groups, counts and amounts are those of ``web.summary``, which every face shares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

from engine.determination import Context, GroupKey, Result
from engine.pack import Pack
from engine.screening import BENEFITS
from web.amounts import range_in_words, yuan
from web.reasons import Branch, trees_of
from web.summary import Line, Payee, Suggestion, Summary
from web.texts import gettext as _

NO_DEPARTMENT = _("文件未载明")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; "" is everything. ``place`` is a jurisdiction as the documents write it."""

    place: str = ""
    benefit: str = ""
    department: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Filters:
        """From the fields of a form; what names nothing finds nothing."""
        return cls(*(form.get(name, "").strip() for name in ("place", "benefit", "department")))

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return bool(self.place or self.benefit or self.department)


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a filter, with the number of measures it leaves."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One amount of a sheet: its figure in words, and how it came about."""

    line: Line
    amount: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The calculation of one payee: what is certain, what may be added, and what all of it comes to."""

    payee: Payee
    certain: tuple[Row, ...]
    open: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A summary under filters."""

    summary: Summary
    filters: Filters
    choices: Mapping[str, tuple[Choice, ...]]
    shown: frozenset[str]
    """Ids of the measures that pass the filters."""

    def of(self, group: GroupKey) -> list[Line]:
        """The lines of a group that are shown."""
        return [line for line in self.summary.of(group) if line.result.measure in self.shown]

    def suggestions(self) -> list[tuple[Suggestion, list[Line]]]:
        """What to supply next, each with the shown lines for which it is the most useful."""
        pairs = [
            (item, [line for line in item.first_for if line.result.measure in self.shown])
            for item in self.summary.suggestions
        ]
        return [(item, lines) for item, lines in pairs if lines]

    def by_distance(self) -> list[tuple[int, list[Line]]]:
        """What cannot be had, by how many conditions it misses, nearest first."""
        ranked = sorted(((missed(line.result), line) for line in self.of("ineligible")), key=lambda pair: pair[0])
        return [(count, [line for _, line in pairs]) for count, pairs in groupby(ranked, key=lambda pair: pair[0])]

    def programmes(self) -> list[tuple[str, list[Context]]]:
        """Goals of the documents in force, by document title; a benefit leaves none, for they have none."""
        titles = {line.result.document: line.result.citation.title for line in self.summary.lines}
        documents = {line.result.document for line in self.summary.lines if line.result.measure in self.shown}
        found: dict[str, list[Context]] = {}
        for item in self.summary.determination.programmes:
            asked = not self.filters.department or self.filters.department in item.departments
            if item.in_force and asked and not self.filters.benefit and item.document in documents:
                found.setdefault(titles[item.document], []).append(item)
        return list(found.items())


def board(summary: Summary, pack: Pack, filters: Filters) -> Board:
    """What is shown of ``summary``, which was made with ``pack``."""
    tests = _tests(pack)
    chosen = {name: getattr(filters, name) for name in tests}

    def passing(but: str = "") -> list[Line]:
        asked = [(tests[name], value) for name, value in chosen.items() if value and name != but]
        return [line for line in summary.lines if all(test(line, value) for test, value in asked)]

    values = {
        "place": list(dict.fromkeys(file.document.jurisdiction for file in pack.documents.values())),
        "benefit": list(dict.fromkeys(BENEFITS.values())),
        "department": list(dict.fromkeys(name for line in summary.lines for name in departments(line))),
    }
    choices = {
        name: tuple(
            Choice(value, count)
            for value in values[name]
            if (count := sum(test(line, value) for line in passing(but=name))) or value == chosen[name]
        )
        for name, test in tests.items()
    }
    return Board(summary, filters, choices, frozenset(line.result.measure for line in passing()))


def departments(line: Line) -> list[str]:
    """Whom the text names for a measure."""
    return line.result.citation.departments or [NO_DEPARTMENT]


def sheets(summary: Summary) -> list[Sheet]:
    """The calculations, one for each payee of the totals."""
    made = []
    for key, payee in zip(summary.determination.totals, summary.payees, strict=True):
        lines = [line for line in summary.lines if line.result.payee == key and line.result.amount_range_yuan]
        certain = [_row(line) for line in lines if line.result.verdict == "eligible"]
        open_ = [_row(line) for line in lines if line.result.verdict == "undetermined" and _may_pay(line.result)]
        made.append(Sheet(payee, tuple(certain), tuple(open_)))
    return made


def missed(result: Result) -> int:
    """How many conditions stand between the enterprise and a measure: of alternatives, those of the nearest."""
    return sum(_missed(tree) for tree in trees_of(result.reasons))


def _missed(branch: Branch) -> int:
    if branch.reason.status != "not_satisfied":
        return 0
    parts = [count for part in branch.parts if (count := _missed(part))]
    if not parts or branch.reason.kind == "not":
        return 1
    return sum(parts) if branch.reason.kind == "all" else min(parts)


def by_year(result: Result) -> list[str]:
    """What each year brings, where the calculation does not say it year by year itself."""
    paid = result.amount_by_year or {}
    if any(step.startswith(f"{year}年") for step in result.calculation for year in paid):
        return []
    words = {year: yuan(sum_) if isinstance(sum_, str) else range_in_words(sum_) for year, sum_ in paid.items()}
    return [_("%(year)s年：%(amount)s") % {"year": year, "amount": amount} for year, amount in words.items()]


def _tests(pack: Pack) -> Mapping[str, Callable[[Line, str], bool]]:
    areas: dict[str, frozenset[str]] = {}
    divisions = pack.tables.divisions
    for file in pack.documents.values():
        areas[file.document.jurisdiction] = divisions.find(file.document.jurisdiction)

    def near(line: Line, place: str) -> bool:
        """A city's measures count for its districts, and a district's are among those of the city."""
        own = areas[pack.documents[line.result.document].document.jurisdiction]
        pairs = [(a, b) for a in own for b in areas.get(place, ())]
        return any(divisions.within(a, b) or divisions.within(b, a) for a, b in pairs)

    kinds = {measure.id: BENEFITS[measure.spec.benefit.kind] for measure in pack.measures}
    return {
        "place": near,
        "benefit": lambda line, benefit: kinds[line.result.measure] == benefit,
        "department": lambda line, department: department in departments(line),
    }


def _row(line: Line) -> Row:
    result = line.result
    ends = result.amount_range_yuan
    beside = [item.record for item in result.items or () if item.verdict == "undetermined"]
    names = _("、").join(beside[:3])
    named = _("%(names)s等%(count)d项") % {"names": names, "count": len(beside)} if len(beside) > 3 else names
    open_ = [_("%s还没有定") % named] if beside else []
    steps = [*result.calculation, *by_year(result), *open_]
    return Row(line, range_in_words(ends) if ends else "", tuple(steps))


def _may_pay(result: Result) -> bool:
    return result.amount_range_yuan is not None and result.amount_range_yuan[1] != "0"
