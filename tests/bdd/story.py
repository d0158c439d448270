"""A scenario's profile and determination, and the identifiers behind the names that users see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from engine.circuit import Solver
from engine.compiler import compile_pack
from engine.determination import Determination, Result
from engine.diagnostics import Findings
from engine.loader import load_pack, rules_directory
from engine.pack import Pack
from engine.profile import profile_of
from engine.quantities import decimal_string, parse_date
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.vocabulary import VocabularyField
from engine.yaml_source import read_file

DEFAULT_ID = "名称"
"""The heading of the column that names a record."""

UNITS = {None: 1, "万": 10_000, "亿": 100_000_000}
Table = list[list[str]]


@dataclass(slots=True)
class Story:
    """What a scenario has said so far, and the determination once it was asked for."""

    solver: Solver
    document: str = ""
    profile: dict[str, Any] = field(default_factory=dict)
    determination: Determination | None = None
    measure: str = ""

    @property
    def pack(self) -> Pack:
        """The one document that the scenario is about."""
        return load_pack(document=self.document)

    @property
    def found(self) -> Determination:
        """The determination."""
        assert self.determination is not None, "先写“当 在某日评估……”"
        return self.determination

    @property
    def result(self) -> Result:
        """The result of the measure that the scenario is about."""
        return next(result for result in self.found.results if result.measure == self.measure)

    def screen(self, day: str) -> None:
        """Screen with the executor under test, which must give the reference's determination."""
        program = compile_pack(self.pack)
        profile = profile_of(self.profile, self.pack.vocabulary, self.pack.tables)
        as_of = day_of(day)
        self.determination = determine(program, profile, as_of, self.solver)
        assert self.determination == determine(program, profile, as_of, ReferenceSolver())

    def measure_named(self, name: str) -> str:
        """A measure's id by its title or id."""
        named = [measure.id for measure in self.pack.measures if name in (measure.spec.title, measure.id)]
        assert len(named) == 1, f"没有（或不止一条）措施“{name}”"
        return named[0]

    def judgement_named(self, name: str) -> str:
        """The id of a judgement by its label, of another policy by its title, or an id as it is."""
        file = self.pack.documents[self.document]
        labels = {item.label: id for id, item in file.judgements.items()}
        titles = {item.title: id for id, item in file.instruments.items()}
        id = labels.get(name) or titles.get(name) or name
        assert id in file.judgements or id in file.instruments or "~" in id, f"没有判断事项“{name}”"
        return id

    def field_named(self, label: str) -> VocabularyField:
        """An enterprise field by its label."""
        return _by_label(list(self.pack.vocabulary.enterprise), label)

    def list_named(self, label: str) -> str:
        """The name of a record list by the label of its kind."""
        return next(kind.list for kind in self.pack.vocabulary.records.values() if kind.label == label)

    def records(self, label: str, table: Table) -> list[dict[str, Any]]:
        """Records as a profile file gives them. Headings are field labels; an empty cell is not given."""
        kind = next(kind for kind in self.pack.vocabulary.records.values() if kind.label == label)
        named = {DEFAULT_ID: kind.fields["id"]}
        heads = [named.get(head) or _by_label(list(kind.fields.values()), head) for head in table[0]]
        rows = [zip(heads, row, strict=True) for row in table[1:]]
        return [{typed.name: cell(typed, text) for typed, text in row if text} for row in rows]


@cache
def documents() -> dict[str, str]:
    """Document ids by title, read without loading the packs."""
    found = {}
    for path in sorted((rules_directory() / "packs").glob("*/document.yaml")):
        source = read_file(path, Findings())
        data = source.data if source else None
        about = data.get("document") if isinstance(data, dict) else None
        if isinstance(about, dict):
            found[str(about.get("title"))] = path.parent.name
    return found


def _by_label(fields: list[VocabularyField], label: str) -> VocabularyField:
    named = [item for item in fields if item.label == label]
    assert len(named) == 1, f"没有（或不止一个）字段“{label}”"
    return named[0]


def cell(typed: VocabularyField, text: str) -> Any:
    """A value as a profile file would give it; 、 parts the options where a field takes several."""
    if typed.type == "choices" and text != "无":
        return text.split("、")
    return text


def day_of(text: str) -> date:
    """A day as people write it."""
    day = parse_date(text).low
    assert isinstance(day, date)
    return day


def yuan(text: str) -> str:
    """``10万元`` as the decimal string of a determination, which may be finer than a fen."""
    found = re.fullmatch(r"([\d.]+)(万|亿)?元", text)
    assert found, f"“{text}”不是金额"
    return decimal_string(Fraction(found[1]) * UNITS[found[2]])
