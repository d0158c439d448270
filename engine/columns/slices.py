"""A raw slice as typed columns: enterprises, their records in order, reviewers' findings, and what was rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from engine.columns.cells import CellReader
from engine.columns.figures import Problem, Report
from engine.columns.frame import KEY, ROW, ColumnMeta, RawSlice, RecordSheet, Reject, Sheet
from engine.columns.planes import Bytes, Flags, Ints
from engine.columns.vectors import Bounds, Coded, Column
from engine.vocabulary import Vocabulary

MISSING, PARTIAL, COMPLETE = 0, 1, 2
"""States of an enterprise's record list."""
YEAR = "annual.fiscal_year"
FINDING = "finding"
_FINDING_NEEDS = ("judgement", "finding", "by", "on", "why")


@dataclass(slots=True)
class Records:
    """Records of one kind, sorted by enterprise, in the order of their lists.

    ``at`` is each record's enterprise (ascending), ``start`` its first record by enterprise (with one more at the end),
    ``state`` what is known of each enterprise's list, ``position`` a record's place in its list.
    """

    at: Ints
    start: Ints
    state: Bytes
    columns: dict[str, Column]
    ids: pl.Series | None

    @property
    def rows(self) -> int:
        return len(self.at)

    @property
    def position(self) -> Ints:
        """Each record's number in its list, from 0."""
        result: Ints = np.arange(self.rows) - self.start.take(self.at)
        return result


@dataclass(slots=True)
class Used:
    """What of a sheet was used: its rows (those of records with their enterprise, ``at``), and by column the cells that
    could not be read."""

    frame: pl.DataFrame
    unread: dict[str, Flags] = field(default_factory=dict)


@dataclass(slots=True)
class Slice:
    """Typed columns of one slice. A path without a column is unknown for every row.

    ``used`` has the enterprises (None) and each kind of record, where the encoder was to keep them.
    """

    number: int
    keys: pl.Series
    columns: dict[str, Column]
    annuals: dict[tuple[str, int], Column]
    records: dict[str, Records]
    findings: pl.DataFrame | None
    rejects: list[Reject]
    rows_read: int
    used: dict[str | None, Used] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.keys)


