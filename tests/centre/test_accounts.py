"""Accounts: who gets in, who waits, and what an answer gives away."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from engine import InputError
from web.centre import accounts
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, User

AT = datetime(2026, 11, 22, 9, 0)
RIGHT = "十个字以上的一句密码"


@pytest.fixture
def centre(engine: Engine) -> Engine:
    with writing(engine) as session:
        accounts.add_user(session, "wang", "王某", "clerk", RIGHT)
    return engine


def attempt(engine: Engine, name: str, password: str, at: datetime = AT) -> str:
    """The role that got in, or why not."""
    try:
        return accounts.log_in(engine, name, password, at).role
    except accounts.Refused as refused:
        return refused.why


def locked(engine: Engine) -> datetime | None:
    with reading(engine) as session:
        return accounts.named(session, "wang").locked_until


def test_the_right_password_lets_in(centre: Engine) -> None:
    assert attempt(centre, "wang", RIGHT) == "clerk"


@pytest.mark.parametrize("name", ["wang", "li", "wa\0ng", ""])
def test_whatever_was_wrong_gets_the_same_answer(centre: Engine, name: str) -> None:
    assert attempt(centre, name, "wrong") == accounts.WRONG
    assert attempt(centre, name, "x" * 100_000) == accounts.WRONG


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(centre: Engine) -> None:
    for _ in range(5):
        assert locked(centre) is None
        assert attempt(centre, "wang", "wrong") == accounts.WRONG
    assert locked(centre) == AT + timedelta(minutes=15)
    assert attempt(centre, "wang", RIGHT) == accounts.WRONG
    assert attempt(centre, "wang", RIGHT, AT + timedelta(minutes=14, seconds=59)) == accounts.WRONG
    assert attempt(centre, "wang", RIGHT, AT + timedelta(minutes=15)) == "clerk"


def test_what_was_tried_is_written_down_without_names(centre: Engine) -> None:
    for name, password in [("li", RIGHT), *[("wang", "wrong")] * 5, ("wang", RIGHT)]:
        attempt(centre, name, password)
    attempt(centre, "wang", RIGHT, AT + timedelta(minutes=15))
    with reading(centre) as session:
        entries = session.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars().all()
    refused, to_wang = ("login-refused", None, {}), ("login-refused", None, {"user": 1})
    told = [(entry.action, entry.by_id, entry.detail) for entry in entries]
    assert told == [
        refused, *[to_wang] * 4, ("user-locked", None, {"user": 1}), to_wang, to_wang, ("logged-in", 1, {}),
    ]  # fmt: skip


def test_a_password_that_is_changed_meanwhile_is_compared_again(centre: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compared before anything is locked; what was compared has to be what is kept then."""
    compare, new = accounts._matches, "另一句十个字以上的密码"
    changes = [new]

    def meanwhile(stored: str, password: str) -> bool:
        right = compare(stored, password)
        if changes:
            with writing(centre) as session:
                accounts.set_password(session.get_one(User, 1), changes.pop())
        return right

    monkeypatch.setattr(accounts, "_matches", meanwhile)
    assert attempt(centre, "wang", RIGHT) == accounts.WRONG
    changes.append(RIGHT)
    assert attempt(centre, "wang", RIGHT) == "clerk"


def test_a_hash_that_grew_old_is_made_anew(centre: Engine) -> None:
    with writing(centre) as session:
        weaker = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(RIGHT)
        session.get_one(User, 1).password = weaker
    assert attempt(centre, "wang", "wrong") == accounts.WRONG
    assert attempt(centre, "wang", RIGHT) == "clerk"
    with reading(centre) as session:
        kept = session.get_one(User, 1).password
    assert kept is not None and kept != weaker and "t=1" in kept
    assert attempt(centre, "wang", RIGHT) == "clerk"


def test_the_right_password_forgets_the_wrong_ones(centre: Engine) -> None:
    for _ in range(3):
        for _ in range(4):
            attempt(centre, "wang", "wrong")
        assert attempt(centre, "wang", RIGHT) == "clerk"


def test_who_is_gone_or_has_no_password_stays_out(centre: Engine) -> None:
    with writing(centre) as session:
        accounts.add_user(session, "proxy", "代理登录", "head", None)
        session.get_one(User, 1).active = False
    assert attempt(centre, "wang", RIGHT) == accounts.WRONG
    assert attempt(centre, "proxy", "") == accounts.WRONG


def test_passwords_are_kept_by_argon2id_only(centre: Engine) -> None:
    with reading(centre) as session:
        kept = session.get_one(User, 1).password
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert RIGHT not in kept


def test_a_new_password_ends_the_sessions(centre: Engine) -> None:
    with writing(centre) as session:
        user = session.get_one(User, 1)
        before = user.version
        accounts.set_password(user, "另一句十个字以上的密码")
        assert user.version == before + 1
    assert attempt(centre, "wang", RIGHT) == accounts.WRONG
    assert attempt(centre, "wang", "另一句十个字以上的密码") == "clerk"


@pytest.mark.parametrize(
    ("name", "full_name", "role", "password", "problem"),
    [
        ("wang", "另一位", "clerk", RIGHT, "已经有用户“wang”"),
        ("", "某", "clerk", RIGHT, "用户名要有 1 到 64 个字，不含空格和逗号"),
        ("a b", "某", "clerk", RIGHT, "用户名要有 1 到 64 个字，不含空格和逗号"),
        ("a,b", "某", "clerk", RIGHT, "用户名要有 1 到 64 个字，不含空格和逗号"),
        ("a\0b", "某", "clerk", RIGHT, "用户名要有 1 到 64 个字，不含空格和逗号"),
        ("li", "某\0", "clerk", RIGHT, "姓名要有 1 到 64 个字"),
        ("li", " ", "clerk", RIGHT, "姓名要有 1 到 64 个字"),
        ("li", "某", "boss", RIGHT, "没有角色“boss”"),
        ("li", "某", "clerk", "short", "密码至少 10 个字"),
        ("lisi", "某", "clerk", "LISI-password", "密码不能含用户名"),
    ],
)
def test_bad_accounts_are_refused(
    centre: Engine, name: str, full_name: str, role: str, password: str, problem: str
) -> None:
    with pytest.raises(InputError) as refused, writing(centre) as session:
        accounts.add_user(session, name, full_name, role, password)
    assert problem in str(refused.value.findings[0])
