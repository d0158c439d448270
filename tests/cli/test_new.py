"""``huiqi new``: the empty profile is valid, and stays so as it is filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.template import template, used_fields
from engine import Pack, load_pack
from engine.diagnostics import Findings
from engine.profile import Profile, read_profile
from engine.vocabulary import VocabularyField
from engine.yaml_source import read_yaml
from tests.cli.conftest import Run

FILLED = {
    "money": "500万元",
    "count": "50",
    "ratio": "5%",
    "date": "2017-03-01",
    "text": "某某",
    "yes_no": "是",
    "division": "固安县",
    "industry": "C",
    "credit_code": "91350100M000100Y43",
}


def read(text: str, pack: Pack) -> Profile:
    findings = Findings()
    source = read_yaml(text, "new.yaml", findings, rule_file=False)
    assert source is not None
    profile = read_profile(source, pack.vocabulary, pack.tables, findings)
    assert [str(finding) for finding in findings] == []
    return profile


def example(field: VocabularyField) -> str:
    if field.path == "annual.fiscal_year":
        return "2016"
    if field.path == "finding.finding":
        return "是"
    return FILLED[field.type] if field.type in FILLED else next(iter(field.options.values())).label


def filled_in(text: str, pack: Pack) -> str:
    """Every line taken out of its comment, every field given a value."""
    lists = {kind.list: kind.name for kind in pack.vocabulary.records.values()}
    record, lines = "", []
    for line in text[text.index("# ====") :].splitlines():
        if match := re.fullmatch(r"(\w+):", line):
            record = lists.get(match[1], "")
            line = line if record else f"{line} {example(pack.vocabulary.fields[match[1]])}"
        elif match := re.fullmatch(r"# ([ -] )(\w+):", line):
            line = f"{line[2:]} {example(pack.vocabulary.fields[f'{record}.{match[2]}'])}"
        lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("document", [None, *sorted(load_pack().documents)])
def test_empty_and_filled_in_are_valid(document: str | None) -> None:
    pack = load_pack(document=document)
    text = template(pack, only_used=document is not None)
    empty = read(text, pack)
    assert (dict(empty.values), dict(empty.lists)) == ({}, {})
    full = read(filled_in(text, pack), pack)
    given = {*full.values, *(path for found in full.lists.values() for path in found.records[0].values)}
    assert given == (used_fields(pack) if document else set(pack.vocabulary.fields))


def test_a_document_asks_only_for_what_it_reads() -> None:
    pack = load_pack(document="langfang-2016")
    used = used_fields(pack)
    assert {"name", "registered_division", "recognition.kind", "contract.amount", "contract.date"} <= used
    assert len(used) < len(pack.vocabulary.fields) / 2
    assert not any(path.startswith("talent.") for path in used)
    # What a derived fact is derived from is asked too: the tier follows from the issuer.
    assert {"recognition.tier", "recognition.issuer"} <= used


def test_every_field_is_explained() -> None:
    pack = load_pack()
    text = template(pack, only_used=False)
    plain = re.sub(r"\n##?\s+", "", text)
    for field in pack.vocabulary.fields.values():
        assert field.label in text
        if field.spec.question:
            assert re.sub(r"\s", "", field.spec.question) in re.sub(r"\s", "", plain)
        for option in field.options.values():
            assert option.label in text or field.type == "yes_no"


def test_what_it_writes_can_be_checked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "我的企业.yaml"
    found = run("new", "--document", "langfang-2016", "-o", path)
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr == f"已生成 {path}。填好后运行：huiqi check {path}\n"
    checked = run("check", path, "--as-of", "2017-06-30")
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "可享受" not in checked.stdout.partition("结论只表明")[0]


def test_an_existing_file_is_kept_unless_forced(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("mine", "utf-8")
    refused = run("new", "-o", path)
    assert refused.exit_code == 2
    assert "已经存在" in refused.stderr
    assert path.read_text("utf-8") == "mine"
    assert run("new", "-o", path, "--force").exit_code == 0
    assert path.read_text("utf-8").startswith("# 企业画像")


def test_output_is_required_and_may_be_standard_output(run: Run) -> None:
    missing = run("new")
    assert (missing.exit_code, missing.stderr) == (
        2,
        "错误：缺少选项 -o / --output。运行 huiqi new --help 查看用法。\n",
    )
    shown = run("new", "-o", "-")
    assert shown.stdout.startswith("# 企业画像")
    assert shown.stderr == ""


def test_an_unknown_document_is_two(run: Run, tmp_path: Path) -> None:
    found = run("new", "--document", "langfang", "-o", tmp_path / "a.yaml")
    assert found.exit_code == 2
    assert "是不是 langfang-2016？" in found.stderr
    assert list(tmp_path.iterdir()) == []
