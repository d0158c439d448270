"""Personal data: what it is, who sees it where, and how it looks to the others.

Personal is what the vocabulary marks ``personal``, and the name of each record of a kind that has such a field: it may be
a person's. An enterprise's own name is not. Who works on cases sees a personal value on the page of a measure that reads
it, because the case cannot be decided without; everywhere else, and to the auditor always, it is masked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from engine.dependencies import fields_of, operand_fields
from engine.determination import Determination, Item, Reason, Result, Review
from engine.documents import Proportional
from engine.pack import Measure, Pack
from engine.vocabulary import RecordKind, Vocabulary
from web.centre.store.tables import Role
from web.site.changes import Change, records_of
from web.texts import gettext as _

READERS: frozenset[Role] = frozenset({"clerk", "reviewer", "head"})
"""Who sees personal data where the measure at hand reads it."""
HIDDEN = _("（已遮盖）")
NOT_TOLD = "未填写"
"""What the engine calls a value that is not there."""
_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z()（）-]{6,}")


def personal(vocabulary: Vocabulary) -> frozenset[str]:
    """The paths of personal fields, and of the names of records that have one."""
    marked = {path for path, field in vocabulary.fields.items() if field.spec.personal}
    return frozenset(marked | {f"{vocabulary.fields[path].record}.id" for path in marked if vocabulary.fields[path].record})


def masked(text: str) -> str:
    """A name or number as those see it who have no need of it: 王某某 as 王**, a number by its last four.

    >>> masked("王某某"), masked("11010119900307123X"), masked("")
    ('王**', '**************123X', '')
    """
    if _NUMBER.fullmatch(text):
        return "*" * (len(text) - 4) + text[-4:]
    return text[:1] + "*" * max(len(text) - 1, 1) if text else text


def together(vocabulary: Vocabulary, profiles: Collection[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The records of several profiles as if they were of one: whom a text about any of them may name."""
    return {
        kind.list: [record for data in profiles for record in records_of(data.get(kind.list))]
        for kind in vocabulary.records.values()
    }


def read_by(measure: Measure, pack: Pack) -> frozenset[str]:
    """Every field that a measure's conditions, amount and what they are derived from read; the names of records too."""
    wanted = set(fields_of(measure.condition))
    if measure.base is not None:
        wanted.update(operand_fields(measure.base))
    benefit = measure.spec.benefit
    if isinstance(benefit, Proportional) and benefit.per_year is not None:
        wanted.add(benefit.per_year)
    size = 0
    while size != len(wanted):
        size = len(wanted)
        wanted |= {path for item in pack.derived if item.field in wanted for when, _value in item.cases for path in fields_of(when)}
    kinds = {kind for path in wanted if (kind := pack.vocabulary.fields[path].record)} | ({measure.subject} - {None})
    return frozenset(wanted | {f"{kind}.id" for kind in kinds})


