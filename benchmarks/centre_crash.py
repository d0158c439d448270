"""Killed at any moment: is anything lost that was acknowledged?

``python -m benchmarks.centre_crash`` serves the workbench by ``huiqi serve --centre`` on SQLite and then on PostgreSQL. A clerk
hands in one list after another, of the same enterprises with other figures each time; reviewers judge as fast as the pages
come. Meanwhile processes are killed (SIGKILL) at random moments: the one that works on lists, one that serves pages, or the
server itself, which is then begun again. Afterwards, when everything that was begun has ended, it checks:

- each finding that was answered with 303 is there exactly once, and none twice;
- each list that was taken in is there with its files; each that was begun has ended, with rows = stored + rejected, and
  exactly the rows that cannot be used among what was not used;
- each enterprise has as many profile versions, in order, as lists told something new of it, the newest of them what the last
  list said, and no determination comes twice; queues read the newest one;
- the chain holds, and so does every determination when it is made again (a sample of them).

Prints what happened; exits 1 where anything was lost or wrong.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.centre_crash_checks import Handed, all_begun, listed, problems
from benchmarks.centre_writers import MATTERS, Reviewer, fill, on_each_database
from benchmarks.serving import GONE, answers, free_port, spawn
from engine.compiler import compile_pack
from engine.loader import load_pack
from web.centre.store import database, schema

TARGETS = ("worker", "page", "server")


@dataclass(slots=True)
class Server:
    """``huiqi serve --centre`` on a port of its own, which can be killed and begun again."""

    options: list[str]
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Begin it, and wait until it answers."""
        self.port = self.port or free_port()
        for _ in range(20):
            self.process = spawn(self.port, 2, self.options)
            if self._answers():
                return
        raise SystemExit("huiqi serve 没有启动")

    def _answers(self) -> bool:
        assert self.process is not None
        while self.process.poll() is None:
            if answers(self.port):
                return True
            time.sleep(0.1)
        # The processes of the one before may hold the port for a moment more.
        time.sleep(0.5)
        return False

    def kill(self, target: str) -> bool:
        """Kill one of its processes; whether there was one."""
        assert self.process is not None
        if target == "server":
            self.process.kill()
            self.process.wait()
            return True
        found = [pid for pid in _children(self.process.pid) if (b"centre\0work" in _words(pid)) == (target == "worker")]
        if not found:
            return False
        try:
            os.kill(random.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def end(self) -> None:
        """End it as somebody would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def _children(parent: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()] + [
            int(word)
            for task in Path(f"/proc/{parent}/task").iterdir()
            if task.name != str(parent)
            for word in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class Stubborn(Reviewer):
    """A reviewer who goes on when the server does not answer. What was sent then may be kept or not."""

    def persist(self, over: threading.Event) -> None:
        """Judge until it is over."""
        chance, tried = random.Random(self.name), 0
        self._arrive_at_last(over)
        while not over.is_set():
            try:
                self._judge(chance.choice(self.enterprises), *chance.choice(MATTERS), chance.random() < 0.5, tried)
            except GONE:
                time.sleep(0.2)
            tried += 1

    def _arrive_at_last(self, over: threading.Event) -> None:
        while not over.is_set():
            try:
                self.arrive()
                return
            except GONE:
                time.sleep(0.2)


@dataclass(slots=True)
class Clerk(Reviewer):
    """Hands in one list after another, begins the work on it and waits for its end."""

    rows: int = 0
    kept: dict[int, int] = field(default_factory=dict)
    """Lists that were taken in: their number, and which of the lists it is."""
    begun: set[int] = field(default_factory=set)

    def hand_in_lists(self, over: threading.Event) -> None:
        """Until it is over; then what was begun is waited for."""
        turn = 0
        while not over.is_set():
            try:
                self._log_in()
                break
            except (AssertionError, *GONE):
                time.sleep(0.2)
        while not over.is_set():
            turn += 1
            number = self._handed_in(turn, over)
            if number is not None and self._started(number, over):
                self._wait_for(number)

    def _handed_in(self, turn: int, over: threading.Event) -> int | None:
        while not over.is_set():
            try:
                _status, page = self._send("GET", "/centre/lists", None)
                form = {"csrf_token": unescape(_value(page, "csrf_token"))}
                status, place = self._sent_file("/centre/lists", form, f"名单{turn}.csv", listed(self.rows, turn))
                assert status == 303, f"名单{turn}：{status}"
                number = int(place.rpartition("/")[2])
                self.kept[number] = turn
                return number
            except GONE:
                time.sleep(0.2)
        return None

    def _started(self, number: int, over: threading.Event) -> bool:
        path = f"/centre/lists/{number}"
        while not over.is_set():
            try:
                _status, page = self._send("GET", path, None)
                if 'class="mapping"' not in page:
                    # Begun by what was sent before the server went.
                    self.begun.add(number)
                    return True
                status, _page = self._send("POST", path, urlencode({**controls(page), "do": "start"}))
                assert status in (303, 409), f"名单{number}：{status}"
                self.begun.add(number)
                return True
            except GONE:
                time.sleep(0.2)
        return False

    def _wait_for(self, number: int) -> None:
        while True:
            try:
                _status, text = self._send("GET", f"/centre/lists/{number}/progress", None)
                if not re.search(r'"state":\s*"(waiting|running|cancelling)"', text):
                    return
            except GONE:
                pass
            time.sleep(0.3)

    def _sent_file(self, path: str, form: dict[str, str], name: str, content: str) -> tuple[int, str]:
        parts = {**form, f'files"; filename="{name}': content}
        body = "".join(
            f'--huiqi\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n' for key, text in parts.items()
        )
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        cookies = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        headers = {"Cookie": cookies, "Content-Type": "multipart/form-data; boundary=huiqi"}
        connection.request("POST", path, (body + "--huiqi--\r\n").encode(), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers.get("Location", "")


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found[1]


def controls(page: str) -> dict[str, str]:
    """What a browser would send of the form of the mapping, where nothing has to be said any more."""
    found = re.search(r'<form [^>]*class="mapping">(.*?)</form>', page, re.S)
    assert found, "the page has no mapping"
    told: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", found[1]):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") != "checkbox" or " checked" in tag:
            told[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', found[1], re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', body)
        told[name] = chosen[1] if chosen else ""
    return told


def measured(kind: str, address: str, settings: argparse.Namespace) -> list[str]:
    """Serve, write, kill, wait, check, print; what was wrong."""
    program, engine = compile_pack(load_pack()), database.connect(database.address_of(address))
    schema.migrate(engine)
    names, enterprises = fill(engine, program, settings.reviewers, 5, date.today())
    chance, over, killed = random.Random(settings.seed), threading.Event(), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="hq-files-") as folder:
        server = Server(["--centre", "--database", address, "--files", folder, *settings.option])
        server.begin()
        everybody = [Stubborn(server.port, name, enterprises) for name in names]
        clerk = Clerk(server.port, "clerk", enterprises, rows=settings.rows)
        failed: list[str] = []

        def work(step: Callable[[threading.Event], None]) -> None:
            try:
                step(over)
            except Exception as error:
                failed.append(f"{type(error).__name__}: {error}")

        steps = [*(reviewer.persist for reviewer in everybody), clerk.hand_in_lists]
        threads = [threading.Thread(target=work, args=(step,)) for step in steps]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        while killed.total() < settings.kills:
            time.sleep(chance.uniform(0.2, settings.longest))
            target = TARGETS[killed.total() % len(TARGETS)]
            if server.kill(target):
                killed[target] += 1
            if target == "server":
                server.begin()
        time.sleep(1)
        over.set()
        for thread in threads:
            thread.join()
        clerk.begun |= all_begun(engine, clerk.kept)
        seconds = time.monotonic() - begun
        server.end()
        said = [item for reviewer in everybody for item in reviewer.said]
        refused = Counter[str]()
        for reviewer in everybody:
            refused += reviewer.bad
        wrong = failed + list(problems(engine, said, refused, Handed(settings.rows, clerk.kept, clerk.begun, Path(folder))))
    engine.dispose()
    found = Counter(item.status for item in said)
    print(f"== {kind}：{seconds:.0f} 秒，杀死 {killed['worker']} 次名单进程、{killed['page']} 次网页进程、{killed['server']} 次服务器 ==")
    print(f"名单收下 {len(clerk.kept)} 份，做完 {len(clerk.begun)} 份，每份 {settings.rows:,} 行；", end="")
    print(f"意见写入 {found[303]} 条，冲突 {found[409]} 次")
    for line in [f"✗ {text}" for text in wrong[:20]] or ["应答过的都在，没有重复，名单都做完，数目对得上，链成立"]:
        print(line, flush=True)
    return wrong


def main() -> None:
    """Both kinds of database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=12_000)
    parser.add_argument("--reviewers", type=int, default=3)
    parser.add_argument("--longest", type=float, default=6.0, help="seconds between two kills, at most")
    parser.add_argument("--seed", type=int, default=20_260_630)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--option", action="append", default=[], help="a further word for huiqi serve")
    on_each_database(parser.parse_args(), measured)


if __name__ == "__main__":
    main()
