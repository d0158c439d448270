"""Comparing two versions of the rules: one edited threshold, as a user waits for it.

``python -m benchmarks.rule_changes`` runs the commands in processes of their own and prints wall time, each as a ratio
to ``huiqi rules verify`` of the same pack: the change of one threshold, of a yearly cap, of nothing, and the threshold
with a list.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.loader import BUILT_IN

ROUNDS = 3
PACK = BUILT_IN / "packs" / "langfang-2016"
LIST = BUILT_IN.parent / "samples" / "lists" / "synthetic.xlsx"
EDITS = {
    "一个门槛": ("{days_since: investment.date, at_least: 0,", "{days_since: investment.date, at_least: 30,"),
    "一个年度上限": ("cap: {amount: 10万元, scope: per_year}", "cap: {amount: 8万元, scope: per_year}"),
    "没有改动": ("", ""),
}


def wall(*args: str) -> float:
    """Seconds that the command takes, start of Python included; the median of a few runs."""
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "cli.main", *args], capture_output=True, check=False)
        spent.append(time.perf_counter() - start)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stderr.decode())
    return statistics.median(spent)


def edited(folder: Path, old: str, new: str) -> Path:
    """A copy of the pack with one text replaced."""
    place = folder / f"edited-{len(list(folder.iterdir()))}"
    shutil.copytree(PACK, place)
    for path in place.glob("measures*.yaml"):
        path.write_text(path.read_text("utf-8").replace(old, new) if old else path.read_text("utf-8"), "utf-8")
    return place


def main() -> None:
    """Print the figures."""
    proof = wall("rules", "verify", PACK.name)
    print(f"huiqi rules verify {PACK.name}: {proof:.2f} 秒")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, (old, new) in EDITS.items():
            spent = wall("rules", "diff", str(PACK), str(edited(folder, old, new)))
            print(f"huiqi rules diff，{name}: {spent:.2f} 秒，是验证的 {spent / proof:.2f} 倍")
        changed = edited(folder, *EDITS["一个门槛"])
        spent = wall("rules", "diff", str(PACK), str(changed), "--list", str(LIST), "--as-of", "2017-06-30")
        print(f"huiqi rules diff，一个门槛和一份名单: {spent:.2f} 秒，是验证的 {spent / proof:.2f} 倍")


if __name__ == "__main__":
    main()
