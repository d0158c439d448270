"""A list read: slices of enterprises with their records, and where every row of every sheet went."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from engine.columns.frame import KEY, ROW, ColumnMeta, RawSlice, RecordSheet, Reject, Sheet
from engine.lists.duplicates import join_sheets, merge_rows, with_unit
from engine.lists.extract import Count, Extracted
from engine.lists.findings import MEASURE, Judgements, resolve
from engine.lists.matching import ENTERPRISE
from engine.lists.parted import known, of_type
from engine.vocabulary import Vocabulary

SLICE_ROWS = 250_000


@dataclass(slots=True)
class ListSource:
    """A list in memory, as ``engine.columns.frame.ListSource`` wants it.

    ``counts`` accounts for every row of every sheet; ``notes`` are Chinese sentences about what was undone or is odd.
    """

    enterprise: Sheet
    records: Mapping[str, RecordSheet]
    rejects: tuple[Reject, ...]
    counts: tuple[Count, ...]
    notes: tuple[str, ...]
    fingerprint: str
    mapping: Mapping[str, Any]
    listed: frozenset[str]
    """Sheets whose rows are enterprises."""
    size: int = SLICE_ROWS

    @property
    def rows(self) -> int | None:
        """Rows that tell of an enterprise, the rejected ones too."""
        return self.enterprise.frame.height + self._lost(self.rejects)

    def prepare(self, folder: Path) -> None:
        """Everything is in memory already."""

    def holding(self, key: str) -> Iterator[RawSlice]:
        """The slices that may hold a key."""
        return self.slices()

    def _lost(self, rejects: Collection[Reject]) -> int:
        return sum(1 for reject in rejects if not reject.kept and reject.sheet in self.listed)

    def slices(self, finished: Collection[int] = ()) -> Iterator[RawSlice]:
        """Slices in order, without those whose numbers are in ``finished``. Rejects come with their key."""
        frame = self.enterprise.frame
        numbers = frame.select(KEY, (pl.int_range(pl.len()) // self.size).alias("_slice"))
        parts = {kind: _parted(sheet.frame, numbers) for kind, sheet in self.records.items()}
        count = max(1, -(-frame.height // self.size))
        placed = self._placed(numbers, count)
        for number in range(count):
            if number in finished:
                continue
            own = frame.slice(number * self.size, self.size)
            rejects = placed.get(number, ())
            records = {
                kind: RecordSheet(
                    parts[kind].get(number, sheet.frame.head(0)), sheet.columns, sheet.name, sheet.complete
                )
                for kind, sheet in self.records.items()
            }
            enterprise = Sheet(own, self.enterprise.columns, self.enterprise.name)
            yield RawSlice(number, enterprise, records, own.height + self._lost(rejects), tuple(rejects))

    def _placed(self, numbers: pl.DataFrame, count: int) -> dict[int, list[Reject]]:
        """Rejects by slice; those without a key that is read go with the first."""
        at: dict[str, int] = {}
        if count > 1:
            wanted = {reject.key for reject in self.rejects if reject.key is not None}
            found = numbers.filter(pl.col(KEY).cast(pl.String).is_in(sorted(wanted)))
            at = {str(key): number for key, number in found.iter_rows()}
        placed: dict[int, list[Reject]] = {}
        for reject in self.rejects:
            placed.setdefault(at.get(reject.key or "", 0), []).append(reject)
        return placed


@dataclass(slots=True)
class Assembly:
    """Puts the sheets of a list together."""

    vocabulary: Vocabulary
    judgements: Judgements
    rejects: list[Reject] = field(default_factory=list)

    def enterprise(self, sheets: list[Extracted]) -> Sheet:
        """One row for each enterprise, from the sheets of enterprises, else from the keys of the records."""
        own = [sheet for sheet in sheets if sheet.plan.row == ENTERPRISE]
        parts = []
        for sheet in own or sheets:
            title = sheet.plan.sheet.title
            metas = tuple(meta for meta in sheet.metas if own or self._record(meta) is None)
            frame = sheet.frame.select(KEY, ROW, *(meta.column for meta in metas))
            if not own:  # several records of one enterprise are no repetition
                frame = frame.unique(keep="first", maintain_order=True, subset=[KEY, *(m.column for m in metas)])
            merged, rejects = merge_rows(frame, metas, title)
            if own:
                self.rejects += sheet.rejects
                sheet.count.move(frame.height - merged.height)
            self.rejects += [reject for reject in rejects if own or reject.kept]
            parts.append((merged, metas, title))
        if any(frame.schema[KEY] != parts[0][0].schema[KEY] for frame, _, _ in parts):
            parts = [(frame.with_columns(pl.col(KEY).cast(pl.String)), m, title) for frame, m, title in parts]
        joined, metas, rejects = join_sheets(parts)
        self.rejects += rejects
        return Sheet(joined, metas, "、".join(title for _, _, title in parts))

    def records(self, sheets: list[Extracted], enterprise: Sheet) -> dict[str, RecordSheet]:
        """The record sheets by kind; several of one kind stand below one another, complete if each is."""
        found: dict[str, RecordSheet] = {}
        own = any(sheet.plan.row == ENTERPRISE for sheet in sheets)
        for sheet in sheets:
            kind = sheet.plan.row
            if kind == ENTERPRISE:
                continue
            self.rejects += sheet.rejects
            metas = tuple(meta for meta in sheet.metas if self._record(meta) == kind)
            extra = [MEASURE] if MEASURE in sheet.frame.columns else []
            frame = sheet.frame.select(KEY, ROW, *(meta.column for meta in metas), *extra)
            frame, odd = of_type(frame, enterprise.frame.schema[KEY], sheet.plan.sheet.title)
            self.rejects += odd
            sheet.count.move(len(odd))
            if kind == "finding":
                frame, rejects = resolve(frame, metas, self.judgements, sheet.plan.sheet.title)
                self.rejects += rejects
                sheet.count.move(len(rejects))
                frame = frame.drop(extra)
            if own:
                frame = self._known(frame, enterprise, sheet)
            year = next((meta.column for meta in metas if meta.path == "annual.fiscal_year"), None)
            if year is not None:
                title, what = sheet.plan.sheet.title, "同一家企业同一年"
                merged, rejects = merge_rows(frame, metas, title, by=(KEY, year), what=what)
                sheet.count.move(frame.height - merged.height)
                self.rejects += rejects
                frame = merged
            new = RecordSheet(frame, metas, sheet.plan.sheet.title, bool(sheet.plan.complete))
            found[kind] = below(found[kind], new) if kind in found else new
        return found

    def _known(self, frame: pl.DataFrame, enterprise: Sheet, sheet: Extracted) -> pl.DataFrame:
        frame, lost = known(frame, enterprise.frame.select(KEY), sheet.plan.sheet.title)
        self.rejects += lost
        sheet.count.move(len(lost))
        return frame

    def _record(self, meta: ColumnMeta) -> str | None:
        return self.vocabulary.fields[meta.path].record


def below(upper: RecordSheet, lower: RecordSheet) -> RecordSheet:
    """Two sheets of one kind as one. Where the units of a field differ, bare numbers get theirs written behind."""
    known = {meta.path: meta for meta in upper.columns}
    metas = {meta.column: meta for meta in upper.columns}
    first, second = upper.frame, lower.frame.select(KEY, ROW)
    for number, meta in enumerate(lower.columns):
        same = known.get(meta.path)
        name = same.column if same else f"b{len(metas)}_{number}"
        cells = lower.frame[meta.column]
        if same is None:
            metas[name] = replace(meta, column=name)
        elif (same.unit, same.edition) != (meta.unit, meta.edition):
            cells = with_unit(lower.frame, meta)
            first = first.with_columns(with_unit(first, same).alias(name))
            metas[name] = replace(same, unit=None)
        second = second.with_columns(cells.rename(name))
    frame = pl.concat([first, second], how="diagonal_relaxed")
    return RecordSheet(frame, tuple(metas.values()), f"{upper.name}、{lower.name}", upper.complete and lower.complete)


def _parted(frame: pl.DataFrame, numbers: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """The records of each slice, in their order."""
    placed = frame.join(numbers, on=KEY, how="inner", maintain_order="left")
    return {
        int(number): part.drop("_slice")
        for (number,), part in placed.partition_by("_slice", as_dict=True, maintain_order=True).items()
    }
