"""Figures as files: one table as CSV, all of them as a workbook with charts of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from engine.columns.publish import harmless_text
from engine.columns.sheet import PLAIN, Sheet, Styles
from web.centre.figures.figure import Cell, Figure, Row
from web.centre.shortlists.workbook import amount_cell
from web.texts import gettext as _


def as_csv(figure: Figure) -> bytes:
    """The table, whole: UTF-8 with a mark, as Excel wants it; amounts in yuan. Texts that a spreadsheet would take for a
    formula get an apostrophe in front."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([harmless_text(name) for name in figure.head])
    writer.writerows([[_plain(cell) for cell in row.cells] for row in figure.rows])
    return target.getvalue().encode("utf-8-sig")


def as_workbook(figures: Sequence[Figure], said: Sequence[tuple[str, str]]) -> bytes:
    """A sheet a figure, with its chart; ``said`` is how it was made (label, value), on the last sheet."""
    target = io.BytesIO()
    # Charts are placed beside rows that are written already, so nothing is written row by row.
    with xlsxwriter.Workbook(target, {**PLAIN, "constant_memory": False, "in_memory": True}) as book:
        styles = Styles.of(book)
        for figure in figures:
            _sheet(book, Sheet(book, figure.title, styles), figure)
        made = Sheet(book, _("说明"), styles)
        made.head({_("项目"): 20, _("内容"): 110})
        for label, value in [*said, *((figure.title, figure.note) for figure in figures)]:
            made.write(label, value)
    return target.getvalue()


def _sheet(book: Any, sheet: Sheet, figure: Figure) -> None:
    widths = {name: 36 if place in (0, 1) and not figure.chart.months else 16 for place, name in enumerate(figure.head)}
    sheet.head(widths)
    for row in figure.rows:
        sheet.write(*(amount_cell(f"{cell:f}") if isinstance(cell, Decimal) else cell for cell in row.cells))
    _chart(book, sheet, figure)


def _chart(book: Any, sheet: Sheet, figure: Figure) -> None:
    """A chart needs its cells in one run, so those that it draws stand once more beside the table."""
    drawn, side = figure.drawn, len(figure.head) + 1
    if not drawn:
        return
    sheet.sheet.set_column(side, side, 36)
    for place, column in enumerate(figure.chart.columns):
        sheet.sheet.write_string(0, side + 1 + place, figure.head[column], sheet.styles.head)
    for place, row in enumerate(drawn, start=1):
        _chart_row(sheet, figure, row, place, side)
    chart = book.add_chart({"type": "bar", **({"subtype": "stacked"} if figure.chart.stacked else {})})
    for place in range(1, len(figure.chart.columns) + 1):
        chart.add_series(
            {
                "name": [figure.title, 0, side + place],
                "categories": [figure.title, 1, side, len(drawn), side],
                "values": [figure.title, 1, side + place, len(drawn), side + place],
            }
        )
    chart.set_title({"name": figure.title})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 760, "height": 120 + 30 * len(drawn)})
    sheet.sheet.insert_chart(len(drawn) + 2, side, chart)


def _chart_row(sheet: Sheet, figure: Figure, row: Row, place: int, side: int) -> None:
    sheet.sheet.write_string(place, side, figure.label(row))
    for offset, column in enumerate(figure.chart.columns, start=1):
        cell = row.cells[column]
        if isinstance(cell, int | Decimal):
            sheet.sheet.write_number(place, side + offset, float(cell), sheet.styles.money if isinstance(cell, Decimal) else None)


def _plain(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return harmless_text(cell) if isinstance(cell, str) else "" if cell is None else str(cell)
