"""Every figure against a slow and obvious recount, on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil
from typing import Any

from sqlalchemy import Engine

from engine.amounts import is_stated
from tests.centre.figures.conftest import NOW, TODAY, Made, World, pack
from web.centre.figures.all import Figures, figures
from web.centre.figures.asked import asked
from web.centre.figures.standing import Standing
from web.centre.roster import Roster
from web.centre.store.database import reading

Cells = list[tuple[Any, ...]]
ASKED: list[dict[str, str]] = [
    {},
    {"document": "langfang-2016"},
    {"division": "1310", "first": "2026-03-05", "last": "2026-06-20"},
    {"measure": "lf16-city-collaborative-innovation-base-award", "division": "11"},
    {"division": "12"},
]
CHINA = timedelta(hours=8)


def test_every_figure_is_what_a_recount_says(engine: Engine, world: World) -> None:
    roster = Roster(engine, tuple(measure.id for measure in pack().measures))
    for told in ASKED:
        wanted, problems = asked(told, pack(), TODAY)
        assert problems == {}
        with reading(engine) as session:
            made = figures(Standing(roster.snapshot(), pack(), wanted, NOW), session)
        for check in (verdicts, amounts, districts, waiting, decided, months, overview):
            check(made, world, told)


def cells(made: Figures, key: str, *, sums: bool = False) -> Cells:
    (figure,) = [figure for figure in made.figures if figure.key == key]
    for row in figure.rows:
        assert len(row.cells) == len(figure.head)
    return [row.cells for row in figure.rows if row.sum == sums]


def here(world: World, told: dict[str, str]) -> list[Made]:
    return [item for item in world.enterprises if (item.division or "").startswith(told.get("division", ""))]


def measures(told: dict[str, str]) -> dict[str, str]:
    """Id and title of the measures that are asked for."""
    return {
        measure.id: measure.spec.title
        for measure in pack().measures
        if told.get("document", measure.document) == measure.document and told.get("measure", measure.id) == measure.id
    }


def period(told: dict[str, str]) -> tuple[datetime, datetime]:
    last = date.fromisoformat(told.get("last", TODAY.isoformat()))
    first = date.fromisoformat(told["first"]) if "first" in told else last - timedelta(days=364)
    day = datetime.min.time()
    return datetime.combine(first, day) - CHINA, datetime.combine(last, day) - CHINA + timedelta(days=1)


def added(amounts: list[str | None]) -> Fraction:
    return sum((Fraction(amount) for amount in amounts if amount is not None), Fraction())


def exact(cell: Any) -> Fraction:
    assert isinstance(cell, Decimal)
    return Fraction(cell)


def spread(days: list[int]) -> tuple[int, int, int, int]:
    ordered = sorted(days)
    return len(days), ordered[ceil(len(days) * 0.5) - 1], ordered[ceil(round(len(days) * 0.9, 6)) - 1], ordered[-1]


def verdicts(made: Figures, world: World, told: dict[str, str]) -> None:
    found = {row[0]: row[2:] for row in cells(made, "verdicts")}
    assert len(cells(made, "verdicts")) == len(measures(told))
    for id, title in measures(told).items():
        stand = [item.letters.get(id, "") for item in here(world, told)]
        assert found[title] == tuple(stand.count(letter) for letter in ("E", "P", "F", "N", "X", "")), title


def amounts(made: Figures, world: World, told: dict[str, str]) -> None:
    stated = [id for id in measures(told) if is_stated(pack().measure(id).spec)]
    people = here(world, told)

    def recount(ids: list[str]) -> tuple[Any, ...]:
        ends = [(p.letters[id], *p.amounts[id]) for p in people for id in ids if id in p.amounts]
        low, high = [e[1] for e in ends if e[0] == "E"], [e[2] for e in ends if e[0] == "E"]
        most = [e[2] for e in ends if e[0] == "P"]
        counts = [sum(p.letters.get(id) == letter for p in people for id in ids) for letter in "EP"]
        return counts[0], added(low), added(high), high.count(None), counts[1], added(most), most.count(None)

    def shown(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return row[2], exact(row[3]), exact(row[4]), row[5], row[6], exact(row[7]), row[8]

    rows = cells(made, "amounts")
    assert [row[0] for row in rows] == [pack().measure(id).spec.title for id in stated]
    for id, row in zip(stated, rows, strict=True):
        assert shown(row) == recount([id])
    whole = cells(made, "amounts", sums=True)
    assert [shown(row) for row in whole] == ([recount(stated)] if len(stated) > 1 else [])


def districts(made: Figures, world: World, told: dict[str, str]) -> None:
    ids, divisions = list(measures(told)), pack().tables.divisions

    def recount(people: list[Made]) -> tuple[Any, ...]:
        ends = [(p.letters[id], *p.amounts[id]) for p in people for id in ids if id in p.amounts]
        low, high = [e[1] for e in ends if e[0] == "E"], [e[2] for e in ends if e[0] == "E"]
        most = [e[2] for e in ends if e[0] == "P"]
        holders = [sum(any(p.letters.get(id) == letter for id in ids) for p in people) for letter in "EP"]
        return len(people), *holders, added(low), added(high), high.count(None), added(most), most.count(None)

    def shown(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return row[2], row[3], row[4], exact(row[5]), exact(row[6]), row[7], exact(row[8]), row[9]

    people = here(world, told)
    counties = {row[:2]: shown(row) for row in cells(made, "districts")}
    assert len(counties) == len({p.division for p in people}) == len(cells(made, "districts"))
    for code in {p.division for p in people}:
        city = "1310" if (code or "").startswith("1310") else "11" if code else None
        name = divisions.label(city) if city else "未知"
        county = "" if not code else "（未到区县）" if code == city else divisions.label(code).removeprefix(name)
        assert counties[name, county] == recount([p for p in people if p.division == code])
    for row in cells(made, "districts", sums=True):
        inside = "1310" if row[0] == "廊坊市" else "11"
        assert row[1] == "合计" and shown(row) == recount([p for p in people if (p.division or "").startswith(inside)])
    assert len({row[:2] for row in counties}) == len(counties)


def waiting(made: Figures, world: World, told: dict[str, str]) -> None:
    days = {
        title: [(NOW - p.since[id]).days for p in here(world, told) if p.letters.get(id) == "P"]
        for id, title in measures(told).items()
    }
    assert {row[0]: row[2:] for row in cells(made, "waiting")} == {title: spread(own) for title, own in days.items() if own}
    every = [day for own in days.values() for day in own]
    several = sum(map(bool, days.values())) > 1
    assert [row[2:] for row in cells(made, "waiting", sums=True)] == ([spread(every)] if several else [])


def decided(made: Figures, world: World, told: dict[str, str]) -> None:
    begin, end = period(told)
    found: dict[str, list[tuple[str, int]]] = {}
    for id, after, at, waited, division in world.decisions:
        if id in measures(told) and begin <= at < end and (division or "").startswith(told.get("division", "")):
            found.setdefault(measures(told)[id], []).append((after, waited))

    def recount(own: list[tuple[str, int]]) -> tuple[int, ...]:
        count, *rest = spread([day for _after, day in own])
        return count, sum(after == "E" for after, _day in own), sum(after == "N" for after, _day in own), *rest

    assert {row[0]: row[2:] for row in cells(made, "decided")} == {title: recount(own) for title, own in found.items()}
    every = [item for own in found.values() for item in own]
    assert [row[2:] for row in cells(made, "decided", sums=True)] == ([recount(every)] if len(found) > 1 else [])


def months(made: Figures, world: World, told: dict[str, str]) -> None:
    begin, end = period(told)

    def by_month(times: list[datetime]) -> Callable[[str], int]:
        inside = [f"{at + CHINA:%Y-%m}" for at in times if begin <= at < end]
        return inside.count

    new = by_month([item.taken_in for item in here(world, told)])
    assert all(row == (row[0], new(row[0])) for row in cells(made, "applicants"))
    assert sum(row[1] for row in cells(made, "applicants")) == sum(begin <= p.taken_in < end for p in here(world, told))
    for month, count, total, done, rejected in cells(made, "lists"):
        own = [item for item in world.lists if begin <= item["at"] < end and f"{item['at'] + CHINA:%Y-%m}" == month]
        assert (count, total, done, rejected) == (
            len(own), sum(item["total"] or 0 for item in own), sum(item["done"] for item in own),
            sum(item["rejected"] for item in own),
        )  # fmt: skip
    assert [row[0] for row in cells(made, "lists")][-1] == told.get("last", "2026-11-22")[:7]


def overview(made: Figures, world: World, told: dict[str, str]) -> None:
    over, people, ids = made.overview, here(world, told), list(measures(told))
    high = [p.amounts[id][1] for p in people for id in ids if id in p.amounts and p.letters[id] == "E"]
    low = [p.amounts[id][0] for p in people for id in ids if id in p.amounts and p.letters[id] == "E"]
    holders = [sum(any(p.letters.get(id) == letter for id in ids) for p in people) for letter in "EP"]
    assert (over.enterprises, over.eligible, over.pending) == (len(people), *holders)
    with localcontext(prec=200):
        assert (Fraction(over.low), Fraction(over.high), over.unbounded) == (added(low), added(high), high.count(None))
