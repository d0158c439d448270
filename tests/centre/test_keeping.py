"""Profiles, findings and determinations are kept as they were, and each determination can be made again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from engine import load_pack
from engine.compiler import compile_pack
from engine.determination import group_of
from engine.loader import BUILT_IN
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine as report
from web.centre import keeping, packs
from web.centre.outcomes import GROUP_OF, UNBOUNDED, sort_of
from web.centre.store import chain
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import (
    DeterminationRow,
    Enterprise,
    Entitlement,
    FindingRow,
    PackArchive,
    ProfileVersion,
    Standing,
    User,
)

AS_OF = date(2017, 6, 30)
BASE = {"kind": "协同创新基地", "tier": "市级", "issuer": "廊坊市", "issued": "2017-03-01"}
PROFILE: dict[str, Any] = {
    "applicant_kinds": ["企业"],
    "registered_division": "固安县",
    "recognitions": [{"id": "基地", **BASE}],
}


@pytest.fixture(scope="module")
def program() -> Program:
    return compile_pack(load_pack())


@pytest.fixture
def centre(engine: Engine, program: Program) -> Engine:
    with writing(engine) as session:
        session.add(User(name="wang", full_name="王", role="reviewer", created_at=now()))
        packs.keep(session, program.pack, BUILT_IN)
    return engine


def user(session: Session) -> User:
    return session.execute(select(User)).scalar_one()


def told(session: Session, data: dict[str, Any], key: str = "k") -> ProfileVersion:
    enterprise = keeping.enterprise_of(session, key, keeping.Head("甲公司", "131022", None, None))
    return keeping.add_profile(session, enterprise, data, "form", user(session))


def find(session: Session, profile: ProfileVersion, judgement: str, finding: bool, stage: str = "confirmed") -> FindingRow:
    row = FindingRow(
        enterprise_id=profile.enterprise_id, judgement=judgement, finding=finding, reason="看过材料", stage=stage,
        on_profile_id=profile.id, by_id=user(session).id, at=now(),
    )  # fmt: skip
    chain.seal(session, [row])
    return row


def test_a_determination_says_what_the_check_says(centre: Engine, program: Program) -> None:
    pack = program.pack
    with writing(centre) as session:
        row = keeping.determine(session, told(session, PROFILE), program, AS_OF, user(session))
    assert row is not None
    found = report(program, profile_of(PROFILE, pack.vocabulary, pack.tables), AS_OF, ReferenceSolver())
    assert [GROUP_OF[letter] for letter in row.verdicts] == [group_of(result) for result in found.results]
    stated = {r.measure: r for r in found.results if group_of(r) in ("eligible", "pending") and r.amount_range_yuan}
    assert row.amounts == {id: list(result.amount_range_yuan or ()) for id, result in stated.items()}
    assert any(r.verdict == "eligible" for r in stated.values())


def test_it_can_be_made_again_from_what_is_kept(centre: Engine, program: Program) -> None:
    with writing(centre) as session:
        profile = told(session, PROFILE)
        row = keeping.determine(session, profile, program, AS_OF, user(session))
        assert row is not None
        # A later profile and a later finding do not change what an earlier determination rests on.
        later = told(session, {**PROFILE, "recognitions": []})
        find(session, later, next(iter(program.pack.judgements)), True)
    with reading(centre) as session:
        again = keeping.rederived(session, session.get_one(DeterminationRow, row.id))
    assert again is not None
    assert (again.verdicts, {key: list(ends) for key, ends in again.amounts.items()}) == (row.verdicts, row.amounts)


@pytest.mark.parametrize(
    ("ends", "sort"),
    [(None, -1), (("0", None), UNBOUNDED), (("0", "99999.999"), 99_999), (("0", "9007199254740993"), 9_007_199_254_740_993)],
)
def test_amounts_are_sorted_exactly(ends: tuple[str, str | None] | None, sort: int) -> None:
    """The last one is the first whole number that a float would round."""
    assert sort_of(ends) == sort


def test_the_kept_rules_are_the_same_rules(centre: Engine, program: Program) -> None:
    with reading(centre) as session:
        kept = packs.program_of(session, program.pack.version)
    assert kept is not program
    assert kept.pack.version == program.pack.version
    assert [m.id for m in kept.pack.measures] == [m.id for m in program.pack.measures]


def test_a_pack_version_is_kept_once(centre: Engine, program: Program) -> None:
    with writing(centre) as session:
        packs.keep(session, program.pack, BUILT_IN)
        assert session.execute(select(func.count()).select_from(PackArchive)).scalar_one() == 1


def test_the_same_profile_is_no_new_version_and_no_new_determination(centre: Engine, program: Program) -> None:
    with writing(centre) as session:
        first = told(session, PROFILE)
        assert keeping.determine(session, first, program, AS_OF, user(session)) is not None
        assert told(session, dict(PROFILE)).id == first.id
        assert keeping.determine(session, first, program, AS_OF, user(session)) is None
        assert keeping.determine(session, first, program, date(2017, 7, 1), user(session)) is not None
        assert told(session, {**PROFILE, "foreign_invested": False}).number == 2


def test_the_queues_see_the_newest_determination(centre: Engine, program: Program) -> None:
    with writing(centre) as session:
        first = keeping.determine(session, told(session, PROFILE), program, AS_OF, user(session))
        assert first is not None
        assert session.execute(select(func.count()).select_from(Entitlement)).scalar_one() == len(first.amounts) > 0
        second = keeping.determine(
            session, told(session, {**PROFILE, "recognitions": []}), program, AS_OF, user(session)
        )
        assert second is not None
        standing = session.execute(select(Standing)).scalar_one()
        assert (standing.determination_id, standing.verdicts) == (second.id, second.verdicts)
        kept = session.execute(select(Entitlement)).scalars().all()
        assert {row.measure: [row.low, row.high] for row in kept} == second.amounts


def test_only_the_centre_s_confirmed_findings_count(centre: Engine, program: Program) -> None:
    judgement = next(iter(program.pack.judgements))
    claim = {"judgement": judgement, "finding": True, "by": "本人", "on": "2017-01-01", "why": "自己说的"}
    with writing(centre) as session:
        profile = told(session, {**PROFILE, "findings": [claim]})
        assert keeping.with_findings(profile.data or {}, keeping.confirmed(session, profile.enterprise_id)) == PROFILE
        find(session, profile, judgement, True, stage="proposed")
        assert keeping.confirmed(session, profile.enterprise_id) == []
        own = find(session, profile, judgement, True)
        newer = find(session, profile, judgement, False)
        assert [row.id for row in keeping.confirmed(session, profile.enterprise_id)] == [newer.id]
        assert own.id != newer.id
        (counted,) = keeping.with_findings(profile.data or {}, [newer])["findings"]
    assert (counted["judgement"], counted["finding"], counted["why"]) == (judgement, False, "看过材料")


def test_everything_kept_is_in_the_chain(centre: Engine, program: Program) -> None:
    with writing(centre) as session:
        profile = told(session, PROFILE)
        find(session, profile, next(iter(program.pack.judgements)), True)
        keeping.determine(session, profile, program, AS_OF, user(session))
        keeping.audit(session, user(session), "intake", profile.enterprise_id, profile=profile.id)
    with reading(centre) as session:
        assert list(chain.verify(session)) == []
        assert chain.newest(session)[0] == 4
        row = session.execute(select(DeterminationRow)).scalar_one()
        assert session.get_one(Enterprise, row.enterprise_id).division == "131022"


def test_a_changed_verdict_is_found(centre: Engine, program: Program) -> None:
    with writing(centre) as session:
        keeping.determine(session, told(session, PROFILE), program, AS_OF, user(session))
    with writing(centre) as session:
        row = session.execute(select(DeterminationRow)).scalar_one()
        row.verdicts = row.verdicts.replace("N", "E", 1)
    with reading(centre) as session:
        assert [item.what for item in chain.verify(session)] == ["认定记录1的内容被改过"]


def test_a_finding_is_of_the_day_in_china(centre: Engine, program: Program) -> None:
    """Made at one in the morning, it is of that day, as the site's today is, not of the day before."""
    with writing(centre) as session:
        row = find(session, told(session, PROFILE), next(iter(program.pack.judgements)), True)
        row.at = datetime(2026, 11, 21, 17, 0)
        (counted,) = keeping.with_findings(PROFILE, [row])["findings"]
        session.expunge(row)
    assert counted["on"] == "2026-11-22"
