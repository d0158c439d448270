"""The boundary cases of a whole document: its validity, its measures, and the derived facts that they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from engine.completions.boundary import CaseMaker, boundary_cases
from engine.completions.measure_checks import MeasureCheck
from engine.completions.units import nodes
from engine.conditions import FieldRef, Test
from engine.generated_cases import GeneratedCase
from engine.pack import Measure
from engine.program import Program


def document_cases(program: Program, document: str, on: Callable[[str], date]) -> list[GeneratedCase]:
    """The cases of a document's measures in their order; a derived fact comes with the first measure that reads it."""
    told = _first_readers(program)
    cases: list[GeneratedCase] = []
    for measure in program.pack.measures:
        if measure.document == document:
            derived = tuple(path for path, reader in told.items() if reader == measure.id)
            if not cases:
                cases += _validity_cases(program, measure, on(document))
            cases += boundary_cases(program, measure, on(document), derived)
    return cases


def _validity_cases(program: Program, measure: Measure, as_of: date) -> Iterator[GeneratedCase]:
    """The first and last day of a document, and the days beside them, for one measure of it."""
    maker = CaseMaker(MeasureCheck(program, measure, as_of))
    model = maker.check.examination.find(maker.check.eligible)
    if model is None:
        return
    data = maker.check.replay.shorter(maker.check.examination.profile(model))
    validity = program.pack.documents[measure.document].document.validity
    for finding in data.get("findings", []):
        finding["on"] = (validity.start - timedelta(days=1)).isoformat()
    days = [("生效前一天", validity.start - timedelta(days=1)), ("生效首日", validity.start)]
    if validity.end is not None:
        days += [("有效期最后一天", validity.end), ("有效期满次日", validity.end + timedelta(days=1))]
    for name, day in days:
        yield maker.case(name, data, day)


def _first_readers(program: Program) -> dict[str, str]:
    """Of each derived field the first measure with a condition on it."""
    derived = {stage.derived.field for stage in program.stages}
    found: dict[str, str] = {}
    for measure in program.pack.measures:
        for leaf in nodes(measure.condition):
            path = leaf.operand.path if isinstance(leaf, Test) and isinstance(leaf.operand, FieldRef) else ""
            if path in derived:
                found.setdefault(path, measure.id)
    return found
