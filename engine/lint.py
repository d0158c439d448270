"""Lint: what a pack says that is wrong though it can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from engine import citations
from engine.compiler import ordered
from engine.conditions import Every, Judgement, Node, Reference, Test
from engine.dependencies import leaves_of
from engine.diagnostics import Finding, Findings
from engine.documents import Unquantified
from engine.loader import read_pack
from engine.pack import Pack
from engine.vocabulary import OPTIONS, VocabularyField


def lint(rules: Path, findings: Findings, *, document: str | None = None, sources: Path | None = None) -> Pack | None:
    """Every finding of a rules directory; the pack as far as it could be read."""
    pack = read_pack(rules, findings, document=document)
    if pack is None:
        return None
    for check in CHECKS:
        findings.extend(check(pack))
    lock = rules / citations.LOCK_NAME
    citations.check(pack, lock, findings)
    if sources is not None:
        citations.check_sources(pack, lock, sources, findings)
    return pack


def _cycles(pack: Pack) -> Iterator[Finding]:
    _, finding = ordered(pack.derived)
    if finding:
        yield finding


def _validity(pack: Pack) -> Iterator[Finding]:
    for id, file in pack.documents.items():
        validity = file.document.validity
        if validity.end is not None and validity.end < validity.start:
            yield Finding(id, 0, 0, "lint-validity", "有效期的终止日早于起始日")
        if validity.basis == "inferred" and not validity.why:
            yield Finding(id, 0, 0, "lint-validity", "有效期是推断的，请写 why")


def _determinacy(pack: Pack) -> Iterator[Finding]:
    for measure in pack.measures:
        unquantified = isinstance(measure.spec.benefit, Unquantified)
        if unquantified != (measure.spec.determinacy == "qualitative"):
            message = f"{measure.id}：determinacy 与待遇不一致"
            hint = "写明金额或算法的是 quantified，否则是 qualitative"
            place = measure.place
            yield Finding(place.file, place.line, place.column, "lint-determinacy", message, hint)


def _groups(pack: Pack) -> Iterator[Finding]:
    ids = {measure.id for measure in pack.measures}
    for id, file in pack.documents.items():
        for group in file.groups:
            for name in group.measures:
                if name not in ids:
                    yield Finding(id, 0, 0, "lint-group", f"互斥组“{group.id}”里没有措施“{name}”")
            if (group.kind == "joint_cap") != (group.cap is not None):
                yield Finding(id, 0, 0, "lint-group", f"互斥组“{group.id}”：joint_cap 要写 cap，其他不写")


def _unused(pack: Pack) -> Iterator[Finding]:
    used = {leaf.id for node in _nodes(pack) for leaf in _leaves(node) if isinstance(leaf, Judgement | Reference)}
    used |= {m.spec.benefit.instrument for m in pack.measures if m.spec.benefit.instrument}
    for id, file in pack.documents.items():
        for kind, names in (("判断事项", file.judgements), ("引用文件", file.instruments)):
            for name in names:
                if name not in used:
                    yield Finding(id, 0, 0, "lint-unused", f"{kind}“{name}”没有用到", "", "warning")


def _parameters(pack: Pack) -> Iterator[Finding]:
    for id, parameter in pack.parameters.items():
        values = sorted(parameter.values, key=lambda value: value.start or date.min)
        for earlier, later in pairwise(values):
            if earlier.end is None or later.start is None or earlier.end >= later.start:
                yield Finding(id, 0, 0, "lint-parameter", f"参数“{id}”的两段日期重叠")
            elif later.start - earlier.end > timedelta(days=1):
                yield Finding(id, 0, 0, "lint-parameter", f"参数“{id}”的两段日期之间有空档", "", "warning")


def _vocabulary(pack: Pack) -> Iterator[Finding]:
    for field in pack.vocabulary.fields.values():
        for message in _field(field, pack):
            yield Finding(field.path, 0, 0, "lint-vocabulary", f"字段“{field.path}”：{message}")


def _field(field: VocabularyField, pack: Pack) -> Iterator[str]:
    spec = field.spec
    if (field.type in OPTIONS - {"yes_no"}) != bool(spec.options):
        yield "选择字段要有选项，其他字段不写选项"
    for text, options in spec.synonyms.items():
        for option in options:
            if option not in spec.options:
                yield f"同义词“{text}”指向不存在的选项“{option}”"
    meanings: dict[str, str] = {}
    for key, choice in field.options.items():
        for name in dict.fromkeys((key, choice.label, *choice.synonyms)):
            if name in meanings and meanings[name] != key:
                yield f"“{name}”同时是选项 {meanings[name]} 和 {key}"
            meanings[name] = key
    if spec.term is not None:
        for part in (spec.term.start, spec.term.by):
            if field.record is None or f"{field.record}.{part}" not in pack.vocabulary.fields:
                yield f"term 里的“{part}”不是同一记录的字段"
    yield from _changing(field)


def _changing(field: VocabularyField) -> Iterator[str]:
    """What is said of how a value may change fits the type."""
    spec = field.spec
    if spec.onward and field.type != "choice":
        yield "onward 只用于单选字段"
    if spec.again and field.type != "date":
        yield "again 只用于日期字段"
    if spec.new is not None and (field.record is None or spec.new not in field.options):
        yield f"new 应是记录字段的一个选项，没有选项“{spec.new}”"
    if spec.fixed and spec.onward:
        yield "写了 fixed 就不必写 onward"


def _nodes(pack: Pack) -> Iterator[Node]:
    for measure in pack.measures:
        yield measure.condition
    for derived in pack.derived:
        yield from (when for when, _ in derived.cases)


def _leaves(node: Node) -> Iterator[Node]:
    """All leaves, those inside filters too."""
    for leaf in leaves_of(node):
        yield leaf
        inner: list[Node | None] = []
        if isinstance(leaf, Every):
            inner = [leaf.where, leaf.that]
        elif isinstance(leaf, Test):
            inner = [getattr(leaf.operand, "where", None)]
        for part in inner:
            if part is not None:
                yield from _leaves(part)


CHECKS: tuple[Callable[[Pack], Iterator[Finding]], ...] = (
    _cycles,
    _validity,
    _determinacy,
    _groups,
    _unused,
    _parameters,
    _vocabulary,
)
