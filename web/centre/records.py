"""The log of what was done, as it is read: narrowed, in pages, each action as a sentence; and the chain's proof in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from web.centre import accounts, clock, erasing
from web.centre.choices import LABELS
from web.centre.letters.issued import TITLES
from web.centre.lists.progress import STATES
from web.centre.store import chain
from web.centre.store.tables import AuditEntry
from web.texts import gettext as _

PAGE = 100
MOST_TOLD = 50
PART = 25_000
"""Links that one request verifies; a few seconds."""

ACTIONS: dict[str, str] = {
    "taken-in": _("受理"),
    "profile-changed": _("存下资料的新一版"),
    "assigned": _("改承办人"),
    "note-added": _("写备注"),
    "screened": _("重新对照"),
    "logged-in": _("登录"),
    "logged-out": _("退出"),
    "login-refused": _("登录被拒绝"),
    "left-elsewhere": _("让别处的登录全部退出"),
    "password-changed": _("改自己的密码"),
    "password-change-refused": _("改自己的密码被拒绝"),
    "user-added": _("新建账号"),
    "user-edited": _("修改账号"),
    "password-set": _("重设别人的密码"),
    "user-off": _("停用账号"),
    "user-on": _("恢复账号"),
    "user-locked": _("账号因连续输错密码锁定"),
    "user-unlocked": _("解开账号的锁定"),
    "choices-changed": _("修改本中心的设置"),
    "finding": _("认定"),
    "finding-proposed": _("提出认定意见"),
    "finding-confirmed": _("复核同意认定意见"),
    "finding-rejected": _("退回或收回认定意见"),
    "finding-withdrawn": _("撤回认定意见"),
    "withdrawal-proposed": _("提出撤回认定意见"),
    "withdrawal-confirmed": _("复核同意撤回认定意见"),
    "withdrawal-rejected": _("退回或收回撤回的提议"),
    "evidence": _("上传证据"),
    "list-handed-in": _("交来名单"),
    "list-mapped": _("确认名单的列"),
    "list-started": _("开始筛查名单"),
    "list-cancelled": _("停止筛查名单"),
    "list-ended": _("名单处理结束"),
    "list-removed": _("删除名单的文件"),
    "letter": _("出具文书"),
    "shortlist": _("下载一项措施的名单"),
    "chain-verified": _("核验全部记录"),
    "erased": _("清除资料"),
    "watch-wanted": _("要求全部重新对照"),
    "watched": _("全部重新对照"),
}
"""What an action is called; one that is not named here is shown by its code."""

DETAILS: dict[str, str] = {
    "user": _("账号"),
    "to": _("给"),
    "together": _("一次改的家数"),
    "role": _("角色"),
    "before": _("原为"),
    "choices": _("项目"),
    "four_eyes": LABELS["four_eyes"],
    "retention_years": LABELS["retention_years"],
    "number": _("核对环数"),
    "problems": _("不成立环数"),
    "finding": _("意见"),
    "answers": _("针对意见"),
    "profile": _("资料版本"),
    "version": _("资料版本"),
    "determination": _("认定记录"),
    "note": _("备注"),
    "measure": _("措施"),
    "measures": _("措施"),
    "kind": _("种类"),
    "evidence": _("证据"),
    "list": _("名单"),
    "rows": _("行数"),
    "digest": _("文件摘要"),
    "rejected": _("未采用"),
    "state": _("结果"),
    "why": _("原因"),
    "checked": _("核对家数"),
    "evaluated": _("其中重新对照"),
    "changed": _("结论有变"),
    "unreadable": _("规则读不出"),
}
"""What the numbers and codes of an action's detail are called; others are left out of the sentence."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: those that meet everything given, older than the entry numbered ``before``.

    ``person`` is a user's number, 0 for what nobody who was logged in did.
    """

    action: str = ""
    person: int | None = None
    enterprise: int | None = None
    day: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is read; ``detail`` is a Chinese phrase, ``by`` empty where nobody was logged in."""

    number: int
    at: datetime
    by: str
    action: str
    detail: str
    enterprise: int | None


