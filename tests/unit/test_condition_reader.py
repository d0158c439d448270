"""Reading conditions: what is written becomes which nodes; and nothing written makes the reader fail."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import InputError, load_pack, screen
from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    AsOf,
    Comparison,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Ratio,
    Reference,
    Sum,
    Total,
    ValidityEnd,
    ValidityStart,
)
from engine.conditions import Any as AnyOf
from engine.conditions import Test as Atom
from engine.dependencies import fields_of, leaves_of
from engine.regions import Value
from engine.spans import Span
from tests.helpers import DAY, measure, pack_of, write_rules

STAFF = FieldRef("staff")


def read(tmp_path: Path, text: str, **keys: Any) -> Node:
    """The node of one condition."""
    node = pack_of(tmp_path, measure(text, **keys)).measures[0].condition
    assert isinstance(node, All)
    (part,) = node.parts
    return part


def at(operator: Any, *thresholds: Any) -> Comparison:
    return Comparison(operator, thresholds)


def exactly(point: Any) -> Span:
    return Span.exactly(point)


def options(*names: str) -> Value:
    return frozenset(names)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("{field: staff, at_least: 50人}", Atom(STAFF, (at("at_least", exactly(50)),))),
        ("{field: staff, equals: 50}", Atom(STAFF, (at("between", exactly(50), exactly(50)),))),
        ("{field: staff, not_equals: 5}", Not(Atom(STAFF, (at("between", exactly(5), exactly(5)),)))),
        ("{field: revenue, above: 1.2亿}", Atom(FieldRef("revenue"), (at("above", exactly(120_000_000)),))),
        ("{field: share, below: 1‰}", Atom(FieldRef("share"), (at("below", exactly(Fraction(1, 1000))),))),
        (
            "{field: founded_on, at_most: 2021年5月1日}",
            Atom(FieldRef("founded_on"), (at("at_most", exactly(date(2021, 5, 1))),)),
        ),
        (
            "{field: staff, between: [300, 1000]}",
            Atom(STAFF, (at("between", exactly(300), exactly(1000)),)),
        ),
        ("{field: size, equals: 小型}", Atom(FieldRef("size"), (at("in", options("small")),))),
        ("{field: size, in: [small, 微型]}", Atom(FieldRef("size"), (at("in", options("small", "micro")),))),
        ("{field: listed, equals: true}", Atom(FieldRef("listed"), (at("in", options("yes")),))),
        ("{field: tags, in: [ai]}", Atom(FieldRef("tags"), (at("in", options("ai")),))),
        ("{field: home, within: 廊坊市}", Atom(FieldRef("home"), (at("within", options("1310")),))),
        ("{field: home, equals: 廊坊市}", Atom(FieldRef("home"), (at("in", options("1310")),))),
        ("{field: home, rank: county}", Atom(FieldRef("home"), (at("rank", options("county")),))),
        ("{field: industry, within: [I65, C]}", Atom(FieldRef("industry"), (at("within", options("I65", "C")),))),
        ("{field: staff, known: true}", Atom(STAFF, (at("known"),))),
        ("{annual: rd, above: 1}", Atom(Annual("annual.rd", -1), (at("above", exactly(1)),))),
        ("{annual: rd, year: last, above: 1}", Atom(Annual("annual.rd", -1), (at("above", exactly(1)),))),
        ("{annual: rd, year: -2, above: 1}", Atom(Annual("annual.rd", -2), (at("above", exactly(1)),))),
        ("{annual_sum: rd, years: 3, above: 1}", Atom(AnnualSum("annual.rd", 3), (at("above", exactly(1)),))),
        (
            "{annual_sum: rd, years: 3, since: founded_on, above: 1}",
            Atom(AnnualSum("annual.rd", 3, "founded_on"), (at("above", exactly(1)),)),
        ),
        (
            "{ratio: {of: {annual: rd}, to: {field: revenue}}, at_least: 5%}",
            Atom(Ratio(Annual("annual.rd", -1), FieldRef("revenue")), (at("at_least", exactly(Fraction(1, 20))),)),
        ),
        ("{days_since: founded_on, at_least: 365}", Atom(DaysSince("founded_on"), (at("at_least", exactly(365)),))),
        ("{total: [revenue, profit], above: 1}", Atom(Total(("revenue", "profit")), (at("above", exactly(1)),))),
        ("{exists: contract}", Atom(Count("contract", None), (at("at_least", exactly(1)),))),
        (
            "{count: contract, where: [{field: contract.kind, equals: transfer}], at_most: 2}",
            Atom(
                Count("contract", Atom(FieldRef("contract.kind"), (at("in", options("transfer")),))),
                (at("at_most", exactly(2)),),
            ),
        ),
        ("{sum: contract.amount, above: 1}", Atom(Sum("contract.amount", None), (at("above", exactly(1)),))),
        ("{judgement: major}", Judgement("major")),
        ("{reference: funds}", Reference("funds")),
        ("{not: {judgement: major}}", Not(Judgement("major"))),
        ("{all: [{judgement: major}]}", All((Judgement("major"),))),
        ("{within_validity: founded_on}", Atom(FieldRef("founded_on"), (at("between", ValidityStart("test"), ValidityEnd("test")),))),
    ],
)  # fmt: skip
def test_what_is_written_becomes_a_node(tmp_path: Path, text: str, node: Node) -> None:
    """Labels, reasons and places do not take part in equality."""
    assert read(tmp_path, text) == node


def test_shorthands_of_a_record(tmp_path: Path) -> None:
    issued, expires = FieldRef("recognition.issued"), FieldRef("recognition.expires")
    held = read(tmp_path, "{held: recognition}", subject="recognition")
    assert held == All((Atom(issued, (at("at_most", AsOf()),)), Atom(expires, (at("at_least", AsOf()),))))
    new = read(tmp_path, "{newly_recognised: recognition}", subject="recognition")
    assert new == Atom(issued, (at("between", ValidityStart("test"), ValidityEnd("test")),))
    assert new.note.inferred
    assert new.note.why


def test_levels(tmp_path: Path) -> None:
    tier, issuer = FieldRef("recognition.tier"), FieldRef("recognition.issuer")

    def level(rank: str, code: str) -> Node:
        return All((Atom(tier, (at("in", options(rank)),)), Atom(issuer, (at("in", options(code)),))))

    own = read(tmp_path, "{level: recognition, tier: prefecture, of: 廊坊市}", subject="recognition")
    assert own == level("prefecture", "1310")
    above = read(tmp_path, "{level: recognition, tier: prefecture, of: 廊坊市, or_above: true}", subject="recognition")
    national = Atom(tier, (at("in", options("national")),))
    assert above == AnyOf((national, level("provincial", "13"), level("prefecture", "1310")))


def test_every_counts_and_tests(tmp_path: Path) -> None:
    kind = Atom(FieldRef("contract.kind"), (at("in", options("transfer")),))
    amount = Atom(FieldRef("contract.amount"), (at("above", exactly(0)),))
    text = (
        "{every: contract, where: [{field: contract.kind, equals: transfer}], "
        "that: [{field: contract.amount, above: 0}], at_least: 2}"
    )
    enough = Atom(Count("contract", kind), (at("at_least", exactly(2)),))
    assert read(tmp_path, text) == All((enough, Every("contract", kind, amount)))


def test_soft_and_open_get_a_judgement_beside_them(tmp_path: Path) -> None:
    test = Atom(STAFF, (at("at_least", exactly(5)),))
    soft = read(tmp_path, "{field: staff, at_least: 5, soft: true, why: 存疑}", id="award")
    assert soft == AnyOf((test, Judgement("award~staff", True)), True)
    assert soft.note.soft
    listed = read(tmp_path, "{field: size, in: [small], open: true}", id="award")
    assert isinstance(listed, AnyOf)
    assert listed.parts[1] == Judgement("award~size", True)
    assert listed.note.open


def test_assumed_is_part_of_the_test(tmp_path: Path) -> None:
    node = read(tmp_path, "{field: listed, equals: false, assumed: true, why: 未说}")
    assert node == Atom(FieldRef("listed"), (at("in", options("no")),), assumed=True)


def test_alternatives_on_one_field_become_one_test(tmp_path: Path) -> None:
    """DESIGN 2.3; in the place of the first; others and those of another kind stay."""
    size, listed = "{field: size, equals: small}", "{field: listed, equals: true}"
    both = Atom(FieldRef("size"), (at("in", options("small")), at("in", options("micro"))))
    yes = Atom(FieldRef("listed"), (at("in", options("yes")),))
    assert read(tmp_path, f"{{any: [{size}, {listed}, {{field: size, equals: micro}}]}}") == AnyOf((both, yes))
    numbers = "{any: [{field: staff, below: 5}, {field: staff, at_least: 9}]}"
    assert read(tmp_path, numbers) == AnyOf((Atom(STAFF, (at("below", exactly(5)), at("at_least", exactly(9)))),))
    known = read(tmp_path, "{any: [{field: staff, below: 5}, {field: staff, known: true}]}")
    assert isinstance(known, AnyOf)
    assert len(known.parts) == 2
    ranked = read(tmp_path, "{any: [{field: home, within: 廊坊市}, {field: home, rank: county}]}")
    assert isinstance(ranked, AnyOf)
    assert len(ranked.parts) == 2


def test_alternatives_in_all_stay_apart(tmp_path: Path) -> None:
    node = read(tmp_path, "{all: [{field: size, in: [small, micro]}, {field: size, in: [micro]}]}")
    assert isinstance(node, All)
    assert len(node.parts) == 2


def test_a_condition_knows_its_place_label_and_reason(tmp_path: Path) -> None:
    text = "{field: staff, at_least: 5, label: 人数够, inferred: true, why: 没有明写}"
    note = read(tmp_path, text).note
    assert (note.label, note.why, note.inferred) == ("人数够", "没有明写", True)
    assert note.place.file.endswith("measures.yaml")
    line = Path(note.place.file).read_text("utf-8").splitlines()[note.place.line - 1]
    assert line[note.place.column - 1 :].startswith("{field: staff")


def test_a_filter_with_a_name_is_read_where_it_is_used(tmp_path: Path) -> None:
    more = "filters:\n  big: [{field: contract.amount, at_least: 100万元}]"
    pack = pack_of(
        tmp_path, measure("{exists: contract, where: big}, {count: contract, where: big, at_most: 3}", more=more)
    )
    condition = pack.measures[0].condition
    assert isinstance(condition, All)
    wheres = [
        part.operand.where for part in condition.parts if isinstance(part, Atom) and isinstance(part.operand, Count)
    ]
    assert len(wheres) == 2
    assert wheres[0] == wheres[1] is not None


def test_a_conditions_fields(tmp_path: Path) -> None:
    """For the order of derivations: those inside filters and ratios too."""
    text = (
        "{all: [{not: {field: staff, at_least: 1}}, {any: [{annual: rd, above: 1}, {days_since: founded_on, above: 1}]}, "
        "{ratio: {of: {field: revenue}, to: {total: [staff, staff]}}, above: 1%}, "
        "{sum: contract.amount, where: [{field: contract.place, within: 廊坊市}], above: 1}, "
        "{every: project, where: [{field: project.kind, equals: park}], that: [{field: project.in_zone, equals: true}], at_least: 1}]}"
    )
    node = read(tmp_path, text)
    assert {path for path in fields_of(node) if "." not in path} == {"staff", "founded_on", "revenue"}
    assert {path for path in fields_of(node) if "." in path} == {
        "annual.rd", "annual.fiscal_year", "contract.amount", "contract.place", "project.kind", "project.in_zone",
    }  # fmt: skip
    assert len(list(leaves_of(node))) == 7


@pytest.mark.parametrize(
    "condition",
    [
        "{field: staff, between: [10, 5]}",
        "{field: founded_on, between: [2021-01-01, 2020-01-01]}",
        "{field: staff, at_least: 5, years: 3}",
        "{field: staff, at_least: 5, where: [{judgement: major}]}",
        "{annual: revenue, at_least: 5, years: 3}",
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, condition: str) -> None:
    """Two ends the wrong way round; keys of another operand."""
    with pytest.raises(InputError):
        pack_of(tmp_path, measure(condition))


@pytest.mark.parametrize("benefit", ["{kind: award, amount: -5元}", "{kind: rate, rate: -1%, base: {field: revenue}}"])
def test_nothing_is_paid_that_is_less_than_nothing(tmp_path: Path, benefit: str) -> None:
    """A benefit is zero or more."""
    with pytest.raises(InputError):
        pack_of(tmp_path, measure("{field: staff, at_least: 1}", benefit=benefit))


# --- nothing written makes the reader fail --------------------------------------------------------------------------

WELL_WRITTEN: list[Any] = [
    {"field": "staff", "at_least": 50},
    {"any": [{"field": "size", "equals": "small"}, {"not": {"field": "listed", "equals": True}}]},
    {"exists": "contract", "where": [{"field": "contract.kind", "equals": "transfer"}]},
    {"every": "contract", "that": [{"field": "contract.amount", "above": 5}], "at_least": 1},
    {"sum": "contract.amount", "where": "big", "at_least": "100万元"},
    {
        "ratio": {"of": {"annual": "rd", "year": -1}, "to": {"annual_sum": "revenue", "years": 3}},
        "between": ["1%", "5%"],
    },
    {"total": ["staff", "staff"], "below": 3},
    {"level": "recognition", "tier": "prefecture", "of": "廊坊市", "or_above": True},
    {"held": "recognition"},
    {"newly_recognised": "recognition", "soft": True, "why": "存疑"},
    {"within_validity": "founded_on"},
    {"judgement": "major"},
    {"reference": "funds"},
    {"field": "home", "within": ["廊坊市", "北京市"], "open": True},
    {"field": "home", "rank": ["county", "national"]},
    {"field": "staff", "at_least": {"parameter": "least"}},
    {"field": "listed", "equals": False, "assumed": True, "why": "未说", "label": "未上市"},
    {"field": "staff", "known": True},
    {"days_since": "founded_on", "not_equals": 5},
]
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, -1, 5, "", "无", "staff", "contract", "major", [], [[]], {}, [5], ["a", "b"], {"a": "b"}, [{}],
     {"parameter": "least"}, {"parameter": ["least"]}, {"field": "staff"}, "10-20人", "一些"]
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, data: Any) -> Any:
    """The same with one of its parts replaced, left out or added."""
    if not isinstance(data, dict | list) or not data or draw(st.integers(0, 3)) == 0:
        return draw(ODD)
    if isinstance(data, list):
        index = draw(st.integers(0, len(data) - 1))
        return [draw(spoiled(item)) if n == index else item for n, item in enumerate(data)]
    key = draw(st.sampled_from(sorted(data)))
    how = draw(st.integers(0, 5))
    if how == 0:
        return {name: value for name, value in data.items() if name != key}
    if how == 1:
        extra = draw(
            st.sampled_from(("field", "in", "within", "where", "soft", "why", "year", "all", "judgement", "that"))
        )
        return {**data, extra: draw(ODD)}
    return {**data, key: draw(spoiled(data[key]))}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_written_is_read_or_refused(shelf: Path, data: st.DataObject) -> None:
    """A rules file gives a pack that can be screened, or findings; never anything else."""
    condition = data.draw(spoiled(data.draw(st.sampled_from(WELL_WRITTEN))))
    if not isinstance(condition, dict):
        return
    more = "filters: {big: [{field: contract.amount, above: 5}]}"
    text = measure(
        json.dumps(condition, ensure_ascii=False), subject=data.draw(st.sampled_from((None, "recognition"))), more=more
    )
    folder = write_rules(shelf / uuid4().hex, {"measures.yaml": "measures:\n  " + text.replace("\n", "\n  ")})
    try:
        pack = load_pack(folder)
    except InputError as error:
        assert all(finding.code and finding.message for finding in error.findings)
        return
    for profile in ({}, {"staff": 50, "recognitions": [{}], "contracts": [{}]}):
        screen(profile, pack, as_of=DAY)
