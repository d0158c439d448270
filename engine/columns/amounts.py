"""What benefits are worth on columns: ``engine.amounts``, row by row, in whole units of a fraction of a yuan.

Amounts are [low, high] with a mark where there is no upper bound. Rates are whole numbers of units for each fen of
the base (``plan.unit`` is chosen so), therefore nothing is divided or rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from engine.columns import planes
from engine.columns.arithmetic import Exact, either, plus, sums, times
from engine.columns.contexts import Context
from engine.columns.leaves import Columns
from engine.columns.plan import MOST, Plan
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Flags, Ints, Plane
from engine.columns.slices import COMPLETE
from engine.columns.vectors import EPOCH, FEN, Bounds, Coded, nothing
from engine.conditions import FieldRef, Sum
from engine.diagnostics import Finding, InputError
from engine.documents import Award, Cap, Proportional, Tiered
from engine.pack import Measure
from engine.regions import Value
from engine.spans import Number


@dataclass(frozen=True, slots=True)
class Amounts:
    """A range for each row, in units. ``endless``: no upper bound. ``uncapped``: the low end before an unstated cap.

    ``by_year`` has the ranges of calendar years where the benefit is capped or told by year; a year that brings a row
    nothing is zero there.
    """

    low: Exact
    high: Exact
    endless: Flags | None = None
    uncapped: Exact | None = None
    by_year: Mapping[int, Amounts] | None = None


@dataclass(slots=True)
class AmountReader:
    """Amounts of one measure for one slice."""

    measure: Measure
    plan: Plan
    columns: Columns

    def amounts(self, context: Context) -> Amounts:
        """The amount for each row of a context; the benefit states one."""
        benefit, base = self.measure.spec.benefit, self.measure.base
        match benefit:
            case Award(amount=amount):
                # One number seen from every row: it takes no memory.
                units = np.broadcast_to(np.int64(self._units(amount)), context.rows)
                return Amounts(units, units)
            case Tiered() if isinstance(base, FieldRef):
                return self._tiered(benefit, base, context)
            case Proportional() if isinstance(base, Sum):
                return self._summed(benefit, base, context)
            case Proportional() if base is not None:
                grid = FEN
                bounds = self.columns.bounds(base, context) or nothing(context.rows, grid)
                return self._one(benefit, _from_zero(bounds))
        raise TypeError(f"{self.measure.id} states no amount")

    def _units(self, yuan: Number) -> int:
        """An amount of the document in units; the plan's unit makes it whole."""
        return int(Fraction(yuan) * self.plan.unit)

    @property
    def _cap(self) -> Cap | None:
        benefit = self.measure.spec.benefit
        return benefit.cap if isinstance(benefit, Proportional) else None

    def _tiered(self, benefit: Tiered, base: FieldRef, context: Context) -> Amounts:
        column = self.columns.column(base.path, context)
        options = tuple(self.columns.pack.vocabulary.fields[base.path].options)

        def ends(value: Value | None) -> tuple[int, int]:
            # A tier that is not known may also be one for which the text states nothing.
            names = value if isinstance(value, frozenset) else options
            possible = [self._units(benefit.amounts.get(name, 0)) for name in names]
            return min(possible), max(possible)

        if not isinstance(column, Coded):
            column = Coded(np.zeros(context.rows, np.uint8), (None,))
        low = column.numbers(lambda value: ends(value)[0])
        return Amounts(low, column.numbers(lambda value: ends(value)[1]))

    # Rates

    def _scaled(self, benefit: Proportional, base: Bounds) -> Amounts:
        """The product of rate and base, without a cap."""
        factor = Fraction(benefit.rate) * self.plan.unit / base.grid
        low = times(base.low, int(factor))
        high = low if base.high is base.low else times(base.high, int(factor))
        endless = base.no_high if benefit.rate else None
        return Amounts(low, high, endless, low)

    def _one(self, benefit: Proportional, base: Bounds) -> Amounts:
        """A rate on one figure."""
        product = self._scaled(benefit, base)
        if benefit.cap is None:
            return product
        limit = self._units(benefit.cap.amount)
        high = _capped(product.high, product.endless, limit)
        return Amounts(np.minimum(product.low, limit), high, None, product.low)

    def _summed(self, benefit: Proportional, base: Sum, context: Context) -> Amounts:
        """A rate on a filtered sum over records."""
        kind = base.path.partition(".")[0]
        state = self.columns.state(kind, context)
        if isinstance(state, int):
            zero = np.zeros(context.rows, np.int64)
            every = np.ones(context.rows, np.bool_)
            return self._no_records(benefit, zero, every)
        more = state != COMPLETE
        inner, group = self.columns.expanded(context, kind)
        plane: Plane = TRUE if base.where is None else self.columns.truth(base.where, inner)
        rows = planes.full(plane, inner.rows)
        amounts = _from_zero(self.columns.amounts(base.path, inner))
        if benefit.per_year is not None:
            return self._by_year(benefit, amounts, rows, inner, group, more)
        each = self._one(benefit, amounts)
        sure, counts = rows == TRUE, rows != FALSE
        low = sums(np.where(sure, each.low, 0), group, context.rows)
        uncapped = sums(np.where(sure, _or(each.uncapped, each.low), 0), group, context.rows)
        high = sums(np.where(counts, each.high, 0), group, context.rows)
        endless = either(_groups(each.endless, counts, group, context.rows), more)
        if benefit.cap and benefit.cap.scope in ("total", "unstated"):
            low = np.minimum(uncapped, self._units(benefit.cap.amount))
        if benefit.cap and benefit.cap.scope == "total":
            high, endless = _capped(high, endless, self._units(benefit.cap.amount)), None
        # The whole sum is one amount: engine.amounts gives it no low end before the cap.
        return Amounts(low, high, endless, np.zeros(context.rows, np.int64))

    def _no_records(self, benefit: Proportional, zero: Ints, every: Flags) -> Amounts:
        """Of records that are not given at all anything may be."""
        if benefit.per_year is not None:
            if benefit.cap is None:
                each = Amounts(zero, zero, every)
                return Amounts(zero, zero, every, zero, dict.fromkeys(self._years(), each))
            limit = self._units(benefit.cap.amount)
            each = Amounts(zero, zero + limit)
            return Amounts(zero, zero + limit * len(self._years()), None, zero, dict.fromkeys(self._years(), each))
        if benefit.cap and benefit.cap.scope == "total":
            return Amounts(zero, zero + self._units(benefit.cap.amount), None, zero)
        return Amounts(zero, zero, every, zero)

    # By calendar year

    def _years(self) -> range:
        """Calendar years of the document's validity, up to the as-of date."""
        validity = self.plan.pack.documents[self.measure.document].document.validity
        last = self.plan.as_of if validity.end is None else min(validity.end, self.plan.as_of)
        return range(validity.start.year, last.year + 1)

    def _by_year(
        self, benefit: Proportional, amounts: Bounds, rows: planes.Bytes, inner: Context, group: Ints, more: Flags
    ) -> Amounts:
        """Sums by calendar year, each under the yearly cap; see ``engine.amounts._by_year``."""
        count = len(more)
        year = self._year(benefit, inner)
        limit = self._units(benefit.cap.amount) if benefit.cap else None
        counts, sure = rows != FALSE, rows == TRUE
        product = self._scaled(benefit, amounts)
        undated = sums(np.where(counts & (year == 0), product.high, 0), group, count)
        undated_endless = either(_groups(product.endless, counts & (year == 0), group, count), more)
        low = high = room = widest = np.zeros(count, np.int64)
        endless: Flags | None = None
        by_year: dict[int, Amounts] = {}
        for each in sorted({*np.unique(year[counts]).tolist(), *self._years()} - {0}):
            here = counts & (year == each)
            least = sums(np.where(here & sure, product.low, 0), group, count)
            most = sums(np.where(here, product.high, 0), group, count)
            over = _groups(product.endless, here, group, count)
            ceiling, open_ = plus(most, undated), either(over, undated_endless)
            # A year outside the validity counts only for those who have something in it.
            within = each in self._years() or np.bincount(group[here], minlength=count) > 0
            if within is not True:
                ceiling, open_ = np.where(within, ceiling, 0), None if open_ is None else open_ & within
            if limit is not None:
                least, most, over = np.minimum(least, limit), _capped(most, over, limit), None
                ceiling, open_ = _capped(ceiling, open_, limit), None
                left = np.where(within, limit - most, 0)
                room, widest = plus(room, left), np.maximum(widest, left)
            by_year[each] = Amounts(least, ceiling, open_)
            low, high, endless = plus(low, least), plus(high, most), either(endless, over)
        nothing_below = np.zeros(count, np.int64)
        if limit is None:
            return Amounts(low, plus(high, undated), either(endless, undated_endless), nothing_below, by_year)
        # A record lies in one year: it brings at most what the emptiest one has room for.
        space = widest.take(group)
        loose = np.where(counts & (year == 0), _capped(product.high, product.endless, space), 0)
        rest = np.where(more, room, np.minimum(room, sums(loose, group, count)))
        return Amounts(low, plus(high, rest), None, nothing_below, by_year)

    def _year(self, benefit: Proportional, inner: Context) -> Ints:
        """The calendar year of each record where its date settles it, else 0."""
        dates = self.columns.bounds(FieldRef(benefit.per_year or ""), inner)
        if dates is None:
            return np.zeros(inner.rows, np.int64)
        first, last = (
            days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + EPOCH.year
            for days in (dates.low, dates.high)
        )
        vague = first != last
        for flag in (dates.unknown, dates.no_low, dates.no_high):
            if flag is not None:
                vague |= flag
        result: Ints = np.where(vague, 0, first)
        return result

    # Records together

    def over_records(self, kind: str, verdict: Plane, truth: Plane, more: Flags) -> tuple[Amounts, Amounts]:
        """What each enterprise gets over its records, and the most it could (see ``engine.assessment``)."""
        rows = self.columns.data.rows
        records = self.columns.data.records.get(kind)
        verdicts = planes.full(verdict, rows)
        undetermined = verdicts == UNKNOWN
        if records is None or not records.rows:
            zero = np.zeros(rows, np.int64)
            amounts = self._open_ended(Amounts(zero, zero), undetermined & more)
            return amounts, amounts
        truths = planes.full(truth, records.rows)
        each = self.amounts(self.columns.base[kind])
        # Counted are the records that have the verdict of all; a false one never is, since then there is no amount.
        counted = (truths == verdicts.take(records.at)) & (truths != FALSE)
        together = self._together(each, counted, records.at)
        amounts = self._open_ended(together, undetermined & more)
        open_ = self._open_ended(self._together(each, truths != FALSE, records.at), more)
        eligible = verdicts == TRUE
        ends = None
        if open_.endless is not None or amounts.endless is not None:
            zero_flags = np.zeros(rows, np.bool_)
            ends = np.where(
                eligible,
                zero_flags if open_.endless is None else open_.endless,
                zero_flags if amounts.endless is None else amounts.endless,
            )
        return amounts, Amounts(amounts.low, np.where(eligible, open_.high, amounts.high), ends)

    def _together(self, each: Amounts, counted: Flags, group: Ints) -> Amounts:
        """The amounts of several records as one: added, under a cap on their total where there is one."""
        rows, cap = self.columns.data.rows, self._cap
        low = sums(np.where(counted, each.low, 0), group, rows)
        high = sums(np.where(counted, each.high, 0), group, rows)
        endless = _groups(each.endless, counted, group, rows)
        if cap and cap.scope in ("total", "unstated"):
            limit = self._units(cap.amount)
            several = np.bincount(group[counted], minlength=rows) > 1
            uncapped = sums(np.where(counted, _or(each.uncapped, np.zeros_like(each.low)), 0), group, rows)
            low = np.where(several, np.minimum(uncapped, limit), low)
            if cap.scope == "total":
                high = np.where(several, _capped(high, endless, limit), high)
                endless = None if endless is None else endless & ~several
        return Amounts(low, high, endless)

    def _open_ended(self, amounts: Amounts, where: Flags) -> Amounts:
        """Where more records may exist than are listed: no bound, unless their total is capped."""
        if not where.any():
            return amounts
        low, cap = np.where(where, 0, amounts.low), self._cap
        if cap and cap.scope == "total":
            high = np.where(where, self._units(cap.amount), amounts.high)
            return Amounts(low, high, None if amounts.endless is None else amounts.endless & ~where)
        return Amounts(low, np.where(where, 0, amounts.high), either(amounts.endless, where))


