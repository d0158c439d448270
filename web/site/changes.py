"""What differs between two profiles of one enterprise, answer by answer, in words.

Pure. Records are told apart by their names; those without one by what they say, then by their place in the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.pack import Pack
from engine.values import ValueProblem, read_value
from engine.vocabulary import RecordKind, VocabularyField
from engine.wording import show
from web.texts import gettext as _

Told = tuple[int, Mapping[str, Any]]
"""A record with its number in its list, from 1."""


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that differs between two profiles, in words."""

    label: str
    before: str
    after: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any], pack: Pack) -> list[Change]:
    """The answers that say something else, and records that came or went; another spelling of the same is none."""
    found: list[Change] = []
    for field in pack.vocabulary.enterprise:
        found += _change(field.label, field, before.get(field.path), after.get(field.path), pack)
    kinds = pack.vocabulary.records.values()
    for kind in kinds:
        found += _listed(kind, before.get(kind.list), after.get(kind.list), pack)
    # Questions of other rules, which these do not have.
    known = {field.path for field in pack.vocabulary.enterprise} | {kind.list for kind in kinds}
    for key in {**before, **after}:
        if key not in known and before.get(key) != after.get(key):
            found.append(Change(key, *(_("未填写") if told.get(key) is None else str(told[key]) for told in (before, after))))
    return found


def records_of(raw: Any) -> list[Mapping[str, Any]]:
    """The records of a list as a profile has it; one marked partial holds them one level deeper."""
    items = raw.get("items") if isinstance(raw, dict) else raw
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _listed(kind: RecordKind, before: Any, after: Any, pack: Pack) -> Iterator[Change]:
    old, new = records_of(before), records_of(after)
    words = _word(before), _word(after)
    # Where there are records they say themselves what came or went, but not whether they are all.
    both = before is not None and after is not None
    if words[0] != words[1] and (not (old or new) or (both and _partial(before) != _partial(after))):
        yield Change(kind.label, *words)
    for one, other in _pairs(old, new):
        yield from _record(kind, one, other, pack)


def _pairs(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> Iterator[tuple[Told | None, Told | None]]:
    """Each record beside what it became, in the order of the older list; then those that are new."""
    rest: dict[int, Told] = dict(enumerate(enumerate(new, 1)))

    def taken(wanted: Mapping[str, Any]) -> Told | None:
        place = next((place for place, (_number, record) in rest.items() if _same(record, wanted)), None)
        return None if place is None else rest.pop(place)

    partners = [taken(record) for record in old]
    # What neither a name nor equal content tells apart is the same record as the next such one.
    for place, record in enumerate(old):
        if partners[place] is None and record.get("id") is None:
            free = next((key for key, (_number, other) in rest.items() if other.get("id") is None), None)
            partners[place] = None if free is None else rest.pop(free)
    yield from zip(enumerate(old, 1), partners, strict=True)
    yield from ((None, other) for other in rest.values())


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one == other if one.get("id") is None else one["id"] == other.get("id")


def _record(kind: RecordKind, old: Told | None, new: Told | None, pack: Pack) -> Iterator[Change]:
    number, told = new or old or (0, {})
    name = told.get("id") or _("第%d条") % number
    if old is None or new is None:
        said = _("；").join(
            f"{field.label}{_shown(told[key], field, pack)}"
            for key, field in kind.fields.items()
            if key in told and key != "id"
        )
        words = said or _("有")
        yield Change(f"{kind.label}（{name}）", words if old else _("没有"), words if new else _("没有"))
        return
    for key, field in kind.fields.items():
        label = _("%(kind)s（%(name)s）的%(field)s") % {"kind": kind.label, "name": name, "field": field.label}
        yield from _change(label, field, old[1].get(key), new[1].get(key), pack)


def _change(label: str, field: VocabularyField, before: Any, after: Any, pack: Pack) -> Iterator[Change]:
    if before != after:
        words = _shown(before, field, pack), _shown(after, field, pack)
        if words[0] != words[1]:
            yield Change(label, *words)


def _word(told: Any) -> str:
    if told is None:
        return _("未填写")
    if _partial(told):
        return _("不是全部，可能还有")
    return _("就是全部") if records_of(told) else _("没有")


def _partial(told: Any) -> bool:
    return isinstance(told, dict) and bool(told.get("partial"))


def _shown(raw: Any, field: VocabularyField, pack: Pack) -> str:
    try:
        value = read_value(field, raw, pack.tables)
    except ValueProblem:
        return str(raw)
    return show(value, field, pack)
