"""A list of enterprises under two versions of the rules: who gets another verdict or amount, by whom and where.

Each slice is screened under both, as ``huiqi batch`` does it; what is kept are counts, sums, and the enterprises that
change. Sums of money are exact.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

import polars as pl

from engine.columns.frame import KEY, ListSource, RawSlice
from engine.columns.frames import HIGH, LOW, MEASURE, Pairs
from engine.columns.kernel import Result
from engine.columns.masks import Layout
from engine.columns.plan import Plan, plan_of
from engine.columns.planes import TRUE, UNKNOWN, holds
from engine.columns.rows import NAME, names_of
from engine.columns.run import Run, Tally, tally
from engine.columns.store import Done
from engine.columns.vectors import Coded, settled
from engine.dependencies import fields_of
from engine.pack import Pack
from engine.regions import Value
from engine.wording import show

INELIGIBLE, UNDETERMINED, ELIGIBLE, NOT_IN_FORCE, ABSENT = range(5)
VERDICTS = ("ineligible", "undetermined", "eligible", "not_in_force", "absent")
"""Verdicts by their number; ``absent``: the version does not have the measure."""
GROUPS = {"district": "registered_division", "industry": "industry", "size": "size_class"}
BLANK, UNSURE = "未填写", "不止一种可能"
MOST_SHOWN = 1_000_000


@dataclass(slots=True)
class Money:
    """Confirmed amounts in yuan of eligible enterprises; ``endless``: of how many the upper end has no bound."""

    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    endless: int = 0


@dataclass(slots=True)
class Change:
    """What changes for one measure or one group of enterprises.

    ``flips``: pairs of an enterprise and a measure by old and new verdict, those that stay the same too; ``amounts``:
    pairs that are eligible in both with another amount; ``changed``: enterprises of which something changes.
    """

    old: Money = field(default_factory=Money)
    new: Money = field(default_factory=Money)
    flips: Counter[tuple[str, str]] = field(default_factory=Counter)
    amounts: int = 0
    enterprises: int = 0
    changed: int = 0

    @property
    def flipped(self) -> int:
        """Pairs with another verdict."""
        return sum(count for (old, new), count in self.flips.items() if old != new)

    @property
    def gained(self) -> int:
        """Pairs that become eligible."""
        return sum(count for (old, new), count in self.flips.items() if new == "eligible" != old)

    @property
    def lost(self) -> int:
        """Pairs that are eligible no more."""
        return sum(count for (old, new), count in self.flips.items() if old == "eligible" != new)


@dataclass(frozen=True, slots=True)
class Flip:
    """An enterprise and a measure that change. An amount is (low, high) in yuan where it is confirmed and stated."""

    key: str
    name: str | None
    groups: tuple[str, ...]
    measure: str
    old: str
    new: str
    old_amount: tuple[Fraction, Fraction | None] | None
    new_amount: tuple[Fraction, Fraction | None] | None


@dataclass(slots=True)
class ListDifference:
    """What a list gets under two versions at a date. ``groups``: by kind of group, then by its label."""

    as_of: date
    titles: Mapping[str, str]
    tallies: tuple[Tally, Tally] | None = None
    whole: Change = field(default_factory=Change)
    measures: dict[str, Change] = field(default_factory=dict)
    groups: dict[str, dict[str, Change]] = field(default_factory=lambda: {group: {} for group in GROUPS})
    flips: list[Flip] = field(default_factory=list)
    left_out: int = 0
    """Changes beyond those that are kept one by one; they are counted all the same."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Gives ``outcomes``: a row for each enterprise with its name, its groups, and each measure's verdict."""

    plan: Plan

    def __call__(self, raw: RawSlice, result: Result, layout: Layout) -> Mapping[str, pl.DataFrame]:
        rows = result.data.rows
        columns: dict[str, Any] = {KEY: result.data.keys.cast(pl.String), NAME: names_of(raw, result)}
        for group, path in GROUPS.items():
            columns[group] = _labels(group, path, result, self.plan.pack)
        for measure in self.plan.measures:
            verdict = result.outcomes[measure.id].verdict
            flags = {number: pl.Series(holds(verdict, rows, truth)) for truth, number in _OPEN}
            none = pl.zeros(rows, pl.UInt8, eager=True)
            columns[measure.id] = sum((flag.cast(pl.UInt8) * number for number, flag in flags.items()), start=none)
        return {"outcomes": pl.DataFrame(columns)}


