"""Industries: codes of two editions, names, and what they can mean in the edition of 2017."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.code_table import CodeError, broadest, read_names, read_rows
from engine.industries import EDITIONS, Edition, IndustryTable

TABLES = Path(__file__).parents[2] / "rules" / "tables"
TABLE = IndustryTable.load(TABLES)
ROWS = read_rows(TABLES / "industries-2017.csv", ("code", "name"))
CROSSWALK = read_rows(TABLES / "industries-2011-2017.csv", ("code", "codes"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C", "C"),
        ("I65", "I65"),
        ("i65", "I65"),
        ("Ｉ６５", "I65"),
        ("65", "I65"),
        ("65.0", "I65"),
        ("I-65", "I65"),
        ("653", "I653"),
        ("6531", "I6531"),
        (6531, "I6531"),
        ("01", "A01"),
        ("0111", "A0111"),
        ("6520", "I6520"),
        ("652", "I6520"),
        ("3741", "C3741"),
        ("2011", "C2011"),
    ],
)
def test_code(text: str | int, code: str) -> None:
    assert TABLE.find(text) == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("软件开发", "I651"),
        ("软件开发业", "I651"),
        ("软件和信息技术服务业", "I65"),
        ("软件和信息技术服务", "I65"),
        ("软件业", "I65"),
        ("信息传输、软件和信息技术服务业", "I"),
        ("信息传输，软件和信息技术服务业", "I"),
        ("制造业", "C"),
        ("农林牧渔业", "A"),
        ("农业", "A01"),
        ("集成电路设计", "I6520"),
        ("飞机制造", "C3741"),
        ("三维（3D）打印技术推广服务", "M7517"),
        ("I65 软件和信息技术服务业", "I65"),
        ("I65软件和信息技术服务业", "I65"),
        ("C 制造业", "C"),
        ("制造业-医药制造业", "C27"),
        ("信息传输、软件和信息技术服务业/软件和信息技术服务业/软件开发", "I651"),
    ],
)
def test_name(text: str, code: str) -> None:
    assert TABLE.find(text) == {code}


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (("房地产业", "房地产", "K", "70", "K70"), "K"),
        (("教育", "P", "83"), "P"),
        (("国际组织", "T", "97", "970", "9700"), "T"),
        (("其他采矿业", "12", "120", "1200"), "B12"),
        (("中国共产党机关", "91", "910", "9100"), "S91"),
    ],
)
def test_codes_of_the_same_industries_are_one(texts: tuple[str, ...], code: str) -> None:
    assert [TABLE.find(text) for text in texts] == [{code}] * len(texts)


@pytest.mark.parametrize("text", ["2011:6520", "2011：6520", "GB/T 4754-2011 6520", "GB/T4754—2011：I6520"])
def test_written_edition_counts(text: str) -> None:
    """6520 was 信息系统集成服务 and is 集成电路设计."""
    assert TABLE.find(text) == TABLE.find("6520", "2011") == {"I6531", "I6532", "I6540"}
    assert TABLE.find("2017:6520", "2011") == {"I6520"}


def test_edition_of_2011() -> None:
    assert TABLE.find("6550", "2011") == {"I6520"}
    assert TABLE.find("65", "2011") == {"I64", "I65"}
    assert TABLE.find("I", "2011") == {"I"}
    assert TABLE.find("2011:6520 信息系统集成服务") == {"I6531", "I6532", "I6540"}


def test_code_that_only_2011_has_is_read_as_one() -> None:
    assert TABLE.find("I6510") == TABLE.find("6510", "2011") == {"I6511", "I6512", "I6513", "I6519"}
    assert TABLE.editions("6510") == {"2011"}
    assert TABLE.editions("I6520") == {"2017", "2011"}
    assert TABLE.editions("I6531") == {"2017"}
    assert TABLE.editions("9999") == frozenset()


def test_number_may_have_lost_a_zero() -> None:
    assert TABLE.find(111) == {"A0111", "B1110"}
    assert TABLE.find(11) == {"A011", "B11"}
    assert TABLE.find(65) == {"I65"}
    assert TABLE.find("111") == {"B1110"}


def test_name_of_several_industries() -> None:
    assert TABLE.find("工业") == {"B", "C", "D"}


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("1", "industry-digit", "01"),
        (1, "industry-digit", "A01"),
        (0, "industry-digit", ""),
        ("190", "industry-unknown", "0190"),
        ("9999", "industry-unknown", ""),
        ("2017", "industry-unknown", "木材加工"),
        ("2011:018", "industry-unknown", "2017"),
        (-65, "industry-unknown", ""),
        ("软件开", "industry-unknown", "软件开发"),
        ("U", "industry-unknown", ""),
        ("C6531", "industry-letter", ""),
        ("6520 信息系统集成服务", "industry-mismatch", "2011"),
        ("制造业-软件开发", "industry-mismatch", ""),
        ("新一代信息技术", "industry-policy-field", "4754"),
        ("新一代信息技术产业", "industry-policy-field", "4754"),
        ("医药健康", "industry-policy-field", "4754"),
        ("2002:6520", "industry-edition", "2011"),
        ("GB/T 4754-2011", "industry-blank", ""),
        (" ", "industry-blank", ""),
    ],
)
def test_refusal(text: str | int, code: str, hint: str) -> None:
    with pytest.raises(CodeError) as caught:
        TABLE.find(text)
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_label_and_within() -> None:
    assert TABLE.label("I65") == "软件和信息技术服务业(I65)"
    assert TABLE.name("C374") == "航空、航天器及设备制造"
    assert TABLE.within("I6531", "I65")
    assert TABLE.within("I6531", "I")
    assert not TABLE.within("I65", "I6531")
    assert not TABLE.within("C27", "I")
    with pytest.raises(CodeError):
        TABLE.label("65")


def test_every_code_is_found_with_and_without_its_letter() -> None:
    for code, name in ROWS:
        found = TABLE.find(code)
        assert len(found) == 1
        assert found <= {code[:size] for size in range(1, len(code) + 1)}
        assert all(one in TABLE for one in found)
        if len(code) > 1:
            assert TABLE.find(code[1:]) == found
        assert any(one.startswith(other) for one in found for other in TABLE.find(name))


def test_every_code_has_its_section_and_division() -> None:
    codes = {row[0] for row in ROWS}
    assert {len(code) for code in codes} == {1, 3, 4, 5}
    assert all(code[:1] in codes and code[: min(3, len(code))] in codes for code in codes)
    assert sum(len(code) == 3 for code in codes) == 97


def test_crosswalk_leads_to_codes() -> None:
    for code, targets in CROSSWALK:
        expected = broadest(one for target in targets.split() for one in TABLE.find(target, "2017"))
        assert TABLE.find(code, "2011") == expected


def test_synonyms_lead_to_codes_and_hide_no_name() -> None:
    names = read_names(TABLES / "industry-synonyms.yaml")
    for name, codes in names["synonyms"].items():
        assert TABLE.find(name) == frozenset().union(*(TABLE.find(code) for code in codes))
    for name in names["no_code"]:
        with pytest.raises(CodeError) as caught:
            TABLE.find(name)
        assert caught.value.code == "industry-policy-field"


@given(st.text(max_size=30) | st.integers(), st.sampled_from(EDITIONS))
@settings(max_examples=150, deadline=None)
def test_any_text_is_found_or_refused(text: str | int, edition: Edition) -> None:
    try:
        assert all(code in TABLE for code in TABLE.find(text, edition))
    except CodeError as refusal:
        assert refusal.code.startswith("industry-")


def test_loaded_once() -> None:
    assert IndustryTable.load(TABLES) is TABLE
