"""Forms of the vocabulary: any profile goes into controls, is sent, and comes back as the same profile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import load_pack
from engine.diagnostics import Findings
from engine.profile import profile_of
from engine.values import ValueProblem, read_value
from engine.vocabulary import RecordKind, VocabularyField
from engine.yaml_source import read_yaml
from web.site.forms.cards import STATUSES, list_controls
from web.site.forms.entries import UNITS, Entry, code_name, controls, entered, shown, told, with_unit
from web.site.forms.sheet import Sheet, blank_card, check, control_name, filled, kinds_by_list, sent
from web.site.forms.view import control_view, list_view
from web.site.forms.writing import as_yaml
from web.site.state import State

PACK = load_pack()
VOCABULARY, TABLES = PACK.vocabulary, PACK.tables
KEYS = (*(field.path for field in VOCABULARY.enterprise), *kinds_by_list(PACK))

figures = st.one_of(
    st.integers(0, 10**9).map(str),
    st.decimals(0, 10**6, places=2).map(str),
    st.integers(1000, 10**9).map(lambda number: f"{number:,}"),
    st.sampled_from(["五百", "三百万", "5百", "1亿2000万", "12.5", "０５００", "一点二亿"]),
)
around = st.sampled_from(["{}", "不超过{}", "小于 {}", "{}以上", "大约{}"])


def quantities(units: list[str]) -> st.SearchStrategy[Any]:
    one = st.tuples(figures, st.sampled_from(units)).map("".join)
    ranges = st.tuples(figures, st.sampled_from(["-", "至", "~"]), figures, st.sampled_from(units)).map("".join)
    bare = st.one_of(st.integers(0, 10**9), st.decimals(0, 10**6, places=2))
    return st.one_of(bare, st.builds(lambda form, text: form.format(text), around, st.one_of(one, ranges)))


def raw_values(field: VocabularyField) -> st.SearchStrategy[Any]:
    """What may stand in a file for a field, and the engine accepts."""
    names = [*field.options, *(option.label for option in field.options.values()), *field.spec.synonyms]
    match field.type:
        case "money":
            made = quantities(["", "元", "万元", "万", "亿元", "亿", "元整", "w", "人民币"])
        case "count":
            made = quantities(["", field.spec.unit or ""])
        case "ratio":
            made = quantities(["", "%", "‰", "％"])
        case "date":
            made = st.one_of(
                st.dates().map(str),
                st.integers(1990, 2030),
                st.sampled_from(["2023年", "2023年3月", "2023年3月至5月", "20230131"]),
            )
        case "yes_no":
            made = st.sampled_from([True, False, "是", "否", "有", "yes", ["是", "否"]])
        case "choice":
            made = st.one_of(st.sampled_from(names), st.lists(st.sampled_from(names), min_size=1, max_size=3))
        case "choices":
            some = st.lists(st.sampled_from(names), max_size=4)
            made = st.one_of(
                some,
                st.just("无"),
                st.sampled_from(names),
                some.map(lambda items: {"partial": True, "items": items or "无"}),
            )
        case "division":
            places = st.sampled_from(
                ["大兴区", "朝阳", "河北省廊坊市固安县", "131022", 131022, "全国", "11", "北京市 · 海淀区"]
            )
            made = st.one_of(places, st.lists(places, min_size=1, max_size=3))
        case "industry":
            codes = st.sampled_from(
                ["I65", "6510", 111, 6510, "软件和信息技术服务业", "2011:6520", "制造业-医药制造业", "C"]
            )
            made = st.one_of(codes, st.lists(codes, min_size=1, max_size=3))
        case "credit_code":
            made = st.just("91110115MA01ABCD5Y")
        case _:
            made = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
    return st.one_of(st.none(), made).filter(lambda raw: accepted(field, raw))


def accepted(field: VocabularyField, raw: Any) -> bool:
    try:
        read_value(field, raw, TABLES)
    except ValueProblem:
        return False
    return True


def records(kind: RecordKind) -> st.SearchStrategy[Any]:
    one = st.lists(
        st.sampled_from([field for field in kind.fields.values() if field.type != "credit_code"]), max_size=4
    )
    items = st.lists(
        one.flatmap(lambda fields: st.fixed_dictionaries({f.name: raw_values(f) for f in fields})), max_size=3
    )
    return st.one_of(
        st.none(), st.just("没有"), items, items.map(lambda some: {"partial": True, "items": some}),
        items.map(lambda some: {"partial": False, "items": some}),
    )  # fmt: skip


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """Valid profile data with some of the fields and lists."""
    data: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=8)):
        kinds = kinds_by_list(PACK)
        data[key] = draw(records(kinds[key]) if key in kinds else raw_values(VOCABULARY.fields[key]))
    return {key: value for key, value in data.items() if not check({key: value}, PACK)[1]}


def form_of(sheet: Sheet) -> dict[str, list[str]]:
    """What a browser sends of a sheet."""
    form: dict[str, list[str]] = {}
    for key, entry in sheet.entries.items():
        form |= controls(VOCABULARY.fields[key], control_name(key), entry)
    for key, cards in sheet.lists.items():
        form |= list_controls(kinds_by_list(PACK)[key], control_name(key), cards)
    return form


@given(profiles())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_profile_survives_the_form(data: dict[str, Any]) -> None:
    """Through the controls, the browser and back: the same values, the same lists, complete or not."""
    sheet = sent(form_of(filled(data, KEYS, PACK)), KEYS, PACK, {})
    assert sheet.problems == {}
    assert profile_of(dict(sheet.data), VOCABULARY, TABLES) == profile_of(data, VOCABULARY, TABLES)


@given(profiles())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_profile_survives_the_file_and_the_page(data: dict[str, Any]) -> None:
    """As the YAML that is downloaded, and as the text that a page carries."""
    findings = Findings()
    source = read_yaml(as_yaml(data, VOCABULARY), "画像.yaml", findings, rule_file=False)
    assert source is not None and not findings.errors
    expected = profile_of(data, VOCABULARY, TABLES)
    assert isinstance(source.data, dict)
    assert profile_of(source.data, VOCABULARY, TABLES) == expected
    assert profile_of(dict(State.read(State(data).text()).data), VOCABULARY, TABLES) == expected


@given(profiles())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_profile_can_be_drawn(data: dict[str, Any]) -> None:
    """Every field and list has a view; nothing that was told is hidden in the folded part of a card."""
    sheet = filled(data, KEYS, PACK)
    for key in sheet.entries:
        drawn = control_view(key, sheet, PACK)
        assert drawn.shape in ("radio", "checks", "select") or drawn.entry.texts == sheet.entries[key].texts
    for key in sheet.lists:
        for card in list_view(key, sheet, PACK, frozenset()).cards:
            assert all(control.entry.blank for control in card.folded)


MONEY = next(field for field in VOCABULARY.enterprise if field.type == "money")


@pytest.mark.parametrize(
    "text, unit, means",
    [
        ("500", "万元", "500万元"),
        ("2000-5000", "万元", "2000-5000万元"),
        ("大约 2000-5000万", "万元", "大约 2000-5000万"),
        ("1.2亿", "万元", "1.2亿"),
        ("5000000", "元", "5000000元"),
        ("五十", "万元", "五十万元"),
        ("没有", "万元", "没有"),
        ("500", "", "500"),
    ],
)
def test_a_unit_is_added_where_the_number_has_none(text: str, unit: str, means: str) -> None:
    assert with_unit("money", text, unit) == means
    assert accepted(MONEY, means)


@pytest.mark.parametrize(
    "raw, text, unit",
    [
        ("500万元", "500", "万元"),
        ("500万", "500", "万元"),
        ("1.2亿元", "1.2", "亿元"),
        (5000000, "5000000", "元"),
        ("2000万元至1亿元", "2000万元至1亿元", ""),
        (None, "", UNITS["money"][0]),
    ],
)
def test_a_unit_is_shown_apart_where_that_says_the_same(raw: Any, text: str, unit: str) -> None:
    entry = shown(MONEY, raw, TABLES)
    assert (entry.text, entry.unit) == (text, unit)


def test_an_ambiguous_place_offers_its_candidates() -> None:
    """A pick counts while the name that it was offered for still stands in the box."""
    form = {"p.registered_division": ["朝阳"]}
    drawn = control_view("registered_division", sent(form, ("registered_division",), PACK, {}), PACK)
    assert {"北京市朝阳区", "朝阳市"} <= {item.label.removeprefix("辽宁省") for item in drawn.candidates}
    picked = next(item.value for item in drawn.candidates if item.label == "北京市朝阳区")
    form["p.registered_division.pick"] = [picked]
    assert sent(form, ("registered_division",), PACK, {}).data == {"registered_division": "北京市朝阳区"}
    form["p.registered_division"] = ["海淀"]
    assert sent(form, ("registered_division",), PACK, {}).data == {"registered_division": "海淀"}


def test_every_place_and_industry_is_found_by_the_name_that_is_shown() -> None:
    """A candidate that is picked is read as itself."""
    industries, divisions = TABLES.industries, TABLES.divisions
    assert [code for code in industries.codes if industries.find(code_name("industry", code, TABLES)) != {code}] == []
    todo, wrong = [""], []
    while todo:
        code = todo.pop()
        todo += divisions.children(code)
        wrong += [code] if divisions.find(code_name("division", code, TABLES)) != {code} else []
    assert wrong == []


def test_a_name_for_several_options_is_an_option() -> None:
    """中小企业 is an answer to which size; so is an alternative that a file brings."""
    sheet = filled({"size_class": "小微"}, ("size_class",), PACK)
    drawn = control_view("size_class", sheet, PACK)
    assert [item.value for item in drawn.choices if item.chosen] == ["small,micro"]
    assert sent(form_of(sheet), ("size_class",), PACK, {}).data == {"size_class": ["小型", "微型"]}
    odd = control_view("size_class", filled({"size_class": ["大型", "微型"]}, ("size_class",), PACK), PACK)
    assert [item.label for item in odd.choices if item.chosen] == ["大型或微型"]


def test_problems_stand_at_their_fields() -> None:
    """Of the enterprise, of a record, of a list; the record's by its token, blank new cards do not count."""
    form = {
        "p.staff_total": ["abc"],
        "p.applicant_kinds": ["company"],
        "p.applicant_kinds.none": ["1"],
        "p.contracts": ["none"],
        "p.contracts.card": ["n0", "k3"],
        "p.contracts.k3.amount": ["约5"],
        "p.talents": ["all"],
    }
    sheet = sent(form, ("staff_total", "applicant_kinds", "contracts", "talents"), PACK, {})
    assert set(sheet.problems) == {
        "p.staff_total", "p.applicant_kinds", "p.contracts", "p.contracts.k3.amount", "p.talents"
    }  # fmt: skip
    assert sheet.problems["p.contracts.k3.amount"].label == "技术合同第1条·技术交易额"
    assert "(" not in sheet.problems["p.staff_total"].message
    assert sheet.entries["staff_total"].text == "abc"


