"""What was understood of a list, to be shown, and saved as a mapping to edit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.diagnostics import Finding
from engine.lists.cells import one_line
from engine.lists.matching import ENTERPRISE, USED_FROM
from engine.lists.plan import ColumnPlan, Question, TablePlan, Unused
from engine.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Skipped:
    """A sheet that is not read, and why."""

    file: str
    sheet: str
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """One column as a row of a table for people: column, field, confidence, unit, year or edition, origin, sample."""

    column: str
    field: str
    sure: str
    unit: str
    more: str
    origin: str
    sample: str


@dataclass(frozen=True)
class Proposal:
    """Every sheet's plan. ``problems`` is what is wrong; questions are what is open; both stop a batch."""

    tables: tuple[TablePlan, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Finding, ...]
    rates: Mapping[str, Decimal]
    vocabulary: Vocabulary

    @property
    def findings(self) -> list[Finding]:
        """Problems and questions, sorted."""
        asked = [
            Finding(str(table.sheet.file), 0, 0, q.code, _of_sheet(table) + q.message, q.hint)
            for table in self.tables
            for q in table.questions
        ]
        return sorted({*self.problems, *asked})

    def paste(self) -> str:
        """The lines of a mapping that answer the questions, "" where there is none."""
        entries = [self._entry(table, only_open=True) for table in self.tables if table.questions]
        return "lists:\n" + "".join(entries) if entries else ""

    def to_yaml(self) -> str:
        """The whole proposal as a mapping file: what is read, and in comments what is not."""
        head = (
            "# 映射：每一列读成什么。改好后用 huiqi batch 名单 -o 结果.xlsx --mapping 本文件\n"
            "# 列写成“列名: 字段编号”；不读的列写 null；单位、年度、版本写在大括号里。\n"
        )
        rates = "".join(f"  {currency}: {json.dumps(str(rate))}\n" for currency, rate in self.rates.items())
        left = "".join(_skip_entry(item) for item in self.skipped)
        body = "".join(self._entry(table, only_open=False) for table in self.tables)
        return head + (f"rates:\n{rates}" if rates else "") + "lists:\n" + body + left

    def lines(self, table: TablePlan) -> list[Line]:
        """The columns of one sheet, those that are read first."""
        read = [self._line(table, column) for column in table.columns]
        left = [
            Line(
                one_line(item.header),
                self._left(table, item),
                f"{item.suggestion.confidence:.0%}" if item.suggestion else "",
                "",
                "",
                "" if item.position in table.key else item.why,
                self.sample(table, item.position),
            )
            for item in table.unused
        ]
        return read + left

    def row_label(self, table: TablePlan) -> str:
        """What the rows of a sheet are."""
        return "企业" if table.row == ENTERPRISE else self.vocabulary.records[table.row].label

    def data(self) -> dict[str, Any]:
        """What is read, as plain data to be stored with a result."""
        return {
            "rates": {currency: str(rate) for currency, rate in self.rates.items()},
            "lists": [
                {
                    "file": table.sheet.file.name,
                    "sheet": table.sheet.name,
                    "row": table.row,
                    "key": [table.shown[position] for position in table.key],
                    "complete": bool(table.complete),
                    "columns": [
                        {
                            "columns": [table.shown[p] for p in column.positions],
                            "field": column.path,
                            "unit": column.unit,
                            "year": column.year,
                            "edition": column.edition,
                            "confidence": column.sure,
                        }
                        for column in table.columns
                    ],
                }
                for table in self.tables
            ],
        }

    # One sheet

    def _line(self, table: TablePlan, column: ColumnPlan) -> Line:
        more = f"{column.year} 年" if column.year else ""
        if self.vocabulary.fields[column.path].type == "industry":
            more = f"{column.edition} 年版"
        return Line(
            one_line(column.header),
            self._label(column.path),
            f"{column.sure:.0%}",
            column.unit or "",
            more,
            column.origin,
            self.sample(table, column.positions[0]),
        )

    def _left(self, table: TablePlan, item: Unused) -> str:
        if item.position in table.key:
            return "（编号）"
        return f"（{self._label(item.suggestion.path)}？）" if item.suggestion else "（不读）"

    def _label(self, path: str) -> str:
        return self.vocabulary.label(path)

    def sample(self, table: TablePlan, position: int) -> str:
        """The first filled cells of a column, for people."""
        cells = [one_line(cell) for cell in table.cells(position, 3).to_list()]
        return "、".join(cell if len(cell) <= 12 else cell[:12] + "…" for cell in cells)

    def _entry(self, table: TablePlan, *, only_open: bool) -> str:
        """The sheet's entry below ``lists``."""
        lines = [f"  - file: {_quoted(table.sheet.file.name)}"]
        if table.sheet.name:
            lines.append(f"    sheet: {_quoted(table.sheet.name)}")
        whole = [q for q in table.questions if q.column is None]
        if not only_open:
            lines += self._entry_head(table)
        for question in whole:
            lines += [f"    {line}" for line in question.lines]
        columns = self._open_columns(table) if only_open else self._all_columns(table)
        if columns:
            lines += ["    columns:", *columns]
        return "\n".join(lines) + "\n"

    def _entry_head(self, table: TablePlan) -> list[str]:
        lines = [f"    row: {table.row}    # {self.row_label(table)}，一行一条"]
        if table.sheet.lazy is None:
            rows = ", ".join(str(n + 1) for n in range(table.layout.first, table.layout.last + 1))
            lines.append(f"    header: [{rows}]    # 表头所在的行")
        if table.key:
            lines.append(f"    key: [{', '.join(_quoted(table.shown[p]) for p in table.key)}]")
        if table.key_digits:
            lines.append(f"    key_digits: {table.key_digits}    # 丢了前导零的补足位数")
        if table.year is not None:
            lines.append(f"    year: {table.year}")
        if table.row != ENTERPRISE and table.row != "annual":
            said = "true" if table.complete else "false"
            lines.append(f"    complete: {said}    # true：没有行的企业就是一条也没有；false：没有行的不知道")
        return lines

    def _open_columns(self, table: TablePlan) -> list[str]:
        asked: dict[str, list[str]] = {}
        for question in table.questions:
            if question.column is not None:
                asked.setdefault(question.column, []).extend(question.lines)
        hints = {q.column: q.hint for q in table.questions}
        return [
            f"      {_quoted(column)}: {{{', '.join(lines)}}}    # 把 ? 改掉，{hints[column].replace('请在映射里', '')}"
            for column, lines in asked.items()
        ]

    def _all_columns(self, table: TablePlan) -> list[str]:
        asked: dict[str, list[Question]] = {}
        for question in table.questions:
            asked.setdefault(question.column or "", []).append(question)
        lines = []
        for column in table.columns:
            for position in column.positions:
                name = table.shown[position]
                parts = [f"field: {column.path}", *_settings(column, self.vocabulary)]
                parts += [line for q in asked.get(name, []) for line in q.lines]
                note = (
                    "    # 待填：" + "；".join(q.hint.replace("请在映射里", "") for q in asked[name])
                    if name in asked
                    else ""
                )
                value = column.path if len(parts) == 1 else "{" + ", ".join(parts) + "}"
                sure = "" if column.sure >= 1 or note else f"    # 把握 {column.sure:.0%}"
                lines.append(f"      {_quoted(name)}: {value}{note}{sure}")
        for item in table.unused:
            if item.position in table.key or item.position == table.measure:
                continue
            if item.suggestion is not None:
                tail = f"    # 可能是 {item.suggestion.path}（{self._label(item.suggestion.path)}）：{item.why}"
            else:
                tail = f"    # {item.why}"
            lines.append(f"      {_quoted(item.header)}: null{tail}")
        return lines


