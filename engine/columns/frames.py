"""A slice's result as frames: masks of every enterprise and record, pairs with their amounts, what to supply first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.columns import bits, masks
from engine.columns.amounts import Amounts, narrow
from engine.columns.bits import MarkBits
from engine.columns.frame import KEY, Reject
from engine.columns.kernel import Result
from engine.columns.masks import Layout
from engine.columns.money import yuan_by_year
from engine.columns.plan import Plan
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Flags, Ints
from engine.columns.slices import COMPLETE
from engine.columns.stated import pending_marks
from engine.documents import Proportional

VERDICTS = ("eligible", "undetermined")
MEASURE, VERDICT, LOW, HIGH, READY = "measure", "verdict", "amount_low", "amount_high", "ready"
BY_YEAR = "amount_by_year"
OPEN_LIST = "open_list"

Schema = dict[str, Any]
REJECTS: Schema = {
    "sheet": pl.String,
    "row": pl.Int64,
    "key": pl.String,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "hint": pl.String,
    "kept": pl.Boolean,
}
_ATOMS = (("failed", FALSE), ("unknown", UNKNOWN))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which pairs get a row: eligible ones always. ``stated``: undetermined ones with a stated amount; ``all``: all."""

    undetermined: str = "none"  # none, stated, all


def enterprises(result: Result, layout: Layout) -> pl.DataFrame:
    """A row for each enterprise: key; eligible, undetermined, ready by measure; failed, unknown by atom;
    open_list by record kind, where its list is missing or partial.
    """
    rows = result.data.rows
    outcomes = [result.outcomes[id] for id in layout.measures]
    columns, base = result.columns, result.columns.base[None]
    atoms = [columns.bits(leaf, base) for leaf in layout.atoms]
    states = [columns.state(kind, base) for kind in layout.records]
    wanted: dict[str, list[MarkBits]] = {
        "eligible": [outcome.marks(TRUE) for outcome in outcomes],
        "undetermined": [outcome.marks(UNKNOWN) for outcome in outcomes],
        READY: [pending_marks(measure, result) for measure in result.plan.measures],
        **{name: [bits.marks(atom, what) for atom in atoms] for name, what in _ATOMS},
        OPEN_LIST: [True if isinstance(state, int) else bits.of_marks(state != COMPLETE) for state in states],
    }
    return pl.DataFrame({KEY: result.data.keys, **masks.columns_of(wanted, rows)})


def records(result: Result, layout: Layout) -> pl.DataFrame:
    """A row for each record that is a subject: key, kind, its place in its list, its name; failed, unknown by atom."""
    frames = []
    kinds = pl.Enum(list(layout.records))
    for kind, leaves in layout.records.items():
        held = result.data.records.get(kind)
        if held is None:
            continue
        context = result.columns.base[kind]
        truths = [result.columns.bits(leaf, context) for leaf in leaves]
        truths += [TRUE] * (layout.record_words * masks.WORD - len(truths))
        wanted = {name: [bits.marks(truth, what) for truth in truths] for name, what in _ATOMS}
        columns: dict[str, object] = {
            KEY: result.data.keys.gather(held.at),
            "kind": pl.Series([kind], dtype=kinds).new_from_index(0, held.rows),
            "position": pl.Series(held.position, dtype=pl.UInt32),
            "id": held.ids if held.ids is not None else pl.Series([None] * held.rows, dtype=pl.String),
        }
        columns |= masks.columns_of(wanted, held.rows)
        frames.append(pl.DataFrame(columns))
    if frames:
        return pl.concat(frames)
    words = {f"{name}_{n}": pl.UInt64 for name in ("failed", "unknown") for n in range(layout.record_words)}
    first: Schema = {KEY: result.data.keys.dtype, "kind": kinds, "position": pl.UInt32, "id": pl.String}
    schema: Schema = {**first, **words}
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True, slots=True)
class MeasurePairs:
    """Rows of one measure with one verdict; amounts in units: None where none is stated."""

    number: int
    verdict: int
    rows: npt.NDArray[np.intp]
    low: Ints | None
    high: Ints | None
    endless: Flags | None
    by_year: pl.Series | None = None


def measure_pairs(result: Result, wanted: Pairs) -> Iterator[MeasurePairs]:
    """The pairs that get a row, measure by measure."""
    for number, measure in enumerate(result.plan.measures):
        outcome = result.outcomes[measure.id]
        for verdict in (TRUE, UNKNOWN):
            if verdict == UNKNOWN and (
                wanted.undetermined == "none" or (wanted.undetermined == "stated" and outcome.amounts is None)
            ):
                continue
            rows = result.rows(measure, verdict)
            if len(rows):
                yield _one_measure(number, verdict, rows, outcome.amounts, result.plan)


