"""What measurements against a running ``huiqi serve`` share: the server, people at work in threads, a table of what they saw."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANY = "1000000 per minute"
"""A rate that nobody reaches."""
TRIVIAL = "healthz"
"""The page that does nothing, which everything is compared with."""
GONE = (OSError, http.client.HTTPException)
"""How a server shows that it is not there."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One answer: which page, how long it took in seconds, whether it was a page at all."""

    page: str
    seconds: float
    good: bool


def free_port() -> int:
    """A port on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def spawn(port: int, workers: int, options: Sequence[str]) -> subprocess.Popen[bytes]:
    """``huiqi serve`` as a process that has just begun, with no log; ``options`` are further words of the command."""
    words = ["serve", "--port", str(port), "--workers", str(workers), "--no-access-log", "--page-rate", MANY]
    command = [sys.executable, "-m", "cli.main", *words, "--api-rate", MANY, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def answers(port: int) -> bool:
    """Whether a server there says that it is well."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/api/v1/healthz")
        return connection.getresponse().status == 200
    except GONE:
        return False


@contextmanager
def serving(workers: int, options: Sequence[str] = ()) -> Iterator[int]:
    """``huiqi serve`` on a free port, with a rate that nobody reaches; ``options`` are further words of the command."""
    port = free_port()
    process = spawn(port, workers, options)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("huiqi serve 没有启动")
        if answers(port):
            return
        time.sleep(0.1)
    raise SystemExit("huiqi serve 没有应答")


def together(steps: Iterable[Callable[[], None]]) -> None:
    """Everybody's work at once, each in a thread; comes back when all have done."""
    threads = [threading.Thread(target=step) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def percentile(values: list[float], percent: int) -> float:
    """By linear interpolation between the values."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def table(timed: Sequence[Timed], pages: Mapping[str, str]) -> list[str]:
    """Rows of Markdown: page, answers, percentiles in milliseconds, ratios to the trivial page. ``pages``: what each is
    called, in their order; one that was hardly asked for has no row."""
    found = {page: sorted(item.seconds for item in timed if item.page == page) for page in pages}
    base = {q: percentile(found[TRIVIAL], q) for q in (50, 95)}
    rows = ["| 页 | 次数 | 中位数（毫秒） | p95（毫秒） | 最慢 | p50 是空页的 | p95 是空页的 |", "|---|--:|--:|--:|--:|--:|--:|"]
    for page, label in pages.items():
        if len(found[page]) < 2:
            continue
        half, most = percentile(found[page], 50), percentile(found[page], 95)
        rows.append(
            f"| {label} | {len(found[page])} | {half * 1000:.0f} | {most * 1000:.0f} | {found[page][-1] * 1000:.0f} "
            f"| {half / base[50]:.1f} 倍 | {most / base[95]:.1f} 倍 |"
        )
    return rows
