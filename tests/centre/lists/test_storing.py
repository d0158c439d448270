"""A slice kept at once is what ``keeping`` would have kept one by one; again it is nothing; nobody in between is overlooked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.columns.frame import RawSlice
from engine.columns.of_profiles import raw_slice
from tests.centre.bench import WHOLE, sample
from tests.centre.lists.comparing import program
from tests.centre.lists.keeping_lists import AS_OF, centre, keeper, kept, rows
from tests.centre.office import TODAY
from tests.columns.randomly import Profiles
from web.centre import intake, keeping
from web.centre.lists.screening import Findings, Screened, Screening
from web.centre.lists.storing import Keeper
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    Entitlement,
    FindingRow,
    Listed,
    Move,
    ProfileVersion,
    Standing,
    User,
)

COUNT = 12
PENDING = sample(name="甲公司")
"""At ``TODAY`` it waits for ``WHOLE``, which only a person can find."""


@pytest.fixture
def ready(engine: Engine) -> Engine:
    centre(engine)
    return engine


def drawn(seed: int) -> list[dict[str, Any]]:
    return list(Profiles(program().pack, seed, AS_OF).many(COUNT))


def user(session: Session) -> User:
    found = session.execute(select(User)).scalars().first()
    assert found is not None
    return found


def find(session: Session, key: str, judgement: str, finding: bool = True) -> None:
    enterprise = session.execute(select(Enterprise).where(Enterprise.key == key)).scalar_one()
    profile = keeping.newest_profile(session, enterprise.id)
    assert profile is not None
    row = FindingRow(
        enterprise_id=enterprise.id, judgement=judgement, finding=finding, reason="看过", stage="confirmed",
        on_profile_id=profile.id, by_id=user(session).id, at=datetime(2026, 11, 1),
    )  # fmt: skip
    chain.seal(session, [row])


def nothing_to_add(engine: Engine, as_of: date = AS_OF) -> None:
    """Keeping each profile again, one by one, adds nothing; what queues read is what the determinations say."""
    with writing(engine) as session:
        before = rows(session)
        for enterprise in session.execute(select(Enterprise)).scalars().all():
            newest = keeping.newest_profile(session, enterprise.id)
            assert newest is not None and newest.data is not None
            assert keeping.add_profile(session, enterprise, newest.data, "list", user(session)) is newest
            assert keeping.determine(session, newest, program(), as_of, user(session)) is None
            told = keeping.newest_determination(session, enterprise.id)
            standing = session.get(Standing, enterprise.id)
            assert told is not None and standing is not None
            outcome = keeping.rederived(session, told)
            assert outcome is not None and (outcome.verdicts, outcome.awaiting) == (standing.verdicts, standing.awaiting)
            assert (standing.determination_id, standing.as_of, standing.changed_at) == (told.id, told.as_of, told.at)
            amounts = session.execute(select(Entitlement).where(Entitlement.enterprise_id == enterprise.id)).scalars()
            assert {row.measure: (row.low, row.high, row.sort) for row in amounts} == {
                row.measure: (row.low, row.high, row.sort) for row in keeping.entitlements(told)
            }
            assert 0 < enterprise.changed <= chain.newest(session)[0]
        assert rows(session) == before
        assert list(chain.verify(session)) == []


def test_a_list_is_kept_as_if_one_by_one(ready: Engine) -> None:
    first, second = drawn(1), drawn(2)
    screened, counts = kept(keeper(ready), first)
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (COUNT, 0, 0)
    assert sum(counts[letter] for letter in "EPFNX") == COUNT == len(screened.entries)
    nothing_to_add(ready)
    with reading(ready) as session:
        assert rows(session)["moves"] == 0
        before = {row.id: row for row in session.execute(select(DeterminationRow)).scalars()}
    # Every other enterprise tells something else, but what it is called.
    mixed = [
        {**new, "name": old.get("name")} if number % 2 else old
        for number, (old, new) in enumerate(zip(first, second, strict=True))
    ]
    _, counts = kept(keeper(ready), mixed)
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, COUNT // 2, COUNT // 2)
    nothing_to_add(ready)
    with reading(ready) as session:
        after = [row for row in session.execute(select(DeterminationRow)).scalars() if row.id not in before]
        assert len(after) == COUNT // 2
        by_enterprise = {row.enterprise_id: row for row in before.values()}
        expected = [move for row in after for move in keeping.moves(session, by_enterprise[row.enterprise_id], row)]
        told = [(m.enterprise_id, m.measure, m.before, m.after, m.cause, m.determination_id, m.at) for m in expected]
        found = session.execute(select(Move).order_by(Move.id)).scalars()
        assert told == [(m.enterprise_id, m.measure, m.before, m.after, m.cause, m.determination_id, m.at) for m in found]
        assert len(told) > 0


def test_the_same_list_again_is_nothing_new(ready: Engine) -> None:
    kept(keeper(ready), drawn(1))
    with reading(ready) as session:
        before = rows(session)
    _, counts = kept(keeper(ready), drawn(1))
    assert counts["unchanged"] == COUNT
    with reading(ready) as session:
        assert rows(session) == before


def test_another_day_is_another_determination_of_the_same_profile(ready: Engine) -> None:
    kept(keeper(ready), drawn(1))
    _, counts = kept(keeper(ready, date(2026, 7, 1)), drawn(1))
    assert counts["unchanged"] == COUNT
    with reading(ready) as session:
        found = rows(session)
    assert (found["profiles"], found["determinations"]) == (COUNT, 2 * COUNT)
    nothing_to_add(ready, date(2026, 7, 1))


def stands(engine: Engine) -> list[tuple[date, int]]:
    with reading(engine) as session:
        return [(row.as_of, row.determination_id) for row in session.execute(select(Standing)).scalars()]


def test_an_earlier_day_takes_nothing_back(ready: Engine) -> None:
    """What is the same stays as it stands; what is told otherwise is not used, and said so."""
    coded = {"name": "乙公司", "credit_code": "91110000600037341L"}
    [best] = kept(keeper(ready, TODAY), [PENDING])[1].keys() - {"new"}
    kept(keeper(ready, TODAY), [PENDING, coded])
    before = stands(ready)
    older = [PENDING, {**coded, "staff_total": "9"}, {"name": "丙公司"}]
    screened, counts = kept(keeper(ready, date(2017, 6, 30)), older)
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (1, 0, 1)
    # The one that is the same is counted by where it stands, the new one by 2017.
    assert {letter for letter, count in counts.items() if len(letter) == 1 and count} == {best, "F"}
    [told] = screened.rejects
    assert (told.key, told.kept, screened.rejected) == (coded["credit_code"], False, 1) and "更晚的日期" in told.reason
    assert stands(ready)[:2] == before and stands(ready)[2][0] == date(2017, 6, 30)
    with reading(ready) as session:
        assert rows(session)["profiles"] == rows(session)["determinations"] == 3
        assert list(chain.verify(session)) == []
    # On the day itself, and later, what is told otherwise is used.
    assert kept(keeper(ready, TODAY), older)[1]["changed"] == 1


def test_who_came_to_stand_by_a_later_day_meanwhile_is_not_taken_back(ready: Engine) -> None:
    kept(keeper(ready), [PENDING])

    def meanwhile() -> None:
        kept(keeper(ready, TODAY), [PENDING])

    screened, counts = kept(interrupted(ready, AS_OF, meanwhile), [{**PENDING, "staff_total": "7"}])
    assert not counts and screened.rejected == 1
    assert [day for day, _ in stands(ready)] == [TODAY]


def test_the_centres_findings_count_and_claims_do_not(ready: Engine) -> None:
    kept(keeper(ready, TODAY), [PENDING])
    with writing(ready) as session:
        find(session, "0", WHOLE)
    claim = {"judgement": WHOLE, "finding": False, "by": "本公司", "on": "2026-04-01", "why": "自己说的"}
    _, counts = kept(keeper(ready, TODAY), [{**PENDING, "findings": [claim]}])
    assert counts["changed"] == 1
    with reading(ready) as session:
        told = keeping.newest_determination(session, 1)
        profile = keeping.newest_profile(session, 1)
        assert told is not None and len(told.findings) == 1
        assert profile is not None and profile.data is not None and profile.data["findings"][0]["by"] == "本公司"
    nothing_to_add(ready, TODAY)


@dataclass
class Interrupted:
    """A screening during which somebody else writes, once."""

    own: Screening
    meanwhile: Callable[[], None] | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, name)

    def slice(self, raw: RawSlice, findings: Callable[[Sequence[str]], Findings]) -> Screened:
        screened = self.own.slice(raw, findings)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return screened


def interrupted(engine: Engine, as_of: date, meanwhile: Callable[[], None]) -> Keeper:
    found = keeper(engine, as_of)
    found.screening = Interrupted(found.screening, meanwhile)  # type: ignore[assignment]
    return found


def test_a_finding_that_came_in_between_counts(ready: Engine) -> None:
    kept(keeper(ready, TODAY), [PENDING])

    def meanwhile() -> None:
        with writing(ready) as session:
            find(session, "0", WHOLE)

    kept(interrupted(ready, TODAY, meanwhile), [PENDING])
    with reading(ready) as session:
        told = keeping.newest_determination(session, 1)
        assert told is not None and len(told.findings) == 1
    nothing_to_add(ready, TODAY)


def test_an_enterprise_that_was_taken_in_meanwhile_is_not_made_twice(ready: Engine) -> None:
    def meanwhile() -> None:
        kept(keeper(ready, TODAY), [{**PENDING, "staff_total": "7"}])

    _, counts = kept(interrupted(ready, TODAY, meanwhile), [PENDING])
    assert (counts["new"], counts["changed"]) == (0, 1)
    with reading(ready) as session:
        assert session.execute(select(Enterprise.name)).scalars().all() == ["甲公司"]
        assert session.execute(select(ProfileVersion.number)).scalars().all() == [1, 2]
    nothing_to_add(ready, TODAY)


def test_a_number_of_the_list_s_own_is_not_taken_for_another_enterprise_s(ready: Engine) -> None:
    """Every list may count from one; what was found about the one says nothing of the other."""
    kept(keeper(ready, TODAY), [PENDING])
    screened, counts = kept(keeper(ready, TODAY), [{**PENDING, "name": "丙公司"}])
    assert not counts and screened.entries == [] and screened.rejected == 1
    assert "另一家" in screened.rejects[0].reason
    again, counts = kept(keeper(ready, TODAY), [{**PENDING, "staff_total": "7"}])
    assert counts["changed"] == 1 and again.rejected == 0


def test_who_has_a_credit_code_may_change_its_name(ready: Engine) -> None:
    coded = {"name": "甲公司", "credit_code": "91110000600037341L"}
    kept(keeper(ready), [coded])
    screened, counts = kept(keeper(ready), [{**coded, "name": "甲公司（新）"}])
    assert screened.rejected == 0 and counts["changed"] == 1


def test_an_enterprise_that_comes_twice_in_a_list_is_taken_once(ready: Engine) -> None:
    """However far apart; another list may bring it again, and what stays the same counts as brought too."""
    one, coded = keeper(ready), {"name": "甲公司", "credit_code": "91110000600037341L"}
    kept(one, [coded])
    screened, counts = kept(one, [{**coded, "staff_total": "9"}])
    assert screened.entries == [] and "两次" in screened.rejects[0].reason and not counts
    other = keeper(ready)
    assert kept(other, [coded])[1]["unchanged"] == 1
    with reading(ready) as session:
        assert sorted(session.execute(select(Listed.list_id)).scalars()) == [one.author.list_id, other.author.list_id]
    assert kept(other, [coded])[0].entries == []


def test_who_brings_a_credit_code_may_be_one_that_a_list_had_under_its_own_number(ready: Engine) -> None:
    kept(keeper(ready), [{"name": "甲公司"}, {"name": "乙公司", "credit_code": "91110000600037341L"}])

    def met(name: str) -> tuple[Enterprise | None, int]:
        applicant = intake.applicant_of({"name": name, "credit_code": "9131010432268223XH"}, program(), AS_OF)
        with reading(ready) as session:
            return intake.meant(session, applicant, intake.Seen())

    with pytest.raises(intake.Namesakes) as found:
        met("甲公司")
    assert [other.key for other in found.value.found] == ["0"]
    # Two credit codes are two enterprises.
    assert met("乙公司") == (None, 0)


def test_what_fails_leaves_nothing(ready: Engine) -> None:
    def beside(session: Session, screened: Screened, counts: object) -> None:
        raise RuntimeError


    with pytest.raises(RuntimeError):
        keeper(ready).keep(raw_slice(drawn(1), program().pack.vocabulary), beside)
    with reading(ready) as session:
        assert set(rows(session).values()) == {0}


@pytest.mark.parametrize("before", [False, True])
def test_one_that_comes_again_in_the_next_slice_is_taken_once(ready: Engine, before: bool) -> None:
    """The next slice is screened before this one is kept; whether anything of the enterprise is new or not."""
    if before:
        kept(keeper(ready), [PENDING])
    vocabulary, counts = program().pack.vocabulary, list[int]()
    slices = [raw_slice([{**PENDING, "staff_total": 80 + number}], vocabulary, number) for number in range(3)]
    if before:
        slices[0] = raw_slice([PENDING], vocabulary, 0)
    found = keeper(ready).keep_all(slices, lambda raw: lambda session, screened, found: counts.append(len(screened.entries)))
    assert [screened.rejected for screened in found] == [0, 1, 1]
    assert counts == [1, 0, 0]
    with reading(ready) as session:
        assert rows(session)["profiles"] == 1
    nothing_to_add(ready)
