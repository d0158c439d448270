"""The commands of those who write rules: schema, book, coverage, export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.folders import MARKER, replace_folder
from engine import load_pack
from engine.loader import BUILT_IN
from tests.cli.conftest import Run
from tests.conftest import SHARED
from tests.helpers import document, measure, write_rules

AWARD = "lf16-city-collaborative-innovation-base-award"
TEXT = "一、措施\n(二)对新建平台奖励10万元。\n还有什么。\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Rules of one document whose text leaves a sentence over."""
    cited = measure("{exists: project}").replace("原文一句, 原文另一句", "对新建平台奖励10万元")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "test.txt").write_text(TEXT, "utf-8")
    files = {"document.yaml": document(source="{text: test.txt}"), "measures.yaml": f"measures:\n{cited}"}
    return write_rules(tmp_path / "rules", files)


def test_schema_writes_a_folder_and_the_settings_of_the_editor(run: Run, tmp_path: Path, rules: Path) -> None:
    found = run("rules", "schema", "--rules", rules, "-o", tmp_path / "schema")
    assert found.exit_code == 0
    assert "已写出 8 个 schema" in found.stdout
    assert "# yaml-language-server: $schema=" in found.stdout
    settings = json.loads((tmp_path / "schema" / "settings.json").read_text("utf-8"))
    for schema, files in settings["yaml.schemas"].items():
        assert Path(schema).is_file()
        assert files.startswith(str(rules))


def test_schema_without_a_folder_is_one_json(run: Run, rules: Path) -> None:
    found = run("rules", "schema", "--rules", rules)
    assert found.exit_code == 0
    assert "measures.schema.json" in json.loads(found.stdout)


def test_book_is_written_whole_and_again(run: Run, tmp_path: Path, rules: Path) -> None:
    for _ in range(2):
        found = run("rules", "book", "--rules", rules, "-o", tmp_path / "book")
        assert found.exit_code == 0
        assert "已写出 1 项措施" in found.stdout
        assert (tmp_path / "book" / "measures" / "m.html").is_file()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_book_of_one_document(run: Run, tmp_path: Path) -> None:
    found = run("rules", "book", "--document", "langfang-2016", "-o", tmp_path / "book")
    assert found.exit_code == 0
    assert [path.name for path in (tmp_path / "book" / "documents").iterdir()] == ["langfang-2016.html"]


def test_no_folder_of_somebody_else_is_overwritten(run: Run, tmp_path: Path, rules: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("我的", "utf-8")
    for target in (tmp_path / "mine", tmp_path / "mine" / "notes.txt", tmp_path / "no" / "such"):
        found = run("rules", "book", "--rules", rules, "-o", target)
        assert found.exit_code == 2
        assert len(found.stderr.splitlines()) == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_a_failure_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, {"a.html": "一"}, "book")
    with pytest.raises(UnicodeEncodeError):
        replace_folder(target, {"a.html": "二", "b.html": "\ud800"}, "book")
    assert (target / "a.html").read_text("utf-8") == "一"
    assert sorted(path.name for path in target.iterdir()) == [MARKER, "a.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_coverage_names_what_has_no_place(run: Run, tmp_path: Path, rules: Path) -> None:
    found = run("rules", "coverage", "--rules", rules, "--sources", tmp_path / "texts")
    assert found.exit_code == 1
    assert f"{tmp_path / 'texts' / 'test.txt'}:3:1: 没有着落：“还有什么。”" in found.stdout
    assert "1 句没有着落，共 1 个问题。" in found.stdout


def test_coverage_as_json_and_as_a_page(run: Run, tmp_path: Path, rules: Path) -> None:
    options = ("rules", "coverage", "--rules", rules, "--sources", tmp_path / "texts")
    found = json.loads(run(*options, "--format", "json").stdout)
    assert found["documents"][0]["counts"] == {"measure": 2, "unaccounted": 1}
    assert found["documents"][0]["sentences"][1]["rules"] == ["m"]
    assert [item["code"] for item in found["findings"]] == ["coverage-unaccounted"]
    shown = run(*options, "--format", "html", "-o", tmp_path / "page.html")
    assert shown.exit_code == 1
    assert "没有着落" in shown.stderr
    assert "<mark>对新建平台奖励10万元</mark>" in (tmp_path / "page.html").read_text("utf-8")


def test_coverage_needs_its_texts(run: Run, tmp_path: Path, rules: Path) -> None:
    assert run("rules", "coverage", "--rules", rules).exit_code == 2
    assert run("rules", "coverage", "--rules", rules, "--sources", tmp_path / "nowhere").exit_code == 2
    (tmp_path / "texts" / "test.txt").unlink()
    found = run("rules", "coverage", "--rules", rules, "--sources", tmp_path / "texts")
    assert found.exit_code == 1
    assert "找不到“test”的官方文本" in found.stdout


@pytest.mark.shared
def test_coverage_of_the_official_texts(run: Run) -> None:
    found = run("rules", "coverage", "--sources", SHARED / "sources")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[-1] == "每一句都有着落。"
    assert len(found.stdout.splitlines()) == 1 + len(load_pack().documents)


def test_export_writes_a_graph_of_the_measures_chosen(run: Run, tmp_path: Path) -> None:
    found = run("rules", "export", "--format", "jdm", "--measure", AWARD, "-o", tmp_path / "graph.json")
    assert found.exit_code == 0
    graph = json.loads((tmp_path / "graph.json").read_text("utf-8"))
    assert graph["contentType"] == "application/vnd.gorules.decision"
    ids = {node["id"] for node in graph["nodes"]}
    assert {end for edge in graph["edges"] for end in (edge["sourceId"], edge["targetId"])} == ids


def test_export_names_what_it_cannot_say(run: Run, tmp_path: Path) -> None:
    benefit = "{kind: rate, rate: 1%, base: {sum: contract.amount}, cap: {amount: 1万元, scope: per_record}}"
    rules = write_rules(
        tmp_path / "r", {"measures.yaml": f"measures:\n{measure('{exists: contract}', benefit=benefit)}"}
    )
    found = run("rules", "export", "--rules", rules)
    assert found.exit_code == 1
    assert "m 不能导出：合计的每一笔各有上限" in found.stderr
    assert json.loads(found.stdout)["nodes"]


def test_export_turns_a_profile_into_input(run: Run, profile: Path) -> None:
    found = run("rules", "export", "--input", profile, "--as-of", "2017-06-30")
    assert found.exit_code == 0
    given = json.loads(found.stdout)
    assert given["as_of"] == "2017-06-30"
    assert given["lists"]["recognitions"][0]["issued"] == "2017-03-01"
    wrong = run("rules", "export", "--input", "-", input="staff_total: 1-9人\n")
    assert wrong.exit_code == 2
    assert "范围" in wrong.stderr


def test_the_ledgers_come_with_the_rules() -> None:
    assert {path.stem for path in (BUILT_IN / "coverage").glob("*.yaml")} == set(load_pack().documents)
