"""A draft of a pack from an official text: its clauses, figures and entries, and the files they make."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.diagnostics import Findings
from engine.drafting.clauses import Clause, clauses
from engine.drafting.entries import Entry, entries
from engine.drafting.figures import Figure, figures
from engine.drafting.heading import Heading, heading_of
from engine.drafting.parties import assign_departments, only_charges
from engine.drafting.writing import files_of, told_in
from engine.open_points import open_points
from engine.yaml_source import read_yaml

ID = re.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""What ids of documents look like."""


@dataclass(frozen=True)
class Draft:
    """A draft. ``files`` is the skeleton by file name; ``text`` is what it was drafted from."""

    id: str
    text: str
    heading: Heading
    clauses: tuple[Clause, ...]
    entries: tuple[Entry, ...]

    @cached_property
    def files(self) -> dict[str, str]:
        """``document.yaml``, ``measures.yaml`` and ``programmes.yaml``."""
        return files_of(self.id, self.heading, self.entries, told_in(self.clauses))

    @cached_property
    def figures(self) -> list[tuple[Clause, Figure]]:
        """Every figure of the text with its clause, in order."""
        return [
            (clause, figure)
            for clause in self.clauses
            for sentence in clause.sentences
            for figure in figures(sentence.text)
        ]

    @cached_property
    def open(self) -> dict[str, int]:
        """How many points of each file are open."""
        return {name: len(list(open_points(_data(name, text)))) for name, text in self.files.items()}

    @cached_property
    def left_out(self) -> list[str]:
        """The clauses that say something no entry holds (aims, procedure, annexes), each once."""
        held = {found.sentence.number for entry in self.entries for found in entry.said}
        return list(
            dict.fromkeys(
                clause.label
                for clause in self.clauses
                if clause.path
                for sentence in clause.body
                if sentence.number not in held and not only_charges(sentence)
            )
        )

    def to_data(self) -> dict[str, Any]:
        """For JSON."""
        kinds = Counter(figure.kind for _, figure in self.figures)
        return {
            "id": self.id,
            "title": self.heading.title,
            "counts": {"clauses": len(self.clauses) - 1, "figures": dict(kinds), "open": self.open},
            "clauses": [self._clause(clause) for clause in self.clauses if clause.sentences],
            "left_out": self.left_out,
            "entries": [_entry(entry) for entry in self.entries],
            "files": self.files,
        }

    def _clause(self, clause: Clause) -> dict[str, Any]:
        return {
            "clause": clause.label,
            "line": clause.line,
            "title": clause.title,
            "departments": clause.departments,
            "figures": [_figure(figure) for sentence in clause.sentences for figure in figures(sentence.text)],
        }


def draft_of(text: str, id: str) -> Draft:
    """Draft a pack called ``id`` (see ``ID``) from the text of a document."""
    found = clauses(text)
    assign_departments(found)
    return Draft(id, text, heading_of(found), tuple(found), tuple(entries(found, id)))


def _figure(figure: Figure) -> dict[str, Any]:
    return {"text": figure.text, "unit": figure.unit, "kind": figure.kind, "role": figure.role, "value": figure.value}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": "measure" if entry.promise else "programme",
        "clause": entry.clause.label,
        "line": entry.said[0].sentence.line,
        "beneficiary": entry.beneficiary,
        "departments": entry.clause.departments,
        "figures": [_figure(figure) for figure in entry.figures],
        "cite": entry.phrases,
    }


def _data(name: str, text: str) -> Any:
    source = read_yaml(text, name, Findings())
    return source.data if source else None
