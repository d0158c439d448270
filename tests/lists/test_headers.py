"""Headers taken apart, encodings told, numbers as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import load_pack
from engine.diagnostics import InputError
from engine.lists.cells import cell_text, number_text
from engine.lists.encodings import decode
from engine.lists.headers import parse_header
from engine.lists.matching import EXACT, Matcher
from engine.lists.words import folded, load_words

WORDS = load_words()


@pytest.mark.parametrize(
    ("text", "name", "unit", "year", "relative"),
    [
        ("营业收入(万元)", "营业收入", "万元", None, None),
        ("注册资本（单位：万元）", "注册资本", "万元", None, None),
        ("注册资本（万元人民币）", "注册资本", "万元人民币", None, None),
        ("负债合计\n[报告期] 去年年报\n[单位] 元", "负债合计", "元", None, "去年年报"),
        ("资产总计\n[报告期] 2023年年报\n[单位] 万元", "资产总计", "万元", 2023, None),
        ("2023年营业收入/万元", "营业收入", "万元", 2023, None),
        ("营业收入_2022", "营业收入", None, 2022, None),
        ("营业收入 单位:元", "营业收入", "元", None, None),
        ("上年度营业收入", "营业收入", None, None, "上年度"),
        ("2022-2024年营业收入合计", "20222024年营业收入合计", None, None, None),
        ("营业收入增长率(%)", "营业收入增长率", "%", None, None),
        ("注册资本(万美元)", "注册资本", "万美元", None, None),
        ("统一社会信用代码(18位)", "统一社会信用代码18位", None, None, None),
        ("会计年度", "会计年度", None, None, None),
        ("所属行业(GB/T 4754-2017)", "所属行业", None, None, None),
    ],
)
def test_a_header_says(text: str, name: str, unit: str | None, year: int | None, relative: str | None) -> None:
    header = parse_header(text, WORDS)
    assert (header.name, header.unit, header.year, header.relative) == (name.replace("-", ""), unit, year, relative)


def test_growth_is_not_revenue() -> None:
    matcher = Matcher(load_pack().vocabulary, WORDS)
    found = matcher.matches(parse_header("营业收入增长率(%)", WORDS), "enterprise")
    assert all(match.confidence < 0.8 for match in found)


def test_every_synonym_is_of_a_field_and_means_one_thing() -> None:
    vocabulary = load_pack().vocabulary
    meaning: dict[tuple[str, str | None], str] = {}
    for path, names in WORDS.synonyms.exact.items():
        assert path in vocabulary.fields
        record = vocabulary.fields[path].record
        for name in names:
            assert meaning.setdefault((folded(name), record), path) == path
    assert set(WORDS.synonyms.likely) <= set(vocabulary.fields)


def test_labels_of_fields_are_known_on_their_own_sheet() -> None:
    vocabulary = load_pack().vocabulary
    matcher = Matcher(vocabulary, WORDS)
    for path, field in vocabulary.fields.items():
        if field.spec.question or field.record:
            best = matcher.matches(parse_header(field.label, WORDS), field.record or "enterprise")[0]
            assert (best.path, best.confidence) == (path, EXACT), field.label


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_are_told_apart(encoding: str) -> None:
    text = "统一社会信用代码,单位名称\n1,虚构（廊坊）有限公司\n"
    assert decode(text.encode(encoding), Path("x.csv"))[::2] == (text, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_bad_byte_spoils_one_place(encoding: str) -> None:
    good = "单位名称,从业人数\n" + "虚构有限公司,10\n" * 20
    data = good.encode(encoding)
    at = len("单位名称,从业人数\n虚构有限公司,10\n".encode(encoding))
    text, _, bad = decode(data[:at] + b"\xff" + data[at:], Path("x.csv"))
    assert bad == 1
    assert text.replace("\ufffd", "") == good


def test_bytes_of_a_program_are_no_text() -> None:
    with pytest.raises(InputError, match="不是文本"):
        decode(bytes(range(32)) * 9, Path("x.csv"))


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_a_spreadsheet_number_keeps_its_digits(number: object) -> None:
    assert float(number_text(float(str(number))) or "x") == float(str(number))
    assert "e" not in (number_text(float(str(number))) or "")


@pytest.mark.parametrize(
    ("cell", "text"),
    [(0.1 + 0.2, "0.3"), (328.0, "328"), (9.11e17, "9.11e+17"), (True, "是"), (" 　甲\xa0", "甲"), ("&nbsp;", None)],
)
def test_cells_as_text(cell: object, text: str | None) -> None:
    assert cell_text(cell) == text
