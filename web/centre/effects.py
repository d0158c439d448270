"""What a finding would change, and the facts that it bears on: worked out by the reference executor. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from engine.assessment import Assessed, decide
from engine.conditions import Count, FieldRef, Sum, Test
from engine.determination import GroupKey, group_of
from engine.documents import Unquantified
from engine.evaluation import Evaluated, Solved
from engine.explanation import ANY_NUMBER
from engine.pack import Measure
from engine.profile import profile_of
from engine.program import Program, Tree
from engine.reference import ReferenceSolver
from engine.screening import BENEFITS
from engine.wording import operand_label, show, typed
from web.amounts import FREQUENCIES, range_in_words
from web.centre.keeping import with_findings
from web.centre.matters import Question, live
from web.centre.outcomes import Amounts, outcome_of
from web.centre.rulings import Matter
from web.centre.store.tables import FindingRow

_SOLVER = ReferenceSolver()


@dataclass(frozen=True, slots=True)
class Stand:
    """How a measure stands: its group, what it brings, and what it still waits for."""

    group: GroupKey
    amount: str
    waits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a finding would make of one measure: ``met`` where it is true, ``missed`` where it is false, ``open`` without
    any. ``now`` is one of these."""

    measure: Measure
    now: Stand
    met: Stand
    missed: Stand
    open: Stand

    @property
    def matters(self) -> bool:
        """Whether the finding makes a difference."""
        return self.met != self.missed or self.met != self.open


@dataclass(frozen=True, slots=True)
class Screened:
    """An enterprise evaluated with some findings."""

    evaluated: Evaluated
    assessed: tuple[Assessed, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact in words, with the fields that it is read from; ``derived`` where the rules inferred it."""

    label: str
    value: str
    paths: tuple[str, ...]
    derived: bool


def screened_with(program: Program, data: Mapping[str, Any], findings: Sequence[FindingRow], as_of: date) -> Screened:
    """How an enterprise stands with these findings. Raises InputError where the profile cannot be read."""
    pack = program.pack
    profile = profile_of(with_findings(data, findings), pack.vocabulary, pack.tables)
    evaluated, assessed = decide(program, profile, as_of, _SOLVER)
    return Screened(evaluated, tuple(assessed))


def effects_of(
    program: Program,
    data: Mapping[str, Any],
    findings: Sequence[FindingRow],
    matter: Matter,
    question: Question,
    as_of: date,
    now: Screened,
) -> list[Effect]:
    """What a finding on ``matter`` would change, beside the other ``findings`` that count, with which an enterprise
    stands as ``now``: of each measure in force that asks it, or would stand otherwise. First those it makes a difference
    to."""
    others = [row for row in findings if (row.judgement, row.about) != matter]
    own = next((row.finding for row in findings if (row.judgement, row.about) == matter), None)
    stands = {own: _stands(now.assessed)}
    for answer in {None, True, False} - {own}:
        rows = others if answer is None else [*others, _supposed(matter, answer, as_of)]
        stands[answer] = _stands(screened_with(program, data, rows, as_of).assessed)
    asking = {use.measure.id for use in live(question, program.pack, as_of)}
    made = [
        Effect(measure, *(stands[answer][measure.id] for answer in (own, True, False, None)))
        for measure in program.pack.measures
    ]
    shown = [item for item in made if item.matters or item.measure.id in asking]
    return sorted(shown, key=lambda item: not item.matters)


def enterprise_facts(screened: Screened, measures: Iterable[Measure], about: str | None) -> list[Fact]:
    """What these measures read of the enterprise, each once; the record in question is told by ``record_facts``."""
    found: dict[str, Fact] = {}
    for measure in measures:
        solved = _solved(screened.evaluated, measure, about)
        tree = screened.evaluated.program.trees.get(measure.id)
        if solved is None or tree is None:
            continue
        for leaf in _leaves(tree):
            fact = _fact(leaf, solved, screened.evaluated)
            if fact is not None:
                found.setdefault(fact.label, fact)
    return list(found.values())


def record_facts(screened: Screened, kind: str, about: str) -> list[Fact]:
    """All that is known of a record, in the order of the vocabulary."""
    pack, listed = screened.evaluated.program.pack, screened.evaluated.facts.records.get(kind, [])
    known = next((item for item in listed if item.record and item.record.id == about), None)
    if known is None:
        return []
    fields = [field for field in pack.vocabulary.records[kind].fields.values() if field.path in known.values]
    return [
        Fact(field.label, show(known.values[field.path], field, pack), (field.path,), field.path in known.derivations)
        for field in fields
    ]


def _solved(evaluated: Evaluated, measure: Measure, about: str | None) -> Solved | None:
    """The scope that a measure is read in: the enterprise, the record in question, or any record of its kind."""
    if measure.subject is None:
        return evaluated.enterprise
    solved = evaluated.records.get(measure.subject, [])
    named = [item for item in solved if about is not None and item.known.record and item.known.record.id == about]
    return next(iter([*named, *solved]), None)


def _leaves(tree: Tree) -> Iterator[Tree]:
    if not tree.children:
        yield tree
    for child in tree.children:
        yield from _leaves(child)


def _fact(leaf: Tree, solved: Solved, evaluated: Evaluated) -> Fact | None:
    """The fact that a condition tests, unless it is of the record in reach or not known."""
    node, pack = leaf.node, evaluated.program.pack
    if not isinstance(node, Test):
        return None
    if isinstance(node.operand, FieldRef) and pack.vocabulary.fields[node.operand.path].record is not None:
        return None
    value = solved.reading(leaf).value
    if value is None or value == ANY_NUMBER:
        return None
    # A count or sum says what of only together with its filter.
    label = leaf.label if isinstance(node.operand, Count | Sum) else operand_label(node.operand, pack)
    derived = any(path in evaluated.facts.enterprise.derivations for path in leaf.fields)
    return Fact(label, show(value, typed(node.operand, pack), pack), leaf.fields, derived)


def _supposed(matter: Matter, answer: bool, as_of: date) -> FindingRow:
    """A finding that nobody gave, to see what it would change; never kept."""
    at = datetime.combine(as_of, time())
    return FindingRow(judgement=matter.judgement, about=matter.about, finding=answer, reason="supposed", by_id=0, at=at)


def _stands(assessed: Sequence[Assessed]) -> dict[str, Stand]:
    amounts = outcome_of(assessed).amounts
    return {
        item.measure.id: Stand(
            group_of(item), _amount(item, amounts), tuple(dict.fromkeys(part.label for part in item.waiting_for))
        )
        for item in assessed
    }


def _amount(item: Assessed, amounts: Amounts) -> str:
    """What it brings where one is eligible or only waits for judgement, as the pages of the self-check put it."""
    if group_of(item) not in ("eligible", "pending"):
        return ""
    benefit = item.measure.spec.benefit
    if isinstance(benefit, Unquantified):
        return benefit.text or BENEFITS[benefit.kind]
    ends = amounts.get(item.measure.id)
    words = range_in_words(ends) if ends else ""
    return f"{words}（{FREQUENCIES[benefit.frequency]}）" if words and benefit.frequency else words
