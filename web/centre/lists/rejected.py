"""What of a list was not used, as a table for people."""

from __future__ import annotations

import io

import polars as pl
import xlsxwriter  # type: ignore[import-untyped, unused-ignore]

from engine.columns.publish import harmless
from web.texts import gettext as _

HEADS = {
    "sheet": _("工作表"), "row": _("行"), "key": _("企业编号"), "column": _("列"), "value": _("内容"), "reason": _("原因"),
    "hint": _("怎么改"), "kept": _("处理"),
}  # fmt: skip
MOST_ROWS = 1_048_575
"""Below the header of a sheet of Excel."""
_WIDTHS = (24, 8, 22, 18, 30, 40, 40, 16)


def table(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejected rows and cells with Chinese heads; texts that a spreadsheet would take for formulas are defused."""
    kept = pl.when(pl.col("kept")).then(pl.lit(_("此处按未知处理"))).otherwise(pl.lit(_("整行未采用")))
    return harmless(rejects.with_columns(kept.alias("kept")).select(*HEADS)).rename(HEADS)


def csv(frame: pl.DataFrame) -> bytes:
    """As CSV that Excel reads as UTF-8."""
    target = io.BytesIO()
    frame.write_csv(target, include_bom=True)
    return target.getvalue()


def workbook(frame: pl.DataFrame) -> bytes:
    """As a workbook; every cell but the row's number is text."""
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet, head = book.add_worksheet(_("未采用")), book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        sheet.freeze_panes(1, 0)
        for column, (name, width) in enumerate(zip(frame.columns, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, head)
        for number, row in enumerate(frame.head(MOST_ROWS).iter_rows(), 1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(number, column, value)
                elif value is not None:
                    sheet.write_string(number, column, str(value)[:32767])
    return target.getvalue()
