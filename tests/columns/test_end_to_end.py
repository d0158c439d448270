"""From files to results: ``huiqi check`` of any row gives what ``huiqi batch`` gave it, and the command behaves."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("polars")
import polars as pl

from cli.main import huiqi
from engine import load_pack
from engine.assessment import assess
from engine.columns.cells import CellReader
from engine.columns.kernel import evaluate
from engine.columns.plan import plan_of
from engine.columns.publish import companion
from engine.columns.slices import Encoder
from engine.compiler import compile_pack
from engine.evaluation import evaluate as evaluate_one
from engine.lists import open_list, read_mappings
from engine.lists.profiles import profile_data
from tests.columns.comparing import SOLVER, Seen, readable
from tests.conftest import ROOT, SHARED

LISTS = ROOT / "samples" / "lists"
SYNTHETIC = LISTS / "synthetic.xlsx"
DAYS = (date(2017, 6, 30), date(2022, 6, 30), date(2026, 6, 30))
REAL = ("ashare_basic_cc0.xlsx", "ashare_fin_2022_2024_cc0.csv", "neeq_industry_2016_merged_header.xlsx")


def compared(path: Path, mapping: list[Path], as_of: date, step: int) -> int:
    """Hold every ``step``-th row of a list to the reference; the number of rows compared."""
    pack = load_pack()
    plan, program, count = plan_of(pack, as_of), compile_pack(pack), 0
    encoder = Encoder(pack.vocabulary, CellReader(pack.tables), plan.paths, as_of)
    for raw in open_list([path], pack, read_mappings(mapping)).slices():
        data = encoder.slice(raw)
        result = evaluate(plan, data)
        for row in range(0, data.rows, step):
            profile = readable(profile_data(raw, data.keys[row], pack), pack)
            if profile is None:
                continue  # a cell that cannot be read is an error in a profile, and unknown in a list
            one = evaluate_one(program, profile, as_of, SOLVER)
            assert Seen(result, row).differences(one, assess(one)) == [], data.keys[row]
            count += 1
    return count


@pytest.mark.slow
@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_check_gives_what_batch_gave_on_the_synthetic_workbook(as_of: date) -> None:
    assert compared(SYNTHETIC, [], as_of, 1) > 300


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_check_gives_what_batch_gave_on_real_lists(name: str) -> None:
    mapping = LISTS / f"{Path(name).stem}.yaml"
    assert compared(SHARED / "data" / name, [mapping], DAYS[2], 97) > 50


def run(*words: object) -> tuple[int, str]:
    """The exit code and all output of a command line."""
    result = CliRunner().invoke(huiqi, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic workbook as Parquet, CSV and a workbook, in one folder."""
    folder = tmp_path_factory.mktemp("results")
    for kind in ("parquet", "csv", "xlsx"):
        code, output = run("batch", SYNTHETIC, "-o", folder / f"r.{kind}", "--as-of", "2026-06-30", "--readiness")
        assert code in (0, 1), output
        assert "行 = " in output
        assert "synthetic.xlsx·企业：共 351 行，其中表头及以上 1 行，采用 350 行" in output
        assert "只能由人认定" in output
    return folder


def test_all_outputs_tell_the_same(results: Path) -> None:
    pairs = pl.read_parquet(companion(results / "r.parquet", "pairs"))
    table = pl.read_csv(results / "r.csv").filter(pl.col("结论") == "符合")
    assert len(pairs) == len(table) > 100
    masks = pl.read_parquet(results / "r.parquet")
    assert masks.equals(pl.read_parquet(companion(results / "r.xlsx", "masks")))
    assert not list(results.glob(".*"))


def test_explain_finds_an_enterprise_in_each_output(results: Path) -> None:
    key = pl.read_parquet(results / "r.parquet")["key"][0]
    told = [run("explain", results / f"r.{kind}", "--enterprise", key, "--all") for kind in ("parquet", "csv", "xlsx")]
    assert {code for code, _ in told} == {0}
    assert told[0][1] == told[1][1] == told[2][1]
    code, output = run("explain", results / "r.parquet", "--enterprise", key, "--format", "json")
    assert code == 0
    assert {item["verdict"] for item in json.loads(output)} <= {"eligible", "undetermined", "ineligible"}


def test_rejects_make_exit_code_1_and_are_written(tmp_path: Path) -> None:
    given = tmp_path / "list.csv"
    given.write_text("企业编号,企业规模,从业人数\n1,小型,5\n1,大型,6\n2,巨型,7\n", "utf-8")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("lists:\n  - {file: list.csv, row: enterprise, key: 企业编号}\n", "utf-8")
    out, rejects = tmp_path / "out.csv", tmp_path / "rejects.csv"
    words = ("batch", given, "-o", out, "--mapping", mapping, "--rejects", rejects, "--as-of", "2026-06-30")
    code, output = run(*words)
    assert code == 1, output
    assert "巨型" in rejects.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("batch",), "缺少名单"),
        (("batch", SYNTHETIC), "-o"),
        (("batch", SYNTHETIC, "-o", "out.txt"), "不认识输出"),
        (("batch", SYNTHETIC, "-o", "out.csv", "--rejects", "x.txt"), "--rejects"),
        (("batch", "nowhere.xlsx", "-o", "out.csv"), "nowhere.xlsx"),
        (("explain", "nowhere.parquet", "--enterprise", "1"), "没有这个文件"),
    ],
)
def test_bad_usage_is_one_clear_line(words: Any, message: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    code, output = run(*words)
    assert code == 2
    assert message in output
    assert "Traceback" not in output
    assert list(tmp_path.iterdir()) == []


def test_the_output_is_never_an_input(tmp_path: Path) -> None:
    own = tmp_path / "list.xlsx"
    shutil.copy(SYNTHETIC, own)
    before = own.read_bytes()
    assert run("batch", own, "-o", own)[0] == 2
    assert own.read_bytes() == before


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cli import batch

    found = batch.find_spec
    absent = ("python_calamine", "xlsxwriter")
    monkeypatch.setattr(batch, "find_spec", lambda name: None if name in absent else found(name))
    code, output = run("batch", SYNTHETIC, "-o", tmp_path / "out.csv")
    assert code == 2
    assert "缺少 python-calamine、XlsxWriter。请安装：pip install 'huiqi[lists]'" in output
