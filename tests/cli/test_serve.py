"""``huiqi serve``: it starts, answers, logs no data, stops when told, and says clearly why it cannot start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers import ROOT

COMMAND = [sys.executable, "-m", "cli.main", "serve"]
WAIT = 60


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", "--workers", "1", *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+:\d+/", process.stdout.readline())
        assert found
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The command where it is to fail."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*COMMAND, *options], capture_output=True, text=True, env=environment, cwd=ROOT, timeout=WAIT)


@pytest.mark.slow
def test_it_serves_until_it_is_told_to_stop() -> None:
    """A page and a file; the log has paths, no addresses and no query strings; the end is in order."""
    with serving() as (process, address):
        with urllib.request.urlopen(address, timeout=WAIT) as answer:
            assert "惠企政策自查" in answer.read().decode()
            assert answer.headers["Server"] in (None, "gunicorn")  # no version
        with urllib.request.urlopen(f"{address}suggest/division?q=secret", timeout=WAIT) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        log, _ = process.communicate(timeout=WAIT)
    assert process.returncode == 0
    assert "GET /suggest/division 200" in log
    assert "secret" not in log and "127.0.0.1" not in log and "Traceback" not in log


@pytest.mark.slow
def test_it_warns_where_others_can_reach_it() -> None:
    with serving("--host", "0.0.0.0") as (process, _):
        assert process.stdout is not None
        assert "别的机器也能访问" in process.stdout.readline()


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = run("--port", str(port))
    assert found.returncode == 2
    assert f"端口 {port} 已被占用" in found.stderr
    assert found.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options, told",
    [
        (("--host", "192.0.2.1"), "不是本机的地址"),
        (("--host", "no such host"), "看不懂地址"),
        (("--page-rate", "often"), "看不懂频率"),
        (("--workers", "0"), "--workers"),
        (("--sources", "/no/such/folder"), "/no/such/folder"),
    ],
)
def test_bad_usage_is_one_line(options: tuple[str, ...], told: str) -> None:
    found = run("--port", "0", *options)
    assert found.returncode == 2
    assert told in found.stderr
    assert found.stderr.count("\n") == 1


def test_broken_rules_are_told(tmp_path: Path) -> None:
    found = run("--port", "0", "--rules", str(tmp_path))
    assert found.returncode == 2
    assert "http://" not in found.stderr and "Traceback" not in found.stderr
