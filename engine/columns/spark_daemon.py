"""The process that Spark forks its Python workers from, with what every worker needs already read.

Spark starts it on each node as ``python -m engine.columns.spark_daemon``, by its own setting
``spark.python.daemon.module``. Spark's own daemon imports nothing, so each worker reads PySpark out of a zip archive,
compiling it anew each time, and then the engine. INVARIANT: nothing that starts a thread is imported here (Polars, numpy
and pyarrow do), because a fork takes no thread along.
"""

from __future__ import annotations

import runpy
import sys

import engine as engine  # the rules' shapes and compiler, once for all workers

_ARCHIVE = "pyspark.zip"


def installed_first(places: list[str]) -> list[str]:
    """Places to import from, with Spark's archive of PySpark behind the installed one, which is compiled already."""
    return sorted(places, key=lambda place: place.endswith(_ARCHIVE))


def main() -> None:
    """Serve Spark until it closes the daemon's standard input."""
    sys.path[:] = installed_first(sys.path)
    # Spark's own daemon, as Spark would start it.
    runpy.run_module("pyspark.daemon", run_name="__main__")


if __name__ == "__main__":
    main()
