"""A list through columns comes to what each of its profiles comes to on its own: letters, amounts, judgements awaited."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.columns.of_profiles import raw_slice
from engine.compiler import compile_pack
from engine.lists import open_list, read_mappings
from engine.profile import records_in
from tests.centre.lists.comparing import compared, program, read
from tests.columns.randomly import Profiles
from tests.conftest import ROOT
from tests.helpers import pack_of
from web.centre.lists.screening import Screening
from web.centre.store.tables import FindingRow
from web.service import MOST_RECORDS

LISTS = ROOT / "samples" / "lists"
TRAPS = ROOT / "tests" / "columns" / "traps"
DAYS = (date(2017, 6, 30), date(2022, 6, 30), date(2026, 6, 30))


@pytest.mark.slow
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_the_workbook_with_every_sheet_of_records(as_of: date) -> None:
    seen = compared(read(LISTS / "synthetic.xlsx"), program(), as_of)
    assert min(seen["E"], seen["P"], seen["F"], seen["N"], seen["X"], seen["awaiting"]) > 0


def test_the_messy_sample() -> None:
    compared(read(LISTS / "messy.xlsx", LISTS / "messy.yaml"), program(), DAYS[2])


def findings(drawn: Profiles, count: int) -> dict[str, list[FindingRow]]:
    """Confirmed findings of some enterprises; each judgement once, as the centre counts them."""
    found: dict[str, list[FindingRow]] = {}
    for key in range(0, count, 2):
        told = {}
        for item in (drawn.finding() for _ in range(drawn.random.choice([1, 5, 40]))):
            told[item["judgement"], item.get("about")] = FindingRow(
                id=len(told) + 1, judgement=item["judgement"], about=item.get("about"), finding=item["finding"],
                reason="看过", by_id=1, at=datetime.fromisoformat(item["on"]),
            )  # fmt: skip
        found[str(key)] = list(told.values())
    return found


@pytest.mark.slow
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_random_lists_with_findings(as_of: date) -> None:
    drawn = Profiles(program().pack, as_of.year, as_of)
    raw = raw_slice(list(drawn.many(100)), program().pack.vocabulary)
    assert compared([raw], program(), as_of, findings(drawn, 100))["awaiting"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("as_of", [date(2020, 6, 30), date(2021, 6, 30)], ids=str)
def test_random_lists_under_rules_full_of_traps(as_of: date, tmp_path: Path) -> None:
    rules = compile_pack(pack_of(tmp_path, **{path.stem: path.read_text("utf-8") for path in TRAPS.glob("*.yaml")}))
    seen = 0
    for seed in range(4):
        drawn = Profiles(rules.pack, seed, as_of)
        raw = raw_slice(list(drawn.many(100)), rules.pack.vocabulary)
        seen += compared([raw], rules, as_of, findings(drawn, 100))["awaiting"]
    assert seen > 0


WRONG = """企业编号,企业名称,企业规模,从业人数,营业收入,行业代码,成立日期,属地
1,甲公司,小型,5,"2,000万元",6531,2020-01-01,大兴区
2,乙公司,巨型,-7,12.345元,99999,去年,没有这个地方
3,丙公司,"[[[[",八个,约一百万,"[""\\ud800""]",9999-99-99,"{""a"":1}"
4,,,,,,,
5,丁公司,["小型"],1e400,三百万元,I65,2020年,北京
"""


def test_what_cannot_be_read_is_not_in_the_profile(tmp_path: Path) -> None:
    given, mapping = tmp_path / "list.csv", tmp_path / "m.yaml"
    deep = "6,戊公司," + "[" * 30_000 + ",,,,,\n"
    given.write_text(WRONG + deep, "utf-8")
    columns = "{企业规模: size_class, 从业人数: staff_total, 营业收入: {field: annual.revenue, year: 2025}"
    columns += ", 行业代码: {field: industry, edition: '2017'}, 属地: registered_division}"
    mapping.write_text(f"lists:\n  - {{file: list.csv, row: enterprise, key: 企业编号, columns: {columns}}}\n", "utf-8")
    raw = read(given, mapping)
    screened = Screening(program().pack, DAYS[2]).slice(raw[0], lambda keys: {})
    told = {entry.key: entry.data for entry in screened.entries}
    assert told["2"] == {"name": "乙公司"}
    assert "size_class" not in told["6"] and told["5"]["size_class"] == ["小型"]
    assert {reject.key for reject in screened.rejects} >= {"2", "3", "6"}
    compared(raw, program(), DAYS[2])


def test_records_that_cannot_be_used_are_not_in_the_profile(tmp_path: Path) -> None:
    paths = [tmp_path / "list.csv", tmp_path / "recognitions.csv", tmp_path / "annual.csv", tmp_path / "findings.csv"]
    paths[0].write_text("企业编号,企业名称\n1,甲\n2,乙\n", "utf-8")
    paths[1].write_text("企业编号,名称,类型\n1,甲,高企\n1,甲,专精特新\n1,丙,没有这种\n9,丁,高企\n", "utf-8")
    paths[2].write_text("企业编号,会计年度,营业收入\n1,2025,5万元\n1,2025,6万元\n2,某年,7万元\n2,2024,8万元\n", "utf-8")
    paths[3].write_text("企业编号,判断事项,结论,谁,何时,为什么\n1,某事,是,张三,2026-01-01,看过\n1,某事,是,,,\n", "utf-8")
    (tmp_path / "m.yaml").write_text(
        "lists:\n  - {file: list.csv, row: enterprise, key: 企业编号}\n"
        "  - {file: recognitions.csv, row: recognition, key: 企业编号, columns: {名称: id, 类型: kind}}\n"
        "  - {file: annual.csv, row: annual, key: 企业编号}\n  - {file: findings.csv, row: finding, key: 企业编号}\n",
        "utf-8",
    )
    raw = list(open_list(paths, program().pack, read_mappings([tmp_path / "m.yaml"])).slices())
    screened = Screening(program().pack, DAYS[2]).slice(raw[0], lambda keys: {})
    told = {entry.key: entry.data for entry in screened.entries}
    assert [item["id"] for item in told["1"]["recognitions"]["items"]] == ["甲", "丙"]
    assert told["2"]["annuals"] == [{"fiscal_year": 2024, "revenue": "8万元"}]
    compared(raw, program(), DAYS[2])


def test_a_typed_file(tmp_path: Path) -> None:
    given, mapping = tmp_path / "list.parquet", tmp_path / "m.yaml"
    frame = pl.DataFrame(
        {
            "key": [1, 2, 3, 4],
            "staff": [5, -1, 300, None],
            "revenue": [1234.56, 0.125, 1e20, float("nan")],
            "founded": [date(2020, 1, 1), None, date(1999, 12, 31), date(2030, 1, 1)],
            "small": [True, False, None, True],
        }
    )
    frame.write_parquet(given)
    columns = "{staff: staff_total, revenue: {field: annual.revenue, year: 2025, unit: 万元}, founded: founded_on}"
    mapping.write_text(f"lists:\n  - {{file: list.parquet, row: enterprise, key: key, columns: {columns}}}\n", "utf-8")
    raw = read(given, mapping)
    screened = Screening(program().pack, DAYS[2]).slice(raw[0], lambda keys: {})
    assert screened.entries[0].data["annuals"] == [{"fiscal_year": 2025, "revenue": "1234.56万元"}]
    assert "annuals" not in screened.entries[2].data
    compared(raw, program(), DAYS[2])


def test_who_has_a_credit_code_is_kept_under_it_and_once(tmp_path: Path) -> None:
    given, mapping = tmp_path / "list.csv", tmp_path / "m.yaml"
    code = "91110000MA0000001L"
    long = "长" * 65
    given.write_text(f"名称,代码\n甲,{code}\n乙,\n丙,{code}\n丁,91110000MA0000001X\n{long},\n", "utf-8")
    columns = "{名称: name, 代码: credit_code}"
    mapping.write_text(f"lists:\n  - {{file: list.csv, row: enterprise, key: 名称, columns: {columns}}}\n", "utf-8")
    screened = Screening(program().pack, DAYS[2]).slice(read(given, mapping)[0], lambda keys: {})
    assert [entry.key for entry in screened.entries] == [code, "乙", "丁"]
    assert [(reject.row, reject.kept) for reject in screened.rejects] == [(5, True), (4, False), (6, False)]
    assert (screened.rows, screened.rejected) == (5, 2)


def test_who_has_more_records_than_a_form_would_take_is_told(tmp_path: Path) -> None:
    given, records, mapping = tmp_path / "list.csv", tmp_path / "records.csv", tmp_path / "m.yaml"
    given.write_text("编号,名称\n1,甲\n2,乙\n3,丙\n", "utf-8")
    lines = [f"{key},证书{number},高企" for key, count in ((1, MOST_RECORDS), (2, MOST_RECORDS + 1)) for number in range(count)]
    records.write_text("编号,证书,类型\n" + "\n".join(lines) + "\n", "utf-8")
    mapping.write_text(
        "lists:\n  - {file: list.csv, row: enterprise, key: 编号, columns: {名称: name}}\n"
        "  - {file: records.csv, row: recognition, key: 编号, columns: {证书: id, 类型: kind}}\n",
        "utf-8",
    )
    raw = list(open_list([given, records], program().pack, read_mappings([mapping])).slices())
    screened = Screening(program().pack, DAYS[2]).slice(raw[0], lambda keys: {})
    assert [(entry.key, records_in(entry.data)) for entry in screened.entries] == [("1", MOST_RECORDS), ("3", 0)]
    [told] = screened.rejects
    assert (told.key, told.row, told.kept) == ("2", 3, False) and "超过 300 条" in told.reason
    assert (screened.rows, screened.rejected) == (3, 1)
