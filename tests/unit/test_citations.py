"""Citations: every change of a phrase, a figure, a clause or a text is a finding that says which."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from engine.citations import LOCK_NAME, build_lock, check_sources, figures_in
from engine.diagnostics import Findings
from engine.lint import lint
from engine.loader import BUILT_IN, load_pack

SOURCES = BUILT_IN.parent.parent / "shared" / "sources"
LANGFANG, DAXING = "packs/langfang-2016", "packs/daxing-2021"
ZGC, DX25, TZ = "packs/zgc-2024", "packs/daxing-2025", "packs/tongzhou-2024"

# file, text, changed text, finding code
SEEDED = [
    (f"{LANGFANG}/measures-1.yaml", "amount: 10万元", "amount: 12万元", "citation-figure"),
    (f"{LANGFANG}/measures-1.yaml", "amount: 30万元", "amount: 20万元", "citation-changed-figure"),
    (f"{LANGFANG}/measures-1.yaml", "amount: 20万元", "amount: 30万元", "citation-changed-figure"),
    (f"{LANGFANG}/measures-1.yaml", "amount: 50万元", "amount: 500万元", "citation-figure"),
    (f"{LANGFANG}/measures-2.yaml", "rate: 1‰", "rate: 1%", "citation-figure"),
    (f"{LANGFANG}/measures-2.yaml", "rate: 1%", "rate: 1‰", "citation-figure"),
    (f"{LANGFANG}/measures-2.yaml", "amount: 100万元", "amount: 10万元", "citation-figure"),
    (f"{LANGFANG}/measures-2.yaml", "cap: {amount: 10万元", "cap: {amount: 100万元", "citation-figure"),
    (f"{LANGFANG}/measures-2.yaml", "按技术交易额的1‰给予", "按技术交易额的1%给予", "citation-changed-phrase"),
    (f"{LANGFANG}/measures-1.yaml", "clause: 三(一)一是", "clause: 三(二)", "citation-changed-clause"),
    (f"{LANGFANG}/programmes.yaml", "clause: 二(四)", "clause: 二(五)", "citation-changed-clause"),
    (f"{LANGFANG}/programmes.yaml", "30个", "40个", "citation-changed-target"),
    (f"{DAXING}/measures-2.yaml", 'rate: "1:1"', 'rate: "1:2"', "citation-figure"),
    (f"{DAXING}/measures-2.yaml", "给予个人1:1比例配套奖励", "给予企业1:1比例配套奖励", "citation-changed-phrase"),
    (f"{DAXING}/measures-1.yaml", "落地区级应用场景示范项目不少于30项", "落地区级应用场景示范项目不少于40项", "citation-changed-phrase"),
    (f"{ZGC}/measures-1.yaml", "clause: 一(一)1", "clause: 一(一)2", "citation-changed-clause"),
    (f"{ZGC}/measures-1.yaml", "支持人工智能、商业航天等", "支持人工智能和商业航天等", "citation-changed-phrase"),
    (f"{DX25}/measures-1.yaml", "clause: 第", "clause: 之第", "citation-changed-clause"),
    (f"{TZ}/measures-1.yaml", "每年支持30名左右杰出青年", "每年支持50名左右杰出青年", "citation-changed-phrase"),
    (f"{TZ}/programmes.yaml", "clause: 二", "clause: 三", "citation-changed-clause"),
]


def copied(directory: Path) -> Path:
    """The built-in rules, copied so that a test may change them."""
    return Path(shutil.copytree(BUILT_IN, directory / "rules"))


def codes(rules: Path, sources: Path | None = None) -> set[str]:
    findings = Findings()
    lint(rules, findings, sources=sources)
    return {finding.code for finding in findings}


def test_the_packs_are_clean(tmp_path: Path) -> None:
    assert not {code for code in codes(copied(tmp_path)) if code.startswith("citation")}


@pytest.mark.parametrize(("file", "old", "new", "code"), SEEDED, ids=[f"{c}-{i}" for i, (*_, c) in enumerate(SEEDED)])
def test_a_seeded_change_is_found_without_the_texts(tmp_path: Path, file: str, old: str, new: str, code: str) -> None:
    rules = copied(tmp_path)
    path = rules / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert code in codes(rules)


def test_a_rule_that_is_lost_or_renamed_is_found(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    path = rules / LANGFANG / "programmes.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("id: lf16-tech-town-building", "id: lf16-tech-towns", 1), encoding="utf-8")
    assert {"citation-lost-rule", "citation-not-locked"} <= codes(rules)


def test_a_broken_lock_is_one_finding(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    (rules / LOCK_NAME).write_text("{", encoding="utf-8")
    assert "citation-bad-lock" in codes(rules)


def test_a_missing_lock_only_warns(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    (rules / LOCK_NAME).unlink()
    findings = Findings()
    lint(rules, findings)
    assert not findings.errors
    assert "citation-no-lock" in {finding.code for finding in findings}


@pytest.mark.parametrize(
    ("phrase", "figures"),
    [
        ("分别给予一次性30万元、20万元和10万元奖励", {300_000, 200_000, 100_000}),
        ("按技术交易额的1‰给予年度最高10万元的奖励", {Fraction(1, 1000), 100_000}),
        ("按投资额的１％予以最高１００万元", {Fraction(1, 100), 1_000_000}),
        ("给予个人1:1比例配套奖励", {1}),
        ("补贴百分之五，最高三十万元", {Fraction(5, 100), 300_000}),
        ("最高1.2亿元", {120_000_000}),
        ("每年支持30名左右杰出青年", set()),
    ],
)
def test_figures_are_read_with_numerals_and_units_normalised(phrase: str, figures: set[Fraction]) -> None:
    assert figures_in(phrase) == figures


def texts(directory: Path) -> Path:
    """Texts made of the packs' own phrases, so that the check on texts runs where the official ones are not."""
    sources = directory / "sources"
    sources.mkdir()
    pack = load_pack()
    for id, file in pack.documents.items():
        measures = [m.spec.cite for m in pack.measures if m.document == id]
        programmes = [p.spec.cite for p in pack.programmes if p.document == id]
        lines = [phrase for cite in measures + programmes for phrase in cite]
        (sources / str(file.document.source.text)).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sources


def test_a_changed_text_and_a_phrase_that_is_gone_are_found(tmp_path: Path) -> None:
    sources, pack = texts(tmp_path), load_pack()
    lock = tmp_path / LOCK_NAME
    lock.write_text(build_lock(pack, sources, Findings()), encoding="utf-8")
    clean = Findings()
    check_sources(pack, lock, sources, clean)
    assert list(clean) == []
    path = sources / "langfang-2016.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("10万元", "15万元"), encoding="utf-8")
    findings = Findings()
    check_sources(pack, lock, sources, findings)
    assert {"citation-changed-text", "citation-not-in-text"} == {finding.code for finding in findings}
    assert any("10万元" in finding.message for finding in findings)


def test_a_missing_text_is_a_finding(tmp_path: Path) -> None:
    findings = Findings()
    check_sources(load_pack(), BUILT_IN / LOCK_NAME, tmp_path, findings)
    assert {finding.code for finding in findings} == {"citation-no-text"}


def test_the_lock_agrees_with_the_official_texts_where_they_are_at_hand(tmp_path: Path) -> None:
    """Without the texts the lock is at least what the packs say; with them it is what the texts say."""
    findings = Findings()
    lint(BUILT_IN, findings, sources=SOURCES if SOURCES.is_dir() else None)
    assert list(findings) == []
