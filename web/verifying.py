"""A verification in words, for every face: what was compared, and what is told and derived where they differ."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from engine.quantities import format_date
from engine.verification import ABSENT, Difference, Part, PartKind, Verification
from web.amounts import PAYEES, payee_label
from web.reasons import STATUS_WORDS
from web.summary import GROUPS, READINESS

KINDS: dict[PartKind, str] = {
    "head": "认定记录",
    "measure": "措施",
    "programme": "背景",
    "readiness": "资质自查",
    "total": "合计",
}
VERDICTS: dict[str, str] = {**dict[str, str](GROUPS.items()), "undetermined": "待定", **READINESS}
STATED = {"met": "满足", "not_met": "不满足", "unknown": "未知"}
AMOUNTS = {"stated": "文件写明", "not_stated": "文件没有写明", "unknown": "还算不出", "not_applicable": "不涉及金额"}
WAITS = {"fact": "缺资料", "judgement": "待认定", "other_policy": "另看别的文件"}
VALUES: dict[str, dict[str, str]] = {
    "verdict": VERDICTS, "status": {**READINESS, **dict[str, str](STATUS_WORDS.items())}, "stated": STATED,
    "amount_status": AMOUNTS, "kind": WAITS, "payee": PAYEES,
}  # fmt: skip
"""What people call the values of a determination, by the key under which they stand."""
NOTHING = "—"
LONGEST = 80


def subject(verification: Verification) -> str:
    """What was compared: whose determination, of which day, how many measures."""
    measures = sum(part.kind == "measure" for part in verification.parts)
    day = format_date(date.fromisoformat(verification.as_of))
    return f"{verification.name or '未填写名称的企业'}，评估日 {day}，{measures} 项措施"


def version_note(verification: Verification) -> str | None:
    """That it was made by other rules, which is said before anything else."""
    if verification.told_version == verification.version:
        return None
    return (
        f"规则版本不同：认定记录写的是 {shorten(verification.told_version)}，现有规则是 {verification.version}。"
        "以下按现有规则重新得出；不一致也可能只是规则改了，请用当时的规则再核对。"
    )


def conclusion(verification: Verification) -> str:
    """Confirmed or refuted, with how much."""
    parts, refuted = len(verification.parts), verification.refuted
    if not refuted:
        return f"确认：共 {parts} 项，重新得出的全部一致。"
    places = sum(len(part.differences) for part in refuted)
    return f"不一致：共 {parts} 项，其中 {len(refuted)} 项有 {places} 处与重新得出的不同。"


def title(part: Part) -> str:
    """What a part is called: its title with its id, or whose total it is."""
    if part.kind == "total":
        return f"合计：{payee_label(part.id)}"
    name = part.title or KINDS[part.kind]
    return f"{name}（{part.id}）" if part.id else name


def verdict(part: Part) -> str:
    """Its verdict in words, nothing where it has none."""
    return VERDICTS.get(part.verdict, "")


def told(difference: Difference) -> str:
    """What the determination says there."""
    return "没有写" if difference.told is ABSENT else f"写的是 {_shown(difference.told, difference.path)}"


def derived(difference: Difference) -> str:
    """What it should say."""
    return "不应有" if difference.derived is ABSENT else f"应为 {_shown(difference.derived, difference.path)}"


def _shown(value: Any, path: tuple[str | int, ...]) -> str:
    """A value in words, where it is one of a few; else as it is written, in quotes where it is text."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict) and not path:
        # A whole measure: what it comes to says more than how it is written.
        word = VERDICTS.get(str(value.get("verdict") or value.get("status")))
        if word is not None:
            return word
    if isinstance(value, str) and path and value in (known := VALUES.get(str(path[-1]), {})):
        return known[value]
    return shorten(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else ""


def shorten(text: str) -> str:
    """On one line, and not long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
