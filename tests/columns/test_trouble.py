"""Trouble that people meet: files that are no lists, a full disk, killed work, a list that has changed since."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("polars")
import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

from cli import errors
from engine import load_pack, screen
from engine.columns.disk import full_disk_told
from engine.columns.publish import companion
from engine.lists import open_list, profile_data
from tests.columns.test_batch import CHILD
from tests.columns.test_end_to_end import SYNTHETIC, run
from tests.conftest import ROOT

DAY = "2026-06-30"


# Files that are no lists


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")


def _blank(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("表")


def _locked(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))


def _cut(path: Path) -> None:
    path.write_bytes(SYNTHETIC.read_bytes()[:20_000])


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (None, "找不到这个文件"),
        (_folder, "这是一个文件夹"),
        (_zip, "工作簿已损坏"),
        (_blank, "工作簿里没有内容"),
        (_locked, "工作簿有密码。请去掉密码后再用"),
        (_cut, "工作簿已损坏"),
    ],
)
def test_what_is_no_list_is_one_clear_line(make: Any, message: str, tmp_path: Path) -> None:
    given = tmp_path / "list.xlsx"
    if make is not None:
        make(given)
    before = sorted(tmp_path.iterdir())
    code, output = run("batch", given, "-o", tmp_path / "out.xlsx")
    assert (code, len(output.splitlines())) == (2, 1)
    assert message in output
    assert sorted(tmp_path.iterdir()) == before


def test_a_bad_byte_in_gbk_costs_its_cell_alone(tmp_path: Path) -> None:
    text = "企业编号,单位名称,从业人数\n" + "".join(f"{n},虚构第{n}家有限公司,{n}\n" for n in range(1, 40))
    data = bytearray(text.encode("gb18030"))
    data[data.find("第7家".encode("gb18030"))] = 0xFF
    (tmp_path / "list.csv").write_bytes(data)
    code, output = run("batch", tmp_path / "list.csv", "-o", tmp_path / "o.parquet", "--as-of", DAY)
    assert code == 1
    assert "list.csv：共 40 行，其中表头及以上 1 行，采用 39 行" in output
    assert "另有 1 处内容未采用" in output
    assert pl.read_parquet(tmp_path / "o.parquet").height == 39


# A full disk


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        pl.exceptions.ComputeError("No space left on device (os error 28)"),
        xlsxwriter.exceptions.FileCreateError(OSError(errno.ENOSPC, "No space left on device")),
    ],
    ids=["system", "polars", "xlsxwriter"],
)
def test_a_full_disk_is_told_with_the_name_of_the_output(
    error: Exception, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        with full_disk_told(tmp_path / "out.xlsx"):
            raise error

    assert errors.guarded(work) == errors.BAD_INPUT
    assert capsys.readouterr().err == f"错误：“{tmp_path / 'out.xlsx'}”写不下：磁盘已满。\n"


def test_other_errors_are_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(pl.exceptions.ComputeError), full_disk_told(tmp_path / "out.xlsx"):
        raise pl.exceptions.ComputeError("something else")


# Killed at any moment


@pytest.mark.slow
def test_killed_at_random_moments_leaves_no_result_or_a_resumable_one(trap_rules: Path, tmp_path: Path) -> None:
    """The whole process is killed from outside, after a random time; going on then gives what one run gives."""

    def start(target: Path, how: str) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-c", CHILD, str(trap_rules), str(target), "0", how]
        return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)})

    whole = tmp_path / "whole.parquet"
    started = time.monotonic()
    assert start(whole, "anew").wait() == 0
    took = time.monotonic() - started
    draw = random.Random()
    for number in range(3):
        target, after = tmp_path / f"killed-{number}.parquet", took * draw.uniform(0.3, 1.0)
        target.write_bytes(b"the result of another day")
        child = start(target, "anew")
        time.sleep(after)
        child.send_signal(signal.SIGKILL)
        child.wait()
        if target.read_bytes() != b"the result of another day":
            assert pl.read_parquet(target).equals(pl.read_parquet(whole)), after
        assert start(target, "resume").wait() == 0
        for what in ("", "pairs", "records"):
            ours, theirs = (companion(path, what) if what else path for path in (target, whole))
            assert pl.read_parquet(ours).equals(pl.read_parquet(theirs)), after
        assert not list(tmp_path.glob(".*work*"))


# Explaining with the list at hand, and without


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A copy of the synthetic workbook and its result."""
    folder = tmp_path_factory.mktemp("explained")
    given = folder / "list.xlsx"
    shutil.copy(SYNTHETIC, given)
    assert run("batch", given, "-o", folder / "r.xlsx", "--as-of", "2017-06-30")[0] == 0
    return given, folder / "r.xlsx"


