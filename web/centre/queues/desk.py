"""What there is to do, for the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.pack import Measure, Pack
from web.centre.lists.jobs import OPEN
from web.centre.outcomes import LETTERS
from web.centre.store.tables import ListJob, Move

MOST = 8
"""Rows of a list on the desk; the whole of it has a page of its own."""


@dataclass(frozen=True, slots=True)
class Newly:
    """A measure that so many enterprises became eligible for."""

    measure: Measure
    count: int


def newly_eligible(session: Session, pack: Pack, after: datetime) -> list[Newly]:
    """What enterprises became eligible for since, the most frequent first; not what they were eligible for at once."""
    many = func.count(Move.enterprise_id.distinct())
    wanted = (
        select(Move.measure, many)
        .where(Move.after == LETTERS["eligible"], Move.at >= after)
        .group_by(Move.measure)
        .order_by(many.desc(), Move.measure)
    )
    known = {measure.id: measure for measure in pack.measures}
    return [Newly(known[id], count) for id, count in session.execute(wanted) if id in known]


def running(session: Session) -> Sequence[ListJob]:
    """Lists that wait for somebody or are being worked on, the newest first."""
    wanted = select(ListJob).where(ListJob.state.in_(("mapping", *OPEN))).order_by(ListJob.id.desc()).limit(MOST)
    return session.execute(wanted).scalars().all()
