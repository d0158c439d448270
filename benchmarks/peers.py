"""The measures of the flat pack for others: as SQL for DuckDB and Spark. Verdicts only, no reasons and no amounts.

SQL's AND and OR are Kleene's; a ratio is compared as products where the denominator is positive, else it is null.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

from engine.columns.plan import Plan
from engine.conditions import All, Any, FieldRef, Node, Not, Ratio, Test
from engine.regions import Intervals, OneOf, Region
from engine.spans import Span

FEN = 1  # the lists hold whole yuan


def statement(plan: Plan, source: str) -> str:
    """A query with a column for each measure: 2 eligible, 1 undetermined, 0 not."""
    columns = [f"{_verdict(sql(measure.condition, plan))} AS m{n}" for n, measure in enumerate(plan.measures)]
    return f"SELECT key, {', '.join(columns)} FROM {source}"


def _verdict(condition: str) -> str:
    return f"CAST(CASE WHEN ({condition}) IS NULL THEN 1 WHEN ({condition}) THEN 2 ELSE 0 END AS TINYINT)"


def sql(node: Node, plan: Plan) -> str:
    """A condition as a Boolean expression, null where it is unknown."""
    match node:
        case All(parts):
            return "(" + " AND ".join(sql(part, plan) for part in parts) + ")"
        case Any(parts):
            return "(" + " OR ".join(sql(part, plan) for part in parts) + ")"
        case Not(part):
            return f"(NOT {sql(part, plan)})"
        case Test():
            return _test(node, plan)
    raise TypeError(f"not in the flat pack: {node!r}")


def _test(node: Test, plan: Plan) -> str:
    from engine.facts import Facts, Known
    from engine.operands import LeafReader

    facts = Facts(plan.as_of, plan.pack.vocabulary, Known(None, {}), {}, frozenset(), {})
    region = LeafReader(plan.pack, facts).region(node.comparisons)
    match node.operand:
        case FieldRef(path):
            return _field(path, region, plan)
        case Ratio(FieldRef(of), FieldRef(to)) if isinstance(region, Intervals):
            low = Fraction(min(span.low for span in region.spans))  # type: ignore[type-var, arg-type]
            return f"(CASE WHEN {to} > 0 THEN {of} * {low.denominator} >= {to} * {low.numerator} END)"
    raise TypeError(f"not in the flat pack: {node.operand!r}")


def _field(path: str, region: Region | None, plan: Plan) -> str:
    if isinstance(region, OneOf):
        if plan.pack.vocabulary.fields[path].type == "yes_no":
            return path if region.options == {"yes"} else f"(NOT {path})"
        return f"({path} IN ({', '.join(repr(option) for option in sorted(region.options))}))"
    if isinstance(region, Intervals):
        return "(" + " OR ".join(_span(path, span) for span in region.spans) + ")"
    raise TypeError(f"not in the flat pack: {region!r}")


def _span(path: str, span: Span) -> str:
    parts = []
    if span.low is not None:
        parts.append(f"{path} {'>' if span.low_open else '>='} {_point(span.low)}")
    if span.high is not None:
        parts.append(f"{path} {'<' if span.high_open else '<='} {_point(span.high)}")
    return "(" + " AND ".join(parts) + ")"


def _point(point: object) -> str:
    return f"DATE '{point.isoformat()}'" if isinstance(point, date) else str(point)


def duckdb_run(plan: Plan, source: Path, target: Path) -> list[int]:
    """Verdicts by DuckDB into Parquet; eligible enterprises by measure."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute(
            f"COPY ({statement(plan, repr(str(source)))}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
        sums = ", ".join(f"sum(CASE WHEN m{n} = 2 THEN 1 ELSE 0 END)" for n in range(len(plan.measures)))
        row = connection.execute(f"SELECT {sums} FROM '{target}'").fetchone()
    return [int(value) for value in row] if row else []


def spark_run(plan: Plan, source: Path, target: Path) -> None:
    """Verdicts by Spark SQL into Parquet."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.read.parquet(str(source)).createOrReplaceTempView("enterprises")
    session.sql(statement(plan, "enterprises")).write.mode("overwrite").parquet(str(target))
