"""The accounts of a centre, as its administrators keep them.

Everything is checked and written in one transaction, in which nobody else writes. A form says which version of the
account it was made from, so that two administrators do not undo each other's work unseen. There is always an active
administrator left.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from web.centre import accounts, keeping
from web.centre.store.tables import Role, User
from web.texts import gettext as _


class Unfit(InputError):
    """Something that cannot be done: ``problems`` is a Chinese sentence by field, under ``""`` what is of no field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__([Finding("用户", 0, 0, "centre-user", problem) for problem in problems.values()])
        self.problems = problems


class Overtaken(Exception):
    """The account was changed after the form was made."""


def add(session: Session, by: User, name: str, full_name: str, role: str, password: str | None) -> User:
    """A new account; without a password for those who come in through a proxy. Raises Unfit."""
    _acting(by)
    if wrong := accounts.problems(session, name, full_name, role, password):
        raise Unfit(wrong)
    user = accounts.add_user(session, name, full_name, role, password)
    keeping.audit(session, by, "user-added", user=user.id, role=user.role)
    return user


def edit(session: Session, by: User, number: int, version: int, full_name: str, role: str) -> User:
    """Another full name or role. Raises Unfit and Overtaken."""
    user = _current(session, by, number, version)
    wrong = accounts.unfit(full_name, role)
    if not wrong and user.role == "administrator" and role != "administrator":
        wrong = _leaving(session, by, user, "role")
    if wrong:
        raise Unfit(wrong)
    before: Role = user.role
    if (full_name.strip(), role) != (user.full_name, before):
        user.full_name, user.role = full_name.strip(), role  # type: ignore[assignment]
        accounts.end_all(user)
        told: dict[str, Any] = {"before": before, "role": role} if role != before else {}
        keeping.audit(session, by, "user-edited", user=user.id, **told)
    return user


def new_password(session: Session, by: User, number: int, version: int, password: str) -> User:
    """A new password for somebody else, who is told it in person. Raises Unfit and Overtaken."""
    user = _current(session, by, number, version)
    if user.id == by.id:
        raise Unfit({"": _("自己的密码请在“我的账号”里改")})
    if (problem := accounts.weak(password, user.name)) is not None:
        raise Unfit({"password": problem})
    accounts.set_password(user, password)
    keeping.audit(session, by, "password-set", user=user.id)
    return user


def switch(session: Session, by: User | None, number: int, version: int, active: bool) -> User:
    """Whether an account is in use; ``by`` is None at the command line. Raises Unfit and Overtaken."""
    user = _current(session, by, number, version)
    if not active and (wrong := _leaving(session, by, user, "")):
        raise Unfit(wrong)
    if user.active != active:
        user.active = active
        accounts.end_all(user)
        keeping.audit(session, by, "user-on" if active else "user-off", user=user.id)
    return user


def unlock(session: Session, by: User, number: int) -> User:
    """Let somebody try again who typed a wrong password too often. Raises Unfit."""
    _acting(by)
    user = session.get_one(User, number)
    if user.failures or user.locked_until is not None:
        user.failures, user.locked_until = 0, None
        keeping.audit(session, by, "user-unlocked", user=user.id)
    return user


def _current(session: Session, by: User | None, number: int, version: int) -> User:
    _acting(by)
    user = session.get_one(User, number)
    if user.version != version:
        raise Overtaken
    return user


def _acting(by: User | None) -> None:
    """Since the request was let in, another administrator may have taken this one's role away."""
    if by is not None and (not by.active or by.role != "administrator"):
        raise Unfit({"": _("您刚刚不再是管理员，没有改动")})


def _leaving(session: Session, by: User | None, user: User, field: str) -> dict[str, str]:
    """What speaks against an account being no active administrator's any more, or not being in use."""
    if by is not None and user.id == by.id:
        return {field: _("不能停用自己的账号，也不能改掉自己的管理员角色；请由另一位管理员来做")}
    left = select(func.count()).where(User.active, User.role == "administrator", User.id != user.id)
    if user.role == "administrator" and user.active and session.execute(left).scalar_one() == 0:
        return {field: _("这是最后一位在用的管理员；请先设另一位")}
    return {}