@pytest.mark.parametrize("status", STATUSES)
def test_whether_there_are_any(status: str) -> None:
    """Of an empty list: no answer, none, or some that nobody can name."""
    said = sent({"p.contracts": [status]}, ("contracts",), PACK, {})
    expected = {"unknown": {}, "none": {"contracts": []}, "some": {"contracts": {"partial": True, "items": []}}}
    assert (said.data if status != "all" else set(said.problems)) == expected.get(status, {"p.contracts"})


def test_filled_cards_below_an_unclear_answer_may_not_be_all() -> None:
    form = {"p.contracts.card": ["n0"], "p.contracts.n0.amount": ["5"], "p.contracts.n0.amount.unit": ["万元"]}
    assert sent(form, ("contracts",), PACK, {}).data == {"contracts": {"partial": True, "items": [{"amount": "5万元"}]}}


def test_a_card_can_be_added_and_removed() -> None:
    sheet = blank_card(filled({"contracts": [{"amount": "5万元"}, {}]}, ("contracts",), PACK), "contracts")
    assert [card.token for card in sheet.lists["contracts"].cards] == ["k0", "k1", "n0"]
    form = {**form_of(sheet), "p.contracts.k0.remove": ["1"]}
    assert sent(form, ("contracts",), PACK, {}).data == {"contracts": [{}]}