@dataclass(slots=True)
class Encoder:
    """Types raw slices for one program: only the columns that it reads. ``keeps``: what was used of them is kept."""

    vocabulary: Vocabulary
    cells: CellReader
    paths: frozenset[str]
    as_of: date
    keeps: bool = False

    def slice(self, raw: RawSlice) -> Slice:
        """The typed slice. Rows with a repeated key are rejected after the first."""
        rejects = list(raw.rejects)
        frame = _unrepeated(raw.enterprise, rejects)
        keys = frame[KEY]
        result = Slice(raw.number, keys, {}, {}, {}, None, rejects, raw.rows)
        self._keep(result, None, frame)
        for meta in raw.enterprise.columns:
            if meta.path in self.paths:
                self._enterprise_column(raw.enterprise, frame, meta, result)
        index = frame.select(KEY).with_row_index("at") if raw.records else frame.clear()
        for kind, sheet in raw.records.items():
            if kind == FINDING:
                result.findings = self._findings(sheet, index, result)
            elif any(path.startswith(f"{kind}.") for path in self.paths) or kind in self.paths:
                result.records[kind] = self._records(kind, sheet, index, result)
        return result

    def _enterprise_column(self, sheet: Sheet, frame: pl.DataFrame, meta: ColumnMeta, result: Slice) -> None:
        typed = self.vocabulary.fields[meta.path]
        report = _report(sheet, frame, meta, result.rejects, result.used.get(None))
        column = self.cells.column(frame[meta.column], typed, meta, report)
        if meta.year is not None:
            result.annuals[meta.path, meta.year] = column
        else:
            result.columns[meta.path] = column

    # Records

    def _records(self, kind: str, sheet: RecordSheet, index: pl.DataFrame, result: Slice) -> Records:
        frame = _placed(sheet, index, result.rejects)
        columns: dict[str, Column] = {}
        ids: pl.Series | None = None
        if kind == "annual":
            frame = self._with_years(sheet, frame, result.rejects)
        named = next((meta for meta in sheet.columns if meta.path == f"{kind}.id"), None)
        if named is not None:
            frame, ids = self._named_once(sheet, frame, named, result.rejects)
        self._keep(result, kind, frame)
        for meta in sheet.columns:
            if meta.path in self.paths:
                typed = self.vocabulary.fields[meta.path]
                report = _report(sheet, frame, meta, result.rejects, result.used.get(kind))
                columns[meta.path] = self.cells.column(frame[meta.column], typed, meta, report)
        at = frame["at"].to_numpy().astype(np.int64)
        counts = np.bincount(at, minlength=len(index))
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        return Records(at, start, _states(sheet, index, counts), columns, ids)

    def _named_once(
        self, sheet: RecordSheet, frame: pl.DataFrame, meta: ColumnMeta, rejects: list[Reject]
    ) -> tuple[pl.DataFrame, pl.Series]:
        """Without records named like an earlier one of the enterprise, since a finding names the record it is about."""
        typed = self.vocabulary.fields[meta.path]
        read = self.cells.column(frame[meta.column], typed, meta, _report(sheet, frame, meta, []))
        ids = _texts(read, len(frame)).alias("id")
        pairs = pl.DataFrame({"at": frame["at"], "id": ids})
        once = pairs.select(pl.struct("at", "id").is_first_distinct() | pl.col("id").is_null())["at"]
        _reject_rows(sheet, frame, ~once.to_numpy(), meta.column, rejects, _SAME_NAME)
        return frame.filter(once), ids.filter(once)

    def _with_years(self, sheet: RecordSheet, frame: pl.DataFrame, rejects: list[Reject]) -> pl.DataFrame:
        """Without records that name no single fiscal year, or one that the enterprise has already."""
        meta = next((meta for meta in sheet.columns if meta.path == YEAR), None)
        if meta is None:
            _reject_rows(sheet, frame, np.ones(len(frame), np.bool_), "", rejects, _NO_YEAR)
            return frame.clear()
        years = self.cells.column(
            frame[meta.column], self.vocabulary.fields[YEAR], meta, _report(sheet, frame, meta, [])
        )
        if not isinstance(years, Bounds):
            raise TypeError("a fiscal year is a number")
        point = (years.low == years.high) & ~_any(len(frame), years.unknown, years.no_low, years.no_high)
        _reject_rows(sheet, frame, ~point, meta.column, rejects, _NO_YEAR)
        frame = frame.with_columns(pl.Series("year", years.low)).filter(pl.Series(point))
        once = _once(frame["at"].to_numpy().astype(np.int64), frame["year"].to_numpy())
        if once.all():
            return frame
        _reject_rows(sheet, frame, ~once, meta.column, rejects, ("同一会计年度的数据写了两次", "已采用先出现的一行"))
        return frame.filter(pl.Series(once))

    # Findings

    def _findings(self, sheet: RecordSheet, index: pl.DataFrame, result: Slice) -> pl.DataFrame:
        """Columns at, judgement, about, answer (2 true, 0 false), on (days): the usable ones up to the as-of date."""
        frame = _placed(sheet, index, result.rejects)
        read: dict[str, Column] = {}
        for meta in sheet.columns:
            name = meta.path.partition(".")[2]
            if name in (*_FINDING_NEEDS, "about"):
                typed = self.vocabulary.fields[meta.path]
                report = _report(sheet, frame, meta, result.rejects)
                read[name] = self.cells.column(frame[meta.column], typed, meta, report)
        texts = {name: _texts(read.get(name), len(frame)) for name in ("judgement", "about", "by", "why", "finding")}
        day = read.get("on")
        usable = np.zeros(len(frame), np.bool_)
        on = np.zeros(len(frame), np.int64)
        if isinstance(day, Bounds):
            usable = (day.low == day.high) & ~_any(len(frame), day.unknown, day.no_low, day.no_high)
            on = day.low
        for name in ("judgement", "by", "why"):
            usable &= texts[name].is_not_null().to_numpy()
        usable &= texts["finding"].is_in(["yes", "no"]).fill_null(False).to_numpy()
        _reject_rows(sheet, frame, ~usable, "", result.rejects, _BAD_FINDING)
        self._keep(result, FINDING, frame.filter(pl.Series(usable)))
        answer = (texts["finding"] == "yes").fill_null(False).to_numpy().astype(np.uint8) * 2
        columns = {"at": frame["at"], "judgement": texts["judgement"], "about": texts["about"]}
        given = pl.DataFrame({**columns, "answer": answer, "on": on}).filter(pl.Series(usable))
        return given.filter(pl.col("on") <= (self.as_of - date(1970, 1, 1)).days)

    def _keep(self, result: Slice, kind: str | None, frame: pl.DataFrame) -> None:
        if self.keeps:
            result.used[kind] = Used(frame)


_NO_YEAR: Problem = ("年度数据要写明一个会计年度", "例如 2016")
_BAD_FINDING: Problem = ("认定意见要写明判断事项、结论、谁、哪一天、为什么", "补全后再导入；这条意见未采用")
_SAME_NAME: Problem = ("同一家单位有两条记录同名", "认定意见靠名称找到记录，请换一个名称；已采用先出现的一条")
_TWICE: Problem = ("同一家单位出现了两次", "已采用先出现的一行，请核对后合并")
_NOBODY: Problem = ("名单里没有这家单位", "请核对单位标识，或把它加入名单")


