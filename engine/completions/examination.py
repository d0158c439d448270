"""A pack under examination: every profile there could be, starting from one that says nothing.

The solver only proposes. Each profile that is shown has been screened by the reference executor, and a profile on
which the two disagree is itself a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import z3

from engine.compiler import compile_pack
from engine.completions.cells import is_coded
from engine.completions.cone import Cone, all_leaves
from engine.completions.holders import Holder
from engine.completions.rails import Formula, conjunction
from engine.completions.units import cuts
from engine.completions.variables import Number
from engine.completions.witness import Data, witness
from engine.completions.world import World
from engine.conditions import FieldRef, Node, Place, Test
from engine.determination import Result
from engine.diagnostics import Finding
from engine.evaluation import evaluate
from engine.pack import Measure, Pack
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.regions import OneOf, Region, Within
from engine.screening import determine

PLAUSIBLE = {"money": 10**11, "count": 10**5, "ratio": 10**6}
"""Profiles that are shown have figures up to here (in units) where that is possible: 10亿元, 10万人, 100%."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A profile that shows a flaw, with the verdict that the reference executor gave it."""

    label: str
    profile: Data
    verdict: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Flaw:
    """What verification found, with the profiles that show it."""

    finding: Finding
    shown: tuple[Shown, ...] = ()


def flaw(place: Place, code: str, message: str, hint: str = "", shown: Iterable[Shown] = ()) -> Flaw:
    """A flaw at a place."""
    return Flaw(Finding(place.file, place.line, place.column, code, message, hint), tuple(shown))


def around_of(region: Region | None) -> Within | OneOf | None:
    """What lies around a single code: for a place the next larger one, for an exact code the one above it."""
    match region:
        case Within(codes) | OneOf(codes) if len(codes) == 1:
            (code,) = codes
            above = frozenset({code[:-2] if len(code) > 2 else ""})
            return Within(above) if isinstance(region, Within) else OneOf(above)
    return None


@dataclass(slots=True)
class Examination:
    """Every profile that the conditions ``nodes`` can tell apart at a date, in one solver."""

    program: Program
    nodes: list[Node]
    as_of: date
    extra: int = 2
    fields: tuple[str, ...] = ()
    world: World = field(init=False)
    solver: z3.Solver = field(default_factory=z3.Solver)
    _added: int = 0
    _plausible: Formula = field(default_factory=lambda: z3.Bool("plausible"))
    _seen: set[str] = field(default_factory=set)
    _goals: int = 0

    def __post_init__(self) -> None:
        pack = self.program.pack
        empty = profile_of({}, pack.vocabulary, pack.tables)
        reader = evaluate(self.program, empty, self.as_of, ReferenceSolver()).reader
        cone = Cone.of(self.nodes, self.program, reader)
        for path in self.fields:
            cone.reads(path)
        conditions = [*self.nodes, *(w for ss in cone.stages.values() for s in ss for w, _ in s.derived.cases)]
        for leaf in (leaf for node in conditions for leaf in all_leaves(node)):
            if isinstance(leaf, Test) and isinstance(leaf.operand, FieldRef):
                for piece in cuts(leaf):
                    region = cone.region((piece,))
                    if region is not None:
                        cone.cut(leaf.operand.path, region)
                around = around_of(cone.region(leaf.comparisons))
                if around is not None and is_coded(self.program.pack.vocabulary.fields[leaf.operand.path]):
                    cone.cut(leaf.operand.path, around)
        self.world = World(cone, self.extra, assume=False)
        self.solver.add(self.world.strict)

    def find(self, *goals: Formula) -> z3.ModelRef | None:
        """A profile with all of ``goals``, a plausible one where there is one; None where there is none."""
        self._take_in()
        self._goals += 1
        name = z3.Bool(f"goal:{self._goals}")
        self.solver.add(z3.Implies(name, conjunction(goals)))
        for assumed in ((name, self._plausible), (name,)):
            if self.solver.check(*assumed) == z3.sat:
                return self.solver.model()
        return None

    def _take_in(self) -> None:
        self.solver.add(*self.world.constraints[self._added :])
        self._added = len(self.world.constraints)
        for holder in self.everyone():
            for path, variable in holder.variables.items():
                name = f"{holder.name}.{path}"
                if isinstance(variable, Number) and name not in self._seen:
                    self._seen.add(name)
                    self.solver.add(z3.Implies(self._plausible, self._usual(variable)))

    def _usual(self, variable: Number) -> Formula:
        if variable.field.type == "date":
            day = self.as_of.toordinal()
            return z3.And(variable.units >= day - 3650, variable.units <= day + 1825)
        return z3.And(variable.units >= 0, variable.units <= PLAUSIBLE[variable.field.type])

    def everyone(self) -> Iterator[Holder]:
        """The enterprise and every record."""
        yield self.world.enterprise
        for holders in self.world.used().values():
            yield from holders

    def profile(self, model: z3.ModelRef) -> Data:
        """What the solver found, as a profile."""
        return witness(self.world, model, {})


