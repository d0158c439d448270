"""What a file is by its content: what people hand in is taken, what pretends or carries more is not."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.centre import papers
from web.centre import filetypes
from web.centre.filetypes import Kind, Unfit, kind_of

SCRIPT = b"<html><script>alert(1)</script></html>"
TYPES = papers.PARTS["types"]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(papers.PARTS.get(name, name), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (papers.pdf(), filetypes.PDF),
        (papers.pdf() + b"\r\n\0\0", filetypes.PDF),
        (papers.picture("PNG"), filetypes.PNG),
        (papers.picture("JPEG"), filetypes.JPEG),
        (papers.picture("JPEG", progressive=1, restart_marker_blocks=1), filetypes.JPEG),
        (papers.picture("JPEG") + b"\0" * 9 + papers.picture("JPEG") + b"\0", filetypes.JPEG),
        (papers.word(), filetypes.DOCX),
        (papers.excel(), filetypes.XLSX),
    ],
)
def test_what_people_hand_in_is_taken(content: bytes, kind: Kind) -> None:
    assert kind_of(content) is kind


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "文件是空的"),
        (SCRIPT, "只收 PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "只收 PDF"),
        ("纯文本".encode(), "只收 PDF"),
        (b"\n%PDF-1.7", "只收 PDF"),
        (b"GIF89a" + papers.pdf(), "只收 PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧格式"),
        (b"%PDF-1.7\n" + SCRIPT, "不完整"),
        (papers.pdf() + SCRIPT, "附着别的内容"),
        (papers.pdf() + papers.word(), "附着别的内容"),
        (papers.pdf()[:-30], "不完整"),
        (papers.picture("PNG") + SCRIPT, "附着别的内容"),
        (papers.picture("PNG")[:-4], "不完整"),
        (papers.picture("PNG").replace(b"IDAT", b"IDAX"), "不完整"),
        (papers.picture("JPEG") + papers.word(), "附着别的内容"),
        (papers.picture("JPEG")[:-2], "不完整"),
        (b"\xff\xd8\xff" + SCRIPT, "不完整"),
        (b"\xff\xd8\xff\xe0\0\0", "不完整"),
        (papers.word()[:-40], "损坏"),
        (SCRIPT + papers.word(), "只收 PDF"),
        (b"PK\x03\x04" + SCRIPT + papers.word(), "附着别的内容"),
        (papers.word() + SCRIPT, "附着别的内容"),
        (zipped(**{"a.exe": b"MZ"}), "压缩包不能收"),
        (zipped(types=b"<Types/>"), "压缩包不能收"),
        (zipped(types=b"<!DOCTYPE t [<!ENTITY a 'x'>]><t>&a;</t>"), "损坏"),
        (papers.repacked(papers.word(), macros=b"x"), "宏"),
        (papers.repacked(papers.word(), outside=b"x"), "指向外面"),
    ],
)
def test_what_pretends_or_carries_more_is_not(content: bytes, why: str) -> None:
    with pytest.raises(Unfit) as refused:
        kind_of(content)
    assert why in refused.value.why


def test_macros_by_another_name_are_found_by_their_type() -> None:
    with zipfile.ZipFile(io.BytesIO(papers.word())) as archive:
        types = archive.read(TYPES)
    enabled = types.replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    assert enabled != types
    with pytest.raises(Unfit, match="宏"):
        kind_of(papers.repacked(papers.word(), types=enabled))


def test_a_document_that_lacks_what_it_names_is_none() -> None:
    with zipfile.ZipFile(io.BytesIO(papers.word())) as archive:
        types = archive.read(TYPES)
    with pytest.raises(Unfit, match="压缩包不能收"):
        kind_of(zipped(types=types))


def test_the_size_counts_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filetypes, "MOST", len(papers.pdf()))
    assert kind_of(papers.pdf()) is filetypes.PDF
    with pytest.raises(Unfit, match="超过"):
        kind_of(papers.pdf() + b"\n")


def test_a_bomb_is_not_unpacked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filetypes, "MOST_UNPACKED", 4 * filetypes.MB)
    with pytest.raises(Unfit, match="解开后超过 4 MB"):
        kind_of(papers.repacked(papers.word(), bomb=b"\0" * (5 * filetypes.MB)))


def test_a_bomb_that_lies_about_its_size_is_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory of the zip says 1 byte; the data unpacks to more."""
    monkeypatch.setattr(filetypes, "MOST_UNPACKED", 4 * filetypes.MB)
    size = (5 * filetypes.MB).to_bytes(4, "little")
    content = papers.repacked(papers.word(), bomb=b"\0" * (5 * filetypes.MB))
    assert content.count(size) == 2
    with pytest.raises(Unfit, match="解开后超过 4 MB"):
        kind_of(content.replace(size, (1).to_bytes(4, "little")))


def test_parts_that_lie_over_each_other_are_refused() -> None:
    """Two entries of the directory that share one part: how a small file unpacks to a very large one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("one.bin", "two.bin"):
            archive.writestr(name, b"\0" * 9999)
        archive.getinfo("two.bin").header_offset = 0
    with pytest.raises(Unfit, match="附着别的内容"):
        kind_of(out.getvalue())


def test_too_many_parts_and_a_password_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = bytearray(papers.word())
    # The flag of the first entry, in its own header and in the directory.
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.find(mark) + place] |= 1
    with pytest.raises(Unfit, match="密码"):
        kind_of(bytes(locked))
    monkeypatch.setattr(filetypes, "MOST_PARTS", 3)
    with pytest.raises(Unfit, match="部件太多"):
        kind_of(papers.word())
