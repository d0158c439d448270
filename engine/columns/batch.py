"""A list in, a result out: the work of ``huiqi batch`` without its face."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from engine.columns.disk import full_disk_told
from engine.columns.frame import ListSource
from engine.columns.frames import REJECTS, Pairs
from engine.columns.plan import Plan
from engine.columns.publish import Publisher, companion, csv_files, harmless, masks_files
from engine.columns.rows import PeopleRows
from engine.columns.run import Extra, Run, Tally, description, tally
from engine.columns.settling import Clause, Ranked, Settling, clauses, ranked
from engine.columns.store import Done, Store

ENDINGS = (".xlsx", ".csv", ".parquet")
Evaluate = Callable[[Run, Store, ListSource, frozenset[int], Callable[[Done], None]], None]
"""An executor: evaluates the slices that are not finished and keeps their frames."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asks for. ``every_pair``: undetermined pairs without an amount too, to Parquet beside a workbook.

    ``origin``: where the list lies and what its mapping says, stored so that answers can be shown again.
    """

    target: Path
    every_pair: bool = False
    resume: bool = False
    rejects: Path | None = None
    readiness: bool = False
    notes: Sequence[str] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)


def locally(
    run: Run, store: Store, source: ListSource, finished: frozenset[int], progress: Callable[[Done], None]
) -> None:
    """The executor ``columns``: on this machine's threads."""
    run.into(store, source, finished, progress)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a run came to; ``fields`` and ``clauses`` with ``readiness`` only."""

    tally: Tally
    fields: Sequence[Ranked] = ()
    clauses: Sequence[Clause] = ()


def run_of(plan: Plan, options: Options) -> Run:
    """How a list is evaluated for this output."""
    kind = options.target.suffix.lower()
    people = kind != ".parquet"
    wanted = Pairs("all" if options.every_pair else "stated" if people else "none")
    # A sheet never takes what is wanted for Parquet beside it.
    shown = Pairs("all" if options.every_pair and kind == ".csv" else "stated")
    more: tuple[Extra, ...] = (PeopleRows(plan, shown),) if people else ()
    if options.readiness:
        more = (*more, Settling(plan))
    return Run(plan, wanted, more)


def evaluate_list(
    source: ListSource,
    run: Run,
    options: Options,
    progress: Callable[[Done], None],
    executor: Evaluate = locally,
) -> Finished:
    """Evaluate a list into the output. What was there stays until the new output is whole.

    Raises InputError, and OSError where the output cannot be written.
    """
    with full_disk_told(options.target):
        return _evaluate(source, run, options, progress, executor)


def _evaluate(
    source: ListSource, run: Run, options: Options, progress: Callable[[Done], None], executor: Evaluate
) -> Finished:
    store = Store.beside(options.target)
    finished = store.open(run.identity(source, options.target.suffix.lower()), resume=options.resume)
    for done in finished.values():
        progress(done)
    source.prepare(store.folder)
    executor(run, store, source, frozenset(finished), progress)
    found = tally(store.finished())
    described = description(run, source.mapping, source.fingerprint)
    described["origin"] = options.origin
    described["counts"] = {"rows": found.rows, "enterprises": found.enterprises, "rejected_rows": found.rejected_rows}
    publisher = Publisher(store, described, options.target)
    result = Finished(found)
    if options.readiness:
        result = Finished(found, ranked(store, run.plan.pack), clauses(run.plan))
        text = harmless(readiness_table(result))
        publisher.write(
            companion(options.target, "readiness", ".csv"), lambda path: text.write_csv(path, include_bom=True)
        )
    _publish(publisher, run, options, result)
    publisher.commit()
    return result


def _publish(publisher: Publisher, run: Run, options: Options, found: Finished) -> None:
    match options.target.suffix.lower():
        case ".parquet":
            masks_files(publisher, options.target)
            publisher.parquet(companion(options.target, "pairs"), "pairs")
        case ".csv":
            csv_files(publisher, options.target, run.plan)
        case _:
            # Only a workbook needs XlsxWriter.
            from engine.columns.workbook import Workbook

            notes = tuple(options.notes)
            Workbook(run.plan, found.tally, publisher, options.target, notes, options.every_pair).publish()
    if options.rejects is not None:
        write_rejects(publisher, options.rejects)


_DECIDED = {"data": "凭数据即可判定", "declaration": "须企业申报", "person": "只能由人认定"}


def readiness_table(found: Finished) -> pl.DataFrame:
    """Fields first, the most useful on top; then the clauses."""
    fields = [("字段", i.path, i.label, str(i.settled), str(i.open), i.register or "企业申报") for i in found.fields]
    rows = [
        ("措施", clause.measure.id, clause.measure.spec.title, "", "", _DECIDED[clause.by]) for clause in found.clauses
    ]
    heads = ["类别", "编号", "名称", "只缺它的待定对照", "缺它的待定对照", "数据来源或判定方式"]
    return pl.DataFrame([*fields, *rows], schema=dict.fromkeys(heads, pl.String), orient="row")


_HEADS = {
    "sheet": "工作表", "row": "行", "key": "企业编号", "column": "列", "value": "内容", "reason": "原因", "hint": "怎么改",
    "kept": "处理",
}  # fmt: skip


def write_rejects(publisher: Publisher, target: Path) -> None:
    """The rejected rows and cells as CSV or Parquet."""
    parts = publisher.store.parts("rejects")
    frame = pl.concat([pl.read_parquet(part) for part in parts]) if parts else pl.DataFrame(schema=REJECTS)
    kept = pl.when(pl.col("kept")).then(pl.lit("此处按未知处理")).otherwise(pl.lit("整行未采用"))
    shown = frame.with_columns(kept.alias("kept")).rename(_HEADS)
    if target.suffix.lower() == ".parquet":
        publisher.write(target, shown.write_parquet)
    else:
        publisher.write(target, lambda path: harmless(shown).write_csv(path, include_bom=True))
