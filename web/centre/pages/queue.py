"""Queues: the overview of all measures, one measure's queue, everybody, and cases given out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.quantities import format_validity
from web import rule_words
from web.centre import cases
from web.centre.pages.guard import acting, allowed, office, person
from web.centre.queues import assigning, listing
from web.centre.queues.asked import ME, NO_ONE, Asked, asked, sizes
from web.centre.queues.overview import LIVELY, SHOWN, overview
from web.centre.roll.query import comparable
from web.centre.roll.snapshot import Snapshot
from web.centre.store.database import reading, writing
from web.summary import GROUPS
from web.texts import gettext as _

pages = Blueprint("queue", __name__)


@pages.get("/queue")
@allowed("see")
def index() -> Answer:
    """All measures; or the queue of one."""
    wanted, snapshot = _asked(), office().roster.snapshot()
    if not wanted.query.measure:
        if wanted.told:
            return redirect(url_for(".enterprises", **wanted.address()))
        sheets = overview(snapshot.counts(), office().service.pack, office().service.today())
        return make_response(
            render_template("centre/overview.html", sheets=sheets, groups=_shown(), total=len(snapshot))
        )
    return _queue(wanted, snapshot)


@pages.get("/enterprises")
@allowed("see")
def enterprises() -> Answer:
    """Everybody, or who is looked for; the key of somebody leads to them."""
    wanted, snapshot = _asked(), office().roster.snapshot()
    if wanted.query.measure:
        return redirect(url_for(".index", **wanted.address()))
    if wanted.told.keys() == {"q"}:
        found = snapshot.select(wanted.query)
        if len(found) == 1 and comparable(snapshot.columns.keys[found[0]]) == comparable(wanted.query.text):
            return redirect(url_for("centre.case.show", number=int(snapshot.columns.ids[found[0]])))
    return _queue(wanted, snapshot)


@pages.post("/queue/assign")
@allowed("assign")
def assign() -> Answer:
    """Give what is chosen, or all that the address asks for, to somebody; or put it back."""
    wanted, form, snapshot = _asked(), request.form, office().roster.snapshot()
    receivers = {"take": person().id, "back": None, "give": _number(form.get("to", ""))}
    action, seen = form.get("do", ""), _number(form.get("seen", ""))
    if action not in receivers or seen is None or (action == "give" and receivers["give"] is None):
        abort(400)
    if form.get("all") == "1":
        if wanted.problems:
            return _queue(wanted, snapshot, 422, problem=_("筛选条件有问题，没有改承办人。请先改好筛选条件。"))
        chosen = snapshot.columns.ids[snapshot.select(wanted.query)].tolist()
    else:
        chosen = [number for text in form.getlist("id") if (number := _number(text)) is not None]
    picked = frozenset(chosen)
    if not chosen:
        return _queue(wanted, snapshot, 422, problem=_("还没有选企业。请先在名称前面打勾。"))
    if len(chosen) > assigning.MOST:
        told = {"now": len(chosen), "most": assigning.MOST}
        problem = _("一次最多改 %(most)d 家的承办人，选了 %(now)d 家。请先缩小范围。") % told
        return _queue(wanted, snapshot, 422, problem=problem, picked=picked)
    try:
        with writing(office().engine) as session:
            given = assigning.give(session, chosen, receivers[action], seen, acting(session))
    except LookupError:
        return _queue(wanted, snapshot, 422, problem=_("这位同事现在不能承办，请另选一位。"), picked=picked)
    if given.left:
        return _queue(wanted, office().roster.snapshot(), 409, given=given)
    endpoint = ".index" if wanted.query.measure else ".enterprises"
    return redirect(url_for(endpoint, **wanted.address(page=wanted.page), done="assigned"), 303)


def _asked() -> Asked:
    try:
        return asked(request.args, office().service.pack, person().id)
    except KeyError:
        abort(404, _("现在的规则里没有这项措施。"))


def _queue(wanted: Asked, snapshot: Snapshot, status: int = 200, **more: Any) -> Answer:
    """One page of a queue: of the group that is asked for, or the first that has anybody.

    ``more``: ``problem``, ``given`` (an assignment that left some), ``picked`` (numbers).
    """
    pack = office().service.pack
    counts = snapshot.groups(wanted.query) if wanted.query.measure else {}
    if counts and wanted.query.group is None:
        wanted = wanted.in_group(next((group for group in SHOWN if counts[group]), SHOWN[0]))
    query = wanted.query
    with reading(office().engine) as session:
        names, handlers = listing.people(session), cases.handlers(session)
    shown: dict[str, Any] = {"problem": "", "given": None, "picked": (), "measure": None}
    if query.measure:
        measure = pack.measure(query.measure)
        document = pack.documents[measure.document].document
        validity = format_validity(document.validity.start, document.validity.end)
        shown |= {
            "measure": measure, "document": document, "validity": validity, "measured": listing.measured(pack, query.measure),
            "aims": [rule_words.quota(item) for item in (*measure.spec.quotas, *measure.spec.targets)],
            "counts": counts,
        }  # fmt: skip
    options = {
        "division": listing.divisions(snapshot, pack),
        "industry": listing.industries(snapshot, pack),
        "judgement": listing.judgements(snapshot, query.measure, pack),
    }
    page = render_template(
        "centre/queue.html", asked=wanted, query=query, listed=listing.listing(snapshot, wanted, pack, names),
        options=options, sizes=sizes(pack), handlers=handlers, groups=_shown(), lively=LIVELY, me=ME, nobody=NO_ONE,
        most=assigning.MOST, **{**shown, **more},
    )  # fmt: skip
    return make_response(page, status)


def _shown() -> dict[str, str]:
    return {group: GROUPS[group] for group in SHOWN}


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