_OPEN = ((UNKNOWN, UNDETERMINED), (TRUE, ELIGIBLE))


def _labels(group: str, path: str, result: Result, pack: Pack) -> pl.Series:
    """What group each enterprise belongs to, as people call it."""
    column = result.data.columns.get(path)
    if not isinstance(column, Coded):
        return pl.Series([BLANK], dtype=pl.String).new_from_index(0, result.data.rows)
    labels = [_label(group, path, settled(value), pack) for value in column.values]
    return pl.Series(labels, dtype=pl.String).gather(pl.Series(column.codes).cast(pl.UInt32))


def _label(group: str, path: str, value: Value | None, pack: Pack) -> str:
    if not isinstance(value, frozenset) or not value:
        return BLANK
    codes = frozenset(code[:1] for code in value) if group == "industry" else value
    return show(codes, pack.vocabulary.fields[path], pack) if len(codes) == 1 else UNSURE


def _plan(pack: Pack, as_of: date) -> Plan:
    """The plan with the fields that enterprises are grouped by, and what those are derived from."""
    plan = plan_of(pack, as_of)
    wanted = {path for path in GROUPS.values() if path in pack.vocabulary.fields}
    for stage in reversed(plan.program.stages):
        if stage.derived.field in wanted:
            wanted.update(path for when, _ in stage.derived.cases for path in fields_of(when))
    kinds = {path.partition(".")[0] for path in wanted if "." in path}
    return replace(plan, paths=plan.paths | wanted | kinds)


