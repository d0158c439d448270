"""What a letter rests on is the determination as it was kept, on both kinds of database."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from engine import load_pack
from engine.compiler import compile_pack
from engine.diagnostics import InputError
from engine.loader import BUILT_IN
from tests.centre.letters.conftest import AS_OF, AWARD, DAY, JUDGED, found, keep, program, reviewer, sample
from web.centre import keeping
from web.centre.letters.basis import basis_of
from web.centre.store.database import reading, writing
from web.centre.store.tables import ChainEntry, DeterminationRow, ProfileVersion, Standing

TITLE = "新认定市级协同创新基地一次性奖励"


def code(engine: Engine, number: int = 1) -> str:
    with reading(engine) as session, pytest.raises(InputError) as refused:
        basis_of(session, number, program(), DAY)
    (finding,) = refused.value.findings
    return finding.code


def test_it_is_the_determination_that_was_kept(engine: Engine) -> None:
    with writing(engine) as session:
        row = keep(session, program(), sample())
    with reading(engine) as session:
        basis = basis_of(session, 1, program(), AS_OF)
        assert basis.older == ()
        link = session.execute(select(ChainEntry).where(ChainEntry.kind == "determination")).scalar_one()
    assert (basis.row.id, basis.link) == (row.id, (link.number, link.hash))
    assert [(item.by, item.second) for item in basis.reviews] == [("审核员甲", "审核员乙")]
    assert [item.reason for item in (review.row for review in basis.reviews)] == ["连续三年产值第一"]


def test_what_came_later_is_told_and_changes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        row = keep(session, program(), sample())
        enterprise = keeping.enterprise_of(session, "x", keeping.Head("别家", None, None, None))
        profile = session.get_one(ProfileVersion, row.profile_id)
        later = session.get_one(type(enterprise), row.enterprise_id)
        keeping.add_profile(session, later, {**sample(), "recognitions": []}, "correction", reviewer(session, "甲"))
        found(session, profile, "lf16-leading-enterprise", finding=False)
    with reading(engine) as session:
        basis = basis_of(session, 1, program(), DAY)
    result, judged = basis.result(AWARD), basis.result(JUDGED)
    assert result is not None and result.verdict == "eligible" and judged is not None and judged.verdict == "undetermined"
    assert basis.older == ("评估日是2017年6月30日，不是今天", "资料有了新的一版", "认定意见有了变化") and basis.version == 1


def test_nobody_and_nothing_determined_are_refused(engine: Engine) -> None:
    assert code(engine) == "letter-nobody"
    with writing(engine) as session:
        keeping.enterprise_of(session, "k", keeping.Head("甲公司", None, None, None))
    assert code(engine) == "letter-undetermined"


def test_what_was_erased_makes_no_letter(engine: Engine) -> None:
    with writing(engine) as session:
        row = keep(session, program(), sample())
        profile = session.get_one(ProfileVersion, row.profile_id)
        profile.data, profile.erased_on = None, date(2026, 11, 1)
    assert code(engine) == "letter-erased"
    with writing(engine) as session:
        session.delete(session.get_one(Standing, 1))
    assert code(engine) == "letter-undetermined"


def test_a_changed_verdict_makes_no_letter(engine: Engine) -> None:
    with writing(engine) as session:
        row = keep(session, program(), sample())
    with writing(engine) as session:
        kept = session.get_one(DeterminationRow, row.id)
        kept.verdicts = kept.verdicts.replace("N", "E", 1)
    assert code(engine) == "letter-differs"


def test_rules_of_its_time_make_the_letter(engine: Engine, tmp_path: Path) -> None:
    """The title of a measure was another one when the enterprise was determined."""
    rules = tmp_path / "rules"
    shutil.copytree(BUILT_IN, rules)
    (file,) = [path for path in (rules / "packs" / "langfang-2016").glob("measures*.yaml") if TITLE in path.read_text("utf-8")]
    file.write_text(file.read_text("utf-8").replace(TITLE, "从前的名称"), "utf-8")
    old = compile_pack(load_pack(rules))
    assert old.pack.version != program().pack.version
    with writing(engine) as session:
        keep(session, old, sample(), rules)
    shutil.rmtree(rules)
    with reading(engine) as session:
        basis = basis_of(session, 1, program(), DAY)
    result = basis.result(AWARD)
    assert result is not None and result.title == "从前的名称" and basis.row.pack_version == old.pack.version
    assert "规则已经更新" in basis.older
