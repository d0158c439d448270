"""Help while typing, for pages with JavaScript: names that match, and what is understood of an answer."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from flask import Blueprint, Flask, abort, jsonify, request
from flask_limiter import Limiter
from werkzeug.wrappers import Response

from engine.code_table import bare
from engine.divisions import DivisionTable
from engine.industries import IndustryTable
from engine.values import ValueProblem, read_value
from web.security import restrict
from web.service import service
from web.site.forms.entries import Entry, told
from web.site.forms.view import in_words

pages = Blueprint("suggesting", __name__)

Names = tuple[tuple[str, str], ...]
"""Of each place: its name as compared, and as shown."""
RATE = "1200 per minute"
"""Of one address, for each of the two: a fast typist asks several times a second."""
MOST = 20
LONGEST = 100


def guard(app: Flask) -> None:
    """Typing does not use up the pages that an address may see."""
    limiter: Limiter = next(iter(app.extensions["limiter"]))
    for view in (suggest, understand):
        restrict(app, limiter, f"{pages.name}.{view.__name__}", RATE)


@pages.get("/suggest/<kind>")
def suggest(kind: str) -> Response:
    """Names of divisions or industries that contain ``q``, as a JSON list; those that begin with it first."""
    tables = service().pack.tables
    if kind not in ("division", "industry"):
        abort(404)
    names = _divisions(tables.divisions) if kind == "division" else _industries(tables.industries)
    return jsonify(matching(request.args.get("q", "")[:LONGEST], names))


@pages.post("/understand")
def understand() -> Response:
    """What is understood of one text: ``{"understood": …, "problem": …}``, both Chinese and one of them empty."""
    pack = service().pack
    field = pack.vocabulary.fields.get(request.form.get("field", ""))
    if field is None:
        abort(404)
    entry = Entry(texts=(request.form.get("text", ""),), unit=request.form.get("unit", ""))
    try:
        value = read_value(field, told(field, entry), pack.tables)
    except ValueProblem as problem:
        hint = f"。{problem.hint}" if problem.hint else ""
        return jsonify(understood="", problem=f"{problem.message}{hint}")
    return jsonify(understood=in_words(field, value, pack), problem="")


def matching(text: str, names: Names) -> list[str]:
    """Of ``names`` (as compared, as shown) at most ``MOST`` that contain ``text``."""
    wanted = bare(text).upper()
    if not wanted:
        return []
    found = [(key.find(wanted), len(key), shown) for key, shown in names if wanted in key]
    return [shown for _, _, shown in sorted(found)[:MOST]]


@lru_cache(maxsize=4)
def _divisions(table: DivisionTable) -> Names:
    return _compared(table.label(code) for code in _below(table, ""))


@lru_cache(maxsize=4)
def _industries(table: IndustryTable) -> Names:
    return _compared(f"{code} {table.name(code)}" for code in table.codes)


def _compared(labels: Iterable[str]) -> Names:
    return tuple((bare(label).upper(), label) for label in labels)


def _below(table: DivisionTable, code: str) -> list[str]:
    return [code, *(inner for child in table.children(code) for inner in _below(table, child))]
