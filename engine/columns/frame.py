"""What a reader of lists hands to evaluation: slices of raw columns, and what they say of themselves.

A reader matches columns to the vocabulary and cuts the list into slices; it does not interpret cells. A cell means
here what the same text means in a profile: ``engine.columns.slices`` reads it with ``engine.values.read_value``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import polars as pl

KEY = "key"
"""The column that every frame has: what names an enterprise. Text or a whole number; never null."""
ROW = "row"
"""An optional column of every frame: the row in the file, counted from 1, for the list of rejects."""


@dataclass(frozen=True, slots=True)
class ColumnMeta:
    """A column of a frame and the field it holds.

    ``path`` is a vocabulary path: ``staff_total``, and ``recognition.kind`` on a record sheet. On the enterprise sheet a
    path of the annual records (``annual.revenue``) is allowed together with ``year``, the fiscal year of the figure.

    ``unit`` is what a bare number counts in (万元, 元, %), as header or mapping say it: ``"1000"`` and ``1000`` then mean
    1000万元, while a cell that names its own unit (``1.2亿``) means what it says. None: nobody says it; then a bare
    number for an amount of money is rejected. Counts need none.

    ``edition`` is the edition of an industry code. ``header`` is what people see above the column.

    Cells: any text that a profile may hold for the field, and numbers, dates and booleans where the file is typed
    (String, Categorical, Enum, Int*, UInt*, Float*, Decimal, Date, Datetime, Boolean). Serial dates of Excel have to
    be dates by now. Null is missing, and so is a text that says so (``--``, ``暂无``); NaN counts as null. Several options
    stand in one cell with 、 ； | or a comma between them, or as JSON: ``["小型","微型"]`` for a field with one value is
    "one of these", ``{"partial": true, "items": [...]}`` is an open list of options.
    """

    column: str
    path: str
    unit: str | None = None
    edition: Literal["2017", "2011"] = "2017"
    year: int | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """``frame`` has the column ``key``, maybe ``row``, and those of ``columns``; others are ignored."""

    frame: pl.DataFrame
    columns: tuple[ColumnMeta, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class RecordSheet(Sheet):
    """Records of one kind, a row each; their order is the order of each enterprise's list.

    ``complete``: all records of all enterprises are here, so an enterprise without rows has none. Otherwise the rows of
    an enterprise are a partial list, and one without rows has no list at all. Annual figures are read by year, for which
    this makes no difference. ``lists`` overrides it: a frame of ``key`` and ``complete`` (Boolean) that names every
    enterprise that has this list, with rows or without.
    """

    complete: bool = False
    lists: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A cell or a row that could not be used. ``kept``: the enterprise is in the result, without this cell or record.

    INVARIANT: rows read = enterprises in the result + rejects of the enterprise sheet that are not ``kept``.
    """

    sheet: str
    row: int | None
    key: str | None
    column: str
    value: str
    reason: str
    hint: str = ""
    kept: bool = True


@dataclass(frozen=True, slots=True)
class RawSlice:
    """A part of a list: some enterprises with all their records. ``number`` counts from 0 and is stable.

    Keys of ``enterprise`` are not null, and no key comes in two slices (within one, a repeated key is rejected here).
    ``records`` has an entry for each kind that the list has a sheet for, with the rows of this slice's enterprises;
    a kind without a sheet is missing. The kind ``finding`` holds reviewers' findings. ``rejects`` are rows that the
    reader itself took out of this slice (unusable keys, repeated keys); ``rows`` counts the rows read for it, those too.
    """

    number: int
    enterprise: Sheet
    records: Mapping[str, RecordSheet]
    rows: int
    rejects: tuple[Reject, ...] = ()


class ListSource(Protocol):
    """A list that is read slice by slice."""

    @property
    def rows(self) -> int | None:
        """Rows of the enterprise sheet, where known beforehand; for the progress bar."""
        ...

    @property
    def size(self) -> int:
        """Rows of a slice, but for the last: slice n begins at row n * size."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hash of the files (or of their size and time) and of the mapping: whether work can be resumed."""
        ...

    @property
    def mapping(self) -> Mapping[str, Any]:
        """What was understood, as plain data; stored with the result."""
        ...

    def prepare(self, folder: Path) -> None:
        """What has to be done once before the first slice. ``folder`` may take files, and stays until the last one."""
        ...

    def slices(self, finished: Collection[int] = ()) -> Iterator[RawSlice]:
        """Slices in order, without those whose numbers are in ``finished``."""
        ...
