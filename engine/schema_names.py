"""Names of a pack as JSON Schema: every field, option and id as an enum with its Chinese label.

The labels stand in ``markdownEnumDescriptions``, which yaml-language-server shows in completion and hover.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.pack import Pack
from engine.regions import RANKS
from engine.vocabulary import NUMERIC, FieldType, VocabularyField

Json = dict[str, Any]

RANK_LABELS = ("国家级", "省级（北京、天津的“市级”是这一级）", "设区市级", "区县级")
MISSING_WORDS = ("不详", "未知", "不清楚", "暂无", "未填", "-", "")
YES_NO_WORDS = ("是", "否", "有", "无", "没有", "yes", "no", "true", "false")
DIGIT = "[0-9０-９〇零一二两三四五六七八九十百千万亿]"

MONEY: Json = {
    "type": ["string", "number"],
    "pattern": DIGIT,
    "description": "金额，例如 10万元；只写数字是元",
}
RATE: Json = {"type": ["string", "number"], "pattern": DIGIT, "description": "比例，例如 1‰、5%、1:1"}
COUNT: Json = {"type": ["string", "number"], "pattern": DIGIT, "description": "数，例如 50"}
DAY: Json = {"type": ["string", "integer"], "pattern": "[0-9０-９]", "description": "日期，例如 2016-01-01"}
STRING: Json = {"type": "string", "pattern": r"^(?!\?\?)"}
"""Any text but an open point of a draft."""
BY_TYPE: Mapping[str, Json] = {"money": MONEY, "ratio": RATE, "count": COUNT, "date": DAY}


def named(labels: Mapping[str, str]) -> Json:
    """An enum of ids, each with its label; nothing is allowed where there are none."""
    if not labels:
        return {"not": {}}
    return {"enum": list(labels), "markdownEnumDescriptions": list(labels.values())}


def suggested(labels: Mapping[str, str]) -> Json:
    """Ids to choose from, where one that is only being written elsewhere must pass too."""
    return {"anyOf": [named(labels), STRING]} if labels else STRING


def one_or_more(schema: Json) -> Json:
    """One value or a list of them."""
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


def described(schema: Json, text: str) -> Json:
    """The schema with a description, for hover; ``markdownDescription`` is what editors prefer."""
    return {**schema, "description": text, "markdownDescription": text} if text else schema


@dataclass(frozen=True, slots=True)
class PackNames:
    """The names that rule files of one rules directory may use."""

    pack: Pack

    def fields(self, keep: Callable[[VocabularyField], bool] = lambda field: True) -> dict[str, str]:
        """Paths of fields with their labels."""
        vocabulary = self.pack.vocabulary
        return {
            path: _hint(field, vocabulary.label(path))
            for path, field in vocabulary.fields.items()
            if keep(field)
        }

    def of_type(self, *types: FieldType) -> dict[str, str]:
        """Paths of the fields of these types."""
        return self.fields(lambda field: field.type in types)

    def annual(self) -> dict[str, str]:
        """Names of the annual figures, without their record kind."""
        kind = self.pack.vocabulary.records.get("annual")
        fields = kind.fields.items() if kind else ()
        return {
            name: field.label for name, field in fields if field.type in NUMERIC and name != "fiscal_year"
        }

    def summable(self) -> dict[str, str]:
        """Paths of record fields that can be added up."""
        return self.fields(
            lambda f: f.record is not None and f.type in ("money", "count") and f.least is not None
        )

    def records(self, *needs: str) -> dict[str, str]:
        """Record kinds that have all of the fields ``needs``."""
        kinds = self.pack.vocabulary.records.items()
        return {name: kind.label for name, kind in kinds if all(need in kind.fields for need in needs)}

    def judgements(self) -> dict[str, str]:
        """Judgements of all documents and readiness checks."""
        return {id: spec.label for id, spec in self.pack.judgements.items()}

    def instruments(self) -> dict[str, str]:
        """Other policies that the documents lean on."""
        return {
            id: item.title for file in self.pack.documents.values() for id, item in file.instruments.items()
        }

    def parameters(self) -> dict[str, str]:
        """Dated thresholds."""
        return {id: values.spec.label for id, values in self.pack.parameters.items()}

    def measures(self) -> dict[str, str]:
        """Measures with their titles."""
        return {measure.id: measure.spec.title for measure in self.pack.measures}

    def rules(self) -> dict[str, str]:
        """Measures and programmes with their titles."""
        return {**self.measures(), **{entry.spec.id: entry.spec.title for entry in self.pack.programmes}}

    def documents(self) -> dict[str, str]:
        """Documents with their titles."""
        return {id: file.document.title for id, file in self.pack.documents.items()}

    def options(self, field: VocabularyField) -> Json:
        """What a condition may compare a choice with: an option by its id, its label or a synonym."""
        if field.type == "yes_no":
            return {"enum": [True, False, *YES_NO_WORDS]}
        ids = {key: option.label for key, option in field.options.items()}
        names = {name: meaning(field, name) for name in names_of(field) if name not in ids}
        return {"anyOf": [named(ids), named(names)]} if names else named(ids)


def names_of(field: VocabularyField) -> Iterable[str]:
    """Every label and synonym of the options of a field."""
    for option in field.options.values():
        yield from (option.label, *option.synonyms)
    yield from field.spec.synonyms


def meaning(field: VocabularyField, name: str) -> str:
    """What a name of options stands for: their labels."""
    return "或".join(field.options[key].label for key in sorted(field.option_of(name)))


def ranks() -> Json:
    """National, provincial, prefecture, county."""
    return named(dict(zip(RANKS, RANK_LABELS, strict=True)))


def _hint(field: VocabularyField, label: str) -> str:
    unit = f"，单位{field.spec.unit}" if field.spec.unit else ""
    more = f"。{field.spec.help}" if field.spec.help else ""
    return f"{label}（{TYPE_LABELS[field.type]}{unit}）{more}"


TYPE_LABELS: Mapping[FieldType, str] = {
    "money": "金额",
    "count": "数",
    "ratio": "比例",
    "date": "日期",
    "text": "文本",
    "choice": "单选",
    "choices": "多选",
    "yes_no": "是否",
    "division": "行政区划",
    "industry": "行业",
    "credit_code": "统一社会信用代码",
}
