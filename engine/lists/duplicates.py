"""Several rows of one enterprise as one row: what agrees stands, what differs is unknown, and all of it is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from engine.columns.frame import KEY, ROW, ColumnMeta, Reject
from engine.lists.words import folded

_SAME_HINT = "写了几行，请合并成一行"
_DIFFERENT_HINT = "请核对后只留一个"


def merge_rows(
    frame: pl.DataFrame,
    metas: Sequence[ColumnMeta],
    sheet: str,
    *,
    by: Sequence[str] = (KEY,),
    what: str = "同一家企业",
) -> tuple[pl.DataFrame, list[Reject]]:
    """Each key once, in the order of first appearance. The further rows are rejected, their cells fill gaps.

    ``by`` is what makes rows the same (of annual figures the key and the year), ``what`` says so in Chinese. A field on
    which the rows differ becomes null, with a reject that is ``kept``.
    """
    same = pl.struct(by).is_duplicated() & pl.all_horizontal(pl.col(by).is_not_null())
    again = frame.filter(same)
    if again.is_empty():
        return frame, []
    rejects: list[Reject] = []
    merged = []
    for group in again.partition_by(by, maintain_order=True):
        first = group.row(0, named=True)
        for row in group.slice(1).iter_rows(named=True):
            reason = f"与第 {first[ROW]} 行是{what}，已并入那一行"
            rejects.append(Reject(sheet, row[ROW], str(row[KEY]), "", "", reason, _SAME_HINT, len(by) > 1))
        for meta in metas:
            values = list({_alike(value): value for value in reversed(_given(group[meta.column]))}.values())
            if len(values) > 1:
                told = "、".join(map(str, reversed(values[-3:])))
                reason = f"{what}的几行写得不一样，按不知道处理"
                key = str(first[KEY])
                rejects.append(Reject(sheet, first[ROW], key, meta.header, told, reason, _DIFFERENT_HINT))
            first[meta.column] = values[0] if len(values) == 1 else None
        merged.append(first)
    single = frame.filter(~same)
    both = pl.concat([single, pl.DataFrame(merged, schema=frame.schema)])
    return both.sort(ROW), rejects


def _given(cells: pl.Series) -> list[Any]:
    """What the cells say; a dash says nothing, so it contradicts nobody."""
    return [cell for cell in cells.drop_nulls().to_list() if not (isinstance(cell, str) and _BLANK.match(cell))]


_BLANK = re.compile(r"\s*(?:[-—–－/\\]+|N/?A|nan|null|none)\s*$", re.IGNORECASE)


def join_sheets(
    sheets: Sequence[tuple[pl.DataFrame, tuple[ColumnMeta, ...], str]],
) -> tuple[pl.DataFrame, tuple[ColumnMeta, ...], list[Reject]]:
    """Sheets of enterprises beside and below one another; each has every key once.

    A field that several sheets give must agree, else it is null and told. Rows keep the number of the first sheet
    that has the key.
    """
    frame, metas, _ = sheets[0]
    rejects: list[Reject] = []
    for number, (other, others, title) in enumerate(sheets[1:], 1):
        renamed = {meta.column: f"s{number}{meta.column}" for meta in others}
        other = other.rename({**renamed, ROW: "_row"})
        frame = frame.join(other, on=KEY, how="full", coalesce=True, maintain_order="left_right")
        frame = frame.with_columns(pl.coalesce(ROW, "_row").alias(ROW)).drop("_row")
        known = {(meta.path, meta.year): meta for meta in metas}
        for meta in others:
            name = renamed[meta.column]
            same = known.get((meta.path, meta.year))
            if same is None:
                metas = (*metas, ColumnMeta(name, meta.path, meta.unit, meta.edition, meta.year, meta.header))
                continue
            frame = frame.with_columns(with_unit(frame, same), with_unit(frame, meta, name))
            differ = frame.filter(pl.col(same.column).ne(pl.col(name)).fill_null(False))
            for row in differ.iter_rows(named=True):
                told = f"{row[same.column]}、{row[name]}"
                reason = "几张表里写得不一样，按不知道处理"
                rejects.append(Reject(title, None, str(row[KEY]), meta.header, told, reason, _DIFFERENT_HINT))
            equal = pl.col(same.column).eq_missing(pl.col(name)) | pl.any_horizontal(
                pl.col(same.column).is_null(), pl.col(name).is_null()
            )
            both = pl.when(equal).then(pl.coalesce(same.column, name)).otherwise(None)
            frame = frame.with_columns(both.alias(same.column)).drop(name)
            plain = ColumnMeta(same.column, same.path, None, "2017", same.year, same.header)
            metas = tuple(plain if item is same else item for item in metas)
    return frame, metas, rejects


def _alike(value: object) -> object:
    """Two writings that differ in width, case or spaces are one, and so are two of one day."""
    if not isinstance(value, str):
        return value
    day = _DAY.match(value)
    return tuple(map(int, day.groups())) if day else folded(value)


_DAY = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*$")


def with_unit(frame: pl.DataFrame, meta: ColumnMeta, name: str | None = None) -> pl.Series:
    """The cells as text, bare numbers with the column's unit and codes with their edition, so that columns compare."""
    name = name or meta.column
    cells = frame[name].cast(pl.String)
    if meta.edition == "2011":
        coded = cells.str.contains(r"^[A-T]?\d{2,4}$")
        return frame.select(pl.when(coded).then(pl.lit("2011:") + cells).otherwise(cells).alias(name))[name]
    if meta.unit is None:
        return cells
    bare = ~cells.str.contains(r"[元万亿千百%‰A-Za-z]")
    return frame.select(pl.when(bare).then(cells + meta.unit).otherwise(cells).alias(name))[name]
