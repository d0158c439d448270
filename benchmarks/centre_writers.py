"""Reviewers writing at once: does every finding that was acknowledged stand in the database, once, and nothing else?

``python -m benchmarks.centre_writers`` serves the workbench by ``huiqi serve --centre`` on SQLite and then on PostgreSQL, and
lets ten reviewers judge for a minute, each as fast as the pages come, while a clerk changes profiles. Few enterprises and few
matters, so that they get into each other's way. Afterwards it checks:

- each finding that was answered with 303 is there exactly once, on the profile that its author saw, and what came right before
  it on the same matter is what its author saw; no other finding is there;
- each 409 was right: somebody else's word, or a newer profile, had come in between, and nothing of it is kept;
- nothing else was answered, above all no 5xx; the chain holds; every enterprise stands as its profile and findings say.

Prints writes a second and latencies, beside a page that does nothing (``/api/v1/healthz``) asked for in the same run. Exits 1
where anything was lost or wrong.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

from sqlalchemy import Engine, func, select

from benchmarks.serving import ROOT, percentile, serving
from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.loader import BUILT_IN, load_pack
from engine.program import Program
from engine.yaml_source import read_file
from tests.centre.postgres import postgres
from web.centre import accounts, keeping, packs
from web.centre.store import chain, database, schema
from web.centre.store.database import reading, writing
from web.centre.store.tables import FindingRow, ProfileVersion, Standing, User

PASSWORD = "并发写入的一句密码"
MATTERS = (("dx25-key-result", ""), ("dx25-key-industry-patent", ""), ("tz-outstanding-youth", "人才乙"))
"""Judgements that the invented enterprise of samples/beijing-mixed.yaml waits for, each with the record that it is about."""
KINDS = {"find": "记下一条意见（POST）", "page": "打开认定页（GET）", "noop": "什么也不做 /api/v1/healthz"}


@dataclass(frozen=True, slots=True)
class Said:
    """One attempt to write a finding: on what, having seen what, and the status of the answer."""

    enterprise: int
    judgement: str
    about: str
    newest: int
    profile: int
    reason: str
    status: int


@dataclass(slots=True)
class Reviewer:
    """Somebody at a browser who judges one thing after another."""

    port: int
    name: str
    enterprises: list[int]
    cookies: dict[str, str] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    timed: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    bad: Counter[str] = field(default_factory=Counter)

    def arrive(self) -> None:
        """Log in, and look at one page, which is not counted: a server's first answers take longer."""
        self._log_in()
        self._send("GET", f"/centre/enterprise/{self.enterprises[0]}/judge?judgement={MATTERS[0][0]}", None)

    def work(self, go_on: Callable[[int], bool]) -> None:
        """Judge while ``go_on`` says so of the number of findings tried."""
        chance, tried = random.Random(self.name), 0
        while go_on(tried):
            self._judge(chance.choice(self.enterprises), *chance.choice(MATTERS), chance.random() < 0.5, tried)
            tried += 1

    def _judge(self, number: int, judgement: str, about: str, answer: bool, tried: int) -> None:
        path = f"/centre/enterprise/{number}/judge"
        status, page = self._timed("page", "GET", f"{path}?{urlencode({'judgement': judgement})}", None)
        if status != 200:
            self.bad[f"GET {status}"] += 1
            return
        self._timed("noop", "GET", "/api/v1/healthz", None)
        # A judgement of a record opens on the first that waits; the newest word on this one stands in its own page.
        if unescape(_field(page, "about")) != about:
            found = re.search(rf'href="([^"]+)"[^>]*>[^<]*{about}</a>', page)
            assert found, "the record cannot be chosen"
            status, page = self._timed("page", "GET", unescape(found[1]), None)
        seen, reason = (int(_field(page, "newest")), int(_field(page, "profile"))), f"{self.name}的第{tried}条意见"
        form = {
            "csrf_token": unescape(_field(page, "csrf_token")), "judgement": judgement, "about": about, "newest": seen[0],
            "profile": seen[1], "finding": "yes" if answer else "no", "reason": reason,
        }  # fmt: skip
        status, _page = self._timed("find", "POST", path, urlencode(form))
        self.said.append(Said(number, judgement, about, *seen, reason, status))

    def _log_in(self) -> None:
        _status, page = self._send("GET", "/centre/login", None)
        form = {"csrf_token": unescape(_field(page, "csrf_token")), "name": self.name, "password": PASSWORD}
        status, _page = self._send("POST", "/centre/login", urlencode(form))
        assert status == 303, f"{self.name} 登录得到 {status}"

    def _timed(self, kind: str, method: str, path: str, body: str | None) -> tuple[int, str]:
        begun = time.monotonic()
        answer = self._send(method, path, body)
        self.timed[kind].append(time.monotonic() - begun)
        return answer

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, text


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found[1]


