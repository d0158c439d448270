"""The work on a list: cut off at any moment it goes on, stopped it stops, and two never do the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import FileStorage

from tests.centre.lists.keeping_lists import rows
from web.centre.lists import jobs, work
from web.centre.lists.shelf import Shelf
from web.centre.lists.work import Work
from web.centre.office import Office
from web.centre.store import chain
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import AuditEntry, Enterprise, ListJob, ProfileVersion, Standing, User

AS_OF = date(2026, 6, 30)
ROWS, SLICE = 10, 3


def listed(start: int = 0, staff: int = 5) -> str:
    """Ten rows, two of which cannot be used, and one cell."""
    lines = [f"K{number:05d},公司{number},{staff + number}" for number in range(start, start + ROWS)]
    lines[3] = lines[3].replace(f"K{start + 3:05d}", "")
    lines[7] = lines[7].replace(f"K{start + 7:05d}", "1.2E+17")
    lines[8] += "个人左右吧"
    return "企业编号,单位名称,从业人数\n" + "\n".join(lines) + "\n"


def waiting(office: Office, text: str) -> int:
    """A list that waits to be worked on."""
    laid = Shelf(office.settings.lists).lay([FileStorage(BytesIO(text.encode()), "list.csv")])
    with writing(office.engine) as session:
        by = session.execute(select(User).where(User.name == "clerk")).scalar_one()
        job = jobs.hand_in(session, by, "名单", laid.digest, laid.names, AS_OF, now())
        jobs.start(session, by, job)
        return job.id


def job_of(office: Office, number: int) -> ListJob:
    with reading(office.engine) as session:
        return session.get_one(ListJob, number)


def done(office: Office, number: int, staff: int = 5, start: int = 0) -> None:
    """The list is done, every row accounted for, every enterprise kept once."""
    job = job_of(office, number)
    assert (job.state, job.done, job.total, job.rejected) == ("done", ROWS, ROWS, 2)
    stored = sum(job.counts.get(name, 0) for name in ("new", "changed", "unchanged"))
    assert job.done == stored + job.rejected
    rejects = Shelf(office.settings.lists).rejects(number, job.slices)
    assert sorted(rejects["row"].to_list()) == [5, 9, 10]
    with reading(office.engine) as session:
        told = select(Enterprise.key, ProfileVersion.data).join(ProfileVersion, ProfileVersion.enterprise_id == Enterprise.id)
        newest = dict(session.execute(told.order_by(ProfileVersion.number)).all())
        for place in {0, 1, 2, 4, 5, 6, 9}:
            data = newest[f"K{start + place:05d}"]
            assert data == {"name": f"公司{start + place}", "staff_total": str(staff + start + place)}
        assert list(chain.verify(session)) == []


def stop_after(steps: int) -> Callable[[], bool]:
    """A process that is told to end after the slice with this number."""
    left = iter(range(steps))
    return lambda: next(left, None) is None


def run(office: Office, number: int, stopping: Callable[[], bool] = lambda: False) -> None:
    Work(office, number, stopping, SLICE).run()


def test_a_list_is_worked_on_slice_by_slice(office: Office) -> None:
    number = waiting(office, listed())
    run(office, number)
    done(office, number)
    job = job_of(office, number)
    assert job.slices == 3 and job.worker is None and job.ended_at is not None
    run(office, number)
    done(office, number)


def test_told_to_end_it_leaves_the_rest_to_the_next(office: Office) -> None:
    number = waiting(office, listed())
    run(office, number, stop_after(0))
    job = job_of(office, number)
    assert (job.state, job.slices, job.worker) == ("waiting", 1, None)
    with reading(office.engine) as session:
        kept = rows(session)["enterprises"]
        assert 0 < kept == job.done - job.rejected < ROWS
    run(office, number)
    done(office, number)


class Cut(BaseException):
    """The process is gone."""


def cut_off(office: Office, number: int, monkeypatch: pytest.MonkeyPatch, where: str, after: int) -> None:
    """The work, cut off in the call number ``after`` of a function of ``jobs``; nobody cleans up behind it."""
    own, calls = getattr(jobs, where), iter(range(after))

    def cutting(*words: Any) -> Any:
        if next(calls, None) is None:
            raise Cut
        return own(*words)

    with monkeypatch.context() as patch:
        patch.setattr(work.jobs, where, cutting)
        with pytest.raises(Cut):
            run(office, number)


@pytest.mark.parametrize(("where", "after"), [("begin", 0), ("held", 2), ("advance", 0), ("advance", 2), ("end", 0)])
def test_cut_off_it_goes_on_after_the_last_whole_slice(
    office: Office, monkeypatch: pytest.MonkeyPatch, where: str, after: int
) -> None:
    number = waiting(office, listed())
    cut_off(office, number, monkeypatch, where, after)
    job = job_of(office, number)
    assert job.state == "running" and job.worker is not None
    # Who looks at once thinks it is being worked on.
    run(office, number)
    assert job_of(office, number).worker == job.worker
    silence(office, number)
    run(office, number)
    done(office, number)
    with reading(office.engine) as session:
        assert set(session.execute(select(ProfileVersion.number)).scalars()) == {1}
        assert session.execute(select(AuditEntry).where(AuditEntry.action == "list-ended")).scalars().one()


def silence(office: Office, number: int) -> None:
    """Nobody has been heard of for a while."""
    with writing(office.engine) as session:
        session.get_one(ListJob, number).heartbeat = now() - jobs.SILENT - timedelta(seconds=1)


def test_who_was_taken_over_stores_nothing_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = waiting(office, listed())
    own = jobs.advance

    def taken_over(job: ListJob, *words: Any) -> None:
        own(job, *words)
        job.worker = "somebody else"

    monkeypatch.setattr(work.jobs, "advance", taken_over)
    run(office, number)
    monkeypatch.undo()
    job = job_of(office, number)
    assert (job.state, job.slices, job.worker) == ("running", 1, "somebody else")
    silence(office, number)
    run(office, number)
    done(office, number)


def test_it_stops_at_the_next_slice_and_keeps_what_is_stored(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = waiting(office, listed())
    own = jobs.advance

    def stopped(job: ListJob, slice_: int, *words: Any) -> None:
        own(job, slice_, *words)
        if slice_ == 0:
            job.state = "cancelling"

    monkeypatch.setattr(work.jobs, "advance", stopped)
    run(office, number)
    monkeypatch.undo()
    job = job_of(office, number)
    assert (job.state, job.slices) == ("cancelled", 1) and job.ended_at is not None
    with reading(office.engine) as session:
        assert rows(session)["enterprises"] == job.done - job.rejected
    # It can be gone on with.
    with writing(office.engine) as session:
        jobs.start(session, session.get_one(User, 1), session.get_one(ListJob, number))
    run(office, number)
    done(office, number)


def test_on_another_day_all_of_it_is_screened_again(office: Office) -> None:
    number = waiting(office, listed())
    run(office, number, stop_after(0))
    assert job_of(office, number).slices == 1
    day = AS_OF + timedelta(days=2)
    with writing(office.engine) as session:
        session.get_one(ListJob, number).as_of = day
    run(office, number)
    done(office, number)
    with reading(office.engine) as session:
        assert set(session.execute(select(Standing.as_of)).scalars()) == {day}


def test_other_rules_are_another_work() -> None:
    told = {work.identity(list_, day, version) for list_ in "ab" for day in (AS_OF, date(2026, 7, 1)) for version in "12"}
    assert len(told) == 8 and {len(text) for text in told} == {64}


def test_stopping_before_anybody_began_is_at_once(office: Office) -> None:
    number = waiting(office, listed())
    with writing(office.engine) as session:
        jobs.cancel(session, session.get_one(User, 1), session.get_one(ListJob, number), now())
    run(office, number)
    assert job_of(office, number).state == "cancelled"
    with reading(office.engine) as session:
        assert rows(session)["enterprises"] == 0


def test_two_lists_at_once(office: Office) -> None:
    """Of the same enterprises and of others, by two processes; each is worked on by one of them."""
    numbers = [waiting(office, listed()), waiting(office, listed()), waiting(office, listed(100))]
    threads = [threading.Thread(target=run, args=(office, number)) for number in (*numbers, *numbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, start in zip(numbers, (0, 0, 100), strict=True):
        done(office, number, start=start)
    with reading(office.engine) as session:
        assert rows(session)["profiles"] == rows(session)["determinations"] == 16
        assert len(session.execute(select(AuditEntry).where(AuditEntry.action == "list-ended")).scalars().all()) == 3


def test_another_mapping_begins_anew_and_makes_no_enterprise_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = waiting(office, listed())
    cut_off(office, number, monkeypatch, "advance", 2)
    before = job_of(office, number)
    with writing(office.engine) as session:
        columns = "{单位名称: name, 从业人数: null}"
        text = f"lists:\n  - {{file: list.csv, row: enterprise, key: 企业编号, columns: {columns}}}\n"
        session.get_one(ListJob, number).mapping = text
    silence(office, number)
    run(office, number)
    job = job_of(office, number)
    assert (job.state, job.done, job.rejected) == ("done", ROWS, 2)
    assert job.counts["changed"] == before.done - before.rejected == 8 - job.counts["new"]
    assert sorted(Shelf(office.settings.lists).rejects(number, job.slices)["row"].to_list()) == [5, 9]


def test_a_list_that_is_gone_fails_with_a_reason(office: Office) -> None:
    number = waiting(office, listed())
    shelf = Shelf(office.settings.lists)
    shelf.clear(job_of(office, number).digest)
    run(office, number)
    job = job_of(office, number)
    assert (job.state, job.message) == ("failed", "list.csv：找不到这个文件。检查路径和文件名。")


def test_a_fault_is_told_without_its_words(office: Office, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    number = waiting(office, listed())

    def wrong(*_: object) -> None:
        raise ValueError("公司1的秘密")

    monkeypatch.setattr(work.jobs, "advance", wrong)
    run(office, number)
    job = job_of(office, number)
    assert job.state == "failed" and job.message is not None and "秘密" not in job.message + caplog.text
    assert "ValueError" in caplog.text


def test_a_full_disk_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = waiting(office, listed())

    def full(*_: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(Shelf, "keep_rejects", full)
    run(office, number)
    assert "磁盘" in (job_of(office, number).message or "")


def test_while_the_database_is_away_the_list_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = waiting(office, listed())

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(work.jobs, "advance", away)
    run(office, number)
    monkeypatch.undo()
    assert job_of(office, number).state == "running"
    silence(office, number)
    run(office, number)
    done(office, number)


def test_signs_of_life_keep_a_list(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a slice takes its time, the beat goes on."""
    number = waiting(office, listed())
    monkeypatch.setattr(work, "BEAT", 0.01)
    own, beaten = jobs.alive, threading.Event()

    def alive(*words: Any) -> bool:
        found = own(*words)
        beaten.set()
        return found

    monkeypatch.setattr(work.jobs, "alive", alive)
    run(office, number, lambda: not beaten.wait(20))
    done(office, number)


def test_what_nobody_attends_to_is_found(office: Office) -> None:
    first, second, third = (waiting(office, listed(start)) for start in (0, 20, 40))
    with writing(office.engine) as session:
        assert jobs.claim(session, first, "one", now()) is not None
        assert jobs.claim(session, first, "two", now()) is None
        assert jobs.unattended(session, now()) == [second, third]
        jobs.cancel(session, session.get_one(User, 1), session.get_one(ListJob, third), now())
        later = now() + jobs.SILENT + timedelta(seconds=1)
        assert jobs.unattended(session, later) == [first, second]
        assert jobs.claim(session, first, "two", later) is not None
        assert not jobs.alive(session, first, "one", later) and jobs.alive(session, first, "two", later)
