"""What there is to judge beside the queue, in parts where there is much of it; on both kinds of database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.centre.bench import TALENT, WHOLE, YOUTH, program, take_in, user
from tests.centre.office import TODAY, people
from tests.centre.test_judging import act, confirm, finding, reject, withdraw
from web.centre import docket
from web.centre.rulings import Matter
from web.centre.store.database import reading


@pytest.fixture
def numbers(engine: Engine) -> list[int]:
    people(engine)
    return [take_in(engine, key, name) for key, name in (("k1", "甲"), ("k2", "乙"), ("k3", "丙"))]


def test_proposals_and_findings_are_listed_in_parts(
    engine: Engine, numbers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    about = Matter(YOUTH, TALENT)
    for number in reversed(numbers):
        act(engine, number, "reviewer", finding(True), four_eyes=True)
    act(engine, numbers[0], "reviewer", finding(True), matter=about)
    act(engine, numbers[1], "head", confirm, four_eyes=True)
    act(engine, numbers[2], "reviewer2", finding(True), matter=about)
    act(engine, numbers[2], "reviewer2", withdraw, matter=about)
    with reading(engine) as session:
        told = docket.proposals(session)
        assert ([entry.number for entry in told.items], told.after) == ([numbers[2], numbers[0]], None)
        assert docket.proposed(session, WHOLE) == {numbers[0], numbers[2]} and not docket.proposed(session, YOUTH)
        assert (docket.found_true(session, WHOLE), docket.found_true(session, YOUTH)) == (1, 1)
        assert docket.overtaken(session, program().pack, TODAY).items == ()
        mine = docket.mine(session, user(session, "reviewer2").id)
        assert [(row.stage, name) for row, name in mine] == [("rejected", "丙"), ("confirmed", "丙")]
        monkeypatch.setattr(docket, "MOST", 1)
        first = docket.proposals(session)
        assert ([entry.name for entry in first.items], first.after) == (["甲"], numbers[0])
        second = docket.proposals(session, numbers[0])
        assert ([entry.name for entry in second.items], second.after) == (["丙"], None)
    act(engine, numbers[2], "reviewer2", reject, four_eyes=True)
    with reading(engine) as session:
        assert [entry.name for entry in docket.proposals(session).items] == ["甲"]


def test_what_rests_on_facts_that_changed_is_listed_until_it_is_judged_again(engine: Engine, numbers: list[int]) -> None:
    for number in numbers:
        act(engine, number, "reviewer", finding(True))
    take_in(engine, "k1", "甲", founded_by_result_transfer=False)
    take_in(engine, "k2", "乙", talents=[])
    with reading(engine) as session:
        (entry,) = docket.overtaken(session, program().pack, TODAY).items
        assert (entry.number, entry.changed) == (numbers[0], ("以科技成果转化创办",))
        assert docket.overtaken(session, program().pack, TODAY, after=numbers[0]).items == ()
    # Told as it was again, the finding bears on the same facts as before.
    take_in(engine, "k1", "甲")
    with reading(engine) as session:
        assert docket.overtaken(session, program().pack, TODAY).items == ()
    take_in(engine, "k1", "甲", founded_by_result_transfer=False)
    # A second person looked at the newest profile before agreeing.
    act(engine, numbers[0], "reviewer", finding(False), four_eyes=True)
    with reading(engine) as session:
        assert len(docket.overtaken(session, program().pack, TODAY).items) == 1
    act(engine, numbers[0], "head", confirm, four_eyes=True)
    with reading(engine) as session:
        assert docket.overtaken(session, program().pack, TODAY).items == ()
