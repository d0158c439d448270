"""The report on paper: everything open, in pages, for a printer and for the PDF. One look with ``web.standalone``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Template
from markupsafe import Markup

from engine.determination import Determination
from engine.pack import Pack
from engine.profile import profile_of
from web.amounts import confirmed_in_words, payee_label, possible_in_words
from web.rule_words import validity
from web.standalone import environment
from web.summary import Line, Summary, summarise
from web.told import told

SHEET = Path(__file__).parent / "static" / "report.css"


@dataclass(frozen=True, slots=True)
class Account:
    """What one payee gets as a calculation: each line that adds to it, then the sums."""

    payee: str
    lines: tuple[Line, ...]
    confirmed: str
    possible: str
    stacking_open: bool


def paper(
    determination: Determination, pack: Pack, *, sheets: Sequence[str] | None = None, bar: Markup | None = None
) -> str:
    """The report as HTML. Every text of the profile and the rules is escaped.

    ``sheets`` are addresses of style sheets; without them the page carries its style itself and needs nothing else.
    ``bar`` stands above the report on a screen and is never printed.
    """
    summary = summarise(determination, pack)
    return _template().render(
        summary=summary,
        accounts=list(_accounts(summary)),
        told=told(profile_of(determination.profile or {}, pack.vocabulary, pack.tables), pack),
        documents=_documents(determination, pack),
        measures={measure.id: measure for measure in pack.measures},
        validity=validity,
        sheets=sheets,
        style=None if sheets else Markup(SHEET.read_text("utf-8")),
        bar=bar or "",
    )


@cache
def _template() -> Template:
    return environment().get_template("paper.html")


def _accounts(summary: Summary) -> Iterator[Account]:
    """In the order of the totals; ``summary.payees`` has the same order."""
    totals = summary.determination.totals
    for (payee, total), row in zip(totals.items(), summary.payees, strict=True):
        lines = [line for line in summary.lines if _adds(line, payee)]
        yield Account(
            payee_label(payee),
            tuple(lines),
            confirmed_in_words(total),
            possible_in_words(total),
            row.stacking_open,
        )


def _adds(line: Line, payee: str) -> bool:
    result = line.result
    return result.payee == payee and line.group == "eligible" and result.amount_range_yuan is not None


def _documents(determination: Determination, pack: Pack) -> list[object]:
    named = {result.document for result in determination.results}
    named |= {context.document for context in determination.programmes}
    return [file.document for name, file in pack.documents.items() if name in named]
