"""A record list as cards: whether there are any, and the fields of each.

A list called ``p.recognitions`` in a form owns ``p.recognitions`` (whether there are any, see ``Status``), ``.card`` (the
token of each card, in order), and for a card ``k0`` its fields as ``p.recognitions.k0.kind`` and ``.k0.remove``. Tokens begin with ``k``
where the record was told before; with ``n`` where the card is new, which says nothing while it is blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from engine.values import Tables, ValueProblem
from engine.vocabulary import RecordKind
from web.site.forms.entries import Entered, Entry, controls, entered, shown, told
from web.texts import gettext as _

Status = Literal["unknown", "none", "all", "some"]
"""不清楚, 没有, 以上就是全部, 可能还有."""

STATUSES: tuple[Status, ...] = get_args(Status)
MOST = 50
"""Cards of one list on a page. A longer list is told as a whole, by a file."""
_TOKEN = re.compile(r"[kn]\d{1,6}")

NotTold = dict[tuple[str | int, ...], ValueProblem]
"""Contradictions inside controls, by their path in the profile."""


@dataclass(frozen=True, slots=True)
class Card:
    """One record: its token, and an entry for each field of its kind by name."""

    token: str
    entries: Mapping[str, Entry]

    @property
    def blank(self) -> bool:
        """Whether it is new and nothing was entered."""
        return self.token.startswith("n") and all(entry.blank for entry in self.entries.values())


@dataclass(frozen=True, slots=True)
class Cards:
    """The controls of one list."""

    status: Status
    cards: tuple[Card, ...]

    def with_blank(self) -> Cards:
        """One more card; adding one says that there are some."""
        taken = {card.token for card in self.cards}
        token = next(f"n{number}" for number in range(len(taken) + 1) if f"n{number}" not in taken)
        status = self.status if self.status in ("all", "some") else "all"
        return Cards(status, (*self.cards, Card(token, {})))


def record_name(label: str, number: int) -> str:
    """What a record without a name is called; ``number`` counts from 1."""
    return _("%(kind)s第%(number)d条") % {"kind": label, "number": number}


def shown_list(kind: RecordKind, raw: Any, tables: Tables) -> Cards:
    """The controls filled with the list as a profile has it; it is valid."""
    partial = isinstance(raw, dict) and raw["partial"]
    items = raw["items"] if isinstance(raw, dict) else raw
    if items is None:
        return Cards("unknown", ())
    items = [] if isinstance(items, str) else items
    if not items and not partial:
        return Cards("none", ())
    cards = [
        Card(f"k{number}", {name: shown(field, item.get(name), tables) for name, field in kind.fields.items()})
        for number, item in enumerate(items)
    ]
    return Cards("some" if partial else "all", tuple(cards))


def entered_list(kind: RecordKind, name: str, form: Entered) -> Cards:
    """What was sent for the list; removed cards are gone. One more than ``MOST`` is read, for ``told_list`` to refuse."""
    said = next(iter(form.get(name, ())), "")
    status: Status = next((item for item in STATUSES if item == said), "unknown")
    tokens = dict.fromkeys(token for token in form.get(f"{name}.card", ()) if _TOKEN.fullmatch(token))
    kept = [token for token in tokens if f"{name}.{token}.remove" not in form][: MOST + 1]
    cards = (
        Card(token, {key: entered(field, f"{name}.{token}.{key}", form) for key, field in kind.fields.items()})
        for token in kept
    )
    return Cards(status, tuple(cards))


def list_controls(kind: RecordKind, name: str, cards: Cards) -> dict[str, list[str]]:
    """The form that a browser sends where ``cards`` stand: the reverse of ``entered_list``."""
    form: dict[str, list[str]] = {name: [cards.status], f"{name}.card": [card.token for card in cards.cards]}
    for card in cards.cards:
        for key, entry in card.entries.items():
            form |= controls(kind.fields[key], f"{name}.{card.token}.{key}", entry)
    return form


def told_list(kind: RecordKind, cards: Cards, problems: NotTold) -> tuple[Any, tuple[str, ...]]:
    """The list as a profile has it (None: not known), and the token of each of its records.

    Contradictions go to ``problems``. Filled cards below 不清楚 count, and there may be more.
    """
    filled = [card for card in cards.cards if not card.blank]
    if len(filled) > MOST:
        hint = _("请写在画像文件里上传")
        problems[(kind.list,)] = ValueProblem("form-many", _("网页上最多填 %d 条") % MOST, hint)
    if cards.status == "none" and filled:
        hint = _("请改选，或移除下面的内容")
        problems[(kind.list,)] = ValueProblem("form-none-and-some", _("选了“没有”，下面却填了内容"), hint)
    if cards.status == "all" and not filled:
        hint = _("请填写，或改选“没有”“不清楚”")
        problems[(kind.list,)] = ValueProblem("form-none-filled", _("选了“有”，但一条也没有填"), hint)
    if not filled:
        return _without_records(cards.status), ()
    partial = cards.status in ("some", "unknown")
    place: tuple[str | int, ...] = (kind.list, "items") if partial else (kind.list,)
    items = []
    for index, card in enumerate(filled):
        item: dict[str, Any] = {}
        for name, entry in card.entries.items():
            try:
                value = told(kind.fields[name], entry)
            except ValueProblem as problem:
                problems[(*place, index, name)] = problem
                continue
            if value is not None:
                item[name] = value
        items.append(item)
    return {"partial": True, "items": items} if partial else items, tuple(card.token for card in filled)


def _without_records(status: Status) -> Any:
    if status == "some":
        return {"partial": True, "items": []}
    return [] if status == "none" else None
