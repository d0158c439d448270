"""Reports: the print page, the PDF with its text, fonts and order, the determination, and the check of one."""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from flask.testing import FlaskClient
from pypdf.generic import DictionaryObject
from werkzeug.test import TestResponse

from engine import Determination, load_pack, screen
from engine.diagnostics import Findings
from engine.selection import select
from engine.yaml_source import read_file
from tests.helpers import ROOT
from tests.web.conftest import TODAY, hidden
from web import pdf_process
from web.app import create_app
from web.paper import paper
from web.pdf import LONGEST, PdfUnavailable, pdf
from web.settings import Settings
from web.site.state import State
from web.summary import GROUPS, summarise

DAY = date(2017, 6, 30)
Post = Callable[..., TestResponse]


def sample(name: str = "mixed") -> dict[str, Any]:
    source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
    assert source is not None and isinstance(source.data, dict)
    return source.data


def determined(name: str = "mixed", day: date = DAY) -> Determination:
    return screen(sample(name), load_pack(), as_of=day)


@pytest.fixture(scope="module")
def page() -> str:
    """The report of a profile with something of everything."""
    return paper(determined(), load_pack())


@pytest.fixture(scope="module")
def made(page: str) -> bytes:
    return pdf(page)


@pytest.fixture
def state() -> str:
    """What a visitor told, little enough for a short report."""
    return State({"name": "虚构科技（廊坊）有限公司", "registered_division": "固安县"}, DAY).text()


class Texts(HTMLParser):
    """The words of a page: of its body, without what is never shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside = False
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.inside = self.inside or tag == "body"

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.words.append(squeezed(data))


def squeezed(text: str) -> str:
    """Without spaces and line breaks, which a page break or a narrow column may add or take."""
    return re.sub(r"\s+", "", text)


def text_of(data: bytes) -> str:
    """The text of a PDF's pages without the running lines at the top and the bottom of each."""
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages]
    running = (r"是否给予由主管部门决定\s*第 \d+ 页，共 \d+ 页", "虚构智联科技（廊坊）有限公司\\s*惠企对照报告")
    for pattern in running:
        pages = [re.sub(pattern, "", page) for page in pages]
    return squeezed("".join(pages))


# The report


def test_the_report_says_what_the_determination_says(page: str) -> None:
    found = determined()
    summary = summarise(found, load_pack())
    for part in (
        found.name or "",
        "2017年6月30日",
        found.pack_version,
        "由主管部门决定",
        "100人至499人",
        "智联协同创新基地",
        "中介服务机构",
        "定额10万元",
        "一次性奖励10万元",
        "没有填写的清单",
    ):
        assert part in page
    for key, title in GROUPS.items():
        assert f"<h2>{title}（{len(summary.of(key))} 项）</h2>" in page
    for line in summary.lines:
        if line.group != "not_in_force":
            assert f"<h3>{line.result.title}</h3>" in page
            assert line.reason in unescape(page)


def test_totals_are_calculations_for_each_payee() -> None:
    page = paper(determined("daxing-2021", date(2022, 6, 30)), load_pack())
    found = determined("daxing-2021", date(2022, 6, 30))
    assert set(found.totals) >= {"person"}
    assert "<caption>付给个人</caption>" in page
    for result in found.results:
        if result.verdict == "eligible":
            for step in result.calculation:
                assert step in page


def test_hostile_text_stays_text() -> None:
    name = "<script>alert(1)</script>{{7*7}}</title>"
    profile = {"name": name, "recognitions": [{"id": name, "kind": "协同创新基地"}], "investments": []}
    page = paper(screen(profile, load_pack(), as_of=DAY), load_pack())
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page
    assert page.count("</title>") == 1


def test_an_empty_profile_has_a_report_too() -> None:
    page = paper(screen({}, load_pack(), as_of=TODAY), load_pack())
    assert "<h1>未填写名称的企业</h1>" in page


# The PDF


