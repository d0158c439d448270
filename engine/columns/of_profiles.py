"""Profiles that are at hand as plain data, as the raw slice that a reader of lists would hand over.

Cells are text; several values of one field are JSON. A cell means what the same text means in the profile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from engine.columns.frame import ColumnMeta, RawSlice, RecordSheet, Sheet
from engine.vocabulary import Vocabulary

MONEY = {"money": "元"}
"""What a bare number of a profile counts in."""


def raw_slice(
    profiles: Sequence[Mapping[str, Any]], vocabulary: Vocabulary, number: int = 0, first: int = 0
) -> RawSlice:
    """One slice of profiles that can be read (``engine.profile.profile_of``); their keys count from ``first``."""
    keys = list(range(first, first + len(profiles)))
    lists = {kind.list: kind for kind in vocabulary.records.values()}
    names = list(dict.fromkeys(name for data in profiles for name in data if name not in lists))
    enterprise = _sheet([{name: data.get(name) for name in names} for data in profiles], keys, names, "", vocabulary)
    records = {}
    for name, kind in lists.items():
        given = [(key, _listed(data[name])) for key, data in zip(keys, profiles, strict=True) if _given(data, name)]
        if not given:
            continue
        rows = [(key, item) for key, (items, _) in given for item in items]
        fields = list(dict.fromkeys(field for _, item in rows for field in item))
        sheet = _sheet([item for _, item in rows], [key for key, _ in rows], fields, f"{kind.name}.", vocabulary)
        states = {"key": [key for key, _ in given], "complete": [complete for _, (_, complete) in given]}
        lists_frame = pl.DataFrame(states, schema={"key": pl.Int64, "complete": pl.Boolean})
        records[kind.name] = RecordSheet(sheet.frame, sheet.columns, kind.label, lists=lists_frame)
    return RawSlice(number, enterprise, records, len(profiles))


def _given(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if isinstance(value, dict):
        return value["items"] is not None
    return value is not None


def _listed(value: Any) -> tuple[list[dict[str, Any]], bool]:
    items, complete = (value["items"], not value["partial"]) if isinstance(value, dict) else (value, True)
    # The one text that a list may be says that there are none.
    return ([] if isinstance(items, str) else items), complete


def _sheet(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[int], names: Sequence[str], prefix: str, vocabulary: Vocabulary
) -> Sheet:
    columns: dict[str, pl.Series] = {"key": pl.Series(keys, dtype=pl.Int64)}
    metas = []
    for number, name in enumerate(names):
        path = f"{prefix}{name}"
        column = f"c{number}"
        columns[column] = pl.Series([cell(row.get(name)) for row in rows], dtype=pl.String)
        metas.append(ColumnMeta(column, path, MONEY.get(vocabulary.fields[path].type), header=path))
    return Sheet(pl.DataFrame(columns), tuple(metas), "企业")


def cell(value: Any) -> str | None:
    """A value of a profile as a cell's text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
