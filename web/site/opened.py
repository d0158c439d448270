"""A measure opened: its conditions as a picture, its amount, its source, and what it waits for.

Pure. The self-check and the workbench draw it; where the answers go, each of them knows itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.pack import Pack
from engine.quantities import format_date
from web.amounts import FREQUENCIES, payee_label, range_in_words, yuan
from web.official_texts import OfficialText
from web.reasons import STATUS_WORDS
from web.site.board import by_year
from web.site.condition_picture import BETWEEN, JOINS, PLAIN, picture
from web.site.timeline import WORDS as PHASES
from web.standalone import VERDICTS, materials
from web.summary import GROUPS, Line

WORDS: Mapping[str, Any] = {
    "groups": GROUPS,
    "verdicts": VERDICTS,
    "phases": PHASES,
    "statuses": STATUS_WORDS,
    "frequencies": FREQUENCIES,
    "joins": JOINS,
    "plain_joins": PLAIN,
    "between": BETWEEN,
    "payee": payee_label,
    "yuan": yuan,
    "range_words": range_in_words,
    "day": format_date,
}
"""What the templates of results name."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """Another policy: its title with its number, and what is known of it."""

    title: str
    known: str


def opened(line: Line, pack: Pack, texts: Mapping[str, OfficialText]) -> dict[str, Any]:
    """What the template of an opened measure shows; ``line`` was made with ``pack``."""
    result = line.result
    found = pack.measure(result.measure)
    # Those that bring it about first.
    items = sorted(result.items or (), key=lambda item: item.verdict != result.verdict)
    text = texts.get(found.document)
    return {
        "line": line,
        "spec": found.spec,
        "picture": None if items else picture(result.reasons),
        "item_pictures": [(item, picture(item.reasons)) for item in items],
        "judgements": [pack.judgements[id] for id in result.judgements if id in pack.judgements],
        "instruments": instruments(line, pack),
        "years": by_year(result),
        "paragraphs": text.clause(found.spec.cite) if text else (),
        "materials": materials(found),
        "askable": askable(line, pack),
    }


def askable(line: Line, pack: Pack) -> list[tuple[str, str]]:
    """The questions that a measure waits for: the key of the questionnaire, and what people call it."""
    keys: dict[str, str] = {}
    for item in line.result.waiting_for:
        if item.kind == "fact":
            keys.setdefault(question_key(item.what, pack), item.label)
    return list(keys.items())


def question_key(path: str, pack: Pack) -> str:
    """The question that a field belongs to: records are asked for as a list."""
    field = pack.vocabulary.fields.get(path)
    return pack.vocabulary.records[field.record].list if field and field.record else path


def instruments(line: Line, pack: Pack) -> list[Instrument]:
    """The other policies that a measure waits for or that set its amount."""
    spec = pack.measure(line.result.measure).spec
    wanted = [item.what for item in line.result.waiting_for if item.kind == "other_policy"]
    ids = dict.fromkeys([*wanted, *([spec.benefit.instrument] if spec.benefit.instrument else [])])
    known = {id: item for file in pack.documents.values() for id, item in file.instruments.items()}
    return [
        Instrument(f"《{item.title.strip('《》')}》{item.number or ''}", item.known)
        for id in ids
        if (item := known.get(id)) is not None
    ]