@pytest.mark.slow
def test_the_text_of_the_pdf_is_the_text_of_the_report(page: str, made: bytes) -> None:
    text = text_of(made)
    at = 0
    for words in Texts(page).words:
        found = text.find(words, max(0, at - 200))
        assert found >= 0, words
        at = found
    said = squeezed("".join(Texts(page).words))
    assert abs(len(text) - len(said)) < len(said) // 20


def test_fonts_are_embedded_and_chinese(made: bytes) -> None:
    fonts = list(fonts_of(made))
    assert any("CJK" in name for name, _ in fonts)
    assert all(embedded for _, embedded in fonts), fonts
    assert len(made) < 3_000_000


def fonts_of(data: bytes) -> Iterator[tuple[str, bool]]:
    for page in pypdf.PdfReader(BytesIO(data)).pages:
        for item in page["/Resources"]["/Font"].values():  # type: ignore[index]
            for descendant in item.get_object()["/DescendantFonts"]:
                found = descendant.get_object()
                file: DictionaryObject = found["/FontDescriptor"].get_object()
                yield str(found["/BaseFont"]), bool({"/FontFile2", "/FontFile3"} & set(file))


def test_it_is_tagged_named_numbered_and_has_bookmarks(made: bytes) -> None:
    reader = pypdf.PdfReader(BytesIO(made))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert str(root["/Lang"]) == "zh-CN"
    assert "pdfuaid:part" in str(root["/Metadata"].get_object().get_data())
    assert reader.metadata is not None
    assert reader.metadata.title == "虚构智联科技（廊坊）有限公司 · 惠企对照报告 · 2017年6月30日"
    assert reader.metadata.creation_date_raw == "D:20170630"
    marks = [item.title for item in flat(reader.outline)]
    assert marks[0] == "虚构智联科技（廊坊）有限公司"
    assert "企业画像" in marks
    assert any(mark.startswith("可享受（") for mark in marks)
    count = len(reader.pages)
    for number, page in enumerate(reader.pages, 1):
        assert f"第 {number} 页，共 {count} 页" in page.extract_text()
        assert "虚构智联科技（廊坊）有限公司" in page.extract_text()


def flat(outline: Any) -> Iterator[Any]:
    for item in outline:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item


@pytest.mark.slow
def test_the_same_report_is_the_same_bytes(page: str, made: bytes) -> None:
    assert pdf_process.made(page) == made


def test_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p { color: red }", "utf-8")
    for link in (f'<link rel="stylesheet" href="{secret.as_uri()}">', '<img src="http://127.0.0.1:9/x.png" alt="x">'):
        data = pdf(f'<html lang="zh-CN"><head><title>x</title>{link}</head><body><p>企业</p></body></html>')
        assert data.startswith(b"%PDF")
        assert b"secret" not in data


def test_what_is_too_long_is_refused_and_the_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PdfUnavailable, match="太长"):
        pdf("x" * (LONGEST + 1))
    with pytest.raises(PdfUnavailable, match="太长"):
        pdf_process.made("x" * (LONGEST + 1))
    monkeypatch.setattr(pdf_process, "SECONDS", 0.01)
    with pytest.raises(PdfUnavailable, match="一分钟"):
        pdf_process.made("<p>企业")


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>", "utf-8")
    with monkeypatch.context() as without:
        without.setenv("FONTCONFIG_FILE", str(fonts))
        with pytest.raises(PdfUnavailable, match=r"没有中文字体.*fonts-noto-cjk"):
            pdf_process.made("<p>企业")
    whole = builtins.__import__

    def missing(error: Exception) -> Callable[..., Any]:
        def load(name: str, *rest: Any) -> Any:
            if name.startswith("weasyprint"):
                raise error
            return whole(name, *rest)

        return load

    for error, said in ((ImportError(), "没有安装 WeasyPrint"), (OSError(), r"Pango.*libpango-1\.0-0")):
        with monkeypatch.context() as without:
            without.setattr(builtins, "__import__", missing(error))
            with pytest.raises(PdfUnavailable, match=said):
                pdf("<p>企业")


