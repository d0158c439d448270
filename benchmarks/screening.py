"""Screening one profile, warm: both executors and a hand-written function for the same measures.

``python -m benchmarks.screening`` prints medians and 95th percentiles of this run, and every figure as a ratio to
the hand-written peer. Both give verdicts and amounts; ``with all reasons`` is the whole determination, every condition
of every measure and record put into words.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import handwritten
from engine import load_pack
from engine.assessment import decide
from engine.compiler import compile_pack
from engine.pack import Pack
from engine.profile import Profile, profile_of
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.spans import Span

AS_OF = date(2017, 6, 30)
LATER = date(2022, 6, 30)
RECENT = date(2026, 6, 30)
FIRST_TWO = ("langfang-2016", "daxing-2021")
RECORDS: dict[str, Any] = {
    "name": "虚构科技服务（廊坊）有限公司",
    "registered_division": "固安县",
    "applicant_kinds": ["company", "intermediary"],
    "recognitions": [
        {"kind": "collaborative_innovation_base", "tier": "prefecture", "issuer": "1310", "issued": "2017-03-01"},
        {"kind": "alliance", "tier": "national", "issuer": "全国", "issued": "2016-05-01", "place": "131022"},
        {"kind": "alliance", "tier": "provincial", "issuer": "13", "issued": "2015-05-01", "place": "131022"},
        {"kind": "tech_transfer_institution", "tier": "prefecture", "issuer": "1310"},
    ],
    "contracts": [
        {
            "amount": amount,
            "date": day,
            "brokered": True,
            "transfers_result": True,
            "transferor_kind": "university",
            "transferor_division": "110108",
            "recipient_kind": "company",
            "recipient_division": "131022",
        }
        for amount, day in ((90_000_000, "2016-11-30"), (120_000_000, "2017-02-01"), (5_000_000, "2017-03-01"))
    ],
    "talents": [
        {
            "programme_kind": "talent_introduction",
            "programme_tier": tier,
            "selected_on": "2022-03-01",
            "work_division": "110115",
            "municipal_award": award,
        }
        for tier, award in (("beijing", 500_000), ("national", None), ("county", 10_000))
    ],
}


def plain(profile: Profile) -> dict[str, Any]:
    """The profile as the hand-written function takes it: plain values, exact ones only."""
    result: dict[str, Any] = {path: _plain(value) for path, value in profile.values.items()}
    for kind, name in (("recognition", "recognitions"), ("contract", "contracts"), ("talent", "talents")):
        result[name] = [
            {path.partition(".")[2]: _plain(value) for path, value in record.values.items()}
            for record in profile.lists[kind].records
        ]
    return result


def _plain(value: Any) -> Any:
    if isinstance(value, Span):
        return value.low
    options = getattr(value, "certain", None)
    if options is not None:
        return options
    only = next(iter(value))
    return {"yes": True, "no": False}.get(only, only)


def only(pack: Pack, measures: set[str]) -> Pack:
    """The pack with these measures alone."""
    return dataclasses.replace(pack, measures=tuple(m for m in pack.measures if m.id in measures))


def of_documents(pack: Pack, documents: tuple[str, ...]) -> Pack:
    """The pack with these documents alone."""
    return dataclasses.replace(
        pack,
        documents={id: file for id, file in pack.documents.items() if id in documents},
        measures=tuple(m for m in pack.measures if m.document in documents),
        programmes=tuple(p for p in pack.programmes if p.document in documents),
    )


def timed(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    for _ in range(5):
        work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def fresh_process() -> float:
    """Seconds that ``huiqi check`` takes in a new process, the best of five."""
    sample = Path(__file__).resolve().parent.parent / "samples" / "mixed.yaml"
    command = [sys.executable, "-m", "cli.main", "check", str(sample), "--as-of", AS_OF.isoformat(), "--format", "json"]
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def agree(pack: Pack, profile: Profile, as_of: date) -> None:
    """Raise AssertionError where the hand-written function and the engine differ."""
    result = determine(compile_pack(pack), profile, as_of, ReferenceSolver())
    mine = handwritten.screen(plain(profile), as_of)
    for item in result.results:
        verdict, low, high = mine[item.measure]
        if (verdict, item.measure) != (item.verdict, item.measure):
            raise AssertionError(f"{item.measure} at {as_of}: {verdict} by hand, {item.verdict} by rule")
        if item.amount_range_yuan is None or item.verdict != "eligible":
            continue
        if tuple(map(Fraction, item.amount_range_yuan)) != (low, high):  # type: ignore[arg-type]
            raise AssertionError(f"{item.measure}: {low} to {high} by hand, {item.amount_range_yuan} by rule")


def main() -> None:
    """Run the benchmark and print its table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    whole = load_pack()
    profile = profile_of(RECORDS, whole.vocabulary, whole.tables)
    given = plain(profile)
    by_hand = set(handwritten.screen(given, AS_OF))
    packs = {
        "same measures": only(of_documents(whole, FIRST_TWO), by_hand),
        "two documents": of_documents(whole, FIRST_TWO),
        "all documents": whole,
    }
    rows: list[tuple[str, float, float]] = []
    for as_of in (AS_OF, LATER, RECENT):
        agree(packs["same measures"], profile, as_of)
        rows.append((f"hand-written, {as_of}", *timed(partial(handwritten.screen, given, as_of), options.rounds)))
        for name, pack in packs.items():
            for solver in _solvers():
                program = compile_pack(pack)
                label = f"{solver.name}, {name}, {as_of}"
                rows.append((label, *timed(partial(decide, program, profile, as_of, solver), options.rounds)))
                if pack is whole:
                    work = partial(determine, program, profile, as_of, solver)
                    rows.append((f"{label}, with all reasons", *timed(work, options.rounds)))
    start = fresh_process()
    if options.json:
        print(json.dumps({"rows": rows, "fresh_process_s": start}, ensure_ascii=False))
        return
    peer = rows[0][1]
    print(f"{'ten records, warm':52} {'median ms':>10} {'p95 ms':>10} {'x by hand':>10}")
    for name, median, high in rows:
        print(f"{name:52} {median:10.3f} {high:10.3f} {median / peer:10.1f}")
    print(f"fresh process, huiqi check: {start:.2f} s")


def _solvers() -> list[Any]:
    from engine import forward

    return [ReferenceSolver(), *([forward.ForwardSolver()] if forward.available() else [])]


if __name__ == "__main__":
    main()
