"""Every released schema, filled as its time filled it, comes to the newest one with all that was in it.

The rows are written without the program's own tables: what a release wrote stays what it wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from alembic import op
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, select

from engine.loader import BUILT_IN
from tests.centre.watching.applicants import program, watch
from web.centre import keeping, packs
from web.centre.store import chain, database, schema
from web.centre.store.database import reading, writing
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    FindingRow,
    PackArchive,
    ProfileVersion,
    Standing,
    Table,
    User,
)

AT = datetime(2025, 6, 30, 8, 30, 15, 123456)
DATA = {"name": "甲公司", "applicant_kinds": ["企业"], "registered_division": "北京市通州区", "industry": "I65"}
RELEASED = ("0001",)
"""Revisions of which somebody may have a database."""


@pytest.fixture
def empty(address: str) -> Iterator[Engine]:
    """A database with nothing in it."""
    made = database.connect(database.address_of(address))
    yield made
    made.dispose()


def revisions() -> list[str]:
    """All of them, the oldest first."""
    script = ScriptDirectory.from_config(schema._config())
    return [item.revision for item in reversed(list(script.walk_revisions()))]


def sha(content: dict[str, Any]) -> str:
    plain = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=lambda value: value.isoformat()
    )
    return hashlib.sha256(plain.encode()).hexdigest()


class Old:
    """A database of revision 0001, written to as the program of its time did."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.metadata = connection, MetaData()
        self.metadata.reflect(connection)
        self.links: list[dict[str, Any]] = []

    def put(self, table: str, **values: Any) -> int:
        made = self.connection.execute(self.metadata.tables[table].insert().values(**values))
        return int((made.inserted_primary_key or [0])[0] or 0) if "id" in self.metadata.tables[table].c else 0

    def seal(self, table: str, kind: str, **content: Any) -> int:
        left_out = {"erased_on": content.pop("erased_on")} if "erased_on" in content else {}
        row = self.put(table, **content, **left_out, digest=sha(content))
        number = len(self.links) + 1
        last = self.links[-1]["hash"] if self.links else "0" * 64
        hashed = hashlib.sha256(f"{number}|{last}|{kind}|{row}|{sha(content)}".encode()).hexdigest()
        self.links.append({"number": number, "kind": kind, "row": row, "digest": sha(content), "hash": hashed})
        self.put("chain", **self.links[-1])
        return row


def fill_0001(connection: Connection) -> None:
    """Users, a pack, enterprises with everything that was kept of them, a list, a setting; all of it in the chain."""
    old = Old(connection)
    user = {"password": None, "active": True, "failures": 0, "locked_until": None, "version": 1, "created_at": AT}
    wang = old.put("users", name="wang", full_name="王某", role="head", **user)
    li = old.put("users", name="li", full_name="李某", role="reviewer", **user)
    pack = program().pack
    old.put("packs", version=pack.version, archive=packs._zipped(BUILT_IN), kept_at=AT)
    old.put("settings", name="four_eyes", value="yes")
    list_ = old.put(
        "lists", name="名单.csv", digest="a" * 64, mapping=None, as_of=date(2025, 6, 30), state="done", done=2, total=2,
        rejected=0, message=None, by_id=wang, at=AT, ended_at=AT,
    )  # fmt: skip
    numbers = [
        old.put(
            "enterprises", key=key, name=name, division="110112", industry="I65", size=None, assignee_id=li, created_at=AT,
            version=1,
        )
        for key, name in (("91110112MA01A00011", "甲公司"), ("LS-000002", "乙公司"))
    ]  # fmt: skip
    by = {"by_id": wang, "at": AT}
    profile = {"number": 1, "data": DATA, "source": "list", "list_id": list_, **by}
    profiles = [old.seal("profiles", "profile", enterprise_id=number, **profile) for number in numbers]
    paper = old.put(
        "evidence", enterprise_id=numbers[0], name="证明.pdf", media_type="application/pdf", size=3, digest="b" * 64,
        erased_on=None, **by,
    )  # fmt: skip
    finding = {"enterprise_id": numbers[0], "judgement": "tz-outstanding-youth", "about": None, "on_profile_id": profiles[0]}
    said = old.seal(
        "findings", "finding", **finding, finding=True, reason="看过材料", stage="proposed", answers_id=None,
        evidence_id=paper, by_id=li, at=AT,
    )  # fmt: skip
    old.seal(
        "findings", "finding", **finding, finding=True, reason="同意", stage="confirmed", answers_id=said, evidence_id=None, **by
    )
    for number, version in zip(numbers, profiles, strict=True):
        findings = [said] if number == numbers[0] else []
        rows = [FindingRow(id=said, judgement="tz-outstanding-youth", finding=True, reason="看过材料", by_id=li, at=AT)] if findings else []
        found = keeping.decided(program(), ProfileVersion(data=DATA), rows, date(2025, 6, 30))
        determination = old.seal(
            "determinations", "determination", enterprise_id=number, profile_id=version, pack_version=pack.version,
            as_of=date(2025, 6, 30), verdicts=found.verdicts,
            amounts={measure: list(ends) for measure, ends in found.amounts.items()}, findings=findings, **by,
        )  # fmt: skip
        old.put(
            "standings", enterprise_id=number, determination_id=determination, pack_version=pack.version,
            as_of=date(2025, 6, 30), verdicts=found.verdicts, changed_at=AT,
        )  # fmt: skip
        for measure, ends in {"tz-x": ("0", "1000"), **found.amounts}.items():
            old.put("entitlements", enterprise_id=number, measure=measure, low=ends[0], high=ends[1], sort=1000)
    old.put("notes", enterprise_id=numbers[0], text="请补年度数据", **by)
    old.seal("audit", "audit", action="intake", enterprise_id=numbers[0], detail={"profile": profiles[0]}, **by)
    # A third one of which everything was erased then.
    gone = old.put(
        "enterprises", key="LS-000003", name="", division=None, industry=None, size=None, assignee_id=None, created_at=AT,
        version=2,
    )  # fmt: skip
    emptied = old.seal("profiles", "profile", enterprise_id=gone, **profile)
    table = old.metadata.tables["profiles"]
    connection.execute(table.update().where(table.c.id == emptied).values(data=None, erased_on=date(2025, 7, 1)))


