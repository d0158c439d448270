"""Who works at the centre: roles, passwords, lock-out.

A wrong password counts; after ``TRIES`` of them the account waits ``LOCKED``. The answer is the same whatever was wrong,
and takes as long, so that it never tells whether the name exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from web.centre import keeping
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import EndedLogin, Role, User
from web.texts import gettext as _

ROLES: dict[Role, str] = {
    "clerk": _("受理员"),
    "reviewer": _("审核员"),
    "head": _("负责人"),
    "administrator": _("管理员"),
    "auditor": _("审计员"),
}
TRIES = 5
LOCKED = timedelta(minutes=15)
SHORTEST = 10
LONGEST = 1024
FORGOTTEN = timedelta(days=7)
"""After so long an ended login is written down no more: its cookie has run out by far."""
WRONG = _("用户名或密码不对；连续输错 %d 次的账号要等一刻钟") % TRIES
_HASHER = PasswordHasher()
# Checked where no such user exists, so that this takes as long as with one.
_NOBODY = _HASHER.hash("nobody has this password")


class Refused(Exception):
    """A password that was not accepted; ``why`` is Chinese and says nothing about who exists."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def add_user(session: Session, name: str, full_name: str, role: str, password: str | None) -> User:
    """A new account. Without a password it can only come in through a trusted proxy. Raises InputError."""
    wrong = problems(session, name, full_name, role, password)
    if wrong:
        raise InputError([Finding("用户", 0, 0, "centre-user", message) for message in wrong.values()])
    user = User(name=name, full_name=full_name.strip(), role=role, created_at=now(), password=hashed(password))
    session.add(user)
    session.flush()
    return user


def named(session: Session, name: str) -> User:
    """The user with this name. Raises InputError where there is none."""
    found = known(session, name)
    if found is None:
        raise InputError([Finding("用户", 0, 0, "centre-user", f"没有用户“{name}”", "可用 huiqi centre user list 查看")])
    return found


def known(session: Session, name: str) -> User | None:
    """The user with this name, if there is one."""
    # PostgreSQL takes no NUL; nobody has a name with it.
    if not name.isprintable():
        return None
    return session.execute(select(User).where(User.name == name)).scalar_one_or_none()


def everyone(session: Session) -> list[User]:
    """All users, in the order of their accounts."""
    return list(session.execute(select(User).order_by(User.id)).scalars())


def set_password(user: User, password: str) -> None:
    """A new password; every session of the user ends. Raises InputError where it is too short."""
    if (problem := weak(password, user.name)) is not None:
        raise InputError([Finding("密码", 0, 0, "centre-password", problem)])
    user.password, user.version, user.failures, user.locked_until = hashed(password), user.version + 1, 0, None


def log_in(engine: Engine, name: str, password: str, at: datetime) -> User:
    """The user with this name and password. Raises Refused. What was tried is counted and written down either way."""

    def write_down(session: Session, user: User | None, inside: bool) -> None:
        if inside:
            keeping.audit(session, user, "logged-in")
        else:
            keeping.audit(session, None, "login-refused", **({"user": user.id} if user is not None else {}))

    user = _attempt(engine, lambda session: known(session, name), password, at, write_down)
    if user is None:
        raise Refused(WRONG)
    return user


def change_password(engine: Engine, number: int, old: str, new: str, at: datetime) -> User:
    """A user's own new password, by the old one; every session of theirs ends.

    Raises Refused where the old one is wrong, which counts as at the door, and InputError where the new one will not do.
    """
    with reading(engine) as session:
        name = session.get_one(User, number).name
    if (problem := weak(new, name)) is None and new == old:
        problem = _("新密码和现在的一样")
    if problem is not None:
        raise InputError([Finding("密码", 0, 0, "centre-password", problem)])

    def write_down(session: Session, user: User | None, inside: bool) -> None:
        if user is not None and inside:
            set_password(user, new)
        keeping.audit(session, user, "password-changed" if inside else "password-change-refused")

    user = _attempt(engine, lambda session: session.get_one(User, number), old, at, write_down)
    if user is None:
        raise Refused(_("现在的密码不对；连续输错 %d 次要等一刻钟") % TRIES)
    return user


