"""A page of questions: its controls filled from a profile or from a sent form, and what was wrong with what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.diagnostics import Finding, Findings
from engine.pack import Pack
from engine.profile import Profile, read_profile
from engine.regions import Value
from engine.values import ValueProblem, read_value
from engine.vocabulary import RecordKind, VocabularyField
from engine.yaml_source import Path, Source
from web.site.forms.cards import MOST, Cards, NotTold, entered_list, record_name, shown_list, told_list
from web.site.forms.entries import Entered, Entry, entered, shown, told

PREFIX = "p"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field or list, in Chinese; ``name`` is its name in the form."""

    name: str
    label: str
    message: str
    hint: str = ""

    @property
    def text(self) -> str:
        """One sentence."""
        return f"{self.message}。{self.hint}" if self.hint else self.message


@dataclass(frozen=True, slots=True)
class Sheet:
    """Entries of enterprise fields and lists, by key, as they stand in the controls.

    ``problems`` by the name of the control; ``data`` is what the controls say, by key, for those that say something.
    """

    entries: Mapping[str, Entry]
    lists: Mapping[str, Cards]
    problems: Mapping[str, Problem] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def control_name(*steps: str) -> str:
    """``p.recognitions.k0.kind``: the name of a control, by the steps that lead to it."""
    return ".".join((PREFIX, *steps))


def filled(data: Mapping[str, Any], keys: Iterable[str], pack: Pack) -> Sheet:
    """The controls of ``keys`` filled from valid profile data."""
    kinds = kinds_by_list(pack)
    entries: dict[str, Entry] = {}
    lists: dict[str, Cards] = {}
    for key in keys:
        if key in kinds:
            lists[key] = shown_list(kinds[key], data.get(key), pack.tables)
        else:
            entries[key] = shown(pack.vocabulary.fields[key], data.get(key), pack.tables)
    return Sheet(entries, lists, data={key: data[key] for key in (*entries, *lists) if data.get(key) is not None})


def sent(form: Entered, keys: Sequence[str], pack: Pack, rest: Mapping[str, Any]) -> Sheet:
    """The controls of ``keys`` as sent, and what they say, checked together with the ``rest`` of the profile."""
    kinds = kinds_by_list(pack)
    entries: dict[str, Entry] = {}
    lists: dict[str, Cards] = {}
    data: dict[str, Any] = {}
    tokens: dict[str, tuple[str, ...]] = {}
    slips: NotTold = {}
    for key in keys:
        if key in kinds:
            lists[key] = entered_list(kinds[key], control_name(key), form)
            value, tokens[key] = told_list(kinds[key], lists[key], slips)
        else:
            entries[key] = entered(pack.vocabulary.fields[key], control_name(key), form)
            value = _told(pack.vocabulary.fields[key], entries[key], slips)
        if value is not None:
            data[key] = value
    problems = _problems({**_without(rest, keys), **data}, slips, tokens, pack)
    return Sheet(entries, lists, problems, data)


def blank_card(sheet: Sheet, key: str) -> Sheet:
    """The same with one more card in the list ``key``."""
    return replace(sheet, lists={**sheet.lists, key: sheet.lists[key].with_blank()})


def kinds_by_list(pack: Pack) -> dict[str, RecordKind]:
    """Record kinds by the name of their list in a profile."""
    return {kind.list: kind for kind in pack.vocabulary.records.values()}


def crowded(data: Mapping[str, Any], pack: Pack) -> dict[str, int]:
    """Lists that are too long for cards, by key, and how many records they have; a page leaves them as they are."""
    lists = {key: data.get(key) for key in kinds_by_list(pack)}
    items = {key: raw["items"] if isinstance(raw, dict) else raw for key, raw in lists.items()}
    return {key: len(found) for key, found in items.items() if isinstance(found, list) and len(found) > MOST}


def value_of(field_: VocabularyField, entry: Entry, pack: Pack) -> Value | None:
    """What the engine understands of an entry; None where it says nothing or cannot be read."""
    try:
        return read_value(field_, told(field_, entry), pack.tables)
    except ValueProblem:
        return None


def _told(field_: VocabularyField, entry: Entry, slips: NotTold) -> Any:
    try:
        return told(field_, entry)
    except ValueProblem as problem:
        slips[(field_.path,)] = problem
        return None


def _without(data: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    left_out = set(keys)
    return {key: value for key, value in data.items() if key not in left_out}


class _Traced(Source):
    """A profile that did not come from a file: the line of a finding is the number of its path, from 1."""

    paths: list[Path]

    def place(self, path: Path, key: bool = False) -> tuple[int, int]:
        """As of a file, so that findings can be told apart."""
        self.paths.append(path)
        return len(self.paths), 1


def check(data: Mapping[str, Any], pack: Pack) -> tuple[Profile, list[tuple[Path, Finding]]]:
    """The profile that plain data describes, and each error with its path in the profile."""
    source = _Traced("填写内容", dict(data))
    object.__setattr__(source, "paths", [])
    findings = Findings()
    profile = read_profile(source, pack.vocabulary, pack.tables, findings)
    return profile, [(source.paths[finding.line - 1], finding) for finding in findings.errors]


def _problems(
    data: Mapping[str, Any], slips: NotTold, tokens: Mapping[str, tuple[str, ...]], pack: Pack
) -> dict[str, Problem]:
    found: dict[str, Problem] = {}
    for path, slip in slips.items():
        problem = _problem(path, slip.message, slip.hint, tokens, pack)
        found.setdefault(problem.name, problem)
    for path, finding in check(data, pack)[1]:
        problem = _problem(path, finding.message, finding.hint, tokens, pack)
        found.setdefault(problem.name, problem)
    return found


def _problem(path: Path, message: str, hint: str, tokens: Mapping[str, tuple[str, ...]], pack: Pack) -> Problem:
    key = str(path[0])
    kind = kinds_by_list(pack).get(key)
    if kind is None:
        label = pack.vocabulary.label(key)
        return Problem(control_name(key), label, _unnamed(message, label, key), hint)
    steps = [step for step in path[1:] if step != "items"]
    cards = tokens.get(key, ())
    if not steps or not isinstance(steps[0], int) or steps[0] >= len(cards):
        return Problem(control_name(key), kind.label, message, hint)
    number = record_name(kind.label, steps[0] + 1)
    if len(steps) == 1:
        return Problem(control_name(key, cards[steps[0]]), number, message, hint)
    name = str(steps[1])
    label = kind.fields[name].label
    return Problem(control_name(key, cards[steps[0]], name), f"{number}·{label}", _unnamed(message, label, name), hint)


def _unnamed(message: str, label: str, name: str) -> str:
    """A message beside its field need not name it, least of all by the key that files use."""
    return message.removeprefix(f"{label}({name}): ")
