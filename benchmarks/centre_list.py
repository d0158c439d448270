"""Lists of the workbench: how fast 50,000 enterprises are screened and stored, beside ``huiqi batch`` on the same list.

``python -m benchmarks.centre_list`` runs everything on SQLite and on a PostgreSQL server that it starts, each step in a process
of its own, prints it and writes docs/centre/list-speed.md; with ``--rows 2000`` or so it only prints. A step of the workbench
is what the process does that works on lists, from reading the file to the last slice on the disk; what cannot be used is kept
too. While the list is stored somebody else writes a line of the log every tenth of a second, as reviewers would.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import flat
from benchmarks.scenarios import Watch
from benchmarks.serving import percentile
from tests.centre.postgres import postgres, root_of

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "centre" / "list-speed.md"
SAMPLE = ROOT / "samples" / "lists" / "synthetic.xlsx"
AS_OF = {"plain": date(2026, 6, 30), "records": date(2022, 6, 30)}
ROWS = 50_000
LISTS = {
    "plain": "一张表 14 列（与 [速度](../benchmarks.md) 里服务中心的 Excel 相同）",
    "records": "企业和 15 种记录各一张表（示例名单的 350 家重复出来的，按 2022-06-30）",
}
STEPS = {"store": "第一次存", "again": "原样再存一次", "changed": "每家的资料都变了，再存一次"}
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
BAR = 60.0
Figures = dict[str, Any]


# The lists


def write_list(path: Path, name: str, rows: int) -> None:
    """One of the lists as .xlsx."""
    if name == "plain":
        flat.write_workbook(path, rows)
    else:
        _write_records(path, rows)


def _write_records(path: Path, rows: int) -> None:
    """The sheets of the sample again and again, each time of other enterprises."""
    import xlsxwriter  # type: ignore[import-untyped]
    from stdnum.cn import uscc

    from engine.lists.files import SETTINGS
    from engine.lists.workbook import read_book

    leaves = read_book(SAMPLE, apart=False).leaves
    own = next(leaf for leaf in leaves if leaf.name == "企业")
    times = -(-rows // (own.height - 1))
    codes: dict[tuple[str, int], str] = {}

    def code(told: str, turn: int) -> str:
        if (told, turn) not in codes:
            body = f"91110000{len(codes):09d}"
            codes[told, turn] = body + uscc.calc_check_digit(body)
        return codes[told, turn]

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        for leaf in leaves:
            sheet = book.add_worksheet(leaf.name)
            lines = list(zip(*leaf.columns, strict=True))
            for column, cell in enumerate(lines[0]):
                sheet.write_string(0, column, cell or "")
            at = 1
            for turn in range(1 if leaf.name == SETTINGS else times):
                for line in lines[1:]:
                    for column, cell in enumerate(line):
                        if cell:
                            keyed = column == 0 and leaf.name != SETTINGS
                            sheet.write_string(at, column, code(cell, turn) if keyed else cell)
                    at += 1


# What is measured, each in a process of its own


def batch(folder: Path, name: str) -> Figures:
    """``huiqi batch`` to .xlsx."""
    from engine import load_pack
    from engine.columns.batch import Options, evaluate_list, run_of
    from engine.columns.plan import plan_of
    from engine.lists import open_list
    from engine.lists.mapping import mapping_of

    options = Options(folder / "out.xlsx")
    said = mapping_of(_mapping(name), name) if _mapping(name) else None
    watch = Watch()
    with watch.running():
        plan = plan_of(load_pack(), AS_OF[name])
        listed = open_list([folder / f"{name}.xlsx"], plan.pack, said)
        evaluate_list(listed, run_of(plan, options), options, lambda done: None)
    return watch.figures()


def _mapping(name: str) -> str:
    return "lists:\n  - {file: '*.xlsx', edition: '2017'}\n" if name == "plain" else ""


def stored(folder: Path, name: str, address: str, step: str) -> Figures:
    """The work on the list, with somebody who writes beside it."""
    from web.centre.lists import work
    from web.centre.lists.work import Work
    from web.centre.office import Office
    from web.centre.settings import CentreSettings
    from web.centre.store.tables import Entitlement, ListJob
    from web.service import Service
    from web.settings import Settings

    settings = CentreSettings(address, folder / "files")
    office = Office(settings, Service(Settings(executor="reference", centre=settings)))
    number = _hand_in(office, folder / f"{name}.xlsx", name, step)
    longest = _timed_writing(work)
    waits: list[float] = []
    over = threading.Event()
    other = threading.Thread(target=_write_beside, args=(office, over, waits))
    watch = Watch()
    other.start()
    with watch.running():
        Work(office, number, lambda: False).run()
    over.set()
    other.join()
    from sqlalchemy import func, select

    from web.centre.store.database import reading

    with reading(office.engine) as session:
        job = session.get_one(ListJob, number)
        amounts = session.execute(select(func.count()).select_from(Entitlement)).scalar_one()
    assert job.state == "done", job.message
    office.engine.dispose()
    counts = {key: job.counts.get(key, 0) for key in ("new", "changed", "unchanged")}
    waits.sort()
    told = {"rows": job.done, "amounts": amounts, "longest": max(longest), "wait": percentile(waits, 50), "most": waits[-1]}
    return watch.figures() | told | counts


def _hand_in(office: Any, path: Path, name: str, step: str) -> int:
    """The list as handed in and mapped."""
    from io import BytesIO

    from sqlalchemy import select
    from werkzeug.datastructures import FileStorage

    from web.centre.lists import jobs
    from web.centre.lists.shelf import Shelf
    from web.centre.store.database import now, writing
    from web.centre.store.tables import User

    laid = Shelf(office.settings.lists).lay([FileStorage(BytesIO(path.read_bytes()), path.name)])
    with writing(office.engine) as session:
        by = session.execute(select(User)).scalars().first()
        if by is None:
            by = User(name="li", full_name="李", role="clerk", created_at=now())
            session.add(by)
            session.flush()
        job = jobs.hand_in(session, by, path.name, laid.digest, laid.names, AS_OF[name], now())
        job.mapping = _changed(name, office, laid) if step == "changed" else _mapping(name) or None
        jobs.start(session, by, job)
        return job.id


def _changed(name: str, office: Any, laid: Any) -> str:
    """A mapping by which every enterprise tells something else: one column is not read."""
    from web.centre.lists.understood import understood

    column = "外资企业" if name == "plain" else "单位名称"
    lines = understood(office, laid, _mapping(name)).yaml.splitlines(keepends=True)
    return "".join(f"      {column}: null\n" if line.startswith(f"      {column}:") else line for line in lines)


def _timed_writing(work: Any) -> list[float]:
    """The seconds of each transaction of the storing, as they come."""
    from contextlib import contextmanager

    from web.centre.lists import storing

    own, found = storing.writing, [0.0]

    @contextmanager
    def timed(engine: Any) -> Iterator[Any]:
        with own(engine) as session:
            begun = time.perf_counter()
            yield session
        found.append(time.perf_counter() - begun)

    storing.writing = timed
    return found


def _write_beside(office: Any, over: threading.Event, waits: list[float]) -> None:
    from web.centre import keeping
    from web.centre.store.database import writing

    while not over.wait(0.1):
        begun = time.perf_counter()
        with writing(office.engine) as session:
            keeping.audit(session, None, "test")
        waits.append(time.perf_counter() - begun)


# All of it


def run(words: list[str]) -> Figures:
    """One step in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.centre_list", *words], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    print(" ".join(words[:1] + words[2:]), f"{found['seconds']:.1f} s", file=sys.stderr)
    return found


