"""The door: logging in and out."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Answer

from web.centre import accounts, keeping
from web.centre.pages.guard import ROOT, acting, allowed, by_proxy, enter, leave, office, public, was_here
from web.centre.store.database import writing
from web.texts import gettext as _

pages = Blueprint("entry", __name__)


@pages.get("/login")
@public
def login() -> str | Answer:
    """The form; where a proxy logs people in there is none."""
    if office().settings.login_header:
        return redirect(url_for("centre.desk.index")) if by_proxy() else _elsewhere()
    return render_template("centre/login.html", problem="", next=_next(request.args.get("next")), name="")


@pages.post("/login")
@public
def log_in() -> Answer:
    """Let somebody in, or say that name or password are wrong. Failures are counted and kept."""
    if office().settings.login_header:
        _elsewhere()
    name, next = request.form.get("name", "").strip(), _next(request.form.get("next"))
    try:
        user = accounts.log_in(office().engine, name, request.form.get("password", ""), office().settings.now())
    except accounts.Refused as error:
        return make_response(render_template("centre/login.html", problem=error.why, next=next, name=name), 401)
    if not was_here(user):
        # A token of somebody else is good no longer; who was here before can still send what they had begun.
        session.clear()
    answer = redirect(request.script_root + next, 303)
    enter(answer, user)
    return answer


@pages.post("/logout")
@allowed("own")
def log_out() -> str | Answer:
    """Leave."""
    if office().settings.login_header:
        return render_template("centre/leave.html")
    answer = redirect(url_for("centre.entry.login", done="left"), 303)
    with writing(office().engine) as kept:
        keeping.audit(kept, acting(kept), "logged-out")
        leave(answer, kept)
    session.clear()
    # What the browser would show on going back.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _elsewhere() -> Answer:
    abort(403, _("本站的登录由单位的统一登录负责，请从统一登录的入口进来。"))


def _next(told: str | None) -> str:
    """Where to go after the login: a page of the workbench, nothing else."""
    here = told or ""
    inside = here == ROOT or here.startswith((f"{ROOT}/", f"{ROOT}?"))
    plain = here.isascii() and here.isprintable() and not any(part in here for part in ("\\", "//", ".."))
    return here if inside and plain else f"{ROOT}/"
