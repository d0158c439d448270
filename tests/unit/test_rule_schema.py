"""The JSON Schemas of rule files: every real file fits, bad ones do not, and every name has its Chinese label."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from engine import load_pack
from engine.condition_schema import _GROUPS, _WORDS
from engine.diagnostics import Findings
from engine.loader import BUILT_IN
from engine.rule_schema import FILES, SUFFIX, editor_settings, label_of, modeline, schemas
from engine.yaml_source import read_file, read_yaml
from tests.helpers import ROOT, pack_of

CORPUS = ROOT / "tests" / "corpus" / "rules"
DECIDED = (
    "shape-missing-key", "shape-unknown-key", "shape-wrong-type", "shape-not-allowed", "condition-unknown-key",
    "condition-unknown-name", "condition-operator", "condition-between", "condition-no-reason", "condition-mark",
    "condition-empty-group",
)  # fmt: skip
"""Findings that a schema can make by itself; the others need values read, tables, or what lies around."""


@lru_cache
def validators(template: bool = False, folder: Path | None = None) -> dict[str, Any]:
    pack = pack_of(folder) if template and folder else load_pack()
    return {name: Draft202012Validator(schema) for name, schema in schemas(pack).items()}


def plain(data: Any) -> Any:
    """YAML data as JSON has it."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data


def errors(name: str, data: Any, made: dict[str, Any] | None = None) -> list[str]:
    validator = (made or validators())[f"{name}{SUFFIX}"]
    return [
        f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(plain(data))
    ]


def measures(conditions: str, made: dict[str, Any] | None = None) -> list[str]:
    """What is wrong with one measure of these conditions."""
    text = f"""
        measures:
          - id: m
            title: 甲
            clause: 一
            determinacy: qualitative
            summary: 甲
            beneficiary: {{label: 企业, kinds: [company]}}
            payee: applicant
            conditions: [{conditions}]
            benefit: {{kind: service}}
            cite: [甲]
    """
    source = read_yaml(text, "measures.yaml", Findings())
    assert source is not None
    return errors("measures", source.data, made)


@pytest.mark.parametrize("name", FILES)
def test_every_rule_file_fits_its_schema(name: str) -> None:
    Draft202012Validator.check_schema(validators()[f"{name}{SUFFIX}"].schema)
    files = sorted(BUILT_IN.glob(FILES[name][1]))
    assert files
    for file in files:
        source = read_file(file, Findings())
        assert source is not None
        assert errors(name, source.data) == [], file


def test_sample_profiles_fit_and_the_broken_one_does_not() -> None:
    sources = [
        read_file(file, Findings(), rule_file=False) for file in sorted((ROOT / "samples").glob("*.yaml"))
    ]
    wrong = {Path(source.file).name: errors("profile", source.data) for source in sources if source}
    assert [name for name, found in wrong.items() if found and not name.startswith("broken")] == []
    assert wrong["broken-values.yaml"]
    assert len(wrong) > 3


def test_bad_files_of_the_corpus_fail(tmp_path: Path) -> None:
    made = validators(True, tmp_path)
    checked = 0
    for file in sorted((CORPUS / "bad").glob("*.yaml")):
        codes = set(re.findall(r"^# expect: \d+:\d+ ([a-z-]+)$", file.read_text("utf-8"), re.MULTILINE))
        source = read_file(file, Findings())
        if source is None or not codes or not codes <= set(DECIDED):
            continue
        checked += 1
        assert errors("measures", source.data, made), f"{file.name}: {codes}"
    assert checked >= 5


def test_good_files_of_the_corpus_fit(tmp_path: Path) -> None:
    made = validators(True, tmp_path)
    files = sorted((CORPUS / "good").glob("*.yaml"))
    assert files
    for file in files:
        source = read_file(file, Findings())
        assert source is not None
        assert errors("measures", source.data, made) == [], file.name


GOOD = (
    "{field: recognition.kind, equals: hnte}",
    "{field: recognition.kind, in: [高企, 科技小镇]}",
    "{field: staff_total, between: [1, 10]}",
    "{annual: revenue, at_least: 500万元, year: -2}",
    "{annual_sum: rd_expense, years: 3, since: founded_on, above: 0}",
    "{ratio: {of: {annual: rd_expense}, to: {annual: revenue}}, at_least: 5%}",
    "{annual: revenue, below: {parameter: hnte_small_revenue}}",
    "{every: recognition, that: [{field: recognition.kind, equals: hnte}], at_least: 1}",
    "{exists: contract, where: brokered}",
    "{not: {any: [{field: staff_total, above: 3}, {judgement: not-written-yet}]}}",
    "{level: recognition, tier: prefecture, of: 廊坊市, or_above: true}",
    "{field: recognition.kind, in: [hnte], open: true}",
    "{field: registered_division, within: [廊坊市, 北京市], soft: true, why: 存疑}",
)
BAD = (
    "{field: recognition.kynd, equals: hnte}",
    "{field: recognition.kind, equals: no-such-option}",
    "{field: recognition.kind, at_least: 3}",
    "{field: staff_total, equals: 3, at_least: 4}",
    "{field: staff_total}",
    "{at_least: 3}",
    "{field: staff_total, at_leest: 3}",
    "{field: staff_total, at_least: 许多}",
    "{field: staff_total, between: [1]}",
    "{field: staff_total, known: false}",
    "{annual_sum: rd_expense, above: 0}",
    "{annual: revenue, below: {parameter: no_such}}",
    "{every: recognition, that: [{field: recognition.kind, equals: hnte}]}",
    "{exists: no_such_kind}",
    "{exists: recognition, that: []}",
    "{any: []}",
    "{level: recognition, tier: city, of: 廊坊市}",
    "{field: staff_total, above: 3, soft: true}",
    "{field: staff_total, above: 3, inferred: yes, why: 甲}",
    "{ratio: {of: {annual: rd_expense}}, at_least: 5%}",
    "[]",
)


