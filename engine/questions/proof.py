"""Proofs that a question can, or cannot, still move a measure.

Most are read off the open conditions: conditions that share no field and can each turn out either way are
independent, and in a formula where each stands once, each decides something. Where that does not apply the solver
answers (``engine.completions``), once for all profiles that are alike in what the measure reads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from engine.completions import SOLVING, available
from engine.conditions import FieldRef, Judgement, Reference, Test
from engine.evaluation import Evaluated, evaluate
from engine.pack import Measure
from engine.profile import Profile
from engine.program import Program
from engine.questions.likeness import Likeness, is_stated
from engine.questions.open_conditions import Asking, Case, OpenLeaf, OpenMeasure
from engine.questions.worlds import UNKNOWN, Worlds
from engine.reference import ReferenceSolver

if TYPE_CHECKING:
    from engine.completions.relevance import Relevance

REMEMBERED = 5_000
MODELS = 16
"""Formulas are large; they are kept for the questions that follow at once."""
Verdict = Literal["eligible", "ineligible"]
Answer = TypeVar("Answer")
Moving = tuple[str, str, int | None, int | None]
"""Kind, name, number of the record, fiscal year, as the solver names what is open."""


@dataclass(frozen=True, slots=True)
class View:
    """A profile and the keys that its user cannot answer."""

    profile: Profile
    skipped: Collection[str] = ()


@dataclass(slots=True)
class Proofs:
    """For one program and date; shared by all questionnaires, and by threads."""

    program: Program
    as_of: date
    asking: Asking
    worlds: Worlds
    _known: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _models: OrderedDict[Hashable, Relevance] = field(default_factory=OrderedDict)
    _alike: dict[tuple[str, frozenset[str]], Likeness] = field(default_factory=dict)

    def moves(self, open_: OpenMeasure, key: str, evaluated: Evaluated, view: View) -> bool:
        """Whether an answer to ``key`` can still move the measure. Without a solver: whether it might."""
        if self.is_independent(open_, key, view.profile):
            return True
        if not available():
            return key in open_.keys
        # One question about all that is unanswered, before one about each.
        return self.is_open(open_, evaluated, view) and self._can_move(
            open_.measure, frozenset({key}), evaluated, view, True
        )

    def can_be_moved(self, open_: OpenMeasure, evaluated: Evaluated, view: View) -> bool:
        """Whether anything that is unanswered can still move the measure."""
        named = open_.list_key is not None or any(len(leaf.keys) == 1 for case in open_.cases for leaf in case.leaves)
        return (named and self._are_independent(open_, view.profile)) or self.is_open(open_, evaluated, view)

    def is_open(self, open_: OpenMeasure, evaluated: Evaluated, view: View) -> bool:
        """Whether all that is unanswered can, together, still move the measure."""
        if not available():
            return bool(open_.keys)
        askable = self.bearing(open_.measure, view.profile) - frozenset(view.skipped)
        return self._can_move(open_.measure, askable, evaluated, view, True)

    def bearing(self, measure: Measure, profile: Profile) -> frozenset[str]:
        """The keys of all questions that bear on a measure, if only through derived facts."""
        likeness = self._likeness(measure, profile)
        keys = {self.asking.key_of(path) for path in likeness.paths}
        keys |= {self.asking.list_of(kind) for kind in likeness.kinds}
        return frozenset(key for key in keys if key is not None)

    def undoes(self, measure: Measure, key: str, evaluated: Evaluated, view: View) -> bool:
        """Whether an answer to ``key``, which an assumption stands for, can move the measure."""
        return not available() or self._can_move(measure, frozenset({key}), evaluated, view, False)

    def sharpened(self, open_: OpenMeasure, evaluated: Evaluated, view: View) -> Verdict | None:
        """The verdict of an undetermined measure on which all completions agree, if they do."""
        if not available() or self._are_independent(open_, view.profile):
            return None
        alike = self._likeness(open_.measure, view.profile).key(evaluated, view.profile)
        relevance = self._relevance(open_.measure, True, evaluated, alike)
        return self._remembered(("only", alike), lambda: relevance().only_verdict())

    def _can_move(
        self, measure: Measure, keys: frozenset[str], evaluated: Evaluated, view: View, assume: bool
    ) -> bool:
        alike = self._likeness(measure, view.profile).key(evaluated, view.profile)
        relevance = self._relevance(measure, assume, evaluated, alike)
        moves = self._unanswered(keys, view.profile)
        return self._remembered((keys, assume, alike), lambda: relevance().can_move(moves))

    def _relevance(
        self, measure: Measure, assume: bool, evaluated: Evaluated, alike: Hashable
    ) -> Callable[[], Relevance]:
        """Makes the measure's formulas, or finds those of a profile that is alike."""

        def made() -> Relevance:
            from engine.completions.relevance import Relevance

            key = (assume, alike)
            if key not in self._models:
                self._models[key] = Relevance(self.program, measure, evaluated.reader, assume)
                if len(self._models) > MODELS:
                    self._models.popitem(last=False)
            return self._models[key]

        return made

    def _remembered(self, key: Hashable, work: Callable[[], Answer]) -> Answer:
        with SOLVING:
            if key not in self._known:
                self._known[key] = work()
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
            found: Answer = self._known[key]
            return found

    def _unanswered(self, keys: frozenset[str], profile: Profile) -> Callable[[Moving], bool]:
        """Picks what is open of ``keys``: fields and lists on which the user has not said anything."""

        def moves(key: Moving) -> bool:
            kind, what, record, _ = key
            if kind == "list":
                return what in keys and not any(self.asking.list_of(given) == what for given in profile.lists)
            owner = self.asking.kind_of(what)
            if owner is None:
                return what in keys and what not in profile.values
            if self.asking.list_of(owner) not in keys:
                return False
            return record is None or what not in profile.lists[owner].records[record].values

        return moves

    def _likeness(self, measure: Measure, profile: Profile) -> Likeness:
        plain = self._alike_to(measure, frozenset())
        bound = plain.bound_by(profile, self.asking)
        return self._alike_to(measure, bound) if bound else plain

    def _alike_to(self, measure: Measure, stated: frozenset[str]) -> Likeness:
        key = measure.id, stated
        if key not in self._alike:
            blank = evaluate(self.program, Profile({}, {}), self.as_of, ReferenceSolver())
            self._alike[key] = Likeness.of(measure, self.program, blank.reader, self.asking, stated)
        return self._alike[key]

    # Read off the open conditions

    def is_independent(self, open_: OpenMeasure, key: str, profile: Profile) -> bool:
        """Whether ``key`` surely moves the measure since its open conditions are independent of one another."""
        if key != open_.list_key and not any(leaf.keys == {key} for case in open_.cases for leaf in case.leaves):
            return False
        return self._are_independent(open_, profile)

    def _are_independent(self, open_: OpenMeasure, profile: Profile) -> bool:
        """Whether each open condition can turn out either way whatever the others do; then each decides something."""
        if len(open_.cases) != 1:
            return False
        kind = open_.cases[0].solved.scope.record
        # The record in question is itself one of those that are counted.
        seen = {self.asking.list_of(kind)} if kind is not None else set()
        for leaf in open_.cases[0].leaves:
            reads = self._variables(leaf)
            if seen & reads or not self._is_free(leaf, open_.cases[0], profile):
                return False
            seen |= reads
        stated = [path for path in self.asking.sources if is_stated(path, profile)]
        return not any(path in seen or seen & self.asking.below(path) for path in stated)

    def _variables(self, leaf: OpenLeaf) -> set[str]:
        """What a leaf depends on, through derived facts too."""
        node = leaf.tree.node
        if isinstance(node, Judgement | Reference):
            return {f"#{node.id}"}
        reads = self.asking.reads(node)
        below = {source for path in reads.paths for source in self.asking.below(path)}
        return {*reads.paths, *below, *(self.asking.list_of(kind) for kind in reads.counted)}

    def _is_free(self, leaf: OpenLeaf, case: Case, profile: Profile) -> bool:
        """Whether the leaf alone can turn out either way."""
        node = leaf.tree.node
        if isinstance(node, Judgement | Reference):
            return True
        reads = self.asking.reads(node)
        if reads.judged or (isinstance(node, Test) and node.assumed):
            return False
        if any(is_stated(source, profile) for path in reads.paths for source in self.asking.below(path)):
            return False
        if isinstance(node, Test) and isinstance(node.operand, FieldRef):
            path = node.operand.path
            if path not in self.asking.sources and case.solved.reading(leaf.tree).value is not None:
                return True
        elif any(self.asking.kind_of(path) is None for path in reads.paths) or any(
            kind in profile.lists for kind in reads.counted
        ):
            return False
        number = leaf.tree.literal - 1
        if case.solved.scope.shared[number]:
            true, false = self.worlds.shared.get(id(case.solved.scope.leaves[number]), UNKNOWN)
            return bool(true and false)
        slots = self.worlds.records.get(case.solved.scope.record or "", [])
        return any(slot.truths[number][0] for slot in slots) and any(slot.truths[number][1] for slot in slots)

