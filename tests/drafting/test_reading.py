"""One notice in four formats, and files that cannot be read: each refused with one clear line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from engine import InputError
from engine.drafting import draft_of, read_text, reading
from engine.drafting.reading import LARGEST

HERE = Path(__file__).parent / "notice"
NOTICE = (HERE / "notice.txt").read_text("utf-8")
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def docx(body: str, name: str = "word/document.xml") -> bytes:
    """A Word file with this body."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')
    return stream.getvalue()


def in_html(text: str) -> bytes:
    lines = "\n".join(f"<p class=a>\n{escape(line)}<br></p>" for line in text.splitlines())
    page = f"<html><head><meta charset=gb2312><title>页名</title><style>p{{}}</style></head><body><script>1</script>{lines}"
    return page.encode("gb18030")


def in_docx(text: str) -> bytes:
    lines = text.splitlines()
    table = "".join(f"<w:tc>{paragraph(line)}</w:tc>" for line in lines[-2:])
    inserted = f"<w:p><w:ins><w:r><w:t>{lines[0]}</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>"
    return docx(inserted + "".join(map(paragraph, lines[1:-2])) + f"<w:tbl><w:tr>{table}</w:tr></w:tbl>")


FORMATS: dict[str, Callable[[], bytes]] = {
    "notice.txt": lambda: NOTICE.encode("utf-8-sig"),
    "gb.txt": lambda: NOTICE.encode("gb18030"),
    "wide.txt": lambda: NOTICE.encode("utf-16"),
    "dos.txt": lambda: NOTICE.replace("\n", "\r\n").encode(),
    "notice.html": lambda: in_html(NOTICE),
    "notice.docx": lambda: in_docx(NOTICE),
    "notice.pdf": lambda: (HERE / "notice.pdf").read_bytes(),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_text_gives_the_same_draft(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FORMATS[name]())
    found = read_text(path)
    assert found.text.strip().splitlines() == NOTICE.splitlines()
    assert found.notes == ()
    expected = draft_of(NOTICE, "yunxi-2023")
    drafted = draft_of(found.text, "yunxi-2023")
    assert drafted.files == expected.files
    assert drafted.to_data() == expected.to_data()


def bomb() -> bytes:
    return docx("<!-- " + " " * (reading.LARGEST * 4) + " -->")


def empty_pdf(more: bytes = b"") -> bytes:
    """A page without text, as a scanner leaves it; ``more`` goes into the trailer."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4" + more + b">>\n%%EOF"
    )


LOCKED = (
    b"/Encrypt<</Filter/Standard/V 1/R 2/O(" + b"x" * 32 + b")/U(" + b"y" * 32 + b")/P -4>>/ID[(0123456789abcdef)(0123456789abcdef)]"
)
"""Asks for a password that nobody has."""
REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a.doc": ("draft-format", lambda: b"x"),
    "empty.txt": ("draft-no-text", lambda: b" \n"),
    "english.txt": ("draft-no-text", lambda: b"no Chinese here 10%"),
    "mixed.txt": ("draft-encoding", lambda: "奖励".encode() + "奖励".encode("gb18030") + b"\xff"),
    "zeros.txt": ("draft-encoding", lambda: b"\x00\x01\x02" * 9),
    "large.txt": ("draft-too-large", lambda: b"a" * (LARGEST + 1)),
    "long.txt": ("draft-too-long", lambda: ("奖" * (reading.LONGEST + 1)).encode()),
    "broken.docx": ("draft-broken", lambda: in_docx(NOTICE)[:200]),
    "cut.docx": ("draft-broken", lambda: docx("<w:p>")),
    "other.docx": ("draft-broken", lambda: docx("", "xl/workbook.xml")),
    "entity.docx": ("draft-broken", lambda: entity()),
    "secret.docx": ("draft-encrypted", lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600),
    "bomb.docx": ("draft-too-large", bomb),
    "broken.pdf": ("draft-broken", lambda: b"PK\x03\x04"),
    "cut.pdf": ("draft-broken", lambda: (HERE / "notice.pdf").read_bytes()[:3000]),
    "scan.pdf": ("draft-scanned", empty_pdf),
    "secret.pdf": ("draft-encrypted", lambda: empty_pdf(LOCKED)),
}


def entity() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    return stream.getvalue()


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    code, make = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(InputError) as caught:
        read_text(path)
    (finding,) = caught.value.findings
    assert (finding.code, finding.file) == (code, str(path))
    assert "\n" not in str(finding) and finding.hint


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path / "folder.txt"):
        if path.name == "folder.txt":
            path.mkdir()
        with pytest.raises(InputError) as caught:
            read_text(path)
        assert caught.value.findings[0].code == "draft-missing"


def test_automatic_numbers_of_word_are_told(tmp_path: Path) -> None:
    numbered = f"<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>{NOTICE.splitlines()[3]}</w:t></w:r></w:p>"
    path = tmp_path / "a.docx"
    path.write_bytes(docx(numbered))
    assert "1 段用了自动编号" in read_text(path).notes[0]


def test_a_damaged_stream_in_a_word_file(tmp_path: Path) -> None:
    data = bytearray(in_docx(NOTICE))
    data[60:100] = b"\xff" * 40
    path = tmp_path / "a.docx"
    path.write_bytes(bytes(data))
    with pytest.raises(InputError) as caught:
        read_text(path)
    assert caught.value.findings[0].code == "draft-broken"


def test_without_the_pdf_reader_the_others_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.drafting.pdf_text.find_spec", lambda name: None)
    with pytest.raises(InputError) as caught:
        read_text(HERE / "notice.pdf")
    assert "huiqi[draft]" in caught.value.findings[0].hint
    assert read_text(HERE / "notice.txt").text == NOTICE
