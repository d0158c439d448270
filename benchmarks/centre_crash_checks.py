"""What benchmarks/centre_crash.py hands in, and what has to be there of it afterwards."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select

from benchmarks.centre_writers import Said
from web.centre import keeping
from web.centre.lists.jobs import OPEN
from web.centre.lists.shelf import Laid, Shelf
from web.centre.store import chain
from web.centre.store.database import reading
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    FindingRow,
    ListJob,
    ProfileVersion,
    Standing,
)

UNUSABLE = 17
"""One row in so many has a key that cannot be used."""
PATIENCE = 600
"""Seconds for everything that was begun to end."""


def key_of(row: int) -> str:
    """The key of an enterprise of the lists; a few cannot be used."""
    return f"1.{row}E+17" if row % UNUSABLE == 0 else f"K{row:07d}"


def listed(rows: int, turn: int) -> str:
    """The list of this turn: every third enterprise tells something new each time, the others once."""
    lines = [f"{key_of(row)},公司{row},{staff(row, turn)},固安县,企业" for row in range(1, rows + 1)]
    return "企业编号,单位名称,从业人数,注册地,单位类型\n" + "\n".join(lines) + "\n"


def staff(row: int, turn: int) -> int:
    """Of an enterprise in the list of a turn."""
    return 10 + (turn if row % 3 == 0 else 0)


# Afterwards


@dataclass(frozen=True, slots=True)
class Handed:
    """What a clerk handed in: lists of so many ``rows``, their turns by number, and which of them were begun."""

    rows: int
    kept: Mapping[int, int]
    begun: AbstractSet[int]
    files: Path


def all_begun(engine: Engine, kept: Mapping[int, int]) -> set[int]:
    """The lists that were begun, the answer to which may not have arrived; waits for their end."""
    end = time.monotonic() + PATIENCE
    while True:
        with reading(engine) as session:
            states = dict(session.execute(select(ListJob.id, ListJob.state)).all())
        if not {*states.values()} & {*OPEN} or time.monotonic() > end:
            return {number for number, state in states.items() if state != "mapping" and number in kept}
        time.sleep(0.3)


def problems(engine: Engine, said: Sequence[Said], refused: Counter[str], handed: Handed) -> Iterator[str]:
    """Everything that is lost or wrong. ``refused``: answers that nobody should get."""
    with reading(engine) as session:
        yield from (f"链：{item.what}" for item in chain.verify(session))
        reasons = Counter(session.execute(select(FindingRow.reason)).scalars())
    for item in said:
        if item.status not in (303, 409):
            yield f"“{item.reason}”得到 {item.status}"
        elif (reasons[item.reason] == 1) != (item.status == 303):
            yield f"应答 {item.status} 的“{item.reason}”在库里有 {reasons[item.reason]} 条"
    yield from (f"{what} 共 {count} 次" for what, count in refused.items())
    yield from (f"“{reason}”有 {count} 条" for reason, count in reasons.items() if count > 1)
    yield from _lists(engine, handed)
    yield from _enterprises(engine, handed)


def _lists(engine: Engine, handed: Handed) -> Iterator[str]:
    shelf = Shelf(handed.files / "lists")
    unusable = [row + 1 for row in range(1, handed.rows + 1) if row % UNUSABLE == 0]
    with reading(engine) as session:
        jobs = {job.id: job for job in session.execute(select(ListJob)).scalars()}
    for number, turn in handed.kept.items():
        job = jobs.get(number)
        if job is None:
            yield f"应答过的名单 {number} 不见了"
            continue
        content = [path.read_text("utf-8") for path in shelf.paths(Laid(job.digest, tuple(job.files)))]
        if content != [listed(handed.rows, turn)]:
            yield f"名单 {number} 的文件不是交来的"
        if number not in handed.begun:
            continue
        stored = sum(job.counts.get(name, 0) for name in ("new", "changed", "unchanged"))
        told = (job.state, job.done, job.total, job.rejected, stored)
        if told != ("done", handed.rows, handed.rows, len(unusable), handed.rows - len(unusable)):
            yield f"名单 {number} 是 {told}，共 {handed.rows} 行，{len(unusable)} 行不能用"
        if sorted(shelf.rejects(number, job.slices)["row"].to_list()) != unusable:
            yield f"名单 {number} 未采用的不是那 {len(unusable)} 行"


def _enterprises(engine: Engine, handed: Handed) -> Iterator[str]:
    turns = [handed.kept[number] for number in sorted(handed.begun)]
    with reading(engine) as session:
        found = dict(session.execute(select(Enterprise.key, Enterprise.id)).all())
        for row in range(1, handed.rows + 1):
            if row % UNUSABLE and turns and key_of(row) not in found:
                yield f"企业 {key_of(row)} 不见了"
        versions: dict[int, list[ProfileVersion]] = {}
        for version in session.execute(select(ProfileVersion).order_by(ProfileVersion.number)).scalars():
            versions.setdefault(version.enterprise_id, []).append(version)
        for row in range(1, handed.rows + 1):
            number = found.get(key_of(row), 0)
            told = [(version.number, (version.data or {}).get("staff_total")) for version in versions.get(number, ())]
            expected = list(dict.fromkeys(str(staff(row, turn)) for turn in turns)) if row % UNUSABLE else []
            if told != list(enumerate(expected, 1)):
                yield f"企业 {key_of(row)} 的资料是 {told}，应为 {expected}"
        twice = select(DeterminationRow.profile_id, DeterminationRow.as_of, DeterminationRow.findings)
        seen = Counter((profile, as_of, str(findings)) for profile, as_of, findings in session.execute(twice))
        yield from (f"画像 {key} 有 {count} 份同样的认定记录" for key, count in seen.items() if count > 1)
        newest = dict(session.execute(
            select(DeterminationRow.enterprise_id, func.max(DeterminationRow.id)).group_by(DeterminationRow.enterprise_id)
        ).all())  # fmt: skip
        standing = {row.enterprise_id: row for row in session.execute(select(Standing)).scalars()}
        if newest != {number: row.determination_id for number, row in standing.items()}:
            yield "队列读到的不是最新的认定记录"
        for number in random.Random(1).sample(sorted(newest), min(50, len(newest))):
            outcome = keeping.rederived(session, session.get_one(DeterminationRow, newest[number]))
            assert outcome is not None
            if (outcome.verdicts, outcome.awaiting) != (standing[number].verdicts, standing[number].awaiting):
                yield f"企业 {number} 的认定记录重新推出来不一样"
