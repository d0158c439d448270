"""What was kept cannot be changed, dropped, added or swapped without being found."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text

from web.centre import keeping
from web.centre.store import chain
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import AuditEntry, Enterprise, FindingRow, ProfileVersion, User


@pytest.fixture
def kept(engine: Engine) -> Engine:
    """One profile, one finding, three audit entries: links 1 to 5."""
    with writing(engine) as session:
        user = User(name="wang", full_name="王", role="reviewer", created_at=now())
        enterprise = Enterprise(key="k", name="甲公司", created_at=now())
        session.add_all([user, enterprise])
        session.flush()
        profile = keeping.add_profile(session, enterprise, {"name": "甲公司", "staff": 12}, "form", user)
        finding = FindingRow(
            enterprise_id=enterprise.id, judgement="major", finding=True, reason="见合同", stage="confirmed",
            on_profile_id=profile.id, by_id=user.id, at=now(),
        )  # fmt: skip
        chain.seal(session, [finding])
        for number in range(3):
            keeping.audit(session, user, "test", enterprise.id, number=number)
    return engine


def broken(engine: Engine, noted: tuple[int, str] | None = None) -> list[str]:
    with reading(engine) as session:
        return [item.what for item in chain.verify(session, noted)]


def change(engine: Engine, *statements: str) -> None:
    with writing(engine) as session:
        for statement in statements:
            session.execute(text(statement))


def test_an_untouched_chain_holds(kept: Engine) -> None:
    assert broken(kept) == []
    with reading(kept) as session:
        number, head = chain.newest(session)
    assert number == 5
    assert broken(kept, (number, head)) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("update audit set action = 'other' where id = 2", "操作记录2的内容被改过"),
        ("update findings set finding = not finding", "认定意见1的内容被改过"),
        ("update findings set reason = null", "认定意见1的内容被改过"),
        ("update profiles set number = 2", "画像1的内容被改过"),
        ("delete from audit where id = 3", "操作记录3不见了"),
        ("delete from chain where number = 3", "第3环缺失，后面接的是第4环"),
        ("update chain set digest = hash where number = 2", "认定意见1的摘要与链上的不同"),
        ("update chain set kind = 'other' where number = 5", "不认识的种类“other”"),
        ("update findings set erased_on = '2026-01-01'", "认定意见1标明已清除，却还有内容"),
    ],
)
def test_tampering_is_found(kept: Engine, statement: str, found: str) -> None:
    change(kept, statement)
    assert found in broken(kept)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set action = 'other' where id = 2",
        "update findings set finding = not finding",
        *(f"delete from chain where number = {number}" for number in range(1, 5)),
        "delete from chain where number in (2, 3)",
        "update chain set hash = digest where number = 2",
    ],
)
def test_parts_find_what_the_whole_does(kept: Engine, statement: str) -> None:
    """Of the same chain cut anywhere; a gap may be told where a part ends in place of where the next link is."""
    assert all(found_in_parts(kept, size) == set() for size in (1, 2, 3))
    change(kept, statement)
    whole = found_in_parts(kept, 5)
    assert whole and all(whole <= found_in_parts(kept, size) for size in (1, 2, 3))


def found_in_parts(engine: Engine, size: int) -> set[int]:
    with reading(engine) as session:
        parts = [chain.verify_part(session, after, min(after + size, 5)) for after in range(0, 5, size)]
        return {item.number for part in parts for item in part}


def test_a_row_outside_the_chain_is_found(kept: Engine) -> None:
    with writing(kept) as session:
        session.add(AuditEntry(action="slipped in", detail={}, at=now(), digest=chain.START))
    assert broken(kept) == ["有1条操作记录不在链上"]


def test_a_chain_cut_short_is_found_by_what_was_noted(kept: Engine) -> None:
    with reading(kept) as session:
        noted = chain.newest(session)
    change(kept, "delete from chain where number = 5", "delete from audit where id = 3")
    assert broken(kept) == []
    assert broken(kept, noted) == ["此前记下过第5环，现在只到第4环"]


def test_a_chain_made_anew_is_found_by_what_was_noted(kept: Engine) -> None:
    with reading(kept) as session:
        noted = chain.newest(session)
    change(kept, "delete from chain", "update audit set action = 'other' where id = 1")
    with writing(kept) as session:
        rows = [session.get_one(ProfileVersion, 1), session.get_one(FindingRow, 1)]
        rows += [session.get_one(AuditEntry, number) for number in (1, 2, 3)]
        chain.seal(session, rows)
    assert broken(kept) == []
    assert broken(kept, noted) == ["与此前记下的校验值不同"]


def test_erasing_keeps_the_chain_provable(kept: Engine) -> None:
    with writing(kept) as session:
        finding, profile = session.get_one(FindingRow, 1), session.get_one(ProfileVersion, 1)
        finding.reason, finding.erased_on = None, date(2026, 11, 22)
        profile.data, profile.erased_on = None, date(2026, 11, 22)
    assert broken(kept) == []


def test_an_interrupted_writer_leaves_nothing(kept: Engine) -> None:
    with reading(kept) as session:
        before = chain.newest(session)
    def interrupted() -> None:
        with writing(kept) as session:
            keeping.audit(session, None, "half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    with reading(kept) as session:
        assert chain.newest(session) == before
    assert broken(kept) == []


def test_many_rows_at_once_are_sealed_like_each_alone(kept: Engine) -> None:
    with writing(kept) as session:
        contents = [
            {"enterprise_id": 1, "number": number, "data": {"name": f"甲{number}"}, "source": "list", "list_id": None,
             "by_id": 1, "at": now()}
            for number in (2, 3)
        ]  # fmt: skip
        ids = chain.seal_all(session, ProfileVersion, contents)
        rows = [session.get_one(ProfileVersion, id) for id in ids]
        assert [row.digest for row in rows] == [chain.digest(chain.content_of(row)) for row in rows]
        assert ids == sorted(ids) and chain.newest(session)[0] == 7
        assert chain.seal_all(session, ProfileVersion, []) == []
        # What comes after gets numbers that are free.
        chain.seal(session, [ProfileVersion(**contents[0] | {"number": 4})])
    assert broken(kept) == []
