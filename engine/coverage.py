"""Coverage: what every sentence of an official text became (DESIGN 2.20).

A sentence is accounted for by the measures and programmes that cite it; a clause's title and its line of
departments by the rules of that clause; anything else by an entry of the ledger, or not at all: a finding.
Where a cited sentence promises more than once, each promise is cited or has an entry of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engine.citations import Rule, rules_of
from engine.coverage_ledger import LONGEST_START, Entry, Kind, LedgerFile
from engine.diagnostics import Finding, Findings
from engine.documents import MeasureSpec
from engine.official_text import Sentence, clause_matches, digest, promises, sentences
from engine.pack import Pack
from engine.shape_reader import read_shape
from engine.yaml_source import Source, read_file

KINDS: dict[Kind | None, str] = {
    "measure": "措施",
    "programme": "背景",
    "target": "目标、进度",
    "organisational": "组织实施",
    "preamble": "前言、版面",
    None: "没有着落",
}
ASIDE: tuple[Kind, ...] = ("organisational", "preamble")
Via = Literal["citation", "clause", "ledger"]
_AT = re.compile(r"(\d+):(\d+)(?:-(\d+):(\d+))?")


@dataclass(frozen=True, slots=True)
class Account:
    """What one sentence became: its kind (None: nothing), the rules that carry it, why, and how we know.

    ``parts``: the promises in a cited sentence that no phrase touches, each with what it became.
    """

    sentence: Sentence
    kind: Kind | None
    rules: tuple[str, ...] = ()
    why: str = ""
    via: Via | None = None
    parts: tuple[Account, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """For JSON."""
        data = {
            "line": self.sentence.line,
            "column": self.sentence.column,
            "clause": self.sentence.clause,
            "text": self.sentence.text,
            "kind": self.kind or "unaccounted",
            "rules": list(self.rules),
            "why": self.why,
            "by": self.via,
        }
        return {**data, "parts": [part.to_data() for part in self.parts]} if self.parts else data


@dataclass(frozen=True, slots=True)
class Coverage:
    """The accounts of all sentences of one document's text, in order."""

    document: str
    title: str
    file: str
    accounts: tuple[Account, ...]

    def counts(self) -> dict[Kind | None, int]:
        """How many sentences are of each kind, in the order of ``KINDS``; an unaccounted promise counts as one."""
        counted = Counter(account.kind for account in self.accounts)
        counted[None] += sum(part.kind is None for account in self.accounts for part in account.parts)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}

    def to_data(self) -> dict[str, Any]:
        """For JSON: every sentence with its place, its clause and what it became."""
        return {
            "document": self.document,
            "title": self.title,
            "counts": {kind or "unaccounted": count for kind, count in self.counts().items()},
            "sentences": [account.to_data() for account in self.accounts],
        }


def coverage(
    pack: Pack, rules: Path, sources: Path, findings: Findings, documents: Collection[str] = ()
) -> list[Coverage]:
    """Every document (of ``documents`` if given) whose text lies in ``sources``.

    What is wrong or unaccounted goes to ``findings``; a document without a text is left out.
    """
    result = []
    for id, file in pack.documents.items():
        name = file.document.source.text
        if name is None or (documents and id not in documents):
            continue
        path = sources / name
        if not path.is_file():
            findings.add(
                Finding(str(path), 0, 0, "coverage-no-text", f"找不到“{id}”的官方文本", "检查 --sources 目录")
            )
            continue
        text = path.read_text(encoding="utf-8")
        result.append(_Reckoning(pack, id, str(path), text, findings).run(rules / "coverage" / f"{id}.yaml"))
    return result


