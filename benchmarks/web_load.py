"""The site under load: 20 users who think for 2 seconds, against ``huiqi serve`` with 2 workers, over loopback.

``python -m benchmarks.web_load`` starts the server, lets the users walk for a minute, prints 50th and 95th percentiles of
each page and how they compare with a page that does nothing (``/api/v1/healthz``) in the same run, and writes
docs/web-load.md. The users run in a process of their own, one thread each, and share the cores with the server.

A user tells one fact after another, in an order of their own (seed ``--seed``), about one of the invented enterprises in
``samples/``: a question page after each, the result page after every third. The page is asked for with what was told so
far, as a form brings it.
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
from datetime import date
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urlencode

from benchmarks.serving import ROOT, TRIVIAL, Timed, percentile, serving, table, together
from engine.diagnostics import Findings
from engine.yaml_source import read_file
from web.site.state import State

OUT = ROOT / "docs" / "web-load.md"
SAMPLES = ("mixed", "beijing-mixed", "daxing-2021", "langfang-2016", "listed-company")
BAR = 0.150
PAGES = {"ask": "问题页 /ask", "result": "结果页 /result", TRIVIAL: "什么也不做 /api/v1/healthz"}


class User:
    """One visitor with a browser's cookie and token."""

    def __init__(self, port: int, number: int, seed: int, think: float) -> None:
        self.port, self.think = port, think
        self.random = random.Random(f"{seed}-{number}")
        self.cookie = self.token = ""
        self.timed: list[Timed] = []

    def walk(self, until: float) -> None:
        """From the first page on, and again from the beginning when everything is told."""
        time.sleep(self.random.uniform(0, self.think))
        self._arrive()
        while time.monotonic() < until:
            self._tell(dict(self.random.choice(profiles())), until)

    def _tell(self, facts: dict[str, Any], until: float) -> None:
        keys = sorted(facts)
        self.random.shuffle(keys)
        told: dict[str, Any] = {}
        for step, key in enumerate(keys):
            if time.monotonic() >= until:
                return
            self._ask_for("ask", told)
            self._pause()
            self._ask_for(TRIVIAL, told)
            told[key] = facts[key]
            if step % 3 == 2:
                self._ask_for("result", told)
                self._pause()

    def _pause(self) -> None:
        time.sleep(self.think * self.random.uniform(0.75, 1.25))

    def _arrive(self) -> None:
        answer, text = self._send("GET", "/", None)
        self.cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found, "the first page has no form"
        self.token = unescape(found[1])

    def _ask_for(self, page: str, told: dict[str, Any]) -> None:
        begun = time.monotonic()
        if page == TRIVIAL:
            answer, _ = self._send("GET", "/api/v1/healthz", None)
        else:
            form = {"csrf_token": self.token, "state": State(told).text()}
            answer, _ = self._send("POST", f"/{page}", urlencode(form))
        self.timed.append(Timed(page, time.monotonic() - begun, answer.status == 200))

    def _send(self, method: str, path: str, body: str | None) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text


_PROFILES: list[dict[str, Any]] = []


def profiles() -> list[dict[str, Any]]:
    """The invented enterprises."""
    if not _PROFILES:
        for name in SAMPLES:
            source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
            assert source is not None and isinstance(source.data, dict)
            _PROFILES.append(source.data)
    return _PROFILES


def users(port: int, count: int, seconds: float, think: float, seed: int) -> list[Timed]:
    """What ``count`` users see in ``seconds``, each in a thread of this process."""
    profiles()
    until = time.monotonic() + seconds
    everybody = [User(port, number, seed, think) for number in range(count)]
    together(partial(user.walk, until) for user in everybody)
    return [item for user in everybody for item in user.timed]


def report(timed: list[Timed], settings: argparse.Namespace) -> str:
    """The page docs/web-load.md."""
    slow = [
        PAGES[page]
        for page in ("ask", "result")
        if percentile([item.seconds for item in timed if item.page == page], 95) > BAR
    ]
    bad = sum(not item.good for item in timed)
    lines = [
        "# 网站的负载",
        "",
        "由 `python -m benchmarks.web_load` 写出，请勿手改。",
        "",
        f"{settings.users} 个用户，每页想 {settings.think:g} 秒（±25%），{settings.seconds:g} 秒；"
        f"`huiqi serve --workers {settings.workers}`，本机回环，不限频率。用户在另一个进程里，与服务共用 {os.cpu_count()} 个核。",
        f"评估日是运行当天（{date.today().isoformat()}），画像取自 samples/ 的虚构企业，一项一项地填。",
        f"机器：{platform.machine()}，Python {platform.python_version()}；开始前后的系统负载 {settings.before:.1f}、{settings.after:.1f}"
        "（其中包括别的程序）。",
        "",
        *table(timed, PAGES),
        "",
        f"应答不是 200 的：{bad} 次。要求：问题页和结果页的 p95 不超过 {BAR * 1000:.0f} 毫秒——"
        + ("达到。" if not slow else f"没有达到：{'、'.join(slow)}。"),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Serve, walk, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--think", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261101)
    parser.add_argument("--port", type=int, help="the users alone, against a server that runs already; prints JSON")
    parser.add_argument("--dry", action="store_true", help="only print, write nothing")
    settings = parser.parse_args()
    if settings.port:
        timed = users(settings.port, settings.users, settings.seconds, settings.think, settings.seed)
        print(json.dumps([(item.page, item.seconds, item.good) for item in timed]))
        return
    settings.before = os.getloadavg()[0]
    with serving(settings.workers) as port:
        command = [sys.executable, "-m", "benchmarks.web_load", "--port", str(port), "--users", str(settings.users)]
        command += ["--think", str(settings.think), "--seconds", str(settings.seconds), "--seed", str(settings.seed)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    settings.after = os.getloadavg()[0]
    found = [Timed(*item) for item in json.loads(done.stdout)]
    text = report(found, settings)
    print(text)
    if not settings.dry:
        OUT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
