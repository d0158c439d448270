"""The examples of docs/api.md, run as they stand against a running server; only the port is another."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import huiqi
from tests.helpers import ROOT
from tests.serving import served
from tests.web.test_api import site

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
WRITTEN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(site()) as address:
        yield address


def example(language: str, address: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert WRITTEN in code
    return str(code).replace(WRITTEN, address)


def test_curl(address: str, tmp_path: Path) -> None:
    done = subprocess.run(["bash", "-ec", example("sh", address)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    path = tmp_path / "认定记录.json"
    results = json.loads(path.read_text("utf-8"))["results"]
    assert [result["amount_yuan"] for result in results if result["verdict"] == "eligible"] == ["100000"]
    said = CliRunner().invoke(huiqi, ["check", "--verify", str(path), "--brief"])
    assert (said.exit_code, "确认" in said.stdout) == (0, True)


def test_python(address: str, tmp_path: Path) -> None:
    script = tmp_path / "client.py"
    script.write_text(example("python", address), "utf-8")
    done = subprocess.run([sys.executable, "-X", "utf8", "-I", str(script)], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert any("影响 " in line for line in lines)
    (settled,) = [line for line in lines if line.startswith("已证明没有别的可问")]
    assert int(re.findall(r"\d+", settled)[0]) > 0
    assert any(line.startswith("可以： ") for line in lines)
    assert any(line.startswith("1 [") for line in lines)
    assert "是不是registered_division" in lines[-1]


def test_the_page_names_every_address() -> None:
    from web.api.openapi import OPERATIONS

    for operation in OPERATIONS:
        assert operation.path in PAGE, operation.path
