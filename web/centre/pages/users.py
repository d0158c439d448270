"""The accounts of the centre, for its administrators. Passwords are typed and never shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from web.centre import accounts, staff
from web.centre.pages.guard import acting, allowed, office, person, stay
from web.centre.store.database import reading, writing
from web.centre.store.tables import User
from web.texts import gettext as _

pages = Blueprint("users", __name__)
OVERTAKEN = _("这个账号刚被另一位管理员改过，您的改动没有保存。下面是现在的样子，请核对后再改。")


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form was sent with, without passwords."""

    name: str = ""
    full_name: str = ""
    role: str = "clerk"


@pages.get("/users")
@allowed("accounts")
def index() -> str:
    """All accounts, those in use first."""
    with reading(office().engine) as session:
        everyone = sorted(accounts.everyone(session), key=lambda user: (not user.active, user.id))
    return render_template("centre/users.html", users=everyone, roles=accounts.ROLES, now=office().settings.now())


@pages.get("/users/new")
@allowed("accounts")
def new() -> Answer:
    """The form of a new account."""
    return _new(Filled(), {}, 200)


@pages.post("/users/new")
@allowed("accounts")
def add() -> Answer:
    """A new account."""
    sent = Filled(*(request.form.get(name, "").strip() for name in ("name", "full_name", "role")))
    password = None if office().settings.login_header else request.form.get("password", "")
    if password is not None and password != request.form.get("again", ""):
        return _new(sent, {"again": _("两次输入的密码不一样")}, 422)
    try:
        with writing(office().engine) as session:
            staff.add(session, acting(session), sent.name, sent.full_name, sent.role, password)
    except staff.Unfit as error:
        return _new(sent, error.problems, 422)
    return redirect(url_for(".index", done="user-added"), 303)


@pages.get("/users/<int:number>")
@allowed("accounts")
def show(number: int) -> Answer:
    """One account, and what can be changed about it."""
    return _page(number, {}, 200)


@pages.post("/users/<int:number>")
@allowed("accounts")
def edit(number: int) -> Answer:
    """Another full name or role."""
    sent = Filled("", request.form.get("full_name", "").strip(), request.form.get("role", ""))
    return _done(number, "user-edited", lambda session, by, version: staff.edit(
        session, by, number, version, sent.full_name, sent.role
    ), sent)  # fmt: skip


@pages.post("/users/<int:number>/password")
@allowed("accounts")
def password(number: int) -> Answer:
    """A new password for somebody who lost theirs."""
    told = request.form.get("password", "")
    if told != request.form.get("again", ""):
        return _page(number, {"again": _("两次输入的密码不一样")}, 422)
    return _done(number, "user-password", lambda session, by, version: staff.new_password(
        session, by, number, version, told
    ))  # fmt: skip


@pages.post("/users/<int:number>/active")
@allowed("accounts")
def switch(number: int) -> Answer:
    """Whether an account is in use."""
    active = request.form.get("active") == "yes"
    return _done(number, "user-on" if active else "user-off", lambda session, by, version: staff.switch(
        session, by, number, version, active
    ))  # fmt: skip


@pages.post("/users/<int:number>/unlock")
@allowed("accounts")
def unlock(number: int) -> Answer:
    """Let somebody try again before their quarter of an hour is over."""
    return _done(number, "user-unlocked", lambda session, by, _: staff.unlock(session, by, number))


def _done(
    number: int, notice: str, change: Callable[[Session, User, int], User], sent: Filled | None = None
) -> Answer:
    """Change an account, and show it again: with a notice, or with why it was not changed."""
    told = request.form.get("version", "")
    version = int(told) if told.isdecimal() and len(told) < 10 else 0
    try:
        with writing(office().engine) as session:
            _existing(session, number)
            user = change(session, acting(session), version)
    except staff.Overtaken:
        return _page(number, {"": OVERTAKEN}, 409)
    except staff.Unfit as error:
        return _page(number, error.problems, 422, sent)
    answer = redirect(url_for(".show", number=number, done=notice), 303)
    if number == person().id:
        stay(answer, user)
    return answer


def _existing(session: Session, number: int) -> User:
    user = session.get(User, number) if number < 2**31 else None
    if user is None:
        abort(404)
    return user


def _page(number: int, problems: dict[str, str], status: int, sent: Filled | None = None) -> Answer:
    with reading(office().engine) as session:
        user = _existing(session, number)
    now = office().settings.now()
    page = render_template(
        "centre/user.html", user=user, sent=sent or Filled(user.name, user.full_name, user.role), problems=problems,
        roles=accounts.ROLES, own=number == person().id, locked=user.locked_until is not None and now < user.locked_until,
        shortest=accounts.SHORTEST, by_proxy=bool(office().settings.login_header),
    )  # fmt: skip
    return make_response(page, status)


def _new(sent: Filled, problems: dict[str, str], status: int) -> Answer:
    page = render_template(
        "centre/new_user.html", sent=sent, problems=problems, roles=accounts.ROLES, shortest=accounts.SHORTEST,
        by_proxy=bool(office().settings.login_header),
    )  # fmt: skip
    return make_response(page, status)