@dataclass(frozen=True)
class Veil:
    """What one person sees of personal data on one page; ``measures`` are those that the page is about."""

    pack: Pack
    role: Role
    measures: frozenset[str] = frozenset()

    @classmethod
    def of(cls, pack: Pack, role: Role, measures: Iterable[str] = ()) -> Veil:
        """``measures`` that the rules do not have show nothing."""
        known = {measure.id for measure in pack.measures}
        return cls(pack, role, frozenset(id for id in measures if id in known))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The paths that are masked here."""
        found = personal(self.pack.vocabulary)
        if self.role in READERS:
            found = found.difference(*(read_by(self.pack.measure(id), self.pack) for id in self.measures))
        return found

    def value(self, path: str, text: str) -> str:
        """What a value of a field looks like here."""
        if path not in self.hidden or not text:
            return text
        return masked(text) if self.pack.vocabulary.fields[path].type == "text" else HIDDEN

    def text(self, text: str, *profiles: Mapping[str, Any]) -> str:
        """A text about these profiles with the names masked that are hidden here."""
        for name in sorted(self._names(profiles), key=len, reverse=True):
            text = text.replace(name, masked(name))
        return text

    def profile(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """A profile as it looks here; only to be shown."""
        lists = {kind.list: kind for kind in self.pack.vocabulary.records.values()}
        return {
            key: self._listed(lists[key], told) if key in lists else told if key not in self.hidden else HIDDEN
            for key, told in data.items()
        }

    def change(self, change: Change, *profiles: Mapping[str, Any]) -> Change:
        """What differs between two profiles as it looks here."""
        for kind in self._kinds:
            if not change.label.startswith(f"{kind.label}（"):
                continue
            field = next((f for f in kind.fields.values() if change.label.endswith(f"）的{f.label}")), None)
            shown = (self.value(field.path, change.before), self.value(field.path, change.after)) if field else (
                HIDDEN if change.before != _("没有") else change.before,
                HIDDEN if change.after != _("没有") else change.after,
            )
            return Change(self.text(change.label, *profiles), *shown)
        return change

    def determination(self, found: Determination) -> Determination:
        """A determination as it looks here, the measures that the page is about whole."""
        data = found.profile if isinstance(found.profile, Mapping) else {}
        everything = replace(self, measures=frozenset())
        results = [(self if r.measure in self.measures else everything)._result(r, data) for r in found.results]
        notes = [everything._note(note, data) for note in found.notes]
        return found.model_copy(update={"results": results, "notes": notes, "profile": everything.profile(data)})

    # ---- Parts ----

    @cached_property
    def _kinds(self) -> list[RecordKind]:
        return [kind for kind in self.pack.vocabulary.records.values() if f"{kind.name}.id" in self.hidden]

    def _names(self, profiles: Iterable[Mapping[str, Any]]) -> set[str]:
        told = (record.get("id") for data in profiles for kind in self._kinds for record in records_of(data.get(kind.list)))
        return {str(name) for name in told if name}

    def _listed(self, kind: RecordKind, told: Any) -> Any:
        if isinstance(told, Mapping):
            return {**told, "items": self._listed(kind, told.get("items"))}
        if not isinstance(told, list):
            return told
        return [
            {key: self._plain(f"{kind.name}.{key}", value) for key, value in record.items()}
            if isinstance(record, Mapping) else record
            for record in told
        ]  # fmt: skip

    def _plain(self, path: str, told: Any) -> Any:
        if path not in self.hidden or told is None:
            return told
        return self.value(path, told) if isinstance(told, str) else HIDDEN

    def _result(self, result: Result, data: Mapping[str, Any]) -> Result:
        measure = self.pack.measure(result.measure)
        base = () if measure.base is None else operand_fields(measure.base)
        # A figure of a person would stand in the calculation.
        reckoned = self.hidden.isdisjoint(base)
        named = f"{result.subject}.id" in self.hidden
        items = None if result.items is None else [self._item(item, named, reckoned, data) for item in result.items]
        return result.model_copy(
            update={
                "items": items,
                "calculation": self._texts(result.calculation, data) if reckoned else [],
                "assumptions": self._texts(result.assumptions, data),
                "reasons": [self._reason(reason, data) for reason in result.reasons],
            }
        )

    def _item(self, item: Item, named: bool, reckoned: bool, data: Mapping[str, Any]) -> Item:
        """``named``: its name is a person's; one without a name has its number in the list."""
        own = named and item.record in self._names([data])
        return replace(
            item,
            record=masked(item.record) if own else item.record,
            calculation=self._texts(item.calculation, data) if reckoned else [],
            assumptions=self._texts(item.assumptions, data),
            reasons=[self._reason(reason, data) for reason in item.reasons],
        )

    def _reason(self, reason: Reason, data: Mapping[str, Any]) -> Reason:
        review = reason.review
        if review is not None:
            review = Review(by=review.by, on=review.on, why=self.text(review.why, data))
        if not self.hidden.intersection(reason.fields):
            # Most reasons are as they were; a page has thousands of them.
            return reason if review is None else replace(reason, review=review)
        # That nothing was told is no personal data, and says what to supply.
        told = reason.value not in (None, NOT_TOLD)
        return replace(reason, value=HIDDEN if told else reason.value, gap=None if told else reason.gap, review=review)

    def _note(self, note: str, data: Mapping[str, Any]) -> str:
        """A note quotes two values that contradict each other."""
        for path in self.hidden:
            label = self.pack.vocabulary.label(path)
            if note.startswith(label):
                return _("%s：填写的与推导的不一致，请核对") % label
        return self.text(note, data)

    def _texts(self, texts: Collection[str], data: Mapping[str, Any]) -> list[str]:
        return [self.text(text, data) for text in texts]
