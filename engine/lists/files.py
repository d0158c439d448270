"""Files opened: every sheet of every list as columns of text, or as a typed frame that is read lazily (Parquet)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.lists.cells import one_line
from engine.lists.delimited import read_delimited
from engine.lists.limits import MAX_TEXT, MAX_WORKBOOK, MB, check_size, check_workbook
from engine.lists.problems import refusal
from engine.lists.workbook import Leaf, read_book

HEAD = 60
"""Rows in which a header is looked for."""
ROW = "row"
SETTINGS = "填表设置"
"""The sheet of the template that says which lists are complete: name of the sheet, 是 or 否."""
ENDINGS = (".xlsx", ".xls", ".csv", ".tsv", ".parquet")
_HASH_ALL = 64 * MB


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged cell: first and last row and column, from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class RawSheet:
    """One sheet as it lies in the file.

    ``frame`` has a String column for each column of the file, named by its number from 0, empty cells null; row i of
    it is row i + 1 of the file. Where ``lazy`` is set (Parquet), the columns have names and types, ``frame`` is empty
    and ``headers`` are the names. ``note`` says how the file was read, in Chinese.
    """

    file: Path
    name: str
    frame: pl.DataFrame
    merges: Sequence[Merge] = ()
    lazy: pl.LazyFrame | None = None
    headers: tuple[str, ...] = ()
    height: int = 0
    from_1904: bool = False
    note: str = ""
    hidden: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """What people call it: the file's name, and the sheet's where the file has several."""
        return f"{self.file.name}·{self.name}" if self.name else self.file.name

    def head(self) -> list[list[str | None]]:
        """The first rows as text."""
        return [list(row) for row in self.frame.head(HEAD).iter_rows()]


def read_sheets(path: Path) -> list[RawSheet]:
    """Every visible sheet with anything in it. Raises InputError for what cannot be opened."""
    kind = _kind(path)
    if kind == "parquet":
        return [_parquet(path)]
    if kind in ("xlsx", "xls"):
        return _workbook(path, kind)
    check_size(path, MAX_TEXT)
    columns, note = read_delimited(path)
    frame = pl.DataFrame({str(n): column for n, column in enumerate(columns)})
    return [RawSheet(path, "", frame, height=frame.height, note=note)]


@contextmanager
def damage_told(paths: Sequence[Path]) -> Iterator[None]:
    """Damage inside a Parquet file shows only when the damaged part is read: then InputError, whatever was under way."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        told = next((path for path in paths if path.suffix.lower() == ".parquet"), None)
        if told is None:
            raise
        raise refusal(str(told), "list-broken-file", "Parquet 文件已损坏，读不下去", "请重新导出") from error


def contents(paths: Sequence[Path]) -> str:
    """A hash of the files; of the large ones their size and the time of their change."""
    digest = hashlib.sha256()
    for path in paths:
        state = path.stat()
        digest.update(f"\0{path.name}\0{state.st_size}\0".encode())
        if state.st_size > _HASH_ALL:
            digest.update(str(state.st_mtime_ns).encode())
            continue
        with path.open("rb") as file:
            while piece := file.read(MB):
                digest.update(piece)
    return digest.hexdigest()


def fingerprint(contents: str, extra: str) -> str:
    """A short hash of what the files contain and of ``extra``."""
    return hashlib.sha256(f"{contents}\0{extra}".encode()).hexdigest()[:16]


def _kind(path: Path) -> str:
    """What the file is by its first bytes: endings lie. Raises InputError."""
    try:
        with open(path, "rb") as stream:
            start = stream.read(2048)
    except FileNotFoundError:
        raise refusal(str(path), "list-missing", "找不到这个文件", "检查路径和文件名") from None
    except IsADirectoryError:
        raise refusal(str(path), "list-directory", "这是一个文件夹", "请写出其中的文件") from None
    except OSError:
        raise refusal(str(path), "list-unreadable", "文件无法读取", "检查是否有读取权限，或正被别的程序占用") from None
    if path.suffix.lower() not in ENDINGS:
        raise refusal(str(path), "list-ending", f"不认识的文件类型“{path.suffix}”", f"可用：{'、'.join(ENDINGS)}")
    if not start:
        raise refusal(str(path), "list-empty", "文件是空的")
    if start[:4] == b"PAR1":
        return "parquet"
    if start[:4] == b"PK\x03\x04":
        return "xlsx"
    if start[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "xls"
    if start.lstrip()[:1] == b"<" and any(mark in start.lower() for mark in (b"<html", b"<table", b"<?xml")):
        hint = "请用 Excel 或 WPS 打开后另存为 .xlsx"
        raise refusal(str(path), "list-html", "这是网页或 XML，不是表格文件", hint)
    if path.suffix.lower() in (".xlsx", ".xls", ".parquet") and b"\0" in start:
        raise refusal(str(path), "list-broken-file", "文件已损坏，打不开", "请重新导出")
    return "text"


def _workbook(path: Path, kind: str) -> list[RawSheet]:
    check_size(path, MAX_WORKBOOK)
    from_1904 = check_workbook(path) if kind == "xlsx" else False
    book = read_book(path, apart=kind == "xls")
    sheets = [_worksheet(path, leaf, from_1904, tuple(book.hidden)) for leaf in book.leaves]
    settings = tuple(
        (str(row[0]), str(row[1]))
        for sheet in sheets
        if sheet.name == SETTINGS and sheet.frame.width > 1
        for row in sheet.frame.iter_rows()
    )
    for sheet in sheets:
        sheet.settings = settings
    found = [sheet for sheet in sheets if sheet.height and sheet.name != SETTINGS]
    if not found:
        raise refusal(str(path), "list-empty", "工作簿里没有内容")
    return found


def _worksheet(path: Path, leaf: Leaf, from_1904: bool, hidden: tuple[str, ...]) -> RawSheet:
    data = {str(n): pl.Series(str(n), column, dtype=pl.String) for n, column in enumerate(leaf.columns)}
    merges = [Merge(*corners) for corners in leaf.merges]
    frame = pl.DataFrame(data)
    return RawSheet(path, leaf.name, frame, merges, height=leaf.height, from_1904=from_1904, hidden=hidden)


def _parquet(path: Path) -> RawSheet:
    try:
        lazy = pl.scan_parquet(path)
        names = tuple(lazy.collect_schema().names())
        height = lazy.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refusal(str(path), "list-broken-file", "Parquet 文件已损坏，打不开", "请重新导出") from error
    headers = tuple(one_line(name) for name in names)
    return RawSheet(path, "", pl.DataFrame(), lazy=lazy, headers=headers, height=height)