def tables(folder: Path, rows: int, addresses: dict[str, str]) -> Iterator[str]:
    """The lines of the page."""
    for name, label in LISTS.items():
        write_list(folder / f"{name}.xlsx", name, rows)
        base = run(["batch", str(folder), name])
        yield from ("", f"## {label}", "")
        yield f"huiqi batch 到 .xlsx：{base['seconds']:.1f} 秒。"
        yield from ("", *_HEAD)
        for kind, address in addresses.items():
            for step in STEPS:
                found = run(["store", str(folder), name, address.format(name=name), step])
                yield _line(kind, step, found, base)


_HEAD = (
    "| 数据库 | 做什么 | 秒 | 行/秒 | 是 batch 的几倍 | CPU 秒 | 新、变、没变 | 金额条数 | 最长的事务 | 别人写入要等：中位、最长 |",
    "|---|---|--:|--:|--:|--:|---|--:|--:|---|",
)


def _line(kind: str, step: str, found: Figures, base: Figures) -> str:
    counts = "、".join(f"{found[name]:,}" for name in ("new", "changed", "unchanged"))
    told = [f"{found['seconds']:.1f}", f"{found['rows'] / found['seconds']:,.0f}", f"{found['seconds'] / base['seconds']:.1f}"]
    told += [f"{found['cpu']:.1f}", counts, f"{found['amounts']:,}", f"{found['longest']:.2f} 秒"]
    told.append(f"{found['wait'] * 1000:.0f} 毫秒、{found['most']:.2f} 秒")
    return f"| {KINDS[kind]} | {STEPS[step]} | {' | '.join(told)} |"


def main() -> None:
    """Print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hq-list-") as folder, postgres(durable=True) as server:
        addresses = {"sqlite": f"{folder}/{{name}}.db", "postgresql": server}
        for name in LISTS:
            for kind, address in addresses.items():
                _make(kind, address, name)
        lines = list(tables(Path(folder), given.rows, addresses))
    page = "\n".join([_head(given.rows), *lines]) + "\n"
    print(page)
    if given.rows == ROWS:
        PAGE.write_text(page, "utf-8")


def _make(kind: str, address: str, name: str) -> None:
    """An empty database with the newest schema."""
    from sqlalchemy import text

    from web.centre.store import database, schema

    if kind == "postgresql":
        with root_of(address) as root:
            root.execute(text(f"create database {name}"))
    engine = database.connect(database.address_of(address.format(name=name)))
    schema.migrate(engine)
    engine.dispose()


def _head(rows: int) -> str:
    import polars as pl

    return f"""# 名单的速度

由 `python -m benchmarks.centre_list` 写出，请勿手改。{rows:,} 家虚构企业的 .xlsx，从读文件到最后一批落盘，每一步单独一个进程；
倍数与同一次运行里 `huiqi batch` 评估同一份名单、写成 .xlsx 相比。数据库每次提交都落盘。存的同时另有人每 0.1 秒写一条操作记录，
“要等”是他那一次写入的全部用时。

机器：{platform.machine()}，Python {platform.python_version()}，Polars {pl.__version__}，{pl.thread_pool_size()} 线程。"""


if __name__ == "__main__":
    if sys.argv[1:2] == ["batch"]:
        print(json.dumps(batch(Path(sys.argv[2]), sys.argv[3])))
    elif sys.argv[1:2] == ["store"]:
        print(json.dumps(stored(Path(sys.argv[2]), *sys.argv[3:6])))
    else:
        main()
