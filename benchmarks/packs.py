"""Lists for the five packs: enterprises with every field that their conditions read, and records in no order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.flat import SEED, some
from engine.columns.plan import Plan
from engine.vocabulary import VocabularyField

PLACES = ["北京市海淀区", "北京市大兴区", "北京市通州区", "河北省廊坊市固安县", "河北省廊坊市", "天津市", "上海市"]
INDUSTRIES = ["I65", "I6531", "C27", "C2710", "M73", "F51", "L72"]
RECORDS = {"recognition": 2, "annual": 2}
"""Kinds of records, and how many an enterprise has on average."""
_PIECE = 250_000


def write_lists(folder: Path, rows: int, plan: Plan, *, records: bool = True) -> list[Path]:
    """``packs-enterprises.parquet`` sorted by key, and with ``records`` a file for each of their kinds in no order."""
    draw = np.random.default_rng(SEED)
    fields = plan.pack.vocabulary.fields
    own = [fields[path] for path in sorted(plan.paths) if path in fields and fields[path].record is None]
    written = [_write(folder / "packs-enterprises.parquet", own, np.arange(rows), draw)]
    for kind, count in RECORDS.items() if records else ():
        typed = [fields[path] for path in sorted(plan.paths) if path in fields and fields[path].record == kind]
        keys = np.repeat(np.arange(rows), count)
        order = draw.permutation(len(keys))
        years = np.tile(np.arange(count), rows)[order] + plan.as_of.year - count
        given = {"annual.fiscal_year": pl.Series(years.astype(np.int32))}
        typed = [field for field in typed if field.path not in given or kind == "annual"]
        written.append(_write(folder / f"packs-{kind}.parquet", typed, keys[order], draw, given))
    return written


def mapping(plan: Plan) -> str:
    """What a mapping has to say of these files."""
    fields = plan.pack.vocabulary.fields
    entries = ["  - {file: packs-enterprises.parquet, row: enterprise, key: key, unit: 元, edition: '2017'}"]
    for kind in RECORDS:
        columns = ", ".join(
            f"{_column(path)}: {path}" for path in sorted(plan.paths) if path in fields and fields[path].record == kind
        )
        entries.append(f"  - {{file: packs-{kind}.parquet, row: {kind}, key: key, unit: 元, columns: {{{columns}}}}}")
    return "lists:\n" + "\n".join(entries) + "\n"


def _column(path: str) -> str:
    return path.rpartition(".")[2]


def _write(
    path: Path,
    fields: Sequence[VocabularyField],
    keys: np.ndarray,
    draw: np.random.Generator,
    given: dict[str, pl.Series] | None = None,
) -> Path:
    columns = {"key": pl.Series(keys)}
    for field in fields:
        fixed = (given or {}).get(field.path)
        columns[_column(field.path)] = fixed if fixed is not None else some(_cells(field, len(keys), draw), draw, 0.2)
    frame = pl.DataFrame(columns)
    frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=_PIECE)
    return path


def _cells(field: VocabularyField, rows: int, draw: np.random.Generator) -> pl.Series:
    match field.type:
        case "money":
            return pl.Series(np.round(10 ** draw.uniform(4, 9, rows)).astype(np.int64))
        case "count":
            return pl.Series((10 ** draw.uniform(0, 3.5, rows)).astype(np.int32))
        case "yes_no":
            return pl.Series(draw.random(rows) < 0.5)
        case "date":
            return pl.Series(draw.integers(11_000, 20_500, rows).astype(np.int32)).cast(pl.Date)
        case "ratio":
            words = ["3%", "5%", "10%", "60%"]
        case "division":
            words = PLACES
        case "industry":
            words = INDUSTRIES
        case "choice" | "choices":
            words = [option.label for option in field.options.values()]
        case _:
            words = ["甲", "乙", "丙"]
    return pl.Series(words).gather(pl.Series(draw.integers(0, len(words), rows).astype(np.uint32))).cast(pl.Enum(words))
