"""Judging on its pages: the finding, the second person, the conflict, the withdrawal; what is shown to whom."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.centre import bench, papers
from tests.centre.bench import TALENT, WHOLE, YOUTH, letter, rows, take_in
from tests.centre.office import LogIn, Visit
from web.centre import choices
from web.centre.choices import Choices
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, Evidence, Move

MEASURE = "dx25-grant-equity-linkage"
WHY = "列入区科委年度重点成果清单，见清单第三页"
SECOND = "复核：清单原件已经核对"


@pytest.fixture(autouse=True)
def links(app: Flask) -> None:
    for endpoint in ("centre.case.show", "centre.case.measure", "centre.history.index", "centre.queue.index"):
        if endpoint not in app.view_functions:
            app.add_url_rule(f"/centre/{endpoint}/<int:number>", endpoint=endpoint, view_func=lambda **_: "")
            app.add_url_rule(f"/centre/{endpoint}", endpoint=endpoint, view_func=app.view_functions[endpoint])


@pytest.fixture
def number(app: Flask, engine: Engine) -> int:
    return take_in(engine)


@pytest.fixture
def four_eyes(app: Flask, engine: Engine) -> None:
    with writing(engine) as session:
        choices.write(session, Choices(four_eyes=True))


def path(number: int) -> str:
    return f"/centre/enterprise/{number}/judge"


def seen(visit: Visit) -> dict[str, str]:
    """What the forms of the last page carry."""
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', visit.page) for name in ("judgement", "about", "newest", "profile")}
    return {name: match[1] for name, match in found.items() if match}


def find(visit: Visit, number: int, status: int = 200, *, finding: str = "yes", reason: str = WHY, **more: object) -> None:
    visit.post(path(number), status, **{**seen(visit), "finding": finding, "reason": reason, **more})


def say(visit: Visit, number: int, word: str, status: int = 200, reason: str = SECOND) -> None:
    visit.post(f"{path(number)}/word", status, **{**seen(visit), "word": word, "reason": reason})


def test_the_page_says_what_is_asked_and_what_either_answer_would_change(log_in: LogIn, number: int) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=WHOLE)
    for text in ("据以创办企业的成果是否属于研发单位的重点科技成果？", "属于重点科技成果", "区科委", "以科技成果转化创办", "资料"):
        assert text in visit.page
    effect = visit.page[visit.page.index("会改变什么"):]
    groups = re.findall(r'class="chip (\w+)"', effect[: effect.index("</dl>")])
    assert groups == ["pending", "eligible", "ineligible"]
    for phrase in bench.program().pack.measure(MEASURE).spec.cite:
        assert phrase in effect


def test_a_finding_moves_the_case_and_is_written_down(log_in: LogIn, number: int, engine: Engine) -> None:
    visit = log_in("reviewer")
    visit.get(path(number), judgement=WHOLE)
    assert letter(engine, number, MEASURE) == "P"
    find(visit, number)
    assert "意见已记下" in visit.page and WHY in visit.page
    assert letter(engine, number, MEASURE) == "E"
    with reading(engine) as session:
        (move,) = session.execute(select(Move).where(Move.measure == MEASURE)).scalars()
        assert (move.before, move.after, move.cause) == ("P", "E", "finding")
        entry = session.execute(select(AuditEntry).where(AuditEntry.action == "finding")).scalar_one()
        assert entry.detail == {"finding": rows(engine)[0].id, "profile": 1}
        assert list(chain.verify(session)) == []
