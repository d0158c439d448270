"""From truths of conditions back to the engine's own words: what is decisive, what an open result waits for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.columns.plan import Plan
from engine.conditions import Count, Every, Judgement, Node, Operand, Ratio, Reference, Sum, Test
from engine.dependencies import operand_fields
from engine.determination import Reason, Waiting
from engine.evaluation import Evaluated, Solved
from engine.explanation import explain
from engine.facts import Facts, Known
from engine.openness import Openness
from engine.operands import LeafReader, Reading
from engine.pack import Measure, Pack
from engine.program import Scope, Tree
from engine.reference import ReferenceSolver
from engine.truth import Truth

_SOLVER = ReferenceSolver()
_SHOWN = 4  # conditions of one reason


def supplies(leaf: Node, pack: Pack) -> tuple[str, ...]:
    """What would settle a leaf that is unknown: fields, record lists; nothing for what only others can decide."""
    match leaf:
        case Judgement(id) | Reference(id):
            return (id,)
        case Every(kind):
            return (pack.vocabulary.records[kind].list,)
        case Test(operand):
            return tuple(dict.fromkeys(_operand_supplies(operand, pack)))
    raise TypeError(f"not a leaf: {leaf!r}")


def _operand_supplies(operand: Operand, pack: Pack) -> Iterator[str]:
    match operand:
        case Count(kind):
            yield pack.vocabulary.records[kind].list
        case Sum(path):
            yield pack.vocabulary.records[path.partition(".")[0]].list
        case Ratio(of, to):
            yield from _operand_supplies(of, pack)
            yield from _operand_supplies(to, pack)
        case _:
            yield from (path for path in operand_fields(operand) if path != "annual.fiscal_year")


@dataclass(frozen=True, slots=True)
class Decoder:
    """Explains measures of a plan by truths alone; values are not at hand."""

    plan: Plan

    def solved(self, scope: Scope, truths: Sequence[Truth]) -> Solved:
        """A scope solved for these truths of its leaves."""
        pack = self.plan.pack
        readings = [
            Reading(truth, missing=supplies(leaf, pack) if truth is None else ())
            for leaf, truth in zip(scope.leaves, truths, strict=True)
        ]
        return Solved(Known(None, {}), _SOLVER.solve(scope.circuit, list(truths)), readings, scope)

    def reasons(self, measure: Measure, solved: Solved) -> list[Reason]:
        """The reasons of a measure, in the words of a determination. What only values tell is left out."""
        program, as_of = self.plan.program, self.plan.as_of
        facts = Facts(as_of, self.plan.pack.vocabulary, Known(None, {}), {}, frozenset(), {})
        reader = LeafReader(self.plan.pack, facts, program.regions_at(as_of))
        evaluated = Evaluated(program, reader, solved, solved, {}, {})
        found = explain(program.trees[measure.id], solved, evaluated).reasons
        return [replace(reason, value=None, gap=None) for reason in found]

    def waiting(self, measure: Measure, solved: Solved) -> tuple[Waiting, ...]:
        """What an undetermined measure waits for."""
        tree = self.plan.program.trees[measure.id]
        return tuple(dict.fromkeys(Openness(solved, self.plan.pack).waiting(tree)))

    def closeness(self, measure: Measure, solved: Solved) -> tuple[int, int]:
        """Of several records with one verdict the least explains it (see ``engine.assessment``)."""
        return missed(self.plan.program.trees[measure.id], solved), len(self.waiting(measure, solved))

    def sentence(self, measure: Measure, solved: Solved) -> str:
        """The decisive reason in one line."""
        truth = solved.truth(self.plan.program.trees[measure.id])
        if truth is None:
            waiting = self.waiting(measure, solved)
            facts = [item.label for item in waiting if item.kind == "fact"]
            others = [item.label for item in waiting if item.kind != "fact"]
            parts = [f"缺：{_some(facts)}"] if facts else []
            return "；".join([*parts, *([f"待认定：{_some(others)}"] if others else [])])
        leaves = ("condition", "judgement", "reference")
        decisive = [r.label for r in self.reasons(measure, solved) if r.decisive and r.kind in leaves]
        return f"{'满足' if truth else '不满足'}：{_some(decisive)}"

    def unlisted(self, kind: str) -> str:
        """The reason where the list of a subject's records is not given."""
        return f"缺：{self.plan.pack.vocabulary.records[kind].label}清单"


def _some(labels: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(labels))
    more = f"等{len(distinct)}项" if len(distinct) > _SHOWN else ""
    return "、".join(distinct[:_SHOWN]) + more


def missed(tree: Tree, solved: Solved) -> int:
    """How many conditions stand between a subject and the measure: of alternatives, those of the nearest."""
    if solved.truth(tree) is not False:
        return 0
    parts = [missed(child, solved) for child in tree.children]
    if tree.kind == "all":
        return sum(parts)
    return min(parts) if tree.kind == "any" else 1
