"""Applicants who stand as a test says, without any rules: everything that queues read, in the chain as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from web.centre import keeping
from web.centre.store import chain
from web.centre.store.database import writing
from web.centre.store.tables import DeterminationRow, Enterprise, PackArchive, User

T0 = datetime(2026, 11, 1, 8, 0)


class Crowd:
    """The applicants of a database. ``packs``: the measures of each pack version, in order; the first one is usual."""

    def __init__(self, engine: Engine, packs: Mapping[str, tuple[str, ...]]) -> None:
        self.engine, self.packs = engine, dict(packs)
        with writing(engine) as session:
            found = session.execute(select(User.id).order_by(User.id)).scalars().first()
            if found is None:
                user = User(name="wang", full_name="王", role="clerk", created_at=T0)
                session.add(user)
                session.flush()
                found = user.id
            self.user = found
            for version in packs:
                self._keep(session, version, T0)

    def pack(self, version: str, measures: tuple[str, ...], at: datetime) -> None:
        """A further pack version."""
        self.packs[version] = measures
        with writing(self.engine) as session:
            self._keep(session, version, at)

    def take(self, name: str, verdicts: str | Mapping[str, str] = "", **more: Any) -> int:
        """An applicant (the same again where its key is known); its number. ``verdicts``: letters in the pack's order, or
        by measure, the others X. ``pack``, ``at``, ``key``, ``division``, ``industry``, ``size``, ``assignee``;
        ``amounts``: measure -> (low, high); ``awaiting``: measure -> judgements."""
        pack = more.get("pack", next(iter(self.packs)))
        if not isinstance(verdicts, str):
            assert verdicts.keys() <= set(self.packs[pack])
            verdicts = "".join(verdicts.get(measure, "X") for measure in self.packs[pack])
        with writing(self.engine) as session:
            return self._take(session, name, verdicts, pack, more)

    def _take(self, session: Session, name: str, verdicts: str, pack: str, more: dict[str, Any]) -> int:
        at = more.get("at", T0)
        head = keeping.Head(name, more.get("division"), more.get("industry"), more.get("size"))
        one = keeping.enterprise_of(session, more.get("key", name), head)
        one.created_at, one.assignee_id = at, more.get("assignee")
        data = {"name": name, "told": at.isoformat(), "verdicts": verdicts, "pack": pack}
        profile = keeping.add_profile(session, one, data, "form", session.get_one(User, self.user))
        if verdicts:
            before = keeping.newest_determination(session, one.id)
            row = DeterminationRow(
                enterprise_id=one.id, profile_id=profile.id, pack_version=pack, as_of=at.date(), verdicts=verdicts,
                amounts={measure: list(ends) for measure, ends in more.get("amounts", {}).items()}, findings=[],
                by_id=self.user, at=at,
            )  # fmt: skip
            chain.seal(session, [row])
            keeping.stand(session, row, more.get("awaiting", {}), before)
        keeping.touch(session, [one.id])
        return one.id

    def erase(self, number: int) -> None:
        """An applicant as it is left when its content is emptied."""
        with writing(self.engine) as session:
            one = session.get_one(Enterprise, number)
            one.name, one.erased_on = "", date(2026, 11, 2)
            keeping.audit(session, None, "erased", number)
            keeping.touch(session, [number])

    def _keep(self, session: Session, version: str, at: datetime) -> None:
        if session.get(PackArchive, version) is None:
            session.add(PackArchive(version=version, archive=b"", measures=list(self.packs[version]), kept_at=at))
