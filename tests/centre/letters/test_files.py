"""Both files of a letter say the same words, are well made, and are the same bytes for the same letter."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pypdf
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from tests.centre.letters.conftest import CENTRE, DAY, JUDGED
from web.centre.letters.basis import Basis
from web.centre.letters.letter import Heading, Letter, Pairs, Paragraph, Table, words
from web.centre.letters.opinion import opinion
from web.centre.letters.pdf import SHEET, body, page
from web.centre.letters.supply import Asked, choosable, supply
from web.centre.letters.word import docx
from web.pdf import pdf

SMALL = Letter("通知", "通知　第 1 号", (Heading("甲"), Paragraph("<b>&乙\n丙", "quote")), "中心", "今天", DAY)


@pytest.fixture(scope="module", params=["supply", "opinion"])
def letter(request: pytest.FixtureRequest, basis: Basis) -> Letter:
    if request.param == "supply":
        chosen = [result.measure for result in choosable(basis)]
        return supply(basis, Asked(chosen, "2026年12月15日前", "请带原件"), CENTRE, "受理员", DAY)
    return opinion(basis, JUDGED, "另附收据", CENTRE, "受理员", DAY)


def folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


def pdf_words(data: bytes, letter: Letter) -> str:
    """The text of a PDF without what repeats on each page: running heads, page numbers, heads of tables that go on."""
    pages = [folded(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    heads = ["".join(block.head) for block in letter.blocks if isinstance(block, Table)]
    text = ""
    for number, said in enumerate(pages, start=1):
        said = said.replace(f"第{number}页，共{len(pages)}页", "")
        if number > 1:
            assert folded(letter.running) in said
            said = said.replace(folded(letter.running), "", 1)
            again = next((head for head in heads if said.startswith(head) and head in text), "")
            said = said.removeprefix(again)
        text += said
    return text


def docx_words(data: bytes) -> list[str]:
    """The texts of a document in order, cell by cell."""
    said: list[str] = []
    for part in Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(part, WordTable):
            said += [cell.text for row in part.rows for cell in row.cells]
        else:
            assert isinstance(part, WordParagraph)
            said.append(part.text)
    return said


def test_both_say_every_word_in_the_same_order(letter: Letter) -> None:
    written = pdf(page(letter))
    assert docx_words(docx(letter)) == list(words(letter))
    assert pdf_words(written, letter) == folded("".join(words(letter)))
    told = pypdf.PdfReader(io.BytesIO(written))
    root = told.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "zh-CN" and "/StructTreeRoot" in root
    assert told.metadata is not None and told.metadata.title == letter.running


def test_the_document_is_well_made(letter: Letter) -> None:
    document = Document(io.BytesIO(docx(letter)))
    headings = [block for block in letter.blocks if isinstance(block, Heading)]
    made = [(p.text, p.style.name) for p in document.paragraphs if p.style is not None and str(p.style.name).startswith("Heading")]
    assert made == [(heading.text, f"Heading {heading.level}") for heading in headings]
    tables = [block for block in letter.blocks if isinstance(block, Table | Pairs)]
    for block, table in zip(tables, document.tables, strict=True):
        headed = bool(list(table.rows[0]._tr.iter(qn("w:tblHeader"))))
        assert headed == isinstance(block, Table)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Quote", "Caption", "Header", "Footer"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in ("宋体", "黑体") and not fonts.get(qn("w:eastAsiaTheme"))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    for footer in (section.footer, section.first_page_footer):
        assert [field.get(qn("w:instr")) for field in footer._element.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert section.header.paragraphs[0].text == letter.running
    assert document.core_properties.title == letter.running and document.core_properties.author == CENTRE.name


def test_the_document_carries_no_code_and_leads_nowhere() -> None:
    with zipfile.ZipFile(io.BytesIO(docx(SMALL))) as archive:
        names = archive.namelist()
        assert not [name for name in names if "vba" in name.lower() or "embed" in name.lower()]
        for name in names:
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in archive.read(name)


def test_the_same_letter_is_the_same_bytes() -> None:
    assert docx(SMALL) == docx(SMALL)
    assert pdf(page(SMALL)) == pdf(page(SMALL))
    other = Letter(SMALL.title, SMALL.running, SMALL.blocks, SMALL.sender, "昨天", date(2026, 11, 21))
    assert docx(other) != docx(SMALL)


def test_texts_are_escaped() -> None:
    assert "&lt;b&gt;&amp;乙<br>丙" in body(SMALL, 3) and '<h3 class="title">通知</h3>' in body(SMALL, 3)
    assert docx_words(docx(SMALL)) == ["通知", "甲", "<b>&乙\n丙", "中心", "今天"]


def test_every_width_is_in_the_sheet(letter: Letter) -> None:
    sheet = SHEET.read_text("utf-8")
    for block in letter.blocks:
        if isinstance(block, Table):
            assert sum(block.widths) == 100
            for width in block.widths:
                assert f".w{width} {{ width: {width}%; }}" in sheet
