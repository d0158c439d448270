"""One's own account: the password, and one's logins elsewhere."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.diagnostics import InputError
from web.centre import accounts, keeping
from web.centre.pages.guard import acting, allowed, office, person, stay
from web.centre.store.database import reading, writing
from web.texts import gettext as _

pages = Blueprint("account", __name__)


@pages.get("/account")
@allowed("own")
def show() -> Answer:
    """Who one is here, and what one can change about it."""
    return _page({}, 200)


@pages.post("/account")
@allowed("own")
def change() -> Answer:
    """A new password, by the old one."""
    if office().settings.login_header:
        abort(403, _("这里的登录由单位的统一登录负责，没有密码可改。"))
    old, new = request.form.get("old", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _page({"again": _("两次输入的新密码不一样")}, 422)
    try:
        user = accounts.change_password(office().engine, person().id, old, new, office().settings.now())
    except accounts.Refused as error:
        return _page({"old": error.why}, 422)
    except InputError as error:
        return _page({"new": error.findings[0].message}, 422)
    answer = redirect(url_for(".show", done="password"), 303)
    stay(answer, user)
    return answer


@pages.post("/account/elsewhere")
@allowed("own")
def leave_elsewhere() -> Answer:
    """End all logins but this one."""
    answer = redirect(url_for(".show", done="elsewhere"), 303)
    with writing(office().engine) as session:
        user = acting(session)
        accounts.end_all(user)
        keeping.audit(session, user, "left-elsewhere")
    stay(answer, user)
    return answer


def _page(problems: dict[str, str], status: int) -> Answer:
    with reading(office().engine) as session:
        user = acting(session)
    page = render_template(
        "centre/account.html", user=user, roles=accounts.ROLES, problems=problems, shortest=accounts.SHORTEST,
        by_proxy=bool(office().settings.login_header),
    )  # fmt: skip
    return make_response(page, status)
