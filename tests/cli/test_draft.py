"""``huiqi rules draft``: a folder, a text, JSON; nothing half-written, nothing overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run, shell

NOTICE = ROOT / "tests" / "drafting" / "notice"
FILES = ["document.yaml", "measures.yaml", "programmes.yaml"]


def test_a_folder_and_the_text(tmp_path: Path, run: Run) -> None:
    folder, texts = tmp_path / "packs" / "yunxi-2023", tmp_path / "texts"
    folder.parent.mkdir()
    texts.mkdir()
    result = run("rules", "draft", NOTICE / "notice.pdf", "-o", folder, "--text", texts)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert (texts / "yunxi-2023.txt").read_text("utf-8").splitlines()[2] == "云溪区支持企业研发创新若干措施"
    assert "11 个条款，5 项措施，1 项背景" in result.output
    linted = run("rules", "lint", "--rules", tmp_path)
    assert linted.exit_code == 1
    assert f"{folder}/measures.yaml:7:14: 待定：" in linted.output
    assert "[draft-open]" in linted.output
    refused = run("rules", "list", "--rules", tmp_path)
    assert refused.exit_code == 2 and "draft-open" in refused.stderr


def test_json_has_clauses_entries_and_files(run: Run) -> None:
    result = run("rules", "draft", NOTICE / "notice.txt", "--id", "yunxi-2023", "--format", "json")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["id"] == "yunxi-2023" and sorted(data["files"]) == FILES
    first = data["entries"][0]
    assert (first["kind"], first["clause"], first["line"]) == ("measure", "第一条", 5)
    assert {"text": "200万元", "unit": "元", "kind": "money", "role": "cap", "value": "2000000"} in first["figures"]
    assert data["counts"]["clauses"] == 11
    assert data["clauses"][1]["title"] == "支持研发投入"


def test_without_a_folder_nothing_is_written(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("rules", "draft", NOTICE / "notice.txt").exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["a.txt", ".hidden"])
def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path, run: Run, content: str) -> None:
    folder = tmp_path / "yunxi-2023"
    folder.mkdir()
    (folder / content).write_text("自己写的", "utf-8")
    result = run("rules", "draft", NOTICE / "notice.txt", "-o", folder)
    assert result.exit_code == 2 and "已有别的文件" in result.output
    assert [path.name for path in folder.iterdir()] == [content]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_draft_is_not_drafted_over(tmp_path: Path, run: Run) -> None:
    """What somebody has filled in stays."""
    folder = tmp_path / "yunxi-2023"
    assert run("rules", "draft", NOTICE / "notice.txt", "-o", folder).exit_code == 0
    (folder / "measures.yaml").write_text("measures: []\n", "utf-8")
    assert run("rules", "draft", NOTICE / "notice.txt", "-o", folder).exit_code == 2
    assert (folder / "measures.yaml").read_text("utf-8") == "measures: []\n"


def test_another_text_is_not_overwritten(tmp_path: Path, run: Run) -> None:
    (tmp_path / "yunxi-2023.txt").write_text("另一份", "utf-8")
    folder = tmp_path / "yunxi-2023"
    result = run("rules", "draft", NOTICE / "notice.txt", "-o", folder, "--text", tmp_path)
    assert result.exit_code == 2 and "内容不同" in result.output
    assert not folder.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.txt"], "找不到这个文件"),
        (["a.doc", "--id", "a"], "不认识这种文件"),
        (["通知.txt"], "不能作文件编号"),
        (["notice.txt", "--id", "Bad_Id"], "不能作文件编号"),
        (["notice.txt", "-o", "here", "--id", "there"], "同名"),
        (["notice.txt", "-o", "no/such/folder"], "所在的文件夹不存在"),
    ],
)
def test_wrong_input_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.doc", "通知.txt", "notice.txt"):
        Path(name).write_bytes((NOTICE / "notice.txt").read_bytes())
    result = run("rules", "draft", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr and len(result.stderr.splitlines()) == 1
    assert len(list(tmp_path.iterdir())) == 3


def test_in_a_process_of_its_own(tmp_path: Path) -> None:
    result = shell("rules", "draft", NOTICE / "notice.txt", "-o", tmp_path / "yunxi-2023")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
