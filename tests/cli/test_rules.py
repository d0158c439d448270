"""``huiqi rules``: the list, one rule in Chinese, findings and cases."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine import load_pack
from engine.loader import BUILT_IN
from tests.cli.conftest import Run

AWARD = "lf16-city-collaborative-innovation-base-award"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The built-in pack of one document, to be spoiled."""
    folder = tmp_path / "rules"
    shutil.copytree(BUILT_IN / "packs" / "langfang-2016", folder / "packs" / "langfang-2016")
    return folder


def test_list_names_every_measure_and_programme(run: Run) -> None:
    pack = load_pack()
    ids = {*(measure.id for measure in pack.measures), *(entry.spec.id for entry in pack.programmes)}
    text = run("rules", "list").stdout
    assert f"共 {len(ids)} 条。" in text
    assert {line.split()[0] for line in text.splitlines() if line.startswith("  ")} == ids
    rows = json.loads(run("rules", "list", "--format", "json").stdout)
    assert {row["id"] for row in rows} == ids
    assert {"document", "id", "clause", "title", "determinacy", "subject", "benefit"} == set(rows[0])


def test_list_of_the_two_first_documents_has_all_their_clauses(run: Run) -> None:
    counts = {}
    for document in ("langfang-2016", "daxing-2021"):
        rows = json.loads(run("rules", "list", "--document", document, "--format", "json").stdout)
        assert {row["document"] for row in rows} == {document}
        counts[document] = len(rows)
    assert counts == {"langfang-2016": 31, "daxing-2021": 39}


def test_show_reads_as_chinese(run: Run) -> None:
    text = run("rules", "show", AWARD).stdout
    for part in (
        "待遇    奖励；10万元；一次性",
        "以下全部满足：",
        "· 认定类别为协同创新基地",
        "未填写时按满足处理",
        "部门    市科技局、市财政局",
        "有效期  2016年1月1日至2018年12月31日（推断）",
        "一次性奖励10万元”",
        "measures-1.yaml:",
    ):
        assert part in text


@pytest.mark.parametrize("document", sorted(load_pack().documents))
def test_everything_can_be_shown(run: Run, document: str) -> None:
    pack = load_pack(document=document)
    for name in [*(measure.id for measure in pack.measures), *(entry.spec.id for entry in pack.programmes)]:
        found = run("rules", "show", name)
        assert found.exit_code == 0
        assert name in found.stdout


def test_show_suggests_near_names(run: Run) -> None:
    found = run("rules", "show", AWARD + "s")
    assert (found.exit_code, found.stdout) == (2, "")
    assert f"是不是 {AWARD}" in found.stderr


def test_lint_of_the_built_in_rules_has_no_errors(run: Run) -> None:
    found = run("rules", "lint")
    assert found.exit_code == 0, found.stdout


def test_lint_reports_what_is_wrong_with_its_place(run: Run, rules: Path) -> None:
    path = rules / "packs" / "langfang-2016" / "measures-1.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("equals: collaborative_innovation_base", "equals: colaborative_base"), "utf-8"
    )
    found = run("rules", "lint", "--rules", rules)
    assert found.exit_code == 1
    assert f"{path}:" in found.stdout
    assert "colaborative_base" in found.stdout
    findings = json.loads(run("rules", "lint", "--rules", rules, "--format", "json").stdout)
    [wrong] = [item for item in findings if "colaborative_base" in item["message"]]
    assert (wrong["severity"], wrong["file"]) == ("error", str(path))
    assert text.splitlines()[wrong["line"] - 1].strip().startswith("- {field: recognition.kind, equals: ")
    checked = run("check", "-", "--rules", rules, "--as-of", "2017-06-30", input="name: 甲\n")
    assert (checked.exit_code, checked.stdout) == (2, "")


def test_cases_pass_and_a_wrong_one_is_found(run: Run, rules: Path) -> None:
    good = run("rules", "test", "--rules", rules)
    assert good.exit_code == 0
    assert "，0 处不符。" in good.stdout
    found = ((path, path.read_text("utf-8")) for path in sorted(rules.glob("packs/*/cases*.yaml")))
    path, text = next((path, text) for path, text in found if "amount: 10万元" in text)
    path.write_text(text.replace("amount: 10万元", "amount: 11万元", 1), "utf-8")
    wrong = run("rules", "test", "--rules", rules)
    assert wrong.exit_code == 1
    assert f"{path}:" in wrong.stdout
    assert "，1 处不符。" in wrong.stdout


def test_cases_of_one_document(run: Run) -> None:
    every, one = (run("rules", "test", *more).stdout for more in ((), ("--document", "langfang-2016")))
    assert 0 < int(one.split()[0]) < int(every.split()[0])
