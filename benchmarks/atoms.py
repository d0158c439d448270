"""The conditions of the flat pack in the form that other engines take them in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, TypeVar

from engine.columns.plan import Plan
from engine.conditions import All, Any, FieldRef, Node, Ratio, Test
from engine.facts import Facts, Known
from engine.operands import LeafReader
from engine.regions import Intervals, OneOf
from engine.spans import Span

Bound = tuple[str, object]
"""An operator (>=, >, <=, <) and a number or a date."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition: a field among options, a flag, a field within one of some spans, or a ratio from a threshold on.

    A ratio of ``field`` to ``over`` holds where over > 0 and field * below >= over * above, and is unknown elsewhere.
    """

    kind: Literal["options", "flag", "spans", "ratio"]
    field: str
    options: tuple[str, ...] = ()
    wanted: bool = True
    spans: tuple[tuple[Bound, ...], ...] = ()
    over: str = ""
    above: int = 0
    below: int = 1

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.over) if self.over else (self.field,)

    @property
    def impossible(self) -> bool:
        """Whether no value at all would do: of a contradiction that drawing at random brings."""
        return (self.kind == "spans" and not self.spans) or (self.kind == "options" and not self.options)


def folded(node: Node, plan: Plan, leaf: Callable[[Atom], T], gate: Callable[[str, Sequence[T]], T]) -> T:
    """A condition from its atoms up; ``gate`` is called with "all" or "any"."""
    match node:
        case All(parts) | Any(parts):
            return gate("all" if isinstance(node, All) else "any", [folded(part, plan, leaf, gate) for part in parts])
        case Test():
            return leaf(atom_of(node, plan))
    raise TypeError(f"not in the flat pack: {node!r}")


def atom_of(node: Test, plan: Plan) -> Atom:
    """One condition; TypeError for what the flat pack does not have."""
    facts = Facts(plan.as_of, plan.pack.vocabulary, Known(None, {}), {}, frozenset(), {})
    region = LeafReader(plan.pack, facts).region(node.comparisons)
    match node.operand, region:
        case FieldRef(path), OneOf(options):
            if plan.pack.vocabulary.fields[path].type == "yes_no" and len(options) == 1:
                return Atom("flag", path, wanted=options == {"yes"})
            return Atom("options", path, options=tuple(sorted(options)))
        case FieldRef(path), Intervals(spans):
            return Atom("spans", path, spans=tuple(_bounds(span) for span in spans))
        case Ratio(FieldRef(of), FieldRef(to)), Intervals(spans) if len(spans) == 1 and not isinstance(
            spans[0].low, date
        ):
            low = Fraction(spans[0].low or 0)
            return Atom("ratio", of, over=to, above=low.numerator, below=low.denominator)
    raise TypeError(f"not in the flat pack: {node!r}")


def _bounds(span: Span) -> tuple[Bound, ...]:
    bounds: list[Bound] = []
    if span.low is not None:
        bounds.append((">" if span.low_open else ">=", span.low))
    if span.high is not None:
        bounds.append(("<" if span.high_open else "<=", span.high))
    return tuple(bounds)
