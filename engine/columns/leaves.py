"""The truth of leaves on columns: what ``engine.operands`` says of one profile, said of a slice.

Each distinct leaf is tested once for the fewest rows it needs: an enterprise condition once for each enterprise, also
where it stands among the conditions of a record, and its truths are handed to the records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from engine.columns import planes
from engine.columns.arithmetic import anywhere, either, ratio_inside, sums, total
from engine.columns.contexts import WHOLE_REACH, Context, contexts, expanded, filters, needs
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Bytes, Flags, Ints, Plane
from engine.columns.slices import COMPLETE, MISSING, YEAR, Slice
from engine.columns.vectors import (
    EPOCH,
    FEN,
    ONE,
    Bounds,
    Clash,
    Coded,
    Column,
    Known,
    inside,
    nothing,
    test_known,
    tested,
)
from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Any,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Leaf,
    Node,
    Not,
    Operand,
    Ratio,
    Reference,
    Sum,
    Test,
    Total,
)
from engine.dependencies import leaves_of
from engine.facts import Facts
from engine.facts import Known as Holder
from engine.operands import LeafReader
from engine.pack import Pack
from engine.regions import Intervals, Region
from engine.truth import Truth


@dataclass(slots=True)
class Numbering:
    """Equal leaves have one number, so that they are tested once; kept for all slices of a program."""

    _by_identity: dict[int, int] = field(default_factory=dict)
    _by_value: dict[Node, int] = field(default_factory=dict)
    needs: dict[int, frozenset[str]] = field(default_factory=dict)

    def of(self, leaf: Node) -> int:
        """The leaf's number. Leaves live as long as their program, so their identity stays theirs.

        Threads share it: every leaf of a program is numbered before the first slice (``number_all``).
        """
        number = self._by_identity.get(id(leaf))
        if number is None:
            number = self._by_value.setdefault(leaf, len(self._by_value))
            self._by_identity[id(leaf)] = number
            self.needs[number] = needs(leaf)
        return number

    def number_all(self, node: Node) -> None:
        """Number every leaf of a tree, those inside filters too."""
        for leaf in leaves_of(node):
            self.of(leaf)
            for part in filters(leaf):
                self.number_all(part)


@dataclass(slots=True)
class Columns:
    """Reads leaves for one slice at one date. ``data`` gains the derived columns."""

    pack: Pack
    data: Slice
    as_of: date
    numbering: Numbering
    reader: LeafReader
    base: dict[str | None, Context] = field(default_factory=dict)
    _truths: dict[tuple[int, int], Plane] = field(default_factory=dict)
    _expanded: dict[tuple[int, str], tuple[Context, Ints]] = field(default_factory=dict)
    _abouts: bool = False

    @classmethod
    def of(cls, pack: Pack, data: Slice, as_of: date, numbering: Numbering, regions: dict[int, Region | None]) -> Columns:
        """``regions`` is the program's store for this date."""
        facts = Facts(as_of, pack.vocabulary, Holder(None, {}), {}, frozenset(), {})
        result = cls(pack, data, as_of, numbering, LeafReader(pack, facts, regions), contexts(data))
        if data.findings is not None:
            result._abouts = data.findings["about"].null_count() < len(data.findings)
        return result

    # Truths

    def truth(self, node: Node, context: Context) -> Plane:
        """Kleene truth of a tree of filters or of a leaf, a row for each row of the context."""
        match node:
            case All(parts):
                return planes.all_of(self.truth(part, context) for part in parts)
            case Any(parts):
                return planes.any_of(self.truth(part, context) for part in parts)
            case Not(part):
                return planes.negated(self.truth(part, context))
        return self.leaf(node, context)

    def leaf(self, leaf: Leaf, context: Context) -> Plane:
        """The truth of one leaf, tested where its record kinds, and no others, are in reach."""
        number = self.numbering.of(leaf)
        wanted = self.numbering.needs[number]
        every = WHOLE_REACH in wanted and self._abouts
        required = [kind for kind in context.records if every or kind in wanted]
        fewest, index = context, None
        if not required and context.records:
            fewest, index = self.base[None], context.enterprise
        elif len(required) == 1 and not context.blank:
            # Records of one kind are tested once, however many pairs they stand in.
            fewest, index = self.base[required[0]], context.records[required[0]]
        key = number, id(fewest)
        if key not in self._truths:
            self._truths[key] = self._leaf(leaf, fewest)
        return planes.taken(self._truths[key], index)

    def _leaf(self, leaf: Leaf, context: Context) -> Plane:
        match leaf:
            case Test():
                return self._test(leaf, context)
            case Every():
                return self._every(leaf, context)
            case Judgement(id) | Reference(id):
                return self._review(id, context)
        raise TypeError(f"not a leaf: {leaf!r}")

    def _test(self, leaf: Test, context: Context) -> Plane:
        if leaf.comparisons[0].operator == "known":
            return self._known(leaf.operand, context)
        region = self.reader.region(leaf.comparisons)
        if region is None:
            return UNKNOWN
        plane = self._in_region(leaf.operand, region, context)
        return self._assumed(plane, leaf, region, context) if leaf.assumed else plane

    def _assumed(self, plane: Plane, leaf: Test, region: Region, context: Context) -> Plane:
        """Unknown counts as true, but for what is unknown by a contradiction."""
        column = self.column(leaf.operand.path, context) if isinstance(leaf.operand, FieldRef) else None
        if not isinstance(column, Coded) or not any(isinstance(known, Clash) for known in column.values):
            return planes.assumed(plane)

        def truth(known: Known) -> Truth:
            found = test_known(region, known)
            return True if found is None and not isinstance(known, Clash) else found

        return column.plane(truth)

    def _in_region(self, operand: Operand, region: Region, context: Context) -> Plane:
        match operand:
            case FieldRef(path):
                column = self.column(path, context)
                return UNKNOWN if column is None else tested(column, region)
            case Annual(path, offset):
                annual = self.annual(path, self.as_of.year + offset)
                return UNKNOWN if annual is None else tested(annual, region)
        if not isinstance(region, Intervals):
            raise TypeError(f"{region!r} does not apply to {operand!r}")
        if isinstance(operand, Ratio):
            of, to = self.bounds(operand.of, context), self.bounds(operand.to, context)
            return UNKNOWN if of is None or to is None else ratio_inside(of, to, region)
        bounds = self.bounds(operand, context)
        return UNKNOWN if bounds is None else inside(bounds, region)

    def _known(self, operand: Operand, context: Context) -> Plane:
        if isinstance(operand, FieldRef):
            column = self.column(operand.path, context)
            if isinstance(column, Coded):
                return column.plane(lambda value: True if value is not None else None)
            bounds = column
        else:
            bounds = self.bounds(operand, context)
        if bounds is None:
            return UNKNOWN
        return TRUE if bounds.unknown is None else TRUE - bounds.unknown.view(np.uint8)

    def _every(self, leaf: Every, context: Context) -> Plane:
        state = self.state(leaf.kind, context)
        if isinstance(state, int):
            return UNKNOWN
        inner, group = self.expanded(context, leaf.kind)
        held = self.truth(leaf.that, inner)
        if leaf.where is not None:
            held = planes.any_of([planes.negated(self.truth(leaf.where, inner)), held])
        rows = planes.full(held, inner.rows)
        wrong = np.bincount(group[rows == FALSE], minlength=context.rows) > 0
        unsure = np.bincount(group[rows == UNKNOWN], minlength=context.rows) > 0
        truth = planes.decided(~wrong & ~unsure & (state == COMPLETE), wrong)
        return np.where(state == MISSING, np.uint8(UNKNOWN), truth)

    def _review(self, judgement: str, context: Context) -> Plane:
        """The latest finding, one about this very record first; contradictions are unknown."""
        given = self.data.findings
        if given is None:
            return UNKNOWN
        given = given.filter(pl.col("judgement") == judgement)
        if given.is_empty():
            return UNKNOWN
        latest = given.filter(pl.col("on") == pl.col("on").max().over("at", "about"))
        answers = latest.group_by("at", "about").agg(
            answer=pl.when(pl.col("answer").n_unique() == 1).then(pl.col("answer").first()).otherwise(UNKNOWN)
        )
        ours = pl.DataFrame({"at": self._enterprises(context)}, schema={"at": pl.Int64})
        general = answers.filter(pl.col("about").is_null()).select(pl.col("at").cast(pl.Int64), pl.col("answer"))
        found = ours.join(general, on="at", how="left", maintain_order="left")["answer"]
        if context.records:
            named = answers.drop_nulls("about").select(pl.col("at").cast(pl.Int64), "about", own="answer")
            pairs = ours.with_columns(about=self._about(context))
            own = pairs.join(named, on=["at", "about"], how="left", maintain_order="left")["own"]
            found = pl.DataFrame({"own": own, "found": found}).select(pl.coalesce("own", "found"))["own"]
        return found.fill_null(UNKNOWN).cast(pl.UInt8).to_numpy()

    def _enterprises(self, context: Context) -> Ints:
        return np.arange(context.rows) if context.enterprise is None else context.enterprise

    def _about(self, context: Context) -> pl.Series:
        """The name of the record in question: inside a filter that of the filter, not of the subject around it."""
        kind, index = next(reversed(context.records.items()))
        records = self.data.records.get(kind)
        if records is None or records.ids is None or not records.rows:
            return pl.Series("about", [None] * context.rows, dtype=pl.String)
        if index is None:
            return records.ids
        return records.ids.gather(np.maximum(index, 0)).set(pl.Series(index < 0), None)

    # Columns

    def expanded(self, context: Context, kind: str) -> tuple[Context, Ints]:
        """``contexts.expanded``, once. It stays alive, because truths are kept by the identity of their context."""
        key = id(context), kind
        if key not in self._expanded:
            self._expanded[key] = expanded(context, kind, self.data, self.base)
        return self._expanded[key]

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
        rows = np.flatnonzero(years.low == year)
        index = np.full(self.data.rows, -1, np.int64)
        index[records.at.take(rows)] = rows
        own = column.take(index)
        return own if wide is None else _first(own, wide)

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


