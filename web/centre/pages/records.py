"""The log of what was done, and the proof that nothing of it was changed."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response as Answer

from engine.diagnostics import InputError
from web.centre import accounts, keeping, records
from web.centre.pages.guard import acting, allowed, office
from web.centre.records import Proof, Wanted
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.texts import gettext as _

pages = Blueprint("records", __name__)
LARGEST = 2**31
DAYS = range(2000, 2101)
"""Years that a day may lie in."""


@pages.get("/audit")
@allowed("audit")
def index() -> str:
    """The log, newest first, and the newest link to be noted."""
    wanted, problems = _wanted()
    with reading(office().engine) as session:
        lines, more = records.lines(session, wanted) if not problems else ([], False)
        everyone, newest = accounts.everyone(session), chain.newest(session)
    asked = {key: request.args.get(key, "").strip() for key in ("action", "person", "enterprise", "day")}
    narrowed = {key: text for key, text in asked.items() if text}
    return render_template(
        "centre/records.html", lines=lines, everyone=everyone, actions=records.ACTIONS, newest=newest, asked=asked,
        narrowed=narrowed, problems=problems, first=wanted.before is None, oldest=lines[-1].number if more else None,
    )  # fmt: skip


@pages.post("/audit/verify")
@allowed("audit")
def verify() -> Answer:
    """Verify the next part of the chain; what the last one found is written down."""
    noted, after, earlier = request.form.get("noted", ""), _number("after"), _number("found")
    try:
        link = records.noted_in(noted)
    except InputError as error:
        return _proof(None, noted, 0, error.findings[0].message, 422)
    with reading(office().engine) as session:
        proof = records.prove(session, after, link)
        newest = chain.newest(session)
    if proof.ended:
        with writing(office().engine) as session:
            keeping.audit(
                session, acting(session), "chain-verified", number=proof.newest, problems=earlier + proof.count
            )
    return _proof(proof, noted, earlier, "", 200, newest)


def _proof(
    proof: Proof | None, noted: str, earlier: int, problem: str, status: int, newest: tuple[int, str] = (0, "")
) -> Answer:
    page = render_template(
        "centre/proof.html", proof=proof, noted=noted, earlier=earlier, problem=problem, newest=newest,
        told=records.MOST_TOLD,
    )  # fmt: skip
    return make_response(page, status)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _wanted() -> tuple[Wanted, dict[str, str]]:
    """What the address asks for, and what is wrong with it by field."""
    told, problems = request.args, {}
    numbers: dict[str, int] = {}
    for name in ("person", "enterprise", "before"):
        text = told.get(name, "").strip()
        if text.isdecimal() and len(text) <= 10 and int(text) < LARGEST:
            numbers[name] = int(text)
        elif text:
            problems[name] = _("编号要写数字")
    day: date | None = None
    if text := told.get("day", "").strip():
        with suppress(ValueError):
            day = date.fromisoformat(text)
        if day is None or day.year not in DAYS:
            problems["day"] = _("日期要写成 2026-11-22 这样")
    action = told.get("action", "")[:40].replace("\0", "")
    return Wanted(action, numbers.get("person"), numbers.get("enterprise"), day, numbers.get("before")), problems