def _one_measure(
    number: int, verdict: int, rows: npt.NDArray[np.intp], amounts: Amounts | None, plan: Plan
) -> MeasurePairs:
    measure = plan.measures[number].id
    if amounts is None:
        return MeasurePairs(number, verdict, rows, None, None, None)
    low = np.zeros(len(rows), np.int64) if verdict == UNKNOWN else narrow(amounts.low.take(rows), measure)
    endless = None if amounts.endless is None else amounts.endless.take(rows)
    by_year = None if amounts.by_year is None else _by_year(amounts.by_year, rows, verdict, plan, measure)
    return MeasurePairs(number, verdict, rows, low, narrow(amounts.high.take(rows), measure), endless, by_year)


def _by_year(
    years: Mapping[int, Amounts], rows: npt.NDArray[np.intp], verdict: int, plan: Plan, measure: str
) -> pl.Series:
    told = []
    for year, each in sorted(years.items()):
        high = pl.Series(narrow(each.high.take(rows), measure))
        if each.endless is not None:
            high = high.set(pl.Series(each.endless.take(rows)), None)
        low = np.zeros(len(rows), np.int64) if verdict == UNKNOWN else narrow(each.low.take(rows), measure)
        told.append((year, pl.Series(low), high))
    return yuan_by_year(told, plan.unit)


def tells_years(plan: Plan) -> bool:
    """Whether a measure in force has its amount told by year; then pairs have a column for it."""
    benefits = [measure.spec.benefit for measure in plan.measures if measure.subject is None]
    return any(isinstance(benefit, Proportional) and benefit.per_year is not None for benefit in benefits)


def pairs(result: Result, wanted: Pairs) -> pl.DataFrame:
    """A row for each pair: key, measure, verdict, amount_low and amount_high in units of 1/unit yuan.

    Both are null where the document states no amount; only the high one where it has no bound. Where a measure's amount
    is told by year there is amount_by_year too: JSON in yuan, as in a determination; null for the other measures.
    """
    measures = pl.Enum([measure.id for measure in result.plan.measures])
    verdicts = pl.Enum(VERDICTS)
    schema: Schema = {KEY: result.data.keys.dtype, MEASURE: measures, VERDICT: verdicts, LOW: pl.Int64, HIGH: pl.Int64}
    by_year = tells_years(result.plan)
    if by_year:
        schema |= {BY_YEAR: pl.String}
    parts = list(measure_pairs(result, wanted))
    if not parts:
        return pl.DataFrame(schema=schema)
    counts = [len(part.rows) for part in parts]
    columns = {
        KEY: result.data.keys.gather(np.concatenate([part.rows for part in parts])),
        MEASURE: _named(measures, [part.number for part in parts], counts),
        VERDICT: _named(verdicts, [TRUE - part.verdict for part in parts], counts),
        LOW: _joined([(part.low, None) for part in parts], counts),
        HIGH: _joined([(part.high, part.endless) for part in parts], counts),
    }
    if by_year:
        texts = [
            part.by_year if part.by_year is not None else pl.Series([None] * count, dtype=pl.String)
            for part, count in zip(parts, counts, strict=True)
        ]
        columns[BY_YEAR] = pl.concat(texts)
    return pl.DataFrame(columns)


def _named(kind: pl.Enum, numbers: list[int], counts: list[int]) -> pl.Series:
    """Each category so many times."""
    repeated = np.repeat(np.asarray(numbers, np.uint32), counts)
    return kind.categories.cast(kind).gather(pl.Series(repeated))


def _joined(parts: list[tuple[Ints | None, Flags | None]], counts: list[int]) -> pl.Series:
    """The numbers of all parts below one another, null where there is none."""
    numbers = [np.zeros(n, np.int64) if part is None else part for (part, _), n in zip(parts, counts, strict=True)]
    series = pl.Series(np.concatenate(numbers))
    if all(part is not None and missing is None for part, missing in parts):
        return series
    nothing = [
        np.ones(n, np.bool_) if part is None else np.zeros(n, np.bool_) if missing is None else missing
        for (part, missing), n in zip(parts, counts, strict=True)
    ]
    return series.set(pl.Series(np.concatenate(nothing)), None)


def rejects(found: list[Reject]) -> pl.DataFrame:
    """The rejected rows and cells."""
    rows = [
        (item.sheet, item.row, item.key, item.column, item.value, item.reason, item.hint, item.kept) for item in found
    ]
    return pl.DataFrame(rows, schema=REJECTS, orient="row")
