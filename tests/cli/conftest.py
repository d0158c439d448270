"""A small profile, and ways to run the command: in this process, and as users do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import huiqi

ROOT = Path(__file__).resolve().parents[2]
BASE = """\
name: 虚构科技（廊坊）有限公司
registered_division: 固安县
applicant_kinds: [企业]
recognitions:
  - {id: 基地甲, kind: 协同创新基地, tier: 市级, issuer: 廊坊市, issued: 2017-03-01}
"""
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """``run("check", path)``: the command in this process; ``input`` is standard input."""

    def invoke(*args: str | Path, **settings: Any) -> Result:
        return CliRunner().invoke(huiqi, [str(arg) for arg in args], **settings)

    return invoke


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """An enterprise with one award of 100,000 yuan at 2017-06-30."""
    path = tmp_path / "企业.yaml"
    path.write_text(BASE, "utf-8")
    return path


def shell(
    *args: str | Path, env: dict[str, str] | None = None, **settings: Any
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "cli.main", *map(str, args)]
    found = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    return subprocess.run(
        command, env=found, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, **settings
    )
