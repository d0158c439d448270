"""The executor ``spark``: Spark schedules slices over a cluster, and each task runs the same kernel on its slice.

A task reads its slice itself and puts the frames into the folder of the work, so files and output have to lie where every
node reaches them by the same path. The rules travel with the job.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.columns.store import Done, Store
from engine.diagnostics import Finding, InputError

if TYPE_CHECKING:
    from engine.columns.batch import Evaluate, Options
    from engine.columns.frame import ListSource
    from engine.columns.run import Run
    from engine.pack import Pack

_POLL = 0.5  # seconds between looks at what is finished
_SOON = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""Java options for programs that do little: Java starts sooner with the plain collector and the first compiler."""


@dataclass(frozen=True, slots=True)
class Job:
    """All that a task needs to know."""

    pack: Pack
    as_of: date
    options: Options
    folder: Path
    source: ListSource


def spark_executor(master: str, options: Options) -> Evaluate:
    """An executor on the cluster at ``master``. Raises InputError where PySpark or Java is missing."""

    def evaluate(
        run: Run, store: Store, source: ListSource, finished: frozenset[int], progress: Callable[[Done], None]
    ) -> None:
        job = Job(run.plan.pack, run.plan.as_of, options, store.folder.resolve(), source)
        numbers = [number for number in range(slices(source)) if number not in finished]
        _on_cluster(master, job, numbers, store, finished, progress)

    return evaluate


def slices(source: ListSource) -> int:
    """How many slices a list has."""
    if source.rows is None:
        raise InputError(
            [Finding("--executor", 0, 0, "spark-unknown-rows", "这份名单不能分给集群，请用 columns 执行器")]
        )
    return max(1, -(-source.rows // source.size))


def _on_cluster(
    master: str, job: Job, numbers: list[int], store: Store, finished: frozenset[int], progress: Callable[[Done], None]
) -> None:
    if not numbers:
        return
    context = _context(master)
    packed = _packed(job)
    known = set(finished)

    def look() -> None:
        for done in store.finished():
            if done.number not in known:
                known.add(done.number)
                progress(done)

    failure: list[BaseException] = []

    def submit() -> None:
        try:
            shared = context.broadcast(packed)
            # One slice is one task, so that a lost node costs no more than the slices it was at.
            context.parallelize(numbers, len(numbers)).mapPartitions(lambda part: _work(shared.value, part)).collect()
        except Exception as error:
            failure.append(error)

    thread = threading.Thread(target=submit, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL)
        look()
    look()
    if failure:
        raise InputError(
            [Finding(f"Spark {master}", 0, 0, "spark-failed", "有一片名单没有算成", "见 Spark 的日志")]
        ) from failure[0]


def _context(master: str) -> Any:
    """A Spark context; a running one is used as it is."""
    try:
        from pyspark import SparkConf, SparkContext
    except ImportError:
        hint = "请安装：pip install 'huiqi[spark]'，并装好 Java 17"
        raise InputError([Finding("--executor", 0, 0, "spark-not-installed", "未安装 PySpark", hint)]) from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # A task has one core; on a machine with several, tasks and not threads share them.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    # The driver hands out a few tasks and computes nothing; who has set options of their own keeps them.
    os.environ.setdefault("SPARK_LAUNCHER_OPTS", _SOON)
    os.environ.setdefault("SPARK_SUBMIT_OPTS", _SOON)
    conf = SparkConf().setMaster(master).setAppName("huiqi").set("spark.ui.enabled", "false")
    conf.set("spark.ui.showConsoleProgress", "false").set("spark.executorEnv.POLARS_MAX_THREADS", "1")
    conf.set("spark.python.daemon.module", "engine.columns.spark_daemon")
    try:
        context = SparkContext.getOrCreate(conf)
    except Exception as error:
        hint = "请确认已安装 Java 17，并核对 --master"
        raise InputError([Finding(f"Spark {master}", 0, 0, "spark-unavailable", "不能启动 Spark", hint)]) from error
    context.setLogLevel("ERROR")
    return context


def _packed(job: Job) -> bytes:
    """The job as bytes. The code tables remember answers in caches of inner functions, which pickling refuses."""
    from pyspark import cloudpickle

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, item: Any) -> Any:
            if isinstance(item, _CACHE):
                return _cached, (item.__wrapped__, item.cache_parameters()["maxsize"])
            return super().reducer_override(item)  # type: ignore[no-untyped-call]

    stream = io.BytesIO()
    Pickler(stream).dump(job)  # type: ignore[no-untyped-call]
    return stream.getvalue()


_CACHE = type(lru_cache(maxsize=1)(len))


def _cached(function: Callable[..., Any], size: int) -> Callable[..., Any]:
    """An empty cache before a function."""
    return lru_cache(maxsize=size)(function)


_JOBS: dict[bytes, tuple[Job, Run]] = {}
"""What a worker process has compiled; it serves many tasks."""


def _work(packed: bytes, numbers: Iterator[int]) -> Iterator[int]:
    """A task: evaluate slices by their numbers and keep their frames."""
    job, run = _job(packed)
    store, every = Store(job.folder), range(slices(job.source))
    for number in numbers:
        for raw in job.source.slices(finished=[other for other in every if other != number]):
            frames, done = run.one(raw)
            store.keep(raw.number, frames)
            store.finish(done)
            yield raw.number


def _job(packed: bytes) -> tuple[Job, Run]:
    from engine.columns.batch import run_of
    from engine.columns.plan import plan_of

    key = hashlib.sha256(packed).digest()
    if key not in _JOBS:
        _JOBS.clear()
        job: Job = pickle.loads(packed)
        _JOBS[key] = job, run_of(plan_of(job.pack, job.as_of), job.options)
    return _JOBS[key]
