"""Which data would settle the most (``--readiness``), and which clauses data alone can decide (免申即享).

A pair counts as settled by a field if that field is all it waits for. A clause is decided by data if every field that it
reads is in some register (``rules/lists/registers.yaml``), by declaration if enterprises have to state some, and only by
a person if a judgement or another policy stands in its way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from engine.columns import planes
from engine.columns.decode import Decoder
from engine.columns.frame import RawSlice
from engine.columns.kernel import Result
from engine.columns.masks import Layout
from engine.columns.plan import Plan
from engine.columns.planes import UNKNOWN
from engine.columns.rows import solved_alike
from engine.columns.store import Store
from engine.conditions import Judgement, Node, Reference
from engine.dependencies import fields_of, leaves_of
from engine.diagnostics import Findings
from engine.loader import BUILT_IN
from engine.pack import Measure, Pack
from engine.shape_reader import read_shape
from engine.vocabulary import Shape
from engine.yaml_source import read_file

DecidedBy = Literal["data", "declaration", "person"]
SCHEMA = {"path": pl.String, "settled": pl.Int64, "open": pl.Int64}


class _Registers(Shape):
    registers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Settling:
    """Gives ``settling``: for each field how many undetermined pairs it settles alone, and in how many it stands open."""

    plan: Plan

    def __call__(self, raw: RawSlice, result: Result, layout: Layout) -> Mapping[str, pl.DataFrame]:
        settled: Counter[str] = Counter()
        open_: Counter[str] = Counter()
        decoder = Decoder(self.plan)
        for measure in self.plan.measures:
            rows = np.flatnonzero(planes.holds(result.outcomes[measure.id].verdict, result.data.rows, UNKNOWN))
            if not len(rows):
                continue
            found, numbers = solved_alike(measure, UNKNOWN, rows, result, decoder)
            for solved, count in zip(found, np.bincount(numbers, minlength=len(found)).tolist(), strict=True):
                if solved is None:
                    names = [(self.plan.pack.vocabulary.records[measure.subject or ""].list, "fact")]
                else:
                    names = [(item.what, item.kind) for item in decoder.waiting(measure, solved)]
                facts = [what for what, kind in names if kind == "fact"]
                open_.update(dict.fromkeys(facts, count))
                if len(names) == len(facts) == 1:
                    settled[facts[0]] += count
        paths = [(path, settled[path], open_[path]) for path in open_]
        return {"settling": pl.DataFrame(paths, schema=SCHEMA, orient="row")}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A field with the pairs that it settles alone, those in which it stands open, and the register that has it."""

    path: str
    label: str
    settled: int
    open: int
    register: str


@dataclass(frozen=True, slots=True)
class Clause:
    """How a measure can be decided; ``fields`` are those that stand in the way of doing it by data."""

    measure: Measure
    by: DecidedBy
    fields: tuple[str, ...]


def ranked(store: Store, pack: Pack) -> list[Ranked]:
    """The fields of a finished run, the most useful first."""
    parts = [pl.read_parquet(path) for path in store.parts("settling")]
    if not parts:
        return []
    summed = pl.concat(parts).group_by("path").agg(pl.col("settled", "open").sum())
    known = registers()
    return [
        Ranked(path, pack.vocabulary.label(path), settled, open_, _register(path, known, pack))
        for path, settled, open_ in summed.sort("settled", "open", "path", descending=[True, True, False]).iter_rows()
    ]


def registers() -> dict[str, str]:
    """Field or record kind -> the register that has it."""
    findings = Findings()
    source = read_file(BUILT_IN / "lists" / "registers.yaml", findings)
    shape = read_shape(_Registers, source, findings) if source else None
    findings.raise_errors()
    return dict(shape.registers) if shape else {}


def _register(path: str, known: Mapping[str, str], pack: Pack) -> str:
    kinds = {kind.list: kind.name for kind in pack.vocabulary.records.values()}
    return known.get(path) or known.get(path.partition(".")[0]) or known.get(kinds.get(path, ""), "")


def clauses(plan: Plan) -> list[Clause]:
    """Every measure in force with how it can be decided."""
    known = registers()
    result = []
    for measure in plan.measures:
        fields = tuple(dict.fromkeys(path for path in fields_of(measure.condition) if path != "annual.fiscal_year"))
        declared = tuple(path for path in fields if not _register(path, known, plan.pack))
        by: DecidedBy = "person" if _needs_person(measure.condition) else "declaration" if declared else "data"
        result.append(Clause(measure, by, declared))
    return result


def _needs_person(node: Node) -> bool:
    """Whether a judgement or another policy stands in the tree; those beside a doubtful condition may never be needed."""
    return any(
        isinstance(leaf, Reference) or (isinstance(leaf, Judgement) and not leaf.fallback) for leaf in leaves_of(node)
    )
