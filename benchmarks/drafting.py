"""Drafts measured against what people encoded: ``python -m benchmarks.drafting [TEXTS] [INVENTORY]`` writes docs/drafting.md.

Clauses: those that the list of clauses names, against those for which the draft has an entry. Figures: those that
the packs state (amounts, rates, caps) for every document; and, for the two documents that the recognition was not
developed on, every figure of the text as a person listed it (tests/drafting/figures.yaml), with its clause and kind.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import load_pack
from engine.citations import figures_of, rules_of
from engine.diagnostics import Findings
from engine.drafting import Draft, draft_of, read_text
from engine.drafting.figures import fold
from engine.official_text import clause_matches
from engine.quantities import decimal_string
from engine.spans import half_width
from engine.yaml_source import read_file

ROOT = Path(__file__).resolve().parents[1]
DEVELOPED = ("langfang-2016", "daxing-2021", "zgc-2024")
HELD_OUT = ("daxing-2025", "tongzhou-2024")
FACTS = ROOT / "tests" / "drafting" / "figures.yaml"
PAGE = ROOT / "docs" / "drafting.md"


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the expected were found, and how many of the found were expected."""

    hit: int
    expected: int
    right: int
    found: int

    @property
    def recall(self) -> float:
        return self.hit / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0


def clause_score(draft: Draft, inventory: Path) -> Score:
    """Clauses that the list of clauses names, and clauses with an entry in the draft: in the same clause or within it."""
    gold = sorted({re.sub(r"\([a-z][^)]*\)", "", half_width(str(item["clause"]))).strip() for item in _plain(inventory)["measures"]})
    found = {entry.clause.label: entry.said[0].sentence for entry in draft.entries}
    return Score(
        sum(any(clause_matches(cited, sentence) for sentence in found.values()) for cited in gold), len(gold),
        sum(any(clause_matches(cited, sentence) for cited in gold) for sentence in found.values()), len(found),
    )  # fmt: skip


def stated_score(draft: Draft) -> Score:
    """The amounts, rates and caps of the encoded measures, each once a clause, against the draft's of that clause."""
    gold = {
        (rule.spec.clause, decimal_string(figure))
        for rule in rules_of(load_pack(document=draft.id))
        for figure in figures_of(rule.spec)
    }
    found = [(entry.said[0].sentence, figure.value) for entry in draft.entries for figure in entry.figures]
    hit = sum(any(value == own and clause_matches(key, sentence) for sentence, own in found) for key, value in gold)
    return Score(hit, len(gold), hit, len(gold))


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures by clause and text (``placed``), and by clause, text and kind (``kinded``); the differences of the former."""

    placed: Score
    kinded: Score
    missed: list[tuple[str, str]]
    extra: list[tuple[str, str]]


def fact_score(draft: Draft, facts: Iterable[list[Any]]) -> Facts:
    """Every figure of a text as listed by hand against every figure of the draft."""
    listed = [(str(clause), _written(str(text)), str(kind)) for clause, text, kind in facts]
    drafted = [(clause.label, _written(figure.text), figure.kind) for clause, figure in draft.figures]
    gold, found = Counter(fact[:2] for fact in listed), Counter(fact[:2] for fact in drafted)
    return Facts(
        _agreement(gold, found), _agreement(Counter(listed), Counter(drafted)),
        sorted((gold - found).elements()), sorted((found - gold).elements()),
    )  # fmt: skip


def _agreement(gold: Counter[Any], found: Counter[Any]) -> Score:
    hit = (gold & found).total()
    return Score(hit, gold.total(), hit, found.total())


def _written(text: str) -> str:
    return fold(text).replace(" ", "")


def facts_of(document: str) -> list[list[Any]]:
    """The figures of a document as listed by hand: [clause, text, kind]."""
    found: list[list[Any]] = _plain(FACTS)[document]
    return found


def _plain(path: Path) -> Any:
    findings = Findings()
    source = read_file(path, findings, rule_file=False)
    findings.raise_errors()
    return source.data if source else None


def main(texts: Path, inventory: Path) -> None:
    """Measure, print, and write the page."""
    rows, misses = [], []
    for document in (*DEVELOPED, *HELD_OUT):
        draft = draft_of(read_text(texts / f"{document}.txt").text, document)
        clauses = clause_score(draft, inventory / f"{document}.yaml")
        facts = fact_score(draft, facts_of(document)) if document in HELD_OUT else None
        rows.append(_row(document, clauses, stated_score(draft), facts))
        if facts:
            misses += [f"- `{document}` 漏：{clause or '正文以前'} {text}" for clause, text in facts.missed]
            misses += [f"- `{document}` 多：{clause or '正文以前'} {text}" for clause, text in facts.extra]
    table = "\n".join([*_HEADER, *rows])
    missed = "\n".join(misses) or "没有。"
    head, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    body = f"{_BEGIN}\n\n{table}\n\n保留的两份，逐处差异：\n\n{missed}\n\n{_END}"
    PAGE.write_text(head + body + rest.partition(_END)[2], "utf-8")
    print(f"{table}\n{missed}")


_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"
_HEADER = (
    "| 文件 | 条款召回 | 条款精确 | 规则包里的金额、比例召回 | 数字召回 | 数字精确 | 种类也对的召回 |",
    "|---|---|---|---|---|---|---|",
)


def _row(document: str, clauses: Score, stated: Score, facts: Facts | None) -> str:
    def share(part: int, whole: int) -> str:
        return f"{part / whole:.3f}（{part}/{whole}）" if whole else "—"

    own = "保留" if document in HELD_OUT else "开发"
    cells = [
        f"`{document}`（{own}）", share(clauses.hit, clauses.expected), share(clauses.right, clauses.found),
        share(stated.hit, stated.expected),
    ]  # fmt: skip
    if facts is None:
        cells += ["—", "—", "—"]
    else:
        cells += [
            share(facts.placed.hit, facts.placed.expected), share(facts.placed.right, facts.placed.found),
            share(facts.kinded.hit, facts.kinded.expected),
        ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    base = ROOT.parent / "shared"
    main(given[0] if given else base / "sources", given[1] if len(given) > 1 else base / "inventory")
