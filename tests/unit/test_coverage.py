"""Coverage of official texts: sentences and clauses, what becomes of each, and the ledger that is checked."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from engine import load_pack
from engine.coverage import Coverage, coverage
from engine.diagnostics import Findings
from engine.loader import BUILT_IN
from engine.official_text import clause_matches, digest, promises, sentences
from tests.conftest import SHARED
from tests.helpers import document, measure, write_rules
from web.coverage_page import page, parts

TEXT = """首页
  为推动发展,特制定本办法。

  一、总体要求
  坚持创新。到2022年,建成平台10家。
  二、措施
  (一)支持平台建设。对新建平台奖励10万元;对老平台,给予补贴(最高5万元;只补一次)。
  责任单位:市科技局
  (二)组织实施
  1.加强领导。
  2.广泛宣传,鼓励参与。
"""
PHRASE, OTHER = "对新建平台奖励10万元", "对老平台,给予补贴"
LEDGER = (
    ("1:1-4:3", "preamble", "", "版面和依据"),
    ("5:3", "preamble", "", "总体要求"),
    ("5:8", "target", "[m]", ""),
    ("9:3-10:3", "organisational", "", "领导"),
    ("11:3", "organisational", "", "宣传里的“鼓励”不给待遇"),
)


def ledger(*entries: tuple[str, str, str, str], text: str = TEXT) -> str:
    """A ledger with true hashes: place, kind, rules, why."""
    found = sentences(text)
    places = [f"{sentence.line}:{sentence.column}" for sentence in found]
    lines = ["document: test", f"sha256: {sha256(text.encode()).hexdigest()}", "entries:"]
    for at, kind, rules, why in entries:
        first, _, last = at.partition("-")
        own = found[places.index(first) : places.index(last or first) + 1]
        whole = digest("".join(sentence.text for sentence in own))
        lines += [f'- at: "{at}"', f'  hash: "{whole}"', f'  starts: "{own[0].text[:6]}"', f"  kind: {kind}"]
        lines += [f"  rules: {rules}"] if rules else []
        lines += [f"  why: {why}"] if why else []
    return "\n".join(lines) + "\n"


def covered(
    folder: Path, written: str | None, *, text: str = TEXT, clause: str = "二(一)"
) -> tuple[Coverage, list[str]]:
    """The coverage of TEXT by one measure and a ledger, and the findings as ``line:column code``."""
    cited = measure("{exists: project}").replace("原文一句, 原文另一句", f"'{PHRASE}', '{OTHER}'")
    rules = write_rules(
        folder / f"rules-{len(list(folder.iterdir()))}",
        {
            "document.yaml": document(source="{text: test.txt}"),
            "measures.yaml": "measures:\n" + cited.replace("一(二)", clause),
            **({"coverage/test.yaml": written} if written is not None else {}),
        },
    )
    (folder / "test.txt").write_text(text, "utf-8")
    findings = Findings()
    (found,) = coverage(load_pack(rules), rules, folder, findings)
    return found, [f"{finding.line}:{finding.column} {finding.code}" for finding in findings]


def test_sentences_with_their_places_and_clauses() -> None:
    found = [(f"{s.line}:{s.column}", s.clause, s.text) for s in sentences(TEXT)]
    assert found == [
        ("1:1", "", "首页"),
        ("2:3", "", "为推动发展,特制定本办法。"),
        ("4:3", "一", "一、总体要求"),
        ("5:3", "一", "坚持创新。"),
        ("5:8", "一", "到2022年,建成平台10家。"),
        ("6:3", "二", "二、措施"),
        ("7:3", "二(一)", "(一)支持平台建设。"),
        ("7:13", "二(一)", "对新建平台奖励10万元;"),
        ("7:25", "二(一)", "对老平台,给予补贴(最高5万元;只补一次)。"),
        ("8:3", "二(一)", "责任单位:市科技局"),
        ("9:3", "二(二)", "(二)组织实施"),
        ("10:3", "二(二)1", "1.加强领导。"),
        ("11:3", "二(二)2", "2.广泛宣传,鼓励参与。"),
    ]
    for sentence in sentences(TEXT):
        assert TEXT[sentence.start : sentence.end] == sentence.text


def test_points_annexes_quotes_and_unbalanced_brackets() -> None:
    text = "三、保障\n一是领导。二是宣传(广泛;深入)。\n附件:任务表\n甲说“好。”乙;\n(未完。续"
    found = [(s.clause, s.text) for s in sentences(text)]
    assert found == [
        ("三", "三、保障"),
        ("三一是", "一是领导。"),
        ("三二是", "二是宣传(广泛;深入)。"),
        ("", "附件:任务表"),
        ("", "甲说“好。”乙;"),
        ("", "(未完。"),
        ("", "续"),
    ]


@pytest.mark.parametrize(
    "cited, matches",
    [("二(二)2", True), ("(二)2", True), ("二(二)", True), ("二", True), ("第2条", True), ("二、(二) 2", True),
     ("二(二)1", False), ("一(二)2", False), ("二(一)2", False), ("第3条", False)],
)  # fmt: skip
def test_a_clause_as_it_is_cited(cited: str, matches: bool) -> None:
    assert clause_matches(cited, sentences(TEXT)[-1]) is matches


def test_everything_is_accounted_for(tmp_path: Path) -> None:
    found, findings = covered(tmp_path, ledger(*LEDGER))
    assert findings == []
    kinds = [(account.kind, account.via) for account in found.accounts]
    aside = [("preamble", "ledger")] * 4
    assert kinds == [
        *aside, ("target", "ledger"), ("measure", "clause"), ("measure", "clause"), ("measure", "citation"),
        ("measure", "citation"), ("measure", "clause"), *[("organisational", "ledger")] * 3,
    ]  # fmt: skip
    assert found.counts() == {"measure": 5, "target": 1, "organisational": 3, "preamble": 4}


def test_what_is_not_accounted_for_is_a_finding_in_its_place(tmp_path: Path) -> None:
    found, findings = covered(tmp_path, None)
    missing = ["1:1", "2:3", "4:3", "5:3", "5:8", "9:3", "10:3", "11:3"]
    assert findings == [f"{place} coverage-unaccounted" for place in missing]
    assert found.counts()[None] == len(missing)


@pytest.mark.parametrize(
    "entry, code",
    [
        (("11:3", "organisational", "", ""), "coverage-no-reason"),
        (("9:3-11:3", "organisational", "", "领导和宣传"), "coverage-range"),
        (("5:8", "target", "", ""), "coverage-no-reason"),
        (("5:8", "measure", "", "甲"), "coverage-no-rule"),
        (("5:8", "programme", "[m]", ""), "coverage-kind"),
        (("5:8", "target", "[n]", ""), "coverage-unknown-rule"),
        (("7:13", "preamble", "", "已引用的“奖励”"), "coverage-redundant"),
    ],
)
def test_an_entry_is_checked(tmp_path: Path, entry: tuple[str, str, str, str], code: str) -> None:
    _, findings = covered(tmp_path, ledger(entry))
    assert code in {finding.partition(" ")[2] for finding in findings}


TWICE = TEXT.replace("对新建平台奖励10万元;", "对新建平台奖励10万元,鼓励(支持,补贴)开放,对平台运营给予补贴;")
PARTS = ("7:25", "7:37")


def test_each_promise_of_a_cited_sentence_is_accounted_for(tmp_path: Path) -> None:
    """One cited phrase does not carry the other promises of its sentence; a comma in brackets parts nothing."""
    found, findings = covered(tmp_path, ledger(*LEDGER, text=TWICE), text=TWICE)
    assert findings == [f"{place} coverage-unaccounted" for place in PARTS]
    assert found.counts()[None] == 2
    (account,) = [account for account in found.accounts if account.parts]
    assert account.kind == "measure"
    assert [part.sentence.text for part in account.parts] == ["鼓励(支持,补贴)开放,", "对平台运营给予补贴;"]
    assert [part["kind"] for part in account.to_data()["parts"]] == ["unaccounted", "unaccounted"]


def with_parts(*entries: tuple[str, str, str, str]) -> str:
    """The ledger of TWICE with entries for the promises of its cited sentence."""
    pieces = {f"{s.line}:{s.column}": s.text for sentence in sentences(TWICE) for s in promises(sentence)}
    lines = ledger(*LEDGER, text=TWICE).splitlines()
    for at, kind, rules, why in entries:
        lines += [f'- at: "{at}"', f'  hash: "{digest(pieces[at])}"', f'  starts: "{pieces[at][:6]}"', f"  kind: {kind}"]
        lines += [f"  rules: {rules}"] if rules else []
        lines += [f"  why: {why}"] if why else []
    return "\n".join(lines) + "\n"


def test_a_promise_of_a_cited_sentence_in_the_ledger(tmp_path: Path) -> None:
    first, second = (PARTS[0], "organisational", "", "“鼓励”没有待遇"), (PARTS[1], "measure", "[m]", "同一项")
    found, findings = covered(tmp_path, with_parts(first, second), text=TWICE)
    assert findings == []
    assert [(part.kind, part.via) for account in found.accounts for part in account.parts] == [
        ("organisational", "ledger"), ("measure", "ledger"),
    ]  # fmt: skip
    _, findings = covered(tmp_path, with_parts((PARTS[0], "organisational", "", ""), second), text=TWICE)
    assert {finding.partition(" ")[2] for finding in findings} == {"coverage-no-reason"}


def test_a_target_in_a_range_needs_no_entry_of_its_own(tmp_path: Path) -> None:
    _, findings = covered(tmp_path, ledger(*LEDGER[:3], ("9:3-11:3", "target", "", "附带的任务")))
    assert findings == []


def test_a_changed_text_is_noticed(tmp_path: Path) -> None:
    changed = TEXT.replace("广泛宣传", "深入宣传")
    _, findings = covered(tmp_path, ledger(*LEDGER), text=changed)
    assert [finding.partition(" ")[2] for finding in findings] == [
        "coverage-changed-text", "coverage-changed-sentence", "coverage-starts",
    ]  # fmt: skip


def test_entries_without_a_place_and_twice(tmp_path: Path) -> None:
    written = ledger(*LEDGER, LEDGER[-1]) + ledger(LEDGER[1]).split("entries:\n")[1].replace("5:3", "5:4")
    _, findings = covered(tmp_path, written)
    assert {finding.partition(" ")[2] for finding in findings} == {"coverage-overlap", "coverage-place"}


def test_a_rule_in_another_clause_is_noticed(tmp_path: Path) -> None:
    _, findings = covered(tmp_path, ledger(*LEDGER), clause="二(二)")
    assert [finding.partition(" ")[2] for finding in findings] == ["coverage-other-clause"]


def test_the_page_shows_text_and_rules_and_escapes_both(tmp_path: Path) -> None:
    text = TEXT.replace("首页", "<b>首页</b>")
    found, _ = covered(tmp_path, None, text=text)
    shown = page([found], load_pack(tmp_path / "rules-0"))
    assert "<b>" not in shown
    assert "&lt;b&gt;首页" in shown
    assert f"<mark>{PHRASE}</mark>" in shown
    assert 'class="carrier measure">措施m</span>' in shown
    assert "没有着落 8 句" in shown
    assert "http" not in shown
    assert parts("甲乙丙丁", ["乙丙", "丙丁", "无"]) == [("甲", False), ("乙丙丁", True)]


# The official texts


@pytest.fixture(scope="module")
def official() -> tuple[list[Coverage], Findings]:
    findings = Findings()
    return coverage(load_pack(), BUILT_IN, SHARED / "sources", findings), findings


@pytest.mark.shared
def test_nothing_in_the_official_texts_is_unaccounted_for(official: tuple[list[Coverage], Findings]) -> None:
    found, findings = official
    assert [str(finding) for finding in findings] == []
    assert {item.document for item in found} == set(load_pack().documents)
    assert all(None not in item.counts() for item in found)


@pytest.mark.shared
def test_the_sentences_hold_all_of_every_text(official: tuple[list[Coverage], Findings]) -> None:
    for item in official[0]:
        text = Path(item.file).read_text("utf-8")
        assert "".join("".join(a.sentence.text.split()) for a in item.accounts) == "".join(text.split())


@pytest.mark.shared
def test_promises_are_set_aside_one_by_one_and_with_a_reason(
    official: tuple[list[Coverage], Findings],
) -> None:
    aside = [
        account
        for item in official[0]
        for account in item.accounts
        if account.kind in ("organisational", "preamble") and account.sentence.promising
    ]
    assert 3 < len(aside) < 15
    for account in aside:
        assert (
            "支持" in account.why or "奖励" in account.why or "鼓励" in account.why or "补贴" in account.why
        )


def test_the_ledgers_hold_no_sentence_of_the_texts() -> None:
    files = sorted((BUILT_IN / "coverage").glob("*.yaml"))
    assert {file.stem for file in files} == set(load_pack().documents)
    for file in files:
        starts = [
            line for line in file.read_text("utf-8").splitlines() if line.lstrip().startswith("starts:")
        ]
        assert starts
        assert max(len(line.partition('"')[2]) for line in starts) <= 41
