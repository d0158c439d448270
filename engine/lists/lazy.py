"""A long list in Parquet, read slice by slice: memory does not grow with the rows.

One file holds the enterprises; records come from Parquet too, or from any small sheet. Records are put by the slice of
their enterprise once, before the first slice (``engine.lists.parted``), so no file is looked through again and again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from engine.columns.frame import KEY, ROW, RawSlice, RecordSheet, Reject, Sheet
from engine.diagnostics import Finding, InputError
from engine.lists.duplicates import merge_rows
from engine.lists.extract import Count, Extracted, Extractor
from engine.lists.files import damage_told
from engine.lists.findings import MEASURE, Judgements, resolve
from engine.lists.keys import PLAIN, key_text
from engine.lists.matching import ENTERPRISE
from engine.lists.parted import Parted, Places, known, places_of_keys
from engine.lists.plan import TablePlan
from engine.lists.source import below

MOST_UNSORTED = 20_000_000
"""Rows up to which a file that is not sorted by key is searched for repeated keys."""


def is_lazy(plans: Sequence[TablePlan]) -> bool:
    """Whether the enterprises lie in one Parquet file, so that the list can be streamed."""
    own = [plan for plan in plans if plan.row == ENTERPRISE]
    return len(own) == 1 and own[0].sheet.lazy is not None


@dataclass(slots=True)
class LazyList:
    """As ``ListSource``, for a Parquet file of enterprises. ``counts`` are complete when every slice has been read."""

    plans: tuple[TablePlan, ...]
    extractor: Extractor
    judgements: Judgements
    fingerprint: str
    mapping: Mapping[str, Any]
    size: int
    notes: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    _places: Places = field(init=False)
    _repeated: pl.DataFrame = field(default_factory=pl.DataFrame)
    """The rows of keys that come more than once, as they are read; empty where none does."""
    _records: tuple[Parted, ...] | None = None

    def __post_init__(self) -> None:
        self._places = self._sorted() or self._unsorted()

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

    @property
    def _lazy(self) -> pl.LazyFrame:
        lazy = self._own.sheet.lazy
        assert lazy is not None
        return lazy

    def prepare(self, folder: Path | None) -> None:
        """Put the records by slice: those of long files into ``folder``, which has to stay while slices are read."""
        others = [plan for plan in self.plans if plan.row != ENTERPRISE]
        with damage_told([plan.sheet.file for plan in self.plans]):
            self._records = tuple(
                Parted.of(plan, self.extractor, self._places, folder and folder.resolve() / f"records-{number}")
                for number, plan in enumerate(others)
            )

    def slices(self, finished: Collection[int] = ()) -> Iterator[RawSlice]:
        """Slices in order, without those whose numbers are in ``finished``."""
        if self._records is None:
            self.prepare(None)
        total = Count(self._own.sheet.title, self._own.sheet.height)
        for number in range(max(1, -(-self._own.sheet.height // self.size))):
            if number not in finished:
                with damage_told([plan.sheet.file for plan in self.plans]):
                    part = self._part(number)
                total.used += part.enterprise.frame.height
                total.rejected += part.rows - part.enterprise.frame.height
                yield part
        self.counts = (total,)

    def holding(self, key: str) -> Iterator[RawSlice]:
        """The slice that holds a key, if any does, with the records of that key alone."""
        found = self._lazy.select(pl.arg_where(_key(self._own) == key)).collect(engine="streaming").to_series()
        if found.is_empty():
            return
        others = [_only(plan, key) for plan in self.plans if plan.row != ENTERPRISE]
        self._records = tuple(Parted.of(plan, self.extractor, self._places, None) for plan in others)
        yield self._part(int(found[0]) // self.size)
        self._records = None

    def _part(self, number: int) -> RawSlice:
        raw = self._lazy.slice(number * self.size, self.size).collect()
        found = self.extractor.typed(self._own, raw, number * self.size + 1)
        frame, rejects = self._once(found)
        sheet = Sheet(frame, found.metas, self._own.sheet.title)
        records: dict[str, RecordSheet] = {}
        for parted in self._records or ():
            kind, new = parted.plan.row, self._record_sheet(parted, number, frame, rejects)
            records[kind] = below(records[kind], new) if kind in records else new
        return RawSlice(number, sheet, records, raw.height, tuple(rejects))

    # Keys

    def _sorted(self) -> Places | None:
        """The first key of each slice, where the keys ascend and none repeats or lacks."""
        if len(self._own.key) != 1:
            return None
        types = self._lazy.collect_schema()
        name = types.names()[self._own.key[0]]
        key = pl.col(name)
        keys = self._lazy.select(key)
        ascends = (key > key.shift(1)).all(ignore_nulls=True) & (key.null_count() == 0)
        if not types[name].is_integer() or self._own.key_digits is not None:
            keys = self._lazy.select(key.cast(pl.String))
            plain = keys.select(key.str.contains(PLAIN).all() & (key.null_count() == 0))
            if self._own.key_digits is not None or not plain.collect(engine="streaming").item():
                keys = keys.select(key_text(key, self._own.key_digits).alias(name))
        if not keys.select(ascends).collect(engine="streaming").item() or not self._own.sheet.height:
            return None
        if len(self.plans) == 1:
            # Without records nobody asks where one belongs.
            return Places(keys.collect_schema()[name])
        first = keys.select(pl.col(name).gather_every(self.size)).collect(engine="streaming").to_series()
        return Places(first.dtype, first)

    def _unsorted(self) -> Places:
        """The slice of every key; what repeats is read now. Raises InputError for too long a file."""
        own = self._own
        if own.sheet.height > MOST_UNSORTED:
            hint = f"请先按编号排序再用；{MOST_UNSORTED // 10**4} 万行以内的不用排序"
            message = "名单没有按编号排序，行数又太多，查不了重复的编号"
            raise InputError([Finding(str(own.sheet.file), 0, 0, "list-unsorted", message, hint)])
        names = self._lazy.collect_schema().names()
        keys = [names[position] for position in own.key]
        only = TablePlan(own.sheet, ENTERPRISE, own.layout, own.shown, tuple(range(len(keys))), own.key_digits)
        found = self.extractor.typed(only, self._lazy.select(keys).collect(), 1).frame
        rows = found.filter(pl.col(KEY).is_duplicated())[ROW]
        if len(rows):
            numbered = self._lazy.with_row_index("_at", offset=1).filter(pl.col("_at").is_in(rows.implode()))
            body = numbered.collect()
            again = self.extractor.typed(own, body.drop("_at"), 1).frame
            self._repeated = again.with_columns(body["_at"].gather(again[ROW] - 1).cast(pl.Int64).alias(ROW))
        return places_of_keys(found, self.size)

    def _once(self, found: Extracted) -> tuple[pl.DataFrame, list[Reject]]:
        """Rows of repeated keys are taken together where the first of them stands."""
        frame, rejects = found.frame, list(found.rejects)
        mine = frame.select(KEY).join(self._repeated.select(KEY), on=KEY, how="semi") if len(self._repeated) else frame
        if self._repeated.is_empty() or mine.is_empty():
            return frame, rejects
        together = self._repeated.join(mine, on=KEY, how="semi", maintain_order="left")
        merged, told = merge_rows(together, found.metas, found.plan.sheet.title)
        here = set(frame[ROW].to_list())
        stand = merged.filter(pl.col(ROW).is_in(sorted(here)))
        single = frame.join(self._repeated.select(KEY), on=KEY, how="anti", maintain_order="left")
        return pl.concat([single, stand]).sort(ROW), rejects + [reject for reject in told if reject.row in here]

    # Records

    def _record_sheet(self, parted: Parted, number: int, frame: pl.DataFrame, rejects: list[Reject]) -> RecordSheet:
        """The records of a slice; what cannot be used is added to ``rejects``."""
        plan = parted.plan
        metas = tuple(m for m in parted.metas if self.extractor.vocabulary.fields[m.path].record == plan.row)
        rejects += parted.rejects.get(number, [])
        own, lost = known(parted.frame(number), frame.select(KEY), plan.sheet.title)
        rejects += lost
        if plan.row == "finding":
            own, told = resolve(own, metas, self.judgements, plan.sheet.title)
            rejects += told
        own = own.select(KEY, ROW, *(meta.column for meta in metas))
        assert MEASURE not in own.columns
        return RecordSheet(own, metas, plan.sheet.title, bool(plan.complete))


def _key(plan: TablePlan) -> pl.Expr:
    """The key of each row of a Parquet file as text."""
    lazy = plan.sheet.lazy
    assert lazy is not None
    names = lazy.collect_schema().names()
    parts = [key_text(pl.col(names[position]).cast(pl.String), plan.key_digits) for position in plan.key]
    return pl.concat_str(parts, separator="|")


def _only(plan: TablePlan, key: str) -> TablePlan:
    """The plan for the rows of one key."""
    if plan.sheet.lazy is None:
        return plan
    rows = plan.sheet.lazy.filter(_key(plan) == key).collect(engine="streaming")
    return replace(plan, sheet=replace(plan.sheet, lazy=rows.lazy(), height=rows.height))
