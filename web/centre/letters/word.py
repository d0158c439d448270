"""A letter as .docx by python-docx: real headings, tables with header rows, page numbers as fields, no macro.

The bytes are the same for the same letter: dates inside are the day of the letter, entries of the archive have one
fixed time.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from web.centre.letters.letter import Block, Heading, Letter, Pairs, Paragraph, Table
from web.texts import gettext as _

SERIF, SANS, LATIN = "宋体", "黑体", "Times New Roman"
CELL = "Table Text"
WIDTH = Mm(210 - 2 * 24)
_FIXED = (2000, 1, 1, 0, 0, 0)


def docx(letter: Letter) -> bytes:
    """The document."""
    document = Document()
    _styles(document)
    _page(document, letter)
    document.add_paragraph(letter.title, "Title")
    for block in letter.blocks:
        _write(document, block)
    for number, line in enumerate(letter.closing):
        paragraph = document.add_paragraph(line)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.space_before = Pt(0 if number else 24)
        paragraph.paragraph_format.keep_with_next = number + 1 < len(letter.closing)
    _properties(document, letter)
    target = io.BytesIO()
    document.save(target)
    return _settled(target.getvalue())


def _write(document: Any, block: Block) -> None:
    match block:
        case Heading(text, level):
            document.add_heading(text, level)
        case Paragraph(text, tone):
            style = {"quote": "Quote", "quiet": "Caption"}.get(tone, "Normal")
            _lines(document.add_paragraph(style=style), text, bold=tone == "strong")
        case Pairs(rows):
            _pairs(document, rows)
        case Table():
            _columns(document, block)


def _pairs(document: Any, rows: tuple[tuple[str, str], ...]) -> None:
    # The first column heads its rows.
    _look(_table(document, rows, (20, 80)), firstColumn="1", firstRow="0")


def _columns(document: Any, block: Table) -> None:
    """The heads come again on each page, rows stay whole; a pair may be longer than a page."""
    table = _table(document, (block.head, *block.rows), block.widths)
    _look(table, firstColumn="0", firstRow="1")
    for row in table._tbl.tr_lst:
        row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    header = table._tbl.tr_lst[0]
    header.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell in header.tc_lst:
        for run in WordParagraph(cell.p_lst[0], table).runs:
            run.bold = True


def _table(document: Any, rows: Sequence[Sequence[str]], widths: tuple[int, ...]) -> WordTable:
    """A table of fixed widths. Cells are reached by their elements: by their objects a table of
    some hundred rows takes many seconds."""
    table: WordTable = document.add_table(len(rows), len(widths), "Table Grid")
    table.autofit = False
    style = document.styles[CELL].style_id
    for column, width in zip(table.columns, widths, strict=True):
        column.width = int(WIDTH * width / 100)
    for row, texts in zip(table._tbl.tr_lst, rows, strict=True):
        for cell, width, text in zip(row.tc_lst, widths, texts, strict=True):
            cell.width = Length(int(WIDTH * width / 100))
            cell.p_lst[0].style = style
            _lines(WordParagraph(cell.p_lst[0], table), text)
    return table


def _look(table: WordTable, **flags: str) -> None:
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    assert look is not None
    for name in list(look.attrib):
        del look.attrib[name]
    for name in ("firstRow", "lastRow", "firstColumn", "lastColumn"):
        look.set(qn(f"w:{name}"), flags.get(name, "0"))
    look.set(qn("w:noHBand"), "1")
    look.set(qn("w:noVBand"), "1")


def _lines(paragraph: WordParagraph, text: str, *, bold: bool = False) -> None:
    """Text whose lines are parted by a line feed."""
    for number, line in enumerate(text.split("\n")):
        run = paragraph.add_run(line)
        run.bold = bold or None
        if number:
            run._r.insert(0 if run._r.rPr is None else 1, OxmlElement("w:br"))


def _page(document: Any, letter: Letter) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(24)
    section.top_margin, section.bottom_margin = Mm(26), Mm(24)
    # The first page has the title itself.
    section.different_first_page_header_footer = True
    above = section.header.paragraphs[0]
    above.text, above.alignment = letter.running, WD_ALIGN_PARAGRAPH.RIGHT
    for footer in (section.first_page_footer, section.footer):
        below = footer.paragraphs[0]
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        before, between, after = _("第 {page} 页，共 {pages} 页").replace("{pages}", "{page}").split("{page}")
        below.add_run(before)
        _field(below, "PAGE")
        below.add_run(between)
        _field(below, "NUMPAGES")
        below.add_run(after)


def _field(paragraph: WordParagraph, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _styles(document: Any) -> None:
    """Fonts for Chinese and Latin, sizes and gaps; the language is Chinese."""
    styles = document.styles
    _font(styles["Normal"], SERIF, 12)
    _gaps(styles["Normal"], 0, 6, 1.35)
    text = styles.add_style(CELL, 1)
    text.base_style = styles["Normal"]
    _gaps(text, 2, 2, 1.15)
    text.font.size = Pt(10.5)
    _font(styles["Title"], SANS, 22)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _gaps(styles["Title"], 0, 18, 1.2)
    _borderless(styles["Title"])
    for level, size in ((1, 14), (2, 12)):
        _font(styles[f"Heading {level}"], SANS, size)
        _gaps(styles[f"Heading {level}"], 14 if level == 1 else 10, 4, 1.2)
        styles[f"Heading {level}"].paragraph_format.keep_with_next = True
    for name, points in (("Quote", 12), ("Caption", 10.5), ("Header", 9), ("Footer", 9)):
        _font(styles[name], SERIF, points)
    styles["Quote"].font.italic = styles["Caption"].font.bold = False
    styles["Quote"].paragraph_format.left_indent = Mm(8)
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")


def _font(style: ParagraphStyle, chinese: str, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), chinese)
    fonts.set(qn("w:hAnsi"), LATIN)
    fonts.set(qn("w:cs"), LATIN)


def _gaps(style: ParagraphStyle, before: float, after: float, line: float) -> None:
    shape = style.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), line


def _borderless(style: ParagraphStyle) -> None:
    shape = style.element.get_or_add_pPr()
    border = shape.find(qn("w:pBdr"))
    if border is not None:
        shape.remove(border)


def _properties(document: Any, letter: Letter) -> None:
    said, moment = document.core_properties, datetime.combine(letter.day, time())
    said.title, said.author, said.last_modified_by = letter.running, letter.sender, letter.sender
    said.subject = said.keywords = said.comments = said.category = ""
    said.language, said.revision = "zh-CN", 1
    said.created = said.modified = said.last_printed = moment


def _settled(data: bytes) -> bytes:
    """The archive with every entry at one fixed time."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as settled:
        for entry in made.infolist():
            fixed = zipfile.ZipInfo(entry.filename, _FIXED)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            settled.writestr(fixed, made.read(entry))
    return target.getvalue()
