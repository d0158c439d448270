"""What a profile says of the parts that tell two versions apart, in single statements that can be given up one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import z3

from engine.completions.parts import (
    Condition,
    Part,
    TruthCondition,
    TruthPart,
    ValueCondition,
    ValuePart,
)
from engine.completions.rails import Formula, Rails, negation, undecided
from engine.completions.witness import holds
from engine.truth import Truth


@dataclass(frozen=True)
class Statement:
    """What one part says in a profile, and how easily it is given up (lower first)."""

    formula: Formula
    part: Part
    what: tuple[str, int]
    rank: int

    @property
    def own(self) -> bool:
        """Whether it is about all that one version has alone, which says less than its parts do."""
        return isinstance(self.part, TruthPart) and self.part.rest == "own"


Says = Callable[[z3.ModelRef], list[Statement]]
Proven = tuple[list[Statement], bool, z3.ModelRef]
"""What is asked for, whether that is enough for the difference, and a profile of it."""


def truths(part: TruthPart, rails: Rails, model: z3.ModelRef) -> list[Statement]:
    """That a condition has not one of the truths which it has not."""
    ways: dict[Truth, Formula] = {True: rails.true, False: rails.is_false, None: undecided(rails)}
    return [
        Statement(negation(formula), part, ("not", _NUMBER[truth]), 3 if part.rest == "own" else 4)
        for truth, formula in ways.items()
        if not holds(model, formula)
    ]


_NUMBER: dict[Truth, int] = {True: 1, False: 0, None: 2}
_TRUTHS: tuple[Truth, ...] = (False, True, None)


def cells(part: ValuePart, outs: list[Formula], known: Formula, model: z3.ModelRef) -> list[Statement]:
    """Whether anything is known is given up first, then what is possible, then what is ruled out."""
    found = []
    for n, out in enumerate(outs):
        if holds(model, out):
            found.append(Statement(out, part, ("out", n), 2))
        else:
            found.append(Statement(negation(out), part, ("possible", n), 1))
    says = holds(model, known)
    found.append(Statement(known if says else negation(known), part, ("known", int(says)), 0))
    return found


def conditions_of(literals: list[Statement]) -> tuple[Condition, ...]:
    """The literals of each part as one condition."""
    by_part: dict[int, tuple[Part, list[tuple[str, int]]]] = {}
    for literal in literals:
        by_part.setdefault(id(literal.part), (literal.part, []))[1].append(literal.what)
    found: list[Condition] = []
    for part, says in by_part.values():
        if isinstance(part, TruthPart):
            gone = {_TRUTHS[n] for _, n in says}
            found.append(TruthCondition(part, frozenset(_TRUTHS) - gone))
        else:
            known = next((bool(n) for what, n in says if what == "known"), None)
            out = frozenset(n for what, n in says if what == "out")
            found.append(ValueCondition(part, out, frozenset(n for what, n in says if what == "possible"), known))
    return tuple(found)
