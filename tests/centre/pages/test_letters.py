"""The pages of letters: what can be chosen, what is handed out and written down, what is refused."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest
from docx import Document
from sqlalchemy import Engine, select

from tests.centre.letters.conftest import AWARD, JUDGED, OPEN, keep, program, sample
from tests.centre.office import LogIn
from web import pdf_process
from web.centre import keeping
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry
from web.pdf import PdfUnavailable

LETTERS = "/centre/enterprise/1/letters"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def kept(engine: Engine) -> Engine:
    with writing(engine) as session:
        keep(session, program(), sample())
    return engine


def logged(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as session:
        entries = session.execute(select(AuditEntry).where(AuditEntry.action == "letter").order_by(AuditEntry.id)).scalars()
        return [{**entry.detail, "enterprise": entry.enterprise_id} for entry in entries]


def texts(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_supply_letter_is_chosen_read_and_handed_out(kept: Engine, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    page = clerk.get(LETTERS).text
    assert page.count("/letters/opinion?measure=") == len(program().pack.measures)
    assert "有 2 项措施还缺资料" in page and "还没有。" in page
    page = clerk.get(f"{LETTERS}/supply").text
    assert "评估日是2017年6月30日，不是今天" in page and f'value="{OPEN}" checked' in page
    page = clerk.post(f"{LETTERS}/supply", measure=OPEN, deadline="收到后十五日内").text
    assert "收到后十五日内" in page.partition("预览")[2] and logged(kept) == []
    answer = clerk.post(f"{LETTERS}/supply.docx", measure=OPEN, deadline="收到后十五日内", note=" 请带\n原件 ")
    assert answer.mimetype == WORD and "huiqi-supply-1.docx" in answer.headers["Content-Disposition"]
    said = texts(answer.data)
    assert "收到后十五日内" in said and "请带 原件" in said and "受理员" in said and "虚构市惠企服务中心" in said
    digest = hashlib.sha256(answer.data).hexdigest()
    assert logged(kept) == [
        {"kind": "supply", "ending": "docx", "measures": [OPEN], "determination": 1, "digest": digest, "enterprise": 1}
    ]
    assert digest in clerk.get(LETTERS).text


def test_an_opinion_is_handed_out_as_pdf(kept: Engine, log_in: LogIn) -> None:
    reviewer = log_in("reviewer")
    assert "由审核员甲认定" in reviewer.get(f"{LETTERS}/opinion", measure=JUDGED).text
    answer = reviewer.post(f"{LETTERS}/opinion.pdf", measure=JUDGED, note="")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    (entry,) = logged(kept)
    assert entry["measures"] == [JUDGED] and entry["digest"] == hashlib.sha256(answer.data).hexdigest()


def tabs(page: str) -> list[str]:
    """The tabs of an enterprise, the current one in brackets."""
    nav = page.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    found = re.findall(r"<a href=[^>]*?( aria-current=.page.)?>([^<]*)</a>", nav)
    return [f"[{label}]" if current else label for current, label in found]


def test_the_pages_of_letters_are_pages_of_the_enterprise(kept: Engine, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    own = tabs(clerk.get("/centre/enterprise/1").text)
    assert own == ["[结论]", "经过", "修改资料", "证据", "文书"]
    for page in (clerk.get(LETTERS), clerk.get(f"{LETTERS}/supply"), clerk.get(f"{LETTERS}/opinion", measure=JUDGED)):
        assert tabs(page.text) == ["结论", "经过", "修改资料", "证据", "[文书]"]
        assert "/static/case.css" in page.text, "what tabs look like"


def test_the_button_is_called_as_the_letter_is(kept: Engine, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    assert "出认定意见</a>" in clerk.get(f"/centre/enterprise/1/measure/{JUDGED}").text
    assert "认定意见</h4>" in clerk.get(f"{LETTERS}/opinion", measure=JUDGED).text


def test_what_cannot_be_asked_is_said(kept: Engine, log_in: LogIn) -> None:
    """The award lacks nothing, so nothing can be asked for it."""
    clerk = log_in("clerk")
    for form, said in (
        ({}, "请至少选一项措施"),
        ({"measure": "no-such-measure"}, "请至少选一项措施"),
        ({"measure": AWARD}, "请至少选一项措施"),
        ({"measure": OPEN, "deadline": "期" * 61}, "最多 60 个字，现在有 61 个"),
        ({"measure": OPEN, "note": "注" * 501}, "最多 500 个字，现在有 501 个"),
    ):
        assert said in clerk.post(f"{LETTERS}/supply.docx", 400, **form).text
    assert "规则里没有这项措施" in clerk.get(f"{LETTERS}/opinion", 404, measure="nothing").text
    assert "规则里没有这项措施" in clerk.post(f"{LETTERS}/opinion.docx", 404, measure="nothing").text
    assert clerk.get(f"{LETTERS}/opinion").request.path == LETTERS
    clerk.post(f"{LETTERS}/opinion.exe", 404, measure=AWARD)
    assert logged(kept) == []


def test_where_there_is_no_letter_the_page_says_why(engine: Engine, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    assert "没有编号为 1 的企业" in clerk.get(LETTERS, 404).text
    with writing(engine) as session:
        keeping.enterprise_of(session, "k", keeping.Head("甲公司", None, None, None))
    for path in ("", "/supply", "/opinion"):
        assert "这家企业还没有对照过。请先录入资料并对照" in clerk.get(LETTERS + path, 409, measure=AWARD).text
    assert "这家企业还没有对照过" in clerk.post(f"{LETTERS}/supply.pdf", 409, measure=AWARD).text


def test_without_pdf_the_word_file_is_offered(kept: Engine, log_in: LogIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(page: str) -> bytes:
        raise PdfUnavailable("pdf-busy", "正在做别的 PDF", "")

    monkeypatch.setattr(pdf_process, "made", refused)
    clerk = log_in("clerk")
    for path, form in (("supply", {"measure": OPEN, "note": "我写的话"}), ("opinion", {"measure": AWARD, "note": "我写的话"})):
        answer = clerk.post(f"{LETTERS}/{path}.pdf", 503, **form)
        assert "正在做别的 PDF。可以先下载 Word 文件。" in answer.text and 'value="我写的话"' in answer.text
    assert logged(kept) == []


def test_others_write_no_letters(kept: Engine, log_in: LogIn) -> None:
    for visit in (log_in("auditor"), log_in("administrator")):
        for path in ("", "/supply", "/opinion"):
            visit.get(LETTERS + path, 403, measure=AWARD)
        visit.post(f"{LETTERS}/supply.docx", 403, measure=OPEN)
