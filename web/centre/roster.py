"""The roster of one process, where everybody stands: read once, then kept up to date with whatever changed.

``office().roster.snapshot()`` brings it up to date and gives a ``Snapshot`` that never changes:

- ``counts()``: of each measure, how many enterprises are in each group;
- ``select(Query(measure=..., group=..., ...))``: the places (row numbers) of who is asked for, in order;
- ``row(place)``: one enterprise; ``columns``, ``amounts``, ``awaiting``, ``moved``: all of it as arrays.

Why nothing is missed: whoever changes what queues show does so in a ``writing`` transaction, seals something in the
chain and calls ``keeping.touch``, which writes the chain's newest number to ``Enterprise.changed``. These transactions
run one after the other, each beginning after the one before is visible (SQLite: the write lock; PostgreSQL: the
advisory lock, let go after the commit). So numbers rise in the order in which they become visible, and a reader that
sees one moment sees all of what is at or below the newest number it sees.
"""

from __future__ import annotations

from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from web.centre.roll.columns import Places
from web.centre.roll.query import NOBODY, Query, Sort
from web.centre.roll.reading import Layout, learn, newest, read
from web.centre.roll.snapshot import GROUPS, Row, Snapshot, tallied
from web.centre.store.database import reading

__all__ = ["GROUPS", "NOBODY", "Query", "Roster", "Row", "Snapshot", "Sort"]


class Roster:
    """Where everybody stands by the ``measures`` of the site, in their order."""

    def __init__(self, engine: Engine, measures: tuple[str, ...]) -> None:
        self._engine, self._measures = engine, measures
        self._lock = Lock()
        self._newest: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """Everybody as they stand now. What others have of earlier snapshots stays as it is."""
        with self._lock, reading(self._engine) as session:
            before = self._newest
            if before is None:
                now = _first(session, self._measures)
            else:
                number = newest(session)
                now = before if number == before.number else _followed(session, before, number)
            self._newest = now
            return now


def _first(session: Session, measures: tuple[str, ...]) -> Snapshot:
    layout = Layout(measures)
    learn(session, layout)
    _, content = read(session, -1, layout)
    return Snapshot(content, layout, newest(session), tallied(content.columns.letters))


def _followed(session: Session, before: Snapshot, number: int) -> Snapshot:
    """The snapshot after ``before``, with whatever changed since in place of what was known of it."""
    changed, fresh = read(session, before.number, before.layout)
    content, moved = before.content.replaced(changed, fresh)
    tally = before.tally - tallied(before.columns.letters[moved < 0]) + tallied(fresh.columns.letters)
    # An order by name that was found before is still one, of those who stayed.
    known: Places | None = before.__dict__.get("by_name")
    ranked = None if known is None else moved[known]
    return Snapshot(content, before.layout, number, tally, None if ranked is None else ranked[ranked >= 0])
