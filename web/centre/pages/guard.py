"""Who is here: the cookie of a login, the check of every request, and a view's permission.

The cookie is the workbench's own: signed, sent below ``/centre`` only, and good until its login is left and while its
user's ``version`` is. Where a proxy logs people in, no cookie counts. A view without a permission is refused, so that
none can be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, current_app, g, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from web.centre import accounts
from web.centre.office import Office
from web.centre.proxy import is_trusted, name_in
from web.centre.roles import Permission, may
from web.centre.store.database import reading
from web.centre.store.tables import EndedLogin, Role, User
from web.texts import gettext as _

COOKIE = "huiqi-centre"
ROOT = "/centre"
KEY = "huiqi-centre"
EPOCH = datetime(1970, 1, 1)
RENEWED = 60
"""Seconds after which a cookie in use is written anew."""
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Person:
    """Who makes this request."""

    id: int
    name: str
    full_name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Whether their role has a permission."""
        return may(self.role, permission)


def office() -> Office:
    """The workbench of the running site."""
    found: Office = current_app.extensions[KEY]
    return found


def person() -> Person:
    """Who makes this request; a view without ``public`` always has somebody."""
    found: Person = g.person
    return found


def acting(session: Session) -> User:
    """The row of who makes this request."""
    return session.get_one(User, person().id)


def allowed(permission: Permission) -> Callable[[View], View]:
    """Marks a view: who lacks ``permission`` is refused."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Marks a view that nobody has to be logged in for."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def large(most: int) -> Callable[[View], View]:
    """Marks a view: a request to it may have ``most`` bytes, of who may use it."""

    def mark(view: View) -> View:
        view.most = most  # type: ignore[attr-defined]
        return view

    return mark


def unattended(view: View) -> View:
    """Marks a view that a page's script asks for by itself: it keeps nobody logged in."""
    view.unattended = True  # type: ignore[attr-defined]
    return view


def is_public(endpoint: str) -> bool:
    """Whether a view is marked ``public``."""
    return getattr(current_app.view_functions[endpoint], "permission", "own") is None


def install(pages: Blueprint) -> None:
    """Check every request to ``pages`` and those below them."""
    # Before anything reads the form, which is when a request's size is looked at.
    pages.url_value_preprocessor(_make_room)
    pages.before_request(_check)
    pages.after_request(_renew)


def enter(answer: Answer, user: User) -> None:
    """Log ``user`` in: sets the cookie."""
    _write(answer, {"i": token_hex(16), "u": user.id, "v": user.version, "s": _clock(), "t": _clock()})


def stay(answer: Answer, user: User) -> None:
    """Go on with this login, though all others of ``user`` end; needed where they changed their own account."""
    if (told := g.get("login")) is not None:
        _write(answer, {**told, "v": user.version, "t": _clock()})


def leave(answer: Answer, session: Session) -> None:
    """Log out: this login is good no longer, and the cookie goes."""
    accounts.end(session, g.login["i"], office().settings.now())
    g.written = True
    answer.delete_cookie(COOKIE, path=_path(), httponly=True, samesite="Lax", secure=_secure())


def was_here(user: User) -> bool:
    """Whether this browser was ``user``'s before, though that login may have run out."""
    told = _read()
    return told is not None and told["u"] == user.id


def by_proxy() -> Person | None:
    """Who the proxy in front says is there; only where it speaks itself. Refuses whom the centre does not know."""
    settings = office().settings
    original = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    header = request.headers.get(settings.login_header, "") if settings.login_header else ""
    if not header or not is_trusted(original.get("REMOTE_ADDR") or "", settings.trusted):
        return None
    with reading(office().engine) as session:
        user = accounts.known(session, name_in(header))
    if user is None or not user.active:
        abort(403, _("统一登录给出的用户在这里没有账号，或者账号已停用。请联系本中心的管理员。"))
    return _person(user)


def present() -> Person | None:
    """Who makes a request to a ``public`` view; None where nobody is logged in."""
    return by_proxy() if office().settings.login_header else _found()


def _check() -> Answer | None:
    view = current_app.view_functions[request.endpoint or ""]
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in ("same-site", "cross-site"):
        # The page of a neighbour under the same domain could carry a token of its own making.
        abort(400)
    if is_public(request.endpoint or ""):
        return None
    permission: Permission = getattr(view, "permission", "own")
    found = present()
    if found is None:
        if request.method == "GET":
            return redirect(url_for("centre.entry.login", next=request.full_path.rstrip("?")))
        abort(401)
    g.person = found
    if not hasattr(view, "permission") or not found.may(permission):
        abort(403)
    return None


def _make_room(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    view = current_app.view_functions[request.endpoint or ""]
    most: int = getattr(view, "most", 0)
    if most and (found := present()) is not None and found.may(getattr(view, "permission", "own")):
        request.max_content_length = most


def _found() -> Person | None:
    told = _read()
    settings, now = office().settings, _clock()
    if told is None:
        return None
    if now - told["t"] > settings.idle.total_seconds() or now - told["s"] > settings.longest.total_seconds():
        return None
    wanted = select(User).outerjoin(EndedLogin, EndedLogin.login == told["i"])
    with reading(office().engine) as session:
        user = session.execute(wanted.where(User.id == told["u"], EndedLogin.login.is_(None))).scalar_one_or_none()
    if user is None or not user.active or user.version != told["v"]:
        return None
    g.login = told
    return _person(user)


def _person(user: User) -> Person:
    return Person(user.id, user.name, user.full_name, user.role)


def _renew(answer: Response) -> Response:
    told: dict[str, Any] | None = g.get("login")
    alone = hasattr(current_app.view_functions[request.endpoint or ""], "unattended")
    if told is not None and not alone and not g.get("written") and _clock() - told["t"] > RENEWED:
        _write(answer, {**told, "t": _clock()})
    return answer


def _read() -> dict[str, Any] | None:
    try:
        told = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return None
    return told if isinstance(told, dict) and {"i", "u", "v", "s", "t"} <= told.keys() else None


def _write(answer: Answer, told: dict[str, Any]) -> None:
    g.written = True
    answer.set_cookie(COOKIE, _signer().dumps(told), path=_path(), httponly=True, samesite="Lax", secure=_secure())


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=COOKIE)


def _path() -> str:
    return request.script_root + ROOT


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _clock() -> float:
    """Seconds by the workbench's clock."""
    return (office().settings.now() - EPOCH).total_seconds()
