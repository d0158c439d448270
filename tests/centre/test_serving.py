"""``huiqi serve --centre``: two processes on one database, a secret that survives, and why it cannot start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from sqlalchemy import Engine, select

from tests.centre.office import PASSWORD, people
from tests.helpers import ROOT
from web.centre.store import chain
from web.centre.store.database import reading
from web.centre.store.tables import AuditEntry

COMMAND = [sys.executable, "-m", "cli.main", "serve", "--port", "0", "--centre"]
WAIT = 120


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the workbench's address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=folder
    )
    try:
        assert process.stdout is not None
        told = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"http://\S+/centre/", told)
        assert found, told
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


def run(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command where it is to fail."""
    told = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([*COMMAND, *options], capture_output=True, text=True, env=told, cwd=folder, timeout=WAIT)


class Browser:
    """Somebody at a browser, over the network."""

    def __init__(self, address: str) -> None:
        self.address, self.opener = address, build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """A page, to where it leads. Raises HTTPError."""
        return self._read(self.opener, path, None)

    def post(self, path: str, page: str, **form: str) -> str:
        """A form of ``page``. Raises HTTPError."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        return self._read(self.opener, path, urlencode({"csrf_token": token[1], **form}).encode())

    def log_in(self, name: str) -> str:
        """The first page of somebody."""
        return self.post("login", self.get("login"), name=name, password=PASSWORD)

    def _read(self, opener: OpenerDirector, path: str, data: bytes | None) -> str:
        with opener.open(self.address + path, data, timeout=WAIT) as answer:
            assert answer.status == 200
            text: str = answer.read().decode()
            return text


@pytest.mark.slow
def test_two_processes_share_a_database_and_no_connection(engine: Engine, tmp_path: Path) -> None:
    """Everybody works at once; nothing fails, nothing is lost, the chain holds; a login survives a restart."""
    people(engine)
    address = engine.url.render_as_string(hide_password=False)
    options = ("--database", address, "--files", str(tmp_path / "files"), "--workers", "2", "--page-rate", "9999 per minute")
    with serving(tmp_path, *options) as (process, found):
        visits = [Browser(found) for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda visit: visit.log_in("administrator"), visits))

            def work(number: int) -> None:
                visit = visits[number % 6]
                page = visit.get("audit")
                visit.post("audit/verify", page)

            list(pool.map(work, range(30)))
        process.send_signal(signal.SIGTERM)
        log, _ = process.communicate(timeout=WAIT)
    assert process.returncode == 0 and " 500 " not in log and "Traceback" not in log, log
    with reading(engine) as session:
        actions = Counter(session.execute(select(AuditEntry.action)).scalars())
        assert actions == {"logged-in": 6, "chain-verified": 30}
        assert list(chain.verify(session)) == []
    with serving(tmp_path, *options) as (_, again):
        visits[0].address = again
        assert "管理员" in visits[0].get("audit")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "huiqi centre init"),
        (("--database", "mysql://x/y"), "不支持mysql"),
        (("--login-header", "X-User"), "要一起用"),
        (("--trusted", "10.0.0.1"), "要一起用"),
        (("--login-header", "X-User", "--trusted", "proxy"), "看不懂地址“proxy”"),
        (("--login-header", "X-User", "--trusted", "0.0.0.0/0"), "谁都能冒充"),
        (("--login-header", "X User", "--trusted", "10.0.0.1"), "不是请求头的名称"),
        (("--jobs", "http://user:secret@x"), "redis://"),
    ],
)
def test_what_cannot_be_served_is_one_clear_line(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    found = run(tmp_path, *options)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert told in found.stderr and "secret" not in found.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_secret_that_will_not_do_is_told(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    init = [sys.executable, "-m", "cli.main", "centre", "init"]
    subprocess.run(init, check=True, capture_output=True, env=environment, cwd=tmp_path)
    found = run(tmp_path, HUIQI_SECRET="short")
    assert (found.returncode, found.stderr.count("\n")) == (2, 1) and "HUIQI_SECRET" in found.stderr


def test_what_is_of_the_workbench_needs_the_workbench(tmp_path: Path) -> None:
    command = [word for word in COMMAND if word != "--centre"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HUIQI_DATABASE": "x.db"}
    found = subprocess.run(
        [*command, "--database", "x.db"], capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=WAIT
    )
    assert found.returncode == 2 and "--database 要和 --centre 一起用" in found.stderr