@pytest.mark.parametrize("condition", GOOD)
def test_a_good_condition_fits(condition: str) -> None:
    assert measures(condition) == []


@pytest.mark.parametrize("condition", BAD)
def test_a_bad_condition_fails(condition: str) -> None:
    assert measures(condition)


@pytest.mark.parametrize(
    "change",
    [
        {"payee": "nobody"}, {"benefit": {"kind": "award"}}, {"benefit": {"kind": "gift"}}, {"cite": "一句"},
        {"beneficiary": {"label": "甲", "kinds": ["martian"]}}, {"subject": "no_kind"}, {"colour": "red"},
        {"benefit": {"kind": "rate", "rate": "1‰", "base": {"field": "staff"}}},
    ],
)  # fmt: skip
def test_a_bad_measure_fails(change: dict[str, Any]) -> None:
    source = read_file(BUILT_IN / "packs" / "langfang-2016" / "measures-1.yaml", Findings())
    assert source is not None
    data = plain(source.data)
    assert errors("measures", data) == []
    data["measures"][0].update(change)
    assert errors("measures", data)


def test_a_bad_profile_fails() -> None:
    assert errors("profile", {"staff_total": "50人", "recognitions": [{"kind": "高企"}]}) == []
    for wrong in (
        {"staf": 5},
        {"size_class": "巨型"},
        {"recognitions": [{"kynd": "高企"}]},
        {"recognitions": {"items": []}},
    ):
        assert errors("profile", wrong), wrong


def test_every_name_carries_its_chinese_label() -> None:
    def enums(schema: Any) -> Any:
        if isinstance(schema, dict):
            if "markdownEnumDescriptions" in schema:
                yield schema
            for value in schema.values():
                yield from enums(value)
        elif isinstance(schema, list):
            for value in schema:
                yield from enums(value)

    chinese = re.compile("[\u4e00-\u9fff]")
    condition = schemas(load_pack())[f"measures{SUFFIX}"]["$defs"]["condition"]["properties"]
    assert set(condition["field"]["enum"]) == set(load_pack().vocabulary.fields)
    found = list(enums(schemas(load_pack())))
    assert found
    for enum in found:
        assert len(enum["enum"]) == len(enum["markdownEnumDescriptions"])
        for name, text in zip(enum["enum"], enum["markdownEnumDescriptions"], strict=True):
            assert chinese.search(text), (name, text)


def test_every_key_has_a_hover_text() -> None:
    def visit(shape: type[BaseModel], seen: set[type[BaseModel]]) -> None:
        if shape in seen:
            return
        seen.add(shape)
        for attribute, info in shape.model_fields.items():
            assert label_of(shape.__name__, info.alias or attribute), (
                f"{shape.__name__}.{info.alias or attribute}"
            )
        todo: list[Any] = list(get_type_hints(shape).values())
        while todo:
            hint = todo.pop()
            if isinstance(hint, type) and issubclass(hint, BaseModel):
                visit(hint, seen)
            todo += get_args(hint)

    seen: set[type[BaseModel]] = set()
    for shape, _, _ in FILES.values():
        visit(shape, seen)
    properties = schemas(load_pack())[f"measures{SUFFIX}"]["$defs"]["condition"]["properties"]
    assert [key for key in properties if not (_GROUPS.get(key) or _WORDS.get(key))] == []


def test_editors_find_the_schemas() -> None:
    found = editor_settings("rules", ".schema/")["yaml.schemas"]
    assert found[".schema/measures.schema.json"] == "rules/packs/*/measures*.yaml"
    assert set(found) == {f".schema/{name}{SUFFIX}" for name in FILES}
    for pattern in found.values():
        assert list(ROOT.glob(pattern)), pattern
    assert modeline("../schema", "cases") == "# yaml-language-server: $schema=../schema/cases.schema.json"


def test_the_schemas_are_plain_json() -> None:
    for name, schema in schemas(load_pack()).items():
        assert json.loads(json.dumps(schema)) == schema, name
