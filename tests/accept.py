"""The expected results of the samples: ``python -m tests.accept`` (or ``make accept``, with all else that is
stored) writes them anew, for the diff to be read.

Of a sample at a date it is the whole determination, as ``huiqi check --format json`` prints it; of a broken
sample it is the findings, a line each. Nothing depends on the day or on the folder that this runs in.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from engine.circuit import Solver
from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.loader import load_pack
from engine.profile import Profile, read_profile
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.yaml_source import read_bytes

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
EXPECTED = SAMPLES / "expected"
TODAY = date(2026, 11, 1)

DATES: dict[str, tuple[date, ...]] = {
    "mixed": (date(2017, 6, 30), date(2022, 6, 30), TODAY),
    "langfang-2016": (date(2017, 6, 30),),
    "daxing-2021": (date(2022, 6, 30),),
    "listed-company": (date(2023, 6, 30), TODAY),
    "beijing-mixed": (TODAY,),
}
"""The samples that can be read, and the dates at which each is screened."""


def broken() -> list[str]:
    """The names of the samples that cannot be read."""
    return sorted(path.stem for path in SAMPLES.glob("broken-*.yaml"))


def read_sample(name: str) -> tuple[Profile | None, Findings]:
    """A sample's profile as far as it can be read, and its problems."""
    pack, findings = load_pack(), Findings()
    path = SAMPLES / f"{name}.yaml"
    source = read_bytes(path.read_bytes(), f"samples/{path.name}", findings, rule_file=False)
    profile = read_profile(source, pack.vocabulary, pack.tables, findings) if source else None
    return profile, findings


def determination(name: str, as_of: date, solver: Solver) -> str:
    """The JSON of a sample's determination. Raises InputError where the sample cannot be read."""
    profile, findings = read_sample(name)
    findings.raise_errors()
    assert profile is not None
    return determine(compile_pack(load_pack()), profile, as_of, solver).to_json()


def problems(name: str) -> str:
    """The findings of a broken sample, a line each."""
    _, findings = read_sample(name)
    return "".join(f"{finding}\n" for finding in findings)


def expected_path(name: str, as_of: date | None = None) -> Path:
    """Where an expected result lies: ``mixed@2017-06-30.json``, ``broken-tab.txt``."""
    return EXPECTED / (f"{name}@{as_of}.json" if as_of else f"{name}.txt")


def results() -> dict[Path, str]:
    """Every expected result by its place."""
    solver = ReferenceSolver()
    found = {
        expected_path(name, as_of): determination(name, as_of, solver)
        for name, dates in DATES.items()
        for as_of in dates
    }
    return found | {expected_path(name): problems(name) for name in broken()}


def accept() -> list[Path]:
    """Write what is expected from now on; remove what belongs to no sample. Returns what changed."""
    EXPECTED.mkdir(exist_ok=True)
    wanted = results()
    changed = [path for path in EXPECTED.iterdir() if path not in wanted]
    for path in changed:
        path.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write(path, text)
            changed.append(path)
    return sorted(changed)


def write(path: Path, text: str) -> None:
    """Store an expected result, the same on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for changed_path in accept():
        sys.stdout.write(f"{changed_path.relative_to(SAMPLES.parent)}\n")
