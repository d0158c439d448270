"""A list from the page on which it is handed in to the page of what came of it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, select

from tests.centre.office import LogIn, Visit
from tests.conftest import ROOT
from web.centre.lists.shelf import Shelf
from web.centre.lists.work import Work
from web.centre.pages.guard import KEY
from web.centre.store.database import reading
from web.centre.store.tables import AuditEntry, Enterprise, ListJob, ProfileVersion

MESSY = ROOT / "samples" / "lists" / "messy.xlsx"
CODES = ("91110000MA0000001L", "91110000MA0000002P")
PLAIN = f"统一社会信用代码,单位名称,从业人数,注册资本(万元)\n{CODES[0]},甲公司,5,100\n{CODES[1]},乙公司,几个,300\n"


def file(content: str | bytes, name: str = "名单.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content.encode() if isinstance(content, str) else content), name


def hand_in(visit: Visit, *files: tuple[io.BytesIO, str], status: int = 200) -> int:
    """Hand files in; the number of the list."""
    visit.post("/centre/lists", status, files=list(files))
    found = re.search(r"/centre/lists/(\d+)\"", visit.page)
    return int(found[1]) if found and status == 200 else 0


def controls(page: str) -> dict[str, Any]:
    """What a browser would send of the form of the mapping."""
    form = re.search(r'<form method="post" action="/centre/lists/\d+" class="mapping">(.*?)</form>', page, re.S)
    assert form is not None, page[:2000]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form[1]):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if told.get("type") == "checkbox" and " checked" not in tag:
            continue
        found.setdefault(told["name"], []).append(told.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form[1], re.S):
        chosen = re.search(r"<option(?: value=\"([^\"]*)\")? selected>([^<]*)|<option selected>([^<]*)", body)
        found[name] = [(chosen[1] if chosen[1] is not None else chosen[2] or chosen[3]) if chosen else ""]
    found.pop("csrf_token")
    return found


def answer(visit: Visit, number: int, do: str, status: int = 200, **more: Any) -> None:
    """Send the form as it stands, with these answers."""
    visit.post(f"/centre/lists/{number}", status, **{**controls(visit.page), **more, "do": do})


def work(app: Flask, number: int, rows: int = 2000) -> None:
    """What the process does that works on lists."""
    Work(app.extensions[KEY], number, lambda: False, rows).run()


def row_of(engine: Engine, number: int) -> ListJob:
    with reading(engine) as session:
        return session.get_one(ListJob, number)


def test_a_list_is_handed_in_understood_and_screened(app: Flask, log_in: LogIn, engine: Engine) -> None:
    visit = log_in("clerk")
    number = hand_in(visit, file(PLAIN))
    assert "没有要说明的了" in visit.page
    answer(visit, number, "start")
    assert "已开始" in visit.page and "等着处理名单的程序来接手" in visit.page
    told = visit.get(f"/centre/lists/{number}/progress").json
    assert told is not None and (told["state"], told["done"], told["attended"]) == ("waiting", 0, False)
    work(app, number)
    visit.get(f"/centre/lists/{number}")
    assert "共 2 行 = 存下 2 家企业 + 未采用 0 行。" in visit.page
    assert "单元格 1 处（按未知处理）" in visit.page
    with reading(engine) as session:
        kept = {row.key: row for row in session.execute(select(Enterprise)).scalars()}
        assert {key: row.name for key, row in kept.items()} == dict(zip(CODES, ("甲公司", "乙公司"), strict=True))
        data = session.execute(select(ProfileVersion.data).where(ProfileVersion.enterprise_id == kept[CODES[1]].id)).scalar_one()
        assert data == {"credit_code": CODES[1], "name": "乙公司", "registered_capital": "300万元"}
        actions = session.execute(select(AuditEntry.action).where(AuditEntry.action.like("list-%"))).scalars().all()
        assert actions == ["list-handed-in", "list-mapped", "list-started", "list-ended"]
    assert "已完成" in visit.get("/centre/lists").text
