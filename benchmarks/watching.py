"""Screening everybody again, measured on a copy of a workbench's database (``benchmarks.centre_seed`` makes one).

``python -m benchmarks.watching FILE.db``: the first look at everybody, the night after it, a night a month later, and a change
of the rules' own text (a new pack version that says the same).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Engine

from engine.compiler import compile_pack
from engine.loader import BUILT_IN, load_pack
from engine.program import Program
from web.centre import packs
from web.centre.store import database
from web.centre.store.database import writing
from web.centre.watching import state
from web.centre.watching.run import rescreen


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 22))
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "centre.db"
        shutil.copy(told.database, copy)
        engine = database.connect(database.address_of(str(copy)))
        pack = load_pack()
        program, other = compile_pack(pack), compile_pack(replace(pack, version=f"{pack.version}-again"))
        with writing(engine) as session:
            by = state.machine(session).id
            for each in (program, other):
                packs.keep(session, each.pack, BUILT_IN)
        day = told.as_of
        for what, rules, later in (
            ("first look", program, 0), ("next night", program, 1), ("a month later", program, 31), ("other rules", other, 31),
        ):  # fmt: skip
            _measured(what, engine, rules, day + timedelta(days=later), by)
        engine.dispose()


def _measured(what: str, engine: Engine, program: Program, day: date, by: int) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    done = rescreen(engine, program, day, by)
    spent = time.perf_counter() - wall, time.process_time() - processor
    print(
        f"{what}: {done.checked} checked, {done.evaluated} evaluated, {done.changed} changed, {done.unreadable} unreadable;"
        f" {spent[0]:.1f} s, {spent[1]:.1f} s of processor",
        flush=True,
    )


if __name__ == "__main__":
    main()
