"""What the benchmark of lists measures: each function runs in a process of its own and answers its figures.

``python -m benchmarks.scenarios NAME ROWS FOLDER`` runs one and prints its figures as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import flat, packs, peers, rowwise

AS_OF = date(2026, 6, 30)
SLICE = 250_000
Figures = dict[str, Any]
_PAGE = 4096


class Watch:
    """Wall and CPU seconds, and the most memory of the process's own (what the reader maps of files left out)."""

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0
        self.memory = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure what is inside."""
        over = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(over,), daemon=True)
        sampler.start()
        before, started = _cpu(), time.perf_counter()
        try:
            yield
        finally:
            self.seconds, self.cpu = time.perf_counter() - started, _cpu() - before
            over.set()
            sampler.join()

    def _sample(self, over: threading.Event) -> None:
        while not over.is_set():
            self.memory = max(self.memory, _own_memory())
            over.wait(0.02)

    def figures(self) -> Figures:
        return {"seconds": self.seconds, "cpu": self.cpu, "memory": self.memory}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _own_memory() -> int:
    """Resident bytes that no file stands behind."""
    try:
        _, resident, shared, *_ = Path("/proc/self/statm").read_text("ascii").split()
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE


def flat_plan(folder: Path) -> Any:
    """The plan of the flat pack, or of the five packs."""
    from engine import load_pack
    from engine.columns.plan import plan_of

    return plan_of(load_pack(folder / "rules"), AS_OF)


def packs_plan() -> Any:
    """The plan of the packs that huiqi comes with."""
    from engine import load_pack
    from engine.columns.plan import plan_of

    return plan_of(load_pack(), AS_OF)


# Reading alone


def _read(files: list[tuple[Path, list[str]]]) -> Figures:
    """Polars reads these columns, slice by slice as the evaluation does; files of records too."""
    watch = Watch()
    with watch.running():
        for path, columns in files:
            lazy = pl.scan_parquet(path).select(columns)
            rows = lazy.select(pl.len()).collect().item()
            for start in range(0, rows, SLICE):
                assert lazy.slice(start, SLICE).collect().height
    return watch.figures()


def _flat_read(folder: Path, rows: int, kind: str) -> Figures:
    plan = flat_plan(folder)
    columns = ["key", *sorted(path for path in plan.paths if path in plan.pack.vocabulary.fields)]
    return _read([(list_path(folder, rows, kind), columns)])


def read(folder: Path, rows: int) -> Figures:
    """The flat list."""
    return _flat_read(folder, rows, "plain")


def read_texts(folder: Path, rows: int) -> Figures:
    """The flat list with texts."""
    return _flat_read(folder, rows, "texts")


def read_ranges(folder: Path, rows: int) -> Figures:
    """The flat list with ranges."""
    return _flat_read(folder, rows, "ranges")


def read_packs(folder: Path, rows: int) -> Figures:
    """The enterprises for the five packs."""
    return _read([(path, _columns(path)) for path in packs_paths(folder)[:1]])


def read_records(folder: Path, rows: int) -> Figures:
    """The enterprises for the five packs and their records."""
    return _read([(path, _columns(path)) for path in packs_paths(folder)])


def _columns(path: Path) -> list[str]:
    return pl.scan_parquet(path).collect_schema().names()


def list_path(folder: Path, rows: int, kind: str) -> Path:
    """Where a flat list lies."""
    return folder / f"{rows}-{kind}.parquet"


def packs_paths(folder: Path) -> list[Path]:
    """Where the lists for the five packs lie, the enterprises first."""
    return [folder / "packs-enterprises.parquet", *(folder / f"packs-{kind}.parquet" for kind in packs.RECORDS)]


# huiqi


def _batch(plan: Any, sources: list[Path], mapping: str, target: Path, executor: str = "columns") -> Figures:
    """What ``huiqi batch`` does, from opening the files to the result in its place."""
    from engine.columns import memory
    from engine.columns.batch import Options, evaluate_list, locally, run_of
    from engine.lists import open_list, read_mappings

    said = target.with_suffix(".mapping.yaml")
    said.write_text(mapping, "utf-8")
    options = Options(target)
    chosen = locally
    if executor == "spark":
        from engine.columns.spark import spark_executor

        chosen = spark_executor("local[2]", options)
    memory.keep()
    watch = Watch()
    with watch.running():
        listed = open_list(sources, plan.pack, read_mappings([said]), slice_rows=SLICE)
        found = evaluate_list(listed, run_of(plan, options), options, lambda done: None, chosen).tally
    more = {"measures": len(plan.measures), "enterprises": found.enterprises, "size": target.stat().st_size}
    return watch.figures() | more


def _flat_batch(folder: Path, rows: int, kind: str, executor: str = "columns") -> Figures:
    mapping = "lists:\n  - {file: '*.parquet', row: enterprise, key: key, unit: 元}\n"
    target = folder / f"out-{executor}-{kind}.parquet"
    return _batch(flat_plan(folder), [list_path(folder, rows, kind)], mapping, target, executor)


def batch(folder: Path, rows: int) -> Figures:
    """Parquet in, masks and amounts out."""
    return _flat_batch(folder, rows, "plain")


def texts(folder: Path, rows: int) -> Figures:
    """The same with keys and choices as plain text."""
    return _flat_batch(folder, rows, "texts")


def ranges(folder: Path, rows: int) -> Figures:
    """The same with a third of eight columns as ranges in words."""
    return _flat_batch(folder, rows, "ranges")


def spark(folder: Path, rows: int) -> Figures:
    """The executor spark on local[2], Spark's start included."""
    return _flat_batch(folder, rows, "plain", "spark")


