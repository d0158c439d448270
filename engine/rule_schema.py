"""JSON Schema (draft 2020-12) of every kind of rule file, for completion, hover and checks in editors.

The schemas come from the pydantic shapes of the files, the condition language, and the names of a pack, so
they are made anew whenever fields or ids are added.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from engine import vocabulary
from engine.condition_schema import CONDITIONS, WHERE, definitions
from engine.coverage_ledger import LedgerFile
from engine.documents import (
    CasesFile,
    Day,
    DerivedFile,
    DocumentFile,
    MeasuresFile,
    Money,
    ProgrammesFile,
    Rate,
)
from engine.pack import Pack
from engine.profile_schema import profile_properties
from engine.schema_labels import LABELS
from engine.schema_names import DAY, MONEY, RATE, STRING, Json, PackNames, described, named, suggested

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SUFFIX = ".schema.json"
FILES: Mapping[str, tuple[type[BaseModel], str, str]] = {
    # Name -> shape, files of a rules directory, title.
    "document": (DocumentFile, "packs/*/document.yaml", "政策文件"),
    "measures": (MeasuresFile, "packs/*/measures*.yaml", "措施"),
    "programmes": (ProgrammesFile, "packs/*/programmes*.yaml", "背景"),
    "cases": (CasesFile, "packs/*/cases*.yaml", "案例"),
    "vocabulary": (vocabulary.VocabularyFile, "vocabulary/*.yaml", "字段词典"),
    "derived": (DerivedFile, "derived/*.yaml", "推导事实、参数、申报条件自查"),
    "coverage": (LedgerFile, "coverage/*.yaml", "原文对照台账"),
}


def schemas(pack: Pack) -> dict[str, Json]:
    """File name -> schema, for each kind of rule file and for profiles."""
    names = PackNames(pack)
    result = {}
    for name, (shape, _, title) in FILES.items():
        result[f"{name}{SUFFIX}"] = _Shapes(names).file(shape, title)
    result[f"profile{SUFFIX}"] = {
        "$schema": DRAFT,
        "title": "企业画像",
        **profile_properties(pack.vocabulary),
    }
    return result


def editor_settings(rules: str, schema_folder: str) -> Json:
    """What ``.vscode/settings.json`` needs: schema -> its files, both as seen from the workspace."""
    folder = schema_folder.rstrip("/")
    return {
        "yaml.schemas": {
            f"{folder}/{name}{SUFFIX}": f"{rules.rstrip('/')}/{pattern}"
            for name, (_, pattern, _) in FILES.items()
        }
    }


def modeline(schema_folder: str, name: str) -> str:
    """The first line of a rule file that names its schema, for editors that read no settings."""
    return f"# yaml-language-server: $schema={schema_folder.rstrip('/')}/{name}{SUFFIX}"


_SPECIAL: Mapping[int, Json] = {
    id(get_args(kind)[1]): schema for kind, schema in ((Money, MONEY), (Rate, RATE), (Day, DAY))
}
"""Schemas of the types that a validator reads from text, by the identity of the validator."""
_PLAIN: Mapping[Any, Json] = {
    str: STRING,
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "number"},
    date: DAY,
    type(None): {"type": "null"},
    Any: {},
}


@dataclass(slots=True)
class _Shapes:
    """Turns the shapes of one file into definitions."""

    names: PackNames
    defs: Json = field(default_factory=dict)

    def file(self, shape: type[BaseModel], title: str) -> Json:
        self._shape(shape)
        body = self.defs.pop(shape.__name__)
        if any("condition" in str(value) for value in self.defs.values()):
            self.defs.update(definitions(self.names))
        return {"$schema": DRAFT, "title": title, **body, "$defs": self.defs}

    def _shape(self, shape: type[BaseModel]) -> Json:
        name = shape.__name__
        if name not in self.defs:
            self.defs[name] = {}  # a shape may hold itself
            hints = get_type_hints(shape, include_extras=True)
            properties, required = {}, []
            for attribute, info in shape.model_fields.items():
                key = info.alias or attribute
                special = _HOOKS.get(f"{name}.{key}") or _HOOKS.get(f"*.{key}")
                schema = special(self.names) if special else self._type(hints[attribute])
                properties[key] = described(schema, label_of(name, key))
                if info.is_required():
                    required.append(key)
            self.defs[name] = {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}

    def _type(self, hint: Any) -> Json:
        origin, arguments = get_origin(hint), get_args(hint)
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return self._shape(hint)
        if origin is Annotated:
            return self._annotated(arguments)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin in (list, tuple):
            return {"type": "array", "items": self._type(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self._type(arguments[1])}
        if origin in (Union, types.UnionType):
            return {"anyOf": [self._type(argument) for argument in arguments]}
        return _PLAIN[hint]

    def _annotated(self, arguments: tuple[Any, ...]) -> Json:
        inner, validator = arguments[0], arguments[1]
        if id(validator) in _SPECIAL:
            return _SPECIAL[id(validator)]
        if getattr(validator, "discriminator", None):
            return self._by_kind(get_args(inner))
        # The short form of an option: only its label.
        return {"anyOf": [STRING, self._type(inner)]}

    def _by_kind(self, shapes: tuple[type[BaseModel], ...]) -> Json:
        """One of several shapes, told apart by ``kind``."""
        kinds: list[str] = []
        branches: list[Json] = []
        for shape in shapes:
            own = list(get_args(get_type_hints(shape)["kind"]))
            kinds += own
            chosen = {"properties": {"kind": {"enum": own}}, "required": ["kind"]}
            branches.append({"if": chosen, "then": self._shape(shape)})
        kind = described({"enum": kinds}, LABELS["kind"])
        return {"type": "object", "properties": {"kind": kind}, "required": ["kind"], "allOf": branches}


def label_of(shape: str, key: str) -> str:
    """What a key means; empty where the table has no entry."""
    return LABELS.get(f"{shape}.{key}") or LABELS.get(key, "")


def _nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _fields(names: PackNames) -> Json:
    return named(names.fields())


def _kinds(names: PackNames) -> Json:
    applicant = names.pack.vocabulary.fields.get("applicant_kinds")
    kinds = {key: option.label for key, option in applicant.options.items()} if applicant else {}
    some = {"type": "array", "items": named(kinds) if kinds else STRING, "minItems": 1}
    return {"anyOf": [{"const": "any"}, some]}


def _conditions(names: PackNames) -> Json:
    return CONDITIONS


def _profile(names: PackNames) -> Json:
    return profile_properties(names.pack.vocabulary)


_HOOKS: Mapping[str, Callable[[PackNames], Json]] = {
    # ``Shape.key`` or ``*.key`` -> what the type alone does not say.
    "MeasureSpec.subject": lambda names: _nullable(named(names.records())),
    "MeasureSpec.conditions": _conditions,
    "MeasureSpec.filters": lambda names: {"type": "object", "additionalProperties": CONDITIONS},
    "Beneficiary.kinds": _kinds,
    "Base.field": lambda names: _nullable(named(names.of_type("money", "count"))),
    "Base.sum": lambda names: _nullable(named(names.summable())),
    "Base.where": lambda names: WHERE,
    "Tiered.by": lambda names: named(names.of_type("choice", "yes_no")),
    "Proportional.per_year": lambda names: _nullable(named(names.of_type("date"))),
    "*.instrument": lambda names: _nullable(suggested(names.instruments())),
    "Group.measures": lambda names: {"type": "array", "items": suggested(names.measures())},
    "Case.measure": lambda names: suggested(names.measures()),
    "Case.profile": _profile,
    "DerivedSpec.field": _fields,
    "DerivedCase.when": _conditions,
    "CheckSpec.unless": _conditions,
    "CheckSpec.conditions": _conditions,
    "Entry.rules": lambda names: {"type": "array", "items": suggested(names.rules())},
    "LedgerFile.document": lambda names: suggested(names.documents()),
}
