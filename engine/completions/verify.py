"""Verification of packs: what no list of cases can show, every finding with a profile where one can show it.

Much depends on the day: in its first year a document has few recognitions to look back on, and on its last day a
year's end has just passed. So what "never" happens must not happen on several days of the document's validity.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta

from engine.compiler import compile_pack
from engine.completions.amount_checks import check_amounts, check_groups
from engine.completions.derived_checks import DerivedCheck, check_readiness
from engine.completions.examination import Flaw
from engine.completions.measure_checks import MeasureCheck
from engine.pack import Measure, Pack
from engine.program import Program, Stage

OnDay = Callable[[date], Iterable[Flaw]]


def verify(
    pack: Pack, *, documents: Collection[str] = (), measures: Collection[str] = (), as_of: date | None = None
) -> list[Flaw]:
    """Every flaw of the pack, sorted by place, each once; of some documents or measures only where given.

    Without ``as_of`` a flaw is one that shows on every one of ``days``. Derived facts and readiness checks that no
    chosen measure rests on are examined with the whole pack only.
    """
    program = compile_pack(pack)
    flaws: list[Flaw] = []
    stages: dict[str, list[Stage]] = {}
    for measure in pack.measures:
        if (documents and measure.document not in documents) or (measures and measure.id not in measures):
            continue
        on = [as_of] if as_of else days(pack, measure.document)
        flaws += _always(lambda day, one=measure: _measure(program, one, day, stages), on)  # type: ignore[misc]
    whole = not documents and not measures
    if whole:
        for stage in program.stages:
            found = stages.setdefault(stage.derived.field, [])
            if stage not in found:
                found.append(stage)
    on = [as_of] if as_of else latest(pack)
    for stage in (stage for some in stages.values() for stage in some):
        flaws += _always(lambda day, one=stage: DerivedCheck(program, one, day).run(), on)  # type: ignore[misc]
    for check in pack.checks if whole else ():
        flaws += _always(lambda day, one=check: check_readiness(program, one, day), on)  # type: ignore[misc]
    for id in pack.documents:
        if not measures and (not documents or id in documents):
            flaws += check_groups(program, id, as_of or days(pack, id)[0])
    return _sorted(flaws)


def days(pack: Pack, document: str) -> list[date]:
    """Days on which a document's measures are examined: its last, a day in mid-year, its hundredth.

    A document without an end is taken to run for three years.
    """
    validity = pack.documents[document].document.validity
    end = validity.end or validity.start + timedelta(days=3 * 365)
    inside = (end, date(end.year, 7, 15), validity.start + timedelta(days=100))
    return list(dict.fromkeys(day for day in inside if validity.start <= day <= end))


def latest(pack: Pack) -> list[date]:
    """The days of the document that lasts longest."""
    return max((days(pack, id) for id in pack.documents), default=[])


def _measure(program: Program, measure: Measure, day: date, stages: dict[str, list[Stage]]) -> Iterable[Flaw]:
    check = MeasureCheck(program, measure, day)
    yield from check.run()
    yield from check_amounts(check)
    stages.update(check.examination.world.cone.stages)


NEVER = frozenset(
    f"verify-{what}"
    for what in ("never-met", "condition-idle", "alternative-dead", "derivation-dead", "tier-dead", "cap-dead")
)
"""Flaws which say that something never happens; the others show what does happen."""


def _always(examine: OnDay, on: list[date]) -> list[Flaw]:
    """The flaws of the first day, without what happens on another day after all."""
    flaws = list(examine(on[0])) if on else []
    for day in on[1:]:
        if any(item.finding.code in NEVER for item in flaws):
            again = {_what(item) for item in examine(day)}
            flaws = [item for item in flaws if item.finding.code not in NEVER or _what(item) in again]
    return flaws


def _what(item: Flaw) -> tuple[str, int, int, str, str]:
    found = item.finding
    return found.file, found.line, found.column, found.code, found.message


def _sorted(flaws: list[Flaw]) -> list[Flaw]:
    """By place and code, each finding once."""
    unique = {item.finding: item for item in flaws}
    return [unique[finding] for finding in sorted(unique)]
