"""Processes killed while a list is worked on and somebody judges, as benchmarks/centre_crash.py does it, for a short while."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_that_was_acknowledged_is_lost(kind: str) -> None:
    words = ["--kills", "3", "--rows", "4100", "--reviewers", "1", "--longest", "3", "--database", kind]
    command = [sys.executable, "-m", "benchmarks.centre_crash", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "杀死 1 次名单进程、1 次网页进程、1 次服务器" in done.stdout
    assert "应答过的都在，没有重复，名单都做完，数目对得上，链成立" in done.stdout
