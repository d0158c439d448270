"""The workbench under load: 10 people who work through queues of 100,000 applicants, against ``huiqi serve --centre``
with 2 workers, over loopback.

``python -m benchmarks.centre_load --database both`` makes a centre on SQLite and one on a PostgreSQL server that it starts
(``benchmarks.centre_seed``), serves it, lets people work for a minute, prints the 50th and 95th percentiles of each
page and how they compare with a page that does nothing (``/api/v1/healthz``) in the same run, and writes
docs/centre/load.md. The people work in a process of their own, one thread each, and share the cores with the server.

Somebody looks at the overview, opens the queue of some measure, narrows it, sorts it, turns its pages, opens applicants,
takes one of them in five, and looks somebody up by a piece of the name, all by chance (``--seed``).
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from benchmarks.centre_seed import PASSWORD, seed
from benchmarks.serving import ROOT, TRIVIAL, Timed, percentile, serving, table, together
from tests.centre.postgres import postgres
from web.centre.store import database, schema

OUT = ROOT / "docs" / "centre" / "load.md"
PEOPLE = ("clerk1", "clerk2", "clerk3", "clerk4", "reviewer1", "reviewer2", "reviewer3", "reviewer4", "head1", "auditor1")
BAR = 0.200
PAGES = {
    "desk": "工作台 /centre/",
    "overview": "全部措施 /centre/queue",
    "queue": "一项措施的队列 /centre/queue?measure=…",
    "search": "找企业 /centre/enterprises?q=…",
    "case": "一家企业 /centre/enterprise/…",
    "take": "改承办人（写入）",
    TRIVIAL: "什么也不做 /api/v1/healthz",
}
BARRED = ("queue", "case")
DATABASES = ("sqlite", "postgresql")
PIECES = ("科技", "海", "云智", "生物医药", "通州", "9111", "LS-00", "量子 新能源", "有限公司")


class Worker:
    """Somebody at the centre, with a browser's cookies and the token of the last page."""

    def __init__(self, port: int, name: str, seed: int, think: float) -> None:
        self.port, self.name, self.think = port, name, think
        self.random = random.Random(f"{seed}-{name}")
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.timed: list[Timed] = []

    def log_in(self) -> None:
        """Through the door, before the clock runs."""
        self._send("GET", "/centre/login")
        answer, _ = self._send("POST", "/centre/login", {"name": self.name, "password": PASSWORD})
        assert answer.status == 303, (self.name, answer.status)

    def work(self, until: float) -> None:
        """One round after the other."""
        time.sleep(self.random.uniform(0, self.think))
        while time.monotonic() < until:
            self._ask("desk", "/centre/")
            overview = self._ask("overview", "/centre/queue")
            queues = re.findall(r'href="(/centre/queue\?measure=[^"]+&amp;group=[^"]+)"', overview)
            for _ in range(3):
                if time.monotonic() < until:
                    self._queue(unescape(self.random.choice(queues)))
            self._ask("search", "/centre/enterprises?" + urlencode({"q": self.random.choice(PIECES)}))
            self._ask(TRIVIAL, "/api/v1/healthz")

    def _queue(self, address: str) -> None:
        """A queue as it comes, narrowed, sorted, turned; two of its applicants; one of them taken now and then."""
        page = self._ask("queue", address)
        for _ in range(2):
            more = {"sort": self.random.choice(("name", "since", "amount", "division", "assignee")), "down": self.random.choice("01")}
            if self.random.random() < 0.5:
                more |= {"division": self.random.choice(("11", "110112", "1310")), "assignee": self.random.choice(("", "me", "nobody"))}
            else:
                found = re.search(r"第 \d+ 页，共 (\d+) 页", page)
                more["page"] = str(self.random.randint(1, int(found[1]) if found else 1))
            page = self._ask("queue", f"{address}&{urlencode(more)}")
            for number in self._some(page):
                self._ask("case", f"/centre/enterprise/{number}")
                if self.random.random() < 0.2 and 'name="id"' in page:
                    self._take(address, page, number)
            self._ask(TRIVIAL, "/api/v1/healthz")

    def _some(self, page: str) -> list[str]:
        numbers = sorted(set(re.findall(r'href="/centre/enterprise/(\d+)"', page)))
        return self.random.sample(numbers, min(len(numbers), 1))

    def _take(self, address: str, page: str, number: str) -> None:
        seen = re.search(r'name="seen" value="(\d+)"', page)
        assert seen
        form = {"id": number, "seen": seen[1], "do": "take"}
        # That somebody else was quicker is an answer too.
        self._ask("take", "/centre/queue/assign?" + address.partition("?")[2], form, (303, 409))

    def _ask(self, page: str, path: str, form: dict[str, str] | None = None, good: tuple[int, ...] = (200,)) -> str:
        begun = time.monotonic()
        answer, body = self._send("GET" if form is None else "POST", path, form)
        self.timed.append(Timed(page, time.monotonic() - begun, answer.status in good))
        if page != TRIVIAL:
            time.sleep(self.think * self.random.uniform(0.75, 1.25))
        return body

    def _send(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode({"csrf_token": self.token, **form})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        told = answer.read().decode()
        connection.close()
        for cookie in answer.msg.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="csrf_token" value="([^"]+)"', told)
        self.token = unescape(found[1]) if found else self.token
        return answer, told


