"""What an enterprise told of itself, in words: for the report, beside the verdicts that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.pack import Pack
from engine.profile import Profile, Record, RecordList
from engine.vocabulary import RecordKind
from engine.wording import show


@dataclass(frozen=True, slots=True)
class Answer:
    """One field and its value as it was understood."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """Answers about the enterprise under one heading of the vocabulary."""

    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One record: its name, or its number in the list, and its answers."""

    name: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One list of records; ``note`` says that there are none, or that there may be more."""

    title: str
    note: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The whole profile in the order of the vocabulary; fields not given are left out."""

    groups: tuple[Group, ...]
    lists: tuple[Listed, ...]
    absent: tuple[str, ...]
    """Lists of which nothing was said."""


Seen = Callable[[str, str], str]
"""What somebody sees of a field: from its path and its words."""


def _all(_path: str, words: str) -> str:
    return words


def told(profile: Profile, pack: Pack, seen: Seen = _all) -> Told:
    """The profile in words, as ``seen`` lets them be read."""
    kinds = pack.vocabulary.records.values()
    given = [(kind, profile.lists[kind.name]) for kind in kinds if kind.name in profile.lists]
    return Told(
        groups=tuple(_groups(profile, pack, seen)),
        lists=tuple(_listed(kind, records, pack, seen) for kind, records in given),
        absent=tuple(kind.label for kind in kinds if kind.name not in profile.lists),
    )


def _groups(profile: Profile, pack: Pack, seen: Seen) -> Iterator[Group]:
    found: dict[str, list[Answer]] = {}
    for field in pack.vocabulary.enterprise:
        if field.path in profile.values:
            words = seen(field.path, show(profile.values[field.path], field, pack))
            found.setdefault(field.spec.group, []).append(Answer(field.label, words))
    for title, answers in found.items():
        yield Group(title, tuple(answers))


def _listed(kind: RecordKind, listed: RecordList, pack: Pack, seen: Seen) -> Listed:
    note = "" if listed.complete else "以下不是全部，可能还有"
    if not listed.records:
        note = "没有" if listed.complete else "还没有列出，可能有"
    return Listed(kind.label, note, tuple(_card(kind, record, pack, seen) for record in listed.records))


def _card(kind: RecordKind, record: Record, pack: Pack, seen: Seen) -> Card:
    fields = [field for name, field in kind.fields.items() if name != "id" and field.path in record.values]
    answers = (Answer(field.label, seen(field.path, show(record.values[field.path], field, pack))) for field in fields)
    return Card(seen(f"{kind.name}.id", record.id) if record.id else f"第{record.index + 1}条", tuple(answers))
