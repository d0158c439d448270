"""Kept rules that cannot be read any more stop no page: what rests on them says so, until it is screened again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update

from engine.diagnostics import InputError
from engine.loader import BUILT_IN
from tests.centre.office import LogIn
from tests.centre.watching.applicants import daxing, other_rules, program, renamed, take_in, watch
from web.centre import packs
from web.centre.roster import Query, Roster
from web.centre.shortlists.lines import Lines
from web.centre.store.database import reading, writing
from web.centre.store.tables import DeterminationRow, PackArchive, Standing

MEASURE = "dx25-rd-super-deduction-application"


def no_language() -> bytes:
    """An archive of rules that say what no huiqi understands."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("packs/daxing-2025/document.yaml", "of: another time\n")
    return target.getvalue()


@pytest.fixture(params=[b"", b"no archive", no_language()], ids=["empty", "damaged", "another language"])
def broken(request: pytest.FixtureRequest, app: Flask, engine: Engine, tmp_path: Path) -> Engine:
    """An enterprise that stands by rules of which neither the files nor the measures can be had any more."""
    take_in(engine, daxing("甲公司"))
    rules = other_rules(tmp_path / "rules", renamed)
    watch(engine, rules=rules, at=tmp_path / "rules")
    with writing(engine) as session:
        own = update(PackArchive).where(PackArchive.version == rules.pack.version)
        session.execute(own.values(measures=None, archive=request.param))
    return engine


def test_no_page_stops(broken: Engine, log_in: LogIn) -> None:
    visit = log_in("head")
    assert "甲公司" in visit.get("/centre/enterprises", q="甲公司").text
    for path in ("/centre/", "/centre/queue", "/centre/figures", "/centre/judging", "/centre/watch", "/centre/enterprise/1/history"):
        visit.get(path)
    assert "规则包读不出" in visit.get("/centre/enterprise/1").text
    assert "规则包读不出" in visit.get("/centre/enterprise/1/compare", a="1", b="2").text
    assert "规则包读不出" in visit.get("/centre/enterprise/1/letters", 409).text


def test_lists_and_the_roster_go_on(broken: Engine) -> None:
    measures = tuple(measure.id for measure in program().pack.measures)
    snapshot = Roster(broken, measures).snapshot()
    assert [snapshot.row(int(place)).name for place in snapshot.select(Query())] == ["甲公司"]
    assert not any(sum(groups.values()) for groups in snapshot.counts().values())
    with reading(broken) as session:
        [line] = Lines(session, MEASURE, program(), 10).of([1])
    assert (line.name, line.group) == ("甲公司", "规则包读不出")


@pytest.mark.parametrize("how", ["watch", "page"])
def test_it_is_screened_again(broken: Engine, log_in: LogIn, how: str) -> None:
    visit = log_in("clerk")
    if how == "watch":
        assert watch(broken).changed == 1
    else:
        visit.get("/centre/enterprise/1")
        visit.post("/centre/enterprise/1/screen")
    with reading(broken) as session:
        assert set(session.execute(select(Standing.pack_version)).scalars()) == {program().pack.version}
        assert len(session.execute(select(DeterminationRow.id)).all()) == 3
    assert "规则包读不出" not in visit.get("/centre/enterprise/1").text
    assert "规则包读不出" in visit.get("/centre/enterprise/1/compare", a="2", b="3").text


def test_what_an_earlier_huiqi_did_not_note_of_the_rules_of_the_site_is_noted(app: Flask, engine: Engine) -> None:
    version = program().pack.version
    with writing(engine) as session:
        session.execute(update(PackArchive).values(measures=None, archive=b""))
        with pytest.raises(InputError, match="规则包读不出"):
            packs.program_of(session, version)
        packs.keep(session, program().pack, BUILT_IN)
        assert packs.measures_of(session, version) == [measure.id for measure in program().pack.measures]
