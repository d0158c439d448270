"""Tables as CSV and as a workbook: exact, complete, never a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal

import polars as pl
from python_calamine import CalamineWorkbook

from engine.columns.publish import harmless, harmless_text
from web.centre.figures.figure import Chart, Figure, Row, in_words
from web.centre.figures.files import as_csv, as_workbook

ROWS = (
    Row(("=1+1", "文件，甲", 3, Decimal("99999.999"), Decimal("123456789012345678.9012"))),
    Row(("乙", "", 0, Decimal(0), Decimal("0"))),
    Row(("合计", "", 3, Decimal("99999.999"), Decimal("123456789012345678.9012")), sum=True),
)
FIGURE = Figure("amounts", "金额", "怎样算的", ("措施", "文件", "家", "下限", "上限"), ROWS, Chart((0,), (3, 4), "money"))


def test_a_table_is_whole_and_exact() -> None:
    data = as_csv(FIGURE)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert tuple(head) == FIGURE.head
    assert rows[0] == ["'=1+1", "文件，甲", "3", "99999.999", "123456789012345678.9012"]
    assert [row[0] for row in rows] == ["'=1+1", "乙", "合计"]


def test_no_cell_of_a_table_is_a_formula() -> None:
    texts = ("=1", "+1", "-1", "@a", "\t=1", "\r=1", "a=1", "1-1", "", "'=1")
    rows = tuple(Row((text, None, -3, Decimal("-0.5"), Decimal(0))) for text in texts)
    figure = Figure("amounts", "金额", "", ("=措施", "文件", "家", "下限", "上限"), rows, Chart((0,), (3, 4), "money"))
    head, *written = csv.reader(io.StringIO(as_csv(figure).decode("utf-8-sig"), newline=""))
    assert head[0] == "'=措施"
    assert [row[0] for row in written] == ["'=1", "'+1", "'-1", "'@a", "'\t=1", "'\r=1", "a=1", "1-1", "", "'=1"]
    # Numbers are numbers, below nothing too.
    assert {tuple(row[1:]) for row in written} == {("", "-3", "-0.5", "0")}
    assert [harmless_text(text) for text in texts] == harmless(pl.DataFrame({"a": texts}))["a"].to_list()


def test_a_workbook_has_the_table_the_chart_and_how_it_was_made() -> None:
    data = as_workbook([FIGURE], [("期间", "今年")])
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["金额", "说明"]
    rows = book.get_sheet_by_name("金额").to_python()
    assert tuple(rows[0][:5]) == FIGURE.head
    # What a number in a cell cannot keep is text.
    assert rows[1][:5] == ["=1+1", "文件，甲", 3.0, 99999.999, "123456789012345678.9012"]
    assert book.get_sheet_by_name("说明").to_python()[1:] == [["期间", "今年"], ["金额", "怎样算的"]]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 1 and "=1+1" in archive.read(charts[0]).decode()
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any("<f>" in sheet for sheet in sheets)


def test_amounts_are_read_exactly() -> None:
    assert in_words(Decimal("99999.999")) == "99,999.999元" and in_words(Decimal(100000)) == "10万元"
    assert (in_words(1234567), in_words(None), in_words("甲")) == ("1,234,567", "", "甲")
