"""Where many enterprises stand, kept at once: what ``keeping.stand`` does for one, with a handful of statements for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from web.centre import keeping
from web.centre.outcomes import Awaiting
from web.centre.store import chain
from web.centre.store.bulk import insert_all
from web.centre.store.tables import DeterminationRow, Entitlement, Move, Standing

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stood:
    """A determination to keep: every column that its digest covers, what waits for judgement alone, and the one before."""

    content: Values
    awaiting: Awaiting
    before: DeterminationRow | None


def keep(session: Session, stood: Sequence[Stood], measures: Mapping[str, Sequence[str]]) -> list[DeterminationRow]:
    """Keep determinations of enterprises that each come once; ``measures`` are those of every pack version in question."""
    contents = [item.content for item in stood]
    ids = chain.seal_all(session, DeterminationRow, contents)
    rows = [DeterminationRow(**content, id=id) for content, id in zip(contents, ids, strict=True)]
    enterprises = [row.enterprise_id for row in rows]
    pairs = list(zip(stood, rows, strict=True))
    _replace(session, Standing, enterprises, [_standing(item, row) for item, row in pairs])
    _replace(session, Entitlement, enterprises, [v for row in rows for v in keeping.sortable(row.enterprise_id, row.amounts)])
    insert_all(session, Move, [values for item, row in pairs for values in _moves(item, row, measures)])
    keeping.touch(session, enterprises)
    return rows


def _standing(item: Stood, row: DeterminationRow) -> Values:
    return {
        "enterprise_id": row.enterprise_id, "determination_id": row.id, "pack_version": row.pack_version,
        "as_of": row.as_of, "verdicts": row.verdicts, "awaiting": item.awaiting, "changed_at": row.at,
    }  # fmt: skip


def _moves(item: Stood, row: DeterminationRow, measures: Mapping[str, Sequence[str]]) -> Iterator[Values]:
    if item.before is not None:
        yield from keeping.moved(item.before, row, measures)


def _replace(session: Session, model: type[Standing | Entitlement], ids: Sequence[int], rows: list[Values]) -> None:
    """The rows of these enterprises in place of those before."""
    table = model.__table__
    session.execute(delete(table).where(table.c.enterprise_id.in_(ids)))  # type: ignore[arg-type]
    insert_all(session, model, rows)
