"""Shortlists over the web: what a queue shows, made here or by another process, written down, or refused."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.centre.letters.conftest import AWARD, OPEN, keep, program, sample
from tests.centre.office import LogIn, MakeApp
from tests.centre.shortlists.test_lines import another, rows
from web.centre.pages.guard import KEY
from web.centre.shortlists import process
from web.centre.shortlists.workbook import Wish
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry


@pytest.fixture
def kept(engine: Engine) -> Engine:
    with writing(engine) as session:
        keep(session, program(), sample())
        another(session, "甲公司", {**sample(), "recognitions": []})
        another(session, "乙公司", None)
    return engine


def test_another_process_makes_the_same_bytes(kept: Engine, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    here = make_app().extensions[KEY]
    wish = Wish(OPEN, [1, 2, 3], (), program().pack.version, "受理员", datetime(2026, 11, 22, 9, 30))
    at_once = process.made(here, wish)
    monkeypatch.setattr(process, "HERE", 0)
    assert process.made(here, wish) == at_once
    monkeypatch.setattr(process, "SECONDS", 0.01)
    with pytest.raises(process.Busy):
        process.made(here, wish)


def test_a_queue_is_taken_along_and_written_down(kept: Engine, log_in: LogIn) -> None:
    path = f"/centre/shortlist/{AWARD}.xlsx"
    clerk = log_in("clerk")
    clerk.get("/centre/queue", measure=AWARD, group="eligible", division="1310")
    found = re.search(r'<form method="post" action="(/centre/shortlist/[^"]+)">', clerk.page)
    assert found is not None
    answer = clerk.post(unescape(found[1]))
    assert [row[1] for row in rows(answer.data, "名单")[1:]] == [sample()["name"]]
    told = rows(answer.data, "说明")
    assert ["筛选：结论", "可享受"] in told and ["筛选：注册地", "廊坊市"] in told and ["生成人", "受理员"] in told
    assert [row[1] for row in rows(clerk.post(f"{path}?q=乙").data, "名单")[1:]] == ["乙公司"]
    with reading(kept) as session:
        wanted = select(AuditEntry).where(AuditEntry.action == "shortlist").order_by(AuditEntry.id)
        entries = session.execute(wanted).scalars().all()
    assert [(entry.detail["measure"], entry.detail["rows"]) for entry in entries] == [(AWARD, 1), (AWARD, 1)]
    assert "现在的规则里没有这项措施" in clerk.post("/centre/shortlist/nothing.xlsx", 404).text
    assert "没有生成名单：没有这个代码" in clerk.post(f"{path}?division=999999", 400).text
    log_in("auditor").post(path, 403)


def test_nothing_but_the_pages_own_form_writes_it_down(kept: Engine, log_in: LogIn) -> None:
    path = f"/centre/shortlist/{AWARD}.xlsx"
    clerk = log_in("clerk")
    clerk.get(path, 405)
    assert clerk.client.post(path).status_code == 400
    with reading(kept) as session:
        assert session.execute(select(AuditEntry).where(AuditEntry.action == "shortlist")).first() is None
    assert "下载为名单" in clerk.get("/centre/queue", measure=AWARD).text
    assert "下载为名单" not in log_in("auditor").get("/centre/queue", measure=AWARD).text


def test_other_lists_are_waited_for(kept: Engine, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_told: Any) -> bytes:
        raise process.Busy

    monkeypatch.setattr("web.centre.pages.shortlists.made", busy)
    assert "正在做别的名单" in log_in("head").post(f"/centre/shortlist/{AWARD}.xlsx", 503).text
