"""Chinese sentences: what a condition asks, what a value is, how far one is from the other."""

from __future__ import annotations

from datetime import date

from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Any,
    AsOf,
    Comparison,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Operand,
    Parameter,
    Ratio,
    Reference,
    Sum,
    Test,
    Threshold,
    Total,
    ValidityEnd,
    ValidityStart,
)
from engine.pack import Pack
from engine.quantities import format_count, format_date, format_money, format_ratio, format_span
from engine.regions import Intervals, Region, Several, Value
from engine.spans import Number, Point, Span
from engine.vocabulary import FieldSpec, VocabularyField

GROUP_LABELS: dict[type, str] = {All: "以下全部满足", Any: "以下任一满足", Not: "以下不成立"}
RANK_LABELS = {"national": "国家级", "provincial": "省级", "prefecture": "设区市级", "county": "区县级"}
_WORDS = {
    "above": "高于",
    "at_least": "不低于",
    "below": "低于",
    "at_most": "不高于",
}
_DATE_WORDS = {"above": "晚于", "at_least": "不早于", "below": "早于", "at_most": "不晚于"}
_COUNTED = VocabularyField("count", None, FieldSpec(type="count", label="数量", unit="条"))
_DAYS = VocabularyField("days", None, FieldSpec(type="count", label="天数", unit="天", min=None))
_RATIO = VocabularyField("ratio", None, FieldSpec(type="ratio", label="比值", min=None))


def describe(node: Node, pack: Pack) -> str:
    """What a condition asks, in one line; the author's label where there is one."""
    if node.note.label:
        return node.note.label
    match node:
        case Test():
            return _test(node, pack)
        case Every(kind, where, that):
            named = pack.vocabulary.records[kind].label
            which = f"（符合“{describe(where, pack)}”的）" if where is not None else ""
            return f"每条{named}{which}都要：{describe(that, pack)}"
        case Judgement(id):
            return pack.judgement_label(id)
        case Reference(id):
            return f"符合《{pack.instrument_title(id).strip('《》')}》的规定"
        case All(parts):
            return "，".join(describe(part, pack) for part in parts)
        case Any(parts, fallback):
            return describe(parts[0], pack) if fallback else "或者".join(describe(part, pack) for part in parts)
        case Not(part):
            return f"不是：{describe(part, pack)}"
    raise TypeError(f"not a condition: {node!r}")


def headline(node: Node, pack: Pack) -> str:
    """What a node is called where its parts are shown below it: a group without a label only says how it joins them."""
    if isinstance(node, Any) and node.fallback:
        return describe(node.parts[0], pack)
    return node.note.label or GROUP_LABELS.get(type(node)) or describe(node, pack)


def _test(node: Test, pack: Pack) -> str:
    if isinstance(node.operand, Count):
        where, named = node.operand.where, pack.vocabulary.records[node.operand.kind].label
        which = f"（要求：{describe(where, pack)}）" if where is not None else ""
        first = node.comparisons[0]
        if first == Comparison("at_least", (Span.exactly(1),)):
            return f"有{named}{which}"
        return f"{named}{which}的数量{_comparisons(node, _COUNTED, pack)}"
    return f"{operand_label(node.operand, pack)}{_comparisons(node, typed(node.operand, pack), pack)}"


def _comparisons(node: Test, field: VocabularyField, pack: Pack) -> str:
    return "或".join(_comparison(item, field, pack) for item in node.comparisons)


def _comparison(item: Comparison, field: VocabularyField, pack: Pack) -> str:
    if item.operator == "known":
        return "已填写"
    shown = [_threshold(threshold, field, pack) for threshold in item.thresholds]
    if item.operator == "between":
        return f"为{shown[0]}" if shown[0] == shown[1] else f"在{shown[0]}至{shown[1]}之间"
    if item.operator == "within":
        return f"位于{shown[0]}" if field.type == "division" else f"属于{shown[0]}"
    if field.type == "yes_no":
        return f"：{shown[0]}"
    if item.operator in ("in", "rank"):
        return f"包括{shown[0]}" if field.type == "choices" else f"为{shown[0]}"
    words = _DATE_WORDS if field.type == "date" else _WORDS
    return f"{words[item.operator]}{shown[0]}"


def _threshold(threshold: Threshold, field: VocabularyField, pack: Pack) -> str:
    match threshold:
        case AsOf():
            return "评估日"
        case ValidityStart(document):
            return format_date(pack.documents[document].document.validity.start)
        case ValidityEnd(document):
            end = pack.documents[document].document.validity.end
            return f"{format_date(end)}（且不晚于评估日）" if end else "评估日"
        case Parameter(id):
            return pack.parameters[id].spec.label
        case _:
            return show(threshold, field, pack)


