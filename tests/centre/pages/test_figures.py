"""The page of figures and its files."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree as tree

from python_calamine import CalamineWorkbook
from sqlalchemy import Engine

from tests.centre.letters.conftest import keep, program, sample
from tests.centre.office import LogIn
from web.centre.store.database import writing


def test_figures_are_shown_and_taken_along(engine: Engine, log_in: LogIn) -> None:
    auditor = log_in("auditor")
    page = auditor.get("/centre/figures").text
    assert "没有可以画的数字" in page
    with writing(engine) as session:
        keep(session, program(), sample())
    page = auditor.get("/centre/figures", document="langfang-2016", division="1310").text
    assert page.count("<svg xmlns") == page.count('class="scroll table"') >= 4 and "10万元" in page
    assert re.findall(r"<[^>]* style=", page) == []
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    answer = auditor.get("/centre/figures/verdicts.csv", document="langfang-2016")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 14 and answer.mimetype == "text/csv" and "huiqi-verdicts.csv" in answer.headers["Content-Disposition"]
    answer = auditor.get("/centre/figures/verdicts.svg", document="langfang-2016")
    assert answer.mimetype == "image/svg+xml" and tree.fromstring(answer.data).tag.endswith("svg")
    book = CalamineWorkbook.from_filelike(io.BytesIO(auditor.get("/centre/figures.xlsx").data))
    assert book.sheet_names[0] == "各项措施的结论" and book.sheet_names[-1] == "说明"


def test_what_is_wrong_is_said(log_in: LogIn) -> None:
    clerk = log_in("clerk")
    page = clerk.get("/centre/figures", measure="nothing", first="昨天").text
    assert "没有这项措施。" in page and "日期要写成 2026-11-22 这样。" in page
    for ending in ("csv", "svg"):
        clerk.get(f"/centre/figures/nothing.{ending}", 404)
    log_in("administrator").get("/centre/figures", 403)
