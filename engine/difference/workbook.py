"""Differences as a workbook: overview, the rules, and with a list tables and charts by measure, place, trade and size."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter  # type: ignore[import-untyped]

from engine.difference.model import MeasureChange, PackDifference
from engine.difference.report import (
    GROUP_LABELS,
    VERDICT_LABELS,
    Row,
    counted,
    group_rows,
    heading,
    matrix,
    measure_rows,
    outcome,
    region_title,
    verdict_line,
)
from engine.pack import Pack

if TYPE_CHECKING:
    from engine.difference.lists import ListDifference

SHEETS = {"district": "按区县", "industry": "按行业", "size": "按规模"}
TOP = 15
SAFE = 10**13
"""Yuan below this keep their fen in a cell."""
HEADS = {
    "企业": 10, "有变化的企业": 14, "变为符合（项）": 16, "不再符合（项）": 16, "结论改变（项）": 16, "只有金额改变（项）": 20,
    "旧版金额下限（元）": 20, "旧版金额上限（元）": 20, "新版金额下限（元）": 20, "新版金额上限（元）": 20, "下限变化（元）": 16,
    "上限变化（元）": 16,
}  # fmt: skip
GAINED, CHANGE = 3, 12
"""Columns of the charts: what becomes eligible, and the change of the upper end."""


def write_workbook(path: Path, found: PackDifference, pack: Pack, listed: ListDifference | None) -> None:
    """Write the workbook. Texts are texts whatever they begin with."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        _Writing(book, found, pack, listed).run()


@dataclass(slots=True)
class _Sheet:
    """A sheet written from the top."""

    book: Any
    name: str
    sheet: Any = field(init=False)
    row: int = 0
    bold: Any = field(init=False)
    money: Any = field(init=False)
    wrap: Any = field(init=False)

    def __post_init__(self) -> None:
        self.sheet = self.book.add_worksheet(self.name)
        self.bold = self.book.add_format({"bold": True, "bg_color": "#E8EEF7", "text_wrap": True, "valign": "top"})
        self.money = self.book.add_format({"num_format": "#,##0.##"})
        self.wrap = self.book.add_format({"text_wrap": True, "valign": "top"})

    def line(self, text: str) -> None:
        """A sentence in the first column."""
        self.sheet.write_string(self.row, 0, text)
        self.row += 1

    def head(self, heads: Mapping[str, int]) -> None:
        """The headings of a table, with the widths of their columns."""
        for column, (text, width) in enumerate(heads.items()):
            self.sheet.set_column(column, column, width)
            self.sheet.write_string(self.row, column, text, self.bold)
        self.row += 1

    def write(self, *cells: object) -> None:
        """A line of a table."""
        for column, cell in enumerate(cells):
            match cell:
                case None:
                    continue
                case int() if not isinstance(cell, bool):
                    self.sheet.write_number(self.row, column, cell)
                case Fraction() if abs(cell) < SAFE and (cell * 100).denominator == 1:
                    self.sheet.write_number(self.row, column, float(cell), self.money)
                case Fraction():
                    self.sheet.write_string(self.row, column, str(float(cell)))
                case _:
                    self.sheet.write_string(self.row, column, str(cell)[:32000], self.wrap)
        self.row += 1