def _unrepeated(sheet: Sheet, rejects: list[Reject]) -> pl.DataFrame:
    frame = sheet.frame
    keys = frame[KEY]
    # Sorted keys are told apart at once, and counting distinct ones is five times as fast as finding the repeated.
    if bool((keys.slice(1) > keys.head(max(len(keys) - 1, 0))).all()) or keys.n_unique() == len(frame):
        return frame
    first = frame[KEY].is_first_distinct().to_numpy()
    _reject_rows(sheet, frame, ~first, KEY, rejects, _TWICE, kept=False)
    return frame.filter(pl.Series(first))


def _once(at: Ints, year: Ints) -> Flags:
    """The first row of each pair, of records sorted by ``at``."""
    if not len(year):
        return np.ones(0, np.bool_)
    first, span = int(year.min()), int(year.max()) - int(year.min()) + 1
    if span > 2**31:
        pairs = pl.DataFrame({"at": at, "year": year})
        return pairs.select(pl.struct("at", "year").is_first_distinct())["at"].to_numpy()
    # One number for a pair is told apart five times as fast.
    return pl.Series(at * span + (year - first)).is_first_distinct().to_numpy()


def _placed(sheet: RecordSheet, index: pl.DataFrame, rejects: list[Reject]) -> pl.DataFrame:
    """The records with the number of their enterprise (``at``), sorted by it, in their order."""
    keys = sheet.frame.with_columns(pl.col(KEY).cast(index[KEY].dtype, strict=False))
    frame = keys.join(index, on=KEY, how="left", maintain_order="left")
    nobody = frame["at"].is_null()
    if nobody.any():
        _reject_rows(sheet, sheet.frame, nobody.to_numpy(), KEY, rejects, _NOBODY)
        frame = frame.filter(~nobody)
    return frame if frame["at"].is_sorted() else frame.sort("at", maintain_order=True)


def _states(sheet: RecordSheet, index: pl.DataFrame, counts: Ints) -> Bytes:
    if sheet.lists is not None:
        given = sheet.lists.select(pl.col(KEY).cast(index[KEY].dtype, strict=False), "complete")
        complete = index.join(given, on=KEY, how="left", maintain_order="left")["complete"]
        states = (complete.cast(pl.UInt8) + PARTIAL).fill_null(MISSING)
        return states.to_numpy().astype(np.uint8)
    if sheet.complete:
        return np.full(len(index), COMPLETE, np.uint8)
    return np.where(counts > 0, PARTIAL, MISSING).astype(np.uint8)


def _texts(column: Column | None, rows: int) -> pl.Series:
    """One text for each row; null where nothing, or not one text alone, is known."""
    if not isinstance(column, Coded):
        return pl.Series([None] * rows, dtype=pl.String)
    texts = [next(iter(v)) if isinstance(v, frozenset) and len(v) == 1 else None for v in column.values]
    return pl.Series(texts, dtype=pl.String).gather(pl.Series(column.codes))


def _any(rows: int, *flags: Flags | None) -> Flags:
    result = np.zeros(rows, np.bool_)
    for flag in flags:
        if flag is not None:
            result |= flag
    return result


def _report(
    sheet: Sheet, frame: pl.DataFrame, meta: ColumnMeta, rejects: list[Reject], used: Used | None = None
) -> Report:
    def report(wrong: Flags, cells: pl.Series, problem: Any) -> None:
        if used is not None:
            known = used.unread.get(meta.column)
            used.unread[meta.column] = wrong if known is None else known | wrong
        for row in np.flatnonzero(wrong).tolist():
            raw = cells[row]
            reason, hint = problem(raw)
            place = frame[ROW][row] if ROW in frame.columns else None
            key, header = str(frame[KEY][row]), meta.header or meta.column
            rejects.append(Reject(sheet.name, place, key, header, str(raw), reason, hint))

    return report


def _reject_rows(
    sheet: Sheet,
    frame: pl.DataFrame,
    wrong: Flags,
    column: str,
    rejects: list[Reject],
    problem: Problem,
    *,
    kept: bool = True,
) -> None:
    headers: Mapping[str, str] = {meta.column: meta.header or meta.column for meta in sheet.columns}
    for row in np.flatnonzero(wrong).tolist():
        place = frame[ROW][row] if ROW in frame.columns else None
        value = str(frame[column][row]) if column in frame.columns else ""
        key = str(frame[KEY][row])
        rejects.append(Reject(sheet.name, place, key, headers.get(column, column), value, *problem, kept))
