"""Where the table lies on a sheet: title lines, one or more rows of headers, data, repeated headers, footers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.lists.cells import looks_numeric
from engine.lists.files import Merge
from engine.lists.headers import Header, joined, parse_header, unit_line
from engine.lists.words import Words, folded

_LOOK_AT = 25
_MOST_HEADER_ROWS = 3

_SUM = re.compile(r"[()（）\d家户行条个人数万千百亿元]*")
_SAID = re.compile(r".{0,6}[:：]|\d*[、.．]")
_BODY = re.compile(r"(?:公司|厂|店|部|中心|院|所|社|集团|企业|学校|大学|协会|[)）])$")

Row = Sequence[str | None]
Known = Callable[[Header], float]
"""How well a header is known, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Layout:
    """``first`` and ``last`` row of the headers, from 0; one header for each column; the unit a title line states."""

    first: int
    last: int
    headers: tuple[Header, ...]
    unit: str | None
    known: float

    def repeats(self, row: Row) -> bool:
        """Whether the row is the header once more."""
        filled = [(n, cell) for n, cell in enumerate(row) if cell]
        same = sum(1 for n, cell in filled if n < len(self.headers) and _same(cell, self.headers[n]))
        return len(filled) > 1 and same >= 0.6 * len(filled)


def locate(rows: Sequence[Row], merges: Sequence[Merge], words: Words, known: Known) -> Layout | None:
    """The best place for headers among the first rows; None where no row looks like one."""
    best: tuple[float, Layout] | None = None
    for first in range(min(len(rows), _LOOK_AT)):
        for height in range(1, _MOST_HEADER_ROWS + 1):
            last = first + height - 1
            if last >= len(rows) or not _is_block(rows, merges, first, last):
                continue
            layout = read_headers(rows, merges, first, last, words, known)
            score = _score(layout, rows, words)
            if score > 0 and (best is None or score > best[0]):
                best = (score, layout)
    return best[1] if best else None


def read_headers(
    rows: Sequence[Row], merges: Sequence[Merge], first: int, last: int, words: Words, known: Known
) -> Layout:
    """The headers in these rows, joined from top to bottom."""
    width = max(len(row) for row in rows)
    filled = [_filled(rows, merges, number, last, width) for number in range(first, last + 1)]
    headers = []
    for column in range(width):
        parts = [parse_header(text, words) for row in filled if (text := row[column])]
        headers.append(joined(parts))
    titles = [cell for row in rows[:first] for cell in row if cell]
    units = {unit for title in titles if (unit := unit_line(title, words))}
    unit = units.pop() if len(units) == 1 else None
    score = sum(known(header) for header in headers if header.name)
    return Layout(first, last, tuple(headers), unit, score)


def is_transposed(rows: Sequence[Row], layout: Layout | None, words: Words, known: Known) -> bool:
    """Whether the names of figures stand below one another in a first column, years or firms across."""
    across = layout.known if layout else 0.0
    for column in range(2):
        cells = [row[column] for row in rows[:_LOOK_AT] if len(row) > column and row[column]]
        down = {h.name for cell in cells if cell and known(h := parse_header(cell, words)) >= 0.9}
        if len(down) >= 3 and len(down) > across + 1:
            return True
    return False


def is_footer(row: Row, words: Words) -> bool:
    """Whether the row stands below the table: a line of sums, a source, a signature. 合计通信有限公司 is a firm."""
    filled = [cell for cell in row if cell]
    if not filled:
        return False
    start = folded(filled[0])
    if any(start.startswith(word) and _SUM.fullmatch(start[len(word) :]) for word in words.spec.totals):
        return True
    mark = next((word for word in words.spec.footers if filled[0].startswith(word)), None)
    if mark is None:
        return False
    said = _SAID.match(filled[0][len(mark) :]) is not None
    return said or (len(filled) == 1 and not _BODY.search(filled[0]))


def _filled(rows: Sequence[Row], merges: Sequence[Merge], number: int, last: int, width: int) -> list[str | None]:
    """One header row with the text of merged cells in every column that they cover."""
    row: list[str | None] = [*rows[number], *[None] * (width - len(rows[number]))]
    own = [merge for merge in merges if merge.top == number and merge.right > merge.left]
    if merges:
        for merge in own:
            for column in range(merge.left, min(merge.right + 1, width)):
                row[column] = rows[number][merge.left]
        return row
    if number == last:
        return row
    for column in range(1, width):  # without merges: a group's name stands in its first column
        below = any(len(rows[n]) > column and rows[n][column] for n in range(number + 1, last + 1))
        if row[column] is None and below:
            row[column] = row[column - 1]
    return row


def _is_block(rows: Sequence[Row], merges: Sequence[Merge], first: int, last: int) -> bool:
    """Whether these rows can be the headers together."""
    if sum(1 for cell in rows[first] if cell) < (2 if len(rows[first]) > 1 else 1):
        return False
    if any(cell and looks_numeric(cell) and not _is_year(cell) for row in rows[first : last + 1] for cell in row):
        return False
    if any(m.top < first <= m.bottom or m.top <= last < m.bottom for m in merges):
        return False  # a tall cell is not cut
    if first == last:
        return True
    if merges:
        return all(_bound(merges, rows, upper) for upper in range(first, last))
    return all(_grouped(rows[upper], rows[upper + 1]) for upper in range(first, last))


def _bound(merges: Sequence[Merge], rows: Sequence[Row], upper: int) -> bool:
    """Whether merged cells tie this row to the next one."""
    width = len(rows[upper])
    groups = [m for m in merges if m.top == m.bottom == upper and 0 < m.right - m.left < width - 1]
    return bool(groups) or any(m.top <= upper < m.bottom for m in merges)


def _grouped(upper: Row, lower: Row) -> bool:
    """Whether the upper row names groups of the lower one: gaps above filled cells, and the other way round."""
    width = max(len(upper), len(lower))
    above = [*upper, *[None] * (width - len(upper))]
    below = [*lower, *[None] * (width - len(lower))]
    gaps = [n for n in range(1, width) if not above[n] and below[n]]
    tall = [n for n in range(width) if above[n] and not below[n]]
    return bool(gaps) and bool(tall) and all(above[n] or below[n] for n in range(width))


def _score(layout: Layout, rows: Sequence[Row], words: Words) -> float:
    """Known names count most; then how full the row is; junk and repeated names count against it."""
    names = [h.name for h in layout.headers if h.name and not words.junk.fullmatch(folded(h.text))]
    if not names:
        return 0.0
    filled = len(names) / len(layout.headers)
    distinct = len(set(names)) / len(names)
    after = rows[layout.last + 1] if layout.last + 1 < len(rows) else ()
    data = 0.3 if any(cell and looks_numeric(cell) for cell in after) else 0.0
    return 3 * layout.known + filled + distinct + data - 0.05 * layout.first


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and text[:2] in ("19", "20")


def _same(cell: str, header: Header) -> bool:
    name = folded(cell)
    whole = folded(header.text)
    return bool(name) and (whole.endswith(name) or whole.startswith(name))
