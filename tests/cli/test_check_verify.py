"""``huiqi check --verify``: lines, exit codes, and what may not be said beside it; ``--format pdf``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, shell

AWARD = "lf16-city-collaborative-innovation-base-award"


@pytest.fixture
def record(run: Run, profile: Path, tmp_path: Path) -> Path:
    path = tmp_path / "认定记录.json"
    assert run("check", profile, "--as-of", "2017-06-30", "--format", "json", "-o", path).exit_code == 0
    return path


def test_a_determination_is_confirmed_line_by_line(run: Run, record: Path) -> None:
    found = run("check", "--verify", record)
    assert (found.exit_code, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[0].startswith("虚构科技（廊坊）有限公司，评估日 2017年6月30日，")
    assert f"✓ 新认定市级协同创新基地一次性奖励（{AWARD}）：可享受" in lines
    assert "✓ 合计：申报单位" in lines
    assert lines[-1].startswith("确认：共 ")
    assert "✗" not in found.stdout


def test_brief_says_only_what_differs(run: Run, record: Path) -> None:
    found = run("check", "--verify", record, "--brief")
    assert (found.exit_code, len(found.stdout.splitlines())) == (0, 2)


def test_a_changed_amount_is_refuted_with_told_and_derived(run: Run, record: Path) -> None:
    told = json.loads(record.read_text("utf-8"))
    (result,) = [result for result in told["results"] if result["measure"] == AWARD]
    result["amount_yuan"] = "1000000"
    found = run("check", "--verify", "-", "--brief", input=json.dumps(told))
    assert found.exit_code == 1
    assert found.stdout.splitlines()[1:] == [
        f"✗ 新认定市级协同创新基地一次性奖励（{AWARD}）：可享受",
        '    金额 amount_yuan：写的是 "1000000"，应为 "100000"',
        f"不一致：共 {len(told['results']) + len(told['programmes']) + len(told['readiness']) + len(told['totals']) + 1} 项，"
        "其中 1 项有 1 处与重新得出的不同。",
    ]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"verdict": "ineligible"}, "    结论 verdict：写的是 不符合，应为 可享受"),
        ({"stated": "not_met"}, "    文件写明的条件 stated：写的是 不满足，应为 满足"),
        ({"amount_yuan": None}, '    金额 amount_yuan：写的是 —，应为 "100000"'),
        ({"amount_status": "not_applicable"}, "    金额状态 amount_status：写的是 不涉及金额，应为 文件写明"),
        ({"payee": "person"}, "    付给 payee：写的是 个人，应为 申报单位"),
        # What is none of the words is quoted as it stands.
        ({"verdict": "符合"}, '    结论 verdict：写的是 "符合"，应为 可享受'),
        ({"verdict": 1}, "    结论 verdict：写的是 1，应为 可享受"),
    ],
)
def test_what_differs_is_told_in_words(run: Run, record: Path, change: dict[str, Any], line: str) -> None:
    told = json.loads(record.read_text("utf-8"))
    (result,) = [result for result in told["results"] if result["measure"] == AWARD]
    result.update(change)
    assert line in run("check", "--verify", "-", "--brief", input=json.dumps(told)).stdout.splitlines()


def test_a_measure_that_is_left_out_or_made_up_is_told_by_its_verdict(run: Run, record: Path) -> None:
    told = json.loads(record.read_text("utf-8"))
    (result,) = [result for result in told["results"] if result["measure"] == AWARD]
    # Left out, it would not be asked for; written twice, it is one too many.
    told["results"].append(result)
    lines = run("check", "--verify", "-", "--brief", input=json.dumps(told)).stdout.splitlines()
    assert "    整项：写的是 可享受，不应有" in lines


def test_what_is_open_is_told_as_pages_tell_it(run: Run, record: Path) -> None:
    lines = run("check", "--verify", record).stdout.splitlines()
    assert any(line.endswith("：缺资料") for line in lines)
    assert not any(line.endswith("：待定") for line in lines)


def test_another_version_is_said_first(run: Run, record: Path) -> None:
    told = json.loads(record.read_text("utf-8"))
    version, told["pack_version"] = told["pack_version"], "0000"
    record.write_text(json.dumps(told), "utf-8")
    found = run("check", "--verify", record, "--brief")
    assert found.exit_code == 1
    assert found.stdout.startswith(f"规则版本不同：认定记录写的是 0000，现有规则是 {version}。")


@pytest.mark.parametrize("content", [b"", b"name: x\n", b"{}", b"\xff", b'{"a": 1, "a": 2}'])
def test_what_is_no_determination_is_two(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    found = run("check", "--verify", path)
    assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (2, "", 1)
    assert found.stderr.startswith(f"{path}:")


def test_a_file_that_is_not_there_is_two(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        found = run("check", "--verify", path)
        assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize("more", [("--as-of", "2017-06-30"), ("--measure", AWARD), ("--format", "json"), ("企业.yaml",)])
def test_nothing_else_may_be_said(run: Run, record: Path, more: tuple[str, ...]) -> None:
    found = run("check", "--verify", record, *more)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "--verify 按认定记录里写的画像和日期核对" in found.stderr


def test_without_a_profile_it_says_so(run: Run) -> None:
    found = run("check")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "缺少参数“画像”" in found.stderr


def test_pdf_goes_to_a_file_or_a_pipe(profile: Path, tmp_path: Path) -> None:
    target = tmp_path / "报告.pdf"
    options = ("--as-of", "2017-06-30", "--measure", AWARD, "--format", "pdf", "-o", target)
    done = shell("check", profile, *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_bytes().startswith(b"%PDF-")


def test_pdf_never_goes_to_a_terminal(run: Run, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import _NamedTextIOWrapper

    monkeypatch.setattr(_NamedTextIOWrapper, "isatty", lambda _: True, raising=False)
    found = run("check", profile, "--format", "pdf")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "-o 报告.pdf" in found.stderr
