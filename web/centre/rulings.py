"""How the findings about one enterprise stand: which count, which wait for a second person. Pure; rows are never changed.

A row without ``answers_id`` is a finding: ``confirmed`` counts at once, ``proposed`` waits for a second person. A row
with it is a word on an earlier one:

- ``confirmed`` on a proposed finding: it counts;
- ``rejected`` on a finding: it counts no more, or never will;
- ``proposed`` on a finding that counts: somebody wants it withdrawn; ``confirmed`` on that row withdraws it,
  ``rejected`` on that row keeps it.

Whether the centre wants a second person is decided as a row is written and is never asked again, so that choosing
otherwise later changes nothing of what counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from web.centre.store.tables import FindingRow


class Matter(NamedTuple):
    """What is judged of an enterprise: a judgement, and the record that it is about where it is about one."""

    judgement: str
    about: str | None = None


@dataclass(slots=True)
class Ruling:
    """One matter. ``counts`` is the finding that counts and ``by`` the row that made it count (itself, or a second
    person's word). ``waiting`` is the row that waits for a second person. ``rows``: all that was said, oldest first."""

    matter: Matter
    counts: FindingRow | None = None
    by: FindingRow | None = None
    waiting: FindingRow | None = None
    rows: list[FindingRow] = field(default_factory=list)

    @property
    def newest(self) -> int:
        """The number of the newest row; 0 where nothing was said."""
        return self.rows[-1].id if self.rows else 0

    @property
    def wants_withdrawal(self) -> bool:
        """Whether what waits for a second person is a withdrawal."""
        return self.waiting is not None and self.waiting.answers_id is not None

    def say(self, row: FindingRow, of: FindingRow | None) -> None:
        """Take in the next row; ``of`` is the one that it answers."""
        self.rows.append(row)
        if of is None:
            # A newer finding takes the place of whatever still waited.
            self.waiting = row if row.stage == "proposed" else None
            if row.stage == "confirmed":
                self.counts = self.by = row
        elif row.stage == "proposed":
            self.waiting = row if self.counts is of else None
        elif self.waiting is of:
            self._answered(row, of)
        elif self.counts is of and row.stage == "rejected":
            self.counts = self.by = self.waiting = None

    def _answered(self, row: FindingRow, of: FindingRow) -> None:
        self.waiting = None
        if row.stage == "confirmed":
            withdrawn = of.answers_id is not None
            self.counts, self.by = (None, None) if withdrawn else (of, row)


def rulings(rows: Iterable[FindingRow]) -> dict[Matter, Ruling]:
    """Every matter of one enterprise that something was said on, from all its rows in the order of their numbers."""
    found: dict[Matter, Ruling] = {}
    known: dict[int, FindingRow] = {}
    for row in rows:
        known[row.id] = row
        of = known.get(row.answers_id) if row.answers_id is not None else None
        matter = Matter(of.judgement, of.about) if of is not None else Matter(row.judgement, row.about)
        found.setdefault(matter, Ruling(matter)).say(row, of)
    return found
