"""A screened slice kept: what ``keeping`` does for one enterprise, for some thousands in one transaction.

Everything is worked out before the transaction, from what was known when it was read; inside, a look at the chain tells
whether anything of these enterprises changed in between. Then the slice is screened again there, with nobody in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Engine, bindparam, func, or_, select, union, update
from sqlalchemy.orm import Session, make_transient

from engine.columns.frame import RawSlice
from web.centre import keeping, packs, standing
from web.centre.intake import CODE
from web.centre.lists.screening import TWICE, Entry, Findings, Refusal, Screened, Screening
from web.centre.outcomes import LETTERS
from web.centre.standing import Stood
from web.centre.store import chain
from web.centre.store.bulk import insert_all
from web.centre.store.database import give_way, now, reading, writing
from web.centre.store.tables import (
    ChainEntry,
    DeterminationRow,
    Enterprise,
    FindingRow,
    Listed,
    ProfileVersion,
)
from web.texts import gettext as _

Values = dict[str, Any]
_BEST = [LETTERS[group] for group in ("eligible", "pending", "facts", "ineligible", "not_in_force")]
"""The groups by which an enterprise is counted: by the best that any measure came to."""
_OTHER: Refusal = (_("这个编号已经是另一家企业的"), _("各份名单的编号要各不相同；是同一家改了名称的，请先在它的页面改名称"))
_LATER: Refusal = (_("这家企业的结论按更晚的日期，不改回从前"), _("请把评估日选到今天再交；要看从前的结论，用命令行 huiqi batch"))
_RESERVED: Refusal = (_("这样的编号由本中心给出，名单里不能用"), _("请换一列作编号"))


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of some enterprises: by key themselves and the findings that count, by number the rest.

    ``listed``: the numbers of those that the same list brought before. ``link`` is the newest link of the chain before any of it was read.
    """

    link: int
    enterprises: Mapping[str, Enterprise]
    profiles: Mapping[int, ProfileVersion]
    determinations: Mapping[int, DeterminationRow]
    findings: Findings
    listed: frozenset[int]

    @classmethod
    def of(cls, session: Session, keys: Sequence[str], list_id: int) -> Known:
        """Of the enterprises with these keys, as one list comes to them."""
        link, _ = chain.newest(session)
        enterprises = {row.key: row for row in _rows(session, select(Enterprise).where(Enterprise.key.in_(keys)))}
        ids = [row.id for row in enterprises.values()]
        if not ids:
            return cls(link, {}, {}, {}, {}, frozenset())
        newest = (
            select(ProfileVersion.enterprise_id, func.max(ProfileVersion.number).label("number"))
            .where(ProfileVersion.enterprise_id.in_(ids)).group_by(ProfileVersion.enterprise_id).subquery()
        )  # fmt: skip
        same = (ProfileVersion.enterprise_id == newest.c.enterprise_id) & (ProfileVersion.number == newest.c.number)
        profiles = _rows(session, select(ProfileVersion).join(newest, same))
        last = (
            select(func.max(DeterminationRow.id)).where(DeterminationRow.enterprise_id.in_(ids))
            .group_by(DeterminationRow.enterprise_id)
        )  # fmt: skip
        determinations = _rows(session, select(DeterminationRow).where(DeterminationRow.id.in_(last)))
        said: dict[int, list[FindingRow]] = {}
        wanted = select(FindingRow).where(FindingRow.enterprise_id.in_(ids)).order_by(FindingRow.id)
        for row in _rows(session, wanted):
            said.setdefault(row.enterprise_id, []).append(row)
        counting = {key: keeping.counting(said[row.id]) for key, row in enterprises.items() if row.id in said}
        before = select(Listed.enterprise_id).where(Listed.list_id == list_id, Listed.enterprise_id.in_(ids))
        return cls(
            link, enterprises, {row.enterprise_id: row for row in profiles},
            {row.enterprise_id: row for row in determinations}, counting, frozenset(session.execute(before).scalars()),
        )  # fmt: skip

    def refused(self, entry: Entry, as_of: date) -> Refusal | None:
        """Why an enterprise cannot be kept: it came before in the same list, the key is another one's, or what the list tells
        of it is of an earlier day than where it stands, and would take that back."""
        enterprise = self.enterprises.get(entry.key)
        if enterprise is not None and enterprise.id in self.listed:
            return TWICE
        if (foreign := self._foreign(entry, enterprise)) is not None:
            return foreign
        return _LATER if enterprise is not None and self._back(enterprise.id, entry, as_of) else None

    def _back(self, enterprise: int, entry: Entry, as_of: date) -> bool:
        """Whether an enterprise would be told otherwise, by an earlier day."""
        stood, newest = self.determinations.get(enterprise), self.profiles.get(enterprise)
        return stood is not None and stood.as_of > as_of and (newest is None or newest.data != entry.data)

    @staticmethod
    def _foreign(entry: Entry, enterprise: Enterprise | None) -> Refusal | None:
        if entry.key == entry.data.get(CODE):
            return None
        # Numbers of the list's own: every list may count from one.
        if enterprise is None:
            return _RESERVED if entry.key.startswith((keeping.NUMBERED, keeping.ERASED_KEY)) else None
        return None if enterprise.name == entry.head.name else _OTHER

    def stale(self, session: Session, keys: Sequence[str], list_id: int) -> bool:
        """Whether anything of these enterprises was sealed since, or the list brought one of them meanwhile."""
        own = [row.id for row in self.enterprises.values()]
        brought = select(Listed.enterprise_id).where(Listed.list_id == list_id, Listed.enterprise_id.in_(own))
        if self.listed != frozenset(session.execute(brought).scalars()):
            return True
        newer = ChainEntry.number > self.link
        changed = union(
            *(
                select(model.enterprise_id)
                .join(ChainEntry, (ChainEntry.row == model.id) & (ChainEntry.kind == kind.name))
                .where(newer)
                for model, kind in chain.KINDS.items()
            )
        ).subquery()
        touched = select(Enterprise.id).where(Enterprise.id.in_(select(changed.c[0])))
        return session.execute(touched.where(or_(Enterprise.key.in_(keys), Enterprise.id.in_(own))).limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Author:
    """On whose behalf a list is stored, and which list it is."""

    list_id: int
    by_id: int


Beside = Callable[[Session, Screened, "Counter[str]"], None]
"""Called in the transaction that keeps a slice, with counts: ``new``, ``changed``, ``unchanged``, and by letter the enterprises
whose best measure came to it."""


@dataclass(slots=True)
class Keeper:
    """Keeps the slices of one list."""

    engine: Engine
    screening: Screening
    author: Author
    _measures: dict[str, list[str]] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)
    """Slices are screened one after the other."""

    def keep_all(self, slices: Iterable[RawSlice], beside: Callable[[RawSlice], Beside]) -> Generator[Screened]:
        """Keep slices in their order, each as it is kept; while one is written, the next one is screened already."""
        with ThreadPoolExecutor(1) as pool:
            ahead: tuple[RawSlice, Future[_Ready]] | None = None
            for raw in slices:
                coming = raw, pool.submit(self._ahead, raw)
                if ahead is not None:
                    yield self._put(ahead[0], ahead[1].result(), beside(ahead[0]))
                    give_way(self.engine)
                ahead = coming
            if ahead is not None:
                yield self._put(ahead[0], ahead[1].result(), beside(ahead[0]))

    def keep(self, raw: RawSlice, beside: Beside) -> Screened:
        """Screen a slice and keep it, all of it or nothing."""
        return self._put(raw, self._ahead(raw), beside)

    def _put(self, raw: RawSlice, ready: _Ready, beside: Beside) -> Screened:
        with writing(self.engine) as session:
            keys = [entry.key for entry in ready.screened.entries]
            if ready.known.stale(session, keys, self.author.list_id):
                ready = self._ready(session, raw)
            ready.written.put(session, self.author, now())
            beside(session, ready.screened, ready.written.counts)
        return ready.screened

    def _ahead(self, raw: RawSlice) -> _Ready:
        with reading(self.engine) as session:
            return self._ready(session, raw)

    def _ready(self, session: Session, raw: RawSlice) -> _Ready:
        with self._turn:
            known, screened = self._screened(session, raw)
            return _Ready(known, screened, self._written(session, known, screened))

    def _screened(self, session: Session, raw: RawSlice) -> tuple[Known, Screened]:
        found: list[Known] = []

        def findings(keys: Sequence[str]) -> Findings:
            found.append(Known.of(session, keys, self.author.list_id))
            return found[0].findings

        screened = self.screening.slice(raw, findings)
        refused = {entry.key: why for entry in screened.entries if (why := found[0].refused(entry, self.screening.as_of)) is not None}
        return found[0], screened.without(refused)

    def _written(self, session: Session, known: Known, screened: Screened) -> Written:
        version, as_of = self.screening.pack.version, self.screening.as_of
        for wanted in {version, *(row.pack_version for row in known.determinations.values())} - self._measures.keys():
            self._measures[wanted] = packs.measures_of(session, wanted)
        written = Written(version, as_of, self._measures)
        for entry in screened.entries:
            written.take(entry, known)
        return written


