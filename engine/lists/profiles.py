"""Enterprises of a list as the profiles that ``huiqi check`` reads: the same texts, the units written behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from engine.code_table import CodeError
from engine.columns.cells import told
from engine.columns.frame import KEY, ColumnMeta, RawSlice, Sheet
from engine.columns.slices import COMPLETE, FINDING, MISSING, YEAR, Slice, Used
from engine.columns.vectors import Bounds
from engine.lists.cells import number_text
from engine.pack import Pack
from engine.values import Tables, ValueProblem
from engine.vocabulary import Vocabulary, VocabularyField

_ANNUAL = "annual"
Data = dict[str, Any]


def profile_data(part: RawSlice, key: str | int, pack: Pack) -> Data:
    """The profile of the enterprise with this key, as plain data. KeyError where the slice does not hold it.

    A list is partial unless its sheet is complete; a kind without a sheet, or without rows of this enterprise where the
    sheet is not complete, is missing. Cells that cannot be read are there as they stand: checking tells of them.
    """
    answers, vocabulary = _Answers(pack), pack.vocabulary
    rows = list(answers.rows(part.enterprise, _of(part.enterprise, key)))
    if not rows:
        raise KeyError(key)
    profile, years = _parted(rows[0], part.enterprise.columns)
    for kind, sheet in part.records.items():
        items = list(answers.records(sheet, _of(sheet, key)))
        name = vocabulary.records[kind].list
        if kind == _ANNUAL:
            for item in items:
                year = str(item.get("fiscal_year", ""))
                if year.isdecimal():
                    years.setdefault(int(year), {}).update(item)
        elif sheet.complete or (kind == FINDING and items):
            profile[name] = items
        elif items:
            profile[name] = {"partial": True, "items": items}
    return profile | _annuals(years, vocabulary)


def profiles_data(part: RawSlice, data: Slice, pack: Pack) -> list[Data]:
    """The profiles of all enterprises of a slice, in the order of its keys: what was evaluated, and nothing else.

    ``data`` is ``part`` as an encoder typed it that keeps what it used, with every field. Cells that could not be read
    and records that could not be used are not there, so each profile can be checked, with the same verdicts.
    """
    answers, vocabulary = _Answers(pack), pack.vocabulary
    found = [_parted(row, part.enterprise.columns) for row in answers.rows(part.enterprise, data.used[None])]
    for kind, used in data.used.items():
        if kind is None:
            continue
        items: list[list[Data]] = [[] for _ in found]
        for at, item in zip(used.frame["at"].to_list(), answers.records(part.records[kind], used), strict=True):
            items[at].append(item)
        if kind == _ANNUAL:
            _by_year(items, data, [years for _, years in found])
        else:
            states = None if kind == FINDING else data.records[kind].state.tolist()
            _listed(vocabulary.records[kind].list, items, states, [profile for profile, _ in found])
    return [profile | _annuals(years, vocabulary) for profile, years in found]


def _by_year(items: Sequence[list[Data]], data: Slice, found: Sequence[dict[int, Data]]) -> None:
    """Annual records by their year, over what the sheet of enterprises says of it."""
    years = data.records[_ANNUAL].columns.get(YEAR)
    if not isinstance(years, Bounds):
        return
    numbers = iter(years.low.tolist())
    for own, known in zip(items, found, strict=True):
        for item in own:
            year = next(numbers)
            known.setdefault(year, {}).update(item, fiscal_year=year)


def _listed(name: str, items: Sequence[list[Data]], states: Sequence[int] | None, found: Sequence[Data]) -> None:
    """The records of one kind, as complete as the list that they come from."""
    for at, (own, profile) in enumerate(zip(items, found, strict=True)):
        state = states[at] if states is not None else COMPLETE if own else MISSING
        if state != MISSING:
            profile[name] = own if state == COMPLETE else {"partial": True, "items": own}


def _parted(row: Sequence[Any], metas: Sequence[ColumnMeta]) -> tuple[Data, dict[int, Data]]:
    """An enterprise's own answers, and those by fiscal year."""
    own: Data = {}
    years: dict[int, Data] = {}
    for answer, meta in zip(row, metas, strict=True):
        if answer is None:
            continue
        if meta.year is not None:
            years.setdefault(meta.year, {"fiscal_year": meta.year})[meta.path.partition(".")[2]] = answer
        else:
            own[meta.path] = answer
    return own, years


def _annuals(years: dict[int, Data], vocabulary: Vocabulary) -> Data:
    return {vocabulary.records[_ANNUAL].list: [years[year] for year in sorted(years)]} if years else {}


def _of(sheet: Sheet, key: str | int) -> Used:
    return Used(sheet.frame.filter(sheet.frame[KEY] == key))


@dataclass(frozen=True, slots=True)
class _Answers:
    """Cells as answers of a profile; what a cell says is worked out once for each column."""

    pack: Pack

    def rows(self, sheet: Sheet, used: Used) -> Iterator[tuple[Any, ...]]:
        """Each row's answers, in the order of the sheet's columns; None where there is none."""
        columns = [self._column(used, meta) for meta in sheet.columns]
        return zip(*columns, strict=True) if columns else iter([()] * used.frame.height)

    def records(self, sheet: Sheet, used: Used) -> Iterator[Data]:
        """Each row as a record."""
        names = [meta.path.partition(".")[2] for meta in sheet.columns]
        for row in self.rows(sheet, used):
            yield {name: answer for name, answer in zip(names, row, strict=True) if answer is not None}

    def _column(self, used: Used, meta: ColumnMeta) -> list[Any]:
        cells, typed = used.frame[meta.column], self.pack.vocabulary.fields[meta.path]
        if meta.column in used.unread:
            cells = cells.set(pl.Series(used.unread[meta.column]), None)
        said = cells.to_list()
        known = {cell: _answer(cell, meta, typed, self.pack.tables) for cell in dict.fromkeys(said)}
        return [known[cell] for cell in said]


def _answer(cell: Any, meta: ColumnMeta, typed: VocabularyField, tables: Tables) -> Any:
    """The cell as a profile holds it; None where it is empty."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    if isinstance(cell, bool):
        return "是" if cell else "否"
    text = number_text(cell) if isinstance(cell, float) else str(cell)
    if isinstance(cell, date):
        text = cell.isoformat()[:10]
    if text is None or typed.type == "text":
        return text
    try:
        return told(text, typed, meta, tables)
    except (ValueProblem, CodeError):
        return text
