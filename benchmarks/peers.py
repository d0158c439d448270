"""The measures of the flat pack in SQL, for DuckDB and Spark. Verdicts only, no reasons and no amounts.

SQL's AND and OR are Kleene's; a ratio is compared as products where the denominator is positive, else it is null.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from benchmarks.atoms import Atom, folded
from engine.columns.plan import Plan


def statement(plan: Plan, source: str) -> str:
    """A query with a column for each measure: 2 eligible, 1 undetermined, 0 not."""
    conditions = [
        folded(measure.condition, plan, _atom, lambda kind, parts: f"({_GATES[kind].join(parts)})")
        for measure in plan.measures
    ]
    columns = [f"{_verdict(condition)} AS m{number}" for number, condition in enumerate(conditions)]
    return f"SELECT key, {', '.join(columns)} FROM {source}"


_GATES = {"all": " AND ", "any": " OR "}


def _verdict(condition: str) -> str:
    return f"CAST(CASE WHEN ({condition}) IS NULL THEN 1 WHEN ({condition}) THEN 2 ELSE 0 END AS TINYINT)"


def _atom(atom: Atom) -> str:
    """A condition as a Boolean expression, null where it is unknown."""
    match atom.kind:
        case "flag":
            return atom.field if atom.wanted else f"(NOT {atom.field})"
        case "options":
            return f"({atom.field} IN ({', '.join(map(repr, atom.options))}))" if atom.options else "FALSE"
        case "spans":
            spans = (
                " AND ".join(f"{atom.field} {sign} {_point(point)}" for sign, point in span) for span in atom.spans
            )
            return f"({' OR '.join(spans) or 'FALSE'})"
        case "ratio":
            test = f"{atom.field} * {atom.below} >= {atom.over} * {atom.above}"
            return f"(CASE WHEN {atom.over} > 0 THEN {test} END)"


def _point(point: object) -> str:
    return f"DATE '{point.isoformat()}'" if isinstance(point, date) else str(point)


def duckdb_run(plan: Plan, source: Path, target: Path) -> None:
    """Verdicts by DuckDB into Parquet."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        connection.execute(
            f"COPY ({statement(plan, repr(str(source)))}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )


def spark_run(plan: Plan, source: Path, target: Path) -> None:
    """Verdicts by Spark SQL into a folder of Parquet."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.read.parquet(str(source)).createOrReplaceTempView("enterprises")
    session.sql(statement(plan, "enterprises")).write.mode("overwrite").parquet(str(target))