@dataclass(frozen=True, slots=True)
class _Ready:
    """A slice ready to be written, by what was known when it was read."""

    known: Known
    screened: Screened
    written: Written


@dataclass(frozen=True, slots=True)
class Changed:
    """An enterprise of which something is to be written, with what was kept of it before."""

    entry: Entry
    enterprise: Enterprise | None
    profile: ProfileVersion | None
    """The newest version, where it stays the newest."""
    number: int
    findings: list[int]
    before: DeterminationRow | None


@dataclass(slots=True)
class Written:
    """What of a slice is to be written."""

    version: str
    as_of: date
    measures: Mapping[str, Sequence[str]]
    changed: list[Changed] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    """The numbers of those of whom nothing is to be written."""
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, entry: Entry, known: Known) -> None:
        """Take in one enterprise."""
        enterprise = known.enterprises.get(entry.key)
        number = enterprise.id if enterprise is not None else 0
        newest, before = known.profiles.get(number), known.determinations.get(number)
        stays = newest is not None and newest.data == entry.data
        findings = [row.id for row in known.findings.get(entry.key, ())]
        # Where an enterprise stands by a later day, that is where it stands; only what is the same comes here so.
        later = before is not None and before.as_of > self.as_of
        letters = set(before.verdicts if before is not None and later else entry.outcome.verdicts)
        self.counts["new" if newest is None else "unchanged" if stays else "changed"] += 1
        self.counts[next((letter for letter in _BEST if letter in letters), _BEST[-1])] += 1
        profile = newest if stays else None
        if profile is not None and before is not None:
            again = DeterminationRow(**self._determination(entry, number, profile.id, findings))
            if later or keeping.same(before, again):
                self.same.append(number)
                return
        next_ = (newest.number if newest is not None else 0) + 1
        self.changed.append(Changed(entry, enterprise, profile, next_, findings, before))

    def put(self, session: Session, author: Author, at: datetime) -> None:
        """Write it."""
        ids = self._enterprises(session, at)
        brought = [{"list_id": author.list_id, "enterprise_id": id} for id in (*ids, *self.same)]
        insert_all(session, Listed, brought)
        if not self.changed:
            return
        signed = {"by_id": author.by_id, "at": at}
        profiles = self._profiles(session, ids, {**signed, "source": "list", "list_id": author.list_id})
        stood = [
            Stood(
                {**self._determination(item.entry, id, profile, item.findings), **signed},
                item.entry.outcome.awaiting,
                item.before,
            )
            for item, id, profile in zip(self.changed, ids, profiles, strict=True)
        ]
        standing.keep(session, stood, self.measures)

    def _determination(self, entry: Entry, enterprise: int, profile: int, findings: list[int]) -> Values:
        return {
            "enterprise_id": enterprise, "profile_id": profile, "pack_version": self.version, "as_of": self.as_of,
            "verdicts": entry.outcome.verdicts, "findings": findings,
            "amounts": {measure: list(ends) for measure, ends in entry.outcome.amounts.items()},
        }  # fmt: skip

    def _enterprises(self, session: Session, at: datetime) -> list[int]:
        """The numbers of the enterprises; new ones are made, the others are called what they are called now."""
        new = [item.entry for item in self.changed if item.enterprise is None]
        made = dict(zip((entry.key for entry in new), chain.numbers(session, Enterprise, len(new)), strict=True))
        kept = {"created_at": at, "assignee_id": None, "changed": 0, "erased_on": None, "version": 1}
        insert_all(session, Enterprise, [{"id": made[e.key], "key": e.key, **_head(e), **kept} for e in new])
        known = [(item.enterprise, _head(item.entry)) for item in self.changed if item.enterprise is not None]
        renamed = [
            {"wanted": row.id, **head}
            for row, head in known
            if any(getattr(row, name) != value for name, value in head.items())
        ]
        if renamed:
            table: Any = Enterprise.__table__
            columns: Values = {name: bindparam(name) for name in ("name", "division", "industry", "size")}
            told = update(table).where(table.c.id == bindparam("wanted"))
            session.execute(told.values(columns | {"version": table.c.version + 1}), renamed)
        return [made[item.entry.key] if item.enterprise is None else item.enterprise.id for item in self.changed]

    def _profiles(self, session: Session, ids: Sequence[int], signed: Values) -> list[int]:
        """The numbers of the profile versions; new ones are written."""
        contents = [
            {"enterprise_id": id, "number": item.number, "data": item.entry.data, **signed}
            for item, id in zip(self.changed, ids, strict=True)
            if item.profile is None
        ]
        made = iter(chain.seal_all(session, ProfileVersion, contents))
        return [next(made) if item.profile is None else item.profile.id for item in self.changed]


def _head(entry: Entry) -> Values:
    head = entry.head
    return {"name": head.name, "division": head.division, "industry": head.industry, "size": head.size}


def _rows(session: Session, wanted: Any) -> list[Any]:
    """Rows for reading, which the session lets go of."""
    rows = list(session.execute(wanted).scalars())
    for row in rows:
        make_transient(row)
    return rows
