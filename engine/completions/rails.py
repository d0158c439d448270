"""Three-valued truth for a solver: one formula for "is true", one for "is false".

In a completion nearly everything is true or false. What stays unknown there (a ratio over zero, a dated threshold
with no value) makes neither formula hold. ``false`` None means "whatever is not true": formulas half as large.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import z3

Formula: TypeAlias = "z3.BoolRef"

# Formulas are freed in whichever thread lets go of them, while another may be solving.
z3.z3core.Z3_enable_concurrent_dec_ref(z3.main_ctx().ref())

YES: Formula = z3.BoolVal(True)
NO: Formula = z3.BoolVal(False)


@dataclass(frozen=True, slots=True)
class Rails:
    """When a condition is true, and when it is false."""

    true: Formula
    false: Formula | None = None

    @property
    def is_false(self) -> Formula:
        """When it is false."""
        return negation(self.true) if self.false is None else self.false


TRUE = Rails(YES)
FALSE = Rails(NO)
UNKNOWN = Rails(NO, NO)


def negation(formula: Formula) -> Formula:
    """Not, with constants worked out."""
    if z3.is_true(formula):
        return NO
    return YES if z3.is_false(formula) else z3.Not(formula)


def conjunction(formulas: Iterable[Formula]) -> Formula:
    """And, with constants worked out."""
    parts = [formula for formula in formulas if not z3.is_true(formula)]
    if any(z3.is_false(part) for part in parts):
        return NO
    return z3.And(parts) if len(parts) > 1 else parts[0] if parts else YES


def disjunction(formulas: Iterable[Formula]) -> Formula:
    """Or, with constants worked out."""
    parts = [formula for formula in formulas if not z3.is_false(formula)]
    if any(z3.is_true(part) for part in parts):
        return YES
    return z3.Or(parts) if len(parts) > 1 else parts[0] if parts else NO


def all_of(items: Iterable[Rails]) -> Rails:
    """Kleene's conjunction."""
    parts = list(items)
    true = conjunction(part.true for part in parts)
    if all(part.false is None for part in parts):
        return Rails(true)
    return Rails(true, disjunction(part.is_false for part in parts))


def any_of(items: Iterable[Rails]) -> Rails:
    """Kleene's disjunction."""
    return negated(all_of(negated(item) for item in items))


def negated(rails: Rails) -> Rails:
    """Kleene's negation."""
    return Rails(negation(rails.true)) if rails.false is None else Rails(rails.false, rails.true)


def limited(rails: Rails, defined: Formula) -> Rails:
    """The same where ``defined`` holds, unknown elsewhere."""
    if z3.is_true(defined):
        return rails
    return Rails(conjunction([defined, rails.true]), conjunction([defined, rails.is_false]))


def undecided(rails: Rails) -> Formula:
    """When it is neither."""
    return conjunction([negation(rails.true), negation(rails.is_false)])
