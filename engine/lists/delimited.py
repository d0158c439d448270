"""Text files with a mark between the cells: .csv and .tsv as people save them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path

import polars as pl

from engine.lists.cells import clean
from engine.lists.encodings import decode
from engine.lists.problems import refusal

_MARKS = ("\t", ",", ";", "|", "，")
_SAMPLE = 50
_CHUNK = 100_000
_LONGEST_CELL = 1_000_000
_MOST_LINES = 200  # in one cell; more says that a quotation mark was never closed
_NAMES = {"\t": "制表符", ",": "逗号", ";": "分号", "|": "竖线", "，": "全角逗号"}


def read_delimited(path: Path) -> tuple[list[pl.Series], str]:
    """The columns as text, and in Chinese how the file was read. Raises InputError.

    Row i of the columns is the i-th record of the file; a cell may span lines. Short rows are filled with nulls.
    """
    text, encoding, bad = decode(path.read_bytes(), path)
    mark = _mark(text)
    closed = _quotes_close(text, mark)
    chunks = []
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = csv.reader(
            io.StringIO(text, newline=""), delimiter=mark, quoting=csv.QUOTE_MINIMAL if closed else csv.QUOTE_NONE
        )
        while chunk := list(islice(rows, _CHUNK)):
            chunks.append(_columns(chunk))
    except csv.Error as error:
        raise refusal(str(path), "list-broken-file", "文件的分隔或引号有误，读不下去", "请另存为 .xlsx") from error
    note = f"{encoding} 编码，{_NAMES[mark]}分隔"
    note += f"，有 {bad} 个无法识别的字节" if bad else ""
    note += "，引号不成对，按普通字符读" if not closed else ""
    return _stacked(chunks), note


def _columns(rows: list[list[str]]) -> list[pl.Series]:
    return [
        pl.Series([clean(cell) if cell else None for cell in column], dtype=pl.String) for column in zip_longest(*rows)
    ]


def _stacked(chunks: list[list[pl.Series]]) -> list[pl.Series]:
    """The chunks below one another, all as wide as the widest."""
    width = max((len(chunk) for chunk in chunks), default=0)
    heights = [len(chunk[0]) if chunk else 0 for chunk in chunks]
    result = []
    for n in range(width):
        parts = [
            chunk[n] if n < len(chunk) else pl.Series([None] * height, dtype=pl.String)
            for chunk, height in zip(chunks, heights, strict=True)
        ]
        result.append(pl.concat(parts))
    return result


def _mark(text: str) -> str:
    """The mark that parts most lines into the same number of cells; a name with .csv may hold tabs."""
    best, best_score = ",", (0.0, 0)
    sample = text[:200_000]
    for mark in _MARKS:
        widths = [len(row) for row in _sample_rows(sample, mark)]
        if not widths:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)
        if score > best_score:
            best, best_score = mark, score
    return best


def _sample_rows(sample: str, mark: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=mark)
    try:
        yield from (row for row in islice(rows, _SAMPLE) if any(cell.strip() for cell in row))
    except csv.Error:
        return


def _quotes_close(text: str, mark: str) -> bool:
    """Whether no cell swallows hundreds of lines, which is what one stray quotation mark does."""
    if '"' not in text:
        return True
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            if any(cell.count("\n") > _MOST_LINES for cell in row if len(cell) > _MOST_LINES):
                return False
    except csv.Error:
        return False
    return True