@dataclass(slots=True)
class Replay:
    """The reference executor on one measure alone."""

    pack: Pack
    measure: Measure
    as_of: date
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        only = replace(self.pack, measures=(self.measure,), programmes=(), checks=())
        self.program = compile_pack(only)

    def result(self, data: Data) -> Result:
        """What the reference executor says of a profile."""
        profile = profile_of(data, self.pack.vocabulary, self.pack.tables)
        return determine(self.program, profile, self.as_of, ReferenceSolver()).results[0]

    def show(self, label: str, data: Data, verdict: str) -> Shown:
        """The profile without what its verdict does not need. Raises Mismatch where the verdict is another one."""
        found = self.result(data)
        if found.verdict != verdict:
            raise Mismatch(self.measure, data, verdict, found.verdict, self.as_of)
        return Shown(label, self.shorter(data), verdict, self.as_of)

    def shorter(self, data: Data, keep: Collection[str] = ()) -> Data:
        """The profile without what its verdict and amount do not need.

        Records of an ineligible one stay, or none would be missed; so do fields whose names are in ``keep``.
        """
        whole = self.result(data)
        if whole.verdict not in ("eligible", "ineligible"):
            return data

        def same(less: Data) -> bool:
            result = self.result(less)
            return (result.verdict, result.amount_yuan) == (whole.verdict, whole.amount_yuan)

        return pruned(data, same, records=whole.verdict == "eligible", keep=keep)


class Mismatch(Exception):
    """The solver and the reference executor disagree: a fault of ours."""

    def __init__(self, measure: Measure, data: Data, claimed: str, found: str, as_of: date) -> None:
        super().__init__(f"{measure.id}: {claimed} / {found}")
        message = f"{measure.id}：求解器说{claimed}，参考执行器说{found}"
        hint = "这是程序的错误，请把画像一并反馈"
        shown = (Shown("两者不一致的画像", data, found, as_of),)
        self.flaw = flaw(measure.place, "verify-mismatch", message, hint, shown)


def pruned(data: Data, good: Callable[[Data], bool], *, records: bool, keep: Collection[str] = ()) -> Data:
    """The profile without the entries, and with ``records`` the whole records, whose absence keeps it ``good``."""
    kept = deepcopy(data)
    for path in _paths(kept, records and not keep):
        if path[-1] in keep:
            continue
        trial = deepcopy(kept)
        _remove(trial, path)
        if good(trial):
            kept = trial
    return kept


def _paths(data: Data, records: bool) -> list[tuple[str | int, ...]]:
    """Entries that could go: fields, fields of records from the last, whole records and findings, then lists."""
    paths: list[tuple[str | int, ...]] = []
    for key, value in data.items():
        if not (isinstance(value, list) and value and isinstance(value[0], dict)):
            continue
        for index in reversed(range(len(value))):
            if records or key == "findings":
                paths.append((key, index))
            if key != "findings":
                names = [name for name in value[index] if name not in ("id", "fiscal_year")]
                paths += [(key, index, name) for name in names]
    lists = [key for key, value in data.items() if isinstance(value, list) and value and isinstance(value[0], dict)]
    return paths + [(key,) for key in data if records or key not in lists or key == "findings"]


def _remove(data: Any, path: tuple[str | int, ...]) -> None:
    for step in path[:-1]:
        if isinstance(data, list) and not (isinstance(step, int) and step < len(data)):
            return
        if isinstance(data, dict) and step not in data:
            return
        data = data[step]
    last = path[-1]
    if isinstance(data, list) and isinstance(last, int) and last < len(data):
        del data[last]
    elif isinstance(data, dict):
        data.pop(last, None)
