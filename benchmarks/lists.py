"""Lists: how fast they are evaluated, as ratios to reading the same columns in the same run, and beside others.

``python -m benchmarks.lists`` runs everything that is installed and writes docs/benchmarks.md; ``--rows`` names the
sizes, ``--only`` a part. Every scenario runs in a process of its own, and the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import flat, peers

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2026, 6, 30)
PAGE = ROOT / "docs" / "benchmarks.md"
SLICE = 250_000
Figures = dict[str, Any]


# Scenarios: each runs in its own process and prints its figures as JSON


def _plan(folder: Path) -> Any:
    from engine import load_pack
    from engine.columns.plan import plan_of

    return plan_of(load_pack(folder / "rules"), AS_OF)


def read(folder: Path, rows: int) -> Figures:
    """Polars reads the same columns, slice by slice as the evaluation does."""
    import polars as pl

    plan, source = _plan(folder), folder / f"{rows}.parquet"
    columns = ["key", *sorted(path for path in plan.paths if path in plan.pack.vocabulary.fields)]
    lazy = pl.scan_parquet(source).select(columns)
    started = time.perf_counter()
    for start in range(0, rows, SLICE):
        assert lazy.slice(start, SLICE).collect().height
    return {"seconds": time.perf_counter() - started}


def batch(folder: Path, rows: int, executor: str = "columns", suffix: str = "") -> Figures:
    """Parquet in, masks and amounts out, as ``huiqi batch`` does it."""
    from engine.columns.batch import Options, evaluate_list, locally, run_of
    from engine.lists import open_list, read_mappings

    plan, source = _plan(folder), folder / f"{rows}{suffix}.parquet"
    target = folder / "out.parquet"
    mapping = folder / "mapping.yaml"
    mapping.write_text("lists:\n  - {file: '*.parquet', row: enterprise, key: key, unit: 元}\n", "utf-8")
    options = Options(target)
    chosen = locally
    if executor == "spark":
        from engine.columns.spark import spark_executor

        chosen = spark_executor("local[2]", options)
    started = time.perf_counter()
    listed = open_list([source], plan.pack, read_mappings([mapping]), slice_rows=SLICE)
    found = evaluate_list(listed, run_of(plan, options), options, lambda done: None, chosen).tally
    seconds = time.perf_counter() - started
    eligible = [found.measures[measure.id]["eligible"] for measure in plan.measures]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    size = target.stat().st_size / rows
    return {"seconds": seconds, "eligible": eligible, "memory": memory, "size": size, "enterprises": found.enterprises}


def spark(folder: Path, rows: int) -> Figures:
    """The executor spark on local[2], Spark's start included."""
    return batch(folder, rows, "spark")


def texts(folder: Path, rows: int) -> Figures:
    """The same with keys and choices as plain text."""
    return batch(folder, rows, suffix="-texts")


def duckdb(folder: Path, rows: int) -> Figures:
    """DuckDB SQL: verdicts only, a column for each measure."""
    started = time.perf_counter()
    eligible = peers.duckdb_run(_plan(folder), folder / f"{rows}.parquet", folder / "duckdb.parquet")
    return {"seconds": time.perf_counter() - started, "eligible": eligible}


def spark_sql(folder: Path, rows: int) -> Figures:
    """Spark SQL on local[2]: verdicts only; Spark's start included."""
    started = time.perf_counter()
    peers.spark_run(_plan(folder), folder / f"{rows}.parquet", folder / "spark.parquet")
    return {"seconds": time.perf_counter() - started}


def workbook(folder: Path, rows: int) -> Figures:
    """An .xlsx of so many enterprises read, evaluated on the five packs, written as .xlsx."""
    from engine import load_pack
    from engine.columns.batch import Options, evaluate_list, run_of
    from engine.columns.plan import plan_of
    from engine.lists import open_list, read_mappings

    source = folder / f"{rows}.xlsx"
    if not source.exists():
        flat.write_workbook(source, rows)
    mapping = folder / "workbook.yaml"
    mapping.write_text("lists:\n  - {file: '*.xlsx', edition: '2017'}\n", "utf-8")
    started = time.perf_counter()
    plan = plan_of(load_pack(), AS_OF)
    options = Options(folder / "out.xlsx")
    listed = open_list([source], plan.pack, read_mappings([mapping]))
    found = evaluate_list(listed, run_of(plan, options), options, lambda done: None).tally
    return {"seconds": time.perf_counter() - started, "enterprises": found.enterprises, "measures": len(plan.measures)}


SCENARIOS: dict[str, Callable[[Path, int], Figures]] = {
    function.__name__: function for function in (read, batch, texts, duckdb, spark, spark_sql, workbook)
}


# The run


