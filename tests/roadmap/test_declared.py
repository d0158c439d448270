"""What the vocabulary says of change: read, linted, and what follows for the facts of a profile."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine import load_pack
from engine.assessment import decide
from engine.changeable import stated_facts
from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.lint import lint
from engine.profile import profile_of
from engine.reference import ReferenceSolver
from tests.accept import read_sample
from tests.helpers import measure, pack_of

WRONG = """
fields:
  a: {type: yes_no, label: 甲, onward: 只会往后走}
  b: {type: count, label: 乙, again: true}
  c: {type: yes_no, label: 丙, new: "no"}
  d: {type: choice, label: 丁, fixed: 不能改, onward: 只会往后走, options: {x: 一, y: 二}}
records:
  thing:
    list: things
    label: 事
    fields:
      kind: {type: choice, label: 类别, new: z, options: {x: 一, y: 二}}
"""


def test_lint(tmp_path: Path) -> None:
    pack_of(tmp_path, measure("{field: a, equals: true}"), vocabulary=WRONG)
    (rules,) = tmp_path.iterdir()
    findings = Findings()
    lint(rules, findings)
    assert {item.message for item in findings if item.code == "lint-vocabulary"} == {
        "字段“a”：onward 只用于单选字段",
        "字段“b”：again 只用于日期字段",
        "字段“c”：new 应是记录字段的一个选项，没有选项“no”",
        "字段“d”：写了 fixed 就不必写 onward",
        "字段“thing.kind”：new 应是记录字段的一个选项，没有选项“z”",
    }


def test_facts_of_a_profile() -> None:
    """The past and certificates stay; places, works and plans can change."""
    program, day = compile_pack(load_pack()), date(2026, 11, 22)
    profile, _ = read_sample("beijing-mixed")
    assert profile is not None
    evaluated, _ = decide(program, profile, day, ReferenceSolver())
    why = {(fact.path, fact.record): fact.fixed for fact in stated_facts(evaluated.facts, program)}
    assert why["founded_on", None] == "成立日期是既成事实"
    assert why["annual.revenue", 0] == "2025年度已经过去"
    assert why["recognition.expires", 1] == "以证书或公布文件为准，要变只能另取得一条"
    assert why["project.kind", 0] == "类别变了就是另一个项目"
    free = ("registered_division", "applicant_kinds", "activities", "landed_on", "in_zgc_zone", "industry")
    assert {why[path, None] for path in free} == {None}
    assert why["talent.work_division", 0] is why["platform.role", 2] is None
    assert ("size_class", None) not in why, "a derived value is no fact of its own"
    assert ("annual.fiscal_year", 0) not in why and ("project.id", 0) not in why


@pytest.mark.parametrize("year, why", [(2025, "2025年度已经过去"), (2026, None), (2027, None)])
def test_annual_figures(year: int, why: str | None) -> None:
    """Those of the as-of year are still being made."""
    pack = load_pack()
    program = compile_pack(pack)
    profile = profile_of({"annuals": [{"fiscal_year": year, "revenue": "1亿"}]}, pack.vocabulary, pack.tables)
    evaluated, _ = decide(program, profile, date(2026, 11, 22), ReferenceSolver())
    assert {fact.path: fact.fixed for fact in stated_facts(evaluated.facts, program)} == {"annual.revenue": why}


def test_a_fixed_class_follows_its_sources() -> None:
    """A stated size class stays while the year that it comes from does, but for a change of industry."""
    pack = load_pack()
    program = compile_pack(pack)
    data = {"industry": "I65", "size_class": "小型"}
    evaluated, _ = decide(
        program, profile_of(data, pack.vocabulary, pack.tables), date(2026, 11, 22), ReferenceSolver()
    )
    (size,) = [fact for fact in stated_facts(evaluated.facts, program) if fact.path == "size_class"]
    assert size.fixed == "按上年度数据划型，上年度已经过去"
    assert "industry" in size.sources and "annual.staff" in size.sources
