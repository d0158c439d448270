"""What a benefit is worth to a profile that may be incomplete, as formulas: the ends that ``engine.amounts`` gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

import z3

from engine.completions.answers import Ends, Finite, base
from engine.completions.given import ENTERPRISE, Beyond, Holder, Reach
from engine.completions.incomplete import Side
from engine.completions.rails import NO, YES, Formula, conjunction, disjunction, negation
from engine.completions.variables import Whole
from engine.conditions import FieldRef, Sum
from engine.documents import Award, Benefit, Proportional, Tiered
from engine.pack import Measure
from engine.regions import OneOf
from engine.spans import Number


@dataclass(frozen=True)
class Worth:
    """From ``low`` to ``high`` in units, or without an end."""

    low: Whole
    high: Whole
    endless: Formula = NO


def unit_of(*benefits: Benefit) -> int:
    """How many units make a fen, so that all amounts of these benefits are whole."""
    numbers: list[Number] = []
    for benefit in benefits:
        match benefit:
            case Award(amount=amount):
                numbers.append(amount * 100)
            case Tiered(amounts=amounts):
                numbers += [amount * 100 for amount in amounts.values()]
            case Proportional(rate=rate, cap=cap):
                numbers += [rate, cap.amount * 100 if cap else 0]
    return lcm(*(Fraction(number).denominator for number in numbers))


def worth(measure: Measure, side: Side, reach: Reach, unit: int) -> Worth:
    """What the enterprise, or the record in reach, gets; the benefit states an amount."""
    benefit = measure.spec.benefit
    match benefit:
        case Award(amount=amount):
            fixed = z3.IntVal(_units(amount, unit))
            return Worth(fixed, fixed)
        case Tiered() if isinstance(measure.base, FieldRef):
            return _tiered(benefit, measure.base, side, reach, unit)
        case Proportional() if measure.base is not None:
            rates = _Rates(benefit, side, unit)
            if isinstance(measure.base, Sum):
                rows = side.counted(measure.base.path.partition(".")[0], measure.base.where, reach)
                return rates.summed(measure.base, rows, measure.document)
            return rates.one(base(side.ends(measure.base, reach)))
    raise Beyond("金额的写法")


def _units(amount: Number, unit: int) -> int:
    return int(Fraction(amount) * 100 * unit)


def _tiered(benefit: Tiered, by: FieldRef, side: Side, reach: Reach, unit: int) -> Worth:
    """The least and the most of the tiers that are possible; a tier that is not known may be any option."""
    holder = reach.get(by.path.partition(".")[0]) if "." in by.path else None
    state = side.state(by.path, holder or ENTERPRISE)
    if not isinstance(state, Finite):
        raise Beyond("分档的字段")
    options = side.program.pack.vocabulary.fields[by.path].options
    by_class = [
        {_units(benefit.amounts.get(key, 0), unit) for key in group if key in options} for group in state.classes.members
    ]
    low = high = z3.IntVal(0)
    for amount in sorted(set().union(*by_class)):
        # From the least upwards: what is possible of an amount this high raises the high end.
        high = z3.If(disjunction(_may(state, n) for n, found in enumerate(by_class) if amount in found), amount, high)
    for amount in sorted(set().union(*by_class), reverse=True):
        low = z3.If(disjunction(_may(state, n) for n, found in enumerate(by_class) if amount in found), amount, low)
    return Worth(low, high)


def tier_cuts(*benefits: Benefit) -> dict[str, list[OneOf]]:
    """What benefits tell apart of the fields that they go by."""
    found: dict[str, list[OneOf]] = {}
    for benefit in benefits:
        if isinstance(benefit, Tiered):
            found.setdefault(benefit.by, []).extend(OneOf(frozenset({option})) for option in benefit.amounts)
    return found


def _may(state: Finite, number: int) -> Formula:
    return disjunction([negation(state.known), state.picks[number]])


@dataclass(frozen=True, slots=True)
class _Sums:
    """Ends of a sum in fen."""

    low: Whole
    high: Whole
    endless: Formula


@dataclass(slots=True)
class _Rates:
    benefit: Proportional
    side: Side
    unit: int

    @property
    def _rate(self) -> int:
        return int(Fraction(self.benefit.rate) * self.unit)

    @property
    def _cap(self) -> int | None:
        return _units(self.benefit.cap.amount, self.unit) if self.benefit.cap else None

    def one(self, amount: Ends) -> Worth:
        """A rate on one figure, capped."""
        low = z3.If(amount.has_low, amount.low, 0)
        return self._capped(_Sums(low, amount.high, negation(amount.has_high)))

    def _capped(self, sums: _Sums) -> Worth:
        low, high, cap = sums.low * self._rate, sums.high * self._rate, self._cap
        if cap is None:
            return Worth(low, high, sums.endless)
        return Worth(_least(low, cap), z3.If(sums.endless, cap, _least(high, cap)))

    def summed(self, operand: Sum, rows: list[tuple[Holder, Formula, Formula]], document: str) -> Worth:
        """A rate on a filtered sum over records."""
        amounts = [base(self.side.ends(FieldRef(operand.path), {h.kind or "": h})) for h, _, _ in rows]
        _, open_ = self.side.given.listed(operand.path.partition(".")[0])
        if self.benefit.per_year is not None:
            return self._by_year(rows, amounts, open_, document)
        each = [self.one(amount) for amount in amounts]
        cap, scope = self._cap, self.benefit.cap.scope if self.benefit.cap else None
        low = z3.Sum([z3.If(certain, item.low, 0) for item, (_, certain, _) in zip(each, rows, strict=True)])
        if cap is not None and scope in ("total", "unstated"):
            lows = [z3.If(amount.has_low, amount.low, 0) * self._rate for amount in amounts]
            pairs = zip(lows, rows, strict=True)
            low = _least(z3.Sum([z3.If(certain, uncapped, 0) for uncapped, (_, certain, _) in pairs]), cap)
        high = z3.Sum([z3.If(possible, item.high, 0) for item, (_, _, possible) in zip(each, rows, strict=True)])
        pairs_ = zip(each, rows, strict=True)
        endless = disjunction([open_, *(conjunction([possible, i.endless]) for i, (_, _, possible) in pairs_)])
        if cap is not None and scope == "total":
            return Worth(low, z3.If(endless, cap, _least(high, cap)))
        return Worth(low, high, endless)

    def _by_year(
        self, rows: list[tuple[Holder, Formula, Formula]], amounts: list[Ends], open_: Formula, document: str
    ) -> Worth:
        """Sums by calendar year, each under the yearly cap; what has no certain year joins where there is room."""
        validity = self.side.program.pack.documents[document].document.validity
        last = self.side.day if validity.end is None else min(validity.end, self.side.day)
        years = range(validity.start.year, last.year + 1)
        low, settled, endless, loose = [], [], [], []
        dates = [self.side.ends(FieldRef(self.benefit.per_year or ""), {h.kind or "": h}) for h, _, _ in rows]
        in_year = {year: [_falls(day, year) for day in dates] for year in years}
        for n, (_, _, possible) in enumerate(rows):
            dated = disjunction(in_year[year][n] for year in years)
            # Records of other years cannot count: what benefits by year counts lies within the validity.
            other = _certain(dates[n], years)
            self.side.given.constraints.append(z3.Implies(possible, negation(other)))
            loose.append(conjunction([possible, negation(dated)]))
        for year in years:
            certain, may = [], []
            open_ended = []
            for n, (_, sure, possible) in enumerate(rows):
                here = in_year[year][n]
                certain.append(z3.If(conjunction([sure, here, amounts[n].has_low]), amounts[n].low, 0))
                may.append(z3.If(conjunction([possible, here]), amounts[n].high, 0))
                open_ended.append(conjunction([possible, here, negation(amounts[n].has_high)]))
            ends = self._capped(_Sums(z3.Sum(certain), z3.Sum(may), disjunction(open_ended)))
            low.append(ends.low)
            settled.append(ends.high)
            endless.append(ends.endless)
        cap, total = self._cap, z3.Sum(settled)
        free = list(zip(loose, amounts, strict=True))
        if cap is None:
            more = z3.Sum([z3.If(here, amount.high, 0) for here, amount in free]) * self._rate
            unbounded = [conjunction([here, negation(amount.has_high)]) for here, amount in free]
            return Worth(z3.Sum(low), total + more, disjunction([*endless, open_, *unbounded]))
        room, widest = cap * len(years) - total, z3.IntVal(0)
        for high in settled:
            widest = z3.If(cap - high > widest, cap - high, widest)
        # A record lies in one year: it brings at most what the emptiest one has room for.
        each = [z3.If(amount.has_high, _lesser(amount.high * self._rate, widest), widest) for _, amount in free]
        more = z3.Sum([z3.If(here, most, 0) for here, most in zip(loose, each, strict=True)])
        return Worth(z3.Sum(low), total + z3.If(open_, room, _lesser(more, room)))


def _least(one: Whole, cap: int) -> Whole:
    return _lesser(one, z3.IntVal(cap))


def _lesser(one: Whole, other: Whole) -> Whole:
    return z3.If(one < other, one, other)


def _falls(day: Ends, year: int) -> Formula:
    """That a date lies certainly in a year."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return conjunction([day.known, day.has_low, day.has_high, day.low >= first, day.high <= last])


def _certain(day: Ends, years: range) -> Formula:
    """That a date may lie wholly before or after these years."""
    first, last = date(years.start, 1, 1).toordinal(), date(years.stop - 1, 12, 31).toordinal()
    known = conjunction([day.known, day.has_low, day.has_high])
    return conjunction([known, disjunction([day.high < first, day.low > last])]) if len(years) else YES
