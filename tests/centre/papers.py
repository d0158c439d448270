"""Files as they are handed in, made by the libraries that people's programs use; and files that pretend."""

from __future__ import annotations

import io
import zipfile
from functools import cache

import docx
import pypdf
import xlsxwriter
from PIL import Image


@cache
def pdf() -> bytes:
    """One empty page."""
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


@cache
def picture(form: str, **options: int) -> bytes:
    """A small picture, as JPEG or PNG."""
    out = io.BytesIO()
    Image.effect_noise((40, 30), 60).save(out, form, **options)
    return out.getvalue()


@cache
def word() -> bytes:
    """A document with a sentence."""
    made, out = docx.Document(), io.BytesIO()
    made.add_paragraph("列入年度重点任务清单")
    made.save(out)
    return out.getvalue()


@cache
def excel() -> bytes:
    """A workbook with a cell."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write(0, 0, "核验")
    return out.getvalue()


def repacked(content: bytes, **changes: bytes) -> bytes:
    """A zip with parts added or replaced; underscores in names stand for what the caller means by ``PARTS``."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        for name, part in {**parts, **{PARTS.get(key, key): value for key, value in changes.items()}}.items():
            new.writestr(name, part)
    return out.getvalue()


PARTS = {"types": "[Content_Types].xml", "macros": "word/vbaProject.bin", "outside": "../../etc/cron.d/x", "bomb": "word/media/a.bin"}
