"""Readiness checks (申报条件自查): could the enterprise think of applying for a title that an authority grants?

They never grant the title and bear on no verdict (DESIGN 2.19).
"""

from __future__ import annotations

from typing import Literal

from engine.determination import Readiness
from engine.evaluation import Evaluated
from engine.explanation import explain
from engine.openness import Openness, stated


def readiness(evaluated: Evaluated) -> list[Readiness]:
    """Every check whose title is not held already."""
    solved, result = evaluated.readiness, []
    openness = Openness(solved, evaluated.program.pack)
    for check in evaluated.program.pack.checks:
        unless, conditions = evaluated.program.checks[check.spec.id]
        if solved.truth(unless) is True:
            continue
        truth = solved.truth(conditions)
        waiting = list(dict.fromkeys(openness.waiting(conditions)))
        status: Literal["consider", "not_yet", "unknown"] = "unknown"
        if truth is False:
            status = "not_yet"
        elif stated(conditions, solved, evaluated.program.pack) == "met":
            status = "consider"
        result.append(
            Readiness(
                check=check.spec.id,
                title=check.spec.title,
                status=status,
                missing=[item.what for item in waiting if item.kind == "fact"],
                waiting_for=waiting,
                reasons=explain(conditions, solved, evaluated).reasons,
                source=check.spec.source.title,
                note=check.spec.note,
            )
        )
    return result
