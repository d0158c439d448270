"""Reading a roster from the database: everybody, or only who changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from web.centre import packs
from web.centre.roll.columns import Amounts, Awaiting, Columns, Content, Ints, Moved, Words, ints, objects
from web.centre.store.tables import Enterprise, Entitlement, Move, PackArchive, Standing

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


def read(session: Session, after: int, layout: Layout) -> tuple[Ints, Content, int]:
    """The numbers of all that changed after the link ``after``, those of them that are still there with all their
    content, and the newest link. The session must see one moment."""
    found = session.execute(_enterprises(after)).all()
    there = [row for row in found if row.erased_on is None]
    columns = _columns(session, there, layout)
    if not found:
        return ints([]), Content(columns, *_facts([], [], there, columns.ids, layout)), after
    wanted = (Enterprise.changed > after) & Enterprise.erased_on.is_(None)
    amounts = session.execute(
        select(Entitlement.enterprise_id, Entitlement.measure, Entitlement.sort, Entitlement.low, Entitlement.high)
        .join(Enterprise, Enterprise.id == Entitlement.enterprise_id)
        .where(wanted)
        .order_by(Entitlement.enterprise_id, Entitlement.measure)
    ).all()
    moves = session.execute(
        select(Move.enterprise_id, Move.measure, func.max(Move.at))
        .join(Enterprise, Enterprise.id == Move.enterprise_id)
        .where(wanted)
        .group_by(Move.enterprise_id, Move.measure)
        .order_by(Move.enterprise_id, Move.measure)
    ).all()
    content = Content(columns, *_facts(amounts, moves, there, columns.ids, layout))
    return ints(row.id for row in found), content, max(row.changed for row in found)


def micros(at: datetime | None) -> int:
    """A time as microseconds since 1970; 0 for none."""
    return 0 if at is None else (at - EPOCH) // MICROSECOND


def _enterprises(after: int) -> Any:
    return (
        select(
            Enterprise.id, Enterprise.changed, Enterprise.key, Enterprise.name, Enterprise.division,
            Enterprise.industry, Enterprise.size, Enterprise.assignee_id, Enterprise.created_at, Enterprise.erased_on,
            Standing.changed_at, Standing.pack_version, Standing.verdicts, Standing.awaiting,
        )
        .outerjoin(Standing, Standing.enterprise_id == Enterprise.id)
        .where(Enterprise.changed > after)
        .order_by(Enterprise.id)
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
    return Columns(
        ids=ints(row.id for row in rows),
        changed=ints(row.changed for row in rows),
        keys=objects([row.key for row in rows]),
        names=objects([row.name for row in rows]),
        divisions=np.fromiter((layout.divisions.number(row.division) for row in rows), np.int32),
        industries=np.fromiter((layout.industries.number(row.industry) for row in rows), np.int32),
        sizes=np.fromiter((layout.sizes.number(row.size) for row in rows), np.int32),
        assignees=ints(row.assignee_id or 0 for row in rows),
        taken_in=ints(micros(row.created_at) for row in rows),
        determined=ints(micros(row.changed_at) for row in rows),
        letters=letters,
    )


def _facts(
    amounts: Sequence[Any], moves: Sequence[Any], rows: Sequence[Row[Any]], ids: Ints, layout: Layout
) -> tuple[Amounts, Awaiting, Moved]:
    numbers = layout.numbers
    amounts = [row for row in amounts if row[1] in numbers]
    moves = [row for row in moves if row[1] in numbers]
    waits = [
        (place, numbers[measure], layout.judgements.number(judgement))
        for place, row in enumerate(rows)
        for measure, judgements in (row.awaiting or {}).items()
        if measure in numbers
        for judgement in judgements
    ]
    return (
        Amounts(
            places=np.searchsorted(ids, ints(row[0] for row in amounts)),
            measures=np.fromiter((numbers[row[1]] for row in amounts), np.int16),
            sort=ints(row[2] for row in amounts),
            low=objects([row[3] for row in amounts]),
            high=objects([row[4] for row in amounts]),
        ),
        Awaiting(
            places=ints(item[0] for item in waits),
            measures=np.fromiter((item[1] for item in waits), np.int16),
            judgements=np.fromiter((item[2] for item in waits), np.int32),
        ),
        Moved(
            places=np.searchsorted(ids, ints(row[0] for row in moves)),
            measures=np.fromiter((numbers[row[1]] for row in moves), np.int16),
            at=ints(micros(row[2]) for row in moves),
        ),
    )
