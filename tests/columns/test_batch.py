"""Results of lists: what the files hold is what the reference says of each enterprise, however the work went."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("polars")
import polars as pl

from engine import Pack
from engine.assessment import assess
from engine.columns.publish import companion
from engine.columns.stored import open_result
from engine.compiler import compile_pack
from engine.diagnostics import InputError
from engine.evaluation import evaluate
from tests.columns.comparing import SOLVER, readable
from tests.columns.lists import Profiles as ListOf
from tests.columns.lists import run
from tests.columns.randomly import Profiles

DAY = date(2021, 6, 30)
KINDS = ("parquet", "csv", "xlsx")


def profiles(pack: Pack, count: int = 130) -> list[dict[str, Any]]:
    drawn = [item for item in Profiles(pack, 4, DAY).many(count) if readable(item, pack) is not None]
    for number, item in enumerate(drawn):
        item["name"] = f"=HYPERLINK({number})"
    return drawn


@pytest.fixture(scope="module")
def listed(traps: Pack) -> list[dict[str, Any]]:
    return profiles(traps)


def expected(listed: list[dict[str, Any]], pack: Pack) -> dict[tuple[int, str], tuple[str, Any]]:
    """Verdict and amounts of every pair by the reference."""
    program = compile_pack(pack)
    found = {}
    for key, data in enumerate(listed):
        profile = readable(data, pack)
        assert profile is not None
        for item in assess(evaluate(program, profile, DAY, SOLVER)):
            found[key, item.measure.id] = item.verdict, item.amount.range if item.amount else None
    return found


def test_parquet_has_masks_and_a_row_for_each_eligible_pair(traps: Pack, listed: Any, tmp_path: Path) -> None:
    out = tmp_path / "result.parquet"
    finished = run(ListOf(listed, traps), out, DAY)
    wanted = expected(listed, traps)
    description = json.loads(pl.read_parquet_metadata(out)["huiqi"])
    assert (description["as_of"], description["pack_version"]) == ("2021-06-30", traps.version)
    masks = pl.read_parquet(out)
    assert masks["key"].to_list() == list(range(len(listed)))
    for number, id in enumerate(description["bits"]["measures"]):
        for verdict in ("eligible", "undetermined"):
            bits = (masks[f"{verdict}_{number // 64}"] // 2 ** (number % 64) % 2 == 1).to_list()
            assert bits == [wanted[key, id][0] == verdict for key in range(len(listed))]
    pairs = pl.read_parquet(companion(out, "pairs"))
    unit = description["unit"]
    given = {
        (row["key"], row["measure"]): (Fraction(row["amount_low"], unit), row["amount_high"])
        for row in pairs.filter(pl.col("amount_low").is_not_null()).iter_rows(named=True)
    }
    ours = {pair: amount for pair, (verdict, amount) in wanted.items() if verdict == "eligible" and amount}
    assert {pair: low for pair, (low, _) in given.items()} == {pair: Fraction(low) for pair, (low, _) in ours.items()}
    highs = {pair: None if high is None else Fraction(high, unit) for pair, (_, high) in given.items()}
    assert highs == {pair: high for pair, (_, high) in ours.items()}
    assert len(pairs) == sum(verdict == "eligible" for verdict, _ in wanted.values())
    assert finished.tally.rows == finished.tally.enterprises == len(listed)


def test_csv_tells_pairs_in_yuan_and_no_cell_is_a_formula(traps: Pack, listed: Any, tmp_path: Path) -> None:
    out = tmp_path / "result.csv"
    run(ListOf(listed, traps), out, DAY)
    wanted = expected(listed, traps)
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        verdict, amount = wanted[int(row["企业编号"]), row["措施编号"]]
        assert row["企业名称"].startswith("'=HYPERLINK")
        assert (row["结论"] == "符合") == (verdict == "eligible")
        if amount is not None:
            low = Fraction(Decimal(row["金额下限（元）"]))
            assert low == (amount[0] if verdict == "eligible" else 0)
            high = row["金额上限（元）"]
            assert high == "不封顶" if amount[1] is None else Fraction(Decimal(high)) == amount[1]
        assert row["理由"]


def test_workbook_holds_texts_numbers_and_no_formula(traps: Pack, listed: Any, tmp_path: Path) -> None:
    calamine = pytest.importorskip("python_calamine")
    out = tmp_path / "result.xlsx"
    run(ListOf(listed, traps), out, DAY)
    book = calamine.CalamineWorkbook.from_path(str(out))
    assert book.sheet_names == ["概览", "企业", "对照明细", "措施", "未采用的数据", "生成说明"]
    enterprises = book.get_sheet_by_name("企业").to_python()
    assert len(enterprises) == len(listed) + 1
    assert enterprises[1][1] == "=HYPERLINK(0)"
    wanted = expected(listed, traps)
    for row in enterprises[1:]:
        ours = [verdict for (key, _), (verdict, _) in wanted.items() if key == int(row[0])]
        assert row[2] == ours.count("eligible")
        assert row[3] + row[4] == ours.count("undetermined")
    content = _sheet_xml(out)
    assert "<f>" not in content


def _sheet_xml(path: Path) -> str:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name)


def test_what_exceeds_a_sheet_goes_to_parquet(traps: Pack, listed: Any, tmp_path: Path, monkeypatch: Any) -> None:
    calamine = pytest.importorskip("python_calamine")
    from engine.columns import batch, workbook

    class Small(workbook.Workbook):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, most=50)

    monkeypatch.setattr(workbook, "Workbook", Small)
    out = tmp_path / "result.xlsx"
    batch_run = run(ListOf(listed, traps), out, DAY)
    assert batch is not None
    assert pl.read_parquet(companion(out, "enterprises")).height == batch_run.tally.enterprises
    assert pl.read_parquet(companion(out, "pairs")).height > 50
    lines = calamine.CalamineWorkbook.from_path(str(out)).get_sheet_by_name("概览").to_python()
    assert any("result.pairs.parquet" in str(cell) for row in lines for cell in row)
    assert len(calamine.CalamineWorkbook.from_path(str(out)).get_sheet_by_name("企业").to_python()) == 51


@pytest.mark.parametrize("kind", KINDS)
def test_explain_decodes_what_was_evaluated(traps: Pack, listed: Any, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"result.{kind}"
    run(ListOf(listed, traps), out, DAY)
    wanted = expected(listed, traps)
    stored = open_result(out)
    for key in (0, 7, 63, len(listed) - 1):
        for told in stored.explain(str(key), traps):
            assert told.verdict == wanted[key, told.measure.id][0]
            assert told.sentence
    with pytest.raises(InputError, match="没有“nobody”"):
        list(stored.explain("nobody", traps))


def test_explain_gives_the_reasons_that_check_gives(traps: Pack, listed: Any, tmp_path: Path) -> None:
    from engine import screen

    out = tmp_path / "result.parquet"
    run(ListOf(listed, traps), out, DAY)
    stored, compared = open_result(out), 0
    for key in range(0, len(listed), 9):
        results = {item.measure: item for item in screen(listed[key], traps, as_of=DAY).results}
        for told in stored.explain(str(key), traps):
            if told.reasons:
                ours = [(r.node, r.kind, r.label, r.decisive, r.status == "satisfied") for r in told.reasons]
                theirs = [
                    (r.node, r.kind, r.label, r.decisive, r.status == "satisfied")
                    for r in results[told.measure.id].reasons
                ]
                assert ours == theirs, (key, told.measure.id)
                compared += 1
    assert compared > 100


# Interrupted work

CHILD = """
import os, signal, sys
from datetime import date
from pathlib import Path
from tests.columns.lists import Profiles, run
from tests.columns.test_batch import DAY, profiles
from engine import load_pack

