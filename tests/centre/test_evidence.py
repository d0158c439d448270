"""Evidence in its folder: what is kept, what it is called, and that nothing is left where keeping failed."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from tests.centre import papers
from tests.centre.bench import take_in, user
from tests.centre.office import NOW, TODAY, people
from web.centre import evidence
from web.centre.filetypes import Unfit
from web.centre.store import backup, chain, database
from web.centre.store.backup_files import Folders
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, Evidence

PDF = papers.pdf()
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def number(engine: Engine) -> int:
    people(engine)
    return take_in(engine)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files" / "evidence"


def keep(engine: Engine, folder: Path, number: int, content: bytes = PDF, name: str = "清单.pdf") -> Evidence:
    file = evidence.handed(name, content)
    with evidence.arriving(engine, folder, file) as arrival, writing(engine) as session:
        return arrival.keep(session, number, user(session, "reviewer"), NOW)


def left(folder: Path) -> list[str]:
    """Every file in the folder and beside it."""
    return sorted(path.name for path in folder.parent.rglob("*") if path.is_file())


def test_a_file_lies_under_its_digest_for_nobody_else(engine: Engine, number: int, folder: Path) -> None:
    row = keep(engine, folder, number)
    assert (row.name, row.media_type, row.size, row.digest, row.at) == ("清单.pdf", "application/pdf", len(PDF), DIGEST, NOW)
    assert left(folder) == [DIGEST] and evidence.content_of(row, folder) == PDF
    assert stat.S_IMODE((folder / DIGEST).stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    with reading(engine) as session:
        (entry,) = session.execute(select(AuditEntry)).scalars()
        assert (entry.action, entry.detail) == ("evidence", {"evidence": row.id, "sha256": DIGEST})
        assert list(chain.verify(session)) == []


def test_the_same_content_lies_there_once(engine: Engine, number: int, folder: Path) -> None:
    rows = [keep(engine, folder, number), keep(engine, folder, take_in(engine, "k2"), name="另一个名字.pdf")]
    assert left(folder) == [DIGEST] and [row.digest for row in rows] == [DIGEST] * 2


def fail(engine: Engine, folder: Path, number: int) -> None:
    """Keep a file in a transaction that comes to nothing."""
    with evidence.arriving(engine, folder, evidence.handed("a.pdf", PDF)) as arrival, writing(engine) as session:
        arrival.keep(session, number, user(session, "reviewer"), NOW)
        raise ZeroDivisionError


def test_where_keeping_fails_nothing_is_left(engine: Engine, number: int, folder: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fail(engine, folder, number)
    assert left(folder) == []
    with pytest.raises(ZeroDivisionError), evidence.arriving(engine, folder, evidence.handed("a.pdf", PDF)):
        raise ZeroDivisionError
    assert left(folder) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_where_others_rest_on_the_same_content_it_stays(engine: Engine, number: int, folder: Path) -> None:
    row = keep(engine, folder, number)
    with pytest.raises(ZeroDivisionError):
        fail(engine, folder, number)
    assert left(folder) == [DIGEST] and evidence.content_of(row, folder) == PDF


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_file_that_was_changed_or_lost_is_not_given_out(engine: Engine, number: int, folder: Path) -> None:
    row = keep(engine, folder, number)
    (folder / DIGEST).write_bytes(PDF + b" ")
    assert evidence.content_of(row, folder) is None
    (folder / DIGEST).unlink()
    assert evidence.content_of(row, folder) is None
    # Handed in again, it is there again.
    keep(engine, folder, number)
    assert evidence.content_of(row, folder) == PDF


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_backup_takes_it_along(engine: Engine, number: int, folder: Path, tmp_path: Path) -> None:
    row = keep(engine, folder, number)
    backup.back_up(engine, Folders(folder), tmp_path / "backup.zip")
    again = database.connect(database.address_of(str(tmp_path / "again.db")))
    backup.restore(again, Folders(tmp_path / "again"), tmp_path / "backup.zip")
    again.dispose()
    assert evidence.content_of(row, tmp_path / "again") == PDF


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_evidence_of_an_enterprise_and_how_often_it_is_used(engine: Engine, number: int, folder: Path) -> None:
    first, second = keep(engine, folder, number), keep(engine, folder, number, papers.word(), "说明.docx")
    keep(engine, folder, take_in(engine, "k2"), papers.excel(), "别家.xlsx")
    second.erased_on = TODAY
    with reading(engine) as session:
        assert [row.id for row in evidence.of_enterprise(session, number)] == [second.id, first.id]
        assert evidence.used(session, number) == {}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("重点成果 清单.PDF", "重点成果 清单.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\材料\\清单.pdf", "清单.pdf"),
        ("清单", "清单.pdf"),
        (".pdf", "pdf.pdf"),
        ("..", "证据.pdf"),
        ("清单.html", "清单.html.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("a\x00\r\nContent-Type: text/html.pdf", "html.pdf"),
        ("字" * 300 + ".pdf", "字" * 100 + ".pdf"),
        ("第2.1版", "第2.1版.pdf"),
    ],
)
def test_a_name_is_only_a_name(name: str, kept: str) -> None:
    assert evidence.handed(name, PDF).name == kept


@pytest.mark.parametrize(("name", "content"), [("a.pdf", papers.picture("JPEG")), ("a.jpg", PDF), ("a.docx", papers.excel())])
def test_a_name_that_says_another_kind_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(Unfit, match="内容却是"):
        evidence.handed(name, content)


def test_other_names_of_a_kind_are_good() -> None:
    assert evidence.handed("a.JPEG", papers.picture("JPEG")).name == "a.jpeg"
    assert evidence.handed("表.xlsx", papers.excel()).kind.label == "Excel"
