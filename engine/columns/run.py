"""A list through a plan: slices evaluated on a few threads, each kept on disk, the result described for what comes after.

Memory holds the slices under way (two more than there are threads) and nothing of those before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.ma  # Polars imports it with the first array, while every thread waits
import polars as pl

from engine.columns import bits, frames
from engine.columns.arithmetic import LIMIT, Exact, largest
from engine.columns.cells import CellReader
from engine.columns.frame import ListSource, RawSlice, Reject
from engine.columns.frames import Pairs
from engine.columns.kernel import Result, evaluate
from engine.columns.masks import Layout, layout_of
from engine.columns.plan import Plan
from engine.columns.planes import TRUE, UNKNOWN, Ints
from engine.columns.slices import Encoder
from engine.columns.stated import pending_marks
from engine.columns.store import Done, Store

FORMAT = "huiqi-2"
THREADS = 2

Extra = Callable[[RawSlice, Result, Layout], Mapping[str, pl.DataFrame]]
"""Further frames of a slice that an output wants."""
Progress = Callable[[Done], None]


@dataclass(slots=True)
class Run:
    """How one list is evaluated. ``extras`` give further frames of a slice to keep."""

    plan: Plan
    pairs: Pairs = field(default_factory=Pairs)
    extras: tuple[Extra, ...] = ()
    threads: int = THREADS
    layout: Layout = field(init=False)
    _encoder: Encoder = field(init=False)

    def __post_init__(self) -> None:
        self.layout = layout_of(self.plan)
        plan = self.plan
        self._encoder = Encoder(plan.pack.vocabulary, CellReader(plan.pack.tables), plan.paths, plan.as_of)

    def identity(self, source: ListSource, kind: str) -> dict[str, Any]:
        """What has to be the same for work to be gone on with."""
        return {
            "version": FORMAT,
            "fingerprint": source.fingerprint,
            "pack_version": self.plan.pack.version,
            "as_of": self.plan.as_of.isoformat(),
            "measures": [measure.id for measure in self.plan.pack.measures],
            "format": kind,
            "pairs": self.pairs.undetermined,
        }

    def one(self, raw: RawSlice) -> tuple[dict[str, pl.DataFrame], Done]:
        """The frames of one slice. Pure: it touches no disk, so a cluster's task can call it as well."""
        data = self._encoder.slice(raw)
        result = evaluate(self.plan, data)
        found = {
            "masks": frames.enterprises(result, self.layout),
            "pairs": frames.pairs(result, self.pairs),
            "records": frames.records(result, self.layout),
            "rejects": frames.rejects(data.rejects),
        }
        for extra in self.extras:
            found |= extra(raw, result, self.layout)
        return found, Done(raw.number, data.rows_read, data.rows, counts(result, data.rejects, raw))

    def into(self, store: Store, source: ListSource, finished: Collection[int], progress: Progress) -> None:
        """Evaluate every slice that is not finished and keep its frames, in the order of the slices."""

        def kept(coming: Future[tuple[dict[str, pl.DataFrame], Done]]) -> Done:
            found, done = coming.result()
            store.keep(done.number, found)
            store.finish(done)
            return done

        # Evaluating holds Python's lock for much of its time and writing for none of it: apart, they go on beside each other.
        with ThreadPoolExecutor(1) as writer, ThreadPoolExecutor(self.threads) as pool:
            under_way: set[Future[Done]] = set()
            try:
                for raw in source.slices(finished):
                    under_way.add(writer.submit(kept, pool.submit(self.one, raw)))
                    if len(under_way) > self.threads + 1:
                        _report(under_way, progress)
                while under_way:
                    _report(under_way, progress)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                writer.shutdown(wait=True, cancel_futures=True)
                raise


def _report(under_way: set[Future[Done]], progress: Progress) -> None:
    """Wait for one slice at least; raises what went wrong with it."""
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    under_way -= done
    for future in done:
        progress(future.result())


