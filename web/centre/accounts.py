"""Who works at the centre: roles, passwords, lock-out.

A wrong password counts; after ``TRIES`` of them the account waits ``LOCKED``. The answer never tells whether the name
exists, nor does the time it takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from web.centre.store.database import now
from web.centre.store.tables import Role, User

ROLES: dict[Role, str] = {
    "clerk": "受理员",
    "reviewer": "审核员",
    "head": "负责人",
    "administrator": "管理员",
    "auditor": "审计员",
}
TRIES = 5
LOCKED = timedelta(minutes=15)
SHORTEST = 10
_HASHER = PasswordHasher()
# Checked where no such user exists, so that this takes as long as with one.
_NOBODY = _HASHER.hash("nobody has this password")


class Refused(Exception):
    """A login that was not let in; ``why`` is Chinese and says nothing about who exists."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def add_user(session: Session, name: str, full_name: str, role: str, password: str | None) -> User:
    """A new account. Without a password it can only come in through a trusted proxy. Raises InputError."""
    problems = _problems(session, name, full_name, role, password)
    if problems:
        raise InputError([Finding("用户", 0, 0, "centre-user", message) for message in problems])
    user = User(name=name, full_name=full_name, role=role, created_at=now(), password=hashed(password))
    session.add(user)
    session.flush()
    return user


def named(session: Session, name: str) -> User:
    """The user with this name. Raises InputError where there is none."""
    found = session.execute(select(User).where(User.name == name)).scalar_one_or_none()
    if found is None:
        raise InputError([Finding("用户", 0, 0, "centre-user", f"没有用户“{name}”", "可用 huiqi centre user list 查看")])
    return found


def everyone(session: Session) -> list[User]:
    """All users, in the order of their accounts."""
    return list(session.execute(select(User).order_by(User.id)).scalars())


def set_password(user: User, password: str) -> None:
    """A new password; every session of the user ends. Raises InputError where it is too short."""
    if (problem := _weak(password, user.name)) is not None:
        raise InputError([Finding("密码", 0, 0, "centre-password", problem)])
    user.password, user.version, user.failures, user.locked_until = hashed(password), user.version + 1, 0, None


def log_in(session: Session, name: str, password: str, at: datetime) -> User:
    """The user with this name and password. Raises Refused; the failure is counted and must be kept."""
    user = session.execute(select(User).where(User.name == name).with_for_update()).scalar_one_or_none()
    right = _matches(user.password if user is not None and user.password else _NOBODY, password)
    if user is None or user.password is None or not user.active:
        raise Refused("用户名或密码不对")
    if user.locked_until is not None and at < user.locked_until:
        raise Refused("用户名或密码不对；连续输错多次的账号要等一刻钟")
    if not right:
        user.failures += 1
        if user.failures >= TRIES:
            user.failures, user.locked_until = 0, at + LOCKED
        raise Refused("用户名或密码不对")
    user.failures, user.locked_until = 0, None
    if _HASHER.check_needs_rehash(user.password):
        user.password = hashed(password)
    return user


def hashed(password: str | None) -> str | None:
    """The password by argon2id, or None."""
    return None if password is None else _HASHER.hash(password)


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _problems(session: Session, name: str, full_name: str, role: str, password: str | None) -> list[str]:
    problems = []
    if not name or len(name) > 64 or not name.isprintable() or name != name.strip() or " " in name:
        problems.append("用户名要有 1 到 64 个字，不含空格")
    elif session.execute(select(User.id).where(User.name == name)).first() is not None:
        problems.append(f"已经有用户“{name}”")
    if not full_name.strip() or len(full_name) > 64:
        problems.append("姓名要有 1 到 64 个字")
    if role not in ROLES:
        problems.append(f"没有角色“{role}”，可选：{'、'.join(f'{key}（{label}）' for key, label in ROLES.items())}")
    if password is not None and (weak := _weak(password, name)) is not None:
        problems.append(weak)
    return problems


def _weak(password: str, name: str) -> str | None:
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字"
    if len(password) > 1024:
        return "密码太长"
    return "密码不能含用户名" if name and name.lower() in password.lower() else None
