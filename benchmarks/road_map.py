"""How long the road map takes: ``python -m benchmarks.road_map [DATE]``, the samples at one date (2026-11-22).

For each sample the processor time of a whole road map with what opens most, and of single measures, each from
an evaluated profile on, as a page asks for them.
"""

from __future__ import annotations

import sys
from datetime import date
from statistics import median, quantiles
from time import process_time

from engine.compiler import compile_pack
from engine.loader import load_pack
from engine.roadmap import Roads, road_map
from tests.accept import read_sample

SAMPLES = ("beijing-mixed", "mixed", "listed-company", "langfang-2016", "daxing-2021")
ROUNDS = 3


def main() -> None:
    """Print a line for each sample."""
    day = date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else date(2026, 11, 22)
    program = compile_pack(load_pack())
    print(f"{'sample':<16}{'routes':>8}{'ways':>6}{'whole s':>10}{'measure ms':>12}{'p95 ms':>8}")
    for name in SAMPLES:
        profile, _ = read_sample(name)
        if profile is None:
            raise SystemExit(f"{name} cannot be read")
        road_map(program, profile, day)
        whole = []
        for _ in range(ROUNDS):
            start = process_time()
            found = road_map(program, profile, day)
            whole.append(process_time() - start)
        roads = Roads(program, profile, day)
        each = []
        for id, assessed in roads.assessed.items():
            if assessed.verdict == "ineligible":
                start = process_time()
                roads.route(id)
                each.append((process_time() - start) * 1000)
        ways = sum(len(route.ways) for route in found.routes)
        p95 = quantiles(each, n=20)[-1] if len(each) > 1 else 0.0
        single = median(each) if each else 0.0
        print(f"{name:<16}{len(found.routes):>8}{ways:>6}{median(whole):>10.2f}{single:>12.1f}{p95:>8.1f}")


if __name__ == "__main__":
    main()
