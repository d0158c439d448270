"""Readiness checks (申报条件自查): could the enterprise think of applying for a title that an authority grants?

They never grant the title and bear on no verdict (DESIGN 2.19).
"""

from __future__ import annotations

from typing import Literal

from engine.determination import Readiness
from engine.evaluation import Evaluated
from engine.explanation import explain


def readiness(evaluated: Evaluated) -> list[Readiness]:
    """Every check whose title is not held already."""
    solved, result = evaluated.readiness, []
    for check in evaluated.program.pack.checks:
        unless, conditions = evaluated.program.checks[check.spec.id]
        if solved.truth(unless) is True:
            continue
        explained = explain(conditions, solved, evaluated)
        status: Literal["consider", "not_yet", "unknown"] = "unknown"
        if explained.truth is False:
            status = "not_yet"
        elif explained.stated == "met":
            status = "consider"
        result.append(
            Readiness(
                check=check.spec.id,
                title=check.spec.title,
                status=status,
                missing=explained.missing,
                waiting_for=explained.waiting_for,
                reasons=explained.reasons,
                source=check.spec.source.title,
                note=check.spec.note,
            )
        )
    return result
