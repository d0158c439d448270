"""What of a list was not used, as a table for people."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO

import polars as pl
import xlsxwriter  # type: ignore[import-untyped, unused-ignore]

from engine.columns.frames import REJECTS
from engine.columns.publish import harmless
from web.centre.store.tables import ListJob
from web.texts import gettext as _

HEADS = {
    "sheet": _("工作表"), "row": _("行"), "key": _("企业编号"), "column": _("列"), "value": _("内容"), "reason": _("原因"),
    "hint": _("怎么改"), "kept": _("处理"),
}  # fmt: skip
MOST_ROWS = 50_000
"""Of a workbook that is made while somebody waits for it: it takes some seconds. A sheet of Excel has more."""
_WIDTHS = (24, 8, 22, 18, 30, 40, 40, 16)
_PIECE = 64 * 1024
_MARK = b"\xef\xbb\xbf"


def count(job: ListJob) -> int:
    """How many lines the table of a list has: rows, records and cells that were not used."""
    counts: Mapping[str, int] = job.counts
    return job.rejected + counts.get("records", 0) + counts.get("cells", 0)


def pieces(kind: str, parts: Iterable[pl.DataFrame], folder: Path) -> Iterator[bytes]:
    """A file of them, ``csv`` or ``xlsx``, piece by piece. It is whole before this returns, in a file below ``folder`` that has
    no name. Raises FileNotFoundError where the parts were deleted."""
    made = _pieces(kind, parts, folder)
    # Begun, it closes its file whether anybody reads it to the end or not.
    next(made)
    return made


def _pieces(kind: str, parts: Iterable[pl.DataFrame], folder: Path) -> Iterator[bytes]:
    with tempfile.TemporaryFile(dir=folder) as target:
        (csv if kind == "csv" else workbook)(parts, target)
        target.seek(0)
        yield b""
        while piece := target.read(_PIECE):
            yield piece


def table(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejected rows and cells with Chinese heads; texts that a spreadsheet would take for formulas are defused."""
    kept = pl.when(pl.col("kept")).then(pl.lit(_("此处按未知处理"))).otherwise(pl.lit(_("整行未采用")))
    return harmless(rejects.with_columns(kept.alias("kept")).select(*HEADS)).rename(HEADS)


def csv(parts: Iterable[pl.DataFrame], target: IO[bytes]) -> None:
    """Write them as CSV that Excel reads as UTF-8, one part after the other."""
    target.write(_MARK)
    target.write(table(pl.DataFrame(schema=REJECTS)).write_csv().encode())
    for part in parts:
        target.write(table(part).write_csv(include_header=False).encode())


def workbook(parts: Iterable[pl.DataFrame], target: IO[bytes]) -> None:
    """Write the first ``MOST_ROWS`` of them as a workbook; every cell but the row's number is text."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet, head = book.add_worksheet(_("未采用")), book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        sheet.freeze_panes(1, 0)
        for column, (name, width) in enumerate(zip(HEADS.values(), _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, head)
        rows = (row for part in parts for row in table(part).iter_rows())
        for number, row in enumerate(islice(rows, MOST_ROWS), 1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(number, column, value)
                elif value is not None:
                    sheet.write_string(number, column, str(value)[:32767])