def lines(session: Session, wanted: Wanted) -> tuple[list[Line], bool]:
    """The newest entries that are wanted, at most ``PAGE``; and whether there are older ones."""
    rows = list(session.execute(_query(wanted).limit(PAGE + 1)).scalars())
    names = {user.id: user.full_name for user in accounts.everyone(session)}
    found = [
        Line(
            row.id, row.at, names.get(row.by_id or 0, ""), ACTIONS.get(row.action, row.action),
            said(row.detail, names), row.enterprise_id,
        )
        for row in rows[:PAGE]
    ]  # fmt: skip
    return found, len(rows) > PAGE


def said(detail: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """The detail of an action as a phrase; ``names`` by number of user."""
    return "，".join(f"{DETAILS[key]}{_value(key, value, names)}" for key, value in detail.items() if key in DETAILS)


def _query(wanted: Wanted) -> Select[Any]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.person is not None:
        query = query.where(AuditEntry.by_id == wanted.person if wanted.person else AuditEntry.by_id.is_(None))
    if wanted.enterprise is not None:
        query = query.where(AuditEntry.enterprise_id == wanted.enterprise)
    if wanted.day is not None:
        start = clock.begins(wanted.day)
        query = query.where(AuditEntry.at >= start, AuditEntry.at < start + timedelta(days=1))
    if wanted.before is not None:
        query = query.where(AuditEntry.id < wanted.before)
    return query


def _value(key: str, value: Any, names: Mapping[int, str]) -> str:
    if key in ("user", "to"):
        return f"“{names[value]}”" if value in names else _("：无人")
    if key == "why":
        return _("：") + erasing.REASONS.get(value, str(value))
    if key in ("role", "before"):
        return accounts.ROLES.get(value, str(value))
    if key == "state":
        return STATES.get(value, str(value))
    if key == "kind":
        return TITLES.get(value, str(value))
    if key == "choices":
        return "、".join(LABELS.get(name, name) for name in value)
    if isinstance(value, bool):
        return _("：是") if value else _("：否")
    if value is None:
        return _("：无")
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Proof:
    """What verifying a part of the chain found: of its ``newest`` links those behind ``after`` up to ``upto``.

    Of ``count`` problems the first ``MOST_TOLD`` are told.
    """

    after: int
    upto: int
    newest: int
    problems: tuple[chain.Broken, ...]
    count: int

    @property
    def ended(self) -> bool:
        """Whether that was the last part."""
        return self.upto >= self.newest


def prove(session: Session, after: int, noted: tuple[int, str] | None) -> Proof:
    """Verify at most ``PART`` links of the chain, from behind the link ``after`` on.

    With the first part what was noted is compared, with the last one whether there is anything outside the chain.
    """
    newest, _hash = chain.newest(session)
    upto = min(after + PART, newest)

    def problems() -> Iterator[chain.Broken]:
        if noted is not None and after == 0:
            yield from chain.verify_noted(session, noted)
        yield from chain.verify_part(session, after, upto)
        if upto >= newest:
            yield from chain.verify_whole(session)

    told: list[chain.Broken] = []
    count = 0
    for count, problem in enumerate(problems(), 1):
        if count <= MOST_TOLD:
            told.append(problem)
    return Proof(after, upto, newest, tuple(told), count)


def noted_in(text: str) -> tuple[int, str] | None:
    """A link that was noted as ``number:hash``; None where nothing was. Raises InputError."""
    plain = "".join(text.split()).replace("：", ":")
    if not plain:
        return None
    number, _colon, head = plain.partition(":")
    if not (number.isdecimal() and len(number) < 16 and len(head) == 64):
        message = _("要写成“环号:校验值”，和记下时显示的一样")
        raise InputError([Finding("noted", 0, 0, "centre-noted", message)])
    return int(number), head.lower()
