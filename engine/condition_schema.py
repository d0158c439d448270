"""The condition language (docs/rule-language.md, 3) as JSON Schema: a mirror of ``engine.condition_reader``.

What a schema cannot know (which record is in reach, marks under ``not``) is left to lint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.atom_reader import ALLOWED, OPERANDS, OPERATORS, ORDERED
from engine.condition_reader import MARKS
from engine.schema_names import (
    BY_TYPE,
    COUNT,
    RATE,
    STRING,
    Json,
    PackNames,
    described,
    named,
    one_or_more,
    ranks,
)
from engine.vocabulary import NUMERIC

CONDITIONS: Json = {"type": "array", "items": {"$ref": "#/$defs/condition"}}
WHERE: Json = {
    "anyOf": [{**CONDITIONS, "minItems": 1}, {"type": "string", "description": "本措施 filters 里的筛选名"}]
}
_TRUE: Json = {"const": True}
_GROUPS = {"all": "以下全部满足", "any": "以下任一满足"}
_HEADS: Mapping[str, tuple[str, ...]] = {
    "all": (),
    "any": (),
    "not": (),
    "exists": ("where",),
    "every": ("where", "that", "at_least"),
    "held": (),
    "newly_recognised": (),
    "within_validity": (),
    "level": ("tier", "of", "or_above"),
    "judgement": (),
    "reference": (),
}
"""What makes a condition a group or a shorthand, and the keys beside it."""
_NEEDED: Mapping[str, tuple[str, ...]] = {"every": ("that", "at_least"), "level": ("tier", "of")}
_WORDS: Mapping[str, str] = {
    "not": "这个条件不成立",
    "exists": "至少一条记录符合 where",
    "every": "符合 where 的每条记录都符合 that；at_least 必写",
    "held": "评估日有效：发证日不晚于、到期日不早于评估日",
    "newly_recognised": "在文件有效期内、评估日之前（含）认定；自动标为推断",
    "within_validity": "日期在文件有效期内且不晚于评估日；自动标为推断",
    "level": "认定的级次；tier 写级次，of 写哪里的",
    "judgement": "只能由人认定；编号在 document.yaml 的 judgements 里",
    "reference": "条件由另一文件规定；编号在 instruments 里",
    "field": "字段的值",
    "annual": "年度数据，默认上年度；没有该年度是未知",
    "annual_sum": "近几个年度合计，写 years；缺一年是未知",
    "count": "符合 where 的记录数",
    "sum": "符合 where 的记录之和",
    "ratio": "比值：{of: {…}, to: {…}}；分母可能为零时未知",
    "days_since": "从这个日期到评估日的天数",
    "total": "几个企业字段之和",
    "equals": "等于",
    "not_equals": "不等于",
    "in": "其中之一；多选字段为至少含其一",
    "within": "在其范围内（行政区划、行业）",
    "rank": "行政区划的级别",
    "above": "大于",
    "at_least": "不小于",
    "below": "小于",
    "at_most": "不大于",
    "between": "两端之间，含两端",
    "known": "已填写",
    "year": "哪一年：last 或 -1 是上年度，-2 是上上年度，0 是当年",
    "years": "几个年度，1 至 10",
    "since": "成立日期字段：成立不足几年的按实际年度",
    "where": "筛选：条件的列表，或 filters 里的名字",
    "that": "每条都要符合的条件",
    "tier": "级次",
    "of": "哪里的：行政区划",
    "or_above": "该级以上",
    "inferred": "文件没有明写，是推断的硬条件；要写 why",
    "soft": "存疑：不满足时变为待认定；要写 why",
    "open": "清单以“等”结尾：清单以外是未知",
    "assumed": "未填写时按满足处理，并列在前提里；要写 why",
    "why": "为什么",
    "implied_by": "单独从不决定结论的条件：由什么保证",
    "label": "自己写条件的说法",
}


def definitions(names: PackNames) -> Json:
    """What ``$defs`` needs: ``condition``, ``operand``, and the options of every field that has some."""
    fields = names.pack.vocabulary.fields.items()
    options = {_options_of(path): names.options(field) for path, field in fields if field.options}
    return {"condition": _condition(names), "operand": _operand(names), **options}


def _condition(names: PackNames) -> Json:
    heads = {"anyOf": [{"required": [head]} for head in _HEADS]}
    return {
        "type": "object",
        "properties": {key: described(value, _word(key)) for key, value in _properties(names).items()},
        "additionalProperties": False,
        "dependentRequired": {mark: ["why"] for mark in ("inferred", "soft", "assumed")},
        "allOf": [
            *({"if": {"required": [head]}, "then": _beside(head)} for head in _HEADS),
            {"if": {"not": heads}, "then": _atom()},
            *_by_field(names),
        ],
    }


def _word(key: str) -> str:
    return _GROUPS.get(key) or _WORDS.get(key, "")


def _beside(head: str) -> Json:
    needed = {"required": list(_NEEDED[head])} if head in _NEEDED else {}
    return {"propertyNames": {"enum": [head, *_HEADS[head], *MARKS]}, **needed}


def _atom() -> Json:
    """One operand, one operator, and what may stand beside them."""
    beside = ("year", "years", "since", "where", *MARKS)
    return {
        "propertyNames": {"enum": [*OPERANDS, *OPERATORS, *beside]},
        "allOf": [_exactly_one(OPERANDS), _exactly_one(OPERATORS)],
    }


def _exactly_one(keys: Iterable[str]) -> Json:
    return {"oneOf": [{"required": [key]} for key in keys]}


def _properties(names: PackNames) -> Json:
    condition: Json = {"$ref": "#/$defs/condition"}
    return {
        "all": {**CONDITIONS, "minItems": 1},
        "any": {**CONDITIONS, "minItems": 1},
        "not": condition,
        "exists": named(names.records()),
        "every": named(names.records()),
        "that": {**WHERE},
        "held": named(names.records("issued", "expires")),
        "newly_recognised": named(names.records("issued")),
        "within_validity": named(names.of_type("date")),
        "level": named(names.records("issuer", "tier")),
        "tier": ranks(),
        "of": {"type": ["string", "integer"]},
        "or_above": {"type": "boolean"},
        "judgement": {"anyOf": [named(names.judgements()), STRING]},
        "reference": {"anyOf": [named(names.instruments()), STRING]},
        **_operand_properties(names),
        **_operators(names),
        **dict.fromkeys(("inferred", "soft", "open", "assumed"), _TRUE),
        "why": {"type": "string", "minLength": 1},
        "implied_by": {"type": "string", "minLength": 1},
        "label": STRING,
    }


def _operand_properties(names: PackNames) -> Json:
    numbers = names.fields(lambda field: field.record is None and field.type in NUMERIC)
    part: Json = {"$ref": "#/$defs/operand"}
    parts: Json = {"of": part, "to": part}
    return {
        "field": named(names.fields()),
        "annual": named(names.annual()),
        "annual_sum": named(names.annual()),
        "count": named(names.records()),
        "sum": named(names.summable()),
        "ratio": {
            "type": "object",
            "properties": parts,
            "required": ["of", "to"],
            "additionalProperties": False,
        },
        "days_since": named(names.of_type("date")),
        "total": {"type": "array", "items": named(numbers), "minItems": 2},
        "year": {"anyOf": [{"type": "integer", "minimum": -10, "maximum": 0}, {"const": "last"}]},
        "years": {"type": "integer", "minimum": 1, "maximum": 10},
        "since": named(names.fields(lambda field: field.record is None and field.type == "date")),
        "where": WHERE,
    }


def _operand(names: PackNames) -> Json:
    properties = {key: described(value, _word(key)) for key, value in _operand_properties(names).items()}
    needs_years = {"dependentRequired": {"annual_sum": ["years"]}}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **_exactly_one(OPERANDS),
        **needs_years,
    }


def _operators(names: PackNames) -> Json:
    ends: Json = {"type": "array", "items": _threshold(names, {}), "minItems": 2, "maxItems": 2}
    compared = {**dict.fromkeys(ORDERED, _threshold(names, {})), "between": ends}
    return {
        "equals": {},
        "not_equals": {},
        "in": {},
        "within": {},
        "rank": one_or_more(ranks()),
        **compared,
        "known": _TRUE,
    }


def _threshold(names: PackNames, value: Json) -> Json:
    """A figure, or a dated parameter."""
    parameter: Json = {
        "type": "object",
        "properties": {"parameter": described(named(names.parameters()), "带日期的参数")},
        "required": ["parameter"],
        "additionalProperties": False,
    }
    return {"anyOf": [value or {"type": ["string", "number"]}, parameter]}


def _by_field(names: PackNames) -> Iterator[Json]:
    """What follows from the operand: which operators apply, and the values that they compare with."""
    grouped: dict[str, list[str]] = {}
    for path, field in names.pack.vocabulary.fields.items():
        grouped.setdefault(field.type, []).append(path)
        if field.options:
            yield _when_field([path], _option_operators(path))
    for kind, paths in grouped.items():
        yield _when_field(paths, {"propertyNames": {"not": {"enum": _forbidden(kind)}}})
        if kind in BY_TYPE:
            yield _when_field(paths, _number_operators(names, BY_TYPE[kind]))
        if kind in ("division", "industry"):
            code = one_or_more({"type": ["string", "integer"]})
            yield _when_field(paths, {"properties": {"equals": code, "within": code, "in": code}})
    for operand, value in (("count", COUNT), ("days_since", COUNT), ("ratio", RATE)):
        then = {"propertyNames": {"not": {"enum": _forbidden(operand if operand == "ratio" else "count")}}}
        yield {
            "if": {"required": [operand], "not": {"required": ["field"]}},
            "then": {**then, **_number_operators(names, value)},
        }
    yield {"if": {"required": ["annual_sum"]}, "then": {"required": ["years"]}}


def _when_field(paths: list[str], then: Json) -> Json:
    return {"if": {"properties": {"field": {"enum": paths}}, "required": ["field"]}, "then": then}


def _forbidden(kind: str) -> list[str]:
    return [operator for operator in OPERATORS if operator not in ALLOWED[kind]]


def _option_operators(path: str) -> Json:
    option: Json = {"$ref": f"#/$defs/{_options_of(path)}"}
    one: Json = {"anyOf": [option, {"type": "array", "items": option, "minItems": 1, "maxItems": 1}]}
    return {"properties": {"equals": one, "not_equals": one, "in": one_or_more(option)}}


def _options_of(path: str) -> str:
    return f"options.{path}"


def _number_operators(names: PackNames, value: Json) -> Json:
    one = _threshold(names, value)
    ends: Json = {"type": "array", "items": one, "minItems": 2, "maxItems": 2}
    single = ("equals", "not_equals", "above", "at_least", "below", "at_most")
    return {"properties": {**dict.fromkeys(single, one), "between": ends}}
