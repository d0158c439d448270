"""Deciding on a case: what counts, what is refused, and that nobody overwrites anybody, on both kinds of database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.centre import bench
from tests.centre.bench import TALENT, WHOLE, YOUTH, letter, program, rows, take_in, user
from tests.centre.office import NOW, TODAY, people
from web.centre import keeping
from web.centre.judging import LONGEST, Bench, Case, Moved, Refused, Seen, Word, case_of, told
from web.centre.rulings import Matter
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, DeterminationRow, Evidence, Move

MEASURE, FUNDING = "dx25-grant-equity-linkage", "tz-outstanding-youth-funding"
KEY_RESULT = Matter(WHOLE)
WHY, SECOND = "列入区科委年度重点成果清单", "清单原件已经核对"
Act = Callable[[Bench, Case], Word]
once = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what is the same on either kind of database."""


@pytest.fixture
def centre(engine: Engine) -> Engine:
    people(engine)
    return engine


@pytest.fixture
def number(centre: Engine) -> int:
    return take_in(centre)


def act(
    engine: Engine, number: int, by: str, do: Act, *, matter: Matter = KEY_RESULT, four_eyes: bool = False,
    at: datetime = NOW,
) -> Word:  # fmt: skip
    """What somebody does who has the newest of everything before them."""
    with writing(engine) as session:
        case = case_of(session, number, matter)
        assert case is not None
        return do(Bench(session, program(), TODAY, user(session, by), at, four_eyes), case)


def finding(answer: bool, seen: Seen | None = None, evidence: int | None = None) -> Act:
    return lambda here, case: here.find(case, seen or case.seen, answer, WHY, evidence)


def confirm(here: Bench, case: Case) -> Word:
    return here.confirm(case, case.seen)


def reject(here: Bench, case: Case) -> Word:
    return here.reject(case, case.seen, SECOND)


def withdraw(here: Bench, case: Case) -> Word:
    return here.withdraw(case, case.seen, SECOND)


def counting(engine: Engine, number: int) -> list[tuple[int, bool]]:
    with reading(engine) as session:
        return [(row.id, row.finding) for row in keeping.confirmed(session, number)]


def actions(session: Session) -> list[str]:
    return list(session.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars())


def test_a_finding_counts_at_once_and_moves_the_case(centre: Engine, number: int) -> None:
    assert letter(centre, number, MEASURE) == "P"
    row, action = act(centre, number, "reviewer", finding(True))
    assert (action, row.stage, row.on_profile_id, row.at) == ("finding", "confirmed", 1, NOW)
    assert letter(centre, number, MEASURE) == "E"
    act(centre, number, "reviewer2", finding(False))
    assert letter(centre, number, MEASURE) == "N"
    with reading(centre) as session:
        moves = session.execute(select(Move.before, Move.after, Move.cause).where(Move.measure == MEASURE).order_by(Move.id))
        assert [tuple(move) for move in moves] == [("P", "E", "finding"), ("E", "N", "finding")]
        assert actions(session) == ["finding", "finding"]
        newest = session.execute(select(DeterminationRow).order_by(DeterminationRow.id.desc()).limit(1)).scalar_one()
        assert newest.findings == [2]
        assert list(chain.verify(session)) == []


def test_of_two_people_one_alone_cannot_make_it_count(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True), four_eyes=True)
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("P", [])
    with pytest.raises(Refused, match="另一位审核人"):
        act(centre, number, "reviewer", confirm, four_eyes=True)
    row, action = act(centre, number, "reviewer2", confirm, four_eyes=True)
    assert (action, row.answers_id, row.by_id != rows(centre)[0].by_id) == ("finding-confirmed", 1, True)
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("E", [(1, True)])


