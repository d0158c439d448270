"""One enterprise of a list as the profile that ``huiqi check`` reads: the same texts, the units written behind them."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from engine.columns.frame import KEY, ColumnMeta, RawSlice, Sheet
from engine.lists.cells import number_text
from engine.lists.plan import OWN_UNIT
from engine.vocabulary import Vocabulary, VocabularyField

_BETWEEN = re.compile(r"[、；;|,，\n]+")
_ANNUAL = "annual"


def profile_data(part: RawSlice, key: str | int, vocabulary: Vocabulary) -> dict[str, Any]:
    """The profile of the enterprise with this key, as plain data. KeyError where the slice does not hold it.

    A list is partial unless its sheet is complete; a kind without a sheet, or without rows of this enterprise where the
    sheet is not complete, is missing. Cells that cannot be read are there as they stand: checking tells of them.
    """
    rows = _rows(part.enterprise, key)
    if not rows:
        raise KeyError(key)
    profile: dict[str, Any] = {}
    annuals: dict[int, dict[str, Any]] = {}
    for meta in part.enterprise.columns:
        value = _answer(rows[0][meta.column], meta, vocabulary.fields[meta.path])
        if value is None:
            continue
        if meta.year is not None:
            annuals.setdefault(meta.year, {"fiscal_year": meta.year})[meta.path.partition(".")[2]] = value
        else:
            profile[meta.path] = value
    for kind, sheet in part.records.items():
        items = [_record(row, sheet, vocabulary) for row in _rows(sheet, key)]
        name = vocabulary.records[kind].list
        if kind == _ANNUAL:
            for item in items:
                year = int(item["fiscal_year"]) if str(item.get("fiscal_year", "")).isdecimal() else None
                if year is not None:
                    annuals.setdefault(year, {}).update(item)
        elif sheet.complete or kind == "finding":
            if items or sheet.complete:
                profile[name] = items
        elif items:
            profile[name] = {"partial": True, "items": items}
    if annuals:
        profile[vocabulary.records[_ANNUAL].list] = [annuals[year] for year in sorted(annuals)]
    return profile


def _rows(sheet: Sheet, key: str | int) -> list[dict[str, Any]]:
    return list(sheet.frame.filter(sheet.frame[KEY] == key).iter_rows(named=True))


def _record(row: dict[str, Any], sheet: Sheet, vocabulary: Vocabulary) -> dict[str, Any]:
    answers = {
        meta.path.partition(".")[2]: _answer(row[meta.column], meta, vocabulary.fields[meta.path])
        for meta in sheet.columns
    }
    return {name: value for name, value in answers.items() if value is not None}


def _answer(cell: Any, meta: ColumnMeta, typed: VocabularyField) -> Any:
    """The cell as a profile holds it; None where it is empty."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    if isinstance(cell, bool):
        return "是" if cell else "否"
    text = number_text(cell) if isinstance(cell, float) else str(cell)
    if isinstance(cell, date):
        text = cell.isoformat()[:10]
    if text is None:
        return None
    if text[:1] in "[{" and typed.type != "text":
        try:
            return json.loads(text, parse_float=Decimal)
        except ValueError:
            return text
    if typed.type == "choices" and not typed.option_of(text):
        parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
        return parts if len(parts) > 1 else text
    if typed.type == "industry" and meta.edition == "2011" and re.fullmatch(r"[A-T]?\d{2,4}", text):
        return f"2011:{text}"
    if meta.unit and typed.type in ("money", "ratio") and not OWN_UNIT.search(text):
        return text + meta.unit
    return text
