"""Cells to values: every distinct text of a column is read once, exactly as a profile's text is.

Typed columns of numbers and dates take an exact way without text. A cell that cannot be read counts as unknown,
its enterprise stays in the result, and the cell is listed with the reason (DESIGN 4; the counts add up).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from engine.code_table import CodeError
from engine.columns.figures import (
    LARGEST,
    NO_UNIT,
    TOO_LARGE,
    Problem,
    Report,
    arrow_nulls,
    arrow_values,
    days,
    grid_of,
    merged,
    numbers,
    scaled,
)
from engine.columns.frame import ColumnMeta
from engine.columns.vectors import ONE, Bounds, Coded, Column
from engine.industries import Edition, IndustryTable
from engine.quantities import is_missing_word
from engine.regions import Value
from engine.spans import Span
from engine.values import Tables, ValueProblem, read_value
from engine.vocabulary import VocabularyField

_BARE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_UNITS = re.compile(r"[元万亿千百十%‰:：/分之美港欧日英块$€£¥￥A-Za-z]")
_BETWEEN = re.compile(r"[、；;|,，\n]+")
_PLAIN = r"^-?[0-9]{1,15}(?:\.[0-9]{1,6})?$"
_MICRO = 10**6
_DIGITS = 15
_FEW = 1024


@dataclass(slots=True)
class CellReader:
    """Reads the columns of one field after another; remembers what each text means for the next slice."""

    tables: Tables
    _known: dict[tuple[str, str | None, str, Any], Value | ValueProblem | None] = field(default_factory=dict)
    _few: dict[str, pl.Enum | None] = field(default_factory=dict)
    """The texts of a field, as the latest slice had them; None where there are many."""

    def column(self, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Column:
        """The column's values; cells that cannot be read are reported and unknown."""
        if cells.dtype.is_float():
            cells = cells.fill_nan(None)
        if typed.type in ("money", "count") and cells.dtype.is_numeric():
            return numbers(cells, typed, meta, report)
        if typed.type == "date" and cells.dtype in (pl.Date, pl.Datetime):
            return days(cells)
        if typed.type in ("money", "count") and cells.dtype == pl.String:
            return self._written_numbers(cells, typed, meta, report)
        if cells.dtype.is_float():
            cells = _shortest(cells)
        elif cells.dtype.is_decimal() or cells.dtype.is_temporal():
            cells = cells.cast(pl.String)
        coded = self._coded(cells, typed, meta, report)
        return coded.bounds(ONE, dates=True) if typed.type == "date" else coded

    # Text

    def _coded(self, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Coded:
        texts, codes = self._distinct(cells, typed.path)
        values: list[Value | None] = [None]
        wrong: dict[int, ValueProblem] = {}
        for number, raw in enumerate(texts, start=1):
            read = self._read(raw, typed, meta)
            if isinstance(read, ValueProblem):
                wrong[number] = read
            values.append(None if isinstance(read, ValueProblem) else read)
        if wrong:
            problems = {texts[number - 1]: problem for number, problem in wrong.items()}
            report(np.isin(codes, list(wrong)), cells, lambda raw: _problem(problems[raw]))
        return Coded.of(values, codes)

    def _distinct(self, cells: pl.Series, path: str) -> tuple[list[Any], Any]:
        """The distinct cells that are not null, and for each row the number of its own, counted from 1 (null: 0)."""
        if cells.dtype == pl.Boolean:
            return [False, True], _shifted(cells.cast(pl.UInt8))
        if isinstance(cells.dtype, pl.Enum):
            return cells.dtype.categories.to_list(), _shifted(cells.to_physical())
        if cells.dtype == pl.Categorical:
            cells = cells.cast(pl.String)
        if cells.dtype == pl.String and len(cells) > _FEW:
            listed = self._listed(cells, path)
            if listed is not None:
                return self._distinct(listed, path)
        texts = cells.drop_nulls().unique()
        frame = pl.DataFrame({"cell": texts, "code": pl.int_range(1, len(texts) + 1, eager=True, dtype=pl.UInt32)})
        joined = pl.DataFrame({"cell": cells}).join(frame, on="cell", how="left", maintain_order="left")
        return texts.to_list(), joined["code"].fill_null(0).to_numpy()

    def _listed(self, cells: pl.Series, path: str) -> pl.Series | None:
        """Texts of which there are few as an Enum, of those of the slices before where that has them all."""
        known = self._few.get(path)
        if known is None and path in self._few:
            return None
        if known is not None:
            found = cells.cast(known, strict=False)
            # What is not in the Enum would become null.
            if found.null_count() == cells.null_count():
                return found
        texts = cells.drop_nulls().unique()
        listed = self._few[path] = None if len(texts) > _FEW else pl.Enum(texts)
        return None if listed is None else cells.cast(listed)

    def _read(self, raw: Any, typed: VocabularyField, meta: ColumnMeta) -> Value | ValueProblem | None:
        key = (typed.path, meta.unit, meta.edition, raw)
        if key not in self._known:
            try:
                self._known[key] = self._value(raw, typed, meta)
            except ValueProblem as problem:
                self._known[key] = problem
            except CodeError as error:
                self._known[key] = ValueProblem(f"value-{error.code}", error.message, error.hint)
        return self._known[key]

    def _value(self, raw: Any, typed: VocabularyField, meta: ColumnMeta) -> Value | None:
        value = read_value(typed, told(raw, typed, meta, self.tables), self.tables)
        most = LARGEST.get(typed.type)
        if most is not None and isinstance(value, Span) and _beyond(value, Fraction(most, grid_of(typed))):
            raise ValueProblem("value-magnitude", *TOO_LARGE)
        return value

    def _written_numbers(self, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Bounds:
        """Plain numbers are converted all at once, the other texts one by one."""
        if typed.type != "count" and meta.unit is None:
            return self._coded(cells.str.strip_chars(), typed, meta, report).bounds(grid_of(typed))
        # Digits alone, as most are written, need no pattern and no fractions.
        digits = cells.str.len_bytes().le(_DIGITS) & ~cells.str.starts_with("+")
        whole = cells.cast(pl.Int64, strict=False)
        given = (whole.is_not_null() & digits).fill_null(False)
        if not given.any():
            return self._written_otherwise(cells, typed, meta, report)
        plainly = numbers(whole.set(~given, None), typed, meta, lambda wrong, _, told: report(wrong, cells, told))
        others = cells.set(given, None)
        if others.null_count() == len(others):
            return plainly
        return merged(plainly, self._written_otherwise(others, typed, meta, report), given.to_numpy())

    def _written_otherwise(self, cells: pl.Series, typed: VocabularyField, meta: ColumnMeta, report: Report) -> Bounds:
        """Plain numbers with fractions or spaces, and what people write in words."""
        if len(cells) > _FEW:
            listed = self._listed(cells, typed.path)
            if listed is not None and not _some_plain(listed.dtype):
                return self._coded(listed, typed, meta, report).bounds(grid_of(typed))
        cells = cells.str.strip_chars()
        plain = cells.str.contains(_PLAIN).fill_null(False)
        if not plain.any():
            return self._coded(cells, typed, meta, report).bounds(grid_of(typed))
        exact = cells.set(~plain, None).cast(pl.Decimal(38, 6)).to_physical()
        plainly = scaled(exact, _MICRO, cells, typed, meta, report)
        if bool(plain.all()):
            return plainly
        others = self._coded(cells.set(plain, None), typed, meta, report).bounds(grid_of(typed))
        return merged(plainly, others, plain.to_numpy())


def told(raw: Any, typed: VocabularyField, meta: ColumnMeta, tables: Tables) -> Any:
    """What a profile says where a list has this cell; None for nothing. It is what the cell is read by.

    Raises ValueProblem for an amount without a unit, CodeError for what an earlier edition's code does not mean.
    """
    if isinstance(raw, str):
        raw = _structured(raw.strip())
    if raw is None or raw == "":
        return None
    if typed.type == "industry" and meta.edition != "2017" and not (isinstance(raw, str) and is_missing_word(raw)):
        items = raw if isinstance(raw, list) else [raw]
        texts = [text for item in items for text in _of_edition(item, meta.edition, tables.industries)]
        return texts[0] if len(texts) == 1 else texts
    if typed.type == "choices" and isinstance(raw, str) and not typed.option_of(raw):
        parts = [part.strip() for part in _BETWEEN.split(raw) if part.strip()]
        return parts if len(parts) > 1 else raw
    if typed.type in ("money", "ratio") and isinstance(raw, str | int):
        return _with_unit(str(raw), typed.type, meta.unit)
    return raw


# Small parts


def _of_edition(item: Any, edition: Edition, industries: IndustryTable) -> Sequence[str]:
    """An industry of an edition as texts that mean the same without being told the edition."""
    found = industries.find(item, edition)
    for text in (str(item), f"{edition}:{item}"):
        with suppress(CodeError):
            if industries.find(text) == found:
                return [text]
    return [f"2017:{code}" for code in sorted(found)]


def _with_unit(raw: str, kind: str, unit: str | None) -> str:
    """The column's unit behind every number of a text that names none."""
    text = raw.strip()
    if _UNITS.search(text) or not _BARE.search(text):
        return text
    if unit is None:
        if kind == "money":
            raise ValueProblem("value-unit", *NO_UNIT)
        return text
    return _BARE.sub(lambda number: number[0] + unit, text)


def _structured(text: str) -> Any:
    """A JSON list or mapping as what it holds; other text as it is."""
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text, parse_float=str)
        except (ValueError, RecursionError):
            return text
    return text


def _some_plain(texts: pl.DataType) -> bool:
    """Whether one of few texts is a plain number; each is looked at once."""
    return isinstance(texts, pl.Enum) and bool(texts.categories.str.strip_chars().str.contains(_PLAIN).any())


def _shifted(physical: pl.Series) -> Any:
    """Small whole numbers plus one, and zero for null."""
    kind = np.dtype(f"u{1 if physical.dtype == pl.UInt8 else 2 if physical.dtype == pl.UInt16 else 4}")
    given, nulls = arrow_values(physical, kind), arrow_nulls(physical)
    room = kind.itemsize == 4 or int(given.max(initial=0)) < 256**kind.itemsize - 1
    wide = given if room else given.astype(np.uint32)
    codes = wide + wide.dtype.type(1)
    # Multiplying by 0 and 1 is ten times as fast as writing zeros where something is null.
    return codes if nulls is None else codes * ~nulls


def _shortest(cells: pl.Series) -> pl.Series:
    """Floats as text: 3 for 3.0, else 15 digits."""
    texts = [None if value is None else f"{value:.15g}" for value in cells.to_list()]
    return pl.Series(cells.name, texts, dtype=pl.String)


def _beyond(value: Span, limit: Fraction) -> bool:
    ends = [abs(Fraction(end)) for end in (value.low, value.high) if isinstance(end, int | Fraction)]
    return any(end >= limit for end in ends)


def _problem(problem: ValueProblem) -> Problem:
    return problem.message, problem.hint
