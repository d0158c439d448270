"""Reading a profile: what is a value, what is not known, what is none; and every problem at once with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import InputError, Pack
from engine.diagnostics import Finding, Findings
from engine.profile import Profile, profile_of, read_profile
from engine.regions import Several
from engine.spans import Span
from engine.yaml_source import read_yaml
from tests.helpers import pack_of, review


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return pack_of(tmp_path_factory.mktemp("rules"))


def given(pack: Pack, **data: Any) -> Profile:
    return profile_of(data, pack.vocabulary, pack.tables)


def problems(pack: Pack, text: str) -> list[Finding]:
    """What is wrong with a profile as one writes it."""
    findings = Findings()
    source = read_yaml(text, "p.yaml", findings, rule_file=False)
    assert source is not None, list(findings)
    read_profile(source, pack.vocabulary, pack.tables, findings)
    return list(findings)


def places(pack: Pack, text: str) -> list[str]:
    return [f"{item.line}:{item.column} {item.code}" for item in problems(pack, text)]


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("staff", "１００-499人", Span(100, 499)),
        ("staff", "小于50人", Span(0, 49)),
        ("staff", 50, Span.exactly(50)),
        ("staff", "无", Span.exactly(0)),
        ("revenue", "1.2亿", Span.exactly(120_000_000)),
        ("revenue", "2000-5000万", Span(20_000_000, 50_000_000)),
        ("profit", "-500万元", Span.exactly(-5_000_000)),
        ("founded_on", "2023年11月", Span(date(2023, 11, 1), date(2023, 11, 30))),
        ("size", "小型", frozenset({"small"})),
        ("size", ["small", "微型"], frozenset({"small", "micro"})),
        ("size", "小微", frozenset({"small", "micro"})),
        ("listed", True, frozenset({"yes"})),
        ("listed", "否", frozenset({"no"})),
        ("listed", "没有", frozenset({"no"})),
        ("tags", ["ai", "商业航天"], Several(frozenset({"ai", "space"}), frozenset({"ai", "space"}))),
        ("tags", "ai", Several(frozenset({"ai"}), frozenset({"ai"}))),
        ("tags", "无", Several(frozenset(), frozenset())),
        ("tags", {"partial": True, "items": ["ai"]}, Several(frozenset({"ai"}), frozenset({"ai", "space", "chips"}))),
        ("home", "固安", frozenset({"131022"})),
        ("home", 131022, frozenset({"131022"})),
        ("industry", "I65", frozenset({"I65"})),
        ("code", 5, frozenset({"5"})),
        ("code", " A ", frozenset({"A"})),
    ],
)
def test_values(pack: Pack, field: str, written: Any, value: Any) -> None:
    assert given(pack, **{field: written}).values == {field: value}


@pytest.mark.parametrize("written", [None, "", "不详", "暂无", "n/a", "-"])
@pytest.mark.parametrize("field", ["staff", "revenue", "founded_on", "size", "tags", "home", "listed", "code"])
def test_words_for_what_is_not_known(pack: Pack, field: str, written: Any) -> None:
    """No value, and no problem."""
    assert given(pack, **{field: written}).values == {}


NONE = "fields: {round: {type: choice, label: 融资轮次, options: {none: 没有融资, seed: 种子轮}}}\n"


def test_none_is_a_value_where_it_is_an_option(tmp_path: Path) -> None:
    """DESIGN 2.2: null means unknown, none is a value."""
    pack = pack_of(tmp_path, vocabulary=NONE)
    assert given(pack, round="none").values == {"round": frozenset({"none"})}


def test_an_option_called_none_by_its_label(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, vocabulary=NONE)
    assert given(pack, round="没有融资").values == {"round": frozenset({"none"})}
    assert given(pack, round=None).values == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("staf: 5\n", ["1:1 profile-unknown-field"]),
        ("从业人数: 5\n", ["1:1 profile-unknown-field"]),
        ("staff: 一些\n", ["1:8 value-syntax"]),
        ("staff: 1.5\n", ["1:8 value-integer"]),
        ("staff: -1\n", ["1:8 value-too-small"]),
        ("staff: [1, 2]\n", ["1:8 value-not-a-number"]),
        ("revenue: 0.001元\n", ["1:10 value-precision"]),
        ("revenue: 500万美元\n", ["1:10 value-currency"]),
        ("share: 5\n", ["1:8 value-unit"]),
        ("founded_on: true\n", ["1:13 value-not-a-date"]),
        ("founded_on: 2021-02-30\n", ["1:13 value-date"]),
        ("size: 特大\n", ["1:7 value-unknown-option"]),
        ("size: []\n", ["1:7 value-bad-list"]),
        ("size: {a: b}\n", ["1:7 value-bad-list"]),
        ("tags: {partial: false, items: []}\n", ["1:7 value-bad-list"]),
        ("home: 火星\n", ["1:7 value-division-unknown"]),
        ("home: [[北京]]\n", ["1:7 value-bad-code"]),
        ("code: true\n", ["1:7 value-not-text"]),
        ("contracts: 很多\n", ["1:12 profile-list"]),
        ("contracts: {items: []}\n", ["1:12 profile-list"]),
        ("contracts: {partial: 也许, items: []}\n", ["1:12 profile-list"]),
        ("contracts: {partial: true, items: [], more: 1}\n", ["1:12 profile-list"]),
        ("contracts:\n  - 甲\n", ["2:5 profile-record"]),
        ("contracts:\n  - {amuont: 5}\n", ["2:6 profile-unknown-field"]),
        ("contracts:\n  - {amount: 一些}\n", ["2:14 value-syntax"]),
        ("annuals:\n  - {revenue: 5}\n", ["2:5 profile-no-year"]),
        ("annuals:\n  - {fiscal_year: 2020}\n  - {fiscal_year: 2020}\n", ["3:5 profile-duplicate-year"]),
        ("findings:\n  - {judgement: major, finding: 是}\n", ["2:5 profile-finding"]),
        ("- staff: 5\n", ["1:1 profile-shape"]),
    ],
)
def test_problems_have_a_place_and_a_code(pack: Pack, text: str, found: list[str]) -> None:
    assert places(pack, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("annuals:\n  partial: true\n  items:\n    - {revenue: 5}\n", ["4:7 profile-no-year"]),
        ("findings:\n  partial: true\n  items:\n    - {judgement: major, finding: 是}\n", ["4:7 profile-finding"]),
    ],
)
def test_problems_inside_a_partial_list_have_their_place(pack: Pack, text: str, found: list[str]) -> None:
    assert places(pack, text) == found


def test_every_problem_at_once_sorted(pack: Pack) -> None:
    text = "staff: 一些\nrevenue: 约5\nsize: 特大\ncontracts: [{amount: -1, kind: x}]\nfoo: 1\n"
    found = places(pack, text)
    assert found == [
        "1:8 value-syntax",
        "2:10 value-approximate",
        "3:7 value-unknown-option",
        "4:22 value-too-small",
        "4:32 value-unknown-option",
        "5:1 profile-unknown-field",
    ]


def test_an_unknown_field_suggests_the_near_one(pack: Pack) -> None:
    """By its id, or by its label."""
    assert "staff" in problems(pack, "staf: 5\n")[0].hint
    assert "staff" in problems(pack, "从业人数: 5\n")[0].hint
    assert "huiqi new" in problems(pack, "zzzz: 5\n")[0].hint


def test_a_problem_with_an_option_names_the_options(pack: Pack) -> None:
    (found,) = problems(pack, "size: 特大型\n")
    assert "大型" in found.hint


def test_messages_are_chinese_and_name_no_type(pack: Pack) -> None:
    text = (
        "staff: [1]\nsize: {a: b}\ncontracts: [5]\nfounded_on: true\nhome: [[1]]\nfindings: [{by: 甲}]\nannuals: [{}]\n"
    )
    for found in problems(pack, text):
        said = f"{found.message}{found.hint}"
        assert not any(word in said for word in ("str", "int", "list", "dict", "None", "Error", "： {")), said


def test_an_ambiguous_place_is_a_warning_and_all_that_it_may_be(pack: Pack) -> None:
    assert problems(pack, "home: 北京市朝阳区\n") == []
    (several,) = problems(pack, "home: 朝阳\n")
    assert (several.code, several.severity, several.line) == ("profile-ambiguous", "warning", 1)
    value = given(pack, home="朝阳").values["home"]
    assert isinstance(value, frozenset)
    assert len(value) > 1


@pytest.mark.parametrize(
    ("written", "count", "complete"),
    [
        ([], 0, True),
        ("无", 0, True),
        ("没有", 0, True),
        ([{}], 1, True),
        ({"partial": True, "items": [{}]}, 1, False),
        ({"partial": False, "items": [{}]}, 1, True),
        ({"partial": True, "items": []}, 0, False),
    ],
)
def test_lists(pack: Pack, written: Any, count: int, complete: bool) -> None:
    listed = given(pack, contracts=written).lists["contract"]
    assert (len(listed.records), listed.complete) == (count, complete)


@pytest.mark.parametrize("written", [None, {"partial": True, "items": None}])
def test_a_list_that_is_not_known(pack: Pack, written: Any) -> None:
    """No entry, as if it were absent."""
    assert given(pack, contracts=written).lists == {}


def test_records_know_their_name_and_place_in_the_list(pack: Pack) -> None:
    records = given(pack, contracts=[{"id": "甲", "amount": 5}, {"amount": None}]).lists["contract"].records
    assert [(record.kind, record.index, record.id) for record in records] == [
        ("contract", 0, "甲"),
        ("contract", 1, None),
    ]
    assert dict(records[0].values) == {"contract.id": frozenset({"甲"}), "contract.amount": Span.exactly(5)}
    assert dict(records[1].values) == {}


def test_findings_of_reviewers(pack: Pack) -> None:
    profile = given(pack, findings=[review("major", False, about="甲", on="2021年5月2日")])
    (found,) = profile.findings
    assert (found.judgement, found.about, found.answer) == ("major", "甲", False)
    assert (found.by, found.on, found.why) == ("张三", date(2021, 5, 2), "已核实")


def test_the_name_and_what_was_given(pack: Pack) -> None:
    """What was given is kept, so that a determination can be redone."""
    profile = given(pack, name="甲公司", staff="50人")
    assert profile.name == "甲公司"
    assert profile.data == {"name": "甲公司", "staff": "50人"}
    assert given(pack).name is None


def test_a_profile_that_cannot_be_read_raises_with_every_problem(pack: Pack) -> None:
    with pytest.raises(InputError) as error:
        given(pack, staff="一些", foo=1)
    assert [item.code for item in error.value.findings] == ["profile-unknown-field", "value-syntax"]


@pytest.mark.parametrize("data", [{5: 1}, {None: 1}, {("a",): 1}])
def test_keys_that_are_no_text(pack: Pack, data: dict[Any, Any]) -> None:
    """From Python, where they can be anything."""
    with pytest.raises(InputError) as error:
        profile_of(data, pack.vocabulary, pack.tables)
    assert [item.code for item in error.value.findings] == ["profile-unknown-field"]


@pytest.mark.parametrize("written", [1.5, float("nan"), object(), b"5", {1, 2}])
@pytest.mark.parametrize("field", ["staff", "revenue", "share", "founded_on", "size", "tags", "home", "code", "listed"])
def test_values_of_types_that_yaml_does_not_have(pack: Pack, field: str, written: Any) -> None:
    """From Python: refused with a finding, never a traceback."""
    with pytest.raises(InputError):
        given(pack, **{field: written})