def fill(
    engine: Engine, program: Program, reviewers: int, enterprises: int, today: date
) -> tuple[list[str], list[int]]:
    """Reviewers and enterprises that wait for judgement, in a database of the newest schema: names and numbers."""
    names = [f"reviewer{place}" for place in range(1, reviewers + 1)]
    with writing(engine) as session:
        packs.keep(session, program.pack, BUILT_IN)
        hashed = accounts.hashed(PASSWORD)
        for name in ("clerk", *names):
            role = "clerk" if name == "clerk" else "reviewer"
            session.add(User(name=name, full_name=name, role=role, password=hashed, created_at=database.now()))
    return names, [tell(engine, program, place, 0, today) for place in range(1, enterprises + 1)]


def tell(engine: Engine, program: Program, place: int, times: int, today: date) -> int:
    """What the clerk knows of an enterprise after so many corrections; its number."""
    with writing(engine) as session:
        clerk = session.execute(select(User).where(User.name == "clerk")).scalar_one()
        one = keeping.enterprise_of(session, f"k{place}", keeping.Head(f"企业{place}", "110115", None, None))
        data = {**_sample(), "staff_total": 80 + times}
        profile = keeping.add_profile(session, one, data, "form", clerk)
        keeping.determine(session, profile, program, today, clerk)
        return one.id


def _sample() -> dict[str, Any]:
    source = read_file(ROOT / "samples" / "beijing-mixed.yaml", Findings(), rule_file=False)
    assert source is not None
    told: dict[str, Any] = json.loads(json.dumps(source.data, default=str, ensure_ascii=False))
    del told["findings"]
    return told


def arrived(port: int, names: list[str], enterprises: list[int]) -> list[Reviewer]:
    """Everybody, logged in one after the other."""
    everybody = [Reviewer(port, name, enterprises) for name in names]
    for reviewer in everybody:
        reviewer.arrive()
    return everybody


def judge(everybody: list[Reviewer], go_on: Callable[[int], bool], correct: Callable[[int], None]) -> None:
    """Everybody at once; ``correct`` is called again and again, with its count, until the last one is done."""
    failed: list[BaseException] = []

    def work(reviewer: Reviewer) -> None:
        try:
            reviewer.work(go_on)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(reviewer,)) for reviewer in everybody]
    for thread in threads:
        thread.start()
    times = 0
    while any(thread.is_alive() for thread in threads):
        times += 1
        correct(times)
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def problems(engine: Engine, program: Program, everybody: list[Reviewer]) -> Iterator[str]:
    """Everything that is not as it was answered."""
    for reviewer in everybody:
        for what, count in reviewer.bad.items():
            yield f"{reviewer.name}：{what} 共 {count} 次"
    said = [item for reviewer in everybody for item in reviewer.said]
    with reading(engine) as session:
        rows = list(session.execute(select(FindingRow).order_by(FindingRow.id)).scalars())
        versions = {row.id: row.number for row in session.execute(select(ProfileVersion)).scalars()}
        highest = select(ProfileVersion.enterprise_id, func.max(ProfileVersion.number))
        newest = dict(session.execute(highest.group_by(ProfileVersion.enterprise_id)).all())
        yield from (f"链：{item.what}" for item in chain.verify(session))
        for standing in session.execute(select(Standing)).scalars():
            profile = keeping.newest_profile(session, standing.enterprise_id)
            assert profile is not None
            told = keeping.decided(program, profile, keeping.confirmed(session, profile.enterprise_id), standing.as_of)
            if (told.verdicts, told.awaiting) != (standing.verdicts, standing.awaiting):
                yield f"企业{standing.enterprise_id}的结论不是它的资料和意见得出的"
    by_reason: dict[str | None, list[FindingRow]] = {}
    before: dict[int, int] = {}
    last: dict[tuple[int, str, str | None], int] = {}
    for row in rows:
        key = (row.enterprise_id, row.judgement, row.about)
        by_reason.setdefault(row.reason, []).append(row)
        before[row.id], last[key] = last.get(key, 0), row.id
    for item in said:
        kept = by_reason.pop(item.reason, [])
        if item.status == 303:
            seen = [(before[row.id], versions[row.on_profile_id]) for row in kept]
            if seen != [(item.newest, item.profile)]:
                yield f"应答 303 的“{item.reason}”在库里是 {seen}，应为看到的 {[(item.newest, item.profile)]}"
        elif item.status == 409:
            moved = last.get((item.enterprise, item.judgement, item.about or None), 0) > item.newest
            if kept or not (moved or newest[item.enterprise] > item.profile):
                yield f"“{item.reason}”得到 409，却没有别人写过，或者仍被保存"
        else:
            yield f"“{item.reason}”得到 {item.status}"
    yield from (f"库里多出“{reason}”" for reason in by_reason)


