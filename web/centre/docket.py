"""What there is to judge beside the queue: proposals that wait for a second person, findings to be looked at again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from engine.dependencies import fields_of
from engine.pack import Pack
from web.centre.matters import Question, live, questions
from web.centre.rulings import Ruling, rulings
from web.centre.store.tables import Enterprise, FindingRow, ProfileVersion

MOST = 100
"""Enterprises that are looked through for one list; the page says where there are more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A matter of an enterprise in a list. ``changed``: what is told otherwise since it was judged, in Chinese."""

    number: int
    name: str
    ruling: Ruling
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entries:
    """A list. ``after`` is the number of the last enterprise that was looked through where there are more of them."""

    items: tuple[Entry, ...]
    after: int | None


def proposals(session: Session, after: int = 0) -> Entries:
    """What waits for a second person, the oldest first, of enterprises whose number is above ``after``."""
    return _entries(session, _unanswered(), after, lambda entries: [item for item in entries if item.ruling.waiting])


def proposed(session: Session, judgement: str) -> set[int]:
    """The enterprises where something on this judgement waits for a second person."""
    wanted = _unanswered().where(FindingRow.judgement == judgement)
    entries = _all(session, list(session.execute(wanted.distinct()).scalars()))
    return {entry.number for entry in entries if entry.ruling.waiting and entry.ruling.matter.judgement == judgement}


def overtaken(session: Session, pack: Pack, today: date, after: int = 0) -> Entries:
    """Findings that count though what they bear on was told otherwise since: to be looked at again."""
    newer = aliased(ProfileVersion)
    older = (
        select(FindingRow.enterprise_id)
        .join(ProfileVersion, ProfileVersion.id == FindingRow.on_profile_id)
        .where(exists().where(newer.enterprise_id == FindingRow.enterprise_id, newer.number > ProfileVersion.number))
    )
    return _entries(session, older, after, lambda entries: _looked_through(session, entries, pack, today))


def mine(session: Session, user: int, most: int = 20) -> list[tuple[FindingRow, str]]:
    """The newest words of somebody, each with the name of the enterprise."""
    wanted = (
        select(FindingRow, Enterprise.name)
        .join(Enterprise, Enterprise.id == FindingRow.enterprise_id)
        .where(FindingRow.by_id == user)
        .order_by(FindingRow.id.desc())
        .limit(most)
    )
    return [(row, name) for row, name in session.execute(wanted)]


def found_true(session: Session, judgement: str) -> int:
    """How many findings that count say yes to a judgement, over all enterprises: records each count once."""
    wanted = select(FindingRow).where(FindingRow.judgement == judgement).order_by(FindingRow.id)
    rows: dict[int, list[FindingRow]] = {}
    for row in session.execute(wanted).scalars():
        rows.setdefault(row.enterprise_id, []).append(row)
    standing = (ruling.counts for own in rows.values() for ruling in rulings(own).values())
    return sum(row is not None and row.finding for row in standing)


def changes(
    pack: Pack, question: Question, about: str | None, today: date, old: Mapping[str, Any], new: Mapping[str, Any]
) -> list[str]:
    """What is told otherwise in ``new`` of all that a finding bears on, as people call it.

    That is every fact of the enterprise, or of the record in question alone; and what else the measures that ask the
    judgement read: facts of the enterprise, whole lists of records.
    """
    uses = live(question, pack, today)
    fields, kinds = pack.vocabulary.fields, pack.vocabulary.records
    read = {path for use in uses for path in fields_of(use.measure.condition)}
    own = {use.over for use in uses} - {None}
    read_lists = {kinds[kind].list for path in read if (kind := fields[path].record) is not None and kind not in own}
    found = []
    if about is None:
        told = [field.path for field in pack.vocabulary.enterprise]
    else:
        told = [path for path in read if fields[path].record is None]
        for kind in sorted(kind for kind in own if kind is not None):
            then, now = (_named(data, kinds[kind].list, about) for data in (old, new))
            if then != now:
                found.append(kinds[kind].label)
    keys = [*told, *sorted(read_lists)]
    return [*found, *(pack.vocabulary.label(key) for key in dict.fromkeys(keys) if old.get(key) != new.get(key))]


def _unanswered() -> Select[int]:
    answer = aliased(FindingRow)
    return select(FindingRow.enterprise_id).where(
        FindingRow.stage == "proposed", ~exists().where(answer.answers_id == FindingRow.id)
    )


def _entries(
    session: Session, enterprises: Select[int], after: int, chosen: Callable[[list[Entry]], list[Entry]]
) -> Entries:
    """What is ``chosen`` of the first of these enterprises above ``after``, by the number of the newest word."""
    wanted = enterprises.where(FindingRow.enterprise_id > after).distinct().order_by(FindingRow.enterprise_id)
    numbers = list(session.execute(wanted.limit(MOST + 1)).scalars())
    more, numbers = len(numbers) > MOST, numbers[:MOST]
    found = chosen(list(_all(session, numbers)))
    return Entries(tuple(sorted(found, key=lambda entry: entry.ruling.newest)), numbers[-1] if more else None)


def _all(session: Session, numbers: Sequence[int]) -> Iterator[Entry]:
    names = dict(session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(numbers))).all())
    wanted = select(FindingRow).where(FindingRow.enterprise_id.in_(numbers)).order_by(FindingRow.id)
    rows: dict[int, list[FindingRow]] = {}
    for row in session.execute(wanted).scalars():
        rows.setdefault(row.enterprise_id, []).append(row)
    for number, own in rows.items():
        for ruling in rulings(own).values():
            yield Entry(number, names[number], ruling)


def _looked_through(session: Session, entries: list[Entry], pack: Pack, today: date) -> list[Entry]:
    """Those where something changed since whoever made the finding count, with what."""
    newest, asked = _newest(session, {entry.number for entry in entries}), questions(pack)
    found = []
    for entry in entries:
        by, now = entry.ruling.by, newest[entry.number]
        if by is None or by.on_profile_id == now.id:
            continue
        then, question = session.get_one(ProfileVersion, by.on_profile_id), asked.get(by.judgement)
        if then.data is None or now.data is None or question is None:
            continue
        changed = changes(pack, question, by.about, today, then.data, now.data)
        if changed:
            found.append(Entry(entry.number, entry.name, entry.ruling, tuple(changed)))
    return found


def _newest(session: Session, numbers: set[int]) -> dict[int, ProfileVersion]:
    last = (
        select(ProfileVersion.enterprise_id, func.max(ProfileVersion.number).label("number"))
        .where(ProfileVersion.enterprise_id.in_(numbers))
        .group_by(ProfileVersion.enterprise_id)
        .subquery()
    )
    wanted = select(ProfileVersion).join(
        last, (last.c.enterprise_id == ProfileVersion.enterprise_id) & (last.c.number == ProfileVersion.number)
    )
    return {row.enterprise_id: row for row in session.execute(wanted).scalars()}


def _named(data: Mapping[str, Any], list_: str, name: str) -> Any:
    """The record of this name in a list as it was told; None where there is none."""
    listed = data.get(list_)
    items = listed.get("items") if isinstance(listed, dict) else listed
    records = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return next((item for item in records if str(item.get("id", "")).strip() == name), None)