FILLS = {"0001": fill_0001}


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row as plain values, by table, whatever tables there are."""
    metadata = MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
        return {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()]
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        }


def test_released_revisions_are_still_there() -> None:
    assert set(RELEASED) == set(FILLS) <= set(revisions())
    assert revisions()[-1] == schema.newest()


@pytest.mark.parametrize("released", RELEASED)
def test_a_filled_database_comes_to_the_newest_schema_whole(empty: Engine, released: str) -> None:
    schema.migrate(empty, released)
    with empty.connect().execution_options(huiqi_writes=True) as connection, connection.begin():
        FILLS[released](connection)
    before = contents(empty)
    assert all(before[name] for name in before), "something in every table"
    # One revision after the other, as those who migrate now and then do.
    for revision in revisions()[revisions().index(released) + 1 :]:
        schema.migrate(empty, revision)
        now = contents(empty)
        for table, rows in before.items():
            kept = [{name: row[name] for name in old} for row, old in zip(now[table], rows, strict=True)]
            assert kept == rows, (revision, table)
    schema.require_newest(empty)
    assert {table.name for table in Table.metadata.sorted_tables} | {"alembic_version"} == set(inspect(empty).get_table_names())


def test_what_was_kept_then_is_worked_with_now(empty: Engine) -> None:
    schema.migrate(empty, "0001")
    with empty.connect().execution_options(huiqi_writes=True) as connection, connection.begin():
        fill_0001(connection)
    schema.migrate(empty)
    with reading(empty) as session:
        assert list(chain.verify(session)) == []
        for standing in session.execute(select(Standing)).scalars():
            row = session.get_one(DeterminationRow, standing.determination_id)
            again = keeping.rederived(session, row)
            assert again is not None and again.verdicts == row.verdicts
        assert [row.judgement for row in keeping.confirmed(session, 1)] == ["tz-outstanding-youth"]
        # What the rules' version did not say then is read off its files.
        ids = [measure.id for measure in program().pack.measures]
        assert packs.measures_of(session, program().pack.version) == ids
        assert session.execute(select(PackArchive.measures)).scalar_one_or_none() is None
        assert {row.changed for row in session.execute(select(Enterprise)).scalars()} == {0}
    with writing(empty) as session:
        session.add(User(name="clerk", full_name="受理员", role="clerk", created_at=AT))
    done = watch(empty, date(2026, 11, 22))
    assert (done.checked, done.evaluated, done.unreadable) == (2, 2, 0)
    with reading(empty) as session:
        assert list(chain.verify(session)) == []


def test_from_nothing_and_from_each_revision_one_comes_to_the_same_schema(empty: Engine) -> None:
    """Step by step as in one go; ``test_schema`` holds the latter to the tables."""
    for revision in revisions():
        schema.migrate(empty, revision)
        assert schema.revision(empty) == revision
    found = inspect(empty)
    for table in Table.metadata.sorted_tables:
        assert {column["name"] for column in found.get_columns(table.name)} == {column.name for column in table.columns}


def test_a_migration_that_fails_changes_nothing(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.migrate(empty, "0001")
    with empty.connect().execution_options(huiqi_writes=True) as connection, connection.begin():
        fill_0001(connection)
    before = contents(empty)
    make = op.create_table

    def fail(name: str, *parts: Any, **options: Any) -> Any:
        if name == "outlooks":
            raise RuntimeError("the power went")
        return make(name, *parts, **options)

    monkeypatch.setattr(op, "create_table", fail)
    with pytest.raises(RuntimeError):
        schema.migrate(empty)
    assert schema.revision(empty) == "0001"
    assert contents(empty) == before