def report(kind: str, everybody: list[Reviewer], seconds: float, wrong: list[str]) -> str:
    """What came out, in lines."""
    statuses = Counter(item.status for reviewer in everybody for item in reviewer.said)
    base: dict[int, float] = {}
    lines = [
        f"== {kind}：{len(everybody)} 人，{seconds:.0f} 秒 ==",
        f"写入 {statuses[303]} 条，每秒 {statuses[303] / seconds:.1f} 条；冲突 409 共 {statuses[409]} 次；"
        f"其他应答 {sum(count for status, count in statuses.items() if status not in (303, 409))} 次",
    ]
    for name in ("noop", "page", "find"):
        found = sorted(value for reviewer in everybody for value in reviewer.timed[name])
        at = {percent: percentile(found, percent) for percent in (50, 95)}
        base = base or at
        ratios = "、".join(f"p{percent} 是空页的 {at[percent] / base[percent]:.1f} 倍" for percent in (50, 95))
        lines.append(f"{KINDS[name]}：{len(found)} 次，p50 {at[50] * 1000:.0f} 毫秒，p95 {at[95] * 1000:.0f} 毫秒，{ratios}")
    lines += [f"✗ {text}" for text in wrong[:20]] or ["应答过的每一条都在库里恰好一次，冲突都对，链成立"]
    return "\n".join(lines)


@contextmanager
def databases(chosen: list[str]) -> Iterator[list[tuple[str, str]]]:
    """Kind and address of an empty database of each chosen kind."""
    with tempfile.TemporaryDirectory(prefix="hq-writers-") as folder:
        found = [("sqlite", str(Path(folder) / "centre.db"))] if "sqlite" in chosen else []
        if "postgresql" in chosen:
            with postgres(durable=True) as server:
                yield [*found, ("postgresql", server.format(name="postgres"))]
        else:
            yield found


def on_each_database(
    settings: argparse.Namespace, measured: Callable[[str, str, argparse.Namespace], list[str]]
) -> NoReturn:
    """Measure on each kind of ``settings.database``, or else on both; exits 1 where anything was wrong."""
    wrong: list[str] = []
    with databases(settings.database or ["sqlite", "postgresql"]) as found:
        for kind, address in found:
            wrong += measured(kind, address, settings)
    sys.exit(1 if wrong else 0)


def measured(kind: str, address: str, settings: argparse.Namespace) -> list[str]:
    """Serve, write, check, print; what was wrong."""
    program, engine = compile_pack(load_pack()), database.connect(database.address_of(address))
    schema.migrate(engine)
    names, enterprises = fill(engine, program, settings.reviewers, settings.enterprises, date.today())
    with tempfile.TemporaryDirectory(prefix="hq-files-") as files:
        options = ["--centre", "--database", address, "--files", files]
        with serving(settings.workers, options) as port:
            everybody = arrived(port, names, enterprises)
            begun = time.monotonic()

            def correct(times: int) -> None:
                time.sleep(settings.every)
                tell(engine, program, times % settings.enterprises + 1, times, date.today())

            judge(everybody, lambda _tried: time.monotonic() < begun + settings.seconds, correct)
            seconds = time.monotonic() - begun
        wrong = list(problems(engine, program, everybody))
    engine.dispose()
    print(report(kind, everybody, seconds, wrong), flush=True)
    return wrong


def main() -> None:
    """Both kinds of database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--reviewers", type=int, default=10)
    parser.add_argument("--enterprises", type=int, default=10)
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two corrections of the clerk")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    on_each_database(parser.parse_args(), measured)


if __name__ == "__main__":
    main()
