"""Which executor screens one profile, and what happens where it cannot: the other one does, with the reason said."""

from __future__ import annotations

from datetime import date
from typing import Literal

from engine.circuit import Solver
from engine.determination import Determination
from engine.profile import Profile
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine

Executor = Literal["forward", "reference"]


def solver_named(executor: str) -> Solver:
    """The solver of an executor; forward needs durable-rules when it solves."""
    if executor == "forward":
        # Imported here: only this executor needs it.
        from engine.forward import ForwardSolver

        return ForwardSolver()
    return ReferenceSolver()


def determine_by(
    executor: str, program: Program, profile: Profile, as_of: date, solver: Solver | None = None
) -> tuple[Determination, str | None]:
    """The determination by ``executor``; by the reference one where that cannot, then with why, in Chinese.

    ``solver`` is one of that executor which the caller keeps: who screens many profiles should, for a forward solver
    keeps what it makes of a program and never gives it back by itself.
    """
    if executor != "forward":
        return determine(program, profile, as_of, ReferenceSolver()), None
    from engine.forward import CircuitTooLarge, ForwardFailure, ForwardUnavailable

    try:
        return determine(program, profile, as_of, solver or solver_named(executor)), None
    except ForwardUnavailable:
        why = "未安装 durable-rules"
    except CircuitTooLarge as error:
        why = error.problems[0].rstrip("。")
    except ForwardFailure:
        why = "durable-rules 运行出错"
    return determine(program, profile, as_of, ReferenceSolver()), why
