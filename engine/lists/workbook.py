"""Excel workbooks read into columns of text, by calamine.

A damaged .xls can send the reader into an endless loop, and nothing in the file tells beforehand; so files of that
kind are read by a child process with limits on time and memory: ``python -m engine.lists.workbook FILE``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from engine.lists.cells import cell_text
from engine.lists.problems import refusal

SECONDS = 60
_MEMORY = 4 * 1024**3
_PASSWORD, _BROKEN = 3, 4
_SAVE_ANEW = "请用 Excel 或 WPS 打开后另存为 .xlsx"


_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The part of an .xls container that holds a locked .xlsx."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One visible sheet: columns of text of one length, and merged cells (top, left, bottom, right)."""

    name: str
    columns: Sequence[Sequence[str | None]]
    merges: Sequence[Sequence[int]]
    height: int


@dataclass(frozen=True, slots=True)
class Book:
    """The visible sheets in order, and the names of the others."""

    leaves: Sequence[Leaf]
    hidden: Sequence[str]


def read_book(path: Path, *, apart: bool) -> Book:
    """The workbook, ``apart`` in a process of its own. Raises InputError where it cannot be read."""
    if apart and _ENCRYPTED in path.read_bytes():
        raise refusal(str(path), "list-password", "工作簿有密码", "请去掉密码后再用")
    try:
        return _read_apart(path) if apart else _read(path)
    except PasswordError:
        raise refusal(str(path), "list-password", "工作簿有密码", "请去掉密码后再用") from None
    except (CalamineError, OSError, ValueError) as error:
        raise refusal(str(path), "list-broken-file", "工作簿已损坏，打不开", _SAVE_ANEW) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # calamine gives up in this way too
            raise
        raise refusal(str(path), "list-broken-file", "工作簿已损坏，打不开", _SAVE_ANEW) from None


def _read(path: Path) -> Book:
    with CalamineWorkbook.from_path(path) as book:
        every = book.sheets_metadata
        shown = [s.name for s in every if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible]
        return Book([_leaf(book, name) for name in shown], [s.name for s in every if s.name not in shown])


def _leaf(book: CalamineWorkbook, name: str) -> Leaf:
    sheet = book.get_sheet_by_name(name)
    rows: list[list[Any]] = list(sheet.to_python(skip_empty_area=False)) if sheet.height else []
    merges = [[*start, *end] for start, end in sheet.merged_cell_ranges or ()]
    columns = [[cell_text(cell) for cell in column] for column in zip_longest(*rows)]
    return Leaf(name, columns, merges, len(rows))


def _read_apart(path: Path) -> Book:
    command = [sys.executable, "-m", __name__, str(path.resolve())]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, cwd=root, check=False)
    except subprocess.TimeoutExpired:
        raise ValueError("too slow") from None
    if done.returncode == _PASSWORD:
        raise PasswordError
    if done.returncode:
        raise ValueError(f"exit {done.returncode}")
    found = json.loads(done.stdout)
    return Book([Leaf(**leaf) for leaf in found["leaves"]], found["hidden"])


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource  # not everywhere

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> int:
    _limit_memory()
    try:
        book = _read(Path(sys.argv[1]))
    except PasswordError:
        return _PASSWORD
    except BaseException:
        return _BROKEN
    sys.stdout.buffer.write(json.dumps(asdict(book), ensure_ascii=False).encode())
    return 0


if __name__ == "__main__":
    sys.exit(_main())
