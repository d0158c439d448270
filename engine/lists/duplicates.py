"""Several rows of one enterprise as one row: what agrees stands, what differs is unknown, and all of it is told."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engine.columns.frame import KEY, ROW, ColumnMeta, Reject

_SAME_HINT = "同一家企业写了几行，请合并成一行"
_DIFFERENT_HINT = "请核对后只留一个"


def merge_rows(
    frame: pl.DataFrame, metas: Sequence[ColumnMeta], sheet: str
) -> tuple[pl.DataFrame, list[Reject]]:
    """Each key once, in the order of first appearance. The further rows are rejected, their cells fill gaps.

    A field on which the rows differ becomes null, with a reject that is ``kept``.
    """
    again = frame.filter(pl.col(KEY).is_duplicated())
    if again.is_empty():
        return frame, []
    rejects: list[Reject] = []
    merged = []
    for group in again.partition_by(KEY, maintain_order=True):
        first = group.row(0, named=True)
        for row in group.slice(1).iter_rows(named=True):
            reason = f"与第 {first[ROW]} 行是同一家企业，已并入那一行"
            rejects.append(Reject(sheet, row[ROW], str(row[KEY]), "", "", reason, _SAME_HINT, False))
        for meta in metas:
            values = group[meta.column].drop_nulls().unique(maintain_order=True)
            if len(values) > 1:
                told = "、".join(map(str, values.to_list()[:3]))
                reason = "同一家企业的几行写得不一样，按不知道处理"
                key = str(first[KEY])
                rejects.append(Reject(sheet, first[ROW], key, meta.header, told, reason, _DIFFERENT_HINT))
            first[meta.column] = values[0] if len(values) == 1 else None
        merged.append(first)
    single = frame.filter(~pl.col(KEY).is_duplicated())
    both = pl.concat([single, pl.DataFrame(merged, schema=frame.schema)])
    return both.sort(ROW), rejects


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
            frame = frame.with_columns(_with_unit(frame, same), _with_unit(frame, meta, name))
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
            plain = ColumnMeta(same.column, same.path, None, same.edition, same.year, same.header)
            metas = tuple(plain if item is same else item for item in metas)
    return frame, metas, rejects


def _with_unit(frame: pl.DataFrame, meta: ColumnMeta, name: str | None = None) -> pl.Expr:
    """The cells as text with the column's unit behind bare numbers, so that two columns can be compared."""
    column = pl.col(name or meta.column).cast(pl.String)
    if meta.unit is None:
        return column
    bare = ~column.str.contains(r"[元万亿千百%‰A-Za-z]")
    return pl.when(bare).then(column + meta.unit).otherwise(column)
