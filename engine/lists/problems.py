"""What stops the reading of a list, with the lines of a mapping that would settle it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.diagnostics import Finding, InputError


class NeedsMapping(InputError):
    """The list cannot be read without a word from somebody. ``paste``: lines for a mapping file, "" where none help."""

    def __init__(self, findings: Iterable[Finding], paste: str = "") -> None:
        super().__init__(findings)
        self.paste = paste


def refusal(file: str, code: str, message: str, hint: str = "", *, row: int = 0, column: int = 0) -> InputError:
    """One problem of one file as the exception to raise; ``row`` and ``column`` count from 1."""
    return InputError([Finding(file, row, column or min(row, 1), code, message, hint)])
