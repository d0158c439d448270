"""docs/lists.md: the example gives what the page says, and every key of a mapping is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

pytest.importorskip("polars")

from cli.main import huiqi
from engine.lists.mapping import ColumnSpec, MappingFile, TableSpec
from tests.conftest import ROOT
from tests.lists import make_messy

PAGE = (ROOT / "docs" / "lists.md").read_text("utf-8")
BLOCKS = [(kind, body) for kind, body in re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)]
COMMANDS = [body.strip() for _, body in BLOCKS if body.startswith("huiqi ")]


def run(command: str, folder: Path) -> tuple[int, str]:
    """A command of the page; what it writes goes to ``folder``."""
    words = [str(ROOT / word) if word.startswith("samples/") else word for word in command.split()[1:]]
    words = [str(folder / word) if word.startswith(("结果", "未采用", "映射")) else word for word in words]
    result = CliRunner().invoke(huiqi, words)
    return result.exit_code, result.output


def test_the_example_gives_what_the_page_says(tmp_path: Path) -> None:
    inspect, batch, explain = COMMANDS
    code, output = run(inspect, tmp_path)
    assert code == 1
    told = [body.strip() for kind, body in BLOCKS if not kind and not body.startswith("huiqi ")]
    assert told[0] in output
    code, output = run(batch, tmp_path)
    assert code == 1
    assert told[1] in output
    rejects = (tmp_path / "未采用.csv").read_text("utf-8-sig")
    assert "编号是科学计数法，后几位已经丢失" in rejects
    assert len(rejects.splitlines()) == 3
    code, output = run(explain, tmp_path)
    assert code == 0
    assert "缺资料" in output


def test_the_mapping_of_the_page_is_the_sample() -> None:
    shown = next(body for kind, body in BLOCKS if kind == "yaml")
    stored = (ROOT / "samples" / "lists" / "messy.yaml").read_text("utf-8")
    assert yaml.safe_load(shown) == yaml.safe_load(stored)


def test_every_key_of_a_mapping_is_told() -> None:
    keys = {*MappingFile.model_fields, *TableSpec.model_fields, *ColumnSpec.model_fields}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


def test_the_workbook_is_what_the_script_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.lists.files import read_sheets

    stored = read_sheets(make_messy.TARGET)
    monkeypatch.setattr(make_messy, "TARGET", tmp_path / "messy.xlsx")
    make_messy.main()
    assert read_sheets(tmp_path / "messy.xlsx")[0].frame.equals(stored[0].frame)