def end(session: Session, login: str, at: datetime) -> None:
    """One login ends: its cookie opens nothing any more, wherever it is. Those that ran out by themselves are forgotten."""
    session.execute(delete(EndedLogin).where(EndedLogin.at < at - FORGOTTEN))
    session.merge(EndedLogin(login=login, at=at))


def end_all(user: User) -> None:
    """Every login of a user ends."""
    user.version += 1


def hashed(password: str | None) -> str | None:
    """The password by argon2id, or None."""
    return None if password is None else _HASHER.hash(password)


def problems(session: Session, name: str, full_name: str, role: str, password: str | None) -> dict[str, str]:
    """What is wrong with a new account: a Chinese sentence by field."""
    found = {}
    if not name or len(name) > 64 or not name.isprintable() or " " in name or "," in name:
        found["name"] = _("用户名要有 1 到 64 个字，不含空格和逗号")
    elif session.execute(select(User.id).where(User.name == name)).first() is not None:
        found["name"] = _("已经有用户“%s”") % name
    found |= unfit(full_name, role)
    if password is not None and (problem := weak(password, name)) is not None:
        found["password"] = problem
    return found


def unfit(full_name: str, role: str) -> dict[str, str]:
    """What is wrong with somebody's full name and role: a Chinese sentence by field."""
    found = {}
    if not full_name.strip() or len(full_name) > 64 or not full_name.isprintable():
        found["full_name"] = _("姓名要有 1 到 64 个字")
    if role not in ROLES:
        choices = "、".join(f"{key}（{label}）" for key, label in ROLES.items())
        found["role"] = _("没有角色“%(role)s”，可选：%(choices)s") % {"role": role, "choices": choices}
    return found


def weak(password: str, name: str) -> str | None:
    """What is wrong with a new password of the user with this name; None where it will do."""
    if len(password) < SHORTEST:
        return _("密码至少 %d 个字") % SHORTEST
    if len(password) > LONGEST:
        return _("密码太长")
    return _("密码不能含用户名") if name and name.lower() in password.lower() else None


def _attempt(
    engine: Engine, find: Callable[[Session], User | None], password: str, at: datetime,
    write_down: Callable[[Session, User | None, bool], None],
) -> User | None:  # fmt: skip
    """The user that ``find`` finds, if the password is theirs and they may come in; ``write_down`` is told in the same
    transaction in which a wrong one is counted."""
    while True:
        with reading(engine) as session:
            proof = _proof(find(session), password)
        with writing(engine) as session:
            user = find(session)
            if (user.password if user is not None else None) != proof.stored:
                continue  # changed in the meantime: what was compared is nobody's any more
            inside = user is not None and _admitted(session, user, proof, at)
            write_down(session, user, inside)
            return user if inside else None


@dataclass(frozen=True, slots=True)
class _Proof:
    """Whether a password is that of ``stored``, with a stronger form of it where that is due.

    It takes a while, so it is found out before anything is locked.
    """

    stored: str | None
    right: bool
    renewed: str | None


def _proof(user: User | None, password: str) -> _Proof:
    stored = user.password if user is not None else None
    right = _matches(stored or _NOBODY, password)
    renewed = hashed(password) if stored and right and _HASHER.check_needs_rehash(stored) else None
    return _Proof(stored, right, renewed)


def _admitted(session: Session, user: User, proof: _Proof, at: datetime) -> bool:
    """Whether what was proved lets in now; a wrong password counts."""
    if user.password is None or not user.active:
        return False
    if user.locked_until is not None and at < user.locked_until:
        return False
    if proof.right:
        user.failures, user.locked_until, user.password = 0, None, proof.renewed or user.password
        return True
    user.failures += 1
    if user.failures >= TRIES:
        user.failures, user.locked_until = 0, at + LOCKED
        keeping.audit(session, None, "user-locked", user=user.id)
    return False


def _matches(stored: str, password: str) -> bool:
    try:
        return len(password) <= LONGEST and _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
