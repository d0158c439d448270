"""The measures of the flat pack in engines that take one enterprise at a time, and in OpenFisca, which takes many.

Verdicts only. None of them but durable-rules (behind huiqi's own executor ``forward``) and the exported graph knows the
unknown: a measure becomes two questions there, does it hold for certain and may it hold.
"""

from __future__ import annotations

import json
import operator
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.atoms import Atom, folded
from engine.columns.plan import Plan

TRUE, UNKNOWN, FALSE = 2, 1, 0
_WORDS = {"eligible": TRUE, "undetermined": UNKNOWN, "ineligible": FALSE}
_NUMBERS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ran:
    """Seconds without loading and setting up, and verdicts: columns key and m0, m1 ... as the queries in SQL give them."""

    seconds: float
    verdicts: pl.DataFrame


def _rows(source: Path, count: int, plan: Plan) -> pl.DataFrame:
    columns = ["key", *sorted(path for path in plan.paths if path in plan.pack.vocabulary.fields)]
    enums = pl.col(pl.Enum).cast(pl.String)
    return pl.scan_parquet(source).select(columns).head(count).with_columns(enums).collect()


def _one_by_one(frame: pl.DataFrame, verdicts: Callable[[dict[str, Any]], Sequence[int]], measures: int) -> Ran:
    rows = frame.to_dicts()
    started = time.perf_counter()
    found = [verdicts(row) for row in rows]
    seconds = time.perf_counter() - started
    columns = {f"m{n}": pl.Series([row[n] for row in found], dtype=pl.UInt8) for n in range(measures)}
    return Ran(seconds, pl.DataFrame({"key": frame["key"], **columns}))


# rule-engine


def rule_engine(plan: Plan, source: Path, count: int) -> Ran:
    """zeroSteiner's rule-engine: two expressions a measure, compiled once."""
    import rule_engine as library

    context = library.Context(default_value=None)

    def expressions(certain: bool) -> list[Any]:
        return [
            library.Rule(
                folded(
                    measure.condition,
                    plan,
                    lambda atom: _expression(atom, certain),
                    lambda kind, parts: "(" + (" and " if kind == "all" else " or ").join(parts) + ")",
                ),
                context=context,
            )
            for measure in plan.measures
        ]

    pairs = list(zip(expressions(True), expressions(False), strict=True))

    def verdicts(row: dict[str, Any]) -> list[int]:
        return [TRUE if sure.matches(row) else UNKNOWN if may.matches(row) else FALSE for sure, may in pairs]

    return _one_by_one(_rows(source, count, plan), verdicts, len(pairs))


def _expression(atom: Atom, certain: bool) -> str:
    if atom.impossible:
        return "false"
    match atom.kind:
        case "flag":
            test = f"{atom.field} == {'true' if atom.wanted else 'false'}"
        case "options":
            test = f"{atom.field} in [{', '.join(map(repr, atom.options))}]"
        case "spans":
            spans = (" and ".join(f"{atom.field} {sign} {_literal(point)}" for sign, point in s) for s in atom.spans)
            test = " or ".join(spans)
        case "ratio":
            test = f"{atom.field} * {atom.below} >= {atom.over} * {atom.above}"
    known = " and ".join(f"{name} != null" for name in atom.fields)
    if atom.kind == "ratio":
        known += f" and {atom.over} > 0"
    return f"(({known}) and ({test}))" if certain else f"((not ({known})) or ({test}))"


def _literal(point: object) -> str:
    return f"d'{point.isoformat()}'" if isinstance(point, date) else str(point)


# zen-engine and durable-rules, both fed by huiqi


def zen_engine(plan: Plan, source: Path, count: int) -> Ran:
    """The graph that ``huiqi rules export`` writes, run by zen-engine."""
    import zen  # type: ignore[import-untyped]

    from engine.jdm import export, jdm_input

    made = zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(export(plan.pack).graph)))

    def verdicts(row: dict[str, Any]) -> list[int]:
        given = jdm_input(_profile(row, plan), plan.pack.vocabulary, plan.as_of)
        results = made.evaluate(given)["result"]["results"]
        by_measure = {item["measure"]: item["verdict"] for item in results}
        return [_WORDS[by_measure[measure.id]] for measure in plan.measures]

    return _one_by_one(_rows(source, count, plan), verdicts, len(plan.measures))


def durable_rules(plan: Plan, source: Path, count: int) -> Ran:
    """huiqi's executor ``forward``: atoms tested in Python, gates by durable-rules."""
    from engine.assessment import decide
    from engine.forward import ForwardSolver

    solver = ForwardSolver()

    def verdicts(row: dict[str, Any]) -> list[int]:
        _, found = decide(plan.program, _profile(row, plan), plan.as_of, solver)
        return [_WORDS[item.verdict] for item in found]

    try:
        return _one_by_one(_rows(source, count, plan), verdicts, len(plan.measures))
    finally:
        solver.close()


