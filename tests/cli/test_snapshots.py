"""Reports as they were last read and accepted: ``make accept`` stores them anew, the diff is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import load_pack
from tests.cli.conftest import ROOT, Run

EXPECTED = Path(__file__).parent / "expected"
REPORTS = {
    "mixed-2017.txt": ("mixed", "--as-of", "2017-06-30"),
    "mixed-2017-brief.txt": ("mixed", "--as-of", "2017-06-30", "--brief"),
    "mixed-2022-all.txt": ("mixed", "--as-of", "2022-06-30", "--document", "daxing-2021", "--all"),
    "mixed-2017-award.txt": (
        "mixed", "--as-of", "2017-06-30", "--measure", "lf16-city-collaborative-innovation-base-award",
    ),
    "listed-2026.txt": ("listed-company", "--as-of", "2026-11-01"),
    "mixed-2017.html": ("mixed", "--as-of", "2017-06-30", "--document", "langfang-2016", "--format", "html"),
}  # fmt: skip


@pytest.mark.snapshot
@pytest.mark.parametrize("name", REPORTS)
def test_report_is_as_accepted(run: Run, accept: bool, name: str) -> None:
    sample, *options = REPORTS[name]
    found = run("check", ROOT / "samples" / f"{sample}.yaml", *options)
    assert found.exit_code == 0
    # The version changes with every rule, also with those that these reports do not show.
    text = found.stdout.replace(load_pack().version, "<version>")
    path = EXPECTED / name
    if accept:
        EXPECTED.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_nothing_is_stored_in_vain() -> None:
    assert {path.name for path in EXPECTED.iterdir()} == set(REPORTS)
