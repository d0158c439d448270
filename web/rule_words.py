"""A measure in Chinese words for readers: its conditions as a tree, its benefit, its judgements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from engine.conditions import All, Count, Every, Judgement, Node, Not, Reference, Test
from engine.conditions import Any as AnyOf
from engine.dependencies import leaves_of
from engine.documents import Award, Cap, JudgementSpec, MeasureSpec, Proportional, Quota, Tiered, Validity
from engine.pack import Measure, Pack
from engine.quantities import format_date, format_money, format_ratio, format_validity
from engine.screening import BENEFITS
from engine.wording import describe, headline
from web.amounts import FREQUENCIES

CAP_SCOPES = {"per_year": "每年", "per_record": "每项", "total": "合计"}
RowKind = Literal["group", "condition", "judgement", "reference"]


@dataclass(frozen=True, slots=True)
class Row:
    """One condition in words; ``marks`` say what its author said of it, ``parts`` are the rows below it."""

    text: str
    kind: RowKind
    marks: tuple[str, ...] = ()
    parts: tuple[Row, ...] = ()


def conditions(measure: Measure, pack: Pack) -> tuple[Row, ...]:
    """The rows of a measure's conditions, all of which must hold."""
    node = measure.condition
    parts = node.parts if isinstance(node, All) else (node,)
    return tuple(_row(part, pack) for part in parts)


def judgements(measure: Measure, pack: Pack) -> list[JudgementSpec]:
    """What only a person can confirm, in order; doubtful and open conditions are marked in the tree."""
    ids = dict.fromkeys(leaf.id for leaf in _every_leaf(measure.condition) if isinstance(leaf, Judgement))
    return [pack.judgements[id] for id in ids if id in pack.judgements]


def benefit(spec: MeasureSpec, pack: Pack) -> str:
    """What it promises, with its figures as stated."""
    figures = amount(spec, pack)
    return "；".join([promise(spec, pack), *([figures] if figures else [])])


def promise(spec: MeasureSpec, pack: Pack) -> str:
    """The benefit without its figures: kind, frequency, and the instrument that sets the rest."""
    return "；".join(_promise(spec, pack))


def amount(spec: MeasureSpec, pack: Pack) -> str | None:
    """The amount or how to compute it, where the document states it."""
    stated = spec.benefit
    match stated:
        case Award():
            return format_money(stated.amount)
        case Tiered():
            options = pack.vocabulary.fields[stated.by].options
            return "、".join(
                f"{options[key].label}{format_money(money)}" for key, money in stated.amounts.items()
            )
        case Proportional():
            return _rate(stated, pack)
    return None


def validity(span: Validity) -> str:
    """From when to when, and whether that is inferred."""
    inferred = f"（推断：{span.why.rstrip('。')}）" if span.basis == "inferred" else ""
    return format_validity(span.start, span.end) + inferred


def day(date_: date | None) -> str:
    """A day in Chinese, nothing for none."""
    return format_date(date_) if date_ else ""


def quota(item: Quota) -> str:
    """A quota or target with its date."""
    return f"{format_date(item.by)}前：{item.text}" if item.by else item.text


def _row(node: Node, pack: Pack) -> Row:
    match node:
        case AnyOf(fallback=True):
            doubt = "清单以“等”结尾，清单以外待认定" if node.note.open else "存疑，不满足时待认定"
            return Row(describe(node, pack), "condition", _marks(node, doubt))
        case All(parts) | AnyOf(parts):
            return Row(headline(node, pack), "group", _marks(node), tuple(_row(part, pack) for part in parts))
        case Not(part):
            return Row(headline(node, pack), "group", _marks(node), (_row(part, pack),))
    if isinstance(node, Test) and isinstance(node.operand, Count) and node.operand.where is not None:
        return _counted(node, node.operand.kind, node.operand.where, pack)
    kind: RowKind = "condition"
    if isinstance(node, Judgement):
        kind = "judgement"
    elif isinstance(node, Reference):
        kind = "reference"
    assumed = "未填写时按满足处理" if isinstance(node, Test) and node.assumed else ""
    return Row(describe(node, pack), kind, _marks(node, assumed))


def _counted(node: Test, kind: str, where: Node, pack: Pack) -> Row:
    """A condition on how many records pass a filter, with the filter as rows of its own."""
    bare = replace(node, operand=Count(kind, None), note=replace(node.note, label=""))
    parts = where.parts if isinstance(where, All) else (where,)
    text = f"{describe(bare, pack)}，每条同时符合" if len(parts) > 1 else f"{describe(bare, pack)}，符合"
    return Row(node.note.label or text, "group", _marks(node), tuple(_row(part, pack) for part in parts))


def _marks(node: Node, first: str = "") -> tuple[str, ...]:
    parts = (first, "推断" if node.note.inferred else "", node.note.why.rstrip("。"))
    return tuple(part for part in parts if part)


def _every_leaf(node: Node) -> Iterator[Node]:
    """All leaves, those inside filters too."""
    for leaf in leaves_of(node):
        yield leaf
        inner = [leaf.where, leaf.that] if isinstance(leaf, Every) else []
        if isinstance(leaf, Test):
            inner = [getattr(leaf.operand, "where", None)]
        for part in inner:
            if part is not None:
                yield from _every_leaf(part)


def _promise(spec: MeasureSpec, pack: Pack) -> Iterator[str]:
    stated = spec.benefit
    yield stated.text or BENEFITS[stated.kind]
    if stated.frequency:
        yield FREQUENCIES[stated.frequency]
    if stated.instrument:
        yield f"见《{pack.instrument_title(stated.instrument).strip('《》')}》"


def _rate(stated: Proportional, pack: Pack) -> str:
    path = stated.base.field or stated.base.sum or ""
    rate = "1:1" if stated.kind == "matching" and stated.rate == 1 else format_ratio(stated.rate)
    cap = f"，{_cap(stated.cap)}" if stated.cap else ""
    return f"{pack.vocabulary.label(path).replace('·', '的')} × {rate}{cap}"


def _cap(cap: Cap) -> str:
    if cap.scope == "unstated":
        return f"最高{format_money(cap.amount)}（文件未写明按每项还是合计）"
    return f"{CAP_SCOPES[cap.scope]}最高{format_money(cap.amount)}"
