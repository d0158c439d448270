"""Records of a long list by the slice of their enterprise: every file is read once, whatever its order.

Files of a few rows are kept in memory; long ones go to a folder, a file for each slice, written in pieces, so that
memory holds one piece. A record of an enterprise that the list does not have comes with the slice where it would stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]

from engine.columns.frame import KEY, ROW, ColumnMeta, Reject
from engine.lists.extract import Extracted, Extractor
from engine.lists.plan import TablePlan

PIECE = 1_000_000
"""Rows read at once."""
SMALL = 1_000_000
"""Rows of a file that are kept in memory."""
_SLICE = "_slice"


@dataclass(frozen=True, slots=True)
class Places:
    """Which slice an enterprise stands in: by the first key of each slice of a sorted list, else by every key."""

    kind: pl.DataType
    first: pl.Series | None = None
    each: pl.DataFrame | None = None
    """Columns key and _slice."""

    def of(self, keys: pl.Series) -> pl.Series:
        """The slice of each key; of one that the list does not have, any slice. Keys have the list's type."""
        if self.first is not None:
            found = self.first.search_sorted(keys.fill_null(self.first[0]), side="right")
            return (found.cast(pl.Int64) - 1).clip(0).cast(pl.UInt32).rename(_SLICE)
        assert self.each is not None
        joined = keys.rename(KEY).to_frame().join(self.each, on=KEY, how="left", maintain_order="left")
        return joined[_SLICE].fill_null(0)


def places_of_keys(keys: pl.DataFrame, size: int) -> Places:
    """By every key; ``keys`` has key and row, counted from 1. A repeated key stands where it stands first."""
    each = keys.select(KEY, ((pl.col(ROW) - 1) // size).cast(pl.UInt32).alias(_SLICE))
    return Places(keys.schema[KEY], each=each.unique(KEY, keep="first", maintain_order=True))


@dataclass(slots=True)
class Parted:
    """One sheet of records by slice."""

    plan: TablePlan
    metas: tuple[ColumnMeta, ...] = ()
    rejects: dict[int, list[Reject]] = field(default_factory=dict)
    _frames: dict[int, list[pl.DataFrame]] = field(default_factory=dict)
    _files: dict[int, Path] = field(default_factory=dict)
    _blank: pl.DataFrame = field(default_factory=pl.DataFrame)

    def frame(self, number: int) -> pl.DataFrame:
        """The records of a slice in their order, those too whose enterprise is not in the list."""
        if number in self._files:
            return pl.read_ipc_stream(self._files[number])
        return pl.concat([self._blank, *self._frames.get(number, [])])

    @classmethod
    def of(cls, plan: TablePlan, extractor: Extractor, places: Places, folder: Path | None) -> Parted:
        """Read the sheet once. ``folder``: where the parts of a long one may lie; None keeps them in memory."""
        result = cls(plan)
        if folder is not None and plan.sheet.lazy is not None and plan.sheet.height > SMALL:
            result._write(extractor, places, folder)
        else:
            for number, part in result._parts(extractor, places):
                result._frames.setdefault(number, []).append(part)
        return result

    def _parts(self, extractor: Extractor, places: Places) -> Iterator[tuple[int, pl.DataFrame]]:
        for found in _pieces(self.plan, extractor):
            self.metas = found.metas
            frame, lost = of_type(found.frame, places.kind, self.plan.sheet.title)
            slices = places.of(frame[KEY])
            self._blank = frame.clear()
            self._keep(found.rejects, frame, slices)
            self.rejects.setdefault(0, []).extend(lost)
            parts = frame.with_columns(slices).partition_by(
                _SLICE, as_dict=True, maintain_order=True, include_key=False
            )
            for (number,), part in parts.items():
                yield int(str(number)), part

    def _keep(self, rejects: list[Reject], frame: pl.DataFrame, slices: pl.Series) -> None:
        """What was rejected, by slice; without a key with the first one."""
        if not rejects:
            return
        wanted = pl.Series([reject.row for reject in rejects], dtype=frame.schema[ROW])
        at = dict(frame.select(ROW, slices).filter(pl.col(ROW).is_in(wanted.implode())).iter_rows())
        for reject in rejects:
            self.rejects.setdefault(at.get(reject.row, 0), []).append(reject)

    def _write(self, extractor: Extractor, places: Places, folder: Path) -> None:
        """Each part to the file of its slice; all are open at once, a few for every million enterprises."""
        folder.mkdir(parents=True, exist_ok=True)
        writers: dict[int, pa.RecordBatchStreamWriter] = {}
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        try:
            for number, part in self._parts(extractor, places):
                table = part.to_arrow(compat_level=pl.CompatLevel.oldest())
                if number not in writers:
                    self._files[number] = folder / f"{number:06d}.arrows"
                    writers[number] = pa.ipc.new_stream(str(self._files[number]), table.schema, options=options)
                writers[number].write_table(table)
        finally:
            for writer in writers.values():
                writer.close()


def _pieces(plan: TablePlan, extractor: Extractor) -> Iterator[Extracted]:
    lazy = plan.sheet.lazy
    if lazy is None:
        yield extractor.extract(plan)
        return
    lazy = lazy.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    for start in range(0, max(1, plan.sheet.height), PIECE):
        yield extractor.typed(plan, lazy.slice(start, PIECE).collect(), start + 1)


ORPHAN = "企业名单里没有这家企业"
ORPHAN_HINT = "请核对编号，或把企业补进企业表"


def of_type(frame: pl.DataFrame, kind: pl.DataType, sheet: str) -> tuple[pl.DataFrame, list[Reject]]:
    """With keys of the list's type; a key that cannot be one names nobody, and its row is rejected."""
    if frame.schema[KEY] == kind:
        return frame, []
    own = frame[KEY].cast(kind, strict=False)
    return frame.filter(own.is_not_null()).with_columns(own.drop_nulls()), _orphans(frame.filter(own.is_null()), sheet)


def known(frame: pl.DataFrame, keys: pl.DataFrame, sheet: str) -> tuple[pl.DataFrame, list[Reject]]:
    """The records of the enterprises of ``keys``; the others are rejected."""
    orphans = frame.join(keys, on=KEY, how="anti", maintain_order="left")
    if orphans.is_empty():
        return frame, []
    return frame.join(keys, on=KEY, how="semi", maintain_order="left"), _orphans(orphans, sheet)


def _orphans(frame: pl.DataFrame, sheet: str) -> list[Reject]:
    told = frame.select(KEY, ROW).iter_rows()
    return [Reject(sheet, row, str(key), "", "", ORPHAN, ORPHAN_HINT, False) for key, row in told]
