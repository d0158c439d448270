"""Profiles as plain data with changes made to them, and what was open filled in.

Fields and lists that are not touched stay the very objects they were, so that what was read of them can be kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from engine.changeable import ANNUAL
from engine.completions.targets import Found, Moved
from engine.profile import Profile, profile_of
from engine.values import Tables
from engine.vocabulary import Vocabulary

Data = dict[str, Any]


@dataclass(slots=True)
class Draft:
    """A copy of plain data, made as far as it is written to."""

    vocabulary: Vocabulary
    data: Data
    _own: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, data: Mapping[str, Any], vocabulary: Vocabulary) -> Draft:
        """A draft that starts as ``data``, which it leaves alone."""
        return cls(vocabulary, dict(data))

    def records(self, kind: str) -> list[Data]:
        """The list of a record kind, made where there is none."""
        name = self.vocabulary.records[kind].list
        if name not in self._own:
            self._own.add(name)
            self.data[name] = deepcopy(self.data.get(name))
        raw = self.data[name]
        if isinstance(raw, dict):
            if not isinstance(raw["items"], list):
                raw["items"] = []
            inner: list[Data] = raw["items"]
            return inner
        if not isinstance(raw, list):
            raw = self.data[name] = []
        found: list[Data] = raw
        return found

    def complete(self, kind: str) -> None:
        """Make a list that was missing or partial a complete one."""
        self.data[self.vocabulary.records[kind].list] = self.records(kind)

    def named(self, kind: str, key: str, value: object) -> Data:
        """The record of a kind with this value, added where there is none."""
        items = self.records(kind)
        for item in items:
            if item.get(key) == value:
                return item
        items.append({key: value})
        return items[-1]


def changed(data: Mapping[str, Any], moved: Iterable[Moved], vocabulary: Vocabulary) -> Data:
    """``data`` with the changes, and nothing else."""
    draft = Draft.of(data, vocabulary)
    for move in moved:
        fact = move.fact
        if fact is None:
            item = draft.named(move.kind or "", "id", move.holder)
            item.update({target.field.name: target.raw for target in move.targets})
        elif fact.kind is None or fact.record is None:
            draft.data[fact.field.name] = move.targets[0].raw
        else:
            draft.records(fact.kind)[fact.record][fact.field.name] = move.targets[0].raw
    return draft.data


def without(data: Data, move: Moved, name: str, vocabulary: Vocabulary) -> Data:
    """``data`` less one field of an added record."""
    draft = Draft.of(data, vocabulary)
    draft.named(move.kind or "", "id", move.holder).pop(name, None)
    return draft.data


def filled(data: Data, values: Found, vocabulary: Vocabulary, names: Collection[str] | None = None) -> Data:
    """``data`` with what a completion gives to the open fields and lists called ``names``; None for all of them."""
    draft = Draft.of(data, vocabulary)
    for listed_kind in values.lists:
        if names is None or vocabulary.records[listed_kind].list in names:
            draft.complete(listed_kind)
    for item in values.opened:
        kind = item.field.record
        listed = vocabulary.records[kind].list if kind else ""
        if names is not None and item.field.path not in names and (item.record is not None or listed not in names):
            continue
        if kind is None:
            draft.data[item.field.name] = item.raw
        elif item.record is not None:
            draft.records(kind)[item.record][item.field.name] = item.raw
        else:
            key, value = ("fiscal_year", item.year) if kind == ANNUAL else ("id", item.new)
            draft.named(kind, key, value)[item.field.name] = item.raw
    return draft.data


def judged(data: Data, findings: Iterable[Data], vocabulary: Vocabulary) -> Data:
    """``data`` with further findings of a reviewer."""
    draft = Draft.of(data, vocabulary)
    draft.records("finding").extend(findings)
    return draft.data


def read(data: Data, base: Profile, vocabulary: Vocabulary, tables: Tables) -> Profile:
    """The profile that ``data`` describes; what it shares with the data of ``base`` is not read again."""
    given = base.data if isinstance(base.data, dict) else {}
    kinds = {kind.list: kind.name for kind in vocabulary.records.values()}
    anew = profile_of({key: raw for key, raw in data.items() if raw is not given.get(key)}, vocabulary, tables)
    same = {key for key, raw in data.items() if key in given and raw is given[key]}
    values = {path: value for path, value in base.values.items() if path in same}
    lists = {kinds[key]: base.lists[kinds[key]] for key in same if key in kinds and kinds[key] in base.lists}
    findings = base.findings if "findings" in same else anew.findings
    return Profile({**values, **anew.values}, {**lists, **anew.lists}, findings, data)