def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_process, "WAIT", 0)
    with pdf_process._ONE, pytest.raises(PdfUnavailable, match="正在做别的"):
        pdf_process.made("<p>企业")


# Downloads


def test_the_determination_is_that_of_the_command_line(post: Post) -> None:
    answer = post("/determination.json", {"state": State(sample(), DAY).text()})
    assert answer.mimetype == "application/json"
    assert answer.text == determined().to_json()
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.slow
def test_the_pdf_is_a_download_with_a_name(post: Post, state: str) -> None:
    answer = post("/report.pdf", {"state": state})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    name = answer.headers["Content-Disposition"]
    assert "filename=huiqi-report-2017-06-30.pdf" in name
    assert "%E8%99%9A" in name
    assert answer.data.startswith(b"%PDF")


def test_without_the_libraries_the_page_says_so(post: Post, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> bytes:
        raise PdfUnavailable("pdf-no-pango", "缺少排版用的系统库（Pango），不能做 PDF", "请安装")

    monkeypatch.setattr(pdf_process, "made", refuse)
    answer = post("/report.pdf", {"state": state})
    assert answer.status_code == 503
    assert "Pango" in answer.text
    assert 'action="/report"' in answer.text


def test_the_print_page_carries_no_style_or_script_of_its_own(post: Post, state: str) -> None:
    answer = post("/report", {"state": state})
    assert answer.status_code == 200
    assert "<style" not in answer.text
    assert "style=" not in answer.text
    assert not re.search(r"<script(?![^>]* src=)", answer.text)
    assert "虚构科技（廊坊）有限公司" in answer.text


def test_an_address_gets_few_pdfs(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    monkeypatch.setattr(pdf_process, "made", lambda _: b"%PDF")
    client = create_app(Settings(today=lambda: TODAY, page_rate="1000 per minute")).test_client()
    token = hidden(client.get("/").text, "csrf_token")
    form = {"csrf_token": token, "state": state}
    codes = [client.post("/report.pdf", data=form).status_code for _ in range(14)]
    assert codes == [200] * 12 + [429] * 2
    assert client.post("/report", data=form).status_code == 200


@pytest.mark.parametrize("path", ["/report", "/report.pdf", "/determination.json"])
def test_a_bare_address_leads_home_and_a_bad_profile_is_said(client: FlaskClient, post: Post, path: str) -> None:
    assert client.get(path).status_code == 303
    answer = post(path, {"state": State({"staff_total": "很多"}).text()})
    assert answer.status_code == 400
    assert "从业人数" in answer.text


@pytest.mark.parametrize("path", ["/report", "/report.pdf", "/determination.json", "/verify"])
def test_a_forged_request_is_refused(client: FlaskClient, path: str, state: str) -> None:
    assert client.post(path, data={"state": state}).status_code == 400


# The check of a determination


def upload(post: Post, data: bytes) -> TestResponse:
    return post("/verify", {"determination": (BytesIO(data), "认定记录.json")}, content_type="multipart/form-data")


def test_a_determination_is_confirmed_or_refuted(post: Post) -> None:
    pack = select(load_pack(), ["langfang-2016"], (), lambda *_: "")
    text = screen(sample(), pack, as_of=DAY).to_json()
    assert "确认：共 " in upload(post, text.encode()).text
    told = json.loads(text)
    told["totals"]["applicant"]["confirmed"][1] = "<b>1</b>"
    answer = upload(post, json.dumps(told).encode())
    assert answer.status_code == 200
    assert "1 项有 1 处" in answer.text
    assert "&lt;b&gt;1&lt;/b&gt;" in answer.text
    told["pack_version"] = "0000"
    assert "规则版本不同：认定记录写的是 0000" in upload(post, json.dumps(told).encode()).text


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"\x00\xff", b"[" * 50_000])
def test_what_is_no_determination_is_said(post: Post, data: bytes) -> None:
    answer = upload(post, data)
    assert answer.status_code == 400
    assert "这份文件读不懂" in answer.text
