"""Reading a roster from the database: everybody, or only who changed since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Row, Text, cast, func, select
from sqlalchemy.orm import Session

from web.centre import packs
from web.centre.outcomes import LETTERS
from web.centre.roll.columns import Amounts, Awaiting, Columns, Content, Ints, Moved, Words, ints, objects
from web.centre.roll.query import comparable
from web.centre.store.tables import Enterprise, Entitlement, Move, PackArchive, Standing

ENTERPRISES, STANDINGS = Enterprise.__table__, Standing.__table__
AMOUNTS, MOVES = Entitlement.__table__, Move.__table__
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class Layout:
    """What numbers mean in a roster: measures (of the site's pack, in its order), divisions, industries, sizes,
    judgements. ``known_from``: when a measure was first kept in a pack, in microseconds."""

    measures: tuple[str, ...]
    divisions: Words = field(default_factory=Words)
    industries: Words = field(default_factory=Words)
    sizes: Words = field(default_factory=Words)
    judgements: Words = field(default_factory=Words)
    known_from: Ints = field(default_factory=lambda: ints([]))
    numbers: dict[str, int] = field(init=False)
    _packs: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers = {measure: number for number, measure in enumerate(self.measures)}

    def places_in(self, session: Session, version: str) -> tuple[list[int], list[int]]:
        """Which letters of a pack version belong to which measures of ours; what we do not know is left out."""
        if version not in self._packs:
            ids = packs.measures_of(session, version)
            shared = [(place, self.numbers[id]) for place, id in enumerate(ids) if id in self.numbers]
            self._packs[version] = ([place for place, _ in shared], [number for _, number in shared])
        return self._packs[version]


def learn(session: Session, layout: Layout) -> None:
    """Find out since when each measure is known."""
    earliest: dict[str, datetime] = {}
    for kept_at, ids in session.execute(select(PackArchive.kept_at, PackArchive.measures).order_by(PackArchive.kept_at)):
        for id in ids or ():
            earliest.setdefault(id, kept_at)
    layout.known_from = ints(micros(earliest[id]) if id in earliest else 0 for id in layout.measures)


def newest(session: Session) -> int:
    """The newest link at which anything in the roster changed; -1 of an empty one."""
    found: int | None = session.execute(select(func.max(Enterprise.changed))).scalar_one()
    return -1 if found is None else found


def read(session: Session, after: int, layout: Layout) -> tuple[Ints, Content]:
    """The numbers of all that changed after the link ``after``; and all content of those of them that are still there.

    The session must see one moment.
    """
    found = sorted(session.execute(_enterprises(after)).all())
    there = [row for row in found if row.erased_on is None]
    columns = _columns(session, there, layout)
    changed = select(ENTERPRISES.c.id).where(ENTERPRISES.c.changed > after, ENTERPRISES.c.erased_on.is_(None))
    amounts = session.execute(
        select(AMOUNTS.c.enterprise_id, AMOUNTS.c.measure, AMOUNTS.c.sort, AMOUNTS.c.low, AMOUNTS.c.high).where(
            AMOUNTS.c.enterprise_id.in_(changed)
        )
    ).all()
    moves = session.execute(
        select(MOVES.c.enterprise_id, MOVES.c.measure, func.max(MOVES.c.at))
        .where(MOVES.c.enterprise_id.in_(changed))
        .group_by(MOVES.c.enterprise_id, MOVES.c.measure)
    ).all()
    numbers = layout.numbers
    content = Content(
        columns,
        _amounts([row for row in amounts if row[1] in numbers], columns.ids, layout),
        _awaiting([row.awaiting for row in there], layout),
        _moved([row for row in moves if row[1] in numbers], columns.ids, layout),
    )
    return ints(row.id for row in found), content


def micros(at: datetime | None) -> int:
    """A time as microseconds since 1970; 0 for none."""
    return 0 if at is None else (at - EPOCH) // MICROSECOND


def _enterprises(after: int) -> Any:
    """No order is asked for: it would make SQLite go through everybody by number instead of by what changed."""
    one, standing = ENTERPRISES.c, STANDINGS.c
    return (
        select(
            one.id, one.changed, one.key, one.name, one.division, one.industry, one.size, one.assignee_id,
            one.created_at, one.erased_on, standing.changed_at, standing.pack_version, standing.verdicts,
            cast(standing.awaiting, Text).label("awaiting"),
        )
        .outerjoin(STANDINGS, standing.enterprise_id == one.id)
        .where(one.changed > after)
    )  # fmt: skip


def _columns(session: Session, rows: Sequence[Row[Any]], layout: Layout) -> Columns:
    letters = np.zeros((len(rows), len(layout.measures)), np.uint8)
    versions: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.verdicts is not None:
            versions.setdefault(row.pack_version, []).append(place)
    for version, places in versions.items():
        told, ours = layout.places_in(session, version)
        text = "".join(rows[place].verdicts for place in places).encode()
        letters[np.ix_(places, ours)] = np.frombuffer(text, np.uint8).reshape(len(places), -1)[:, told]
    bits = np.zeros(256, np.uint8)
    bits[[ord(letter) for letter in LETTERS.values()]] = [1 << bit for bit in range(len(LETTERS))]
    names, keys = [row.name for row in rows], [row.key for row in rows]
    return Columns(
        ids=ints(row.id for row in rows),
        changed=ints(row.changed for row in rows),
        keys=objects(keys),
        names=objects(names),
        texts=objects([f"{comparable(name)}\t{comparable(key)}" for name, key in zip(names, keys, strict=True)]),
        # GB 18030 has the common characters by their sound, as Chinese directories do; namesakes go by number.
        sounds=objects([row.name.encode("gb18030", "replace") + b"\0" + row.id.to_bytes(8) for row in rows]),
        divisions=np.array([layout.divisions.number(row.division) for row in rows], np.int32),
        industries=np.array([layout.industries.number(row.industry) for row in rows], np.int32),
        sizes=np.array([layout.sizes.number(row.size) for row in rows], np.int32),
        assignees=ints(row.assignee_id or 0 for row in rows),
        taken_in=ints(micros(row.created_at) for row in rows),
        determined=ints(micros(row.changed_at) for row in rows),
        letters=letters,
        held=np.bitwise_or.reduce(bits[letters], axis=1),
    )


def _amounts(rows: Sequence[Any], ids: Ints, layout: Layout) -> Amounts:
    return Amounts(
        places=np.searchsorted(ids, ints(row[0] for row in rows)),
        measures=np.array([layout.numbers[row[1]] for row in rows], np.int16),
        sort=ints(row[2] for row in rows),
        low=objects([row[3] for row in rows]),
        high=objects([row[4] for row in rows]),
    )


def _awaiting(texts: Sequence[str | None], layout: Layout) -> Awaiting:
    """From the JSON of each enterprise; many have the same."""
    read: dict[str | None, list[tuple[int, int, bool]]] = {None: []}
    places, entries = list[int](), list[tuple[int, int, bool]]()
    for place, text in enumerate(texts):
        if text not in read:
            read[text] = list(_waits(json.loads(text or "{}"), layout))
        entries += read[text]
        places += [place] * len(read[text])
    table = np.array(entries, np.int32).reshape(-1, 3)
    measures, judgements, first = table[:, 0].astype(np.int16), table[:, 1].copy(), table[:, 2].astype(np.bool_)
    return Awaiting(np.array(places, np.int64), measures, judgements, first)


def _waits(told: dict[str, list[str]], layout: Layout) -> Iterator[tuple[int, int, bool]]:
    met: set[str] = set()
    for measure, judgements in told.items():
        if measure in layout.numbers:
            for judgement in judgements:
                yield layout.numbers[measure], layout.judgements.number(judgement), judgement not in met
                met.add(judgement)


def _moved(rows: Sequence[Any], ids: Ints, layout: Layout) -> Moved:
    return Moved(
        places=np.searchsorted(ids, ints(row[0] for row in rows)),
        measures=np.array([layout.numbers[row[1]] for row in rows], np.int16),
        at=ints(micros(row[2]) for row in rows),
    )
