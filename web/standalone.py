"""The report as one HTML page that stands alone: no script, no asset, for screen, phone and paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from engine import cases
from engine.determination import Determination
from engine.pack import Measure, Pack
from web.amounts import FREQUENCIES, amount_in_words, payee_label, range_in_words, yuan
from web.reasons import STATUS_MARKS, STATUS_WORDS, conditions_of, doubt, sentence
from web.summary import GROUPS, summarise

VERDICTS = cases.VERDICTS


def page(determination: Determination, pack: Pack) -> str:
    """The page of a determination made with ``pack``. Every text of the profile and the rules is escaped."""
    return _template().render(
        summary=summarise(determination, pack),
        documents={name: file.document for name, file in pack.documents.items()},
        measures={measure.id: measure for measure in pack.measures},
    )


@cache
def _template() -> Template:
    return environment().get_template("report.html")


@cache
def environment() -> Environment:
    """Where the templates of reports are, with the words they use."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        groups=GROUPS,
        verdicts=VERDICTS,
        marks=STATUS_MARKS,
        words=STATUS_WORDS,
        frequencies=FREQUENCIES,
        trees=conditions_of,
        sentence=sentence,
        doubt=doubt,
        payee=payee_label,
        amount=amount_in_words,
        yuan=yuan,
        range_words=range_in_words,
        materials=materials,
    )
    return found


def materials(measure: Measure) -> str | None:
    """What to hand in, as the document states it."""
    stated = measure.spec.materials
    return "、".join(stated) if isinstance(stated, list) else stated
