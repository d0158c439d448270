"""What is too large to be opened: the size of a file, and of a workbook once unpacked.

A workbook is a zip file. Its directory may lie about sizes and its cells may lie far apart, and the reader would take
memory for all between them; so every part is unpacked once in pieces, counted, and its farthest cell noted.
"""

from __future__ import annotations

import copy
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.lists.problems import refusal

MB = 1024 * 1024
MAX_WORKBOOK = 256 * MB
MAX_TEXT = 2048 * MB
MAX_UNPACKED = 2048 * MB
MAX_RATIO = 200
RATIO_FROM = 64 * MB  # below this a high ratio does no harm
MAX_PARTS = 5_000
MAX_CELLS = 50_000_000
_PIECE = 4 * MB
_TAIL = 64
_WIDE = re.compile(rb' r="([A-Z]{2,3})\d')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?r="(\d{1,7})"')


@dataclass(slots=True)
class _Extent:
    """The farthest row and column of a sheet, from 1. Only columns beyond Z are looked for."""

    row: int = 0
    column: int = 26

    def see(self, piece: bytes) -> None:
        rows = _ROW.findall(piece)
        if rows:
            self.row = max(self.row, max(map(int, rows)))
        for letters in set(_WIDE.findall(piece)):
            self.column = max(self.column, _column(letters))

    @property
    def cells(self) -> int:
        return self.row * self.column


def check_size(path: Path, limit: int) -> None:
    """Raises InputError where the file is larger than ``limit`` bytes."""
    size = path.stat().st_size
    if size > limit:
        message = f"文件有 {size // MB} MB，超过 {limit // MB} MB"
        raise refusal(str(path), "list-too-large", message, "请拆成几个文件，或转成 .parquet")


def check_workbook(path: Path, most_unpacked: int | None = None, most_cells: int | None = None) -> bool:
    """Whether dates count from 1904. Raises InputError for a workbook that must not be opened.

    ``most_unpacked`` bytes and ``most_cells`` cells to the farthest one: who opens strangers' files allows less.
    """
    _, from_1904 = _check(path, most_unpacked or MAX_UNPACKED, most_cells or MAX_CELLS)
    return from_1904


def check_workbooks(paths: Iterable[Path], most_unpacked: int, most_cells: int) -> None:
    """Raises InputError for workbooks that must not be opened together: all of them unpack to ``most_unpacked`` bytes at
    most, and no sheet has more than ``most_cells`` cells to the farthest one."""
    for path in paths:
        size, _ = _check(path, most_unpacked, most_cells)
        most_unpacked -= size


def _check(path: Path, most_unpacked: int, most_cells: int) -> tuple[int, bool]:
    """The unpacked size, and whether dates count from 1904."""
    check_size(path, MAX_WORKBOOK)
    total, from_1904 = 0, False
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise _bomb(path, f"里面有 {len(parts)} 个部件")
            for part in parts:
                total, dates = _check_part(path, archive, part, total, most_unpacked, most_cells)
                from_1904 = from_1904 or dates
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, ValueError) as error:
        hint = "请用 Excel 或 WPS 打开后另存为 .xlsx；有密码的请先去掉密码"
        raise refusal(str(path), "list-broken-file", "工作簿已损坏或加了密码，打不开", hint) from error
    return total, from_1904


def _check_part(
    path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, total: int, most_unpacked: int, most_cells: int
) -> tuple[int, bool]:
    """The unpacked size so far, and whether this part says that dates count from 1904."""
    honest = copy.copy(part)
    honest.file_size = 1 << 62  # read to the true end, whatever the directory says
    extent, size, tail, dates = _Extent(), 0, b"", False
    is_sheet = "worksheets/" in part.filename
    with archive.open(honest) as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            unpacked = total + size
            if unpacked > most_unpacked or (size > RATIO_FROM and size > MAX_RATIO * max(1, part.compress_size)):
                raise _bomb(path, f"解开后超过 {unpacked // MB} MB")
            if is_sheet:
                extent.see(tail + piece)
                if extent.cells > most_cells:
                    raise _bomb(path, f"最远的单元格在第 {extent.row} 行第 {extent.column} 列")
                tail = piece[-_TAIL:]
            elif part.filename.endswith("workbook.xml"):
                dates = dates or re.search(rb'date1904="(?:1|true)"', piece) is not None
    return total + size, dates


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _bomb(path: Path, what: str) -> Exception:
    hint = "请新建一个工作簿，只把数据复制过去；数据很多时请转成 .parquet"
    return refusal(str(path), "list-bomb", f"工作簿大得不合理：{what}，没有打开", hint)
