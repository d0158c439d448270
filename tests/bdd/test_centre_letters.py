"""Letters and shortlists, in Chinese: features/centre/letters.feature over the real application on SQLite."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import Path

import pypdf
import pytest
from argon2 import PasswordHasher
from docx import Document
from flask import Flask
from pytest_bdd import given, parsers, scenarios, then, when
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine

from engine.circuit import Solver
from engine.reference import ReferenceSolver
from tests.bdd.story import Table
from tests.centre.letters.conftest import keep, program, sample
from tests.centre.office import Visit, app_of, people
from tests.helpers import ROOT
from web.centre import accounts
from web.centre.pages.guard import KEY
from web.centre.store import database, schema
from web.centre.store.database import reading, writing
from web.centre.store.tables import ChainEntry, ProfileVersion
from web.summary import GROUPS

scenarios(str(ROOT / "features" / "centre" / "letters.feature"))
NAMES = {"受理员": "clerk", "审核员": "reviewer"}
WHO = "(?P<who>受理员|审核员)"
LETTERS = "/centre/enterprise/1/letters"


@dataclass(slots=True)
class Office:
    """The centre, who does something there, and the file that they were handed. ``form``: what it was made from."""

    app: Flask
    engine: Engine
    visit: Visit = field(init=False)
    file: bytes = b""
    form: dict[str, str] = field(default_factory=dict)

    def come(self, who: str) -> None:
        """Somebody sits down."""
        self.visit = Visit(self.app.test_client()).log_in(NAMES[who])

    def take(self, path: str, **form: str) -> None:
        """Ask for a file; where there is none, the page says why."""
        self.form = form
        answer = self.visit.client.post(LETTERS + path, data={"csrf_token": self.visit.token, **form})
        self.file = answer.data
        if answer.mimetype == "text/html":
            self.visit.page = answer.text

    @property
    def words(self) -> str:
        """The words of the file, without spaces."""
        if self.file.startswith(b"%PDF"):
            return folded("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(self.file)).pages))
        document = Document(io.BytesIO(self.file))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return folded("".join([*(paragraph.text for paragraph in document.paragraphs), *cells]))


def folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


def measure(title: str) -> str:
    (found,) = [item.id for item in program().pack.measures if item.spec.title == title]
    return found


@pytest.fixture
def solver() -> Solver:
    """The one executor by which a centre keeps what it decides."""
    return ReferenceSolver()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A centre without applicants; its passwords are not for long."""
    monkeypatch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = database.connect(database.address_of(str(tmp_path / "centre.db")))
    schema.migrate(engine)
    people(engine)
    app = app_of(engine, tmp_path / "files")
    yield Office(app, engine)
    app.extensions[KEY].engine.dispose()
    engine.dispose()


@given("这家企业已经受理，并由审核员甲认定、审核员乙复核了“属于龙头企业”")
def _(office: Office) -> None:
    with writing(office.engine) as session:
        keep(session, program(), sample())


@given("这家企业的资料已经清除")
def _(office: Office) -> None:
    with writing(office.engine) as session:
        profile = session.get_one(ProfileVersion, 1)
        profile.data, profile.erased_on = None, date(2026, 11, 1)


@when(parsers.re(rf"{WHO}为“(?P<title>.+)”写补正通知(，期限是“(?P<deadline>[^”]+)”)?"))
def _(office: Office, who: str, title: str, deadline: str | None) -> None:
    office.come(who)
    office.take("/supply.docx", measure=measure(title), deadline=deadline or "")


@when(parsers.re(rf"{WHO}写“(?P<title>.+)”的认定意见"))
def _(office: Office, who: str, title: str) -> None:
    office.come(who)
    office.take("/opinion.docx", measure=measure(title))


@when(parsers.re(rf"{WHO}打开文书页面"))
def _(office: Office, who: str) -> None:
    office.come(who)
    office.visit.page = office.visit.client.get(LETTERS).text


@when(parsers.re(rf"{WHO}下载“(?P<title>.+)”的“(?P<group>[^”]+)”名单"))
def _(office: Office, who: str, title: str, group: str) -> None:
    office.come(who)
    key = next(key for key, label in GROUPS.items() if label == group)
    office.file = office.visit.post(f"/centre/shortlist/{measure(title)}.xlsx?group={key}").data


@then("文书里有：")
def _(office: Office, datatable: Table) -> None:
    for (text,) in datatable:
        assert folded(text) in office.words, text


@then(parsers.re("文书里没有“(?P<text>.+)”"))
def _(office: Office, text: str) -> None:
    assert text not in office.words


@then("文书里写着认定记录的编号和存证的校验值")
def _(office: Office) -> None:
    with reading(office.engine) as session:
        (link,) = session.query(ChainEntry).filter_by(kind="determination").all()
    assert f"第{link.row}号" in office.words and link.hash in office.words


@then("同一份认定意见的 PDF 里也有这些字句")
def _(office: Office) -> None:
    written = Document(io.BytesIO(office.file))
    told = [paragraph.text for paragraph in written.paragraphs]
    told += [cell.text for table in written.tables for row in table.rows for cell in row.cells]
    office.take("/opinion.pdf", **office.form)
    assert len(told) > 50 and [text for text in told if folded(text) not in office.words] == []


@then(parsers.re("文书页面列出一份补正通知，经办人是“(?P<who>[^”]+)”，摘要与文件相同"))
def _(office: Office, who: str) -> None:
    page = office.visit.get(LETTERS).text.partition("出具过的文书")[2]
    assert page.count("补正通知（docx）") == 1 and who in page and hashlib.sha256(office.file).hexdigest() in page


@then(parsers.re("页面说“(?P<text>.+)”"))
def _(office: Office, text: str) -> None:
    assert text in unescape(office.visit.page)


@then("名单里是：")
def _(office: Office, datatable: Table) -> None:
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(office.file)).get_sheet_by_name("名单").to_python()
    columns = [head.index(name) for name in datatable[0]]
    assert [[str(row[column]) for column in columns] for row in rows] == datatable[1:]


@then(parsers.re("名单的说明里有“(?P<label>[^”]+)”是“(?P<value>[^”]+)”"))
def _(office: Office, label: str, value: str) -> None:
    assert [label, value] in CalamineWorkbook.from_filelike(io.BytesIO(office.file)).get_sheet_by_name("说明").to_python()
