"""What a file is by its content, whatever it is called: PDF, JPEG, PNG, Word and Excel without macros; nothing else.

A file that is two kinds at once (a picture with a zip behind it, a zip with something before it) is none. A file of
Office is unpacked once in pieces and counted, for its directory may lie about sizes. Pure.
"""

from __future__ import annotations

import binascii
import copy
import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

from web.texts import gettext as _

MB = 1024 * 1024
MOST = 20 * MB
MOST_UNPACKED = 300 * MB
MOST_PARTS = 5_000
_PIECE = MB
_TYPES = "[Content_Types].xml"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_PNG = b"\x89PNG\r\n\x1a\n"
_PDF = re.compile(rb"%PDF-[12]\.\d")
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\Z")
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers of JPEG without a length."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``suffixes``: what such a file may be called, the usual one first."""

    label: str
    media_type: str
    suffixes: tuple[str, ...]


PDF = Kind("PDF", "application/pdf", (".pdf",))
JPEG = Kind("JPEG", "image/jpeg", (".jpg", ".jpeg"))
PNG = Kind("PNG", "image/png", (".png",))
DOCX = Kind("Word", f"{_OFFICE}wordprocessingml.document", (".docx",))
XLSX = Kind("Excel", f"{_OFFICE}spreadsheetml.sheet", (".xlsx",))
KINDS = (PDF, JPEG, PNG, DOCX, XLSX)
SUFFIXES = tuple(suffix for kind in KINDS for suffix in kind.suffixes)


class Unfit(Exception):
    """A file that is not taken; ``why`` is a Chinese sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def kind_of(content: bytes) -> Kind:
    """The kind of a file. Raises Unfit where it is none of them, damaged, too large, or carries more than it should."""
    if not content:
        raise Unfit(_("文件是空的。"))
    if len(content) > MOST:
        raise Unfit(_("文件超过 %d MB，请压缩或拆开。") % (MOST // MB))
    if _PDF.match(content):
        return _pdf(content)
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unfit(_("旧格式（.doc、.xls）或加了密码的文件不能收。请另存为 .docx、.xlsx 或 PDF。"))
    raise Unfit(_("只收 PDF、JPEG、PNG、Word（.docx）和 Excel（.xlsx）文件，按内容认定，与文件名无关。"))


def _pdf(content: bytes) -> Kind:
    # Nothing may follow the end, or the file could be something else to another reader.
    if not _PDF_END.search(content[-1024:].rstrip(b"\0 \t\r\n\f")):
        raise Unfit(_("PDF 文件不完整，或后面还附着别的内容。请重新导出。"))
    return PDF


def _png(content: bytes) -> Kind:
    place, seen = len(_PNG), b""
    while place + 12 <= len(content):
        size, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + size
        if end > len(content) or (seen == b"") != (name == b"IHDR"):
            break
        if binascii.crc32(content[place + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            break
        place, seen = end, name
        if name == b"IEND" and place == len(content):
            return PNG
    raise Unfit(_("图片文件不完整，或后面还附着别的内容。请重新导出。"))


def _jpeg(content: bytes) -> Kind:
    """Its segments one after the other to the end marker. Cameras put further pictures and zeros behind; nothing else
    may follow."""
    place, rest = 0, content
    while rest.startswith(b"\xff\xd8\xff"):
        place = _picture_end(content, place)
        if place == 0:
            break
        rest = content[place:].lstrip(b"\0")
        place = len(content) - len(rest)
    if rest:
        raise Unfit(_("图片文件不完整，或后面还附着别的内容。请另存为普通照片再上传。"))
    return JPEG


def _picture_end(content: bytes, start: int) -> int:
    """Where the picture that begins at ``start`` ends; 0 where it does not."""
    place = start + 2
    while place + 1 < len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xD9:
            return place + 2
        if marker == 0xFF or marker in _ALONE:
            place += 1 if marker == 0xFF else 2
            continue
        size = int.from_bytes(content[place + 2 : place + 4])
        if size < 2:
            return 0
        place += 2 + size
        if marker == 0xDA:
            place = _after_scan(content, place)
    return 0


def _after_scan(content: bytes, place: int) -> int:
    """Where the next marker begins after the data of a picture, in which FF 00 and restarts are no markers."""
    while (place := content.find(b"\xff", place)) >= 0 and place + 1 < len(content):
        follows = content[place + 1]
        if follows != 0 and not 0xD0 <= follows <= 0xD7:
            return place
        place += 2
    return len(content)


def _office(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _whole(content, archive)
            return _of_parts(archive)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, NotImplementedError, OSError):
        raise Unfit(_("文件已损坏或加了密码，打不开。请另存一份再上传。")) from None


def _whole(content: bytes, archive: zipfile.ZipFile) -> None:
    """The archive is the whole file, and its parts do not lie over each other."""
    parts = sorted(archive.infolist(), key=lambda part: part.header_offset)
    if not parts or len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts):
        raise Unfit(_("文件里的部件太多或有重名，不像是 Office 存的。请另存一份再上传。"))
    ends = [part.header_offset + 30 + part.compress_size for part in parts]
    over = any(end > after.header_offset for end, after in zip(ends, parts[1:], strict=False))
    if parts[0].header_offset != 0 or over or archive.comment or content[-22:-18] != b"PK\x05\x06":
        raise Unfit(_("文件前后还附着别的内容。请另存一份再上传。"))
    if any(part.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", part.filename) for part in parts):
        raise Unfit(_("文件里有指向外面的路径。请另存一份再上传。"))


def _of_parts(archive: zipfile.ZipFile) -> Kind:
    unpacked = 0
    types = b""
    for part in archive.infolist():
        if part.flag_bits & 1:
            raise RuntimeError("encrypted")
        honest = copy.copy(part)
        honest.file_size = 1 << 62  # read to the true end, whatever the directory says
        with archive.open(honest) as stream:
            while piece := stream.read(_PIECE):
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED:
                    raise Unfit(_("文件解开后超过 %d MB，没有收。请拆开或另存一份。") % (MOST_UNPACKED // MB))
                if part.filename == _TYPES and len(types) < MB:
                    types += piece
    return _typed(types, [part.filename.lower() for part in archive.infolist()])


def _typed(types: bytes, names: list[str]) -> Kind:
    """Word or Excel by what the file says of its own parts."""
    if b"<!" in types:
        raise ValueError("no document type belongs there")
    try:
        root = ElementTree.fromstring(types or b"<none/>")
    except ElementTree.ParseError:
        raise ValueError("not XML") from None
    told = [(item.get("PartName", "").lower(), item.get("ContentType", "")) for item in root]
    if any("macroenabled" in kind.lower() or "vbaproject" in kind.lower() for _part, kind in told) or any(
        "vbaproject" in name or "/activex/" in f"/{name}" or "macrosheets/" in name for name in names
    ):
        raise Unfit(_("文件里有宏或控件，不能收。请另存为不带宏的 .docx 或 .xlsx。"))
    if root.tag == f"{_MAIN}Types":
        for kind, main in ((DOCX, "wordprocessingml.document.main+xml"), (XLSX, "spreadsheetml.sheet.main+xml")):
            if any(kind_ == _OFFICE + main and part.lstrip("/") in names for part, kind_ in told):
                return kind
    raise Unfit(_("压缩包不能收；Office 文件只收 Word（.docx）和 Excel（.xlsx）。"))

