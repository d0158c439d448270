"""A sheet of a workbook, written from the top. Texts are texts whatever they begin with, so no cell is a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 1_048_575
"""Rows of a sheet below its heading."""
PLAIN: Mapping[str, Any] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""How XlsxWriter is to write a workbook: row by row, texts as texts."""
_LONGEST = 32_000


@dataclass(frozen=True, slots=True)
class Styles:
    """Formats of one workbook."""

    head: Any
    money: Any
    text: Any

    @classmethod
    def of(cls, book: Any) -> Styles:
        """The formats, added to ``book``."""
        head = {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "vcenter"}
        wrapped = {"text_wrap": True, "valign": "top"}
        return cls(book.add_format(head), book.add_format({"num_format": "#,##0.00###"}), book.add_format(wrapped))


class Sheet:
    """A sheet written from the top; amounts are floats, counts are whole numbers, the rest is text."""

    def __init__(self, book: Any, name: str, styles: Styles, most: int = MOST_ROWS) -> None:
        self.sheet = book.add_worksheet(name)
        self.styles, self.row, self._most = styles, 0, most

    @property
    def room(self) -> bool:
        """Whether another row fits."""
        return self.row <= self._most

    def line(self, text: str) -> None:
        """A line of text."""
        self.sheet.write_string(self.row, 0, text)
        self.row += 1

    def head(self, widths: Mapping[str, int], *, freeze: bool = True) -> None:
        """Headings with their widths, frozen and with a filter."""
        for column, (name, width) in enumerate(widths.items()):
            self.sheet.set_column(column, column, width)
            self.sheet.write_string(self.row, column, name, self.styles.head)
        if freeze:
            self.sheet.freeze_panes(self.row + 1, 2)
            self.sheet.autofilter(self.row, 0, self._most, len(widths) - 1)
        self.row += 1

    def write(self, *cells: Any) -> None:
        """One row."""
        sheet, row = self.sheet, self.row
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, str):
                sheet.write_string(row, column, cell[:_LONGEST])
            elif isinstance(cell, float):
                sheet.write_number(row, column, cell, self.styles.money)
            else:
                sheet.write_number(row, column, cell)
        self.row += 1
