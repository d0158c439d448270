"""What came to pass with an enterprise, in one line of time: profile versions, determinations, findings, notes, hands.

A page holds the newest ``PAGE`` events before a moment, and whatever else is of the same moment as the last of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.determination import GroupKey
from engine.diagnostics import InputError
from engine.pack import Pack
from web.centre import packs
from web.centre.matters import label_of
from web.centre.outcomes import GROUP_OF
from web.centre.store.tables import (
    AuditEntry,
    Cause,
    DeterminationRow,
    FindingRow,
    Move,
    Note,
    ProfileVersion,
    Source,
    User,
)
from web.site.changes import Change, changes
from web.texts import gettext as _

PAGE = 50
Kind = Literal["profile", "determination", "finding", "note", "assigned"]
SOURCES: dict[Source, str] = {
    "form": _("填表"),
    "file": _("申报人带来的文件"),
    "list": _("名单"),
    "correction": _("修改"),
}
CAUSES: dict[Cause, str] = {
    "profile": _("资料变了"),
    "finding": _("认定意见变了"),
    "rules": _("规则变了"),
    "date": _("评估日变了"),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A measure that came to stand in another group, by its title, and why."""

    measure: str
    title: str
    before: GroupKey
    after: GroupKey
    cause: str


@dataclass(frozen=True, slots=True)
class Version:
    """A profile version, the one ``before`` (None: the first), and what it changed; None where there is none before, or
    the content of either was erased."""

    row: ProfileVersion
    before: ProfileVersion | None
    changed: tuple[Change, ...] | None


