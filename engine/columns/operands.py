"""Operands on columns: what ``engine.operands`` reads from the facts of one profile, read for the rows of a context."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from engine.columns import planes
from engine.columns.arithmetic import anywhere, either, sums, total
from engine.columns.contexts import Context, blank, expanded
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Bytes, Flags, Ints, Plane
from engine.columns.slices import COMPLETE, MISSING, YEAR, Records, Slice
from engine.columns.vectors import EPOCH, FEN, ONE, Bounds, Coded, Column, first_known, nothing
from engine.conditions import Annual, AnnualSum, Count, DaysSince, FieldRef, Node, Operand, Sum, Total
from engine.pack import Pack


@dataclass(slots=True, kw_only=True)
class Operands:
    """Reads operands for one slice at one date. ``data`` gains the derived columns."""

    pack: Pack
    data: Slice
    as_of: date
    base: dict[str | None, Context] = field(default_factory=dict)
    _expanded: dict[tuple[int, str], tuple[Context, Ints]] = field(default_factory=dict)
    _blanks: dict[str, Context] = field(default_factory=dict)
    _years: dict[int, Ints] = field(default_factory=dict)
    _annuals: dict[tuple[str, int], tuple[Column, Column]] = field(default_factory=dict)

    @abstractmethod
    def truth(self, node: Node, context: Context) -> Plane:
        """Kleene truth of a filter, a row for each row of the context."""

    def expanded(self, context: Context, kind: str) -> tuple[Context, Ints]:
        """``contexts.expanded``, once. It stays alive, because truths are kept by the identity of their context."""
        key = id(context), kind
        if key not in self._expanded:
            self._expanded[key] = expanded(context, kind, self.data, self.base)
        return self._expanded[key]

    def blank(self, kind: str) -> Context:
        """``contexts.blank``, once. It stays alive for the same reason."""
        if kind not in self._blanks:
            known = next(iter(self._blanks.values()), None)
            each = None if known is None else known.enterprise
            self._blanks[kind] = blank(kind, np.arange(self.data.rows) if each is None else each)
        return self._blanks[kind]

    def state(self, kind: str, context: Context) -> Bytes | int:
        """What is known of the list of each row's enterprise; ``MISSING`` where nobody has one."""
        records = self.data.records.get(kind)
        if records is None:
            return MISSING
        return records.state if context.enterprise is None else records.state.take(context.enterprise)

    def column(self, path: str, context: Context) -> Column | None:
        """The values of a field for the rows of a context; None where the list does not have it."""
        kind = self.pack.vocabulary.fields[path].record
        if kind is None:
            column, index = self.data.columns.get(path), context.enterprise
        else:
            records, index = self.data.records.get(kind), context.records[kind]
            if records is None or (context.blank and index is not None and bool((index < 0).all())):
                return None
            column = records.columns.get(path)
        return column if column is None or index is None else column.take(index)

    def annual(self, path: str, year: int) -> Column | None:
        """The figure of a fiscal year for each enterprise: of the annual records, else of the enterprise sheet."""
        wide = self.data.annuals.get((path, year))
        records = self.data.records.get("annual")
        years = records.columns.get(YEAR) if records else None
        column = records.columns.get(path) if records else None
        if records is None or not isinstance(years, Bounds) or column is None:
            return wide
        known = self._annuals.get((path, year))
        # A derived column takes the place of the stated one.
        if known is None or known[0] is not column:
            own = column.take(self._of_year(year, years, records))
            known = self._annuals[path, year] = column, own if wide is None else first_known(own, wide)
        return known[1]

    def _of_year(self, year: int, years: Bounds, records: Records) -> Ints:
        """For each enterprise its record of a fiscal year, -1 for none."""
        if year not in self._years:
            rows = np.flatnonzero(years.low == year)
            index = np.full(self.data.rows, -1, np.int64)
            index[records.at.take(rows)] = rows
            self._years[year] = index
        return self._years[year]

    def bounds(self, operand: Operand, context: Context) -> Bounds | None:
        """An operand as numbers; None where nothing is known of it for any row."""
        match operand:
            case FieldRef(path):
                return self._numbers(self.column(path, context), path)
            case Annual(path, offset):
                return self._spread(self._numbers(self.annual(path, self.as_of.year + offset), path), context)
            case AnnualSum():
                return self._spread(self._annual_sum(operand), context)
            case Total(paths):
                parts = [self.bounds(FieldRef(path), context) for path in paths]
                return total([part for part in parts if part is not None], context.rows) if None not in parts else None
            case Count(kind, where):
                return self._count(kind, where, context)
            case Sum():
                return self._sum(operand, context)
            case DaysSince(path):
                return self._days_since(self.bounds(FieldRef(path), context))
        raise TypeError(f"not a number: {operand!r}")

    def _numbers(self, column: Column | None, path: str) -> Bounds | None:
        if isinstance(column, Coded):
            typed = self.pack.vocabulary.fields[path].type
            return column.bounds(FEN if typed == "money" else ONE, dates=typed == "date")
        return column

    def _spread(self, bounds: Bounds | None, context: Context) -> Bounds | None:
        """What is known of enterprises, for the rows of a context."""
        return bounds if bounds is None or context.enterprise is None else bounds.take(context.enterprise)

    def _annual_sum(self, operand: AnnualSum) -> Bounds | None:
        last = self.as_of.year - 1
        years = range(last - operand.years + 1, last + 1)
        parts = {year: self._numbers(self.annual(operand.path, year), operand.path) for year in years}
        rows = self.data.rows
        if operand.since is None:
            known = [part for part in parts.values() if part is not None]
            return total(known, rows) if len(known) == len(parts) else None
        since = self.bounds(FieldRef(operand.since), self.base[None])
        if since is None:
            return None
        unsure = either(since.unknown, since.no_low, since.no_high)
        first, latest = (np.maximum(_years(days), years.start) for days in (since.low, since.high))
        vague = first != latest if unsure is None else unsure | (first != latest)
        grid = FEN if self.pack.vocabulary.fields[operand.path].type == "money" else ONE
        counted = [_where(parts[year] or nothing(rows, grid), first <= year) for year in years]
        summed = total(counted, rows)
        flags = summed.no_low, summed.no_high, summed.low_open, summed.high_open
        return Bounds(summed.low, summed.high, grid, either(summed.unknown, vague), *flags)

    def _days_since(self, bounds: Bounds | None) -> Bounds | None:
        if bounds is None:
            return None
        today = (self.as_of - EPOCH).days
        low = today - bounds.high
        high = low if bounds.high is bounds.low else today - bounds.low
        return Bounds(low, high, ONE, bounds.unknown, bounds.no_high, bounds.no_low)

    # Aggregates

    def _count(self, kind: str, where: Node | None, context: Context) -> Bounds:
        state = self.state(kind, context)
        if isinstance(state, int):
            zero = np.zeros(context.rows, np.int64)
            return Bounds(zero, zero, no_high=np.ones(context.rows, np.bool_))
        inner, group = self.expanded(context, kind)
        plane = planes.full(TRUE if where is None else self.truth(where, inner), inner.rows)
        certain = np.bincount(group[plane == TRUE], minlength=context.rows)
        possible = np.bincount(group[plane == UNKNOWN], minlength=context.rows)
        return Bounds(certain, certain + possible, no_high=_marked(state != COMPLETE))

    def _sum(self, operand: Sum, context: Context) -> Bounds:
        kind = operand.path.partition(".")[0]
        grid = FEN if self.pack.vocabulary.fields[operand.path].type == "money" else ONE
        state = self.state(kind, context)
        if isinstance(state, int):
            zero = np.zeros(context.rows, np.int64)
            return Bounds(zero, zero, grid, no_high=np.ones(context.rows, np.bool_))
        inner, group = self.expanded(context, kind)
        plane = planes.full(TRUE if operand.where is None else self.truth(operand.where, inner), inner.rows)
        amounts = self.amounts(operand.path, inner)
        sure, counts = plane == TRUE, plane != FALSE
        endless = anywhere(_both(amounts.no_high, counts), group, context.rows)
        low_open = anywhere(_both(amounts.low_open, sure), group, context.rows)
        high_open = anywhere(_both(amounts.high_open, counts), group, context.rows)
        low = sums(np.where(sure, amounts.low, 0), group, context.rows)
        high = sums(np.where(counts, amounts.high, 0), group, context.rows)
        no_high = either(endless, _marked(state != COMPLETE))
        return Bounds(low, high, grid, None, None, no_high, low_open, high_open)

    def bounds_of(self, path: str, context: Context) -> Bounds | None:
        """A record's field as numbers; None where nobody has it."""
        return self._numbers(self.column(path, context), path)

    def amounts(self, path: str, context: Context) -> Bounds:
        """Amounts of records; one that is not given is anything from zero (never negative, by the vocabulary)."""
        grid = FEN if self.pack.vocabulary.fields[path].type == "money" else ONE
        bounds = self.bounds_of(path, context) or nothing(context.rows, grid)
        absent = bounds.unknown
        if absent is None:
            return bounds
        low = np.where(absent, 0, bounds.low)
        high = low if bounds.high is bounds.low else np.where(absent, 0, bounds.high)
        no_low = _both(bounds.no_low, ~absent)
        no_high = absent if bounds.no_high is None else absent | bounds.no_high
        low_open, high_open = (_both(flag, ~absent) for flag in (bounds.low_open, bounds.high_open))
        return Bounds(low, high, bounds.grid, None, no_low, no_high, low_open, high_open)


def _where(bounds: Bounds, counts: Flags) -> Bounds:
    """Zero where a year does not count."""
    low = np.where(counts, bounds.low, 0)
    high = low if bounds.high is bounds.low else np.where(counts, bounds.high, 0)
    flags = (bounds.unknown, bounds.no_low, bounds.no_high, bounds.low_open, bounds.high_open)
    unknown, no_low, no_high, low_open, high_open = (_both(flag, counts) for flag in flags)
    return Bounds(low, high, bounds.grid, unknown, no_low, no_high, low_open, high_open, most=bounds.most)


def _years(days: Ints) -> Ints:
    """The calendar year of each day."""
    result: Ints = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + EPOCH.year
    return result


def _both(flags: Flags | None, where: Flags) -> Flags | None:
    return None if flags is None else flags & where


def _marked(flags: Flags) -> Flags | None:
    return flags if flags.any() else None
