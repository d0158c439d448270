"""Places: what people write, and the codes that it can mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.code_table import CodeError, bare, read_names, read_rows
from engine.diagnostics import InputError
from engine.divisions import DivisionTable, short_name

TABLES = Path(__file__).parents[2] / "rules" / "tables"
TABLE = DivisionTable.load(TABLES)
ROWS = read_rows(TABLES / "divisions.csv", ("code", "name", "kind"))
PROPER = {row[0]: row[1] for row in ROWS if row[2] != "statistical"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("北京", "11"),
        ("北京市", "11"),
        ("北京市朝阳区", "110105"),
        ("北京 朝阳", "110105"),
        ("北京市-朝阳区", "110105"),
        ("北京市市辖区朝阳区", "110105"),
        ("北京市北京市朝阳区", "110105"),
        ("中国 北京市 海淀区", "110108"),
        ("海淀", "110108"),
        ("海 淀 区", "110108"),
        ("北京通州", "110112"),
        ("南通通州", "320612"),
        ("河北省廊坊市固安县", "131022"),
        ("河北固安", "131022"),
        ("廊坊固安", "131022"),
        ("固安", "131022"),
        ("固安县", "131022"),
        ("廊坊", "1310"),
        ("廊坊市市辖区", "1310"),
        ("大厂", "131028"),
        ("大厂回族自治县", "131028"),
        ("大兴", "110115"),
        ("全国", ""),
        ("国家", ""),
        ("吉林", "22"),
        ("吉林市", "2202"),
        ("吉林吉林", "2202"),
        ("河北", "13"),
        ("天津河北", "120105"),
        ("海南", "46"),
        ("济源", "419001"),
        ("河南省省直辖县级行政区划济源市", "419001"),
        ("东莞市", "4419"),
        ("浦东", "310115"),
        ("内蒙古", "15"),
        ("香港", "81"),
    ],
)
def test_name_of_one_place(text: str, code: str) -> None:
    assert TABLE.find(text) == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("131022", "131022"),
        (131022, "131022"),
        ("131022.0", "131022"),
        ("１３１０２２", "131022"),
        ("131000", "1310"),
        ("1310", "1310"),
        (13, "13"),
        ("110000", "11"),
        ("110100", "11"),
        ("1102", "11"),
        ("500200", "50"),
        ("419000", "41"),
        ("419001", "419001"),
        ("441900", "4419"),
        ("000000", ""),
        ("110108001000", "110108"),
        ("131071", "1310"),
        ("620201", "6202"),
        ("110228", "110118"),
        ("110229", "110119"),
    ],
)
def test_code(text: str | int, code: str) -> None:
    assert TABLE.find(text) == {code}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("朝阳区", {"110105", "220104"}),
        ("朝阳", {"110105", "220104", "2113"}),
        ("通州区", {"110112", "320612"}),
        ("鼓楼区", {"320106", "320302", "350102", "410204"}),
        ("北三县", {"131082", "131028", "131024"}),
        ("河北廊坊北三县", {"131082", "131028", "131024"}),
    ],
)
def test_name_of_several_places(text: str, codes: set[str]) -> None:
    assert TABLE.find(text) == codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("亦庄·永清", "131023"),
        ("亦庄·永清高新区", "131023"),
        ("燕郊", "131082"),
        ("河北三河燕郊高新区", "131082"),
        ("固安高新区", "131022"),
        ("京南·固安高新区", "131022"),
        ("廊坊开发区", "1310"),
        ("廊坊经济技术开发区", "1310"),
        ("河北省 廊坊市 开发区", "1310"),
        ("北京经济技术开发区", "11"),
        ("亦庄开发区", "11"),
        ("北京亦庄", "11"),
        ("北京 经开区", "11"),
        ("大兴区 亦庄", "110115"),
        ("北京城市副中心", "110112"),
        ("密云县", "110118"),
        ("北京市延庆县", "110119"),
        ("通县", "110112"),
        ("宣武区", "110102"),
        ("三河县", "131082"),
        ("霸县", "131081"),
        ("苏州工业园区", "3205"),
    ],
)
def test_alias(text: str, code: str) -> None:
    """An alias proves no narrower place than the zone or the former county lies in."""
    assert TABLE.find(text) == {code}


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("", "division-blank", "全国"),
        ("　", "division-blank", "全国"),
        ("北京市海锭区", "division-unknown", "海淀区"),
        ("上海市固安县", "division-mismatch", "廊坊市固安县"),
        ("经开区", "division-needs-city", "所在城市"),
        ("131029", "division-unknown", "廊坊市"),
        ("13102", "division-unknown", ""),
        (1, "division-unknown", ""),
        ("997799", "division-unknown", ""),
        ("县", "division-unknown", ""),
        ("某" * 60, "division-unknown", ""),
    ],
)
def test_refusal(text: str | int, code: str, hint: str) -> None:
    for _ in range(2):  # the second answer comes from memory
        with pytest.raises(CodeError) as caught:
            TABLE.find(text)
        assert caught.value.code == code
        assert hint in caught.value.hint
        assert caught.value.message in str(caught.value)


def test_label_and_rank() -> None:
    shown = {
        code: (TABLE.label(code), TABLE.rank(code))
        for code in ("", "13", "1310", "131022", "110112", "419001")
    }
    assert shown == {
        "": ("全国", "national"),
        "13": ("河北省", "provincial"),
        "1310": ("廊坊市", "prefecture"),
        "131022": ("廊坊市固安县", "county"),
        "110112": ("北京市通州区", "county"),
        "419001": ("河南省济源市", "county"),
    }


@pytest.mark.parametrize("code", ["1101", "131071", "110228", "131000", "固安"])
def test_not_canonical(code: str) -> None:
    assert code not in TABLE
    for ask in (TABLE.label, TABLE.rank, TABLE.parent, TABLE.children):
        with pytest.raises(CodeError):
            ask(code)


def test_tree() -> None:
    assert len(TABLE.children("")) == 34
    assert len(TABLE.children("11")) == 16
    assert "131022" in TABLE.children("1310")
    assert "131071" not in TABLE.children("1310")
    assert "419001" in TABLE.children("41")
    assert TABLE.children("131022") == ()
    assert TABLE.parent("110112") == "11"
    assert TABLE.parent("13") == TABLE.parent("") == ""


def test_within() -> None:
    assert TABLE.within("131022", "1310")
    assert TABLE.within("131022", "")
    assert TABLE.within("1310", "1310")
    assert not TABLE.within("1310", "131022")
    assert not TABLE.within("110112", "1310")


def test_every_code_is_found_as_itself_and_by_its_label_and_short_name() -> None:
    for code, name in PROPER.items():
        assert TABLE.find(code) == TABLE.find(code.ljust(6, "0")) == {code}
        assert TABLE.find(TABLE.label(code)) == {code}
        assert code in TABLE.find(TABLE.label(TABLE.parent(code)) + short_name(name))


def test_every_parent_exists() -> None:
    assert all(TABLE.parent(code) in TABLE for code in PROPER)


def test_aliases_lead_to_places_and_hide_no_name() -> None:
    names = {bare(row[1]) for row in ROWS}
    for entry in read_names(TABLES / "division-aliases.yaml")["aliases"]:
        assert all(area in TABLE for area in entry["areas"])
        assert not any(code in TABLE for code in entry.get("codes", ()))
        for name in entry["names"]:
            assert bare(name) not in names
            assert TABLE.find(name) == set(entry["areas"])


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("东乡族自治县", "东乡"),
        ("鄂温克族自治旗", "鄂温克"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江"),
        ("内蒙古自治区", "内蒙古"),
        ("长白朝鲜族自治县", "长白"),
        ("浦东新区", "浦东"),
        ("清新区", "清新"),
        ("万柏林区", "万柏林"),
        ("易县", "易县"),
    ],
)
def test_short_name(name: str, short: str) -> None:
    assert short_name(name) == short


@given(st.text(max_size=50) | st.integers())
@settings(max_examples=150, deadline=None)
def test_any_text_is_found_or_refused(text: str | int) -> None:
    try:
        assert all(code in TABLE for code in TABLE.find(text))
    except CodeError as refusal:
        assert refusal.code.startswith("division-")


def test_malformed_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="table-unreadable"):
        DivisionTable.load(tmp_path)
    (tmp_path / "divisions.csv").write_text("code,name,kind\n11,北京市,\n11,北京市,\n12\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        DivisionTable.load(tmp_path)
    assert [(item.line, item.code) for item in caught.value.findings] == [
        (3, "table-duplicate"),
        (4, "table-row"),
    ]


def test_loaded_once() -> None:
    assert DivisionTable.load(TABLES) is TABLE
