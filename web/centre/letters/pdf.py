"""A letter as HTML, for the preview and, with its style inside, for the PDF."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web import pdf_process
from web.centre.letters.letter import Letter

WEB = Path(__file__).parents[2]
SHEET = WEB / "static" / "letter.css"


def pdf(letter: Letter) -> bytes:
    """The PDF, made in a process of its own; the same bytes for the same letter. Raises PdfUnavailable."""
    return pdf_process.made(page(letter))


def page(letter: Letter) -> str:
    """The letter as a page that carries its style. Every text is escaped."""
    style = Markup(SHEET.read_text("utf-8"))
    return _environment().get_template("centre/letter_page.html").render(letter=letter, top=1, style=style)


def body(letter: Letter, top: int) -> Markup:
    """The letter as a part of another page, its title a heading of level ``top``."""
    return Markup(_environment().get_template("centre/letter_body.html").render(letter=letter, top=top))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
