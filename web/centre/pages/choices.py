"""The choices of the centre: what letters say of it, four eyes, how long things are kept."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from web.centre import choices, keeping
from web.centre.choices import LABELS, Choices
from web.centre.pages.guard import acting, allowed, office, person
from web.centre.store.database import reading, writing
from web.texts import gettext as _

pages = Blueprint("choices", __name__)
OVERTAKEN = _("设置刚被另一位同事改过，您的改动没有保存。下面是现在的设置，请核对后再改。")
TOLD = ("four_eyes", "retention_years")
"""What the log says the value of; the others are texts."""


@pages.get("/settings")
@allowed("choose")
def index() -> Answer:
    """What is chosen."""
    with reading(office().engine) as session:
        chosen = choices.read(session)
    return _page(chosen, choices.stamp(chosen), {}, 200)


@pages.post("/settings")
@allowed("choose")
def change() -> Answer:
    """Choose otherwise. Who may not choose four eyes leaves that as it is."""
    seen, may = request.form.get("seen", ""), person().may("four_eyes")
    if not may and "four_eyes" in request.form:
        abort(403)
    chosen, problems = choices.told(request.form)
    if problems:
        if not may:
            with reading(office().engine) as session:
                chosen = replace(chosen, four_eyes=choices.read(session).four_eyes)
        return _page(chosen, seen, problems, 422, request.form.get("retention_years", ""))
    with writing(office().engine) as session:
        current = choices.read(session)
        if not may:
            chosen = replace(chosen, four_eyes=current.four_eyes)
        if choices.stamp(current) != seen:
            return _page(current, choices.stamp(current), {"": OVERTAKEN}, 409)
        if changed := choices.write(session, chosen):
            told = {name: getattr(chosen, name) for name in TOLD if name in changed}
            keeping.audit(session, acting(session), "choices-changed", choices=changed, **told)
    return redirect(url_for(".index", done="choices"), 303)


def _page(chosen: Choices, seen: str, problems: dict[str, str], status: int, years: str | None = None) -> Answer:
    if years is None:
        years = "" if chosen.retention_years is None else str(chosen.retention_years)
    page = render_template(
        "centre/choices.html", chosen=chosen, seen=seen, problems=problems, years=years, labels=LABELS,
        longest=choices.LONGEST,
    )  # fmt: skip
    return make_response(page, status)
