"""The finished work as files: Parquet, CSV. The file that was asked for is put in place last, in one step.

Beside it lie, by its name, ``*.pairs.parquet`` (a row for each pair) and ``*.records.parquet`` (masks of the records that
are subjects). All carry the same description, so that files of different runs are noticed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from engine.columns.frame import KEY
from engine.columns.frames import BY_YEAR, HIGH, LOW, MEASURE, READY, VERDICT
from engine.columns.money import yuan_column
from engine.columns.parquet_join import join_parquet
from engine.columns.plan import Plan
from engine.columns.rows import NAME
from engine.columns.run import as_text
from engine.columns.store import Store

METADATA = "huiqi"
_FORMULA = r"^[=+\-@\t\r]"
PAYEES = {"applicant": "申报单位", "person": "个人", "team": "团队"}


def companion(target: Path, what: str, ending: str = ".parquet") -> Path:
    """A file beside the output: result.xlsx -> result.pairs.parquet."""
    return target.with_name(f"{target.stem}.{what}{ending}")


@dataclass(slots=True)
class Publisher:
    """Puts files in place together: each is written beside its place first, and all are moved at the end.

    INVARIANT: the output itself moves last. Killed before that, the work is still there to be gone on with.
    """

    store: Store
    description: Mapping[str, Any]
    output: Path
    _waiting: list[tuple[Path, Path]] = field(default_factory=list)

    def write(self, target: Path, fill: Callable[[Path], object]) -> None:
        """Have ``fill`` write a file that will take the place of ``target``."""
        passing = self.store.folder / f"out-{len(self._waiting)}{target.suffix}"
        fill(passing)
        self._waiting.append((passing, target))

    def parquet(self, target: Path, part: str) -> None:
        """Join a frame's parts into one Parquet file."""
        texts = {METADATA: as_text(self.description)}
        self.write(target, lambda path: join_parquet(self.store.parts(part), path, texts))

    def commit(self) -> None:
        """Move everything into place, what was asked for last, and forget the work."""
        for passing, target in sorted(self._waiting, key=lambda item: item[1] == self.output):
            os.replace(passing, target)
        self.store.remove()


def masks_files(publisher: Publisher, target: Path) -> None:
    """The masks as Parquet, with those of the records beside them."""
    publisher.parquet(target, "masks")
    publisher.parquet(companion(target, "records"), "records")


def pair_table(part: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Pairs with Chinese headings; amounts are exact texts in yuan, by year where a measure tells them so."""
    measures = {m.id: m for m in plan.measures}
    documents = {id: file.document.title for id, file in plan.pack.documents.items()}
    ids = part[MEASURE].cast(pl.String)

    def by_measure(name: str, value: Callable[[str], str]) -> pl.Series:
        known = {id: value(id) for id in ids.unique().to_list()}
        return ids.replace_strict(known, return_dtype=pl.String).alias(name) if len(ids) else ids.alias(name)

    verdicts = part[VERDICT].cast(pl.String)
    ready = part[READY].cast(pl.Boolean)
    shown = pl.select(
        pl.when(verdicts == "eligible")
        .then(pl.lit("符合"))
        .when(ready)
        .then(pl.lit("条件已满足待认定"))
        .otherwise(pl.lit("缺资料"))
    ).to_series()
    bound = (part[LOW].is_not_null() & part[HIGH].is_null()).fill_null(False)
    high = pl.select(pl.when(bound).then(pl.lit("不封顶")).otherwise(yuan_column(part[HIGH], plan.unit))).to_series()
    return pl.DataFrame(
        {
            "企业编号": part[KEY],
            "企业名称": part[NAME],
            "措施编号": ids,
            "措施": by_measure("m", lambda id: measures[id].spec.title),
            "结论": shown if len(part) else verdicts,
            "金额下限（元）": yuan_column(part[LOW], plan.unit),
            "金额上限（元）": high if len(part) else part[HIGH].cast(pl.String),
            **({"按年金额（元）": by_year_shown(part[BY_YEAR])} if BY_YEAR in part.columns else {}),
            "领取人": by_measure("p", lambda id: PAYEES[measures[id].spec.payee]),
            "理由": part["reason"],
            "条款": by_measure("c", lambda id: measures[id].spec.clause),
            "文件": by_measure("d", lambda id: documents[measures[id].document]),
        }
    )


def by_year_shown(told: pl.Series) -> pl.Series:
    """Yearly amounts for people: 2016年5000；2017年0至30000；2018年0至不封顶."""
    known = {text: _years_in_words(text) for text in told.drop_nulls().unique().to_list()}
    return told.replace_strict(known, return_dtype=pl.String) if known else told


def _years_in_words(text: str) -> str:
    years: dict[str, str | list[str | None]] = json.loads(text)
    parts = []
    for year, amount in years.items():
        low, high = (amount, amount) if isinstance(amount, str) else amount
        parts.append(f"{year}年{low}" if low == high else f"{year}年{low}至{high or '不封顶'}")
    return "；".join(parts)


def csv_files(publisher: Publisher, target: Path, plan: Plan) -> None:
    """Pairs as CSV for a spreadsheet (UTF-8 with BOM), masks as CSV beside it, and what the bits mean as JSON."""

    def fill(path: Path, name: str, shaped: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write("\ufeff")
            for first, part in enumerate(publisher.store.parts(name)):
                _csv(harmless(shaped(pl.read_parquet(part))), file, header=first == 0)

    publisher.write(target, lambda path: fill(path, "told", lambda part: pair_table(part, plan)))
    publisher.write(companion(target, "masks", ".csv"), lambda path: fill(path, "masks", lambda part: part))
    publisher.write(companion(target, "records", ".csv"), lambda path: fill(path, "records", _texts))
    text = json.dumps(publisher.description, ensure_ascii=False, indent=1, default=str)
    publisher.write(companion(target, "masks", ".json"), lambda path: path.write_text(text, "utf-8"))


def _texts(part: pl.DataFrame) -> pl.DataFrame:
    return part.with_columns(pl.col(pl.Enum).cast(pl.String))


def _csv(frame: pl.DataFrame, file: TextIO, *, header: bool) -> None:
    file.write(frame.write_csv(include_header=header, line_terminator="\r\n"))


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that a spreadsheet would take for a formula get an apostrophe in front."""
    text = pl.col(pl.String)
    return frame.with_columns(pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep())


def harmless_text(text: str) -> str:
    """The same for one text."""
    return f"'{text}" if re.match(_FORMULA, text) else text


def told(store: Store) -> Iterator[pl.DataFrame]:
    """The pairs with their reasons, slice by slice."""
    for part in store.parts("told"):
        yield pl.read_parquet(part)
