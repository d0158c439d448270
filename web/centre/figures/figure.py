"""A figure: a table that says it all, and a chart of its weightiest rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from engine.quantities import format_money

Cell = str | int | Decimal | None
"""Text, a count, an exact amount in yuan; None says nothing."""
MOST_BARS = 15
"""Rows that a chart shows."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars. ``columns`` are the columns of the table that are drawn, ``label`` the ones that name a bar; ``stacked``:
    the columns add up; ``unit``: what they are; ``months``: every row is shown, in its order, not the longest bars."""

    label: tuple[int, ...]
    columns: tuple[int, ...]
    unit: Literal["count", "money"]
    stacked: bool = False
    months: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """``key`` is what the row is about (a measure, a division), for links; ``sum``: adds up others, never drawn."""

    cells: tuple[Cell, ...]
    key: str = ""
    sum: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """``key`` names it in addresses; ``note`` says how it is reckoned."""

    key: str
    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: Chart

    @property
    def drawn(self) -> list[Row]:
        """The rows that the chart shows: those with the longest bars, in their order; without any where all are empty."""
        rows = [row for row in self.rows if not row.sum]
        if self.chart.months:
            return rows
        weights = {id(row): self._weight(row) for row in rows}
        longest = sorted((row for row in rows if weights[id(row)] > 0), key=lambda row: -weights[id(row)])
        return longest[:MOST_BARS]

    def label(self, row: Row) -> str:
        """What a bar is called."""
        return " ".join(str(row.cells[column]) for column in self.chart.label if row.cells[column])

    def _weight(self, row: Row) -> Decimal:
        values = [number(row.cells[column]) for column in self.chart.columns]
        return sum(values, Decimal()) if self.chart.stacked else max(values)


def number(cell: Cell) -> Decimal:
    """A cell as a length; text and nothing are none."""
    return Decimal(cell) if isinstance(cell, int | Decimal) else Decimal()


def in_words(cell: Cell) -> str:
    """A cell as it is read."""
    match cell:
        case None:
            return ""
        case Decimal():
            return format_money(Fraction(cell))
        case int():
            return f"{cell:,}"
    return cell


def numeric(figure: Figure) -> Sequence[bool]:
    """Which columns hold numbers."""
    return [any(isinstance(row.cells[column], int | Decimal) for row in figure.rows) for column in range(len(figure.head))]