def _first(one: Column, other: Column) -> Column:
    """The first where it is known, else the other."""
    if isinstance(one, Coded) or isinstance(other, Coded):
        left = one if isinstance(one, Coded) else one.coded()
        right = other if isinstance(other, Coded) else other.coded()
        codes = np.where(left.codes > 0, left.codes.astype(np.int64), right.codes.astype(np.int64) + len(left.values))
        return Coded.of([*left.values, *right.values], codes)
    if one.unknown is None:
        return one
    absent = one.unknown

    def flags(mine: Flags | None, theirs: Flags | None) -> Flags | None:
        if mine is None and theirs is None:
            return None
        zero = np.zeros(one.rows, np.bool_)
        return np.where(absent, zero if theirs is None else theirs, zero if mine is None else mine)

    low = np.where(absent, other.low, one.low)
    same = one.high is one.low and other.high is other.low
    return Bounds(
        low,
        low if same else np.where(absent, other.high, one.high),
        one.grid,
        flags(None, other.unknown),
        flags(one.no_low, other.no_low),
        flags(one.no_high, other.no_high),
        flags(one.low_open, other.low_open),
        flags(one.high_open, other.high_open),
        one.dates,
    )


def _where(bounds: Bounds, counts: Flags) -> Bounds:
    """Zero where a year does not count."""
    low = np.where(counts, bounds.low, 0)
    high = low if bounds.high is bounds.low else np.where(counts, bounds.high, 0)
    flags = (bounds.unknown, bounds.no_low, bounds.no_high, bounds.low_open, bounds.high_open)
    return Bounds(low, high, bounds.grid, *(_both(flag, counts) for flag in flags))


def _years(days: Ints) -> Ints:
    """The calendar year of each day."""
    result: Ints = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + EPOCH.year
    return result


def _both(flags: Flags | None, where: Flags) -> Flags | None:
    return None if flags is None else flags & where


def _marked(flags: Flags) -> Flags | None:
    return flags if flags.any() else None

