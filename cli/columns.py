"""Widths in terminal columns, where a Chinese character takes two, and help pages that respect them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import click


def width(text: str) -> int:
    """Columns that ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def clipped(text: str, columns: int) -> str:
    """``text`` cut to so many columns, with … where something is missing."""
    if width(text) <= columns:
        return text
    used, kept = 0, []
    for sign in text:
        used += width(sign)
        if used > columns - 1:
            break
        kept.append(sign)
    return "".join(kept) + "…"


class ChineseHelp(click.HelpFormatter):
    """click's help aligned by columns, with full-width colons. Nothing is wrapped: the texts are short."""

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{heading}：\n")

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, "用法：" if prefix is None else prefix)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 32, col_spacing: int = 2) -> None:
        """Terms and what they mean, in two columns."""
        listed = list(rows)
        first = min(max((width(term) for term, _ in listed), default=0), col_max)
        for term, text in listed:
            room = max(first - width(term), 0) + col_spacing
            self.write(f"{'':>{self.current_indent}}{term}{'':>{room}}{text}\n")
