"""Erasing what is kept of an enterprise: asked for in words, confirmed by typing its key, for good."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.diagnostics import InputError
from web.centre import erasing
from web.centre.pages.guard import acting, allowed, office
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise
from web.texts import gettext as _

pages = Blueprint("erasing", __name__)


@pages.get("/enterprise/<int:number>/erase")
@allowed("erase")
def ask(number: int) -> Answer:
    """What would go, and the form."""
    return _page(number, {}, 200)


@pages.post("/enterprise/<int:number>/erase")
@allowed("erase")
def erase(number: int) -> Answer:
    """Erase it, where the form says why and names what."""
    here, form = office(), request.form
    why, typed, version = form.get("why", ""), form.get("key", "").strip(), form.get("version", "")
    problems: dict[str, str] = {}
    if why not in erasing.REASONS:
        problems["why"] = _("请选为什么清除")
    try:
        with writing(here.engine) as session:
            enterprise = session.get(Enterprise, number)
            if enterprise is None or enterprise.erased_on is not None:
                abort(404)
            if typed != enterprise.key:
                problems["key"] = _("与上面的代码不一样，请照着写一遍")
            if version != str(enterprise.version):
                problems[""] = _("打开这一页以后有人改过这家企业，请看过再决定。")
            if not problems:
                erasing.erase(session, [number], why, acting(session), here.service.today())  # type: ignore[arg-type]
    except InputError as error:
        problems[""] = f"{error.findings[0].message}{_('。')}{error.findings[0].hint}{_('。')}"
    if problems:
        return _page(number, problems, 409 if problems.keys() == {""} else 422)
    erasing.finish(here.engine, here.settings)
    return redirect(url_for("centre.case.show", number=number, done="erased"), 303)


def _page(number: int, problems: dict[str, Any], status: int) -> Answer:
    with reading(office().engine) as session:
        enterprise = session.get(Enterprise, number)
        if enterprise is None or enterprise.erased_on is not None:
            abort(404)
        held = erasing.held(session, number)
    page = render_template(
        "centre/erase.html", enterprise=enterprise, held=held, reasons=erasing.REASONS, problems=problems,
        why=request.form.get("why", ""),
    )  # fmt: skip
    return make_response(page, status)
