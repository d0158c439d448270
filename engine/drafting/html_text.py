"""The paragraphs of a web page, in order: what a reader sees as lines."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main",
     "nav", "ol", "option", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul")
)  # fmt: skip
_SILENT = frozenset(("script", "style", "template", "noscript", "textarea", "select"))


def lines_of(page: str) -> list[str]:
    """The lines of a page; a cell of a table is one too. The page's own title is left out: it repeats another."""
    parser = _Lines()
    parser.feed(page)
    parser.close()
    parser.end_line()
    return parser.lines


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.parts: list[str] = []
        self.silent: str | None = None

    def end_line(self) -> None:
        """What has been read so far is a line."""
        line = re.sub(r"\s+", " ", "".join(self.parts)).strip()
        self.parts = []
        if line:
            self.lines.append(line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.silent is None and (tag in _SILENT or tag == "title"):
            self.silent = tag
        if tag in _BLOCKS:
            self.end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = None
        if tag in _BLOCKS:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if self.silent is None:
            self.parts.append(data)
