"""Further frames of a slice, for people: a line for each enterprise, and pairs with their decisive reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from engine.columns import frames, planes
from engine.columns.decode import Decoder, supplies
from engine.columns.frame import KEY, RawSlice
from engine.columns.frames import MEASURE, READY, Pairs
from engine.columns.kernel import Result
from engine.columns.masks import Layout
from engine.columns.plan import Plan, leaf_numbers
from engine.columns.planes import TRUE, UNKNOWN, Bytes, Ints
from engine.columns.stated import best_records, ready
from engine.columns.totals import totals
from engine.columns.vectors import combinations
from engine.evaluation import Solved
from engine.pack import Measure
from engine.truth import Truth

NAME = "name"
_TRUTHS: tuple[Truth, ...] = (False, None, True)


@dataclass(frozen=True, slots=True)
class PeopleRows:
    """Gives ``summary``: a line for each enterprise, and ``told``: pairs with their reason in words."""

    plan: Plan
    pairs: Pairs

    def __call__(self, raw: RawSlice, result: Result, layout: Layout) -> Mapping[str, pl.DataFrame]:
        names = names_of(raw, result)
        return {"summary": self._summary(result, names), "told": self._told(result, names)}

    # Enterprises

    def _summary(self, result: Result, names: pl.Series) -> pl.DataFrame:
        """key, name; how many measures are eligible, open with nothing of its own to supply, open otherwise; what to supply
        first; for each payee low, high, possible in units (null where nothing, and high where it has no bound) and endless.
        """
        rows = result.data.rows
        eligible, open_, pending = (np.zeros(rows, np.int32) for _ in range(3))
        for measure in self.plan.measures:
            verdict = result.outcomes[measure.id].verdict
            eligible += planes.holds(verdict, rows, TRUE)
            open_ += planes.holds(verdict, rows, UNKNOWN)
            pending += ready(measure, result)
        columns: dict[str, Any] = {
            KEY: result.data.keys.cast(pl.String),
            NAME: names,
            "eligible": eligible,
            "ready": pending,
            "lacking": open_ - pending,
            "first": self._first(result),
        }
        for total in totals(result):
            nothing = pl.Series(~total.relevant)
            for name, values in (("low", total.low), ("high", total.high), ("possible", total.possible)):
                columns[f"{total.payee}_{name}"] = pl.Series(values.astype(np.int64)).set(nothing, None)
            endless = np.zeros(rows, np.bool_) if total.endless is None else total.endless
            columns[f"{total.payee}_endless"] = endless
            if total.high_endless is not None:
                columns[f"{total.payee}_high"] = columns[f"{total.payee}_high"].set(pl.Series(total.high_endless), None)
        return pl.DataFrame(columns)

    def _first(self, result: Result) -> pl.Series:
        """For each enterprise the field or list that most undetermined measures wait for."""
        rows, vocabulary = result.data.rows, self.plan.pack.vocabulary
        waiting: dict[str, Ints] = {}
        for measure in self.plan.measures:
            open_ = planes.holds(result.outcomes[measure.id].verdict, rows, UNKNOWN)
            if not open_.any():
                continue
            for name, where in self._open_names(measure, result).items():
                marks = open_ if where is None else open_ & where
                waiting[name] = waiting.get(name, np.zeros(rows, np.int64)) + marks
        best, names = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        labels: list[str | None] = [None]
        for name, count in waiting.items():
            better = count > best
            names[better] = len(labels)
            best = np.maximum(best, count)
            labels.append(vocabulary.label(name))
        return pl.Series(labels, dtype=pl.String).gather(names)

    def _open_names(self, measure: Measure, result: Result) -> dict[str, np.typing.NDArray[np.bool_] | None]:
        """The facts that a measure waits for, with the rows (None: all that are open)."""
        pack, scope, kind = self.plan.pack, self.plan.scope(measure), measure.subject
        records = result.data.records.get(kind) if kind else None
        if kind is not None and (records is None or not records.rows):
            return {pack.vocabulary.records[kind].list: None}
        found: dict[str, np.typing.NDArray[np.bool_] | None] = {}
        for number in sorted(set(leaf_numbers(self.plan.tree(measure)))):
            plane = result.solved[kind].truth(number)
            if isinstance(plane, int) and plane != UNKNOWN:
                continue
            where = planes.holds(plane, result.data.rows if records is None else records.rows, UNKNOWN)
            if records is not None:
                where = np.bincount(records.at[where], minlength=result.data.rows) > 0
            for name in supplies(scope.leaves[number - 1], pack):
                if name in pack.vocabulary.fields or any(name == k.list for k in pack.vocabulary.records.values()):
                    known = found.get(name)
                    found[name] = where if known is None else known | where
        return found

    # Pairs

    def _told(self, result: Result, names: pl.Series) -> pl.DataFrame:
        """The pairs of ``frames.pairs`` with the enterprise's name, whether it is shown as pending, and the reason."""
        found = frames.pairs(result, self.pairs)
        reasons: list[pl.Series] = []
        marks: list[Bytes] = []
        at: list[Ints] = []
        decoder = Decoder(self.plan)
        for part in frames.measure_pairs(result, self.pairs):
            measure = self.plan.measures[part.number]
            reasons.append(_reasons(measure, part.verdict, part.rows, result, decoder))
            marks.append(ready(measure, result)[part.rows].view(np.uint8))
            at.append(part.rows)
        if not at:
            blank = pl.Series([], dtype=pl.String)
            return found.with_columns(
                pl.col(KEY).cast(pl.String), pl.Series(NAME, blank), reason=blank, ready=None
            )
        rows = np.concatenate(at)
        return found.with_columns(
            pl.col(KEY).cast(pl.String),
            names.gather(rows).alias(NAME),
            pl.concat(reasons).alias("reason"),
            pl.Series(READY, np.concatenate(marks) == 1),
        ).sort(KEY, MEASURE, maintain_order=True)


