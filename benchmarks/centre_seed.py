"""A workbench's database with as many applicants as wanted, as if they had been taken in over the last year.

``python -m benchmarks.centre_seed --database FILE --count 100000`` makes one. What the applicants tell comes from the packs'
cases and the invented enterprises in ``samples/``: some hundred profiles, each determined once by the workbench's own
services; an applicant gets one of them with a name and a key of its own. One in ten was determined twice, first when less was
known of it. Everything is in the chain, as ``huiqi centre audit`` shows. The same ``--seed`` makes the same centre.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, insert, update
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from engine.compiler import compile_pack
from engine.credit_code import ALPHABET
from engine.diagnostics import Findings, InputError
from engine.loader import BUILT_IN, case_files, load_pack
from engine.profile import profile_of
from engine.program import Program
from engine.yaml_source import read_file
from web.centre import accounts, keeping, packs
from web.centre.intake import head_of
from web.centre.outcomes import Outcome
from web.centre.store import chain, database, schema
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    Entitlement,
    Move,
    PackArchive,
    ProfileVersion,
    Role,
    Standing,
    Table,
    User,
)

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ("mixed", "beijing-mixed", "daxing-2021", "langfang-2016", "listed-company")
PASSWORD = "种子数据的一句密码"
PEOPLE: tuple[tuple[Role, int], ...] = (("clerk", 4), ("reviewer", 4), ("head", 1), ("auditor", 1), ("administrator", 1))
PROFILES = 400
EARLIER = date(2017, 6, 30)
"""A quarter is determined at this date, when a document that states amounts was in force."""
BATCH = 2_000
PLACES = {
    "北京市通州区": 30, "北京市大兴区": 15, "北京市海淀区": 12, "北京市朝阳区": 10, "北京市昌平区": 6, "北京经济技术开发区": 5,
    "北京市丰台区": 4, "北京市顺义区": 3, "廊坊市固安县": 5, "廊坊市三河市": 4, "廊坊市广阳区": 3, "天津市武清区": 2, "上海市浦东新区": 1,
}  # fmt: skip
"""Where applicants are registered, and how often."""
_FIRST = "华中天新京云智海联创科恒信达远博瑞诚嘉泰和盛宏明星光元启正德润安通力合众兴隆百川凌峰睿思微量子芯源"
_TRADES = ("科技", "信息技术", "生物医药", "智能装备", "新材料", "软件", "环保科技", "文化传媒", "电子", "新能源", "网络科技", "医疗器械")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What many applicants tell, and what came out; ``earlier`` is when less was known of them."""

    data: dict[str, Any]
    as_of: date
    head: keeping.Head
    outcome: Outcome
    earlier: Pattern | None = None


def seed(engine: Engine, count: int, today: date, number: int = 20261101) -> None:
    """Fill an empty database of the newest schema."""
    random = Random(number)
    pack = load_pack()
    found = patterns(compile_pack(pack), random, today)
    with database.writing(engine) as session:
        packs.keep(session, pack, BUILT_IN)
        session.execute(update(PackArchive).values(kept_at=datetime.combine(today, time()) - timedelta(days=366)))
        clerks = people(session)
        writer = _Writer(session, pack.version, [measure.id for measure in pack.measures])
        for batch in _batches(_applicants(random, found, clerks, count, today), BATCH):
            writer.write(batch)
        keeping.audit(session, None, "seeded", count=count)


def people(session: Session) -> list[int]:
    """Everybody who works there (``clerk1``, ``clerk2`` ..., all with ``PASSWORD``); the numbers of who has cases."""
    password, made = accounts.hashed(PASSWORD), []
    for role, many in PEOPLE:
        for place in range(1, many + 1):
            user = User(
                name=f"{role}{place}", full_name=f"{accounts.ROLES[role]}{place}", role=role, password=password,
                created_at=database.now(),
            )  # fmt: skip
            session.add(user)
            session.flush()
            if role in ("clerk", "reviewer"):
                made.append(user.id)
    return made


def patterns(program: Program, random: Random, today: date) -> list[Pattern]:
    """Profiles from cases and samples, at places all over, each determined."""
    told = [_sample(name) for name in SAMPLES]
    cases = [dict(case.profile) for _, file in case_files(BUILT_IN, Findings()) for case in file.cases]
    places, weights = list(PLACES), list(PLACES.values())
    found: list[Pattern] = []
    while len(found) < PROFILES:
        data = {**(random.choice(told) if random.random() < 0.5 else {}), **random.choice(cases)}
        data["registered_division"] = random.choices(places, weights)[0]
        data.pop("findings", None)
        plain: dict[str, Any] = json.loads(json.dumps(data, default=str))
        as_of = EARLIER if random.random() < 0.25 else today
        less = {key: value for key, value in plain.items() if random.random() < 0.7 or key == "registered_division"}
        try:
            found.append(replace(_pattern(program, plain, as_of), earlier=_pattern(program, less, as_of)))
        except InputError:
            continue  # Two halves that do not go together.
    return found


def _pattern(program: Program, data: dict[str, Any], as_of: date) -> Pattern:
    profile = profile_of(data, program.pack.vocabulary, program.pack.tables)
    outcome = keeping.decided(program, ProfileVersion(enterprise_id=0, data=data), [], as_of)
    return Pattern(data, as_of, head_of(profile, program, as_of), outcome)


@dataclass(frozen=True, slots=True)
class _Applicant:
    """``told``: by what it was determined and when, oldest first."""

    key: str
    name: str
    assignee: int | None
    told: tuple[tuple[Pattern, datetime], ...]