@dataclass(slots=True)
class _Reckoning:
    pack: Pack
    document: str
    file: str
    text: str
    findings: Findings
    rules: dict[str, Rule] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    cited: dict[int, list[str]] = field(default_factory=dict)
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    parts: dict[int, list[Sentence]] = field(default_factory=dict)
    """By number of a sentence: what of it is cited, and its promises that are not."""

    def run(self, ledger: Path) -> Coverage:
        self.rules = {rule.id: rule for rule in rules_of(self.pack) if rule.document == self.document}
        self.sentences = sentences(self.text)
        for rule in self.rules.values():
            self._place(rule)
        for sentence in self.sentences:
            self.parts[sentence.number] = self._uncited(sentence)
        entries = self._ledger(ledger)
        accounts = [self._account(sentence, entries) for sentence in self.sentences]
        for account in accounts:
            for own in (account, *account.parts):
                if own.kind is None:
                    self._unaccounted(own.sentence)
        title = self.pack.documents[self.document].document.title
        return Coverage(self.document, title, self.file, tuple(accounts))

    # Citations

    def _place(self, rule: Rule) -> None:
        """Mark every sentence that a phrase of the rule touches, wherever the text repeats it."""
        first: Sentence | None = None
        for phrase in rule.spec.cite:
            at = self.text.find(phrase)
            while phrase and at >= 0:
                for sentence in self.sentences:
                    if sentence.start < at + len(phrase) and at < sentence.end:
                        first = first or sentence
                        self.spans.setdefault(sentence.number, []).append((at, at + len(phrase)))
                        if rule.id not in self.cited.setdefault(sentence.number, []):
                            self.cited[sentence.number].append(rule.id)
                at = self.text.find(phrase, at + 1)
        if first is None:
            self._wrong(rule, "coverage-unplaced", "引文不在官方文本里，无从对照", "请照原文抄写")
        elif not clause_matches(rule.spec.clause, first):
            message = f"条款写的是“{rule.spec.clause}”，引文却在“{first.clause}”（第{first.line}行）"
            self._wrong(rule, "coverage-other-clause", message, "请核对 clause")

    def _uncited(self, sentence: Sentence) -> list[Sentence]:
        """The promises of a cited sentence that no phrase touches."""
        spans = self.spans.get(sentence.number, ())
        return [
            part
            for part in (promises(sentence) if spans else ())
            if not any(start < part.end and part.start < end for start, end in spans)
        ]

    def _account(self, sentence: Sentence, entries: dict[int, Entry]) -> Account:
        cited, entry = self.cited.get(sentence.number), entries.get(sentence.start)
        if cited:
            parts = tuple(
                Account(part, own.kind, tuple(own.rules), own.why, "ledger") if own else Account(part, None)
                for part in self.parts[sentence.number]
                for own in (entries.get(part.start),)
            )
            return Account(sentence, self._kind_of(cited), tuple(cited), via="citation", parts=parts)
        if entry is not None:
            return Account(sentence, entry.kind, tuple(entry.rules), entry.why, "ledger")
        around = self._of_clause(sentence)
        if around:
            return Account(sentence, self._kind_of(around), tuple(around), via="clause")
        return Account(sentence, None)

    def _kind_of(self, ids: list[str]) -> Kind:
        return "measure" if any(isinstance(self.rules[id].spec, MeasureSpec) for id in ids) else "programme"

    def _of_clause(self, sentence: Sentence) -> list[str]:
        """The rules of the clause that a title opens or a line of departments closes; else none."""
        if sentence.is_duty:
            near = self._before(sentence)
        elif sentence.is_title:
            near = self._under(sentence)
            if all(other.is_duty for other in near):
                return []  # the title is all that the clause says
        else:
            return []
        return list(dict.fromkeys(id for other in near for id in self.cited.get(other.number, ())))

    def _under(self, title: Sentence) -> list[Sentence]:
        """The sentences after a title that lie in its clause."""
        depth = max(index for index, part in enumerate(title.path) if part) + 1
        return [
            other for other in self.sentences[title.number + 1 :] if other.path[:depth] == title.path[:depth]
        ]

    def _before(self, duty: Sentence) -> list[Sentence]:
        """The sentences before a line of departments, back to another clause or another such line."""
        found: list[Sentence] = []
        for other in reversed(self.sentences[: duty.number]):
            if (other.is_duty and found) or other.path[:2] != duty.path[:2]:
                break
            found.append(other)
        return found

    # The ledger

    def _ledger(self, path: Path) -> dict[int, Entry]:
        source = read_file(path, self.findings) if path.is_file() else None
        file = read_shape(LedgerFile, source, self.findings) if source else None
        if source is None or file is None:
            return {}
        if file.document != self.document:
            self._entry_wrong(
                source, ("document",), "coverage-document", f"台账写的是“{file.document}”", "与文件名不同"
            )
        if file.sha256 != hashlib.sha256(self.text.encode()).hexdigest():
            hint = "逐条核对位置和内容后更新 sha256"
            self._entry_wrong(
                source, ("sha256",), "coverage-changed-text", "官方文本与台账核对过的不同", hint
            )
        result: dict[int, Entry] = {}
        for index, entry in enumerate(file.entries):
            for sentence in self._checked(entry, source, ("entries", index)):
                if sentence.start in result:
                    message = f"第{sentence.line}行第{sentence.column}列的句子写了两次"
                    self._entry_wrong(source, ("entries", index), "coverage-overlap", message)
                result[sentence.start] = entry
        return result

    def _checked(self, entry: Entry, source: Source, path: tuple[str | int, ...]) -> list[Sentence]:
        """The sentences of an entry, after checking all that it says."""
        found = self._located(entry)
        if not found:
            self._entry_wrong(
                source, path, "coverage-place", f"“{entry.at}”没有句子从这里开始", "位置写成 行：列"
            )
            return []
        if digest("".join(sentence.text for sentence in found)) != entry.hash:
            message = f"“{entry.at}”的文字与台账核对过的不同"
            self._entry_wrong(source, path, "coverage-changed-sentence", message, "请与原文核对")
        if len(entry.starts) > LONGEST_START or not found[0].text.startswith(entry.starts):
            message = f"“{entry.at}”的句子不是这样开头的"
            self._entry_wrong(
                source, (*path, "starts"), "coverage-starts", message, f"照抄开头，不超过{LONGEST_START}字"
            )
        for code, message, hint in self._content(entry, found):
            self._entry_wrong(source, path, code, message, hint)
        if all(sentence.number in self.cited and sentence not in self.parts[sentence.number] for sentence in found):
            message = f"“{entry.at}”已有措施或背景引用"
            self.findings.add(
                source.finding(path, "coverage-redundant", message, "可以删去", severity="warning")
            )
        return found

    def _content(self, entry: Entry, found: list[Sentence]) -> Iterator[tuple[str, str, str]]:
        unknown = [id for id in entry.rules if id not in self.rules]
        if unknown:
            yield "coverage-unknown-rule", f"本文件没有“{unknown[0]}”", "检查编号"
        elif entry.kind in ("measure", "programme"):
            if not entry.rules:
                yield "coverage-no-rule", "没有写由哪条措施或背景承担", "请写 rules"
            elif self._kind_of(entry.rules) != entry.kind:
                yield "coverage-kind", f"“{entry.rules[0]}”不是{KINDS[entry.kind]}", "检查 kind 或 rules"
        elif not entry.rules and not entry.why:
            yield "coverage-no-reason", "没有写理由", "请写 why，或写 rules"
        if entry.kind in ASIDE and any(sentence.promising for sentence in found):
            if not entry.why:
                yield "coverage-no-reason", "含“支持”“奖励”“补贴”“鼓励”或“万元”的句子要写理由", "请写 why"
            if len(found) > 1:
                line = next(sentence.line for sentence in found if sentence.promising)
                hint = f"请为第{line}行的句子单写一条"
                yield "coverage-range", "几句合写的一条里有含“支持”“奖励”“补贴”“鼓励”或“万元”的句子", hint

    def _located(self, entry: Entry) -> list[Sentence]:
        match = _AT.fullmatch(entry.at)
        if match is None:
            return []
        places = [(sentence.line, sentence.column) for sentence in self.sentences]
        numbers = [int(part) for part in match.groups() if part is not None]
        ends = [(numbers[at], numbers[at + 1]) for at in range(0, len(numbers), 2)]
        part = next((part for own in self.parts.values() for part in own if [(part.line, part.column)] == ends), None)
        if part is not None:
            return [part]
        if any(end not in places for end in ends):
            return []
        return self.sentences[places.index(ends[0]) : places.index(ends[-1]) + 1]

    # Findings

    def _unaccounted(self, sentence: Sentence) -> None:
        start = sentence.text[:20] + ("…" if len(sentence.text) > 20 else "")
        message = f"没有着落：“{start}”（{sentence.clause or '正文以外'}）"
        hint = f"写进措施、背景，或在台账里说明；哈希 {digest(sentence.text)}"
        place = (self.file, sentence.line, sentence.column)
        self.findings.add(Finding(*place, "coverage-unaccounted", message, hint))

    def _wrong(self, rule: Rule, code: str, message: str, hint: str) -> None:
        place = rule.place
        self.findings.add(Finding(place.file, place.line, place.column, code, f"{rule.id}：{message}", hint))

    def _entry_wrong(
        self, source: Source, path: tuple[str | int, ...], code: str, message: str, hint: str = ""
    ) -> None:
        self.findings.add(source.finding(path, code, message, hint))
