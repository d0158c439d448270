"""Verification of packs: what no list of cases can show, every finding with a profile where one can show it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from engine.compiler import compile_pack
from engine.completions.amount_checks import check_amounts, check_groups
from engine.completions.cone import Cone
from engine.completions.derived_checks import DerivedCheck, check_readiness
from engine.completions.examination import Examination, Flaw, Mismatch, examined_on
from engine.completions.measure_checks import MeasureCheck
from engine.pack import Pack
from engine.program import Stage


def verify(
    pack: Pack, *, documents: Collection[str] = (), measures: Collection[str] = (), as_of: date | None = None
) -> list[Flaw]:
    """Every flaw of the pack, sorted by place, each once; of some documents or measures only where given.

    Measures are examined on the last day of their document (``as_of`` overrides it), derived facts on the latest of
    these days. Derived facts and readiness checks that no chosen measure rests on are examined with the whole pack.
    """
    program = compile_pack(pack)
    wanted = [
        measure
        for measure in pack.measures
        if (not documents or measure.document in documents) and (not measures or measure.id in measures)
    ]
    flaws: list[Flaw] = []
    stages: dict[str, list[Stage]] = {}
    for measure in wanted:
        check = MeasureCheck(program, measure, as_of or examined_on(pack, measure.document))
        flaws += check.run()
        flaws += check_amounts(check)
        stages.update(check.examination.world.cone.stages)
    day = as_of or max((examined_on(pack, id) for id in pack.documents), default=date.today())
    if not documents and not measures:
        for stage in program.stages:
            stages.setdefault(stage.derived.field, [s for s in program.stages if s.derived.field == stage.derived.field])
        for item in pack.checks:
            flaws += check_readiness(program, item, day)
    for some in stages.values():
        for stage in some:
            flaws += DerivedCheck(program, stage, day).run()
    for id in pack.documents:
        if not documents or id in documents:
            flaws += check_groups(program, id, as_of or examined_on(pack, id))
    return _sorted(flaws)


def _sorted(flaws: list[Flaw]) -> list[Flaw]:
    """By place and code, each finding once."""
    unique = {item.finding: item for item in flaws}
    return [unique[finding] for finding in sorted(unique)]


__all__ = ["Cone", "Examination", "Flaw", "Iterator", "Mismatch", "verify"]