def people(port: int, seconds: float, think: float, seed: int) -> list[Timed]:
    """What everybody sees in ``seconds``, each in a thread of this process."""
    everybody = [Worker(port, name, seed, think) for name in PEOPLE]
    for worker in everybody:
        worker.log_in()
    until = time.monotonic() + seconds
    together(partial(worker.work, until) for worker in everybody)
    return [item for worker in everybody for item in worker.timed]


@contextmanager
def centre(kind: str, count: int, number: int) -> Iterator[tuple[str, float]]:
    """The address of a seeded database, and how many seconds seeding took."""
    with TemporaryDirectory(prefix="hq-load-") as folder:
        if kind == "sqlite":
            address = str(Path(folder) / "centre.db")
            yield address, _seeded(address, count, number)
            return
        with postgres(durable=True) as server:
            address = server.format(name="postgres")
            yield address, _seeded(address, count, number)


def _seeded(address: str, count: int, number: int) -> float:
    begun = time.monotonic()
    engine = database.connect(database.address_of(address))
    schema.migrate(engine)
    seed(engine, count, date.today(), number)
    engine.dispose()
    return time.monotonic() - begun


def measured(kind: str, settings: argparse.Namespace) -> list[Timed]:
    """What people see of a centre on this kind of database."""
    with centre(kind, settings.count, settings.seed) as (address, seconds), TemporaryDirectory(prefix="hq-files-") as files:
        print(f"{kind}: {settings.count} 家，写入用了 {seconds:.0f} 秒", file=sys.stderr)
        options = ["--centre", "--database", address, "--files", files, "--no-worker"]
        with serving(settings.workers, options) as port:
            command = [sys.executable, "-m", "benchmarks.centre_load", "--port", str(port)]
            command += ["--think", str(settings.think), "--seconds", str(settings.seconds), "--seed", str(settings.seed)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return [Timed(*item) for item in json.loads(done.stdout)]


def report(results: dict[str, tuple[list[Timed], tuple[float, float]]], settings: argparse.Namespace) -> str:
    """The page docs/centre/load.md."""
    lines = [
        "# 工作台的负载",
        "",
        "由 `python -m benchmarks.centre_load --database both` 写出，请勿手改。",
        "",
        f"{settings.count:,} 家申报人（`benchmarks.centre_seed`：几百种画像，由工作台的服务对照一次，名称和代码各不相同，都在链上）；"
        f"{len(PEOPLE)} 个人，每页想 {settings.think:g} 秒（±25%），{settings.seconds:g} 秒；"
        f"`huiqi serve --centre --workers {settings.workers}`，本机回环。"
        f"人在另一个进程里，与服务共用 {os.cpu_count()} 个核；PostgreSQL 也在这台机器上。",
        "看队列时随机筛选、排序、翻页，打开企业，五次里有一次由自己承办——写入以后，每个进程的名册都要更新。",
        f"机器：{platform.machine()}，Python {platform.python_version()}。",
    ]
    for kind, (timed, loads) in results.items():
        seconds = {page: [item.seconds for item in timed if item.page == page] for page in BARRED}
        slow = [PAGES[page] for page in BARRED if percentile(seconds[page], 95) > BAR]
        bad = sum(not item.good for item in timed)
        lines += [
            "",
            f"## {'SQLite' if kind == 'sqlite' else 'PostgreSQL'}",
            "",
            f"开始前后的系统负载 {loads[0]:.1f}、{loads[1]:.1f}（其中包括别的程序）。",
            "",
            *table(timed, PAGES),
            "",
            f"应答不合预期的：{bad} 次。要求：队列和企业页的 p95 不超过 {BAR * 1000:.0f} 毫秒——"
            + ("达到。" if not slow else f"没有达到：{'、'.join(slow)}。"),
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Seed, serve, work, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--think", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261101)
    parser.add_argument("--port", type=int, help="the people alone, against a server that runs already; prints JSON")
    parser.add_argument("--dry", action="store_true", help="only print, write nothing")
    settings = parser.parse_args()
    if settings.port:
        timed = people(settings.port, settings.seconds, settings.think, settings.seed)
        print(json.dumps([(item.page, item.seconds, item.good) for item in timed]))
        return
    results: dict[str, Any] = {}
    for kind in DATABASES if settings.database == "both" else (settings.database,):
        before = os.getloadavg()[0]
        results[kind] = measured(kind, settings), (before, os.getloadavg()[0])
    told = report(results, settings)
    print(told)
    # A page about one database, or a smaller centre, would pass for the whole.
    if settings.database == "both" and settings.count >= 100_000 and not settings.dry:
        OUT.write_text(told, "utf-8")


if __name__ == "__main__":
    main()
