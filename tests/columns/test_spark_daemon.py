"""What Spark forks its workers from: where it imports from, and that it starts no thread before the fork."""

from __future__ import annotations

import subprocess
import sys

from engine.columns.spark_daemon import installed_first


def test_an_installed_pyspark_comes_before_sparks_archive() -> None:
    places = ["", "/spark/python/lib/pyspark.zip", "/spark/python/lib/py4j-0.10-src.zip", "/venv/site-packages"]
    assert installed_first(places) == ["", places[2], places[3], places[1]]


def test_nothing_that_starts_threads_is_imported_before_the_fork() -> None:
    code = "import sys, engine.columns.spark_daemon; print(sorted({'numpy', 'polars', 'pyarrow'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
