"""Everybody screened again by the rules and the day of now, and looked at ahead.

Who cannot stand otherwise is not evaluated; what comes to the same is not written down again, but for the note until when
it stays so. The work goes in transactions of some hundred enterprises, each whole in itself: people go on writing in
between, whoever changed an enterprise in the meantime is right, and work that was cut off is gone on with by running again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from engine.program import Program
from web.centre import keeping, packs, standing
from web.centre.standing import Stood
from web.centre.store.bulk import insert_all
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    FindingRow,
    Outlook,
    ProfileVersion,
    Standing,
    User,
    Watch,
)
from web.centre.watching import state
from web.centre.watching.ahead import Ahead, Look
from web.centre.watching.due import Place, counting, places, places_of
from web.centre.watching.lock import alone

LOOK = timedelta(days=120)
"""How far ahead one looks: a month more than is needed, so that a nightly run looks at each enterprise once a month."""
READ = 2000
"""Enterprises that are evaluated together."""
WRITTEN = 250
"""Enterprises kept in one transaction: others wait for it to write, so it has to stay well below a second."""
Progress = Callable[[int, int], None]
_HEAD = ("name", "division", "industry", "size")


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to: how many enterprises were checked; of these evaluated, standing otherwise than before, and not
    readable by the rules. ``moves`` counts measures by the letters before and after."""

    day: date
    checked: int
    evaluated: int
    changed: int
    unreadable: int
    moves: Mapping[tuple[str, str], int]


class Stopped(Exception):
    """The process is to end; the work is gone on with by running again."""