def _skip_entry(item: Skipped) -> str:
    sheet = f", sheet: {_quoted(item.sheet)}" if item.sheet else ""
    return f"  - {{file: {_quoted(item.file)}{sheet}, row: skip}}    # {item.why}\n"


def _settings(column: ColumnPlan, vocabulary: Vocabulary) -> list[str]:
    parts = []
    if column.unit:
        parts.append(f"unit: {_quoted(column.unit)}")
    if column.year:
        parts.append(f"year: {column.year}")
    if vocabulary.fields[column.path].type == "industry":
        parts.append(f'edition: "{column.edition}"')
    if column.take:
        parts.append(f"take: {column.take}")
    if column.round:
        parts.append("round: true")
    return parts


def _quoted(text: str) -> str:
    """The text as YAML: bare where it is safe, else in quotation marks."""
    text = one_line(text)
    plain = text.replace("_", "").replace("·", "").replace(".", "").replace("-", "")
    if plain.isalnum() and not text[0].isdigit() and text[0] not in ".-" and text.lower() not in _RESERVED:
        return text
    return json.dumps(text, ensure_ascii=False)


_RESERVED = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"}


def _of_sheet(table: TablePlan) -> str:
    return f"工作表“{table.sheet.name}”：" if table.sheet.name else ""


def suggestions(tables: Sequence[TablePlan]) -> list[str]:
    """Columns that were not used though they may hold a field, in Chinese, for the command's output."""
    return [
        f"{table.sheet.title}：“{one_line(item.header)}”没有读（{item.why}）"
        for table in tables
        for item in table.unused
        if item.suggestion is not None and item.suggestion.confidence < USED_FROM
    ]
