"""A chart of a figure as SVG: horizontal bars, each with its number; patterns tell the columns apart, not colour alone.

Looks are attributes, so that a page under a strict content policy and a file that stands alone show the same; classes let a
page give other colours. The table beside it says the same for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from math import ceil, floor, log10

from web.centre.figures.figure import Figure, Row, in_words, number
from web.texts import gettext as _

WIDTH, LABEL, RIGHT = 960, 270, 150
"""Pixels: of it all, of the names on the left, of the numbers beside the longest bar."""
BAR, GAP, LINE, TOP = 16, 12, 15, 46
LETTERS_A_LINE, LINES = 18, 2
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
COLOURS = ("#17653c", "#b8791a", "#1f5582")


@dataclass(frozen=True, slots=True)
class _Scale:
    """``top`` is the number at the right end; there are ``ticks`` parts of it."""

    top: Decimal
    ticks: int

    def at(self, value: Decimal) -> float:
        """How many pixels long a number is."""
        return round(float(value / self.top) * (WIDTH - LABEL - RIGHT), 2)


def svg(figure: Figure) -> str:
    """The chart as an SVG element, which is a file too."""
    rows, columns = figure.drawn, figure.chart.columns
    if not rows or not any(number(row.cells[column]) for row in rows for column in columns):
        return _nothing(figure)
    scale = _scale(figure, rows)
    body, below = list(_axis(scale, figure)), float(TOP)
    for row in rows:
        drawn, height = _row(figure, row, below, scale)
        body += drawn
        below += height
    axis = f'<line class="axis" x1="{LABEL}" y1="{TOP - 4}" x2="{LABEL}" y2="{below:g}" stroke="#868f8a"/>'
    return _whole(figure, [*_legend(figure), *(part.replace("{BELOW}", f"{below:g}") for part in body), axis], below + 8)


def _whole(figure: Figure, parts: list[str], height: float) -> str:
    name = figure.key
    patterns = "".join(_pattern(name, place) for place in range(len(figure.chart.columns)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" '
        f'role="img" aria-labelledby="{name}-title {name}-desc" font-family="{FONT}" font-size="13">'
        f'<title id="{name}-title">{escape(figure.title)}</title><desc id="{name}-desc">{escape(_description(figure))}</desc>'
        f"<defs>{patterns}</defs>{''.join(parts)}</svg>"
    )


def _pattern(name: str, place: int) -> str:
    """Plain, striped, dotted: as the columns come."""
    colour = COLOURS[place % len(COLOURS)]
    mark = (
        "",
        '<path d="M0 6L6 0" stroke="#fff" stroke-width="1.6"/>',
        '<circle cx="3" cy="3" r="1.2" fill="#fff"/>',
    )[place % 3]
    return (
        f'<pattern id="{name}-{place}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect class="c{place}" width="6" height="6" fill="{colour}"/>{mark}</pattern>'
    )


def _legend(figure: Figure) -> Iterator[str]:
    at = LABEL
    for place, column in enumerate(figure.chart.columns):
        name = figure.head[column]
        yield f'<rect x="{at}" y="4" width="14" height="12" fill="url(#{figure.key}-{place})"/>'
        yield f'<text class="ink" x="{at + 19}" y="15" fill="#1c2321">{escape(name)}</text>'
        at += 19 + 14 * len(name) + 18


def _axis(scale: _Scale, figure: Figure) -> Iterator[str]:
    for tick in range(1, scale.ticks + 1):
        value = scale.top * tick / scale.ticks
        x = LABEL + scale.at(value)
        yield f'<line class="grid" x1="{x:g}" y1="{TOP - 4}" x2="{x:g}" y2="{{BELOW}}" stroke="#dcdfd9"/>'
        said = _short(figure, value)
        yield f'<text class="quiet" x="{x:g}" y="{TOP - 7}" text-anchor="middle" font-size="11" fill="#57625e">{said}</text>'


def _row(figure: Figure, row: Row, top: float, scale: _Scale) -> tuple[list[str], float]:
    """The bars of a row with their numbers, and how high it all is."""
    columns, label = figure.chart.columns, _lines(figure.label(row))
    bars = 1 if figure.chart.stacked else len(columns)
    height = max(bars * BAR, len(label) * LINE) + GAP
    middle, parts = top + (height - GAP) / 2, [f"<title>{escape(_spoken(figure, row))}</title>"]
    first = middle - (len(label) - 1) * LINE / 2 + 4.5
    for place, text in enumerate(label):
        at = f'x="{LABEL - 8}" y="{first + place * LINE:g}"'
        parts.append(f'<text class="ink" {at} text-anchor="end" fill="#1c2321">{escape(text)}</text>')
    x, y = float(LABEL), middle - bars * BAR / 2
    for place, column in enumerate(columns):
        length = scale.at(number(row.cells[column]))
        parts.append(f'<rect x="{x:g}" y="{y + 1:g}" width="{length:g}" height="{BAR - 2}" fill="url(#{figure.key}-{place})"/>')
        if figure.chart.stacked:
            x += length
        else:
            parts.append(_number(x + length, y, figure, row, (column,)))
            y += BAR
    if figure.chart.stacked:
        parts.append(_number(x, y, figure, row, columns))
    return [f"<g>{''.join(parts)}</g>"], height


def _number(x: float, y: float, figure: Figure, row: Row, columns: tuple[int, ...]) -> str:
    values = [number(row.cells[column]) for column in columns]
    text = " + ".join(_short(figure, value) for value in values if value) or "0"
    return f'<text class="ink" x="{x + 6:g}" y="{y + 12.5:g}" font-size="12" fill="#1c2321">{text}</text>'


def _scale(figure: Figure, rows: list[Row]) -> _Scale:
    """Up to the next round number above the longest bar, in four or five parts."""
    longest = max(_length(figure, row) for row in rows)
    step = Decimal(10) ** floor(log10(float(longest) / 4)) if longest > 4 else Decimal(1)
    step = next(step * times for times in (1, 2, 5, 10) if longest / (step * times) <= 5)
    ticks = ceil(longest / step)
    return _Scale(step * ticks, ticks)


def _length(figure: Figure, row: Row) -> Decimal:
    values = [number(row.cells[column]) for column in figure.chart.columns]
    return sum(values, Decimal()) if figure.chart.stacked else max(values)


def _short(figure: Figure, value: Decimal) -> str:
    """A number beside a bar: money to three digits or so, for the table has it all."""
    if figure.chart.unit != "money":
        return f"{value:,f}"
    for scale, unit in ((10**8, "亿"), (10**4, "万")):
        if value >= scale:
            about = value / scale
            return f"{about:,.0f}{unit}" if about >= 100 or about == about.to_integral_value() else f"{about:,.1f}{unit}"
    return f"{value:,.0f}"


def _lines(text: str) -> list[str]:
    """A name in at most two lines."""
    if len(text) > LETTERS_A_LINE * LINES:
        text = text[: LETTERS_A_LINE * LINES - 1] + "…"
    # Lines of like length, so that no letter stands alone.
    each = ceil(len(text) / ceil(len(text) / LETTERS_A_LINE)) if text else 1
    return [text[at : at + each] for at in range(0, len(text), each)] or [""]


def _spoken(figure: Figure, row: Row) -> str:
    told = [f"{figure.head[column]}{in_words(row.cells[column])}" for column in figure.chart.columns]
    return f"{figure.label(row)}：{'，'.join(told)}"


def _description(figure: Figure) -> str:
    rows = figure.drawn
    head = _("横条图，%(rows)d 条，旁边的表里有全部数字。") % {"rows": len(rows)}
    return head + "；".join(_spoken(figure, row) for row in rows[:5])


def _nothing(figure: Figure) -> str:
    text = f'<text class="quiet" x="12" y="26" fill="#57625e">{escape(_("没有可以画的数字"))}</text>'
    return _whole(figure, [text], 44)
