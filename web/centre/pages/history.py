"""What came to pass with an enterprise, and two of its determinations or profile versions side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from web.centre import cases, comparing, keeping
from web.centre.history import SOURCES, history_of
from web.centre.pages.guard import allowed, office, person
from web.centre.privacy import Veil
from web.centre.store.database import reading
from web.centre.store.tables import Enterprise, ProfileVersion
from web.site.changes import Change, changes
from web.site.opened import WORDS

pages = Blueprint("history", __name__)


@pages.get("/enterprise/<int:number>/history")
@allowed("see")
def index(number: int) -> str:
    """Everything in one line of time, the newest first."""
    here = office().service
    with reading(office().engine) as session:
        enterprise = _enterprise(session, number)
        found = history_of(session, number, here.pack, _moment(request.args.get("before", "")))
        known = comparing.choices(session, number)
        newest = keeping.newest_profile(session, number)
        # A reason names people as they were called in the version that it was given on.
        on = {event.said.row.on_profile_id for event in found.events if event.said}
        then = session.execute(select(ProfileVersion.data).where(ProfileVersion.id.in_(on))).scalars().all()
    veil = Veil.of(here.pack, person().role)
    profiles = [data or {} for data in (*then, newest.data if newest is not None else None)]
    return render_template(
        "centre/history.html",
        enterprise=enterprise,
        number=number,
        head=cases.head_in_words(enterprise, here.pack),
        history=found,
        known=known,
        sources=SOURCES,
        hidden=lambda text: veil.text(text, *profiles),
        veiled=lambda version: _veiled(version.changed, (version.before, version.row)),
        **WORDS,
    )


@pages.get("/enterprise/<int:number>/compare")
@allowed("see")
def compare(number: int) -> str:
    """Two determinations (``a`` and ``b``, by number), or with ``of=profile`` two profile versions."""
    here = office().service
    a, b = (request.args.get(name, type=int) for name in ("a", "b"))
    if a is None or b is None or not (0 < a < 2**31 and 0 < b < 2**31):
        abort(404)
    with reading(office().engine) as session:
        enterprise = _enterprise(session, number)
        names: dict[str, Any] = {"enterprise": enterprise, "number": number, **WORDS}
        names["head"] = cases.head_in_words(enterprise, here.pack)
        if request.args.get("of") == "profile":
            pair = comparing.versions(session, number, a, b)
            if pair is None:
                abort(404)
            return render_template("centre/compare_profiles.html", pair=pair, answers=_answers(pair), **names)
        found = comparing.compared(
            session, number, a, b, here.program, lambda made, pack: Veil.of(pack, person().role).determination(made)
        )
    if found is None:
        abort(404)
    veiled = _veiled(found.answers, (found.before.profile, found.after.profile)) if found.answers is not None else None
    return render_template("centre/compare.html", found=found, answers=veiled, **names)


def _answers(pair: tuple[ProfileVersion, ProfileVersion]) -> list[Change] | None:
    before, after = pair
    if before.data is None or after.data is None:
        return None
    return _veiled(changes(before.data, after.data, office().service.pack), pair)


def _veiled(found: Iterable[Change], pair: Iterable[ProfileVersion]) -> list[Change]:
    veil = Veil.of(office().service.pack, person().role)
    profiles: list[Mapping[str, Any]] = [version.data or {} for version in pair]
    return [veil.change(item, *profiles) for item in found]


def _enterprise(session: Session, number: int) -> Enterprise:
    found = session.get(Enterprise, number)
    if found is None:
        abort(404)
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=None)
