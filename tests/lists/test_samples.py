"""The sample workbook, and the mappings of the three real lists: on excerpts, and on the whole where it is there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine import load_pack, screen
from engine.diagnostics import Findings
from engine.lists import ListSource, NeedsMapping, open_list, profile_data, read_mappings
from engine.loader import BUILT_IN, case_files
from tests.helpers import ROOT

SAMPLES = ROOT / "samples" / "lists"
EXCERPTS = Path(__file__).parent / "excerpts"
DATA = ROOT.parent / "shared" / "data"
BASIC, ANNUAL, INDUSTRY = (
    "ashare_basic_cc0.xlsx",
    "ashare_fin_2022_2024_cc0.csv",
    "neeq_industry_2016_merged_header.xlsx",
)


def _open(folder: Path, *names: str) -> ListSource:
    mapping = read_mappings([SAMPLES / f"{Path(name).stem}.yaml" for name in names])
    source = open_list([folder / name for name in names], load_pack(), mapping)
    assert isinstance(source, ListSource)
    assert all(count.adds_up() for count in source.counts)
    return source


def test_every_quantified_measure_is_eligible_for_somebody() -> None:
    pack = load_pack()
    source = open_list([SAMPLES / "synthetic.xlsx"], pack)
    assert source.rejects == ()
    (part,) = source.slices()
    assert set(part.records) == set(pack.vocabulary.records)
    assert not any(sheet.frame.is_empty() for sheet in part.records.values())
    column = next(meta.column for meta in part.enterprise.columns if meta.path == "name")
    keys = dict(zip(part.enterprise.frame[column], part.enterprise.frame["key"], strict=True))
    cases = [case for _, file in case_files(BUILT_IN, Findings()) for case in file.cases]
    for measure in pack.measures:
        if measure.spec.determinacy != "quantified":
            continue
        own = load_pack(document=measure.document)
        verdicts = [
            result.verdict
            for case in cases
            if case.measure == measure.id and case.expect.verdict == "eligible" and f"虚构：{case.name}" in keys
            for result in screen(
                profile_data(part, keys[f"虚构：{case.name}"], pack), own, as_of=case.as_of
            ).results
            if result.measure == measure.id
        ]
        assert "eligible" in verdicts, measure.id


def test_the_industry_list_is_read_by_its_mapping() -> None:
    source = _open(EXCERPTS, INDUSTRY)
    (part,) = source.slices()
    data = profile_data(part, "430002", load_pack())
    assert data == {"name": "中 科 软", "industry": "2011:6520"}
    assert source.rejects == ()


def test_the_company_lists_are_joined_by_their_codes() -> None:
    source = _open(EXCERPTS, BASIC, ANNUAL)
    (part,) = source.slices()
    assert part.enterprise.frame.height == 30
    data = (
        profile_data(part, "301052.SZ", load_pack()) if "301052.SZ" in part.enterprise.frame["key"] else {}
    )
    assert data["registered_capital"] == "9895.9339万元"
    assert data["registered_division"] == "浙江杭州市"
    assert [annual["fiscal_year"] for annual in data["annuals"]] == ["2022", "2023", "2024"]
    assert Counter(reject.reason for reject in source.rejects) == {"企业名单里没有这家企业": 1}


@pytest.mark.parametrize(("name", "asked"), [(BASIC, 1), (ANNUAL, 3)])
def test_without_its_mapping_a_list_asks_for_the_unit(name: str, asked: int) -> None:
    with pytest.raises(NeedsMapping) as error:
        open_list([EXCERPTS / name], load_pack())
    assert [finding.code for finding in error.value.findings] == ["list-unit"] * asked
    assert error.value.paste.count('{unit: "?"}') == asked


@pytest.mark.shared
def test_the_whole_lists() -> None:
    source = _open(DATA, BASIC, ANNUAL)
    assert source.rows == 6194
    assert Counter(reject.reason for reject in source.rejects) == {"企业名单里没有这家企业": 92}
    assert source.records["annual"].frame.height == 17257 - 92
    industry = _open(DATA, INDUSTRY)
    assert (industry.rows, industry.rejects) == (9764, ())
    annual = _open(DATA, ANNUAL)
    assert (annual.rows, annual.records["annual"].frame.height) == (6085, 17257)