def typed(operand: Operand, pack: Pack) -> VocabularyField:
    """The field whose type and unit the operand's values have."""
    match operand:
        case FieldRef(path) | Annual(path) | AnnualSum(path) | Sum(path):
            return pack.vocabulary.fields[path]
        case Total(paths):
            return pack.vocabulary.fields[paths[0]]
        case Count():
            return _COUNTED
        case DaysSince():
            return _DAYS
        case Ratio():
            return _RATIO
    raise TypeError(f"not an operand: {operand!r}")


def operand_label(operand: Operand, pack: Pack) -> str:
    """What an operand is called."""
    match operand:
        case FieldRef(path):
            return pack.vocabulary.fields[path].label
        case Annual(path, offset):
            year = {-1: "上年度", 0: "本年度", -2: "上上年度"}.get(offset, f"前{-offset}年度")
            return f"{year}{pack.vocabulary.fields[path].label}"
        case Total(paths):
            return f"{'、'.join(pack.vocabulary.fields[path].label for path in paths)}合计"
        case AnnualSum(path, years):
            return f"近{years}年{pack.vocabulary.fields[path].label}合计"
        case Count(kind):
            return f"{pack.vocabulary.records[kind].label}数量"
        case Sum(path):
            field = pack.vocabulary.fields[path]
            return f"{pack.vocabulary.label(path).replace('·', '的')}合计" if field.record else field.label
        case Ratio(of, to):
            return f"{operand_label(of, pack)}占{operand_label(to, pack)}的比例"
        case DaysSince(path):
            return f"距{pack.vocabulary.fields[path].label}的天数"
    raise TypeError(f"not an operand: {operand!r}")


def show(value: Value | None, field: VocabularyField, pack: Pack) -> str:
    """A value as people read it; alternatives are joined by 或."""
    match value:
        case None:
            return "未填写"
        case Span() if value.is_point:
            return show_point(value.low, field)
        case Span():
            kind = field.type if field.type in ("money", "count", "ratio", "date") else "count"
            return format_span(value, kind, field.spec.unit or "")
        case Several(certain, possible):
            named = "、".join(_option(key, field, pack) for key in _ordered(certain, field))
            rest = "（可能还有其他）" if possible - certain else ""
            return f"{named or '无'}{rest}"
        case frozenset():
            return "或".join(_option(key, field, pack) for key in _ordered(value, field))
    raise TypeError(f"not a value: {value!r}")


def show_point(point: Point | None, field: VocabularyField) -> str:
    """One number or day."""
    if isinstance(point, date):
        return format_date(point)
    if point is None:
        return "未填写"
    match field.type:
        case "money":
            return format_money(point)
        case "ratio":
            return format_ratio(point)
    unit = field.spec.unit or ""
    return f"{point}{unit}" if unit == "年" else format_count(point, unit)


def _ordered(keys: frozenset[str], field: VocabularyField) -> list[str]:
    order = {key: number for number, key in enumerate(field.options)}
    return sorted(keys, key=lambda key: (order.get(key, len(order)), key))


def _option(key: str, field: VocabularyField, pack: Pack) -> str:
    if field.type == "division":
        return RANK_LABELS[key] if key in RANK_LABELS else pack.tables.divisions.label(key)
    if field.type == "industry":
        return pack.tables.industries.label(key)
    return field.options[key].label if key in field.options else key


def gap(value: Value | None, region: Region | None, field: VocabularyField) -> str | None:
    """How far a number or date misses a region: 差120万元, 差3人, 差41天; None where that means nothing."""
    if not isinstance(value, Span) or not isinstance(region, Intervals) or not region.spans:
        return None
    lack = [_distance(value.high, span.low) for span in region.spans]
    excess = [_distance(span.high, value.low) for span in region.spans]
    about = "" if value.is_point else "至少"
    nearest = min((item for item in lack if item is not None), default=None)
    if nearest is not None:
        return f"{about}差{_amount(nearest, field)}"
    nearest = min((item for item in excess if item is not None), default=None)
    return f"{about}超出{_amount(nearest, field)}" if nearest is not None else None


def _distance(below: Point | None, above: Point | None) -> Number | None:
    """How far ``below`` lies under ``above``; None where it does not."""
    if isinstance(below, date) and isinstance(above, date):
        return (above - below).days if below < above else None
    if below is None or above is None or isinstance(below, date) or isinstance(above, date):
        return None
    return above - below if below < above else None


def _amount(distance: Number, field: VocabularyField) -> str:
    if field.type == "date":
        return f"{distance}天"
    if field.type == "ratio":
        return f"{format_ratio(distance).removesuffix('%')}个百分点" if distance * 100 >= 1 else format_ratio(distance)
    return show_point(distance, field)
