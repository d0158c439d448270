"""A list under two versions: the same figures as two runs of ``huiqi batch``, and nothing lost."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from cli.main import huiqi
from engine.difference.folders import load_version
from engine.difference.lists import Comparing, ListDifference
from engine.lists import open_list, read_mappings
from tests.difference.conftest import LANGFANG, Edited
from tests.helpers import ROOT

DAY = "2017-06-30"
SYNTHETIC = ROOT / "samples" / "lists" / "synthetic.xlsx"
REAL = ROOT / "tests" / "lists" / "excerpts" / "ashare_basic_cc0.xlsx"
MAPPING = ROOT / "samples" / "lists" / "ashare_basic_cc0.yaml"
INVESTMENT = "lf16-outside-institution-investment-subsidy"
CHANGES = (
    ("rate: 1%", "rate: 2%"),
    ("benefit: {kind: award, amount: 10万元, frequency: once}", "benefit: {kind: award, amount: 12.5万元, frequency: once}"),
    ("- not: {field: registered_division, within: 廊坊市}", "- not: {field: registered_division, within: [廊坊市, 北京市]}"),
    ("label: 廊坊市级认定}", "label: 廊坊市级认定, soft: true, why: 存疑}"),
)


def compared(folder: Path, path: Path, *mappings: Path) -> ListDifference:
    packs = load_version(LANGFANG), load_version(folder)
    sources = tuple(open_list([path], pack, read_mappings(list(mappings))) for pack in packs)
    return Comparing(packs, (sources[0], sources[1]), date.fromisoformat(DAY)).run()


def rules_with(folder: Path, tmp_path: Path) -> Path:
    """A rules directory with this one pack, for ``huiqi batch``."""
    place = tmp_path / f"rules-{folder.name}"
    (place / "packs").mkdir(parents=True)
    (place / "packs" / "langfang-2016").symlink_to(folder, target_is_directory=True)
    return place


def batch(rules: Path, path: Path, out: Path, *more: str) -> pl.DataFrame:
    """The pairs of a run of ``huiqi batch``: key, measure, verdict, amounts in yuan."""
    args = ["batch", str(path), "-o", str(out), "--as-of", DAY, "--pairs", "all", "--rules", str(rules), *more]
    found = CliRunner().invoke(huiqi, args)
    assert found.exit_code in (0, 1), found.output
    return pl.read_csv(out, infer_schema=False)


@pytest.mark.parametrize("path", [SYNTHETIC, REAL])
def test_verdicts_and_amounts_are_those_of_two_runs(path: Path, edited: Edited, tmp_path: Path) -> None:
    new = edited(*CHANGES)
    mappings = [] if path == SYNTHETIC else [MAPPING]
    found = compared(new, path, *mappings)
    assert found.tallies is not None
    for tally in found.tallies:
        assert tally.rows == tally.enterprises + tally.rejected_rows
        assert tally.enterprises == found.whole.enterprises
    more = [arg for mapping in mappings for arg in ("--mapping", str(mapping))]
    runs = [
        batch(rules_with(folder, tmp_path), path, tmp_path / f"{folder.name}.csv", *more) for folder in (LANGFANG, new)
    ]
    titles = dict(zip(found.titles.values(), found.titles, strict=True))
    tables: list[dict[tuple[str, str], tuple[str, str | None]]] = []
    for run in runs:
        rows = run.select("企业编号", "措施", "结论", "金额下限（元）").iter_rows()
        tables.append({(key, titles[title]): (verdict, low) for key, title, verdict, low in rows})
    old, now = tables
    words = {"符合": "eligible", "条件已满足待认定": "undetermined", "缺资料": "undetermined", "待定": "undetermined"}

    def verdict(table: dict[tuple[str, str], tuple[str, str | None]], pair: tuple[str, str]) -> str:
        return words[table[pair][0]] if pair in table else "ineligible"

    flips = {(flip.key, flip.measure): (flip.old, flip.new) for flip in found.flips}
    for pair in old.keys() | now.keys():
        before, after = verdict(old, pair), verdict(now, pair)
        if before != after:
            assert flips.pop(pair) == (before, after)
    # What is left differs in its amount alone.
    assert len(flips) == found.whole.amounts
    for pair in flips:
        assert verdict(old, pair) == verdict(now, pair) == "eligible" and old[pair][1] != now[pair][1]
    for table, money in ((old, found.whole.old), (now, found.whole.new)):
        lows = [Fraction(low) for pair, (_, low) in table.items() if low and verdict(table, pair) == "eligible"]
        assert sum(lows, start=Fraction(0)) == money.low
    for id, change in found.measures.items():
        assert sum(change.flips.values()) == found.whole.enterprises, id


def test_groups_add_up(edited: Edited) -> None:
    found = compared(edited(*CHANGES), SYNTHETIC)
    for changes in found.groups.values():
        assert sum(change.enterprises for change in changes.values()) == found.whole.enterprises
        assert sum(change.changed for change in changes.values()) == found.whole.changed
        assert sum((change.new.low for change in changes.values()), start=Fraction(0)) == found.whole.new.low
        flips: Counter[tuple[str, str]] = Counter()
        for change in changes.values():
            flips.update(change.flips)
        assert flips == found.whole.flips
    assert found.whole.changed > 0 and found.whole.amounts > 0 and found.whole.flipped > 0


def test_the_workbook_says_what_the_json_says(edited: Edited, tmp_path: Path) -> None:
    new = edited(*CHANGES)
    out, data = tmp_path / "diff.xlsx", tmp_path / "diff.json"
    for target in (out, data):
        args = ["rules", "diff", str(LANGFANG), str(new), "--list", str(SYNTHETIC), "--as-of", DAY, "-o", str(target)]
        args += ["--measure", INVESTMENT, "--measure", "lf16-tech-transfer-trading-institution-award"]
        found = CliRunner().invoke(huiqi, args)
        assert found.exit_code == 1, found.output
    told = json.loads(data.read_text("utf-8"))["list"]
    book = CalamineWorkbook.from_path(str(out))
    assert book.sheet_names == ["概览", "按措施", "按区县", "按行业", "按规模", "变化的企业", "规则差异"]
    matrix = book.get_sheet_by_name("按措施").to_python()[1:]
    assert {row[0] for row in matrix} == set(told["measures"])
    assert sum(int(row[4]) for row in matrix) == sum(v["count"] for m in told["measures"].values() for v in m["verdicts"])
    for name, group in (("按区县", "by_district"), ("按行业", "by_industry"), ("按规模", "by_size")):
        rows = [row for row in book.get_sheet_by_name(name).to_python()[1:] if row[0] in told[group]]
        assert len(rows) == len(told[group])
        for row in rows:
            one = told[group][row[0]]
            assert (row[1], row[2], row[6]) == (one["enterprises"], one["changed"], one["amount_only"])
            assert Fraction(one["new_confirmed_yuan"]["low"]) == Fraction(str(row[9]))
    flips = book.get_sheet_by_name("变化的企业").to_python()[1:]
    assert {(row[0], row[1]) for row in flips} == {(one["key"], one["name"] or "") for one in told["changed"]}
    assert len(flips) == len(told["changed"])
    with ZipFile(out) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 8
        assert "变为符合" in parts.read(charts[0]).decode()