def _contract(given: Path) -> tuple[str, dict[str, Any]]:
    """An enterprise whose amount is told by year, and what a check says of it."""
    pack = load_pack()
    (part,) = open_list([given], pack).slices()
    for key in part.enterprise.frame["key"]:
        found = screen(profile_data(part, key, pack), pack, as_of=date(2017, 6, 30))
        for result in found.results:
            if result.verdict == "eligible" and result.amount_by_year:
                return key, {item.measure: item for item in found.results}
    raise AssertionError("no such enterprise")


def test_explain_tells_answers_and_amounts_as_a_check_does(evaluated: tuple[Path, Path]) -> None:
    given, result = evaluated
    key, checked = _contract(given)
    code, output = run("explain", result, "--enterprise", key, "--format", "json")
    assert code == 0
    values = 0
    for item in json.loads(output):
        wanted = checked[item["measure"]]
        assert item["verdict"] == wanted.verdict
        assert item["amount_yuan"] == wanted.amount_yuan
        by_year = {year: list(a) if isinstance(a, tuple) else a for year, a in (wanted.amount_by_year or {}).items()}
        assert (item["amount_by_year"] or {}) == by_year
        known = {(reason.node, reason.label): reason for reason in wanted.reasons}
        for reason in item["reasons"]:
            own = known[reason["node"], reason["label"]]
            assert (reason["value"], reason["gap"]) == (own.value, own.gap)
            values += own.value not in (None, "未填写")
    assert values > 0
    text = run("explain", result, "--enterprise", key)[1]
    assert "申报主体为中介服务机构：科技中介服务机构" in text
    assert "没有列出企业填写的内容" not in text


def test_pairs_hold_the_amounts_by_year(evaluated: tuple[Path, Path], tmp_path: Path) -> None:
    given, _ = evaluated
    key, checked = _contract(given)
    out = tmp_path / "r.parquet"
    assert run("batch", given, "-o", out, "--as-of", "2017-06-30")[0] == 0
    told = pl.read_parquet(companion(out, "pairs")).filter(pl.col("key") == key, pl.col("amount_by_year").is_not_null())
    assert len(told) == 1
    row = told.row(0, named=True)
    assert json.loads(row["amount_by_year"]) == checked[row["measure"]].amount_by_year
    csv = tmp_path / "r.csv"
    run("batch", given, "-o", csv, "--as-of", "2017-06-30")
    shown = pl.read_csv(csv, infer_schema=False).filter(pl.col("企业编号") == key)["按年金额（元）"].drop_nulls()
    assert shown.to_list() == ["；".join(f"{y}年{a}" for y, a in json.loads(row["amount_by_year"]).items())]


def test_explain_says_why_it_has_no_answers(evaluated: tuple[Path, Path], tmp_path: Path) -> None:
    given, result = evaluated
    key = _contract(given)[0]
    moved = tmp_path / "list.xlsx"
    shutil.move(given, moved)
    try:
        code, output = run("explain", result, "--enterprise", key)
        assert code == 0
        assert "没有列出企业填写的内容：名单已不在原处" in output
        code, output = run("explain", result, "--enterprise", key, "--list", moved)
        assert code == 0
        assert "申报主体为中介服务机构：科技中介服务机构" in output
        with zipfile.ZipFile(moved, "a") as archive:
            archive.writestr("docProps/changed.txt", "changed")
        code, output = run("explain", result, "--enterprise", key, "--list", moved)
        assert code == 2
        assert "名单在评估之后改动过" in output
    finally:
        shutil.copy(SYNTHETIC, given)


def test_explain_reads_one_enterprise_of_a_long_list(tmp_path: Path) -> None:
    keys = [3, 1, 2]
    enterprises = {"key": keys, "applicant_kinds": ["企业"] * 3, "registered_division": ["大兴区", "通州区", "大兴区"]}
    pl.DataFrame(enterprises).write_parquet(tmp_path / "list.parquet")
    (tmp_path / "m.yaml").write_text("lists:\n  - {file: list.parquet, row: enterprise, key: key}\n", "utf-8")
    words = ("batch", tmp_path / "list.parquet", "-o", tmp_path / "o.parquet", "--mapping", tmp_path / "m.yaml")
    assert run(*words, "--as-of", DAY)[0] == 0
    code, output = run("explain", tmp_path / "o.parquet", "--enterprise", "1", "--all")
    assert code == 0
    assert "通州区" in output
    code, output = run("explain", tmp_path / "o.parquet", "--enterprise", "9")
    assert code == 2
    assert "结果里没有“9”" in output
