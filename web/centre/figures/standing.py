"""Figures of how everybody stands now, read off a roster: verdicts, amounts, districts, what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.amounts import is_stated
from engine.determination import GroupKey
from engine.pack import Measure, Pack
from web.centre.figures.asked import Asked
from web.centre.figures.figure import Cell, Chart, Figure, Row
from web.centre.figures.sums import Coded, Sum, total
from web.centre.outcomes import LETTERS
from web.centre.roll.choosing import narrowed, since
from web.centre.roll.query import Query
from web.centre.roll.reading import micros
from web.centre.roster import Snapshot
from web.summary import GROUPS
from web.texts import gettext as _

DAY = 86_400_000_000
"""Microseconds."""
NONE = 0
"""Stands for a letter where there is none."""
ELIGIBLE, PENDING = ord(LETTERS["eligible"]), ord(LETTERS["pending"])


Key = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]]


class Standing:
    """A roster narrowed to what is asked for; ``measures`` are those that are asked for. What several figures need is
    worked out once."""

    def __init__(self, snapshot: Snapshot, pack: Pack, asked: Asked, now: datetime) -> None:
        """``pack``: the rules of the site, whose measures the roster has; ``now``: the time (UTC)."""
        self.snapshot, self.pack, self.asked, self.now = snapshot, pack, asked, now
        self.measures: list[Measure] = asked.measures(pack)

    @cached_property
    def inside(self) -> NDArray[np.int64]:
        """The places of the enterprises in the district."""
        found: NDArray[np.int64] = np.flatnonzero(narrowed(self.snapshot, Query(division=self.asked.division)))
        return found

    @cached_property
    def letters(self) -> NDArray[np.uint8]:
        """The letters of those in the district: a row a measure."""
        numbers = [self.snapshot.measure(measure.id) for measure in self.measures]
        everything = self.snapshot.columns.letters
        rows = everything if len(self.inside) == len(everything) else everything[self.inside]
        # Turned around once: every question is about whole measures.
        found: NDArray[np.uint8] = np.ascontiguousarray(rows.T)[numbers]
        return found

    @cached_property
    def counted(self) -> NDArray[np.int64]:
        """How often each letter stands: a row a measure, a column a character."""
        rows = [np.bincount(row, minlength=256) for row in self.letters]
        return np.stack(rows) if rows else np.zeros((0, 256), np.int64)

    @cached_property
    def coded(self) -> Coded:
        """All amounts."""
        return Coded(self.snapshot.amounts)

    @cached_property
    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """The amounts that are asked for: their index, which of ``measures`` they belong to, their letter."""
        facts, order = self.snapshot.amounts, np.full(len(self.snapshot.measures), -1, np.int64)
        order[[self.snapshot.measure(measure.id) for measure in self.measures]] = np.arange(len(self.measures))
        within = np.zeros(len(self.snapshot), np.bool_)
        within[self.inside] = True
        index = np.flatnonzero((order[facts.measures] >= 0) & within[facts.places])
        letters = self.snapshot.columns.letters[facts.places[index], facts.measures[index]]
        return index, order[facts.measures[index]], letters

    def holding(self, letter: int) -> NDArray[np.int64]:
        """The places of those in the district that have this letter for any of the measures."""
        found: NDArray[np.int64] = self.inside[(self.letters == letter).any(axis=0)]
        return found

    def total(self, letter: int, *, low: bool = False) -> Sum:
        """The sum of the lower or upper ends of the amounts with this letter."""
        return total(self.sums(letter, by_measure, len(self.measures), low=low))

    def sums(self, letter: int, key: Key, count: int, *, low: bool = False) -> list[Sum]:
        """The same by a key below ``count``, which is worked out from the indexes and the measures of the entries."""
        index, place, letters = self.entries
        own = letters == letter
        codes = (self.coded.low if low else self.coded.high)[index[own]]
        return self.coded.sums(codes, key(index[own], place[own]), count)


def verdicts(standing: Standing) -> Figure:
    """How many enterprises stand how by each measure."""
    groups: list[GroupKey] = list(LETTERS)
    wanted = [*(ord(LETTERS[group]) for group in groups), NONE]
    rows = [
        Row((measure.spec.title, document_of(measure, standing.pack), *counts), measure.id)
        for measure, counts in zip(standing.measures, standing.counted[:, wanted].tolist(), strict=True)
    ]
    head = (_("措施"), _("文件"), *(GROUPS[group] for group in groups), _("没有对照"))
    note = _("每家企业按最近一次对照。图里是可享受和待认定最多的措施。")
    return Figure("verdicts", _("各项措施的结论"), note, head, tuple(rows), Chart((0,), (2, 3), "count", stacked=True))


def amounts(standing: Standing) -> Figure:
    """What is eligible and what may be, summed exactly."""
    count = len(standing.measures)
    eligible, pending = (standing.counted[:, letter].tolist() for letter in (ELIGIBLE, PENDING))
    low = standing.sums(ELIGIBLE, by_measure, count, low=True)
    high, most = standing.sums(ELIGIBLE, by_measure, count), standing.sums(PENDING, by_measure, count)
    rows = [
        Row(
            (measure.spec.title, document_of(measure, standing.pack), *_amounts(eligible[n], low[n], high[n], pending[n], most[n])),
            measure.id,
        )
        for n, measure in enumerate(standing.measures)
        if is_stated(measure.spec)
    ]
    stated = [n for n, measure in enumerate(standing.measures) if is_stated(measure.spec)]
    if len(stated) > 1:
        sums = [total(part[n] for n in stated) for part in (low, high, most)]
        counts = sum(eligible[n] for n in stated), sum(pending[n] for n in stated)
        rows.append(Row((_("合计"), "", *_amounts(counts[0], sums[0], sums[1], counts[1], sums[2])), sum=True))
    head = (
        _("措施"), _("文件"), _("可享受（家）"), _("下限合计"), _("上限合计"), _("上限不封顶（家）"), _("待认定（家）"),
        _("认定后最多"), _("最多不封顶（家）"),
    )  # fmt: skip
    note = _("只有文件写明金额的措施。各项措施的金额分别相加，没有扣除同一家企业不能同时享受的；不封顶的另计家数，不在合计里。")
    return Figure("amounts", _("金额"), note, head, tuple(rows), Chart((0,), (4, 7), "money", stacked=True))


def districts(standing: Standing) -> Figure:
    """Applicants and amounts by county, each city with its sum."""
    snapshot, divisions = standing.snapshot, standing.snapshot.layout.divisions.texts
    places, count = snapshot.columns.divisions, len(divisions)

    def tallied(who: NDArray[np.int64]) -> list[int]:
        found: list[int] = np.bincount(places[who], minlength=count).tolist()
        return found

    everybody = tallied(standing.inside)
    counts = [everybody, tallied(standing.holding(ELIGIBLE)), tallied(standing.holding(PENDING))]
    by_place = standing.snapshot.amounts.places

    def key(index: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
        return places[by_place[index]].astype(np.int64)

    sums = [
        standing.sums(ELIGIBLE, key, count, low=True),
        standing.sums(ELIGIBLE, key, count),
        standing.sums(PENDING, key, count),
    ]
    cities: dict[str, list[int]] = {}
    for number in sorted(range(count), key=lambda number: (divisions[number] == "", divisions[number])):
        if everybody[number]:
            cities.setdefault(_city(divisions[number], standing.pack), []).append(number)
    rows = [row for city, inner in cities.items() for row in _city_rows(city, inner, divisions, counts, sums, standing.pack)]
    head = (
        _("地市"), _("区县"), _("企业（家）"), _("有可享受的（家）"), _("有待认定的（家）"), _("可享受下限合计"), _("可享受上限合计"),
        _("上限不封顶（项）"), _("待认定的最多"), _("最多不封顶（项）"),
    )  # fmt: skip
    note = _("按注册地。同一家企业可以既有可享受的又有待认定的。")
    return Figure("districts", _("各地区"), note, head, tuple(rows), Chart((0, 1), (2, 3), "count"))


def waiting(standing: Standing) -> Figure:
    """How long what waits for judgement has waited."""
    moment, rows, every = micros(standing.now), [], []
    for measure, letters in zip(standing.measures, standing.letters, strict=True):
        waits = standing.inside[letters == PENDING]
        if len(waits):
            days = np.maximum(moment - since(standing.snapshot, measure.id)[waits], 0) // DAY
            every.append(days)
            title = measure.spec.title, document_of(measure, standing.pack)
            rows.append(Row((*title, *spread(days)), measure.id))
    if len(rows) > 1:
        rows.append(Row((_("合计"), "", *spread(np.concatenate(every))), sum=True))
    head = (_("措施"), _("文件"), _("待认定（家）"), _("中位（天）"), _("九成不超过（天）"), _("最长（天）"))
    note = _("从变成“条件已满足待认定”那一刻到现在，满一天算一天。中位：一半不超过它。")
    return Figure("waiting", _("待认定的等了多久"), note, head, tuple(rows), Chart((0,), (3, 4), "count"))


def spread(days: NDArray[np.int64]) -> tuple[int, int, int, int]:
    """How many there are, then the least number of days within which half, nine tenths, all of them are."""
    ordered, count = np.sort(days), len(days)
    # Rounded up in whole numbers: of ten, the fifth and the ninth.
    half, most, last = (int(ordered[-(-count * tenths // 10) - 1]) for tenths in (5, 9, 10))
    return count, half, most, last


def document_of(measure: Measure, pack: Pack) -> str:
    """The title of a measure's document."""
    return pack.documents[measure.document].document.title.strip("《》")