@dataclass(slots=True)
class Comparing:
    """A list under an old and a new version. ``sources``: the list as each version's vocabulary reads it."""

    packs: tuple[Pack, Pack]
    sources: tuple[ListSource, ListSource]
    as_of: date
    found: ListDifference = field(init=False)
    _plans: tuple[Plan, Plan] = field(init=False)

    def __post_init__(self) -> None:
        one, other = (_plan(pack, self.as_of) for pack in self.packs)
        # One unit, so that amounts of both compare as they stand.
        unit = lcm(one.unit, other.unit)
        self._plans = replace(one, unit=unit), replace(other, unit=unit)
        titles = {measure.id: measure.spec.title for pack in self.packs for measure in pack.measures}
        self.found = ListDifference(self.as_of, titles)

    def run(self, progress: Callable[[Done], None] = lambda done: None) -> ListDifference:
        """Screen every slice under both versions. Raises InputError for what lists cannot compute exactly."""
        runs = [Run(plan, Pairs("none"), (Outcomes(plan),)) for plan in self._plans]
        done: tuple[list[Done], list[Done]] = ([], [])
        with tempfile.TemporaryDirectory(prefix="huiqi-diff-") as folder:
            for n, source in enumerate(self.sources):
                place = Path(folder) / str(n)
                place.mkdir()
                source.prepare(place)
            for raws in zip(*(source.slices() for source in self.sources), strict=True):
                frames = []
                for run, raw, finished in zip(runs, raws, done, strict=True):
                    made, one = run.one(raw)
                    frames.append(made)
                    finished.append(one)
                progress(done[1][-1])
                self._slice(frames[0], frames[1])
        self.found.tallies = tally(done[0]), tally(done[1])
        return self.found

    def _slice(self, old: Mapping[str, pl.DataFrame], new: Mapping[str, pl.DataFrame]) -> None:
        """Take in one slice: every enterprise that either version reads."""
        about = [KEY, NAME, *GROUPS]
        ids = self._ids()
        sides = []
        for name, pack, frames in (("old", self.packs[0], old), ("new", self.packs[1], new)):
            outcomes = frames["outcomes"]
            own = {measure.id for measure in pack.measures}
            verdicts = []
            for id in ids:
                absent = pl.lit(NOT_IN_FORCE if id in own else ABSENT, pl.UInt8)
                verdicts.append((pl.col(id) if id in outcomes.columns else absent).alias(f"{name}:{id}"))
            shown = about if name == "new" else [KEY]
            sides.append(outcomes.select(*shown, *verdicts))
        joined = sides[1].join(sides[0], on=KEY, how="left", maintain_order="left")
        changed = pl.zeros(len(joined), pl.Boolean, eager=True)
        for id in ids:
            frame = joined.select(*about, old=pl.col(f"old:{id}"), new=pl.col(f"new:{id}"))
            for name, frames in (("old", old), ("new", new)):
                frame = frame.join(_amounts(frames["pairs"], id, name), on=KEY, how="left", maintain_order="left")
            differs = _differs(frame)
            changed = changed | differs
            self._measure(id, frame, differs)
        self._enterprises(joined.select(about), changed)

    def _ids(self) -> list[str]:
        """The measures that are in force in either version."""
        return list(dict.fromkeys(measure.id for plan in self._plans for measure in plan.measures))

    def _measure(self, id: str, frame: pl.DataFrame, differs: pl.Series) -> None:
        frame = frame.with_columns(differs.alias("differs"))
        for change, part in self._parts(id, frame):
            for old, new, count in part.group_by("old", "new").len().iter_rows():
                change.flips[VERDICTS[old], VERDICTS[new]] += count
            change.amounts += part.filter((pl.col("old") == pl.col("new")) & pl.col("differs")).height
            for name, money in (("old", change.old), ("new", change.new)):
                self._add(part, name, money)
        own = self.found.measures[id]
        own.enterprises += len(frame)
        own.changed += int(differs.sum())
        self._flips(id, frame.filter(pl.col("differs")))

    def _parts(self, id: str, frame: pl.DataFrame) -> Iterator[tuple[Change, pl.DataFrame]]:
        yield self.found.whole, frame
        yield self.found.measures.setdefault(id, Change()), frame
        for group, changes in self.found.groups.items():
            for (label,), part in frame.group_by(group):
                yield changes.setdefault(str(label), Change()), part

    def _add(self, part: pl.DataFrame, name: str, money: Money) -> None:
        stated = part.filter(pl.col(f"low:{name}").is_not_null())
        money.low += Fraction(sum(stated[f"low:{name}"].to_list()), self._plans[0].unit)
        money.high += Fraction(sum(stated[f"high:{name}"].drop_nulls().to_list()), self._plans[0].unit)
        money.endless += stated[f"high:{name}"].null_count()

    def _flips(self, id: str, changed: pl.DataFrame) -> None:
        room = max(MOST_SHOWN - len(self.found.flips), 0)
        self.found.left_out += max(len(changed) - room, 0)
        for row in changed.head(room).iter_rows(named=True):
            amounts = [self._yuan(row[f"low:{name}"], row[f"high:{name}"]) for name in ("old", "new")]
            groups = tuple(row[group] for group in GROUPS)
            verdicts = VERDICTS[row["old"]], VERDICTS[row["new"]]
            self.found.flips.append(Flip(row[KEY], row[NAME], groups, id, *verdicts, amounts[0], amounts[1]))

    def _yuan(self, low: int | None, high: int | None) -> tuple[Fraction, Fraction | None] | None:
        unit = self._plans[0].unit
        return None if low is None else (Fraction(low, unit), None if high is None else Fraction(high, unit))

    def _enterprises(self, about: pl.DataFrame, changed: pl.Series) -> None:
        whole = self.found.whole
        whole.enterprises += len(about)
        whole.changed += int(changed.sum())
        frame = about.with_columns(changed.alias("changed"))
        for group, changes in self.found.groups.items():
            counts = frame.group_by(group).agg(pl.len(), pl.col("changed").sum())
            for label, count, some in counts.iter_rows():
                change = changes.setdefault(str(label), Change())
                change.enterprises += count
                change.changed += some


def _amounts(pairs: pl.DataFrame, id: str, name: str) -> pl.DataFrame:
    """The confirmed amounts of one measure, in units."""
    own = pairs.filter(pl.col(MEASURE).cast(pl.String) == id)
    low, high = pl.col(LOW).alias(f"low:{name}"), pl.col(HIGH).alias(f"high:{name}")
    return own.select(pl.col(KEY).cast(pl.String), low, high)


def _differs(frame: pl.DataFrame) -> pl.Series:
    """Where the verdict or the confirmed amount differs."""
    amounts = [pl.col(f"{end}:old").ne_missing(pl.col(f"{end}:new")) for end in ("low", "high")]
    both = pl.col("old").eq(ELIGIBLE) & pl.col("new").eq(ELIGIBLE)
    return frame.select((pl.col("old") != pl.col("new")) | (both & (amounts[0] | amounts[1]))).to_series()
