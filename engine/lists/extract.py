"""The rows of one sheet below its headers, as answers under their keys; every row that is left out is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from engine.columns.frame import KEY, ROW, ColumnMeta, Reject
from engine.lists.answers import Answering, CellProblem, joined_places
from engine.lists.findings import MEASURE
from engine.lists.keys import KEY_HINTS, LOST_DIGITS_HINT, is_plain, key_text, unusable
from engine.lists.layout import is_footer
from engine.lists.plan import EXAMPLE, ColumnPlan, TablePlan
from engine.lists.words import Words
from engine.values import Tables
from engine.vocabulary import Vocabulary

_SMALL, _SAMPLE = 1000, 4000
"""Cells of a column that are read one by one at once, and those that are looked at of a longer one."""


@dataclass(slots=True)
class Count:
    """Where the rows of a sheet went. ``height`` is the sum of the others."""

    title: str
    height: int
    above: int = 0
    blank: int = 0
    repeated: int = 0
    footers: int = 0
    examples: int = 0
    rejected: int = 0
    used: int = 0

    def move(self, rows: int) -> None:
        """So many rows were read and then not used."""
        self.used -= rows
        self.rejected += rows

    @property
    def data(self) -> int:
        """Rows that tell of an enterprise or a record."""
        return self.used + self.rejected

    def adds_up(self) -> bool:
        """Whether no row is unaccounted for."""
        parts = (self.above, self.blank, self.repeated, self.footers, self.examples, self.rejected, self.used)
        return sum(parts) == self.height

    def sentence(self) -> str:
        """In Chinese, for the command's output."""
        parts = {
            "表头及以上": self.above,
            "空行": self.blank,
            "重复表头": self.repeated,
            "表尾": self.footers,
            "示例": self.examples,
            "未采用": self.rejected,
            "采用": self.used,
        }
        told = "，".join(f"{name} {number} 行" for name, number in parts.items() if number)
        return f"{self.title}：共 {self.height} 行，其中{told}"


