"""The door: logging in and out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Answer

from web.centre import accounts, keeping
from web.centre.pages.guard import ROOT, allowed, enter, leave, office, person, public
from web.centre.store.database import writing
from web.centre.store.tables import User

pages = Blueprint("entry", __name__)


@pages.get("/login")
@public
def login() -> str:
    """The form."""
    return render_template("centre/login.html", problem="", next=_next(request.args.get("next")))


@pages.post("/login")
@public
def log_in() -> Answer:
    """Let somebody in, or say that name or password are wrong. Failures are counted and kept."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    refused = ""
    with writing(office().engine) as kept:
        try:
            user: User | None = accounts.log_in(kept, name, password, office().settings.now())
        except accounts.Refused as error:
            user, refused = None, error.why
        keeping.audit(kept, user, "logged-in" if user else "login-refused")
    if user is None:
        page = render_template("centre/login.html", problem=refused, next=_next(request.form.get("next")))
        return make_response(page, 401)
    # A token of before the login is good no longer.
    session.clear()
    answer = redirect(request.script_root + _next(request.form.get("next")), 303)
    enter(answer, user)
    return answer


@pages.post("/logout")
@allowed("own")
def log_out() -> Answer:
    """Leave."""
    with writing(office().engine) as kept:
        keeping.audit(kept, kept.get_one(User, person().id), "logged-out")
    session.clear()
    answer = redirect(url_for("centre.entry.login"), 303)
    leave(answer)
    return answer


def _next(told: str | None) -> str:
    """Where to go after the login: a page of the workbench, nothing else."""
    here = told or ""
    inside = here == ROOT or here.startswith(f"{ROOT}/")
    return here if inside and "\\" not in here and "//" not in here else f"{ROOT}/"
