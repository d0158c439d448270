"""The corpus of good and bad rules: ``tests/corpus/rules``.

A case is a measures file, or a folder of files, laid over the template beside it. What is wrong with a bad one
stands in the comments at the head of its files, a line each: ``# expect: 12:9 condition-shape`` (with the file
before it where that is one of the template's). What a good one says stands there too, as
``# case: 2021-06-30 {staff: 50} -> eligible 100000``. ``--accept`` writes the former anew.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import InputError
from engine.compiler import compile_pack
from engine.diagnostics import Finding, Findings
from engine.loader import load_pack, read_pack
from engine.yaml_source import read_yaml
from tests.helpers import ROOT, screened, short_name, write_rules

CORPUS = ROOT / "tests" / "corpus" / "rules"
EXPECT = re.compile(r"# expect: (?:(\S+\.yaml):)?(\d+:\d+ [a-z0-9-]+)")
CASE = re.compile(r"# case: (\d{4}-\d{2}-\d{2}) (\{.*\}) -> (\w+)(?: (\S+))?")
CODE = re.compile(r'"((?:condition|measure|rules|shape|derived)-[a-z-]+)"')
READERS = (
    "condition_reader", "atom_reader", "reading_context", "measure_reader", "loader", "shape_reader", "compiler",
)  # fmt: skip
"""The modules whose findings the corpus shows."""

ELSEWHERE = {
    "rules-empty": "no rules directory gives it, since a directory that cannot be read has a finding of its own",
    "rules-no-directory": "test_loader.py: there is no file to write it in",
}


def cases(folder: str) -> list[str]:
    return sorted(path.name for path in (CORPUS / folder).iterdir())


def files_of(path: Path) -> dict[str, str]:
    """The files of a case by short name or path."""
    if path.is_file():
        return {"measures.yaml": path.read_text("utf-8")}
    found = (file for file in sorted(path.rglob("*.yaml")))
    return {str(file.relative_to(path)): file.read_text("utf-8") for file in found}


def heads(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    head = [line for line in text.splitlines() if line.startswith("# ")]
    return [match for match in map(pattern.fullmatch, head) if match]


def found_in(folder: Path, files: dict[str, str]) -> list[Finding]:
    """Every finding of the rules, those of compiling included, in the order given; files by short name."""
    findings = Findings()
    pack = read_pack(write_rules(folder, files), findings)
    found = list(findings)
    if pack is not None and not found:
        try:
            compile_pack(pack)
        except InputError as error:
            found = error.findings
    return [replace(item, file=short_name(item.file, folder)) for item in found]


def place(finding: Finding, own: str = "") -> str:
    """``file:line:column code``, without the file where that is ``own``."""
    file = "" if finding.file == own else f"{finding.file}:"
    return f"{file}{finding.line}:{finding.column} {finding.code}"


def accept_case(folder: Path, path: Path) -> None:
    """Write the expectations anew below the first comments. They move what stands below, so do it until it rests."""
    files = [path] if path.is_file() else sorted(path.rglob("*.yaml"))
    names = ["measures.yaml"] if path.is_file() else [short_name(str(file), path) for file in files]
    for turn in range(3):
        found = [item for item in found_in(folder / str(turn), files_of(path)) if item.line]
        for file, name in zip(files, names, strict=True):
            mine = [place(item, name) for item in found if item.file == name]
            if file == files[0]:
                mine += [place(item) for item in found if item.file not in names]
            body = [line for line in file.read_text("utf-8").splitlines() if not EXPECT.fullmatch(line)]
            lines = [body[0], *(f"# expect: {item}" for item in mine), *body[1:]]
            file.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("name", cases("bad"))
def test_bad_rules(tmp_path: Path, name: str, accept: bool) -> None:
    path = CORPUS / "bad" / name
    if accept:
        accept_case(tmp_path, path)
    files = files_of(path)
    expected = [
        f"{match[1] or short_name(file, path)}:{match[2]}"
        for file, text in files.items()
        for match in heads(text, EXPECT)
    ]
    found = found_in(tmp_path / "rules", files)
    assert sorted(place(item) for item in found if item.line) == sorted(expected)
    assert found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", cases("bad"))
def test_findings_are_said_in_chinese_without_type_names(tmp_path: Path, name: str) -> None:
    for item in found_in(tmp_path / "rules", files_of(CORPUS / "bad" / name)):
        assert re.search(r"[\u4e00-\u9fff]", item.message), item
        said = f"{item.message} {item.hint}"
        assert not re.search(r"\b(?:str|int|dict|list|tuple|NoneType|bool)\b|literal\[|Error", said), said
        assert "\n" not in str(item)


def problems(folder: Path, files: dict[str, str]) -> set[str]:
    return {item.code for item in found_in(folder, files)}


def test_every_code_of_the_readers_has_a_bad_case(tmp_path: Path) -> None:
    """A new finding needs a new file in the corpus."""
    codes = {code for name in READERS for code in CODE.findall((ROOT / "engine" / f"{name}.py").read_text("utf-8"))}
    assert len(codes) > 30
    shown: set[str] = set()
    for number, name in enumerate(cases("bad")):
        shown |= problems(tmp_path / str(number), files_of(CORPUS / "bad" / name))
    assert codes - shown == set(ELSEWHERE)


def test_no_case_expects_what_is_not_there(tmp_path: Path) -> None:
    """Every bad case but those about whole files says where."""
    silent = [
        name
        for name in cases("bad")
        if not any(heads(text, EXPECT) for text in files_of(CORPUS / "bad" / name).values())
    ]
    assert silent == ["no-document"]


@pytest.mark.parametrize("name", cases("good"))
def test_good_rules(tmp_path: Path, name: str) -> None:
    files = files_of(CORPUS / "good" / name)
    assert found_in(tmp_path / "rules", files) == []
    pack = load_pack(tmp_path / "rules")
    examples = [match for text in files.values() for match in heads(text, CASE)]
    assert examples, "a good case says what it means"
    for match in examples:
        found = screened(pack, profile(match[2]), date.fromisoformat(match[1])).results
        wanted = tuple(part for part in (match[3], match[4]) if part)
        got = tuple(part for part in (found[0].verdict, amount(found[0]) if match[4] else None) if part)
        assert got == wanted, match[0]


def profile(text: str) -> dict[str, Any]:
    findings = Findings()
    source = read_yaml(text, "case", findings, rule_file=False)
    assert source is not None, list(findings)
    assert isinstance(source.data, dict)
    return source.data


def amount(result: Any) -> str:
    low, high = result.amount_range_yuan or (None, None)
    return str(result.amount_yuan or f"{low}..{'' if high is None else high}")


def test_good_corpus_uses_every_word_of_the_language() -> None:
    """Operands, comparisons, shorthands, marks and benefits: docs/rule-language.md, section 3."""
    words = {
        "field", "annual", "annual_sum", "count", "sum", "ratio", "days_since", "total",
        "equals", "not_equals", "in", "within", "rank", "above", "at_least", "below", "at_most", "between", "known",
        "all", "any", "not", "exists", "every", "that", "where", "held", "newly_recognised", "within_validity", "level",
        "or_above", "judgement", "reference", "inferred", "soft", "open", "assumed", "implied_by", "label", "parameter", "filters",
        "subject", "per_year", "cap", "instrument", "frequency", "year", "years", "since",
    }  # fmt: skip
    text = "\n".join(text for name in cases("good") for text in files_of(CORPUS / "good" / name).values())
    assert {word for word in words if not re.search(rf"\b{word}:", text)} == set()
    kinds = set(re.findall(r"kind: (award|tiered|rate|matching|support|by_reference|service)", text))
    assert kinds == {"award", "tiered", "rate", "matching", "support", "by_reference", "service"}