@dataclass(slots=True)
class Extracted:
    """One sheet read: ``frame`` has key, row and c0, c1, ... as ``metas`` describe, for rows with a usable key."""

    plan: TablePlan
    frame: pl.DataFrame
    metas: tuple[ColumnMeta, ...]
    count: Count
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Extractor:
    """Reads sheets by their plans; ``notes`` of what was undone go to the plan."""

    vocabulary: Vocabulary
    tables: Tables
    words: Words
    rates: Mapping[str, Decimal]

    def extract(self, plan: TablePlan) -> Extracted:
        """The sheet's rows. The frame of a Parquet sheet is read whole; see ``LazyList`` for long ones."""
        if plan.sheet.lazy is not None:
            return self.typed(plan, plan.sheet.lazy.collect(), 1)
        count = Count(plan.sheet.title, plan.sheet.height, above=plan.layout.last + 1)
        body = _merged_keys(plan).with_row_index(ROW, offset=1).slice(plan.layout.last + 1)
        body = self._data_rows(plan, body, count)
        rejects: list[Reject] = []
        body = self._narrow(plan, body, rejects)
        body = self._keyed(plan, body, rejects)
        count.rejected, count.used = len(rejects), body.height
        frame, metas, problems = self._answers(plan, body)
        found = Extracted(plan, frame, metas, count, rejects)
        found.rejects += [self._cell_reject(plan, frame, problem) for problem in problems]
        return found

    def typed(self, plan: TablePlan, frame: pl.DataFrame, first_row: int) -> Extracted:
        """Rows of a typed file; ``first_row`` is the number of the first one."""
        names = frame.columns
        body = frame.rename({name: str(n) for n, name in enumerate(names)}).fill_nan(None)
        body = body.with_row_index(ROW, offset=first_row)
        rejects: list[Reject] = []
        body = self._keyed(plan, body, rejects)
        count = Count(plan.sheet.title, frame.height, rejected=len(rejects), used=body.height)
        answers, metas, problems = self._answers(plan, body)
        found = Extracted(plan, answers, metas, count, rejects)
        found.rejects += [self._cell_reject(plan, answers, problem) for problem in problems]
        return found

    # Rows

    def _data_rows(self, plan: TablePlan, body: pl.DataFrame, count: Count) -> pl.DataFrame:
        """Without blank rows, repeated headers, footers and the template's examples."""
        columns = [name for name in body.columns if name != ROW]
        filled = body.filter(~pl.all_horizontal(pl.col(columns).is_null()))
        count.blank = body.height - filled.height
        marks = [*self.words.spec.totals, *self.words.spec.footers, EXAMPLE]
        tops = {h.text.split("·")[-1] for h in plan.headers if h.text} | {
            h.text.split("·")[0] for h in plan.headers if h.text
        }
        first = pl.coalesce(columns)
        # Few rows can be meant; only those are looked at one by one.
        suspect = first.str.replace_all(r"[\s\u3000]", "").str.contains(
            "^(?:" + "|".join(marks) + ")"
        ) | first.str.replace_all(r"\s+", " ").is_in(sorted(tops))
        drop: list[int] = []
        for row in filled.filter(suspect.fill_null(False)).iter_rows():
            number, cells = row[0], row[1:]
            start = next(cell for cell in cells if cell)
            if start.startswith(EXAMPLE):
                count.examples += 1
            elif plan.layout.repeats(cells):
                count.repeated += 1
            elif is_footer(cells, self.words):
                count.footers += 1
            else:
                continue
            drop.append(number)
        return filled.filter(~pl.col(ROW).is_in(drop)) if drop else filled

    def _narrow(self, plan: TablePlan, body: pl.DataFrame, rejects: list[Reject]) -> pl.DataFrame:
        """Of a text file, rows with more cells than there are headers: an unquoted comma has shifted them."""
        if plan.sheet.name or not plan.sheet.note:
            return body
        width = max((n for n, h in enumerate(plan.headers) if h.text), default=-1) + 1
        beyond = [name for name in body.columns if name != ROW and int(name) >= width]
        if not beyond:
            return body
        over = ~pl.all_horizontal(pl.col(beyond).is_null())
        for row in body.filter(over).iter_rows(named=True):
            value = next(str(row[name]) for name in beyond if row[name])
            hint = "多半是某一格里有没加引号的分隔符，请改正后重来"
            rejects.append(
                Reject(plan.sheet.title, row[ROW], None, f"第{width + 1}列", value, "这一行的格数比表头多", hint, False)
            )
        return body.filter(~over)

    def _keyed(self, plan: TablePlan, body: pl.DataFrame, rejects: list[Reject]) -> pl.DataFrame:
        """With the key; rows whose key cannot be used are rejected."""
        names = [str(position) for position in plan.key]
        if len(names) == 1 and is_plain(body[names[0]], plan.key_digits):
            return body.with_columns(pl.col(names[0]).alias(KEY))
        if len(names) == 1 and body.schema[names[0]].is_integer() and plan.key_digits is None:
            body = body.with_columns(pl.col(names[0]).alias(KEY))
            usable = body.filter(pl.col(KEY).is_not_null())
            why = pl.lit("没有编号")
        else:
            parts = [key_text(pl.col(name).cast(pl.String), plan.key_digits) for name in names]
            key = parts[0] if len(parts) == 1 else pl.concat_str(parts, separator="|")
            body = body.with_columns(key.alias(KEY))
            why = unusable(pl.col(KEY))
            body = body.with_columns(why.alias("_why"))
            why = pl.col("_why")
            usable = body.filter(why.is_null()).drop("_why")
        if usable.height < body.height:
            header = "、".join(plan.shown[position] for position in plan.key)
            for row in body.filter(why.is_not_null() if "_why" in body.columns else pl.col(KEY).is_null()).iter_rows(
                named=True
            ):
                reason = row.get("_why") or "没有编号"
                value = str(row[names[0]]) if row[names[0]] is not None else ""
                hint = KEY_HINTS.get(reason, LOST_DIGITS_HINT)
                rejects.append(Reject(plan.sheet.title, row[ROW], None, header, value, reason, hint, False))
        return usable

    # Cells

    def _answers(
        self, plan: TablePlan, body: pl.DataFrame
    ) -> tuple[pl.DataFrame, tuple[ColumnMeta, ...], list[CellProblem]]:
        answering = Answering(self.words, self.tables, self.rates, plan.sheet.from_1904)
        data, metas, problems = [body[KEY], body[ROW].cast(pl.Int64)], [], []
        for number, column in enumerate(plan.columns):
            cells, found = self._column(answering, body, column)
            problems += found
            data.append(cells.rename(f"c{number}"))
            metas.append(ColumnMeta(f"c{number}", column.path, column.unit, column.edition, column.year, column.header))
        if plan.row == "annual" and plan.year is not None and all(m.path != "annual.fiscal_year" for m in metas):
            data.append(pl.Series("year", [str(plan.year)] * body.height, dtype=pl.String))
            metas.append(ColumnMeta("year", "annual.fiscal_year", header="会计年度"))
        if plan.measure is not None:
            data.append(body[str(plan.measure)].rename(MEASURE))
        for text, times in answering.notes.items():
            if (note := f"{text}（{times} 处）") not in plan.notes:
                plan.notes.append(note)
        self._note_bodies(plan, body)
        return pl.DataFrame(data), tuple(metas), problems

    def _column(
        self, answering: Answering, body: pl.DataFrame, column: ColumnPlan
    ) -> tuple[pl.Series, list[CellProblem]]:
        field_ = self.vocabulary.fields[column.path]
        if len(column.positions) > 1:
            parts = [body[str(position)].cast(pl.String) for position in column.positions]
            return answering.column(joined_places(parts), column, field_)
        cells = body[str(column.positions[0])]
        if cells.dtype != pl.String:
            odd = field_.type in ("industry", "yes_no", "date") and cells.dtype.is_numeric()
            if not odd:
                return cells, []
            cells = cells.cast(pl.String)
        # A few cells tell whether there is much to tell apart, at a small part of what telling apart costs.
        first = cells.head(_SAMPLE)
        if len(cells) < _SMALL or (len(cells) > _SAMPLE and first.n_unique() > 0.5 * _SAMPLE):
            return answering.column(cells, column, field_)
        distinct = cells.unique()
        if len(distinct) > 0.2 * len(cells):
            return answering.column(cells, column, field_)
        answers, problems = answering.column(distinct, column, field_)
        if problems or not answers.equals(distinct, null_equal=True):
            return answering.column(cells, column, field_)
        return cells, []

    def _note_bodies(self, plan: TablePlan, body: pl.DataFrame) -> None:
        """Names that show a branch, a cooperative or a household business: read all the same, and told."""
        column = next((c for c in plan.columns if c.path == "name"), None)
        if column is None or body.schema[str(column.positions[0])] != pl.String:
            return
        names = body[str(column.positions[0])]
        for kind, marks in self.words.spec.not_companies.items():
            found = names.filter(names.str.contains_any(marks))
            if len(found):
                plan.notes.append(f"有 {len(found)} 家是{kind}（如“{found[0]}”），照读；多数措施只给企业，请核对")

    def _cell_reject(self, plan: TablePlan, frame: pl.DataFrame, problem: CellProblem) -> Reject:
        key = frame[KEY][problem.at]
        row = int(frame[ROW][problem.at])
        return Reject(plan.sheet.title, row, str(key), problem.header, problem.value, problem.reason, problem.hint)


def _merged_keys(plan: TablePlan) -> pl.DataFrame:
    """The sheet with tall merged keys in each row that they cover: one firm beside several records.

    Other merged cells stand in their first row alone: an amount over two rows is one amount.
    """
    frame = plan.sheet.frame
    for merge in plan.sheet.merges:
        if merge.left in plan.key and merge.left == merge.right and merge.bottom > merge.top > plan.layout.last:
            name = str(merge.left)
            inside = pl.int_range(pl.len()).is_between(merge.top, merge.bottom)
            value = pl.lit(frame[name][merge.top], pl.String)
            frame = frame.with_columns(pl.when(inside).then(value).otherwise(pl.col(name)).alias(name))
    return frame