def names_of(raw: RawSlice, result: Result) -> pl.Series:
    """The name of each enterprise; null where the list has no such column."""
    meta = next((meta for meta in raw.enterprise.columns if meta.path == NAME), None)
    if meta is None:
        return pl.Series([None] * result.data.rows, dtype=pl.String)
    frame = raw.enterprise.frame
    if len(frame) != result.data.rows:
        frame = frame.filter(pl.col(KEY).is_first_distinct())
    return frame[meta.column].cast(pl.String)


def _reasons(measure: Measure, verdict: int, rows: Ints, result: Result, decoder: Decoder) -> pl.Series:
    """A sentence for each row, made once for each combination of truths that occurs."""
    found, numbers = solved_alike(measure, verdict, rows, result, decoder)
    unlisted = decoder.unlisted(measure.subject) if measure.subject else ""
    texts = [unlisted if solved is None else decoder.sentence(measure, solved) for solved in found]
    return pl.Series(texts, dtype=pl.String).gather(numbers)


def solved_alike(
    measure: Measure, verdict: int, rows: Ints, result: Result, decoder: Decoder
) -> tuple[list[Solved | None], Ints]:
    """The different ways in which a measure came to this verdict, and for each row the number of its own.

    None stands for an enterprise without a record that explains the verdict.
    """
    kind, scope, at = measure.subject, result.plan.scope(measure), rows
    if kind is not None:
        records = result.data.records.get(kind)
        if records is None or not records.rows:
            return [None], np.zeros(len(rows), np.int64)
        at = best_records(measure, result, verdict).take(rows)
    leaves = sorted(set(leaf_numbers(result.plan.tree(measure))))
    codes = [(at < 0).astype(np.uint8)]
    for number in leaves:
        plane = result.solved[kind].truth(number)
        codes.append(np.full(len(rows), plane, np.uint8) if isinstance(plane, int) else plane.take(np.maximum(at, 0)))
    first, numbers = combinations([(code, len(_TRUTHS)) for code in codes], len(rows))
    found: list[Solved | None] = []
    for row in first.tolist():
        truths: list[Truth] = [None] * len(scope.leaves)
        for number, code in zip(leaves, codes[1:], strict=True):
            truths[number - 1] = _TRUTHS[code[row]]
        found.append(None if codes[0][row] else decoder.solved(scope, truths))
    return found, numbers