def rescreen(
    engine: Engine,
    program: Program,
    as_of: date,
    by: int,
    progress: Progress = lambda done, total: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Done:
    """Screen everybody by ``program``, whose pack is kept, on ``as_of``, in the name of the user ``by``.

    Raises InputError where somebody is at it already, Stopped where ``stopping`` says so.
    """
    with alone(engine) as held:
        if not held:
            raise InputError([Finding("筛查", 0, 0, "centre-watch", "已经有一次筛查正在进行", "请等它结束再试")])
        return _Run(engine, program, as_of, by, progress, stopping).run()


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of an enterprise that is to be screened."""

    place: Place
    enterprise: Enterprise
    data: Mapping[str, Any]
    findings: Sequence[FindingRow]
    determination: DeterminationRow | None
    awaiting: Mapping[str, Any]


@dataclass(slots=True)
class _Run:
    engine: Engine
    program: Program
    day: date
    by: int
    progress: Progress
    stopping: Callable[[], bool]
    counts: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    _measures: dict[str, list[str]] = field(default_factory=dict)

    def run(self) -> Done:
        ahead = Ahead(self.program)
        # Who was changed by others meanwhile is looked at in another pass, which finds little to do.
        while self._pass(ahead):
            pass
        done = Done(
            self.day, self.counts["checked"], self.counts["evaluated"], self.counts["changed"], self.counts["unreadable"],
            self.moves,
        )  # fmt: skip
        with writing(self.engine) as session:
            state.write(session, state.Checked(self.day, self.version))
            told = {name: self.counts[name] for name in ("checked", "evaluated", "changed", "unreadable")}
            keeping.audit(session, session.get_one(User, self.by), "watched", as_of=self.day.isoformat(), **told)
        return done

    @property
    def version(self) -> str:
        return self.program.pack.version

    def _pass(self, ahead: Ahead) -> bool:
        """Go over everybody once; whether somebody was changed by others, and so is to be looked at again."""
        self.counts["checked"] = self.counts["unreadable"] = after = 0
        again = False
        with reading(self.engine) as session:
            total = session.execute(select(func.count()).select_from(Enterprise)).scalar_one()
        while True:
            with reading(self.engine) as session:
                found = places(session, after, READ)
                kept = self._kept(session, [place for place in found if place.due(self.version, self.day)])
            if not found:
                return again
            after = found[-1].enterprise
            again = self._screen(ahead, kept) or again
            self.counts["checked"] += len(found)
            self.progress(min(self.counts["checked"], total), total)

    def _kept(self, session: Session, due: Sequence[Place]) -> list[_Kept]:
        ids = [place.enterprise for place in due]
        enterprises = {row.id: row for row in session.execute(select(Enterprise).where(Enterprise.id.in_(ids))).scalars()}
        profiles = select(ProfileVersion.id, ProfileVersion.data).where(ProfileVersion.id.in_([p.profile for p in due]))
        data: dict[int, Any] = dict(session.execute(profiles).all())
        wanted = select(DeterminationRow, Standing.awaiting).join(Standing, Standing.determination_id == DeterminationRow.id)
        stood = {row.enterprise_id: (row, told) for row, told in session.execute(wanted.where(Standing.enterprise_id.in_(ids)))}
        findings = counting(session, ids)
        for version in {self.version, *(row.pack_version for row, _ in stood.values())} - self._measures.keys():
            self._measures[version] = packs.measures_of(session, version)
        return [
            _Kept(
                place, enterprises[place.enterprise], data[place.profile] or {}, findings.get(place.enterprise, ()),
                *stood.get(place.enterprise, (None, {})),
            )
            for place in due
        ]  # fmt: skip

    def _screen(self, ahead: Ahead, kept: Sequence[_Kept]) -> bool:
        told = [keeping.with_findings(item.data, item.findings) for item in kept]
        looks = ahead.look(told, self.day, self.day + LOOK)
        self.counts["evaluated"] += len(kept)
        self.counts["unreadable"] += sum(look is None for look in looks)
        pairs = list(zip(kept, looks, strict=True))
        again = False
        for start in range(0, len(pairs), WRITTEN):
            part = pairs[start : start + WRITTEN]
            if self.stopping():
                raise Stopped
            with writing(self.engine) as session:
                current = places_of(session, [item.place.enterprise for item, _ in part])
                same = [pair for pair in part if current.get(pair[0].place.enterprise) == pair[0].place]
                again = again or len(same) < len(part)
                self._keep(session, [(item, look) for item, look in same if look is not None])
                # What other rules foresaw of whom these cannot read is not known to hold.
                _forget(session, [item.enterprise.id for item, look in same if look is None])
        return again

    def _keep(self, session: Session, pairs: Sequence[tuple[_Kept, Look]]) -> None:
        at = now()
        other = [(item, look) for item, look in pairs if self._differs(item, look)]
        _rename(session, other)
        stood = [Stood(self._content(item, look, at), look.outcome.awaiting, item.determination) for item, look in other]
        rows = standing.keep(session, stood, self._measures) if stood else []
        newest = {row.enterprise_id: row.id for row in rows}
        self._look_ahead(session, pairs, newest, at)
        self.counts["changed"] += len(rows)
        for item, row in zip(stood, rows, strict=True):
            if item.before is not None:
                found = keeping.moved(item.before, row, self._measures)
                self.moves.update((move["before"], move["after"]) for move in found)

    def _differs(self, item: _Kept, look: Look) -> bool:
        """Whether it is to be written down: other rules, another profile, other findings, or something comes out otherwise."""
        place, row = item.place, item.determination
        if row is None or place.rests_on != (place.profile, place.counting, self.version):
            return True
        amounts = {measure: list(ends) for measure, ends in look.outcome.amounts.items()}
        stands = (row.verdicts, row.amounts, item.awaiting) == (look.outcome.verdicts, amounts, look.outcome.awaiting)
        return not stands or _head(look) != {name: getattr(item.enterprise, name) for name in _HEAD}

    def _content(self, item: _Kept, look: Look, at: datetime) -> dict[str, Any]:
        return {
            "enterprise_id": item.enterprise.id, "profile_id": item.place.profile, "pack_version": self.version,
            "as_of": self.day, "verdicts": look.outcome.verdicts, "findings": list(item.place.counting),
            "amounts": {measure: list(ends) for measure, ends in look.outcome.amounts.items()},
            "by_id": self.by, "at": at,
        }  # fmt: skip

    def _look_ahead(
        self, session: Session, pairs: Sequence[tuple[_Kept, Look]], newest: Mapping[int, int], at: datetime
    ) -> None:
        """Until when each stays as it is, and what it will lose, in place of what was known of it before."""
        ids = [item.enterprise.id for item, _ in pairs]
        before = session.execute(select(Outlook).where(Outlook.enterprise_id.in_(ids))).scalars()
        known = {(row.enterprise_id, row.measure, row.after, row.last_day): row.found_at for row in before}
        _forget(session, ids)
        outlooks, watches = [], []
        for item, look in pairs:
            number = item.enterprise.id
            determination = newest.get(number, item.place.determination)
            watches.append(
                {
                    "enterprise_id": number, "determination_id": determination, "since": self.day, "until": look.until,
                    "looked_to": self.day + LOOK,
                }
            )  # fmt: skip
            for loss in look.losses:
                # What was foreseen before stays found when it was.
                found_at = known.get((number, loss.measure, loss.after, loss.last_day), at)
                outlooks.append(
                    {
                        "enterprise_id": number, "measure": loss.measure, "before": loss.before, "after": loss.after,
                        "last_day": loss.last_day, "why": loss.why, "found_at": found_at,
                    }
                )  # fmt: skip
        insert_all(session, Watch, watches)
        insert_all(session, Outlook, outlooks)


def _forget(session: Session, ids: Sequence[int]) -> None:
    """Take away what was known of how these enterprises go on."""
    if ids:
        for model in (Outlook, Watch):
            session.execute(delete(model).where(model.enterprise_id.in_(ids)))


def _head(look: Look) -> dict[str, str | None]:
    return {name: getattr(look.head, name) for name in _HEAD}


def _rename(session: Session, pairs: Sequence[tuple[_Kept, Look]]) -> None:
    """What queues filter by, where the rules understand it otherwise now."""
    for item, look in pairs:
        head = _head(look)
        if head != {name: getattr(item.enterprise, name) for name in _HEAD}:
            own = update(Enterprise).where(Enterprise.id == item.enterprise.id)
            values = {**head, "version": Enterprise.version + 1}
            session.execute(own.values(values).execution_options(synchronize_session=False))