@pytest.mark.parametrize("token", ["k1.amount", "x1", "k", "", "k1234567", "../k1"])
def test_a_strange_token_is_no_card(token: str) -> None:
    assert (
        sent({"p.contracts": ["some"], "p.contracts.card": [token]}, ("contracts",), PACK, {}).lists["contracts"].cards
        == ()
    )


def test_what_is_entered_is_kept_as_entered() -> None:
    """``entered`` and ``controls`` are each other's reverse, contradictions and nonsense included."""
    field = VOCABULARY.fields["applicant_kinds"]
    entry = Entry(chosen=("company", "none such"), none=True, more=True)
    assert entered(field, "p.x", controls(field, "p.x", entry)) == entry
    with pytest.raises(ValueProblem):
        told(field, entry)
    assert told(VOCABULARY.fields["staff_total"], Entry(texts=("  ",))) is None
    assert shown(VOCABULARY.fields["staff_total"], Decimal("1E+3"), TABLES).text == "1000"


NAMES = [
    control_name(key)
    for key in ("name", "credit_code", "staff_total", "registered_division", "size_class", "contracts")
]
parts = st.sampled_from(
    ["", ".unit", ".pick", ".none", ".more", ".card", ".k0.amount", ".n1.kind", ".k0.remove", ".k0"]
)
junk = st.one_of(
    st.text(max_size=12), st.sampled_from(["n0", "k0", "all", "some", "|", "*", "company,", "1", "无", "朝阳"])
)


@given(st.dictionaries(st.tuples(st.sampled_from(NAMES), parts).map("".join), st.lists(junk, max_size=3), max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_form_breaks_the_reading(form: dict[str, list[str]]) -> None:
    """Whatever is sent: data that the engine accepts, or problems at known fields; and it can be drawn again."""
    keys = ("name", "credit_code", "staff_total", "registered_division", "size_class", "contracts")
    sheet = sent(form, keys, PACK, {})
    if not sheet.problems:
        profile_of(dict(sheet.data), VOCABULARY, TABLES)
    for key in sheet.entries:
        control_view(key, sheet, PACK)
    list_view("contracts", sheet, PACK, frozenset())
