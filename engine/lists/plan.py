"""How one sheet is read: what each column holds, decided from headers, cells and mapping; the rest are questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from engine.industries import Edition
from engine.lists.files import RawSheet
from engine.lists.headers import Header
from engine.lists.layout import Layout
from engine.lists.matching import Match
from engine.lists.words import Words

OWN_UNIT = re.compile(r"[元万亿千百块圆％%‰A-Za-z¥￥$€£₩円〇一-十]")
"""A cell that names its unit, or a number in words."""
FIRST = 20_000
"""Rows of a Parquet file that are looked at to understand it."""
FEW = 1000
"""Rows of it that are enough to see how a column is written."""
EXAMPLE = "示例"
"""Begins the first cell of a row that is there to show how to fill in the others."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One value from one column, or from several that make it together (province, city, county).

    ``sure``: 1 where a mapping says so, else the confidence of the match. ``origin`` says in Chinese where unit, year
    and edition come from.
    """

    positions: tuple[int, ...]
    path: str
    header: str
    sure: float
    unit: str | None = None
    year: int | None = None
    edition: Edition = "2017"
    take: str | None = None
    round: bool = False
    zeros_lost: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Unused:
    """A column that is not read, the field it may hold, and why it is not read."""

    position: int
    header: str
    suggestion: Match | None
    why: str


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be said before the sheet can be read; ``lines`` are mapping lines below the sheet's entry."""

    code: str
    message: str
    hint: str
    lines: tuple[str, ...] = ()
    column: str | None = None
    """With a column, ``lines`` is one entry below ``columns``."""


@dataclass
class TablePlan:
    """One sheet: the kind of its rows, its headers as shown (each once), the key, the columns, the open questions."""

    sheet: RawSheet
    row: str
    layout: Layout
    shown: tuple[str, ...]
    key: tuple[int, ...] = ()
    key_digits: int | None = None
    complete: bool | None = None
    year: int | None = None
    measure: int | None = None
    """On a sheet of findings: the column that names the measure."""
    columns: list[ColumnPlan] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    aside: str = EXAMPLE
    """A pattern of the first cells of rows that are no data: examples, sums, sources."""

    @cached_property
    def body(self) -> pl.DataFrame:
        """What lies below the headers and is data at first sight: what the decisions about a column rest on."""
        below = self.sheet.frame.slice(self.layout.last + 1)
        aside = below.select(pl.coalesce(pl.all()).str.contains(self.aside).fill_null(True)).to_series()
        return below.filter(~aside) if aside.any() else below

    @property
    def headers(self) -> Sequence[Header]:
        return self.layout.headers

    def cells(self, position: int, limit: int | None = None) -> pl.Series:
        """The filled cells of a column below the header, as text; of a Parquet file the first ones."""
        if self.sheet.lazy is not None:
            return self._first(position, limit or FIRST).cast(pl.String).drop_nulls()
        series = self.body[str(position)]
        return series.drop_nulls() if limit is None else series.head(limit * 4).drop_nulls().head(limit)

    def _first(self, position: int, limit: int) -> pl.Series:
        """The first cells of a column of a Parquet file."""
        assert self.sheet.lazy is not None
        if limit <= FEW:
            return self._few.to_series(position).head(limit)
        if position not in self._many:
            self._many[position] = self.sheet.lazy.select(pl.nth(position)).head(FIRST).collect().to_series()
        return self._many[position].head(limit)

    @cached_property
    def _few(self) -> pl.DataFrame:
        """The very first rows: all columns of them cost less to read than one column of many."""
        assert self.sheet.lazy is not None
        return self.sheet.lazy.head(FEW).collect()

    @cached_property
    def _many(self) -> dict[int, pl.Series]:
        return {}

    @cached_property
    def _types(self) -> list[pl.DataType]:
        """How the file types its columns."""
        assert self.sheet.lazy is not None
        return self.sheet.lazy.collect_schema().dtypes()

    def is_numeric(self, position: int) -> bool:
        """Whether the file itself types the column as numbers (Parquet)."""
        return self.sheet.lazy is not None and self._types[position].is_numeric()

    def is_typed(self, position: int, type_: str) -> bool:
        """Whether the file itself types the column (Parquet) so that every cell of it is a value of this type."""
        if self.sheet.lazy is None:
            return False
        typed = self._types[position]
        match type_:
            case "money" | "count":
                return typed.is_integer()
            case "yes_no":
                return typed == pl.Boolean
            case "date":
                return typed == pl.Date
        return False


def distinct_headers(layout: Layout) -> tuple[str, ...]:
    """Each header as shown, with a number behind it where it comes again; 第3列 where there is none."""
    seen: dict[str, int] = {}
    shown = []
    for number, header in enumerate(layout.headers, 1):
        text = header.text or f"第{number}列"
        seen[text] = seen.get(text, 0) + 1
        shown.append(text if seen[text] == 1 else f"{text}({seen[text]})")
    return tuple(shown)


def lacks_unit(cells: pl.Series, words: Words) -> bool:
    """Whether a cell other than 0 is a bare number, so that somebody has to say its unit."""
    bare = cells.str.contains(r"[1-9]") & ~cells.str.contains(OWN_UNIT.pattern)
    return bool(bare.any())
