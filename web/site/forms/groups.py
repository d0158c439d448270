"""The whole profile as questions by group: which are asked on the page, and which are left as they were brought.

Pure, as all forms are; the self-check and the workbench draw the same groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.pack import Pack
from engine.program import Program
from web.site.forms.relevance import paths_read
from web.site.forms.sheet import Sheet, crowded, kinds_by_list
from web.site.forms.view import Control, ListView, blank_list_view, control_view, list_view

REVIEWED = "findings"
"""Reviewers' findings: kept as they were brought, never asked of the enterprise, whose own word is none."""
ALWAYS = ("name", "credit_code")
"""Asked first, though no measure depends on them."""


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one group of the vocabulary: those that bear on a measure, the others, the lists."""

    name: str
    id: str
    first: tuple[Control, ...]
    folded: tuple[Control, ...]
    lists: tuple[tuple[ListView, ListView], ...]
    """Each list with what a browser adds copies of."""

    @property
    def answered(self) -> int:
        """How many of its questions have an answer."""
        told = sum(not control.entry.blank for control in (*self.first, *self.folded))
        return told + sum(drawn.status != "unknown" for drawn, _ in self.lists)

    @property
    def total(self) -> int:
        return len(self.first) + len(self.folded) + len(self.lists)


def untouched(data: Mapping[str, Any], pack: Pack) -> dict[str, Any]:
    """What of a profile the page does not ask: lists that are too long for cards, reviewers' findings."""
    return {key: data[key] for key in (*crowded(data, pack), REVIEWED) if key in data}


def asked(left: Mapping[str, Any], pack: Pack) -> tuple[str, ...]:
    """Every question that the page asks beside what is ``untouched``, in the order of the vocabulary."""
    lists = (key for key in kinds_by_list(pack) if key not in left and key != REVIEWED)
    return (*(field.path for field in pack.vocabulary.enterprise), *lists)


def groups(sheet: Sheet, program: Program) -> list[Group]:
    """The questions of a sheet by group, in the order of the vocabulary."""
    pack, matter = program.pack, paths_read(program)
    names: dict[str, dict[str, list[Any]]] = {}
    for field in pack.vocabulary.enterprise:
        control = control_view(field.path, sheet, pack)
        first = field.path in matter or not control.entry.blank or field.name in ALWAYS
        names.setdefault(field.spec.group, {}).setdefault("first" if first else "folded", []).append(control)
    for key, kind in kinds_by_list(pack).items():
        if key not in sheet.lists:
            continue
        pair = (list_view(key, sheet, pack, matter), blank_list_view(kind, pack, matter))
        names.setdefault(kind.spec.group, {}).setdefault("lists", []).append(pair)
    return [
        Group(name, f"g{number}", *(tuple(parts.get(part, ())) for part in ("first", "folded", "lists")))
        for number, (name, parts) in enumerate(names.items(), 1)
    ]


def whole(left: Mapping[str, Any], pack: Pack) -> list[tuple[str, int]]:
    """The lists that the page leaves as they are: what they are called, and how many records they have."""
    kinds = kinds_by_list(pack)
    return [(kinds[key].label, number) for key, number in crowded(left, pack).items()]