def by_measure(index: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keys sums by measure."""
    return place


def _amounts(eligible: int, low: Sum, high: Sum, pending: int, most: Sum) -> tuple[Cell, ...]:
    return eligible, low.total, high.total, high.unbounded, pending, most.total, most.unbounded


def _city(code: str, pack: Pack) -> str:
    """The city of a county; what is broader stands for itself."""
    divisions = pack.tables.divisions
    return divisions.parent(code) if code in divisions and len(code) == 6 else code


def _city_rows(
    city: str, inner: list[int], divisions: list[str], counts: list[list[int]], sums: list[list[Sum]], pack: Pack
) -> Iterator[Row]:
    name = _division(city, pack)
    if len(inner) > 1:
        counted = [sum(part[number] for number in inner) for part in counts]
        summed = [total(part[number] for number in inner) for part in sums]
        yield Row((name, _("合计"), *_district(counted, summed)), city, sum=True)
    for number in inner:
        code = divisions[number]
        county = pack.tables.divisions.label(code).removeprefix(name) if code != city else _("（未到区县）") if code else ""
        yield Row((name, county, *_district([part[number] for part in counts], [part[number] for part in sums])), code)


def _district(counted: Sequence[int], summed: Sequence[Sum]) -> tuple[Cell, ...]:
    low, high, most = summed
    return *counted, low.total, high.total, high.unbounded, most.total, most.unbounded


def _division(code: str, pack: Pack) -> str:
    if not code:
        return _("未知")
    return pack.tables.divisions.label(code) if code in pack.tables.divisions else code


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands above all figures: enterprises, those with something eligible or pending, the sums of that."""

    enterprises: int
    eligible: int
    pending: int
    low: Decimal
    high: Decimal
    unbounded: int


def overview(standing: Standing) -> Overview:
    """The numbers of what is asked for."""
    high = standing.total(ELIGIBLE)
    return Overview(
        len(standing.inside),
        len(standing.holding(ELIGIBLE)),
        len(standing.holding(PENDING)),
        standing.total(ELIGIBLE, low=True).total,
        high.total,
        high.unbounded,
    )
