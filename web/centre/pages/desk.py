"""The first page of the workbench."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template

from web.centre.lists.progress import progress
from web.centre.pages.guard import allowed, office, person
from web.centre.queues import desk, listing
from web.centre.queues.asked import ME, NO_ONE, asked
from web.centre.queues.overview import LIVELY
from web.centre.roll.query import NOBODY, Query
from web.centre.store.database import reading
from web.summary import GROUPS

pages = Blueprint("desk", __name__)
DAYS = 7
"""How far what is new goes back."""


@pages.get("/")
@allowed("own")
def index() -> str:
    """What there is to do, as far as one's role may see it."""
    return render_template("centre/desk.html", days=DAYS, me=ME, nobody=NO_ONE, most=desk.MOST, **_seen())


def _seen() -> dict[str, Any]:
    if not person().may("see"):
        return {}
    here, me = office(), person().id
    pack, snapshot, now = here.service.pack, here.roster.snapshot(), here.settings.now()
    mine = asked({"assignee": ME, "sort": "since", "down": "1"}, pack, me)
    with reading(here.engine) as session:
        newly = desk.newly_eligible(session, pack, now - timedelta(days=DAYS))
        jobs = [(job, progress(job, now)) for job in desk.running(session)]
        names = listing.people(session)
    listed = listing.listing(snapshot, mine, pack, names)
    free = Query(assignee=NOBODY)
    return {
        "total": len(snapshot), "mine": replace(listed, lines=listed.lines[: desk.MOST]), "free": snapshot.groups(free),
        "free_total": snapshot.total(free), "judgements": listing.judgements(snapshot, "", pack), "jobs": jobs,
        "newly": newly, "groups": {group: GROUPS[group] for group in LIVELY},
    }  # fmt: skip
