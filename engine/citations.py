"""Citations that are checked: phrases, figures and clauses against a lock, and the lock against the texts.

The lock (``rules/citations.lock``) holds the hash of each official text, and for each rule its clause, the
place and hash of every phrase, and its figures and targets. So a pack is checked without the texts, and
with them (``--sources DIR``) the lock itself is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.conditions import Place
from engine.diagnostics import Finding, Findings
from engine.documents import Award, MeasureSpec, Programme, Proportional, Tiered
from engine.pack import Pack
from engine.quantities import (
    QuantityError,
    decimal_string,
    format_money,
    format_ratio,
    parse_money,
    parse_ratio,
)
from engine.spans import Number, Span, half_width

LONGEST_PHRASE = 40
LOCK_NAME = "citations.lock"
_NUMERAL = r"(?:\d[\d,]*(?:\.\d+)?|[〇零一二两三四五六七八九十百千]+)"
_MONEY = re.compile(rf"{_NUMERAL}(?:亿|万|千万|百万)?元")
_RATIO = re.compile(rf"{_NUMERAL}(?:%|‰)|(?:百|千|万)分之[〇零一二两三四五六七八九十百]+|\d+:\d+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure or programme, as far as citations concern it."""

    spec: MeasureSpec | Programme
    document: str
    place: Place

    @property
    def id(self) -> str:
        return self.spec.id


def rules_of(pack: Pack) -> Iterator[Rule]:
    """Every measure and programme of a pack."""
    for measure in pack.measures:
        yield Rule(measure.spec, measure.document, measure.place)
    for entry in pack.programmes:
        yield Rule(entry.spec, entry.document, entry.place)


def check(pack: Pack, lock_file: Path, findings: Findings) -> None:
    """Phrases and figures of a pack, and the pack against its lock."""
    lock = _read_lock(lock_file, findings)
    for rule in rules_of(pack):
        _check_phrases(rule, findings)
        _check_figures(rule, findings)
        if lock is not None:
            _check_locked(rule, lock, findings)
    if lock is not None:
        known = {rule.id for rule in rules_of(pack)} | {
            id for id, entry in lock["rules"].items() if entry["document"] not in pack.documents
        }
        for id in sorted(set(lock["rules"]) - known):
            message = f"引文锁里有“{id}”，规则里没有"
            findings.add(Finding(str(lock_file), 0, 0, "citation-lost-rule", message, "规则被删去或改了编号"))
    for id, file in pack.documents.items():
        if file.document.source.text is None or (lock is not None and id not in lock["documents"]):
            message = f"“{id}”没有官方文本可核对，引文未经核对"
            findings.add(Finding(id, 0, 0, "citation-unchecked", message, "", "warning"))


def check_sources(pack: Pack, lock_file: Path, sources: Path, findings: Findings) -> None:
    """The lock against the official texts in ``sources``: their hashes, and every phrase in its place."""
    lock = _read_lock(lock_file, findings)
    texts = _texts(pack, sources, findings)
    for id, text in texts.items():
        locked = lock["documents"].get(id, {}).get("sha256") if lock else None
        if locked is not None and locked != _sha(text):
            message = f"“{id}”的官方文本与引文锁里的不同"
            findings.add(Finding(str(sources / _text_name(pack, id)), 0, 0, "citation-changed-text", message))
    for rule in rules_of(pack):
        if rule.document not in texts:
            continue
        for phrase in rule.spec.cite:
            if phrase not in texts[rule.document]:
                _add(findings, rule, "citation-not-in-text", f"官方文本里没有这句：“{phrase}”", "请照原文抄写")
        if lock is not None and rule.id in lock["rules"]:
            expected = _entry(rule, texts[rule.document])["phrases"]
            if all(p in texts[rule.document] for p in rule.spec.cite) and expected != lock["rules"][rule.id]["phrases"]:
                _add(findings, rule, "citation-moved", "引文在文本里的位置与引文锁不同", "核对后更新引文锁")


def verified_texts(pack: Pack, lock_file: Path, sources: Path) -> dict[str, str]:
    """The official texts in ``sources`` by document id, those alone whose hash is the one in the lock."""
    findings = Findings()
    lock = _read_lock(lock_file, findings)
    locked = {id: entry["sha256"] for id, entry in lock["documents"].items()} if lock else {}
    return {id: text for id, text in _texts(pack, sources, findings).items() if locked.get(id) == _sha(text)}


def build_lock(pack: Pack, sources: Path, findings: Findings) -> str:
    """The lock of a pack, as text. Every text must be there and every phrase in it; else findings say which."""
    texts = _texts(pack, sources, findings)
    entries = {}
    for rule in sorted(rules_of(pack), key=lambda rule: (rule.document, rule.id)):
        text = texts.get(rule.document)
        if text is not None:
            for phrase in rule.spec.cite:
                if phrase not in text:
                    _add(findings, rule, "citation-not-in-text", f"官方文本里没有这句：“{phrase}”", "请照原文抄写")
            entries[rule.id] = _entry(rule, text)
    documents = {
        id: {"text": _text_name(pack, id), "sha256": _sha(text)} for id, text in sorted(texts.items())
    }
    lines = [f"  {json.dumps(id)}: {json.dumps(entry, ensure_ascii=False)}" for id, entry in entries.items()]
    head = json.dumps(documents, ensure_ascii=False, indent=2).replace("\n", "\n ")
    body = ",\n".join(lines)
    return f'{{\n "documents": {head},\n "rules": {{\n{body}\n }}\n}}\n'


