"""After erasing nothing of an enterprise is anywhere: no table, no file, no byte of a SQLite database; the chain holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from engine import InputError
from engine.loader import BUILT_IN
from tests.centre.office import TODAY, people
from tests.centre.papers import pdf
from tests.centre.watching.applicants import expiring, find, program, take_in, user, watch
from web.centre import cases, erasing, evidence, keeping, packs
from web.centre.lists import jobs
from web.centre.lists.shelf import Shelf
from web.centre.roster import Roster
from web.centre.settings import CentreSettings
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import (
    AuditEntry,
    DeterminationRow,
    Enterprise,
    Entitlement,
    Evidence,
    FindingRow,
    ListJob,
    Move,
    Note,
    Outlook,
    ProfileVersion,
    Standing,
    Table,
    User,
    Watch,
)

MARK = "独一无二"
"""In every text about the enterprise that is to go."""
NAME, PERSON = f"{MARK}公司", f"{MARK}某"
PDF = b"%PDF-1.4\n% " + MARK.encode() + b"\n" + pdf()[9:]


class Handed:
    """A file of a list."""

    def __init__(self, name: str, content: bytes) -> None:
        self.filename, self.stream = name, BytesIO(content)


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> CentreSettings:
    """Below its folder everything that was handed in lies."""
    return CentreSettings(engine.url.render_as_string(hide_password=False), tmp_path / "files")


@pytest.fixture
def centre(engine: Engine, settings: CentreSettings) -> tuple[Engine, int, int]:
    """A database with an enterprise of which everything is kept that can be, and another one; their numbers."""
    people(engine)
    with writing(engine) as session:
        packs.keep(session, program().pack, BUILT_IN)
    talents = [{"id": PERSON, "roles": ["科学家"]}]
    shelf = Shelf(settings.lists)
    laid = shelf.lay([Handed(f"{MARK}.csv", f"单位名称\n{NAME}\n乙公司\n".encode())])
    with writing(engine) as session:
        job = jobs.hand_in(session, user(session), f"{MARK}.csv", laid.digest, laid.names, TODAY, datetime(2026, 11, 1))
        job.state, job.ended_at = "done", datetime(2026, 11, 1)
        job.mapping, job.message = f"lists: [{{file: {MARK}.csv}}]", f"{MARK}.csv：没有认出任何可用的列。"
        number_of_list = job.id
    shelf.keep_rejects(number_of_list, 0, shelf.rejects(0, 0))
    [number] = take_in(engine, expiring(NAME, "2026-12-10", talents=talents))
    [other] = take_in(engine, expiring("乙公司", "2026-12-10"))
    take_in(engine, expiring(NAME, "2026-12-11", talents=talents))
    watch(engine, date(2026, 12, 12))
    find(engine, number, "tz-outstanding-youth", True, about=PERSON)
    with writing(engine) as session:
        for row in session.execute(select(ProfileVersion).where(ProfileVersion.enterprise_id == number)).scalars():
            # As if a list had brought it; not in what the digest covers again.
            row.list_id = number_of_list
            row.digest = chain.digest(chain.content_of(row))
        row = session.execute(select(FindingRow)).scalar_one()
        row.reason = f"{MARK}的理由"
        row.digest = chain.digest(chain.content_of(row))
        _linked_again(session)
        cases.add_note(session, number, f"{MARK}的备注", user(session))
    with evidence.arriving(engine, settings.evidence, evidence.handed(f"{MARK}.pdf", PDF)) as arrival, writing(engine) as session:
        arrival.keep(session, number, user(session, "reviewer"), datetime(2026, 11, 2))
    return engine, number, other


def _linked_again(session: Any) -> None:
    """The chain made anew over rows that the test changed."""
    rows = {kind.name: model for model, kind in chain.KINDS.items()}
    last = chain.START
    session.flush()
    for link in session.execute(select(chain.ChainEntry).order_by(chain.ChainEntry.number)).scalars():
        link.digest = session.get_one(rows[link.kind], link.row).digest
        last = link.hash = chain._hash(link.number, last, link.kind, link.row, link.digest)


def everything(engine: Engine) -> str:
    """All that the tables say."""
    with engine.connect() as connection:
        return "\n".join(repr(row) for table in Table.metadata.sorted_tables for row in connection.execute(select(table)))


def files(settings: CentreSettings) -> list[Path]:
    """The files in which the mark stands, or that are called so."""
    found = [path for path in settings.files.rglob("*") if path.is_file()]
    return [path for path in found if MARK in path.name or MARK.encode() in path.read_bytes()]


def erased(engine: Engine, settings: CentreSettings, number: int) -> None:
    with writing(engine) as session:
        erasing.erase(session, [number], "request", user(session, "head"), TODAY)
    erasing.finish(engine, settings)


def test_nothing_is_left_in_any_table_or_file(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, _ = centre
    # So that what is sought for would be found.
    assert everything(engine).count(MARK) > 5 and len(files(settings)) == 2
    with reading(engine) as session:
        assert list(chain.verify(session)) == []
        assert erasing.held(session, number) == erasing.Held(2, 1, 1, 1, 1, 0)
    erased(engine, settings, number)
    assert MARK not in everything(engine)
    assert files(settings) == []
    if engine.dialect.name == "sqlite":
        database = Path(engine.url.database or "")
        beside = [path for path in database.parent.glob(database.name + "*") if path.is_file()]
        escaped = MARK.encode("unicode_escape")
        for path in beside:
            content = path.read_bytes()
            assert MARK.encode() not in content and escaped not in content, path


def test_the_chain_still_holds_and_says_who_erased_it_and_why(
    centre: tuple[Engine, int, int], settings: CentreSettings
) -> None:
    engine, number, _ = centre
    with reading(engine) as session:
        noted = chain.newest(session)
    erased(engine, settings, number)
    with reading(engine) as session:
        assert list(chain.verify(session, noted)) == []
        wanted = select(AuditEntry, User.name).join(User, User.id == AuditEntry.by_id).where(AuditEntry.action == "erased")
        [(entry, name)] = session.execute(wanted).all()
        assert (entry.enterprise_id, entry.detail, name) == (number, {"why": "request"}, "head")
        enterprise = session.get_one(Enterprise, number)
        assert (enterprise.erased_on, enterprise.key) == (TODAY, f"erased-{number}")
        left = (enterprise.division, enterprise.industry, enterprise.size, enterprise.assignee_id)
        assert left == (None, None, None, None)
    with writing(engine) as session:
        # Whoever puts something in its place is found out.
        row = session.execute(select(ProfileVersion).where(ProfileVersion.enterprise_id == number).limit(1)).scalar_one()
        row.data = {"name": "甲"}
    with reading(engine) as session:
        assert any("标明已清除，却还有内容" in item.what for item in chain.verify(session))


def test_what_was_decided_stays_provable(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, _ = centre

    def counts() -> list[int]:
        with reading(engine) as session:
            return [
                session.execute(select(func.count()).select_from(model).where(model.enterprise_id == number)).scalar_one()
                for model in (DeterminationRow, Move, ProfileVersion, FindingRow)
            ]

    before = counts()
    assert min(before) > 0
    with reading(engine) as session:
        wanted = select(DeterminationRow.verdicts, DeterminationRow.amounts).order_by(DeterminationRow.id)
        said = session.execute(wanted).all()
    erased(engine, settings, number)
    assert counts() == before
    with reading(engine) as session:
        assert session.execute(wanted).all() == said
        row = session.execute(select(DeterminationRow).where(DeterminationRow.enterprise_id == number).limit(1)).scalar_one()
        assert keeping.rederived(session, row) is None


def test_it_vanishes_from_queues_and_from_what_is_watched(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, other = centre
    roster = Roster(engine, tuple(measure.id for measure in program().pack.measures))
    assert set(roster.snapshot().columns.ids.tolist()) == {number, other}
    erased(engine, settings, number)
    assert set(roster.snapshot().columns.ids.tolist()) == {other}
    with reading(engine) as session:
        for model in (Standing, Entitlement, Watch, Outlook):
            left = session.execute(select(func.count()).where(model.enterprise_id == number)).scalar_one()
            assert left == 0, model
    assert watch(engine, date(2026, 12, 20)).checked == 1


def test_another_enterprise_is_as_it_was(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, other = centre

    def told() -> list[Any]:
        with reading(engine) as session:
            return [
                session.execute(select(model.__table__).where(model.__table__.c.enterprise_id == other)).all()
                for model in (ProfileVersion, DeterminationRow, Standing, Move)
            ]

    before = told()
    erased(engine, settings, number)
    assert told() == before


def test_evidence_that_another_one_has_too_stays(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, other = centre
    file = evidence.handed("乙.pdf", PDF)
    with evidence.arriving(engine, settings.evidence, file) as arrival, writing(engine) as session:
        arrival.keep(session, other, user(session, "reviewer"), datetime(2026, 11, 3))
    erased(engine, settings, number)
    assert [path.name for path in settings.evidence.iterdir()] == [file.digest]
    erased(engine, settings, other)
    assert list(settings.evidence.iterdir()) == []


def test_files_that_the_database_does_not_know_are_left_alone(
    centre: tuple[Engine, int, int], settings: CentreSettings
) -> None:
    engine, number, _ = centre
    strange = settings.evidence / ("0" * 64)
    strange.write_bytes(b"of another centre")
    erased(engine, settings, number)
    assert strange.exists()


def test_a_crash_before_the_files_are_gone_is_made_good(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, _ = centre
    with writing(engine) as session:
        erasing.erase(session, [number], "request", user(session, "head"), TODAY)
    assert len(files(settings)) == 2
    erasing.finish(engine, settings)
    assert files(settings) == []


def test_not_while_a_list_is_worked_on(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, _ = centre
    with writing(engine) as session:
        session.execute(update(ListJob).values(state="running"))
    with pytest.raises(InputError, match="有名单正在筛查"):
        erased(engine, settings, number)
    assert MARK in everything(engine)


def test_who_comes_again_is_not_judged_by_what_was_erased(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, _ = centre
    find(engine, number, "tz-outstanding-youth", True)
    erased(engine, settings, number)
    with reading(engine) as session:
        assert {row.about for row in keeping.confirmed(session, number)} == {keeping.ERASED}


# What is past its time


def aged(engine: Engine, number: int, at: datetime) -> None:
    """As if the last that anybody did about an enterprise had been at a time."""
    with writing(engine) as session:
        for model in (ProfileVersion, FindingRow, Evidence, Note, AuditEntry):
            session.execute(update(model).where(model.enterprise_id == number).values(at=at))
        session.execute(update(Enterprise).where(Enterprise.id == number).values(created_at=at))


def test_what_is_due_is_counted_by_days_in_china(centre: tuple[Engine, int, int]) -> None:
    engine, number, _ = centre
    for at, expected in ((datetime(2021, 11, 21, 15, 59), [number]), (datetime(2021, 11, 21, 16, 0), [])):
        aged(engine, number, at)
        with reading(engine) as session:
            found = erasing.due(session, 5, date(2026, 11, 22))
        assert [each for each, _ in found.enterprises] == expected


def test_whatever_somebody_did_counts(centre: tuple[Engine, int, int]) -> None:
    engine, number, _ = centre
    for model in (ProfileVersion, FindingRow, Evidence, Note, AuditEntry):
        aged(engine, number, datetime(2015, 1, 1))
        with reading(engine) as session:
            assert len(erasing.due(session, 5, TODAY).enterprises) == 1
        with writing(engine) as session:
            newest = select(func.max(model.id)).where(model.enterprise_id == number).scalar_subquery()
            session.execute(update(model).where(model.id == newest).values(at=datetime(2026, 1, 1)))
        with reading(engine) as session:
            assert erasing.due(session, 5, TODAY).enterprises == (), model


def test_screening_again_is_nothing_that_somebody_did(centre: tuple[Engine, int, int], settings: CentreSettings) -> None:
    engine, number, other = centre
    aged(engine, number, datetime(2015, 1, 1))
    watch(engine, date(2027, 1, 5))
    with writing(engine) as session:
        session.execute(update(ListJob).values(ended_at=datetime(2015, 2, 1)))
        found = erasing.due(session, 5, TODAY)
        assert found == erasing.Due(((number, date(2015, 1, 1)),), ((1, date(2015, 2, 1)),))
        erasing.erase_due(session, found, None, TODAY)
        assert erasing.due(session, 5, TODAY) == erasing.Due((), ())
    erasing.finish(engine, settings)
    assert MARK not in everything(engine) and files(settings) == []
    with reading(engine) as session:
        assert session.get_one(Enterprise, other).erased_on is None


def test_years_before() -> None:
    assert erasing.years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert erasing.years_before(date(2024, 2, 29), 4) == date(2020, 2, 29)
    assert erasing.years_before(date(2026, 11, 22), 10) == date(2016, 11, 22)
    assert timedelta(0) < date(2026, 11, 22) - erasing.years_before(date(2026, 11, 22), 1)
