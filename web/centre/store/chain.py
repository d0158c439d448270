"""The chain: what may never change or vanish, each link holding the one before.

A row's digest is of its content as canonical JSON; a link's hash is of its number, the hash before, the kind, the
row's number and its digest. Whoever changes, drops, adds or swaps a row would have to make every later hash anew; the
newest one, noted outside (``huiqi centre audit`` prints it), gives that away too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from web.centre.store.bulk import insert_all
from web.centre.store.tables import (
    AuditEntry,
    ChainEntry,
    DeterminationRow,
    FindingRow,
    ProfileVersion,
    Table,
)

START = "0" * 64
Row = ProfileVersion | DeterminationRow | FindingRow | AuditEntry


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON: keys sorted, no spaces, dates and times in ISO form."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(row: Row) -> dict[str, Any]:
    """What a row's digest covers: all of it but its number, its digest and the note that it was emptied."""
    return {name: getattr(row, name) for name in _covered(type(row))}


def _covered(model: type[Row]) -> list[str]:
    return [column.key for column in model.__table__.columns if column.key not in {"id", "digest", "erased_on"}]


def seal(session: Session, rows: Sequence[Row]) -> None:
    """Give new rows their digest, write them, and add a link for each, in order."""
    for row in rows:
        row.digest = digest(content_of(row))
    session.add_all(rows)
    session.flush()
    _link(session, ((type(row), row.id, row.digest) for row in rows))


def seal_all(session: Session, model: type[Row], contents: Sequence[Mapping[str, Any]]) -> list[int]:
    """As ``seal``, for many new rows of one kind without an object for each; the numbers that they got, in order.

    ``contents`` holds what the digest covers, every column of it.
    """
    covered = set(_covered(model))
    ids = numbers(session, model, len(contents))
    rows = []
    for id, content in zip(ids, contents, strict=True):
        assert content.keys() == covered, sorted(content.keys() ^ covered)
        rows.append({**content, "id": id, "digest": digest(content)})
    insert_all(session, model, rows)
    _link(session, ((model, row["id"], row["digest"]) for row in rows))
    return ids


def numbers(session: Session, model: type[Table], count: int) -> list[int]:
    """So many numbers for new rows, as the database itself would give them."""
    key = model.__table__.c.id
    if session.get_bind().dialect.name == "postgresql":
        named = {"table": model.__tablename__, "count": count}
        drawn = text("select nextval(pg_get_serial_sequence(:table, 'id')) from generate_series(1, :count)")
        return sorted(session.execute(drawn, named).scalars())
    last: int = session.execute(select(func.coalesce(func.max(key), 0))).scalar_one()
    return list(range(last + 1, last + 1 + count))


def _link(session: Session, rows: Iterable[tuple[type[Row], int, str]]) -> None:
    """A link for each row, in order."""
    number, last = newest(session)
    links = []
    for model, id, content in rows:
        number, kind = number + 1, KINDS[model].name
        last = _hash(number, last, kind, id, content)
        links.append({"number": number, "kind": kind, "row": id, "digest": content, "hash": last})
    if links:
        insert_all(session, ChainEntry, links)
        session.info["sealed"] = number