@once
def test_a_second_person_may_turn_it_down_with_a_reason(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True), four_eyes=True)
    with pytest.raises(Refused, match="理由"):
        act(centre, number, "reviewer2", lambda here, case: here.reject(case, case.seen, " "), four_eyes=True)
    assert act(centre, number, "reviewer2", reject, four_eyes=True).action == "finding-rejected"
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("P", [])
    with pytest.raises(Refused, match="没有等待复核"):
        act(centre, number, "head", confirm, four_eyes=True)


@once
def test_a_proposal_is_taken_back_by_who_made_it(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True), four_eyes=True)
    act(centre, number, "reviewer", reject, four_eyes=True)
    assert counting(centre, number) == []


@once
def test_what_counted_stays_until_the_second_person_agrees_with_the_next(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True))
    act(centre, number, "reviewer", finding(False), four_eyes=True)
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("E", [(1, True)])
    act(centre, number, "head", confirm, four_eyes=True)
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("N", [(2, False)])


def test_a_withdrawn_finding_leaves_the_case_open_again(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True))
    row, action = act(centre, number, "reviewer2", withdraw)
    assert (action, row.stage, row.answers_id) == ("finding-withdrawn", "rejected", 1)
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("P", [])
    with pytest.raises(Refused, match="没有可以撤回"):
        act(centre, number, "reviewer2", withdraw)
    act(centre, number, "reviewer", finding(True))
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("E", [(3, True)])
    with reading(centre) as session:
        assert list(chain.verify(session)) == []


@once
def test_with_two_people_a_withdrawal_needs_both(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True))
    assert act(centre, number, "reviewer", withdraw, four_eyes=True).action == "withdrawal-proposed"
    assert counting(centre, number) == [(1, True)]
    with pytest.raises(Refused, match="另一位审核人"):
        act(centre, number, "reviewer", confirm, four_eyes=True)
    assert act(centre, number, "head", reject, four_eyes=True).action == "withdrawal-rejected"
    assert counting(centre, number) == [(1, True)]
    act(centre, number, "reviewer", withdraw, four_eyes=True)
    assert act(centre, number, "reviewer2", confirm, four_eyes=True).action == "withdrawal-confirmed"
    assert (letter(centre, number, MEASURE), counting(centre, number)) == ("P", [])


def test_choosing_four_eyes_or_not_leaves_what_counts(centre: Engine, number: int) -> None:
    """Found alone, then with four eyes on, then with them off again: what was written stands as it was written."""
    about = Matter(YOUTH, TALENT)
    act(centre, number, "reviewer", finding(True))
    act(centre, number, "reviewer", finding(True), matter=about, four_eyes=True)
    assert counting(centre, number) == [(1, True)]
    # Off again: the proposal neither counts by itself, nor may its author make it count.
    with pytest.raises(Refused, match="另一位审核人"):
        act(centre, number, "reviewer", confirm, matter=about)
    act(centre, number, "head", confirm, matter=about)
    assert counting(centre, number) == [(1, True), (2, True)]
    act(centre, number, "reviewer", withdraw, matter=about)
    assert counting(centre, number) == [(1, True)]
    assert (letter(centre, number, MEASURE), letter(centre, number, FUNDING)) == ("E", "P")


@once
def test_a_finding_about_a_record_is_about_that_one_alone(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(False), matter=Matter(YOUTH, "人才甲"))
    assert letter(centre, number, FUNDING) == "P"
    act(centre, number, "reviewer", finding(True), matter=Matter(YOUTH, TALENT))
    assert letter(centre, number, FUNDING) == "E"


@once
def test_what_nobody_asks_is_not_judged(centre: Engine, number: int) -> None:
    """No such record, no record, a record where the enterprise is meant, no such judgement, a document out of force."""
    for matter in (
        Matter(YOUTH, "没有这个人"), Matter(YOUTH), Matter(WHOLE, TALENT), Matter("没有这项"), Matter("lf16-major-project")
    ):  # fmt: skip
        with pytest.raises(Refused, match="没有对它问"):
            act(centre, number, "reviewer", finding(True), matter=matter)
    assert rows(centre) == []