def five_packs(folder: Path, rows: int) -> Figures:
    """The five packs without records."""
    return _batch(packs_plan(), packs_paths(folder)[:1], packs.mapping(packs_plan()), folder / "out-packs.parquet")


def records(folder: Path, rows: int) -> Figures:
    """The five packs with files of records in no order; putting them by slice is in the time."""
    return _batch(packs_plan(), packs_paths(folder), packs.mapping(packs_plan()), folder / "out-records.parquet")


def workbook(folder: Path, rows: int) -> Figures:
    """An .xlsx of so many enterprises read, evaluated on the five packs, written as .xlsx."""
    source = folder / f"{rows}.xlsx"
    if not source.exists():
        flat.write_workbook(source, rows)
    mapping = "lists:\n  - {file: '*.xlsx', edition: '2017'}\n"
    return _batch(packs_plan(), [source], mapping, folder / "out.xlsx")


# Others


def duckdb(folder: Path, rows: int) -> Figures:
    """DuckDB SQL: verdicts only, a column for each measure."""
    watch = Watch()
    with watch.running():
        peers.duckdb_run(flat_plan(folder), list_path(folder, rows, "plain"), folder / "duckdb.parquet")
    return watch.figures() | compared(folder, folder / "duckdb.parquet")


def spark_sql(folder: Path, rows: int) -> Figures:
    """Spark SQL on local[2]: verdicts only; Spark's start included."""
    watch = Watch()
    with watch.running():
        peers.spark_run(flat_plan(folder), list_path(folder, rows, "plain"), folder / "spark.parquet")
    return watch.figures() | compared(folder, folder / "spark.parquet" / "*.parquet")


def _row_peer(name: str) -> Callable[[Path, int], Figures]:
    def run(folder: Path, rows: int) -> Figures:
        function, count, _ = rowwise.PEERS[name]
        ran = function(flat_plan(folder), list_path(folder, rows, "plain"), min(rows, count))
        target = folder / f"{name}.parquet"
        ran.verdicts.write_parquet(target)
        return {"seconds": ran.seconds, "rows": ran.verdicts.height} | compared(folder, target)

    return run


def compared(folder: Path, verdicts: Path) -> Figures:
    """How many verdicts a peer gave, and how many differ from those of huiqi's own run on the same list."""
    masks = pl.scan_parquet(folder / "out-columns-plain.parquet")
    both = pl.scan_parquet(verdicts).join(masks, on="key", how="inner")
    measures = [name for name in both.collect_schema().names() if name.startswith("m") and name[1:].isdigit()]
    differing = [pl.col(name).cast(pl.Int64).ne_missing(_verdict(int(name[1:]))).sum() for name in measures]
    found = both.select(pl.len().alias("rows"), pl.sum_horizontal(differing).alias("wrong")).collect(engine="streaming")
    rows, wrong = found.row(0)
    return {"compared": rows * len(measures), "wrong": wrong}


def _verdict(number: int) -> pl.Expr:
    def bit(name: str) -> pl.Expr:
        return (pl.col(f"{name}_{number // 64}") // 2 ** (number % 64) % 2).cast(pl.Int64)

    return 2 * bit("eligible") + bit("undetermined")


SCENARIOS: dict[str, Callable[[Path, int], Figures]] = {
    function.__name__: function
    for function in (
        read, read_texts, read_ranges, read_packs, read_records, batch, texts, ranges, five_packs, records, duckdb, spark,
        spark_sql, workbook,
    )
} | {name: _row_peer(name) for name in rowwise.PEERS}  # fmt: skip


if __name__ == "__main__":
    name, count, place = sys.argv[1:]
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    print(json.dumps(SCENARIOS[name](Path(place), int(count))))