def _profile(row: dict[str, Any], plan: Plan) -> Any:
    from engine.profile import profile_of

    answers = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name != "key" and value is not None
    }
    return profile_of(answers, plan.pack.vocabulary, plan.pack.tables)


# OpenFisca


def openfisca(plan: Plan, source: Path, count: int) -> Ran:
    """OpenFisca-core: two Boolean variables a measure, whole columns at once; its numbers are float32."""
    import numpy as np
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulation_builder import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    frame, period = _rows(source, count, plan), str(plan.as_of.year)
    entity = build_entity(key="enterprise", plural="enterprises", label="enterprise", is_person=True)
    system = TaxBenefitSystem([entity])

    def add(name: str, kind: type, formula: Callable[..., Any] | None = None) -> None:
        body: dict[str, Any] = {"value_type": kind, "entity": entity, "definition_period": DateUnit.YEAR, "label": name}
        if formula is not None:
            body["formula"] = formula
        system.add_variable(type(name, (Variable,), body))

    inputs = {name: _as_numbers(frame[name]) for name in frame.columns if name != "key"}
    for name, (values, _) in inputs.items():
        add(name, bool if values.dtype == np.bool_ else float if name.startswith("money") else int)
        add(f"{name}_known", bool)
    for number, measure in enumerate(plan.measures):
        for certain in (True, False):
            test = folded(measure.condition, plan, lambda atom, c=certain: _formula(atom, c), _gate)
            add(f"m{number}_{'sure' if certain else 'maybe'}", bool, _two_arguments(test))
    started = time.perf_counter()
    simulation = SimulationBuilder().build_default_simulation(system, frame.height)
    for name, (values, known) in inputs.items():
        simulation.set_input(name, period, values)
        simulation.set_input(f"{name}_known", period, known)
    columns = {}
    for number in range(len(plan.measures)):
        sure = simulation.calculate(f"m{number}_sure", period)
        maybe = simulation.calculate(f"m{number}_maybe", period)
        columns[f"m{number}"] = pl.Series(np.where(sure, TRUE, np.where(maybe, UNKNOWN, FALSE)).astype(np.uint8))
    return Ran(time.perf_counter() - started, pl.DataFrame({"key": frame["key"], **columns}))


def _as_numbers(column: pl.Series) -> tuple[Any, Any]:
    """A column as numbers, with where it is known: options by their number, dates in days."""
    if column.dtype == pl.String:
        column = column.str.strip_prefix("option_").cast(pl.Int32)
    elif column.dtype == pl.Date:
        column = column.to_physical()
    known = column.is_not_null().to_numpy()
    filled = column.fill_null(False) if column.dtype == pl.Boolean else column.fill_null(0)
    return filled.to_numpy(), known


Test = Callable[[Any, Any], Any]


def _formula(atom: Atom, certain: bool) -> Test:
    import numpy as np

    def test(own: Any, year: Any) -> Any:
        if atom.impossible:
            return np.zeros(own.count, np.bool_)
        value = own(atom.field, year)
        known = own(f"{atom.field}_known", year)
        match atom.kind:
            case "flag":
                held = value == atom.wanted
            case "options":
                held = np.isin(value, [int(option.removeprefix("option_")) for option in atom.options])
            case "spans":
                spans = [np.logical_and.reduce([_NUMBERS[s](value, _days(p)) for s, p in span]) for span in atom.spans]
                held = np.logical_or.reduce(spans)
            case "ratio":
                over = own(atom.over, year)
                known = known & own(f"{atom.over}_known", year) & (over > 0)
                held = value * atom.below >= over * atom.above
        return known & held if certain else ~known | held

    return test


def _two_arguments(test: Test) -> Test:
    """OpenFisca counts the arguments that a formula names: the enterprises and the year."""
    return lambda own, year: test(own, year)


def _gate(kind: str, parts: Sequence[Test]) -> Test:
    import numpy as np

    combine = np.logical_and if kind == "all" else np.logical_or
    return lambda own, year: combine.reduce([part(own, year) for part in parts])


def _days(point: Any) -> float:
    return float((point - date(1970, 1, 1)).days if isinstance(point, date) else point)


PEERS: Mapping[str, tuple[Callable[[Plan, Path, int], Ran], int, str]] = {
    "openfisca": (openfisca, 200_000, "openfisca_core"),
    "zen_engine": (zen_engine, 1_000, "zen"),
    "durable_rules": (durable_rules, 2_000, "durable_rules_engine"),
    "rule_engine": (rule_engine, 1_000, "rule_engine"),
}
"""Each with the rows it gets and the module that it needs."""
