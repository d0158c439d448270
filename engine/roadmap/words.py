"""Changes in Chinese: what to change, to what at least, and what it is now; why something cannot change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.changeable import Fact
from engine.completions.changed_world import Rule
from engine.completions.targets import Moved, Target
from engine.documents import Document
from engine.facts import Facts
from engine.pack import Pack
from engine.quantities import format_date
from engine.vocabulary import VocabularyField
from engine.wording import show, show_point

MOST_NAMED = 6
MOST_REASONS = 4


def change_text(move: Moved, targets: Sequence[Target], facts: Facts, pack: Pack) -> str:
    """One change; of an added record the fields that count (``targets``)."""
    fact = move.fact
    if fact is not None:
        now = show(fact.value, fact.field, pack)
        return f"{place_of(fact, facts, pack)}{_become(targets[0], pack)}（现为{now}）"
    kind = pack.vocabulary.records[move.kind or ""]
    parts = "；".join(f"{target.field.label}{_has(target, facts.as_of, pack)}" for target in targets)
    return f"新增一条{kind.label}：{parts}" if parts else f"新增一条{kind.label}"


def place_of(fact: Fact, facts: Facts, pack: Pack) -> str:
    """What a fact is called; that of a record with the record's name."""
    if fact.kind is None or fact.record is None:
        return fact.field.label
    kind = pack.vocabulary.records[fact.kind]
    known = next((k for k in facts.records[fact.kind] if k.record and k.record.index == fact.record), None)
    name = known.record.id if known is not None and known.record is not None else None
    named = f"{kind.label}“{name}”" if name else f"第{fact.record + 1}条{kind.label}"
    return f"{named}的{fact.field.label}"


def _become(target: Target, pack: Pack) -> str:
    if target.bound is not None:
        point = show_point(target.bound, target.field)
        if target.field.type == "date":
            return {"up": f"改为{point}或以后", "down": f"改为{point}或以前", "exact": f"改为{point}"}[target.direction]
        if target.direction == "up":
            return f"改为高于{point}" if target.open else f"至少达到{point}"
        if target.direction == "down":
            return f"改为低于{point}" if target.open else f"降到不超过{point}"
        return f"改为{point}"
    if target.field.type == "choices":
        return _several(target, pack)
    return f"改为{named(target, pack)}"


def _several(target: Target, pack: Pack) -> str:
    label = {key: option.label for key, option in target.field.options.items()}
    parts = []
    if target.taken:
        others = [label[key] for key in target.either if key not in target.taken]
        rest = f"（或{'、'.join(others[:MOST_NAMED])}{'等' if len(others) > MOST_NAMED else ''}之一）" if others else ""
        parts.append(f"增加{'、'.join(label[key] for key in target.taken)}{rest}")
    if target.dropped:
        parts.append(f"去掉{'、'.join(label[key] for key in target.dropped)}")
    return "，".join(parts)


def _has(target: Target, as_of: date, pack: Pack) -> str:
    """What a field of a new record is."""
    if target.bound is not None:
        if target.field.type == "date":
            point = "评估日" if target.bound == as_of else show_point(target.bound, target.field)
            return {"up": f"不早于{point}", "down": f"不晚于{point}", "exact": f"为{point}"}[target.direction]
        point = show_point(target.bound, target.field)
        least = f"{'高于' if target.open else '不低于'}{point}"
        return {"up": least, "down": f"不高于{point}", "exact": f"为{point}"}[target.direction]
    if target.field.type == "choices":
        label = {key: option.label for key, option in target.field.options.items()}
        keys = target.either or target.taken
        return f"包括{'、'.join(label[k] for k in target.taken) if len(keys) < 2 else _one_of([label[k] for k in keys])}"
    return f"为{named(target, pack)}"


def named(target: Target, pack: Pack) -> str:
    """Every value that would do; where nearly all would, those that would not."""
    codes = _ordered(target.codes, target.field)
    if target.field.type not in ("division", "industry"):
        rest = [key for key in target.field.options if key not in target.codes]
        if len(codes) > MOST_NAMED and len(rest) < len(codes):
            return f"{_one_of([_label(key, target.field, pack) for key in rest])}以外的选项"
    elif len(codes) > MOST_NAMED and 0 < len(target.rest) < len(codes):
        areas = sorted(target.rest)
        named_ = "、".join(_label(key, target.field, pack) for key in areas[:MOST_NAMED])
        return f"{named_}{f'等{len(areas)}处' if len(areas) > MOST_NAMED else ''}以外"
    return _one_of([_label(key, target.field, pack) for key in codes])


def _one_of(names: Sequence[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"{'、'.join(names[:MOST_NAMED])}等{len(names)}项之一"
    return names[0] if len(names) == 1 else f"{'、'.join(names[:-1])}或{names[-1]}" if names else "其他"


def _label(key: str, field: VocabularyField, pack: Pack) -> str:
    return show(frozenset({key}), field, pack)


def _ordered(codes: frozenset[str], field: VocabularyField) -> list[str]:
    order = list(field.options)
    return sorted(codes, key=lambda key: (order.index(key) if key in order else 0, key))


def not_in_force(document: Document, as_of: date) -> str:
    """Why a document that is not in force stays so at the as-of date."""
    validity = document.validity
    if as_of < validity.start:
        return f"无论如何不符合：政策自{format_date(validity.start)}起才生效"
    if validity.end is None:
        return "无论如何不符合：政策不在有效期"
    return f"无论如何不符合：政策已到期（有效期至{format_date(validity.end)}）"


def impossible(blockers: Sequence[Rule], facts: Facts, pack: Pack) -> str:
    """Why no change helps: what rules the measure out together, and why it stays so."""
    if not blockers:
        return "无论如何不符合：没有哪些改变能同时满足全部条件"
    said = list(dict.fromkeys(_rule(rule, facts, pack) for rule in blockers))
    more = f"等{len(said)}项" if len(said) > MOST_REASONS else ""
    return f"无论如何不符合：{'；'.join(said[:MOST_REASONS])}{more}"


def _rule(rule: Rule, facts: Facts, pack: Pack) -> str:
    if rule.fact is not None:
        return f"{place_of(rule.fact, facts, pack)}为{show(rule.fact.value, rule.fact.field, pack)}（{rule.why}）"
    if rule.field is not None:
        kind = pack.vocabulary.records[rule.field.record or ""]
        return f"新增的{kind.label}，{rule.field.label}受限（{rule.why}）"
    return rule.why
