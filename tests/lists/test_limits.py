"""Workbooks that must not be opened: bombs, lies and cells at the end of the world."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from engine.diagnostics import InputError
from engine.lists import limits
from engine.lists.files import read_sheets


def _code(error: pytest.ExceptionInfo[InputError]) -> str:
    return error.value.findings[0].code


def _book(path: Path, cells: dict[tuple[int, int], str]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for (row, column), text in cells.items():
        sheet.write_string(row, column, text)
    book.close()
    return path


def test_a_far_cell_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    path = _book(tmp_path / "far.xlsx", {(0, 0): "甲", (1_048_575, 16_383): "乙"})
    with pytest.raises(InputError) as error:
        read_sheets(path)
    assert _code(error) == "list-bomb"
    assert "1048576" in str(error.value)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _book(tmp_path / "bomb.xlsx", {(0, 0): "甲"})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", bytes(3 * 1024 * 1024))
    monkeypatch.setattr(limits, "MAX_UNPACKED", 2 * 1024 * 1024)
    with pytest.raises(InputError) as error:
        read_sheets(path)
    assert _code(error) == "list-bomb"


def test_a_high_ratio_is_refused_whatever_the_directory_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _book(tmp_path / "lie.xlsx", {(0, 0): "甲"})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", bytes(3 * 1024 * 1024))
    data = path.read_bytes()
    honest = struct.pack("<I", 3 * 1024 * 1024)
    path.write_bytes(data.replace(honest, struct.pack("<I", 10)))
    monkeypatch.setattr(limits, "RATIO_FROM", 1024 * 1024)
    with pytest.raises(InputError) as error:
        read_sheets(path)
    assert _code(error) in ("list-bomb", "list-broken-file")


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _book(tmp_path / "large.xlsx", {(0, 0): "甲"})
    monkeypatch.setattr(limits, "MAX_WORKBOOK", 100)
    with pytest.raises(InputError) as error:
        read_sheets(path)
    assert _code(error) == "list-too-large"


def test_missing_and_folder(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "nothing.csv", "list-missing"), (tmp_path, "list-directory")):
        with pytest.raises(InputError) as error:
            read_sheets(path)
        assert _code(error) == code
