"""Spark against columns on local[2]: the same files. Needs PySpark (an extra) and Java."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("polars")
pytest.importorskip("pyspark")
if shutil.which("java") is None:
    pytest.skip("no Java", allow_module_level=True)

import polars as pl

from engine import Pack
from engine.columns.batch import Options, evaluate_list, run_of
from engine.columns.plan import plan_of
from engine.columns.publish import companion
from engine.columns.spark import spark_executor
from engine.columns.store import Done
from engine.diagnostics import InputError
from tests.columns.lists import Profiles, run
from tests.columns.test_batch import DAY, profiles

# PySpark opens sockets that it leaves to the end of the process.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture(scope="module")
def context() -> Any:
    """One Spark for all tests of this module."""
    yield None
    from pyspark import SparkContext

    SparkContext.getOrCreate().stop()


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_spark_gives_the_files_of_columns(traps: Pack, tmp_path: Path, context: Any, kind: str) -> None:
    pack = traps
    listed = profiles(pack)
    ours, theirs = tmp_path / f"columns.{kind}", tmp_path / f"spark.{kind}"
    run(Profiles(listed, pack), ours, DAY)
    options = Options(theirs)
    seen: list[Done] = []
    source = Profiles(listed, pack)
    executor = spark_executor("local[2]", options)
    found = evaluate_list(source, run_of(plan_of(pack, DAY), options), options, seen.append, executor)
    assert sorted(done.number for done in seen) == list(range(7))
    assert found.tally.enterprises == len(listed)
    assert source.read == [], "the driver must read no slice"
    if kind == "csv":
        assert ours.read_bytes() == theirs.read_bytes()
        assert companion(ours, "masks", ".csv").read_bytes() == companion(theirs, "masks", ".csv").read_bytes()
        return
    for what in ("", "pairs", "records"):
        one, other = (companion(path, what) if what else path for path in (ours, theirs))
        assert pl.read_parquet(one).equals(pl.read_parquet(other))


def test_a_failing_slice_is_one_clear_line_and_can_be_resumed(traps: Pack, tmp_path: Path, context: Any) -> None:
    listed = profiles(traps)
    target = tmp_path / "result.parquet"
    options = Options(target)
    run_ = run_of(plan_of(traps, DAY), options)
    broken = Profiles(listed, traps, fails_at=5)
    with pytest.raises(InputError, match="有一片名单没有算成"):
        evaluate_list(broken, run_, options, lambda done: None, spark_executor("local[2]", options))
    assert not target.exists()
    source = Profiles(listed, traps)
    run(source, target, DAY, resume=True)
    assert 5 in source.read
    assert len(source.read) < 7
