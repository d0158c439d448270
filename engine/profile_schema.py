"""An enterprise profile as JSON Schema: fields, lists and options, with questions and help as hover."""

from __future__ import annotations

from engine.quantities import is_missing_word
from engine.schema_names import (
    COUNT,
    DAY,
    MISSING_WORDS,
    MONEY,
    RATE,
    YES_NO_WORDS,
    Json,
    described,
    meaning,
    named,
    names_of,
)
from engine.vocabulary import FieldType, RecordKind, Vocabulary, VocabularyField

_NUMBERS: dict[FieldType, Json] = {"money": MONEY, "count": COUNT, "ratio": RATE, "date": DAY}
_MISSING: Json = {"enum": [None, *(word for word in MISSING_WORDS if is_missing_word(word))]}


def profile_properties(vocabulary: Vocabulary) -> Json:
    """The object schema of a profile, without a ``$schema`` of its own so that cases can hold it."""
    fields = {field.name: _described(field) for field in vocabulary.enterprise}
    lists = {kind.list: _list(kind) for kind in vocabulary.records.values()}
    return {"type": "object", "properties": {**fields, **lists}, "additionalProperties": False}


def _described(field: VocabularyField) -> Json:
    spec = field.spec
    parts = [spec.label, f"单位：{spec.unit}" if spec.unit else "", spec.question or "", spec.help or ""]
    return described(_value(field), "\n\n".join(part for part in parts if part))


def _list(kind: RecordKind) -> Json:
    properties = {name: _described(field) for name, field in kind.fields.items()}
    record: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    items: Json = {"anyOf": [{"type": "array", "items": record}, {"enum": [None, "无", "没有"]}]}
    partial: Json = {
        "type": "object",
        "properties": {"partial": described({"type": "boolean"}, "列表不全"), "items": items},
        "required": ["partial", "items"],
        "additionalProperties": False,
    }
    return described(
        {"anyOf": [*items["anyOf"], partial]}, f"{kind.label}：{kind.spec.question or ''}".rstrip("：")
    )


def _value(field: VocabularyField) -> Json:
    match field.type:
        case "choice" | "yes_no":
            return {"anyOf": [*_several(_option(field)), _MISSING]}
        case "choices":
            return {
                "anyOf": [
                    *_several(_option(field)),
                    _partial(field),
                    {"const": []},
                    {"const": "无"},
                    _MISSING,
                ]
            }
        case "division" | "industry":
            return {"anyOf": [*_several({"type": ["string", "integer"]}), {"type": "null"}]}
        case "text" | "credit_code":
            return {"type": ["string", "number", "null"]}
    number = _NUMBERS[field.type]
    return {"anyOf": [number, {"const": "无"}, {"const": "没有"}, _MISSING]}


def _several(one: Json) -> list[Json]:
    """A value, or a list meaning one of these."""
    return [one, {"type": "array", "items": one, "minItems": 1}]


def _option(field: VocabularyField) -> Json:
    """Labels first, which is what people write; then synonyms and ids."""
    if field.type == "yes_no":
        return {"enum": [True, False, *YES_NO_WORDS]}
    labels = {option.label: option.label for option in field.options.values()}
    others = {name: meaning(field, name) for name in (*names_of(field), *field.options)}
    return named({**labels, **{name: text for name, text in others.items() if name not in labels}})


def _partial(field: VocabularyField) -> Json:
    return {
        "type": "object",
        "properties": {"partial": {"const": True}, "items": {"anyOf": _several(_option(field))}},
        "required": ["partial", "items"],
        "additionalProperties": False,
    }
