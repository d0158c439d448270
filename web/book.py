"""The handbook (事项清单): a folder of static pages, readable without a server and on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.documents import Document
from engine.pack import Measure, Pack, ProgrammeEntry
from engine.screening import BENEFITS
from web import rule_words
from web.amounts import payee_label

INDEXES = {"departments": "按部门", "beneficiaries": "按受益人", "benefits": "按待遇"}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One document with its measures and programmes, in the order of the files."""

    document: Document
    measures: tuple[Measure, ...]
    programmes: tuple[ProgrammeEntry, ...]


def book(pack: Pack) -> dict[str, str]:
    """Path inside the folder -> text, for every page of the handbook."""
    chapters = [
        chapter for id in pack.documents if (chapter := _chapter(id, pack)).measures or chapter.programmes
    ]
    pages = {
        "book.css": (Path(__file__).parent / "templates" / "book" / "book.css").read_text("utf-8"),
        "index.html": _render("index.html", pack, chapters=chapters),
    }
    for name, title in INDEXES.items():
        groups = _GROUPINGS[name](pack)
        pages[f"{name}.html"] = _render("group.html", pack, title=title, groups=groups)
    for chapter in chapters:
        pages[f"documents/{chapter.document.id}.html"] = _render(
            "document.html", pack, root="../", chapter=chapter
        )
        for position, measure in enumerate(chapter.measures):
            around = chapter.measures[position - 1] if position else None, _next(chapter.measures, position)
            path = f"measures/{measure.id}.html"
            pages[path] = _render(
                "measure.html", pack, root="../", chapter=chapter, measure=measure, around=around
            )
    return pages


def search_text(measure: Measure, pack: Pack) -> str:
    """What the search box looks through for a measure."""
    spec, document = measure.spec, pack.documents[measure.document].document
    words = [
        spec.id,
        spec.title,
        spec.summary,
        spec.beneficiary.label,
        spec.clause,
        document.title,
        *spec.departments,
    ]
    return " ".join([*words, *spec.cite, rule_words.benefit(spec, pack)]).casefold()


def _chapter(id: str, pack: Pack) -> Chapter:
    return Chapter(
        pack.documents[id].document,
        tuple(measure for measure in pack.measures if measure.document == id),
        tuple(entry for entry in pack.programmes if entry.document == id),
    )


def _next(measures: tuple[Measure, ...], position: int) -> Measure | None:
    return measures[position + 1] if position + 1 < len(measures) else None


Groups = dict[str, list[Measure]]


def _by_department(pack: Pack) -> Groups:
    return _grouped((name, m) for m in pack.measures for name in m.spec.departments or ["文件未载明"])


def _by_beneficiary(pack: Pack) -> Groups:
    field = pack.vocabulary.fields.get("applicant_kinds")
    options = field.options if field else {}
    found = _grouped(
        (options[kind].label if kind in options else kind, measure)
        for measure in pack.measures
        for kind in (["any"] if measure.spec.beneficiary.kinds == "any" else measure.spec.beneficiary.kinds)
    )
    order = [option.label for option in options.values()]
    groups = {label: found[label] for label in order if label in found}
    rest = {label: measures for label, measures in found.items() if label not in groups and label != "any"}
    return {**groups, **rest, **({"文件未限定": found["any"]} if "any" in found else {})}


def _by_benefit(pack: Pack) -> Groups:
    found = _grouped((measure.spec.benefit.kind, measure) for measure in pack.measures)
    groups: Groups = {}
    for kind, label in BENEFITS.items():
        groups.setdefault(label, []).extend(found.get(kind, []))
    return {label: measures for label, measures in groups.items() if measures}


def _grouped(pairs: Iterable[tuple[str, Measure]]) -> Groups:
    groups: Groups = {}
    for name, measure in pairs:
        if measure not in groups.setdefault(name, []):
            groups[name].append(measure)
    return groups


_GROUPINGS = {"departments": _by_department, "beneficiaries": _by_beneficiary, "benefits": _by_benefit}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates" / "book"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        words=rule_words,
        indexes=INDEXES,
        payee=payee_label,
        search_text=search_text,
        plain=lambda title: title.strip("《》"),
    )
    return environment


def _render(name: str, pack: Pack, *, root: str = "", **values: object) -> str:
    return _environment().get_template(name).render(pack=pack, root=root, **values)