@once
def test_a_record_that_was_taken_out_can_still_be_withdrawn_from(centre: Engine, number: int) -> None:
    matter = Matter(YOUTH, TALENT)
    act(centre, number, "reviewer", finding(True), matter=matter)
    take_in(centre, talents=[])
    with pytest.raises(Refused, match="没有这条记录"):
        act(centre, number, "reviewer", finding(False), matter=matter)
    act(centre, number, "reviewer", withdraw, matter=matter)
    assert counting(centre, number) == []


@once
def test_an_erased_enterprise_is_judged_no_more(centre: Engine, number: int) -> None:
    with writing(centre) as session:
        profile = keeping.newest_profile(session, number)
        assert profile is not None
        profile.data, profile.erased_on = None, TODAY
    with pytest.raises(Refused, match="已经清除"):
        act(centre, number, "reviewer", finding(True))


def test_evidence_of_another_enterprise_or_erased_is_none(centre: Engine, number: int) -> None:
    other = take_in(centre, key="k2")
    with writing(centre) as session:
        for enterprise, erased in ((number, None), (other, None), (number, TODAY)):
            row = Evidence(
                enterprise_id=enterprise, name="a.pdf", media_type="application/pdf", size=1, digest="0" * 64,
                by_id=user(session, "clerk").id, at=NOW, erased_on=erased,
            )  # fmt: skip
            session.add(row)
            session.flush()
    for evidence in (2, 3, 4, 2**31 - 1):
        with pytest.raises(Refused, match="没有这份证据"):
            act(centre, number, "reviewer", finding(True, evidence=evidence))
    assert act(centre, number, "reviewer", finding(True, evidence=1)).row.evidence_id == 1


@once
def test_there_is_no_case_without_an_enterprise_or_a_profile(centre: Engine) -> None:
    with writing(centre) as session:
        keeping.enterprise_of(session, "k", keeping.Head("甲", None, None, None))
        assert case_of(session, 1, Matter(WHOLE)) is case_of(session, 9, Matter(WHOLE)) is None


# ---- Conflicts ----


def test_who_has_not_seen_the_newest_word_or_profile_is_told(centre: Engine, number: int) -> None:
    with pytest.raises(Moved):
        act(centre, number, "reviewer", finding(True, Seen(1, 1)))
    act(centre, number, "reviewer", finding(True, Seen(0, 1)))
    with pytest.raises(Moved):
        act(centre, number, "reviewer2", finding(False, Seen(0, 1)))
    take_in(centre, founded_on="2019-06-13")
    with pytest.raises(Moved):
        act(centre, number, "reviewer2", finding(False, Seen(1, 1)))
    act(centre, number, "reviewer2", finding(False, Seen(1, 2)))
    assert [(row.finding, row.on_profile_id) for row in rows(centre)] == [(True, 1), (False, 2)]


@once
def test_other_matters_of_the_same_case_are_no_conflict(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True, Seen(0, 1)))
    act(centre, number, "reviewer2", finding(True, Seen(0, 1)), matter=Matter(YOUTH, TALENT))
    act(centre, number, "head", finding(True, Seen(0, 1)), matter=Matter(YOUTH, "人才甲"))
    assert len(counting(centre, number)) == 3


@once
def test_a_second_person_does_not_agree_with_what_they_have_not_seen(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True), four_eyes=True)
    act(centre, number, "reviewer", finding(False), four_eyes=True)
    with pytest.raises(Moved):
        act(centre, number, "head", lambda here, case: here.confirm(case, Seen(1, 1)), four_eyes=True)


def at_once(works: list[Callable[[], None]]) -> list[BaseException | None]:
    """Let all of them run at the same time; what each raised."""
    start, raised = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int) -> None:
        start.wait()
        try:
            works[place]()
        except BaseException as error:
            raised[place] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(raised)