rules, target, deadly, resume = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "resume"
moves, move = 0, os.replace

def counted(*places):
    global moves
    moves += 1
    if moves == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    move(*places)

os.replace = counted
pack = load_pack(rules)
source = Profiles(profiles(pack), pack)
run(source, target, DAY, resume=resume)
print(len(source.read), moves)
"""


def child(rules: Path, target: Path, deadly: int, *, resume: bool) -> tuple[int, list[int]]:
    root = Path(__file__).resolve().parents[2]
    words = [sys.executable, "-c", CHILD, str(rules), str(target), str(deadly), "resume" if resume else "anew"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(root)})
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode, [int(word) for word in done.stdout.split()]


@pytest.mark.slow
def test_killed_at_any_moment_leaves_no_result_or_a_resumable_one(trap_rules: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    _, (slices, moves) = child(trap_rules, whole, 0, resume=False)
    # Of each slice four frames and what is known of it; nothing is rejected, which is kept once.
    assert (slices, moves) == (7, 1 + 7 * 5 - 6 + 3)
    for deadly in (2, 17, moves - 1, moves):
        target = tmp_path / f"killed-{deadly}.parquet"
        target.write_bytes(b"the result of another day")
        code, _ = child(trap_rules, target, deadly, resume=False)
        assert code == -signal.SIGKILL
        assert target.read_bytes() == b"the result of another day"
        finished = len(list((tmp_path / f".{target.name}.huiqi-work").glob("slice-*.json")))
        code, (again, _) = child(trap_rules, target, 0, resume=True)
        assert (code, again) == (0, slices - finished)
        for what in ("", "pairs", "records"):
            ours, theirs = (companion(path, what) if what else path for path in (target, whole))
            assert pl.read_parquet(ours).equals(pl.read_parquet(theirs))
        assert not list(tmp_path.glob(".*work*"))


def test_other_input_is_not_resumed(traps: Pack, listed: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from engine.columns import batch

    def fail(*_: Any) -> None:
        raise RuntimeError("interrupted")

    out = tmp_path / "result.parquet"
    with monkeypatch.context() as patched:
        patched.setattr(batch, "_publish", fail)
        with pytest.raises(RuntimeError):
            run(ListOf(listed, traps), out, DAY)
    other = ListOf(listed, traps, fingerprint="another file")
    with pytest.raises(InputError, match="名单或对应关系与上次不同"):
        run(other, out, DAY, resume=True)
    source = ListOf(listed, traps)
    run(source, out, DAY, resume=True)
    assert source.read == []
    assert out.exists()


def test_readiness_counts_what_each_field_would_settle(traps: Pack, listed: Any, tmp_path: Path) -> None:
    found = run(ListOf(listed, traps), tmp_path / "result.parquet", DAY, readiness=True)
    assert found.fields
    assert all(0 <= item.settled <= item.open for item in found.fields)
    by = {clause.measure.id: clause.by for clause in found.clauses}
    assert by["filter-judgement"] == "person"
    assert by["options"] == "declaration"
    assert (tmp_path / "result.readiness.csv").exists()


def test_no_cell_of_the_readiness_is_a_formula(traps: Pack, listed: Any, tmp_path: Path) -> None:
    measures = tuple(replace(m, spec=m.spec.model_copy(update={"title": "=1+1"})) for m in traps.measures)
    run(ListOf(listed, replace(traps, measures=measures)), tmp_path / "r.csv", DAY, readiness=True)
    told = pl.read_csv(tmp_path / "r.readiness.csv")
    assert set(told.filter(pl.col("类别") == "措施")["名称"]) == {"'=1+1"}
