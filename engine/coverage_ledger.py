"""The ledger of one official text (``rules/coverage/*.yaml``): where the sentences went that nothing cites.

It holds places and hashes, never the sentences themselves.
"""

from __future__ import annotations

from typing import Literal

from engine.vocabulary import Shape

Kind = Literal["measure", "programme", "target", "organisational", "preamble"]
LONGEST_START = 40


class Entry(Shape):
    """One sentence and what it is; with ``at: LINE:COLUMN-LINE:COLUMN`` all that start from here to there.

    In a cited sentence ``at`` may be the place of a promise (the piece between commas) that no phrase touches.

    ``hash`` is of all of them; ``starts`` is how the first begins.
    """

    at: str
    hash: str
    starts: str
    kind: Kind
    rules: list[str] = []
    why: str = ""


class LedgerFile(Shape):
    """``rules/coverage/<document>.yaml``. ``sha256`` is of the text that the places belong to."""

    document: str
    sha256: str
    entries: list[Entry]
