"""The coverage of official texts as one page: the text on the left, what it became on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from engine.citations import Rule, rules_of
from engine.coverage import KINDS, Account, Coverage
from engine.documents import MeasureSpec
from engine.pack import Pack


@dataclass(frozen=True, slots=True)
class Carrier:
    """What stands beside a paragraph: a rule, or the reason of the ledger."""

    kind: str
    title: str
    id: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the text with its sentences and what carries them."""

    line: int
    clause: str
    accounts: tuple[Account, ...]
    carriers: tuple[Carrier, ...]


def page(covered: list[Coverage], pack: Pack) -> str:
    """The page of the documents in ``covered``; every text is escaped."""
    rules = {rule.id: rule for rule in rules_of(pack)}
    phrases = {rule.id: rule.spec.cite for rule in rules_of(pack)}
    return _template().render(
        covered=[(item, tuple(_paragraphs(item, rules))) for item in covered],
        kinds=KINDS,
        parts=lambda account: parts(account.sentence.text, [p for id in account.rules for p in phrases[id]]),
    )


def parts(text: str, phrases: Iterable[str]) -> list[tuple[str, bool]]:
    """The pieces of a sentence, and whether each is cited."""
    cited = [False] * len(text)
    for phrase in phrases:
        at = text.find(phrase)
        if at >= 0:
            cited[at : at + len(phrase)] = [True] * len(phrase)
    return [
        ("".join(char for char, _ in run), marked)
        for marked, run in (
            (key, list(group)) for key, group in groupby(zip(text, cited, strict=True), lambda x: x[1])
        )
    ]


def _paragraphs(item: Coverage, rules: dict[str, Rule]) -> Iterator[Paragraph]:
    for line, group in groupby(item.accounts, lambda account: account.sentence.line):
        accounts = tuple(group)
        every = (own for account in accounts for own in (account, *account.parts))
        carriers = tuple(dict.fromkeys(carrier for own in every for carrier in _carriers(own, rules)))
        yield Paragraph(line, accounts[0].sentence.clause, accounts, carriers)


def _carriers(account: Account, rules: dict[str, Rule]) -> Iterator[Carrier]:
    for id in account.rules if account.via != "clause" else ():
        spec = rules[id].spec
        own = "measure" if isinstance(spec, MeasureSpec) else "programme"
        yield Carrier("target" if account.kind == "target" else own, spec.title, id, account.why)
    if account.kind is None or not account.rules:
        yield Carrier(account.kind or "none", KINDS[account.kind], None, account.why)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates" / "book"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("coverage.html")