def counts(result: Result, rejects: Collection[Reject], raw: RawSlice) -> dict[str, Any]:
    """What the overview needs of a slice: numbers by measure, eligible enterprises, rejected rows and cells, and of each
    sheet of records the rows read and the rows rejected.
    """
    rows = result.data.rows
    measures = {}
    someone = np.zeros(rows, np.bool_)
    for measure in result.plan.measures:
        outcome = result.outcomes[measure.id]
        eligible = result.rows(measure, TRUE)
        if len(eligible):
            someone[eligible] = True
        entry: dict[str, Any] = {
            "eligible": len(eligible),
            "undetermined": bits.count(outcome.marks(UNKNOWN), rows),
            "ready": bits.count(pending_marks(measure, result), rows),
        }
        if outcome.amounts is not None:
            amounts = outcome.amounts
            endless = amounts.endless is not None and bool(amounts.endless[eligible].any())
            entry["low"] = _sum(amounts.low, eligible)
            entry["high"] = None if endless else _sum(amounts.high, eligible)
        measures[measure.id] = entry
    lost = sum(not reject.kept for reject in rejects)
    sheets = {
        sheet.name: [sheet.frame.height + _lost(raw.rejects, sheet.name), _lost(rejects, sheet.name)]
        for sheet in raw.records.values()
    }
    return {
        "someone": int(np.count_nonzero(someone)),
        "rejected_rows": result.data.rows_read - rows,
        "rejected_other": lost - (result.data.rows_read - rows),
        "rejected_cells": len(rejects) - lost,
        "unit": result.plan.unit,
        "measures": measures,
        "sheets": sheets,
    }


def _lost(rejects: Collection[Reject], name: str) -> int:
    """The rows of a sheet that are not used; ``name`` may name several sheets of one kind."""
    names = {name, *name.split("、")}
    return sum(not reject.kept and reject.sheet in names for reject in rejects)


def _sum(numbers: Exact, rows: Ints) -> int:
    """The exact sum of some rows."""
    if numbers.strides == (0,) and len(numbers):
        return int(numbers[0]) * len(rows)
    numbers = numbers.take(rows)
    fits = numbers.dtype != object and largest(numbers) * len(numbers) < LIMIT
    return int(numbers.sum()) if fits else sum(numbers.tolist())


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of all slices."""

    rows: int
    enterprises: int
    someone: int
    rejected_rows: int
    rejected_other: int
    rejected_cells: int
    measures: Mapping[str, Mapping[str, int | None]]
    sheets: Mapping[str, tuple[int, int]]
    """Rows read and rows rejected of each sheet of records."""


def tally(done: Iterator[Done] | Collection[Done]) -> Tally:
    """Add up what slices report. INVARIANT: rows = enterprises + rejected_rows."""
    sums: Counter[str] = Counter()
    measures: dict[str, dict[str, int | None]] = {}
    sheets: dict[str, tuple[int, int]] = {}
    for item in done:
        sums.update({"rows": item.rows, "enterprises": item.enterprises})
        sums.update({k: item.counts[k] for k in ("someone", "rejected_rows", "rejected_other", "rejected_cells")})
        for id, entry in item.counts["measures"].items():
            own = measures.setdefault(id, dict.fromkeys(entry, 0))
            for key, value in entry.items():
                known = own[key]
                own[key] = None if value is None or known is None else known + value
        for name, (read, lost) in item.counts["sheets"].items():
            before = sheets.get(name, (0, 0))
            sheets[name] = before[0] + read, before[1] + lost
    return Tally(
        sums["rows"], sums["enterprises"], sums["someone"], sums["rejected_rows"], sums["rejected_other"],
        sums["rejected_cells"], measures, sheets,
    )  # fmt: skip


def description(run: Run, source_mapping: Mapping[str, Any], fingerprint: str) -> dict[str, Any]:
    """What is stored with a result, so that its masks can be read: the bit map, the rules' version, the date."""
    plan, layout = run.plan, run.layout
    return {
        "format": FORMAT,
        "pack_version": plan.pack.version,
        "as_of": plan.as_of.isoformat(),
        "unit": plan.unit,
        "documents": list(plan.pack.documents),
        "measures": [measure.id for measure in plan.pack.measures],
        "fingerprint": fingerprint,
        "mapping": source_mapping,
        "bits": {
            "measures": list(layout.measures),
            "atoms": [_named(leaf, plan) for leaf in layout.atoms],
            "records": {kind: [_named(leaf, plan) for leaf in leaves] for kind, leaves in layout.records.items()},
        },
    }


def _named(leaf: Any, plan: Plan) -> str:
    from engine.wording import describe

    return describe(leaf, plan.pack)


def as_text(data: Mapping[str, Any]) -> str:
    """A description as one line of JSON."""
    return json.dumps(data, ensure_ascii=False, default=str)
