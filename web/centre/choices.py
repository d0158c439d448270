"""The choices of a centre: what its letters say of it, whether findings need a second person, how long it keeps things."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.centre.store.tables import Setting
from web.texts import gettext as _

LONGEST = 200
"""Characters that a text may have, as the table does."""
YEARS = range(1, 101)
YES = "yes"


@dataclass(frozen=True, slots=True)
class Choices:
    """``name``, ``contact`` and ``address`` (each one line) stand in letters; ``four_eyes``: a finding counts once a
    second person confirms it; ``retention_years``: after so many years without a case something is due to be erased,
    None where the centre decided on none."""

    name: str = ""
    contact: str = ""
    address: str = ""
    four_eyes: bool = False
    retention_years: int | None = None


LABELS: dict[str, str] = {
    "name": _("中心名称"),
    "contact": _("联系方式"),
    "address": _("地址"),
    "four_eyes": _("双人复核"),
    "retention_years": _("保存年限"),
}


def read(session: Session) -> Choices:
    """What was chosen; the defaults where nothing was."""
    kept = {row.name: row.value for row in session.execute(select(Setting)).scalars()}
    years = kept.get("retention_years", "")
    return Choices(
        name=kept.get("name", ""),
        contact=kept.get("contact", ""),
        address=kept.get("address", ""),
        four_eyes=kept.get("four_eyes") == YES,
        retention_years=int(years) if years else None,
    )


def write(session: Session, chosen: Choices) -> list[str]:
    """Keep ``chosen``; the names of what differs from before."""
    before, after = _plain(read(session)), _plain(chosen)
    changed = [name for name in after if after[name] != before[name]]
    for name in changed:
        session.merge(Setting(name=name, value=after[name]))
    session.flush()
    return changed


def told(form: Mapping[str, str]) -> tuple[Choices, dict[str, str]]:
    """What a form says, and what is wrong with it: a Chinese sentence by field."""
    texts = {name: _line(form.get(name, "")) for name in ("name", "contact", "address")}
    problems = {
        name: _("最多 %(most)d 个字，现在有 %(now)d 个。") % {"most": LONGEST, "now": len(text)}
        for name, text in texts.items()
        if len(text) > LONGEST
    }
    years, given = None, form.get("retention_years", "").strip()
    if given.isdecimal() and len(given) <= 3 and int(given) in YEARS:
        years = int(given)
    elif given:
        problems["retention_years"] = _("请写 1 到 100 的整数；不设年限就留空。")
    return Choices(**texts, four_eyes=form.get("four_eyes") == YES, retention_years=years), problems


def stamp(chosen: Choices) -> str:
    """Changes with every choice; tells whether what a form was made from still holds."""
    return hashlib.sha256(repr(asdict(chosen)).encode()).hexdigest()[:16]


def _line(text: str) -> str:
    """One line, without what cannot be printed."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _plain(chosen: Choices) -> dict[str, str]:
    texts = {}
    for field in fields(chosen):
        value = getattr(chosen, field.name)
        texts[field.name] = (YES if value else "") if isinstance(value, bool) else str(value if value is not None else "")
    return texts
