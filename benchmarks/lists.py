"""Lists: how fast they are evaluated, as ratios to reading the same columns in the same run, and beside others.

``python -m benchmarks.lists`` runs everything that is installed and writes docs/benchmarks.md; with ``--small`` it runs
everything on small lists and only prints. Every scenario runs in a process of its own; medians count.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import flat, packs, rowwise
from benchmarks.scenarios import Figures, list_path, packs_plan

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
_NEEDS = {"duckdb": "duckdb", "spark": "pyspark", "spark_sql": "pyspark"} | {
    name: module for name, (_, _, module) in rowwise.PEERS.items()
}
_ONCE = set(rowwise.PEERS)
"""Scenarios that run a single time: they take long, and nothing close is read off them."""
_BYTES_A_ROW = 350  # of a flat list on disk: the list, its parts while it is made, and the result
_LABELS = {
    "read": "只读：Polars 读同样的列",
    "batch": "huiqi batch（Parquet 进，掩码和金额出）",
    "texts": "huiqi batch，编号和选项都是文本",
    "ranges": "huiqi batch，8 列数字里三分之一写成范围（“1000-5000元”“小于50个”）",
    "five_packs": "huiqi batch，五份文件，没有记录",
    "records": "huiqi batch，五份文件，另有乱序的认定和年度数据各 2 条（按片归拢在内）",
    "duckdb": "DuckDB SQL，只出结论",
    "spark": "huiqi batch --executor spark，local[2]，含启动",
    "spark_sql": "Spark SQL，local[2]，只出结论，含启动",
    "openfisca": "OpenFisca-core，整列计算，不含载入",
    "zen_engine": "zen-engine，运行 huiqi 导出的决策图",
    "durable_rules": "durable-rules（huiqi 的执行器 forward）",
    "rule_engine": "rule-engine，每项措施两个表达式",
}


@dataclass(slots=True)
class Bench:
    """One run of all scenarios; ``failed`` says what did not work, for the page and the exit code."""

    folder: Path
    rounds: int
    failed: list[str] = field(default_factory=list)
    spark: float | None = None
    spark_sql: float | None = None

    def measured(self, name: str, rows: int, rounds: int | None = None) -> Figures | None:
        """The median round of a scenario; None where it is not installed or failed."""
        needed = _NEEDS.get(name)
        if needed and not importlib.util.find_spec(needed):
            self.failed.append(f"{_LABELS[name]}：未安装")
            return None
        found = []
        for _ in range(1 if name in _ONCE else rounds or self.rounds):
            words = [sys.executable, "-W", "ignore", "-m", "benchmarks.scenarios", name, str(rows), str(self.folder)]
            done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["?"])[-1]
                self.failed.append(f"{_LABELS.get(name, name)}：没有跑成（{last[:200]}）")
                print(done.stderr, file=sys.stderr)
                return None
            found.append(json.loads(done.stdout.splitlines()[-1]))
        found.sort(key=lambda item: float(item["seconds"]))
        middle: Figures = found[len(found) // 2]
        print(f"{name} {rows:,}: {middle['seconds']:.2f} s", file=sys.stderr)
        return middle

    # Tables

    def flat_table(self, rows: int, names: list[str], rounds: int | None = None) -> Iterator[str]:
        """One size of the flat list, each scenario beside reading its own file."""
        yield from ("", f"## {rows:,} 家企业", "", *_HEAD)
        bases: dict[str, Figures | None] = {}
        for name in ["read", *names]:
            kind = name if name in ("texts", "ranges") else "plain"
            if not list_path(self.folder, rows, kind).exists():
                flat.write_list(list_path(self.folder, rows, kind), rows, kind=kind)  # type: ignore[arg-type]
                os.sync()  # what was just written is not written to the disk while others are timed
            base_name = "read" if kind == "plain" else f"read_{kind}"
            if base_name not in bases:
                bases[base_name] = self.measured(base_name, rows, rounds)
            found = bases["read"] if name == "read" else self.measured(name, rows, rounds)
            if found is not None and name == "spark":
                self.spark = found["seconds"]
            if found is not None:
                yield _line(name, found, bases[base_name], rows)

    def packs_table(self, rows: int, *, records: bool = True) -> Iterator[str]:
        """The five packs, without and with records."""
        plan = packs_plan()
        packs.write_lists(self.folder, rows, plan, records=records)
        os.sync()
        yield from ("", f"## {rows:,} 家企业，五份文件在有效期内的 {len(plan.measures)} 项措施", "", *_HEAD)
        pairs = (("five_packs", "read_packs"), ("records", "read_records"))
        for name, base_name in pairs if records else pairs[:1]:
            base, found = self.measured(base_name, rows), self.measured(name, rows)
            if found is not None:
                yield _line(name, found, base, rows)

    def peers_table(self, rows: int) -> Iterator[str]:
        """Others on the same rules and the same list; every verdict is compared with ours."""
        yield from ("", f"## 同样的规则，别的引擎（{rows:,} 家里的前若干家）", "")
        yield "逐家计算的只算前若干家，速度按这些家折算，不外推总时间；“不同”是与 huiqi 的结论逐个相比。"
        yield from ("", "| 引擎 | 家数 | 秒 | 家/秒 | 比对的结论 | 不同 |", "|---|--:|--:|--:|--:|--:|")
        for name in ("duckdb", "spark_sql", *rowwise.PEERS):
            found = self.measured(name, rows, min(self.rounds, 3))
            if found is not None and name == "spark_sql":
                self.spark_sql = found["seconds"]
            if found is not None:
                count = found.get("rows", rows)
                rate = count / found["seconds"]
                told = f"{found['seconds']:.2f} | {rate:,.0f} | {found['compared']:,} | {found['wrong']:,}"
                yield f"| {_LABELS[name]} | {count:,} | {told} |"

    def workbook_lines(self, rows: int) -> Iterator[str]:
        """The workbook of a service centre."""
        found = self.measured("workbook", rows)
        if found is not None:
            yield from ("", "## 服务中心的 Excel", "")
            yield (
                f"{rows:,} 行 .xlsx 读入、按五份文件里在有效期内的 {found['measures']} 项措施评估、写成 .xlsx："
                f"{found['seconds']:.1f} 秒。"
            )

    def largest(self, rows: int, least: int) -> Iterator[str]:
        """The longest list, once, where the disk has room for it."""
        for kind in ("texts", "ranges"):
            list_path(self.folder, least, kind).unlink(missing_ok=True)
        if shutil.disk_usage(self.folder).free < rows * _BYTES_A_ROW:
            self.failed.append(f"{rows:,} 家：磁盘剩余不到 {rows * _BYTES_A_ROW / 2**30:.0f} GiB，没有做")
            return
        yield from self.flat_table(rows, ["batch"], 1)


_HEAD = (
    "| 做什么 | 秒 | 万家/秒 | 是只读的几倍 | CPU 秒 | CPU 是只读的几倍 | 内存峰值 |",
    "|---|--:|--:|--:|--:|--:|--:|",
)


def _line(name: str, found: Figures, base: Figures | None, rows: int) -> str:
    seconds, cpu = found["seconds"], found["cpu"]
    told = [f"{seconds:.2f}", f"{rows / seconds / 1e4:.0f}", _ratio(seconds, base, "seconds"), f"{cpu:.2f}"]
    # The executor spark works in other processes.
    told += [_ratio(cpu, base, "cpu"), f"{found['memory'] / 2**30:.2f} GiB"]
    if name == "spark":
        told[3:] = ["", "", ""]
    return f"| {_LABELS[name]} | {' | '.join(told)} |"


def _ratio(value: float, base: Figures | None, key: str) -> str:
    return f"{value / base[key]:.1f}" if base else ""


def main() -> int:
    """Run, print, and write the page; 1 where something could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="small lists, one round, nothing written")
    given = parser.parse_args()
    sizes = (20_000, 40_000, 60_000, 500) if given.small else (1_000_000, 10_000_000, 60_000_000, 50_000)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="huiqi-bench-") as folder:
        bench = Bench(Path(folder), 1 if given.small else 5)
        flat.write_rules(bench.folder / "rules")
        lines = list(_tables(bench, *sizes))
    lines += ["", "没有量到的：", "", *(f"- {text}" for text in bench.failed)] if bench.failed else []
    lines += ["", f"全部用时 {(time.perf_counter() - started) / 60:.0f} 分钟。"]
    page = "\n".join([_head(), *lines]) + "\n"
    print(page)
    if not given.small:
        PAGE.write_text(page, "utf-8")
    return 1 if bench.failed else 0