@dataclass(frozen=True, slots=True)
class Screened:
    """A determination with what moved by it, and the number of the one before (None: the first)."""

    row: DeterminationRow
    profile: int
    moved: tuple[Moved, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, or a word on one: what it is about, and the finding that it answers."""

    row: FindingRow
    judgement: str
    answers: FindingRow | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that came to pass: when, by whom, and of its kind what it was. ``to``: who was given the case."""

    kind: Kind
    at: datetime
    by: str
    version: Version | None = None
    screened: Screened | None = None
    said: Said | None = None
    note: Note | None = None
    to: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """A page of events, the newest first. ``older``: the moment before which the next page begins; None at the end."""

    events: tuple[Event, ...]
    older: datetime | None


def history_of(session: Session, number: int, pack: Pack, before: datetime | None = None) -> History:
    """What came to pass with an enterprise ``before`` a moment (from now on). ``pack``: in whose words it is told."""
    rows = _rows(session, number, before)
    rows.sort(key=lambda row: (row.at, _ORDER[type(row)], row.id), reverse=True)
    end = len(rows)
    if end > PAGE:
        end = PAGE
        while end < len(rows) and rows[end].at == rows[PAGE - 1].at:
            end += 1
    shown = rows[:end]
    names = _names(session, shown)
    tellers = (_versions, _determinations, _findings, _notes, _assigned)
    events = {event_key: event for teller in tellers for event_key, event in teller(session, shown, pack, names).items()}
    older = shown[-1].at if end < len(rows) else None
    return History(tuple(events[type(row), row.id] for row in shown), older)


Row = ProfileVersion | DeterminationRow | FindingRow | Note | AuditEntry
Events = dict[tuple[type[Any], int], Event]
_ORDER: dict[type[Any], int] = {ProfileVersion: 0, FindingRow: 1, DeterminationRow: 2, Note: 3, AuditEntry: 4}
"""Of things in one moment: what brought about what."""


def _rows(session: Session, number: int, before: datetime | None) -> list[Row]:
    """Of each kind enough rows for a page, whole moments, and one that is older where there is one."""
    found: list[Row] = []
    for model in (ProfileVersion, DeterminationRow, FindingRow, Note, AuditEntry):
        wanted: Select[Any] = select(model).where(model.enterprise_id == number)
        if model is AuditEntry:
            wanted = wanted.where(AuditEntry.action == "assigned")
        if before is not None:
            wanted = wanted.where(model.at < before)
        newest = wanted.order_by(model.at.desc(), model.id.desc())
        some = session.execute(newest.limit(PAGE + 1)).scalars().all()
        found += some
        if len(some) > PAGE:
            # All of the moment at which it is cut, and one that is older, if there is one.
            found += session.execute(wanted.where(model.at == some[-1].at, model.id < some[-1].id)).scalars()
            found += session.execute(newest.where(model.at < some[-1].at).limit(1)).scalars()
    return found


def _of(model: type[Any], rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if isinstance(row, model)]


def _versions(session: Session, rows: list[Row], pack: Pack, names: Mapping[int, str]) -> Events:
    shown: list[ProfileVersion] = _of(ProfileVersion, rows)
    if not shown:
        return {}
    known = {row.number: row for row in shown}
    missing = {row.number - 1 for row in shown} - {0, *known}
    wanted = select(ProfileVersion).where(
        ProfileVersion.enterprise_id == shown[0].enterprise_id, ProfileVersion.number.in_(missing)
    )
    known |= {row.number: row for row in session.execute(wanted).scalars()}
    return {
        (ProfileVersion, row.id): Event("profile", row.at, names[row.by_id], version=_version(known, row, pack))
        for row in shown
    }


def _version(known: Mapping[int, ProfileVersion], row: ProfileVersion, pack: Pack) -> Version:
    before = known.get(row.number - 1)
    if before is None or before.data is None or row.data is None:
        return Version(row, before, None)
    return Version(row, before, tuple(changes(before.data, row.data, pack)))


def _determinations(session: Session, rows: list[Row], pack: Pack, names: Mapping[int, str]) -> Events:
    shown: list[DeterminationRow] = _of(DeterminationRow, rows)
    if not shown:
        return {}
    ids = {row.id for row in shown}
    moved: dict[int, list[Move]] = {}
    for move in session.execute(select(Move).where(Move.determination_id.in_(ids)).order_by(Move.id)).scalars():
        moved.setdefault(move.determination_id, []).append(move)
    profiles = {row.profile_id for row in shown}
    told = session.execute(select(ProfileVersion.id, ProfileVersion.number).where(ProfileVersion.id.in_(profiles)))
    numbers = dict(told.all())
    earlier = select(DeterminationRow.id).where(DeterminationRow.enterprise_id == shown[0].enterprise_id).order_by(DeterminationRow.id)
    all_ids = list(session.execute(earlier).scalars())
    before = dict(zip(all_ids[1:], all_ids, strict=False))
    titles = _titles(session, shown, pack)
    return {
        (DeterminationRow, row.id): Event(
            "determination",
            row.at,
            names[row.by_id],
            screened=Screened(
                row,
                numbers[row.profile_id],
                tuple(
                    Moved(
                        item.measure, titles.get(item.measure, item.measure), GROUP_OF[item.before], GROUP_OF[item.after],
                        CAUSES[item.cause],
                    )
                    for item in moved.get(row.id, ())
                ),
                before.get(row.id),
            ),
        )
        for row in shown
    }  # fmt: skip


def _titles(session: Session, rows: Iterable[DeterminationRow], pack: Pack) -> dict[str, str]:
    """What measures are called, also those that only older rules have."""
    found = {measure.id: measure.spec.title for measure in pack.measures}
    for version in {row.pack_version for row in rows} - {pack.version}:
        # Of rules that cannot be read any more the ids have to do.
        with suppress(InputError):
            older = packs.program_of(session, version).pack
            found = {measure.id: measure.spec.title for measure in older.measures} | found
    return found


def _findings(session: Session, rows: list[Row], pack: Pack, names: Mapping[int, str]) -> Events:
    shown: list[FindingRow] = _of(FindingRow, rows)
    known = {row.id: row for row in shown}
    missing = {row.answers_id for row in shown if row.answers_id is not None} - known.keys()
    if missing:
        known |= {row.id: row for row in session.execute(select(FindingRow).where(FindingRow.id.in_(missing))).scalars()}
    return {
        (FindingRow, row.id): Event(
            "finding",
            row.at,
            names[row.by_id],
            said=Said(row, label_of(row.judgement, pack), known.get(row.answers_id) if row.answers_id is not None else None),
        )
        for row in shown
    }


def _notes(_session: Session, rows: list[Row], _pack: Pack, names: Mapping[int, str]) -> Events:
    return {(Note, row.id): Event("note", row.at, names[row.by_id], note=row) for row in _of(Note, rows)}


def _assigned(_session: Session, rows: list[Row], _pack: Pack, names: Mapping[int, str]) -> Events:
    return {
        (AuditEntry, row.id): Event("assigned", row.at, names.get(row.by_id, ""), to=names.get(row.detail.get("to"), ""))
        for row in _of(AuditEntry, rows)
    }


def _names(session: Session, rows: Iterable[Row]) -> dict[int, str]:
    wanted = {row.by_id for row in rows} | {row.detail.get("to") for row in rows if isinstance(row, AuditEntry)}
    known = session.execute(select(User.id, User.full_name).where(User.id.in_(wanted - {None})))
    return dict(known.all())