def _applicants(random: Random, found: list[Pattern], clerks: list[int], count: int, today: date) -> Iterator[_Applicant]:
    end = datetime.combine(today, time(1))
    begin = end - timedelta(days=365)
    for number in range(1, count + 1):
        newest, at = random.choice(found), begin + (end - begin) * (number / count)
        last = (newest, at + (end - at) * random.random())
        yield _Applicant(
            key=_key(random) if random.random() < 0.97 else f"LS-{number:06d}",
            name=_name(random, newest.data["registered_division"]),
            assignee=random.choice(clerks) if random.random() < 0.3 else None,
            told=((newest.earlier, at), last) if newest.earlier and random.random() < 0.1 else ((newest, at),),
        )


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes applicants in batches, as ``keeping`` would one by one."""

    session: Session
    version: str
    measures: list[str]

    def write(self, batch: list[_Applicant]) -> None:
        """Everything about these applicants."""
        ids = chain.numbers(self.session, Enterprise, len(batch))
        self._insert(Enterprise, (self._enterprise(id, one) for id, one in zip(ids, batch, strict=True)))
        newest: dict[int, DeterminationRow] = {}
        for round in range(max(len(one.told) for one in batch)):
            here = [(id, one) for id, one in zip(ids, batch, strict=True) if len(one.told) > round]
            rows = self._determined(round, here)
            moved = ((newest[row.enterprise_id], row) for row in rows if row.enterprise_id in newest)
            self._insert(Move, (move for before, row in moved for move in self._moves(before, row)))
            newest.update((row.enterprise_id, row) for row in rows)
        self._insert(Standing, (self._standing(newest[id], one) for id, one in zip(ids, batch, strict=True)))
        self._insert(Entitlement, (_values(item) for id in ids for item in keeping.entitlements(newest[id])))
        keeping.touch(self.session, ids)

    def _insert(self, table: type[Table], rows: Iterable[dict[str, Any]]) -> None:
        if found := list(rows):
            self.session.execute(insert(table), found)

    def _enterprise(self, id: int, one: _Applicant) -> dict[str, Any]:
        head = one.told[-1][0].head
        return {
            "id": id, "key": one.key, "name": one.name, "division": head.division, "industry": head.industry,
            "size": head.size, "assignee_id": one.assignee, "created_at": one.told[0][1], "changed": 0, "version": 1,
        }  # fmt: skip

    def _determined(self, round: int, here: list[tuple[int, _Applicant]]) -> list[DeterminationRow]:
        """Profiles and determinations of one round, sealed."""
        told = [(id, one.name, *one.told[round]) for id, one in here]
        profiles: list[dict[str, Any]] = [
            {
                "enterprise_id": id, "number": round + 1, "data": {**pattern.data, "name": name}, "source": "form",
                "list_id": None, "by_id": 1, "at": at,
            }
            for id, name, pattern, at in told
        ]  # fmt: skip
        numbers = chain.seal_all(self.session, ProfileVersion, profiles)
        rows: list[dict[str, Any]] = [
            {
                "enterprise_id": id, "profile_id": profile, "pack_version": self.version, "as_of": pattern.as_of,
                "verdicts": pattern.outcome.verdicts, "findings": [], "by_id": 1, "at": at,
                "amounts": {measure: list(ends) for measure, ends in pattern.outcome.amounts.items()},
            }
            for (id, _, pattern, at), profile in zip(told, numbers, strict=True)
        ]  # fmt: skip
        ids = chain.seal_all(self.session, DeterminationRow, rows)
        return [DeterminationRow(id=id, **row) for id, row in zip(ids, rows, strict=True)]

    def _standing(self, row: DeterminationRow, one: _Applicant) -> dict[str, Any]:
        return {
            "enterprise_id": row.enterprise_id, "determination_id": row.id, "pack_version": row.pack_version,
            "as_of": row.as_of, "verdicts": row.verdicts, "awaiting": one.told[-1][0].outcome.awaiting, "changed_at": row.at,
        }  # fmt: skip

    def _moves(self, before: DeterminationRow, after: DeterminationRow) -> Iterator[dict[str, Any]]:
        for measure, old, new in zip(self.measures, before.verdicts, after.verdicts, strict=True):
            if old != new:
                yield {
                    "enterprise_id": after.enterprise_id, "measure": measure, "before": old, "after": new,
                    "cause": "profile", "determination_id": after.id, "at": after.at,
                }  # fmt: skip


def _values(row: Table) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def _sample(name: str) -> Mapping[str, Any]:
    source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
    assert source is not None and isinstance(source.data, dict)
    return source.data


def _key(random: Random) -> str:
    """A credit code that nobody has: its office is none of the real ones' places."""
    body = "91" + "110000" + "".join(random.choices(ALPHABET, k=9))
    return body + uscc.calc_check_digit(body)


def _name(random: Random, place: str) -> str:
    city = place[:2]
    return f"{city}{''.join(random.choices(_FIRST, k=random.choice((2, 2, 3))))}{random.choice(_TRADES)}有限公司"


def _batches(items: Iterator[_Applicant], size: int) -> Iterator[list[_Applicant]]:
    return iter(partial(lambda: list(islice(items, size))), [])


def main() -> None:
    """Make a database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20261101)
    settings = parser.parse_args()
    engine = database.connect(database.address_of(settings.database))
    schema.migrate(engine)
    seed(engine, settings.count, date.today(), settings.seed)
    engine.dispose()


if __name__ == "__main__":
    main()
