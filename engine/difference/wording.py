"""Regions in Chinese: what a figure or field may be, and which conditions hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.completions.parts import Condition, Rest, SideName, TruthCondition, ValueCondition, ValuePart
from engine.conditions import Count, FieldRef, Node, Operand, Sum
from engine.difference.decomposed import flat
from engine.difference.model import Said
from engine.pack import Pack
from engine.spans import Span, hull
from engine.truth import Truth
from engine.vocabulary import VocabularyField
from engine.wording import describe, operand_label, show, typed

_ANY: frozenset[Truth] = frozenset({True, False, None})
_TRUTHS: dict[frozenset[Truth], str] = {
    frozenset({True}): "满足",
    frozenset({False}): "不满足",
    frozenset({None}): "待定",
    frozenset({True, None}): "满足或待定",
    frozenset({False, None}): "不满足或待定",
    frozenset({True, False}): "已能判定",
}
_REST: dict[Rest, dict[frozenset[Truth], str]] = {
    "all": {
        frozenset({True}): "其余条件全部满足",
        frozenset({False}): "其余条件有不满足的",
        frozenset({None}): "其余条件没有不满足的，但有待定的",
        frozenset({True, None}): "其余条件没有不满足的",
        frozenset({False, None}): "其余条件没有全部满足",
        frozenset({True, False}): "其余条件都能判定",
    },
    "any": {
        frozenset({True}): "其余可选条件至少满足一个",
        frozenset({False}): "其余可选条件一个也不满足",
        frozenset({None}): "其余可选条件都不满足或待定，且有待定的",
        frozenset({True, None}): "其余可选条件有满足或待定的",
        frozenset({False, None}): "其余可选条件没有满足的",
        frozenset({True, False}): "其余可选条件能够判定",
    },
}
_OF = {"old": "（按旧版规则）", "new": "（按新版规则）"}
_SHOWN = 8


def said(condition: Condition, packs: Mapping[SideName, Pack]) -> Said:
    """A condition of a region in one line."""
    pack = packs[condition.part.side]
    if isinstance(condition, TruthCondition):
        part = condition.part
        shared = [describe(node, pack) for node in flat(part.node)] or [describe(part.node, pack)]
        if part.rest == "own":
            named_ = "旧版" if part.side == "old" else "新版"
            return Said(f"{named_}特有的条件{_TRUTHS[condition.allowed]}：{describe(part.node, pack)}", "own", tuple(shared))
        if part.rest and len(shared) > 1:
            return Said(_REST[part.rest][condition.allowed], part.rest, tuple(shared))
        return Said(f"{_TRUTHS[condition.allowed]}：{describe(part.node, pack)}")
    return Said(_value(condition, pack))


def _value(condition: ValueCondition, pack: Pack) -> str:
    part = condition.part
    name = named(part.operand, pack) + ("" if part.both else _OF[part.side])
    if condition.known is False:
        return f"{name}：未填写"
    allowed = [n for n in range(len(part.cells)) if n not in condition.out]
    field = typed(part.operand, pack)
    words = f"{name}：{_cells(part, allowed, field, pack)}" if condition.out else f"{name}："
    if not condition.possible:
        return words if condition.out else f"{name}：已填写"
    ways = [_cells(part, [n], field, pack) for n in sorted(condition.possible)]
    maybe = f"不确定是{'还是'.join(ways)}" if len(ways) > 1 else f"可能是{ways[0]}"
    if condition.out:
        return f"{words}，{maybe}" if len(allowed) > 1 else words
    return f"{name}：{'已填写，' if condition.known else '未填写，或者'}{maybe}"


def named(operand: Operand, pack: Pack) -> str:
    """What an operand is called, with the filter of what is counted."""
    if isinstance(operand, FieldRef):
        return pack.vocabulary.label(operand.path)
    where: Node | None = operand.where if isinstance(operand, Count | Sum) else None
    return operand_label(operand, pack) + (f"（要求：{describe(where, pack)}）" if where is not None else "")


def _runs(part: ValuePart, cells: list[int]) -> list[list[int]]:
    """Neighbouring cells of numbers together; other cells are each on their own."""
    runs: list[list[int]] = []
    for n in cells:
        if runs and runs[-1][-1] == n - 1 and isinstance(part.cells[n], Span):
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


def _cells(part: ValuePart, cells: Iterable[int], field: VocabularyField, pack: Pack) -> str:
    """Cells as ranges or as lists of options, whichever of "these" and "all but these" is shorter."""
    chosen = list(cells)
    if not chosen:
        return "没有这样的值"
    if isinstance(part.cells[0], Span):
        return "或".join(_span(part, run, field, pack) for run in _runs(part, chosen))
    inside = outermost(_values(part, chosen), field)
    others = outermost(_values(part, [n for n in range(len(part.cells)) if n not in chosen]), field)
    if len(inside) <= len(others) or not others:
        return _options(inside, field, pack)
    return f"{_options(others, field, pack)}以外的"


def _values(part: ValuePart, numbers: Iterable[int]) -> list[str]:
    return [value for n in numbers for cell in (part.cells[n],) if not isinstance(cell, Span) for value in cell]


def outermost(values: list[str], field: VocabularyField) -> list[str]:
    """Codes without those that lie within another one of them."""
    if field.type not in ("division", "industry"):
        return values
    known = set(values)
    return [code for code in values if not any(code[:size] in known for size in range(len(code)))]


def _span(part: ValuePart, run: list[int], field: VocabularyField, pack: Pack) -> str:
    first, last = part.cells[run[0]], part.cells[run[-1]]
    if not isinstance(first, Span) or not isinstance(last, Span):
        raise TypeError("a run is of ranges")
    return show(hull(first, last), field, pack)


def _options(values: list[str], field: VocabularyField, pack: Pack) -> str:
    """Options by their labels; long lists are cut."""
    shown = [show(frozenset({value}), field, pack) for value in values[:_SHOWN]]
    more = f"等{len(values)}项" if len(values) > _SHOWN else ""
    return "、".join(shown) + more
