"""Everybody screened again: what is evaluated, what is written down, what survives a kill, who may work beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from engine import InputError
from tests.centre.office import TODAY
from tests.centre.watching.applicants import (
    LEDGER,
    daxing,
    enterprise,
    expiring,
    find,
    foreseen,
    moved,
    other_rules,
    program,
    renamed,
    replaced,
    take_in,
    user,
    watch,
)
from tests.helpers import ROOT
from web.centre import keeping
from web.centre.clock import day_of
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, DeterminationRow, Enterprise, Outlook, Standing, Watch
from web.centre.watching import news, run, state
from web.centre.watching.lock import alone

ENDS = date(2026, 12, 10)
DAY = timedelta(days=1)


def determinations(engine: Engine) -> int:
    with reading(engine) as session:
        return session.execute(select(func.count()).select_from(DeterminationRow)).scalar_one()


def sound(engine: Engine) -> None:
    """The chain holds, and every standing can be made again from what is kept."""
    with reading(engine) as session:
        assert list(chain.verify(session)) == []
        for standing in session.execute(select(Standing)).scalars():
            row = session.get_one(DeterminationRow, standing.determination_id)
            again = keeping.rederived(session, row)
            assert again is not None
            amounts = {key: list(ends) for key, ends in again.amounts.items()}
            assert (again.verdicts, amounts, again.awaiting) == (row.verdicts, row.amounts, standing.awaiting)


def test_a_night_on_which_nothing_turns_evaluates_and_writes_nothing(centre: Engine) -> None:
    take_in(centre, daxing("甲"), expiring("乙", str(ENDS)))
    assert watch(centre).evaluated == 2
    kept = determinations(centre)
    night = watch(centre, TODAY + DAY)
    assert (night.checked, night.evaluated, night.changed) == (2, 0, 0)
    assert determinations(centre) == kept == 2
    with reading(centre) as session:
        assert state.checked(session) == state.Checked(TODAY + DAY, program().pack.version)
        entry = session.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()
    assert (entry.action, entry.detail["checked"], entry.detail["as_of"]) == ("watched", 2, "2026-11-23")
    sound(centre)


def test_what_ends_is_written_down_on_its_day_for_that_enterprise_alone(centre: Engine) -> None:
    take_in(centre, daxing("甲"), expiring("乙", str(ENDS)))
    watch(centre)
    assert watch(centre, ENDS).evaluated == 0
    done = watch(centre, ENDS + DAY)
    assert (done.evaluated, done.changed) == (1, 1)
    assert done.moves["P", "N"] >= 1
    assert ("乙", LEDGER, "P", "N", "date") in moved(centre)
    assert {name for name, *_ in moved(centre)} == {"乙"}
    assert watch(centre, ENDS + DAY).evaluated == 0
    sound(centre)


def test_what_will_be_lost_is_known_before_with_its_last_day(centre: Engine) -> None:
    take_in(centre, daxing("甲"), expiring("乙", str(ENDS)))
    watch(centre)
    told = foreseen(centre)
    assert ("乙", LEDGER, "P", "N", ENDS) in told
    assert ("甲", "dx25-rd-super-deduction-application", "E", "F", date(2026, 12, 31)) in told
    with reading(centre) as session:
        first = {(row.enterprise_id, row.measure): row.found_at for row in session.execute(select(Outlook)).scalars()}
    # Looked at again a month later: what was foreseen then stays found when it was.
    watch(centre, TODAY + 31 * DAY)
    with reading(centre) as session:
        for row in session.execute(select(Outlook)).scalars():
            if row.last_day == date(2026, 12, 31):
                assert row.found_at == first[row.enterprise_id, row.measure]
    assert all(name != "乙" for name, *_ in foreseen(centre))


def test_other_rules_determine_everybody(centre: Engine, tmp_path: Path) -> None:
    take_in(centre, daxing("甲"), expiring("乙", str(ENDS)))
    watch(centre)

    def change(folder: Path) -> None:
        replaced(folder, "packs/daxing-2025/document.yaml", "2027-12-31", "2026-10-31")

    rules = other_rules(tmp_path / "rules", change)
    done = watch(centre, rules=rules)
    assert (done.evaluated, done.changed) == (2, 2)
    ended = [(name, after, cause) for name, measure, _, after, cause in moved(centre) if measure.startswith("dx25-")]
    assert ("甲", "X", "rules") in ended
    with reading(centre) as session:
        assert set(session.execute(select(Standing.pack_version)).scalars()) == {rules.pack.version}
        assert state.checked(session) == state.Checked(TODAY, rules.pack.version)
    assert watch(centre, rules=rules).evaluated == 0


def test_what_the_new_rules_cannot_read_stays_and_is_counted(centre: Engine, tmp_path: Path) -> None:
    take_in(centre, daxing("甲"), enterprise("乙", staff_total=None, above_scale="是"), expiring("丙", str(ENDS), foreign_invested="是"))
    watch(centre)
    assert "丙" in {name for name, *_ in foreseen(centre)}
    rules = other_rules(tmp_path / "rules", renamed)
    with reading(centre) as session:
        # Nobody was screened by these rules yet: that is not the same as not being read by them.
        assert news.unchecked(session, rules.pack.version, TODAY) == news.Open(0, 3, 0, 0)
    done = watch(centre, rules=rules)
    assert (done.checked, done.unreadable) == (3, 1)
    with reading(centre) as session:
        wanted = select(Enterprise.name).join(Standing, Standing.enterprise_id == Enterprise.id)
        left = session.execute(wanted.where(Standing.pack_version != rules.pack.version)).scalars().all()
        assert news.unchecked(session, rules.pack.version, TODAY) == news.Open(0, 0, 0, 1)
        assert [(one.name, one.as_of) for one in news.unreadable(session, rules.pack.version)] == [("丙", TODAY)]
        assert news.unreadable(session, rules.pack.version, page=2) == []
    assert left == ["丙"]
    assert "丙" not in {name for name, *_ in foreseen(centre)}
    # The rules of before read it as before.
    assert watch(centre).unreadable == 0
    assert "丙" in {name for name, *_ in foreseen(centre)}


def test_a_profile_or_a_finding_that_nobody_screened_is_screened(centre: Engine) -> None:
    [number] = take_in(centre, expiring("乙", str(ENDS)))
    watch(centre)
    take_in(centre, enterprise("乙"), screen=False)
    assert watch(centre).changed == 1
    assert ("乙", LEDGER, "P", "N", "profile") in moved(centre)
    with reading(centre) as session:
        awaiting = session.get_one(Standing, number).awaiting
    judgement = next(name for names in awaiting.values() for name in names)
    find(centre, number, judgement, False)
    before = len(moved(centre))
    # Findings count from their day on, which is by the clock of the machine.
    with reading(centre) as session:
        on = day_of(keeping.confirmed(session, number)[0].at)
    watch(centre, max(on, TODAY))
    assert {cause for *_, cause in moved(centre)[before:]} == {"finding"}
    sound(centre)


def test_who_was_never_screened_is_and_nothing_moved(centre: Engine) -> None:
    take_in(centre, daxing("甲"), screen=False)
    assert watch(centre).changed == 1
    assert moved(centre) == []
    sound(centre)


def test_an_earlier_day_can_be_asked_for_and_the_later_one_again(centre: Engine) -> None:
    take_in(centre, expiring("乙", str(ENDS)))
    watch(centre, ENDS + DAY)
    watch(centre, TODAY)
    letters = [(before, after) for _, measure, before, after, _ in moved(centre) if measure == LEDGER]
    assert letters == [("P", "N"), ("N", "P")]


def test_who_changes_something_in_between_is_right(centre: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(centre, daxing("甲"), expiring("乙", str(ENDS)))
    meddled: list[int] = []

    def meddle() -> bool:
        if not meddled:
            meddled.extend(take_in(centre, enterprise("乙")))
        return False

    done = watch(centre, ENDS + DAY, stopping=meddle)
    assert meddled
    # Evaluated with the old profile, thrown away, and evaluated with the new one.
    assert done.evaluated == 3
    assert ("乙", LEDGER, "P", "N", "profile") in moved(centre)
    assert ("乙", LEDGER, "P", "N", "date") not in moved(centre)
    sound(centre)


def test_erased_enterprises_are_left_alone(centre: Engine) -> None:
    [number] = take_in(centre, daxing("甲"))
    with writing(centre) as session:
        session.get_one(Enterprise, number).erased_on = TODAY
    assert watch(centre, TODAY + 200 * DAY).checked == 0


def test_two_at_once_is_one(centre: Engine) -> None:
    with alone(centre) as first:
        assert first
        with pytest.raises(InputError, match="正在进行"):
            watch(centre)
    assert watch(centre).checked == 0


def test_stopping_leaves_what_is_done_and_is_gone_on_with(centre: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "WRITTEN", 1)
    take_in(centre, *(daxing(f"甲{number}") for number in range(4)), screen=False)
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(run.Stopped):
        watch(centre, stopping=stopping)
    assert determinations(centre) == 2
    with reading(centre) as session:
        assert state.checked(session) is None
    assert watch(centre).evaluated == 2


KILLED = """
import os, signal, sys
from datetime import date
from web.centre.store.database import address_of, connect
from web.centre.watching import run
from tests.centre.watching.applicants import program
run.READ, run.WRITTEN = 3, 1
times = int(sys.argv[2])
def stopping():
    global times
    times -= 1
    if times < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return False
