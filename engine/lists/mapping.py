"""Mapping files: what a person says of the columns of a list. ``--inspect`` writes one to be edited."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from engine.diagnostics import Findings
from engine.lists.words import folded
from engine.shape_reader import read_shape
from engine.vocabulary import Shape
from engine.yaml_source import Source, read_file, read_yaml


def _text(value: object) -> object:
    """2011 as "2011": a number without quotation marks is meant as it is written."""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def _column(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


UNSAID = "?"
"""Stands in a saved proposal where somebody still has to say; it is asked again."""

Text = Annotated[str, BeforeValidator(_text)]
Edition = Annotated[Literal["2017", "2011", "?"], BeforeValidator(_text)]
Year = int | Literal["?"]


class ColumnSpec(Shape):
    """What a column holds. ``field`` is a path or a label of the vocabulary; without it the match by header stands.

    ``unit``, ``year`` and ``edition`` may be "?": not said yet.

    ``take``: of a period (2012-09-07至无固定期限) its start or its end. ``round``: to whole fen.
    Several columns with one division (province, city, county) make one value, in the order of the sheet.
    """

    field: str | None = None
    unit: str | None = None
    year: Year | None = None
    edition: Edition | None = None
    take: Literal["start", "end"] | None = None
    round: bool = False


class TableSpec(Shape):
    """One sheet. ``file`` and ``sheet`` may hold * ; ``row`` is enterprise, a record kind, or skip.

    ``header``: the rows of the headers, from 1. ``key``: the column that names the enterprise, or several that do so
    together. ``complete``: all records of every enterprise of the list are here. ``unit`` and ``year`` hold for every
    figure of the sheet whose column says nothing else.
    """

    file: str
    sheet: str | None = None
    row: str | None = None
    header: Annotated[list[int] | None, BeforeValidator(_listed)] = None
    key: Annotated[list[Text] | None, BeforeValidator(_listed)] = None
    key_digits: int | None = Field(default=None, ge=1, le=20)
    complete: bool | None = None
    unit: str | None = None
    year: Year | None = None
    edition: Edition | None = None
    columns: dict[str, Annotated[ColumnSpec | None, BeforeValidator(_column)]] = {}

    def covers(self, file: str, sheet: str) -> bool:
        """Whether it speaks of this sheet of this file."""
        return _named(file, self.file) and (self.sheet is None or _named(sheet, self.sheet))


class MappingFile(Shape):
    """A mapping as written. ``rates``: yuan for one unit of a foreign currency, with the reason of the rate."""

    rates: dict[str, Text] = {}
    lists: list[TableSpec]


def said(value: str | int | None) -> bool:
    """Whether an entry of a mapping says something."""
    return value is not None and value != UNSAID


@dataclass(frozen=True, slots=True)
class Mapping:
    """All that mapping files say; ``data`` is what was written, for the record."""

    tables: tuple[TableSpec, ...] = ()
    rates: Dict[str, Decimal] = field(default_factory=dict)
    data: tuple[Any, ...] = ()

    def of(self, file: str, sheet: str) -> TableSpec | None:
        """What is said of a sheet; the first entry that covers it counts."""
        return next((table for table in self.tables if table.covers(file, sheet)), None)


EMPTY = Mapping((), {}, ())


def _named(name: str, pattern: str) -> bool:
    """A name may have what a pattern would take for a set: 名单[1].xlsx."""
    return name == pattern or fnmatch(name, pattern)


def read_mappings(paths: Sequence[Path]) -> Mapping:
    """The mapping files as one. Raises InputError with every problem of every file."""
    findings = Findings()
    mapping = _mapping([read_file(path, findings, rule_file=False) for path in paths], findings)
    findings.raise_errors()
    return mapping


def mapping_of(text: str, name: str) -> Mapping:
    """The mapping in a text; ``name`` is what its problems are told of. Raises InputError with every problem."""
    findings = Findings()
    mapping = _mapping([read_yaml(text, name, findings, rule_file=False)], findings)
    findings.raise_errors()
    return mapping


def _mapping(sources: Sequence[Source | None], findings: Findings) -> Mapping:
    tables: list[TableSpec] = []
    rates: dict[str, Decimal] = {}
    data: list[Any] = []
    for source in sources:
        shape = read_shape(MappingFile, source, findings) if source else None
        if source is None or shape is None:
            continue
        data.append(source.data)
        tables += shape.lists
        for currency, rate in shape.rates.items():
            try:
                value = Decimal(rate)
            except ArithmeticError:
                value = Decimal(0)
            if not (value.is_finite() and 0 < value < 10**6):
                message, hint = f"“{currency}”的汇率应是大于0的数", "例如 美元: 7.0827"
                findings.add(source.finding(("rates", currency), "mapping-rate", message, hint))
            rates[currency] = value
    return Mapping(tuple(tables), rates, tuple(data))


def find_column(name: str, headers: Sequence[str]) -> int | None:
    """The column that a mapping means: by header, number from 1 (第3列) or letter (C列); None if there is none."""
    wanted = folded(name)
    for number, header in enumerate(headers):
        if folded(header) == wanted and wanted:
            return number
    if wanted.endswith("列"):
        body = wanted[:-1].removeprefix("第")
        if body.isdigit() and 0 < int(body) <= len(headers):
            return int(body) - 1
        if body.isascii() and body.isalpha():
            number = 0
            for letter in body:
                number = number * 26 + ord(letter) - 96
            return number - 1 if number <= len(headers) else None
    return None
