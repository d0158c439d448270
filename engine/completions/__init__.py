"""Completions (DESIGN 2.4): what a partial profile can still become, decided by a solver.

A completion gives every open fact a value that its type allows. It keeps every given and derived value, adds
records only to lists that are missing or partial, and gives any judgement; where stated facts would newly
contradict derived ones there is no completion. Assumptions hold while nothing is known against them. What is said here holds for every
completion, so it may sharpen an ``undetermined`` verdict and never contradicts another one.

z3 is imported by the modules of this package alone, and only once one of them is used: ``session`` answers questions
about a profile, ``verify`` examines a pack, ``boundary`` proposes its boundary cases.
"""

from __future__ import annotations

from importlib.util import find_spec
from threading import RLock

from engine.diagnostics import Finding, InputError

SOLVING = RLock()
"""Held by whoever uses the solver in one of several threads: its formulas share one context, which is not safe."""


def available() -> bool:
    """Whether the solver is installed (the extra ``verify``)."""
    return find_spec("z3") is not None


def require() -> None:
    """Raise InputError where the solver is not installed."""
    if not available():
        hint = "请安装：pip install 'huiqi[verify]'"
        raise InputError([Finding("z3", 0, 0, "solver-missing", "这项功能需要求解器 z3-solver", hint)])
