"""A long list in Parquet, read slice by slice: memory does not grow with the rows.

One file holds the enterprises; records come from Parquet too, or from any small sheet. In files sorted by key a slice
reads only the row groups that hold its keys; in others every slice looks through the whole file of records.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from engine.columns.frame import KEY, ROW, RawSlice, RecordSheet, Reject, Sheet
from engine.diagnostics import Finding, InputError
from engine.lists.duplicates import merge_rows
from engine.lists.extract import Count, Extracted, Extractor
from engine.lists.files import damage_told
from engine.lists.findings import MEASURE, Judgements, resolve
from engine.lists.matching import ENTERPRISE
from engine.lists.plan import TablePlan

MOST_UNSORTED = 20_000_000
"""Rows up to which a file that is not sorted by key is searched for repeated keys."""
_SMALL = 5_000_000


def is_lazy(plans: Sequence[TablePlan]) -> bool:
    """Whether the enterprises lie in one Parquet file, so that the list can be streamed."""
    own = [plan for plan in plans if plan.row == ENTERPRISE]
    return len(own) == 1 and own[0].sheet.lazy is not None


@dataclass(slots=True)
class LazyList:
    """As ``ListSource``, for a Parquet file. ``counts`` are complete when the slices have been read."""

    plans: tuple[TablePlan, ...]
    extractor: Extractor
    judgements: Judgements
    fingerprint: str
    mapping: Mapping[str, Any]
    size: int
    counts: tuple[Count, ...] = ()
    notes: tuple[str, ...] = ()
    _repeated: pl.DataFrame = field(default_factory=pl.DataFrame)

    def __post_init__(self) -> None:
        self._repeated = self._find_repeated()

    @property
    def rows(self) -> int | None:
        """Rows of the file of enterprises."""
        return self._own.sheet.height

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """None beforehand: they come with the slices."""
        return ()

    @property
    def _own(self) -> TablePlan:
        return next(plan for plan in self.plans if plan.row == ENTERPRISE)

    def slices(self, finished: Collection[int] = ()) -> Iterator[RawSlice]:
        """Slices in order, without those whose numbers are in ``finished``."""
        lazy, height = self._own.sheet.lazy, self._own.sheet.height
        assert lazy is not None
        small = {plan.sheet.title: self._small(plan) for plan in self.plans if plan.row != ENTERPRISE}
        total = Count(self._own.sheet.title, height)
        for number in range(max(1, -(-height // self.size))):
            if number in finished:
                continue
            with damage_told([plan.sheet.file for plan in self.plans]):
                part, used, lost = self._part(lazy, number, small)
            total.used += used
            total.rejected += lost
            yield part
        self.counts = (total,)

    def _part(
        self, lazy: pl.LazyFrame, number: int, small: Mapping[str, Extracted | None]
    ) -> tuple[RawSlice, int, int]:
        """One slice, and how many of its rows are used and are not."""
        raw = lazy.slice(number * self.size, self.size).collect()
        found = self.extractor.typed(self._own, raw, number * self.size + 1)
        frame, rejects = self._once(found)
        sheet = Sheet(frame, found.metas, self._own.sheet.title)
        records, more = self._records(frame, small)
        part = RawSlice(number, sheet, records, raw.height, tuple(rejects + more))
        return part, frame.height, raw.height - frame.height

    def _find_repeated(self) -> pl.DataFrame:
        """Repeated keys with the row where each stands first. Raises InputError for too long a file."""
        lazy = self._own.sheet.lazy
        assert lazy is not None
        names = lazy.collect_schema().names()
        keys = [names[position] for position in self._own.key]
        if len(keys) == 1:
            key = pl.col(keys[0])
            after = key > key.shift(1)
            if lazy.select(after.all(ignore_nulls=True) & (key.null_count() == 0)).collect(engine="streaming").item():
                return pl.DataFrame()
        if self._own.sheet.height > MOST_UNSORTED:
            hint = f"请先按编号排序再用；{MOST_UNSORTED // 10**4} 万行以内的不用排序"
            message = "名单没有按编号排序，行数又太多，查不了重复的编号"
            raise InputError([Finding(str(self._own.sheet.file), 0, 0, "list-unsorted", message, hint)])
        body = lazy.select(keys).with_row_index(ROW, offset=1).collect()
        found = self.extractor.typed(
            TablePlan(
                self._own.sheet,
                ENTERPRISE,
                self._own.layout,
                self._own.shown,
                tuple(range(len(keys))),
                self._own.key_digits,
            ),
            body.select(keys),
            1,
        ).frame
        return found.filter(pl.col(KEY).is_duplicated()).group_by(KEY, maintain_order=True).agg(pl.col(ROW))

    def _once(self, found: Extracted) -> tuple[pl.DataFrame, list[Reject]]:
        """Rows of repeated keys are taken together where the first of them stands."""
        frame = found.frame
        if self._repeated.is_empty():
            return frame, found.rejects
        mine = frame.join(self._repeated.select(KEY), on=KEY, how="semi")
        if mine.is_empty():
            return frame, found.rejects
        others = self._repeated.join(mine.select(KEY).unique(), on=KEY, how="semi").explode(ROW)
        rows = sorted(others[ROW].to_list())
        together = pl.concat([self._rows([row]) for row in rows])
        merged, told = merge_rows(together, found.metas, found.plan.sheet.title)
        here = set(frame[ROW].to_list())
        stand = merged.filter(pl.col(ROW).is_in(sorted(here)))
        single = frame.join(self._repeated.select(KEY), on=KEY, how="anti", maintain_order="left")
        kept = pl.concat([single, stand]).sort(ROW)
        return kept, found.rejects + [reject for reject in told if reject.row in here]

    def _rows(self, rows: list[int]) -> pl.DataFrame:
        lazy = self._own.sheet.lazy
        assert lazy is not None
        return self.extractor.typed(self._own, lazy.slice(rows[0] - 1, 1).collect(), rows[0]).frame

    # Records

    def _small(self, plan: TablePlan) -> Extracted | None:
        """A sheet of records that fits into memory, read once; None for a long Parquet file."""
        if plan.sheet.lazy is not None and plan.sheet.height > _SMALL:
            return None
        return self.extractor.extract(plan)

    def _records(
        self, frame: pl.DataFrame, small: Mapping[str, Extracted | None]
    ) -> tuple[dict[str, RecordSheet], list[Reject]]:
        records: dict[str, RecordSheet] = {}
        rejects: list[Reject] = []
        for plan in self.plans:
            if plan.row == ENTERPRISE:
                continue
            found = small[plan.sheet.title] or self._long(plan, frame[KEY])
            metas = tuple(m for m in found.metas if self.extractor.vocabulary.fields[m.path].record == plan.row)
            own = found.frame.with_columns(pl.col(KEY).cast(frame.schema[KEY]))
            own = own.join(frame.select(KEY), on=KEY, how="semi", maintain_order="left")
            keys = set(map(str, own[KEY].unique().to_list())) if found.rejects else set()
            rejects += [reject for reject in found.rejects if reject.key in keys]
            if plan.row == "finding":
                own, told = resolve(own, metas, self.judgements, plan.sheet.title)
                rejects += told
            own = own.select(KEY, ROW, *(meta.column for meta in metas))
            assert MEASURE not in own.columns
            records[plan.row] = RecordSheet(own, metas, plan.sheet.title, bool(plan.complete))
        return records, rejects

    def _long(self, plan: TablePlan, keys: pl.Series) -> Extracted:
        """The rows of a long file whose keys lie between the least and the greatest of this slice."""
        lazy = plan.sheet.lazy
        assert lazy is not None and len(plan.key) == 1
        name = lazy.collect_schema().names()[plan.key[0]]
        column = pl.col(name)
        part = lazy.filter(column.is_between(keys.min(), keys.max())).collect(engine="streaming")
        return self.extractor.typed(plan, part, 1)
