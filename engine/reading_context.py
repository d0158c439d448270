"""What reading conditions needs everywhere: names that may be used, places, findings."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any as Raw

from engine.conditions import NOWHERE, All, Node, Place
from engine.diagnostics import Findings
from engine.values import Tables
from engine.vocabulary import Vocabulary, VocabularyField
from engine.yaml_source import Path, Source

Scope = frozenset[str]
"""The record kinds of which one record is in reach."""

ERROR = All(())
"""Stands where a condition could not be read; a pack with findings is never compiled."""


@dataclass(frozen=True, slots=True)
class Names:
    """What conditions may refer to besides fields: ids of judgements, instruments and parameters."""

    judgements: frozenset[str]
    instruments: frozenset[str]
    parameters: Mapping[str, str]
    """Parameter id -> type."""


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """One rule file being read, and where its problems go."""

    vocabulary: Vocabulary
    tables: Tables
    names: Names
    source: Source
    findings: Findings

    def wrong(self, path: Path, code: str, message: str, hint: str = "", *, key: bool = False) -> Node:
        """Report a problem; gives the node that stands for what could not be read."""
        self.findings.add(self.source.finding(path, code, message, hint, key=key))
        return ERROR

    def unknown(self, what: str, name: Raw, path: Path, known: Iterable[str]) -> None:
        """Report a name that does not exist, with near ones."""
        near = difflib.get_close_matches(str(name), list(known), n=2)
        hint = f"是不是{'或'.join(near)}？" if near else f"请先定义这个{what}"
        self.wrong(path, "condition-unknown-name", f"没有{what}“{name}”", hint)

    def known_keys(self, raw: Mapping[str, Raw], path: Path, known: Iterable[str]) -> None:
        """Report every key of a condition that is not one of ``known``."""
        allowed = set(known)
        for key in raw:
            if key not in allowed:
                message, hint = f"条件里不认识的键“{key}”", "见规则语言说明第3节"
                self.wrong((*path, key), "condition-unknown-key", message, hint, key=True)

    def field(self, name: Raw, path: Path, scope: Scope) -> VocabularyField | None:
        """The field of this path, if it exists and a record that it belongs to is in reach."""
        found = self.vocabulary.fields.get(str(name))
        if found is None:
            self.unknown("字段", name, path, self.vocabulary.fields)
            return None
        if found.record is not None and found.record not in scope:
            label = self.vocabulary.records[found.record].label
            message = f"这里没有哪一条“{label}”可言"
            hint = f"请放进 exists: {found.record} 的 where，或写 subject: {found.record}"
            self.wrong(path, "condition-out-of-reach", message, hint)
            return None
        return found

    def typed(self, found: VocabularyField, types: Iterable[str], path: Path) -> bool:
        """Whether the field has one of these types; else it is reported."""
        if found.type in types:
            return True
        self.wrong(path, "condition-operand-type", f"“{found.label}”的类型不能这样用")
        return False

    def place(self, path: Path) -> Place:
        """Where ``path`` stands in the file."""
        line, column = self.source.place(path)
        return Place(self.source.file, line, column) if line else NOWHERE
