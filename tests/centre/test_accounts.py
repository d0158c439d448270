"""Accounts: who gets in, who waits, and what an answer gives away."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from engine import InputError
from web.centre import accounts
from web.centre.store.database import reading, writing
from web.centre.store.tables import User

AT = datetime(2026, 11, 22, 9, 0)
RIGHT = "十个字以上的一句密码"


@pytest.fixture
def centre(engine: Engine) -> Engine:
    with writing(engine) as session:
        accounts.add_user(session, "wang", "王某", "clerk", RIGHT)
    return engine


def attempt(engine: Engine, name: str, password: str, at: datetime = AT) -> str:
    """The role that got in, or why not; what was counted is kept."""
    with writing(engine) as session:
        try:
            return accounts.log_in(session, name, password, at).role
        except accounts.Refused as refused:
            return refused.why


def test_the_right_password_lets_in(centre: Engine) -> None:
    assert attempt(centre, "wang", RIGHT) == "clerk"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(centre: Engine) -> None:
    assert attempt(centre, "wang", "wrong") == attempt(centre, "li", RIGHT) == "用户名或密码不对"


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(centre: Engine) -> None:
    for _ in range(5):
        assert attempt(centre, "wang", "wrong") == "用户名或密码不对"
    assert "一刻钟" in attempt(centre, "wang", RIGHT)
    assert "一刻钟" in attempt(centre, "wang", RIGHT, AT + timedelta(minutes=14, seconds=59))
    assert attempt(centre, "wang", RIGHT, AT + timedelta(minutes=15)) == "clerk"


def test_the_right_password_forgets_the_wrong_ones(centre: Engine) -> None:
    for _ in range(3):
        for _ in range(4):
            attempt(centre, "wang", "wrong")
        assert attempt(centre, "wang", RIGHT) == "clerk"


def test_who_is_gone_or_has_no_password_stays_out(centre: Engine) -> None:
    with writing(centre) as session:
        accounts.add_user(session, "proxy", "代理登录", "head", None)
        session.get_one(User, 1).active = False
    assert attempt(centre, "wang", RIGHT) == "用户名或密码不对"
    assert attempt(centre, "proxy", "") == "用户名或密码不对"


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
    assert attempt(centre, "wang", RIGHT) == "用户名或密码不对"
    assert attempt(centre, "wang", "另一句十个字以上的密码") == "clerk"


@pytest.mark.parametrize(
    ("name", "full_name", "role", "password", "problem"),
    [
        ("wang", "另一位", "clerk", RIGHT, "已经有用户“wang”"),
        ("", "某", "clerk", RIGHT, "用户名要有 1 到 64 个字，不含空格"),
        ("a b", "某", "clerk", RIGHT, "用户名要有 1 到 64 个字，不含空格"),
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
