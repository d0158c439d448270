"""``huiqi rules diff`` as people run it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import huiqi
from engine.loader import BUILT_IN
from tests.cli.conftest import shell
from tests.difference.conftest import LANGFANG, Edited
from tests.helpers import measure, write_rules

EXPECTED = Path(__file__).parent / "expected"
MEASURES = (
    measure("{field: staff, at_least: %s}, {field: home, within: 廊坊市}, {judgement: major}", id="hires"),
    measure("{field: contract.kind, equals: transfer}", id="deals", subject="contract", benefit="{kind: award, amount: %s}"),
    measure("{field: size, in: [small, micro]}", id="small"),
)


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(huiqi, ["rules", "diff", *map(str, args)])


def version(folder: Path, staff: int, award: str, more: str = "") -> Path:
    """A small rules directory with two measures and ``more``."""
    measures = (MEASURES[0] % staff, MEASURES[1] % award, more)
    text = "measures:\n" + "".join(f"  {line}\n" for item in measures for line in item.splitlines())
    return write_rules(folder, {"measures.yaml": text})


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Path, Path]:
    old = version(tmp_path / "old", 10, "10万元")
    return old, version(tmp_path / "new", 50, "12万元", MEASURES[2])


@pytest.mark.snapshot
def test_the_report_is_as_accepted(versions: tuple[Path, Path], accept: bool) -> None:
    # In a process of its own, and without the profiles: which of many a solver gives depends on what it was asked before.
    found = shell("rules", "diff", *versions, "--as-of", "2021-06-30")
    assert found.returncode == 1, found.stderr
    text, count = re.subn(r"例：\{.*\}", "例：<画像>", found.stdout)
    assert count == len(re.findall(r"^  \d+\. ", text, re.MULTILINE)) > 0
    path = EXPECTED / "small.txt"
    if accept:
        EXPECTED.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_nothing_changed(versions: tuple[Path, Path]) -> None:
    old, _ = versions
    found = run(old, old, "--as-of", "2021-06-30")
    assert found.exit_code == 0
    assert "没有任何画像的结论或金额改变" in found.stdout


def test_json_is_told_and_written(versions: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "差异.json"
    told = run(*versions, "--as-of", "2021-06-30", "--format", "json", "-o", out)
    assert told.exit_code == 1
    data = json.loads(told.stdout)
    assert data == json.loads(out.read_text("utf-8"))
    kinds = {item["measure"]: item["kind"] for item in data["measures"]}
    assert kinds == {"hires": "both", "deals": "both", "small": "added"}
    hires = data["measures"][0]
    assert hires["complete"] and hires["regions"] and hires["days"] == ["2021-06-30"]
    for region in hires["regions"]:
        assert region["witness"] is not None and region["old"]["verdict"] != region["new"]["verdict"]


def test_a_page_with_charts(tmp_path: Path, edited: Edited) -> None:
    out = tmp_path / "差异.html"
    new = edited(("rate: 1%", "rate: 2%"), ("label: 域外机构\n", "label: <b>域外机构</b>\n"))
    synthetic = BUILT_IN.parent / "samples" / "lists" / "synthetic.xlsx"
    found = run(LANGFANG, new, "--as-of", "2017-06-30", "--list", synthetic, "-o", out)
    assert found.exit_code == 1, found.output
    text = out.read_text("utf-8")
    assert text.count("<svg") == text.count("</svg>") >= 8
    assert "&lt;b&gt;域外机构" in text and "<b>域外" not in text
    assert "http://" not in re.sub(r'xmlns="[^"]+"', "", text) and "<script" not in text


def test_a_pack_in_a_folder_of_another_name(edited: Edited) -> None:
    """A changed copy lies anywhere; what it leaves out is the built-in vocabulary."""
    found = run(LANGFANG, edited(("rate: 1%", "rate: 2%"), name="廊坊（征求意见稿）"), "--as-of", "2017-06-30")
    assert found.exit_code == 1 and "100万元" in found.stdout


def test_bad_input_is_one_clear_line(tmp_path: Path, edited: Edited) -> None:
    broken = edited(("rate: 1%", "rate: 一成多"), name="broken")
    empty = tmp_path / "empty"
    empty.mkdir()
    cases: list[tuple[tuple[str | Path, ...], str]] = [
        ((LANGFANG, tmp_path / "nowhere"), "nowhere"),
        ((LANGFANG, empty), "这里没有规则"),
        ((LANGFANG, broken), f"{broken}/measures-2.yaml:"),
        ((LANGFANG, LANGFANG, "--measure", "no-such"), "没有措施“no-such”"),
        ((LANGFANG, LANGFANG, "--mapping", "x.yaml"), "--list"),
        ((LANGFANG, LANGFANG, "-o", tmp_path / "out.pdf"), ".xlsx"),
        ((LANGFANG, LANGFANG, "-o", tmp_path / "nowhere" / "out.xlsx"), "文件夹不存在"),
        ((LANGFANG, LANGFANG, "--list", tmp_path / "no.xlsx"), "no.xlsx"),
    ]
    for args, line in cases:
        found = run(*args)
        assert found.exit_code == 2, (args, found.output)
        assert line in found.stderr and len(found.stderr.strip().splitlines()) == 1, found.stderr
        assert not (tmp_path / "out.pdf").exists()
