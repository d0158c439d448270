"""Trying other answers: an editor of what was told, and the profile with the changed answers.

Pure. Texts are handed to the engine as they are typed; nothing is interpreted here.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from engine.pack import Pack
from engine.quantities import is_missing_word
from engine.values import ValueProblem, read_value
from engine.vocabulary import VocabularyField
from engine.wording import show
from web.texts import gettext as _

PREFIX = "set."
PRESENT = "set:"
"""Stands beside several ticks: a browser sends nothing for ticks that are all empty."""
UNKNOWN = "不清楚"
NO_ENTRY = ("findings",)
"""Lists that a reviewer writes, not the enterprise."""

Place = tuple[str | int, ...]
Input = Literal["text", "one", "several"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer in the editor; ``name`` is its field in the form, ``current`` its value as people read it."""

    name: str
    place: Place
    field: VocabularyField
    input: Input
    text: str
    chosen: frozenset[str]
    current: str


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """The answers about the enterprise, or about one record."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The profile with the changed answers; what was typed and cannot be read, and why, by the name of its field."""

    data: dict[str, Any]
    typed: Mapping[str, str]
    problems: Mapping[str, str]


def groups(data: Mapping[str, Any], pack: Pack) -> list[EntryGroup]:
    """Everything told that one field can show, the enterprise first. ``data`` is a readable profile."""
    fields = [field for field in pack.vocabulary.enterprise if _editable(data.get(field.path))]
    own = tuple(_entry((field.path,), field, data[field.path], pack) for field in fields)
    found = [EntryGroup(_("单位"), own)] if own else []
    for kind in pack.vocabulary.records.values():
        if kind.list in NO_ENTRY:
            continue
        for place, record in _records(kind.list, data):
            entries = tuple(
                _entry((*place, name), field, record[name], pack)
                for name, field in kind.fields.items()
                if name != "id" and _editable(record.get(name))
            )
            if entries:
                name = record.get("id") or _("第%d条") % (int(place[-1]) + 1)
                found.append(EntryGroup(_("%(kind)s：%(name)s") % {"kind": kind.label, "name": name}, entries))
    return found


def trial(data: Mapping[str, Any], form: Mapping[str, list[str]], pack: Pack) -> Trial:
    """``data`` with what the form changes: an emptied answer becomes unknown, one that stays is left as it is."""
    changed = copy.deepcopy(dict(data))
    typed: dict[str, str] = {}
    problems: dict[str, str] = {}
    for group in groups(data, pack):
        for entry in group.entries:
            if entry.name not in form and PRESENT + entry.name not in form:
                continue
            raw = _raw(entry, [text.strip() for text in form.get(entry.name, [])])
            if raw == _raw(entry, [entry.text] if entry.input == "text" else sorted(entry.chosen)):
                continue
            try:
                read_value(entry.field, raw, pack.tables)
            except ValueProblem as problem:
                typed[entry.name] = raw if isinstance(raw, str) else ""
                problems[entry.name] = f"{problem.message}。{problem.hint}" if problem.hint else problem.message
                continue
            _put(changed, entry.place, raw)
    return Trial(changed, typed, problems)


def _records(name: str, data: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """The records of a list with their places; a list marked partial holds them one level deeper."""
    told, place = data.get(name), (name,)
    if isinstance(told, dict):
        told, place = told.get("items"), (name, "items")  # type: ignore[assignment]
    for index, record in enumerate(told if isinstance(told, list) else ()):
        if isinstance(record, dict):
            yield (*place, index), record


def _editable(raw: Any) -> bool:
    """Whether one field can show it; a choice that is marked partial is changed on the profile page."""
    return raw is not None and not isinstance(raw, dict)


def _entry(place: Place, field: VocabularyField, raw: Any, pack: Pack) -> Entry:
    value = read_value(field, raw, pack.tables)
    several = field.type == "choices"
    single = field.type in ("choice", "yes_no") and isinstance(value, frozenset) and len(value) == 1
    return Entry(
        name=PREFIX + ".".join(str(part) for part in place),
        place=place,
        field=field,
        input="several" if several else "one" if single else "text",
        text=_text(raw),
        chosen=value if single and isinstance(value, frozenset) else getattr(value, "certain", frozenset()),
        current=show(value, field, pack),
    )


def _raw(entry: Entry, texts: list[str]) -> Any:
    """What the profile gets: a text, an option, a list of options; None where it is not known any more."""
    if entry.input == "several":
        return "无" if not texts else sorted(texts)
    text = texts[0] if texts else ""
    return None if not text or (entry.input == "text" and is_missing_word(text)) else text


def _text(raw: Any) -> str:
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, list):
        return "或".join(_text(item) for item in raw)
    return str(raw) if isinstance(raw, str | int | Decimal) else ""


def _put(data: dict[str, Any], place: Place, raw: Any) -> None:
    holder: Any = data
    for step in place[:-1]:
        holder = holder[step]
    if raw is None:
        holder.pop(place[-1], None)
    else:
        holder[place[-1]] = raw
