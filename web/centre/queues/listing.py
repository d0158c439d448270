"""The rows of a queue as people read them, one page of them; and what there is to narrow it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.code_table import CodeError
from engine.determination import GroupKey
from engine.documents import Unquantified
from engine.pack import Pack
from web.amounts import range_in_words
from web.centre.clock import day_of
from web.centre.matters import label_of
from web.centre.queues.asked import Asked, sizes
from web.centre.roll.query import Query
from web.centre.roll.snapshot import Snapshot
from web.centre.store.tables import User

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wait:
    """A judgement that is waited for, and what it is called."""

    judgement: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One enterprise. ``amount`` is empty where none is stated; ``since``: since which day it stands so, or its newest
    determination; ``groups``: of how many measures it is in each group."""

    number: int
    key: str
    name: str
    division: str
    industry: str
    size: str
    amount: str
    waits: tuple[Wait, ...]
    assignee: str
    since: date
    groups: Mapping[GroupKey, int]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. ``seen``: the link of the chain up to which it knows of changes."""

    lines: tuple[Line, ...]
    total: int
    page: int
    seen: int

    @property
    def pages(self) -> int:
        """How many pages there are; one where there is nothing."""
        return max(1, -(-self.total // PAGE))

    @property
    def first(self) -> int:
        """The place of the first row among all, from 1."""
        return (self.page - 1) * PAGE + 1


@dataclass(frozen=True, slots=True)
class Option:
    """Something to narrow by. ``depth``: how many options it lies within."""

    value: str
    label: str
    count: int
    depth: int = 0


def listing(snapshot: Snapshot, asked: Asked, pack: Pack, names: Mapping[int, str]) -> Listing:
    """The page that is asked for, the last one where it lies behind it; ``names``: what people are called."""
    query = asked.query
    places = snapshot.select(query)
    page = min(asked.page, max(1, -(-len(places) // PAGE)))
    here = places[(page - 1) * PAGE : page * PAGE]
    amounts = snapshot.amounts_of(query.measure, here) if query.measure else [None] * len(here)
    waits = snapshot.awaiting_of(query.measure, here)
    since = snapshot.since_of(query.measure, here)
    groups = snapshot.groups_of(here)
    words = _Words(pack)
    lines = []
    for place, amount, judgements, at, counted in zip(here, amounts, waits, since, groups, strict=True):
        row = snapshot.row(int(place))
        lines.append(
            Line(
                row.id, row.key, row.name, words.division(row.division), words.industry(row.industry),
                words.sizes.get(row.size, ""), range_in_words(amount) if amount else "",
                tuple(Wait(id, label_of(id, pack)) for id in judgements), names.get(row.assignee, ""),
                day_of(at), counted,
            )
        )  # fmt: skip
    return Listing(tuple(lines), len(places), page, snapshot.number)


def people(session: Session) -> dict[int, str]:
    """What everybody who works here is called, by number."""
    return dict(session.execute(select(User.id, User.full_name)).all())


def measured(pack: Pack, measure: str) -> bool:
    """Whether a measure states amounts at all."""
    return not isinstance(pack.measure(measure).spec.benefit, Unquantified)


def divisions(snapshot: Snapshot, pack: Pack) -> list[Option]:
    """Where anybody is, with all that these places lie in."""
    table = pack.tables.divisions
    return _nested(snapshot.divisions(), table.parent, _Words(pack).division)


def industries(snapshot: Snapshot, pack: Pack) -> list[Option]:
    """Sections and divisions of the classification (I, I65) in which anybody is."""
    return _nested(snapshot.industries(), lambda code: code[:1] if len(code) > 1 else "", _Words(pack).industry, longest=3)


def judgements(snapshot: Snapshot, measure: str, pack: Pack) -> list[Option]:
    """What anybody waits for, by a measure or by any, the most frequent first."""
    found = snapshot.judgements(Query(measure=measure)).items()
    ranked = sorted(found, key=lambda item: (-item[1], item[0]))
    return [Option(id, label_of(id, pack), count) for id, count in ranked]


def _nested(
    counts: Mapping[str, int], parent: Callable[[str], str], label: Callable[[str], str], longest: int = 6
) -> list[Option]:
    """Codes and what they lie in, each with all that lies within it, in the order of the codes."""
    totals: dict[str, int] = {}
    depths: dict[str, int] = {}
    for code, count in counts.items():
        chain = _chain(code[:longest], parent)
        for depth, part in enumerate(chain):
            totals[part], depths[part] = totals.get(part, 0) + count, depth
    return [Option(code, label(code), totals[code], depths[code]) for code in sorted(totals)]


def _chain(code: str, parent: Callable[[str], str]) -> list[str]:
    """What a code lies in, from the outside, and itself; nothing for the unknown and for what the tables do not have."""
    found: list[str] = []
    try:
        while code:
            found.insert(0, code)
            code = parent(code)
    except CodeError:
        return []
    return found


class _Words:
    """What codes are called."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self.sizes = sizes(pack)

    def division(self, code: str) -> str:
        return _label(self._pack.tables.divisions.label, code)

    def industry(self, code: str) -> str:
        return _label(self._pack.tables.industries.name, code)


def _label(find: Callable[[str], str], code: str) -> str:
    """The code itself where the tables of these rules do not have it."""
    try:
        return find(code) if code else ""
    except CodeError:
        return code