def figures_of(spec: MeasureSpec | Programme) -> list[Number]:
    """The figures that a benefit states: amounts, rate and cap."""
    if isinstance(spec, Programme):
        return []
    match spec.benefit:
        case Award(amount=amount):
            return [amount]
        case Tiered(amounts=amounts):
            return list(amounts.values())
        case Proportional(rate=rate, cap=cap):
            return [rate, *([cap.amount] if cap else [])]
    return []


def figures_in(phrase: str) -> set[Number]:
    """All amounts in yuan and all ratios that a phrase names, numerals and units normalised."""
    text = half_width(phrase).replace(" ", "")
    found: set[Number] = set()
    for pattern, parse in ((_MONEY, parse_money), (_RATIO, parse_ratio)):
        for match in pattern.finditer(text):
            try:
                span: Span = parse(match.group())
            except QuantityError:
                continue
            if span.is_point and isinstance(span.low, Number):
                found.add(span.low)
    return found


def _check_phrases(rule: Rule, findings: Findings) -> None:
    if not rule.spec.cite:
        _add(findings, rule, "citation-missing", "没有引文", "请抄录原文的关键一句")
    for phrase in rule.spec.cite:
        if len(phrase) > LONGEST_PHRASE:
            message = f"引文超过{LONGEST_PHRASE}字（{len(phrase)}字）"
            _add(findings, rule, "citation-too-long", message, "只抄关键的一句，可以分成几句")


def _check_figures(rule: Rule, findings: Findings) -> None:
    stated: set[Number] = set().union(*(figures_in(phrase) for phrase in rule.spec.cite))
    for figure in figures_of(rule.spec):
        if figure not in stated:
            shown = format_money(figure) if figure > 1 else format_ratio(figure)
            message = f"引文里没有“{shown}”这个数"
            _add(findings, rule, "citation-figure", message, "数字要与原文一致，并抄进引文")


def _check_locked(rule: Rule, lock: Mapping[str, Any], findings: Findings) -> None:
    entry = lock["rules"].get(rule.id)
    if rule.document not in lock["documents"]:
        return
    if entry is None:
        _add(findings, rule, "citation-not-locked", "引文锁里没有这条", "用 --sources 核对原文后更新引文锁")
        return
    if entry["clause"] != rule.spec.clause:
        message = f"条款由“{entry['clause']}”改成了“{rule.spec.clause}”"
        _add(findings, rule, "citation-changed-clause", message, "请与原文核对")
    if [item["sha256"] for item in entry["phrases"]] != [_short(phrase) for phrase in rule.spec.cite]:
        _add(findings, rule, "citation-changed-phrase", "引文与核对过的不同", "请与原文核对后更新引文锁")
    if entry["figures"] != _figures(rule):
        message = f"数字由{'、'.join(entry['figures'])}改成了{'、'.join(_figures(rule))}"
        _add(findings, rule, "citation-changed-figure", message, "请与原文核对")
    if entry["targets"] != _targets(rule):
        _add(findings, rule, "citation-changed-target", "目标或名额与核对过的不同", "请与原文核对后更新引文锁")


def _entry(rule: Rule, text: str) -> dict[str, Any]:
    phrases = []
    for phrase in rule.spec.cite:
        at = text.find(phrase)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        phrases.append({"line": line, "column": column, "sha256": _short(phrase)})
    return {
        "document": rule.document,
        "clause": rule.spec.clause,
        "phrases": phrases,
        "figures": _figures(rule),
        "targets": _targets(rule),
    }


def _figures(rule: Rule) -> list[str]:
    return [decimal_string(figure) for figure in figures_of(rule.spec)]


def _targets(rule: Rule) -> list[str]:
    spec = rule.spec
    quotas = [*spec.targets, *(spec.quotas if isinstance(spec, MeasureSpec) else [])]
    return [_short(f"{item.by}|{item.clause}|{item.text}") for item in quotas]


def _texts(pack: Pack, sources: Path, findings: Findings) -> dict[str, str]:
    texts = {}
    for id in pack.documents:
        name = _text_name(pack, id)
        path = sources / name
        if not name:
            continue
        if not path.is_file():
            findings.add(Finding(str(path), 0, 0, "citation-no-text", f"找不到“{id}”的官方文本", "检查 --sources 目录"))
            continue
        texts[id] = path.read_text(encoding="utf-8")
    return texts


def _text_name(pack: Pack, id: str) -> str:
    return pack.documents[id].document.source.text or ""


def _read_lock(path: Path, findings: Findings) -> dict[str, Any] | None:
    try:
        lock: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lock["documents"], lock["rules"]
    except FileNotFoundError:
        message, hint = "没有引文锁，引文未经核对", "有官方文本时用 --sources DIR --write-lock 生成"
        findings.add(Finding(str(path), 0, 0, "citation-no-lock", message, hint, "warning"))
        return None
    except (ValueError, KeyError, TypeError):
        findings.add(Finding(str(path), 0, 0, "citation-bad-lock", "引文锁读不出来", "用 --sources DIR --write-lock 重新生成"))
        return None
    return lock


def _add(findings: Findings, rule: Rule, code: str, message: str, hint: str) -> None:
    place = rule.place
    findings.add(Finding(place.file, place.line, place.column, code, f"{rule.id}: {message}", hint))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
