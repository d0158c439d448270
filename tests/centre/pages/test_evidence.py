"""Evidence on its pages: handed in, only ever saved, never shown; who may do what."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests.centre import papers
from tests.centre.bench import WHOLE, rows, take_in
from tests.centre.office import TODAY, LogIn, Visit
from tests.centre.pages.test_judging import carried, find, path
from web.centre import filetypes
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise, Evidence

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
DIGEST = hashlib.sha256(papers.pdf()).hexdigest()


@pytest.fixture
def number(app: Flask, engine: Engine) -> int:
    return take_in(engine)


def hand_in(visit: Visit, number: int, content: bytes, name: str = "清单.pdf", status: int = 200) -> None:
    visit.post(f"/centre/enterprise/{number}/evidence", status, file=(BytesIO(content), name))


def kept(engine: Engine) -> list[Evidence]:
    with reading(engine) as session:
        return list(session.execute(select(Evidence).order_by(Evidence.id)).scalars())


def files(tmp_path: Path) -> list[str]:
    return sorted(found.name for found in (tmp_path / "files").rglob("*") if found.is_file() and "evidence" in str(found))


def test_a_file_comes_back_as_it_was_to_be_saved(log_in: LogIn, number: int, engine: Engine, tmp_path: Path) -> None:
    visit = log_in("reviewer")
    visit.get(f"/centre/enterprise/{number}/evidence")
    hand_in(visit, number, papers.pdf(), "../成果清单.pdf")
    assert "证据已保存" in visit.page and "成果清单.pdf" in visit.page and files(tmp_path) == [DIGEST]
    for role in ("reviewer", "clerk", "auditor"):
        answer = log_in(role).client.get("/centre/evidence/1")
        assert answer.status_code == 200 and answer.data == papers.pdf()
        headers = answer.headers
        assert headers["Content-Disposition"].startswith("attachment;") and "filename*=UTF-8''" in headers["Content-Disposition"]
        assert headers["Content-Type"] == "application/pdf" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Cache-Control"] == "private, no-store"
    assert log_in("administrator").client.get("/centre/evidence/1").status_code == 403
    visit.get("/centre/evidence/2", status=404)


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.pdf", "文件是空的"),
        (b"<html><script>alert(1)</script></html>", "a.pdf", "只收 PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "只收 PDF"),
        (papers.pdf() + b"<script>", "a.pdf", "附着别的内容"),
        (papers.picture("JPEG"), "a.pdf", "内容却是 JPEG"),
        (papers.repacked(papers.word(), macros=b"x"), "a.docx", "宏"),
    ],
)
def test_what_is_not_taken_leaves_nothing(
    log_in: LogIn, number: int, engine: Engine, tmp_path: Path, content: bytes, name: str, why: str
) -> None:
    visit = log_in("reviewer")
    hand_in(visit, number, content, name, 422)
    assert why in visit.page
    visit.get(path(number), judgement=WHOLE)
    find(visit, number, 422, file=(BytesIO(content), name))
    assert why in visit.page and "列入区科委年度重点成果清单" in visit.page
    assert kept(engine) == rows(engine) == [] and files(tmp_path) == []


def test_only_who_judges_hands_in(log_in: LogIn, number: int, engine: Engine) -> None:
    for role in ("clerk", "auditor"):
        visit = log_in(role)
        visit.get(f"/centre/enterprise/{number}/evidence")
        assert 'type="file"' not in visit.page
        hand_in(visit, number, papers.pdf(), status=403)
    visit = log_in("head")
    hand_in(visit, 99, papers.pdf(), status=404)
    visit.post(f"/centre/enterprise/{number}/evidence", 422)
    assert "请选择一个文件" in visit.page and kept(engine) == []


def test_a_finding_brings_its_evidence_or_rests_on_what_is_there(
    log_in: LogIn, number: int, engine: Engine, tmp_path: Path
) -> None:
    visit, other = log_in("reviewer"), log_in("reviewer2")
    for one in (visit, other):
        one.get(path(number), judgement=WHOLE)
    find(visit, number, file=(BytesIO(papers.pdf()), "清单.pdf"))
    assert [row.evidence_id for row in rows(engine)] == [1] and "清单.pdf" in visit.page
    # Of a conflict nothing is kept, the file neither.
    find(other, number, 409, file=(BytesIO(papers.word()), "说明.docx"))
    assert len(kept(engine)) == 1 and files(tmp_path) == [DIGEST]
    find(other, number, evidence="1")
    assert [row.evidence_id for row in rows(engine)] == [1, 1]
    visit.get(f"/centre/enterprise/{number}/evidence")
    assert '<td class="figure">2</td>' in visit.page


def test_what_was_erased_or_lost_says_so(log_in: LogIn, number: int, engine: Engine, tmp_path: Path) -> None:
    visit = log_in("reviewer")
    hand_in(visit, number, papers.pdf())
    (tmp_path / "files" / "evidence" / DIGEST).write_bytes(b"changed")
    visit.get("/centre/evidence/1", status=500)
    assert "内容与登记时不同" in visit.page
    with writing(engine) as session:
        session.get_one(Evidence, 1).erased_on = TODAY
        session.get_one(Enterprise, number).erased_on = TODAY
    visit.get("/centre/evidence/1", status=410)
    assert "内容已经清除" in visit.page
    visit.get(path(number), judgement=WHOLE)
    assert 'name="evidence"' not in visit.page
    hand_in(visit, number, papers.word(), "说明.docx", 410)
    assert len(kept(engine)) == 1


def send(visit: Visit, address: str, content: bytes, **form: str) -> int:
    """A form with a large file, as the bytes that a browser sends; the status of the answer."""
    fields = {"csrf_token": visit.token, **form}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    parts.append('--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n')
    body = "".join(parts).encode() + content + b"\r\n--b--\r\n"
    return visit.client.post(address, data=body, content_type="multipart/form-data; boundary=b").status_code


def test_the_room_for_a_file_is_for_who_may_hand_in(log_in: LogIn, number: int, engine: Engine) -> None:
    """More than other pages take (8 MB), not more than a file may have; and of others not even that."""
    padded = papers.pdf()[:9] + b"%" + b"x" * (9 * filetypes.MB) + b"\n" + papers.pdf()[9:]
    reviewer, clerk, address = log_in("reviewer"), log_in("clerk"), f"/centre/enterprise/{number}/evidence"
    assert send(reviewer, address, padded) == 303
    reviewer.get(path(number), judgement=WHOLE)
    assert send(reviewer, path(number), padded, **carried(reviewer), finding="yes", reason="见所附的清单") == 303
    assert len(kept(engine)) == 2
    assert send(clerk, address, padded) == 413
    clerk.client.delete_cookie("huiqi-centre", path="/centre")
    assert send(clerk, address, padded) == 413
    assert send(reviewer, address, b"%PDF-1.7" + b"x" * (filetypes.MOST + filetypes.MB)) == 413
    assert len(kept(engine)) == 2