def measured(folder: Path, name: str, rows: int, rounds: int) -> Figures:
    """The median round of a scenario."""
    found = []
    for _ in range(rounds):
        words = [sys.executable, "-m", "benchmarks.lists", "--scenario", name, str(rows), str(folder)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{name}: {done.stderr.strip().splitlines()[-1]}")
        found.append(json.loads(done.stdout.splitlines()[-1]))
    middle: Figures = sorted(found, key=lambda item: item["seconds"])[len(found) // 2]
    middle["seconds"] = statistics.median(item["seconds"] for item in found)
    print(f"{name} {rows:,}: {middle['seconds']:.2f} s", file=sys.stderr)
    return middle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--scenario", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="keep the lists here instead of in a temporary folder")
    given = parser.parse_args()
    if given.scenario:
        name, rows, folder = given.scenario
        print(json.dumps(SCENARIOS[name](Path(folder), int(rows))))
        return
    if given.folder:
        given.folder.mkdir(parents=True, exist_ok=True)
        _run(given.folder, given)
    else:
        with tempfile.TemporaryDirectory(prefix="huiqi-bench-") as folder:
            _run(Path(folder), given)


def _run(folder: Path, given: argparse.Namespace) -> None:
    flat.write_rules(folder / "rules")
    lines: list[str] = []
    for number, rows in enumerate(given.rows):
        names = [name for name in given.only if name not in ("workbook", "read") and (number == 0 or name == "batch")]
        for suffix in ("", "-texts"):
            if not (folder / f"{rows}{suffix}.parquet").exists() and (not suffix or "texts" in names):
                flat.write_list(folder / f"{rows}{suffix}.parquet", rows, texts=bool(suffix))
        lines += _table(folder, rows, names, given.rounds)
    if "workbook" in given.only:
        lines += _workbook(folder, given.rounds)
    page = "\n".join([_head(), *lines]) + "\n"
    PAGE.write_text(page, "utf-8")
    print(page)


_LABELS = {
    "read": "只读：Polars 读同样的列",
    "batch": "huiqi batch（Parquet 进，掩码和金额出）",
    "texts": "huiqi batch，编号和选项都是文本",
    "duckdb": "DuckDB SQL，只出结论",
    "spark": "huiqi batch --executor spark，local[2]，含启动",
    "spark_sql": "Spark SQL，local[2]，只出结论，含启动",
}


def _table(folder: Path, rows: int, names: list[str], rounds: int) -> list[str]:
    base = measured(folder, "read", rows, rounds)
    lines = [
        "",
        f"## {rows:,} 家企业",
        "",
        "| 做什么 | 秒 | 万家/秒 | 是只读的几倍 | 内存峰值 |",
        "|---|--:|--:|--:|--:|",
    ]
    lines.append(_line("read", base, base, rows))
    reference: list[int] | None = None
    for name in names:
        if name in ("duckdb", "spark", "spark_sql") and not importlib.util.find_spec(
            "duckdb" if name == "duckdb" else "pyspark"
        ):
            lines.append(f"| {_LABELS[name]} | 未安装 | | | |")
            continue
        found = measured(folder, name, rows, rounds if name != "spark_sql" else 1)
        if name == "batch":
            reference = found["eligible"]
        elif found.get("eligible") and name != "texts":
            assert reference is None or found["eligible"] == reference, f"{name} 的结论不同"
        lines.append(_line(name, found, base, rows))
    return lines


def _line(name: str, found: Figures, base: Figures, rows: int) -> str:
    seconds = found["seconds"]
    memory = f"{found['memory'] / 2**30:.2f} GiB" if "memory" in found else ""
    ratio = seconds / base["seconds"]
    return f"| {_LABELS[name]} | {seconds:.2f} | {rows / seconds / 1e4:.0f} | {ratio:.1f} | {memory} |"


def _workbook(folder: Path, rounds: int) -> list[str]:
    rows = 50_000
    found = measured(folder, "workbook", rows, min(rounds, 3))
    return [
        "",
        "## 服务中心的 Excel",
        "",
        f"{rows:,} 行 .xlsx 读入、按五份文件里在有效期内的 {found['measures']} 项措施评估、写成 .xlsx：{found['seconds']:.1f} 秒。",
    ]


def _head() -> str:
    import polars as pl

    return f"""# 速度

由 `make bench`（`python -m benchmarks.lists`）写出，请勿手改。各数取中位数；倍数都与同一次运行里的“只读”相比，
所以换一台机器也可比较。

规则：{flat.MEASURES} 项措施，每项 {flat.ATOMS / flat.MEASURES} 个条件（不同的 {flat.DISTINCT} 个），60 列，一成到两成半为空。

机器：{platform.machine()}，Python {platform.python_version()}，Polars {pl.__version__}，{pl.thread_pool_size()} 线程。"""


if __name__ == "__main__":
    main()