@dataclass(slots=True)
class _Writing:
    book: Any
    found: PackDifference
    pack: Pack
    listed: ListDifference | None

    def run(self) -> None:
        """All sheets."""
        self._overview()
        if self.listed is not None:
            self._measures(self.listed)
            for group, name in SHEETS.items():
                self._group(self.listed, group, name)
            self._flips(self.listed)
        self._rules()

    def _overview(self) -> None:
        sheet = _Sheet(self.book, "概览")
        changed = [measure for measure in self.found.measures if measure.changed]
        sheet.line(f"旧版 {self.found.old_version}，新版 {self.found.new_version}；有差异的措施{len(changed)}项。")
        for line in counted(self.listed) if self.listed is not None else ():
            sheet.line(line)
        sheet.line("")
        if self.listed is None:
            sheet.head({"措施": 46, "差异": 60})
            for measure in changed:
                sheet.write(heading(measure), _said(measure))
            return
        rows = measure_rows(self.listed)
        self._table(sheet, "措施", 46, rows)

    def _table(self, sheet: _Sheet, label: str, width: int, rows: Sequence[Row]) -> None:
        """A table of changes with its two charts."""
        sheet.head({label: width, **HEADS})
        first = sheet.row
        for row in rows:
            low, high = row.difference
            counts = row.enterprises, row.changed, row.gained, row.lost, row.flipped, row.amounts
            ends = row.old.low, _end(row.old), row.new.low, _end(row.new)
            sheet.write(row.label, *counts, *ends, low, high)
        if not rows:
            sheet.line("没有变化。")
            return
        last = first + min(len(rows), TOP) - 1
        place = sheet.row + 1
        self._chart(sheet, place, 0, first, last, "结论改变（项）", {"变为符合": GAINED, "不再符合": GAINED + 1})
        self._chart(sheet, place, 6, first, last, "确定金额的变化（元）", {"下限变化": CHANGE - 1, "上限变化": CHANGE})

    def _chart(
        self, sheet: _Sheet, row: int, column: int, first: int, last: int, title: str, series: Mapping[str, int]
    ) -> None:
        chart = self.book.add_chart({"type": "bar"})
        for name, at in series.items():
            chart.add_series(
                {
                    "name": name,
                    "categories": [sheet.name, first, 0, last, 0],
                    "values": [sheet.name, first, at, last, at],
                }
            )
        chart.set_title({"name": title})
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis({"reverse": True, "label_position": "low"})
        chart.set_size({"width": 720, "height": 130 + 44 * (last - first + 1)})
        sheet.sheet.insert_chart(row, column, chart)

    def _measures(self, listed: ListDifference) -> None:
        sheet = _Sheet(self.book, "按措施")
        sheet.head({"措施编号": 44, "措施": 46, "旧结论": 12, "新结论": 12, "企业": 10})
        for id, change in listed.measures.items():
            for old, new, count in matrix(change):
                sheet.write(id, listed.titles[id], old, new, count)
        sheet.sheet.freeze_panes(1, 0)

    def _group(self, listed: ListDifference, group: str, name: str) -> None:
        sheet = _Sheet(self.book, name)
        self._table(sheet, GROUP_LABELS[group], 30, group_rows(listed, group))

    def _flips(self, listed: ListDifference) -> None:
        sheet = _Sheet(self.book, "变化的企业")
        sheet.head(
            {
                "企业编号": 24, "企业名称": 36, "区县": 18, "行业门类": 24, "企业规模": 12, "措施": 46, "旧结论": 10, "新结论": 10,
                "旧金额下限（元）": 16, "旧金额上限（元）": 16, "新金额下限（元）": 16, "新金额上限（元）": 16,
            }
        )  # fmt: skip
        sheet.sheet.freeze_panes(1, 0)
        for flip in listed.flips:
            verdicts = VERDICT_LABELS[flip.old], VERDICT_LABELS[flip.new]
            amounts = [*_ends(flip.old_amount), *_ends(flip.new_amount)]
            sheet.write(flip.key, flip.name, *flip.groups, listed.titles[flip.measure], *verdicts, *amounts)

    def _rules(self) -> None:
        sheet = _Sheet(self.book, "规则差异")
        sheet.head({"措施": 46, "内容": 34, "旧版": 50, "新版": 50, "条件": 70, "举例（画像）": 70})
        sheet.sheet.freeze_panes(1, 0)
        for text in self.found.texts:
            sheet.write(None, text.what, text.old, text.new)
        for measure in self.found.measures:
            if not measure.changed:
                continue
            sheet.write(heading(measure), _said(measure))
            for text in measure.texts:
                sheet.write(measure.title, text.what, text.old, text.new)
            for region in measure.regions:
                conditions = "\n".join(item.text for item in region.conditions)
                witness = json.dumps(region.witness, ensure_ascii=False)
                title = region_title(region, measure, self.pack)
                sheet.write(measure.title, title, outcome(region.old), outcome(region.new), conditions, witness)


def _said(measure: MeasureChange) -> str:
    return verdict_line(measure) if measure.kind == "both" else ""


def _end(money: Any) -> Fraction | str:
    return "不封顶" if money.endless else money.high


def _ends(amount: tuple[Fraction, Fraction | None] | None) -> tuple[object, object]:
    if amount is None:
        return None, None
    return amount[0], "不封顶" if amount[1] is None else amount[1]