run.rescreen(connect(address_of(sys.argv[1])), program(), date(2026, 12, 11), 1, stopping=stopping)
"""


def test_killed_at_any_moment_leaves_something_whole(centre: Engine) -> None:
    take_in(centre, *(expiring(f"乙{number}", str(ENDS)) for number in range(5)))
    watch(centre)
    address = centre.url.render_as_string(hide_password=False)
    for times in (0, 2):
        words = [sys.executable, "-c", KILLED, address, str(times)]
        ended = subprocess.run(words, cwd=ROOT, capture_output=True)
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        sound(centre)
        with reading(centre) as session:
            assert state.checked(session) == state.Checked(TODAY, program().pack.version)
    done = watch(centre, ENDS + DAY)
    assert (done.evaluated, done.changed) == (3, 3)
    assert len([move for move in moved(centre) if move[1:] == (LEDGER, "P", "N", "date")]) == 5
    with reading(centre) as session:
        assert session.execute(select(func.count()).select_from(Watch)).scalar_one() == 5
    sound(centre)


def test_timers_screen_in_the_name_of_an_account_that_nobody_has(centre: Engine) -> None:
    with writing(centre) as session:
        first = state.machine(session)
        assert state.machine(session).id == first.id
        assert (first.active, first.password) == (False, None)
        state.want(session, user(session))
    with reading(centre) as session:
        assert state.wanted(session) == user(session).id
    watch(centre)
    with reading(centre) as session:
        assert state.wanted(session) is None