def newest(session: Session) -> tuple[int, str]:
    """Number and hash of the newest link; (0, zeros) of an empty chain."""
    found = session.execute(
        select(ChainEntry.number, ChainEntry.hash).order_by(ChainEntry.number.desc()).limit(1)
    ).first()
    return (found[0], found[1]) if found else (0, START)


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where the chain does not hold; ``what`` is Chinese."""

    number: int
    what: str


def verify(session: Session, noted: tuple[int, str] | None = None) -> Iterator[Broken]:
    """Every place where the chain does not hold. ``noted``: number and hash written down earlier."""
    upto, _ = newest(session)
    yield from verify_part(session, 0, upto)
    if noted is not None:
        yield from verify_noted(session, noted)
    yield from verify_whole(session)


def verify_part(session: Session, after: int, upto: int) -> Iterator[Broken]:
    """The same of the links from ``after`` (left out) to ``upto``, of a chain that goes at least so far.

    Parts that follow each other say what ``verify`` says of their links.
    """
    last, expected = _hash_at(session, after), after + 1
    wanted = select(ChainEntry).where(ChainEntry.number > after, ChainEntry.number <= upto).order_by(ChainEntry.number)
    for part in session.execute(wanted).scalars().yield_per(2000).partitions():
        rows = {
            model: {row.id: row for row in _rows(session, model, [link.row for link in part if link.kind == kind.name])}
            for model, kind in KINDS.items()
        }
        for link in part:
            if link.number != expected:
                yield Broken(link.number, f"第{expected}环缺失，后面接的是第{link.number}环")
                expected = link.number
            if link.hash != _hash(link.number, last, link.kind, link.row, link.digest):
                yield Broken(link.number, "这一环与上一环接不上")
            yield from _row(link, rows)
            last, expected = link.hash, expected + 1
    if expected <= upto:
        yield Broken(expected, f"第{expected}环缺失")


def verify_noted(session: Session, noted: tuple[int, str]) -> Iterator[Broken]:
    """Whether the link that was noted earlier, by number and hash, is still what it was."""
    number, upto = noted[0], newest(session)[0]
    if number > upto:
        yield Broken(number, f"此前记下过第{number}环，现在只到第{upto}环")
    elif _hash_at(session, number) != noted[1]:
        yield Broken(number, "与此前记下的校验值不同")


def verify_whole(session: Session) -> Iterator[Broken]:
    """What only the whole tells: rows that are in no link."""
    for model, kind in KINDS.items():
        # In one statement, so that both numbers are of the same moment.
        stored = select(func.count()).select_from(model).scalar_subquery()
        linked = select(func.count()).where(ChainEntry.kind == kind.name).scalar_subquery()
        over = session.execute(select(stored - linked)).scalar_one()
        if over > 0:
            yield Broken(0, f"有{over}条{kind.label}不在链上")


def _hash_at(session: Session, number: int) -> str:
    """The hash of a link; of the one before the first, zeros; of one that is missing, nothing."""
    if number == 0:
        return START
    return session.execute(select(ChainEntry.hash).where(ChainEntry.number == number)).scalar_one_or_none() or ""


def _row(link: ChainEntry, rows: Mapping[type[Row], Mapping[int, Row]]) -> Iterator[Broken]:
    model = next((model for model, kind in KINDS.items() if kind.name == link.kind), None)
    if model is None:
        yield Broken(link.number, f"不认识的种类“{link.kind}”")
        return
    row, label = rows[model].get(link.row), KINDS[model].label
    if row is None:
        yield Broken(link.number, f"{label}{link.row}不见了")
    elif row.digest != link.digest:
        yield Broken(link.number, f"{label}{link.row}的摘要与链上的不同")
    elif getattr(row, "erased_on", None) is None:
        if digest(content_of(row)) != row.digest:
            yield Broken(link.number, f"{label}{link.row}的内容被改过")
    elif KINDS[model].left(row):
        yield Broken(link.number, f"{label}{link.row}标明已清除，却还有内容")


def _rows(session: Session, model: type[Row], ids: list[int]) -> list[Row]:
    if not ids:
        return []
    key = model.__table__.c.id
    found: list[Row] = list(session.execute(select(model).where(key.in_(ids))).scalars())  # type: ignore[arg-type]
    return found


def _hash(number: int, last: str, kind: str, row: int, content: str) -> str:
    return hashlib.sha256(f"{number}|{last}|{kind}|{row}|{content}".encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


@dataclass(frozen=True, slots=True)
class _Kind:
    """``left`` tells whether an emptied row still has content."""

    name: str
    label: str
    left: Callable[[Any], bool]


KINDS: dict[type[Row], _Kind] = {
    ProfileVersion: _Kind("profile", "画像", lambda row: row.data is not None),
    DeterminationRow: _Kind("determination", "认定记录", lambda row: True),
    FindingRow: _Kind("finding", "认定意见", lambda row: row.reason is not None),
    AuditEntry: _Kind("audit", "操作记录", lambda row: True),
}