def test_of_writers_with_the_same_base_exactly_one_succeeds(centre: Engine, number: int) -> None:
    """Three rounds of six; in each, all have seen the same."""
    for base in range(3):
        seen = Seen(base, 1)

        def write(by: str, answer: bool, seen: Seen = seen) -> Callable[[], None]:
            return lambda: void(act(centre, number, by, finding(answer, seen)))

        works = [write(by, answer) for by in ("reviewer", "reviewer2", "head") for answer in (True, False)]
        raised = at_once(works)
        assert [type(error) for error in raised if error is not None] == [Moved] * 5
        assert len(rows(centre)) == base + 1
    with reading(centre) as session:
        assert list(chain.verify(session)) == []
        assert actions(session) == ["finding"] * 3


def test_writers_on_different_matters_lose_nothing(centre: Engine, number: int) -> None:
    other = take_in(centre, key="k2")
    matters = [
        (one, Matter(judgement, about))
        for one in (number, other)
        for judgement, about in ((WHOLE, None), (YOUTH, TALENT), (YOUTH, "人才甲"), ("dx25-key-industry-patent", None))
    ]
    works: list[Callable[[], None]] = [
        lambda one=one, matter=matter: void(act(centre, one, "reviewer", finding(True, Seen(0, 1)), matter=matter))  # type: ignore[misc]
        for one, matter in matters
    ]
    assert at_once(works) == [None] * len(works)
    assert {(row.enterprise_id, Matter(row.judgement, row.about)) for row in rows(centre)} == set(matters)
    assert len(rows(centre)) == len(matters)
    for one in (number, other):
        assert letter(centre, one, MEASURE) == letter(centre, one, FUNDING) == "E"
        assert len(counting(centre, one)) == 4
    with reading(centre) as session:
        assert list(chain.verify(session)) == []


def test_a_finding_and_a_new_profile_at_once_leave_neither_behind(centre: Engine, number: int) -> None:
    """Either the finding came first and the profile is determined with it, or its author is told of the new profile."""
    raised = at_once([
        lambda: void(act(centre, number, "reviewer", finding(True, Seen(0, 1)))),
        lambda: void(take_in(centre, founded_on="2019-06-13")),
    ])
    assert raised[1] is None
    with reading(centre) as session:
        newest = session.execute(select(DeterminationRow).order_by(DeterminationRow.id.desc()).limit(1)).scalar_one()
        found = [row.id for row in rows(centre)]
        assert (newest.profile_id, newest.findings) == (2, found)
    assert (found == [1]) == (raised[0] is None)
    assert letter(centre, number, MEASURE) == ("E" if found else "P")


def void(_: object) -> None:
    """Threads answer nothing."""


# ---- Reasons ----


@pytest.mark.parametrize("text", ["", "    \n ", "同意", "-----", "　　　　　　", "\u202e\u200b\u200b\u200b\u200b\u200b"])
def test_a_reason_must_say_something(text: str) -> None:
    with pytest.raises(Refused, match="至少 5 个字"):
        told(text)


def test_a_reason_is_kept_line_by_line_without_what_cannot_be_seen() -> None:
    assert told("  第一行\u202e有理由 \r\n\r\n\t第二行\x00 ") == "第一行有理由\n\n第二行"
    assert told("字" * LONGEST) == "字" * LONGEST
    with pytest.raises(Refused, match="最多 2000 个字，现在有 2001 个"):
        told("字" * (LONGEST + 1))


@once
def test_a_reason_is_what_the_determination_says(centre: Engine, number: int) -> None:
    act(centre, number, "reviewer", finding(True))
    with reading(centre) as session:
        profile = keeping.newest_profile(session, number)
        assert profile is not None
        (said,) = keeping.with_findings(profile.data or {}, keeping.confirmed(session, number))["findings"]
    assert (said["judgement"], said["finding"], said["why"], said["on"]) == (WHOLE, True, WHY, "2026-11-22")
    assert bench.name_of(centre, number) == "甲公司"