def _tables(bench: Bench, first: int, second: int, third: int, sheet: int) -> Iterator[str]:
    yield from bench.flat_table(first, ["batch", "texts", "ranges", "spark"])
    yield from bench.peers_table(first)
    if bench.spark and bench.spark_sql:
        yield from ("", f"Spark SQL 用时是 huiqi 的 spark 执行器的 {bench.spark_sql / bench.spark:.1f} 倍（都含启动）。")
    yield from bench.packs_table(first)
    yield from bench.workbook_lines(sheet)
    yield from bench.flat_table(second, ["batch"])
    list_path(bench.folder, second, "plain").unlink(missing_ok=True)
    yield from bench.packs_table(second, records=False)
    yield from bench.largest(third, first)


def _head() -> str:
    import polars as pl

    return f"""# 速度

由 `make bench`（`python -m benchmarks.lists`）写出，请勿手改。取五轮的中位数（DuckDB 和 Spark SQL 三轮，60,000,000 家
和逐家计算的引擎一轮）；倍数都与同一次运行里“只读”同样的列相比，所以换一台机器也可比较。CPU 秒不受机器上别的工作影响。
内存是进程自己的，不含读取器映射的文件。

规则：{flat.MEASURES} 项措施，每项 {flat.ATOMS / flat.MEASURES} 个条件（不同的 {flat.DISTINCT} 个），60 列，一成到两成半为空。

机器：{platform.machine()}，Python {platform.python_version()}，Polars {pl.__version__}，{pl.thread_pool_size()} 线程。"""


if __name__ == "__main__":
    sys.exit(main())