def narrow(numbers: Exact, measure: str) -> Ints:
    """Amounts as 64-bit integers. Raises InputError where one does not fit: it is refused, never wrapped."""
    if numbers.dtype != object:
        result: Ints = numbers.astype(np.int64, copy=False)
        return result
    if any(abs(int(number)) >= MOST for number in numbers):
        hint = "请检查清单里的金额"
        raise InputError([Finding(measure, 0, 0, "columns-too-large", "有一家单位的金额大得无法精确计算", hint)])
    return numbers.astype(np.int64)


def _from_zero(bounds: Bounds) -> Bounds:
    """A base that is not known is anything from zero."""
    if bounds.unknown is None and bounds.no_low is None:
        return bounds
    absent = bounds.unknown if bounds.unknown is not None else np.zeros(bounds.rows, np.bool_)
    no_low = absent if bounds.no_low is None else absent | bounds.no_low
    low = np.where(no_low, 0, bounds.low)
    high = low if bounds.high is bounds.low else np.where(absent, 0, bounds.high)
    return Bounds(low, high, bounds.grid, None, None, either(bounds.no_high, absent))


def _capped(high: Exact, endless: Flags | None, limit: int | Exact) -> Exact:
    """At most the limit; the limit itself where there was no bound."""
    capped = np.minimum(high, limit)
    return capped if endless is None else np.where(endless, limit, capped)


def _groups(flags: Flags | None, where: Flags, group: Ints, groups: int) -> Flags | None:
    if flags is None:
        return None
    marked = flags & where
    return np.bincount(group[marked], minlength=groups) > 0 if marked.any() else None


def _or(one: Exact | None, other: Exact) -> Exact:
    return other if one is None else one
