"""Many profiles on one day: what each comes to, and what decides it.

By columns where they are many, one by one where they are few or columns cannot hold a figure; both come to the same and
explain it in the same words (the tests hold them together). Pure: no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

import numpy as np

from engine.assessment import Assessed, decide
from engine.columns import planes
from engine.columns.cells import CellReader
from engine.columns.decode import Decoder
from engine.columns.kernel import Result, evaluate
from engine.columns.of_profiles import raw_slice
from engine.columns.plan import Plan, plan_of, with_fields
from engine.columns.rows import solved_alike
from engine.columns.slices import Encoder
from engine.evaluation import Solved
from engine.pack import Measure
from engine.profile import Profile
from engine.program import Program
from engine.reference import ReferenceSolver
from web.centre.intake import head_of, name_of
from web.centre.keeping import Head
from web.centre.lists.screening import HEAD, NAME, heads_of, outcomes
from web.centre.outcomes import Outcome, outcome_of
from web.texts import gettext as _

FEW = 6
"""Up to so many profiles one by one are quicker than a slice, which costs much the same however few are in it."""
Data = Mapping[str, Any]
_SOLVER = ReferenceSolver()
_TRUTHS: Mapping[str, int] = {"eligible": planes.TRUE, "undetermined": planes.UNKNOWN, "ineligible": planes.FALSE}


class Evaluated(Protocol):
    """Profiles by one pack on one day."""

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """Of each, in order."""
        ...

    @property
    def heads(self) -> Sequence[Head]:
        """What queues filter each by."""
        ...

    def why(self, measure: Measure, rows: Sequence[int]) -> list[str]:
        """What decides a measure in force for these profiles, which all have the same letter for it: one line each, of
        the names of conditions and fields alone, so that no value of a profile is in it."""
        ...


@dataclass(slots=True)
class Evaluator:
    """Evaluates by one program. Not for two threads at a time: what cells mean is remembered."""

    program: Program
    _cells: CellReader = field(init=False)

    def __post_init__(self) -> None:
        self._cells = CellReader(self.program.pack.tables)

    def on(self, day: date, profiles: Sequence[Profile], data: Sequence[Data]) -> Evaluated:
        """``data`` is what ``profiles`` were read from."""
        if len(profiles) > FEW:
            found = self._columns(day, data)
            if found is not None:
                return _Together(*found, profiles)
        return _OneByOne(self.program, day, profiles)

    def _columns(self, day: date, data: Sequence[Data]) -> tuple[Plan, Result] | None:
        """None where a figure is larger than columns can hold."""
        plan = with_fields(plan_of(self.program.pack, day), (NAME, *HEAD))
        vocabulary = self.program.pack.vocabulary
        encoder = Encoder(vocabulary, self._cells, plan.paths, day)
        encoded = encoder.slice(raw_slice(data, vocabulary))
        return None if encoded.rejects else (plan, evaluate(plan, encoded))


@dataclass(slots=True)
class _Together:
    plan: Plan
    result: Result
    profiles: Sequence[Profile]
    outcomes: Sequence[Outcome] = field(init=False)

    def __post_init__(self) -> None:
        self.outcomes = outcomes(self.result)

    @property
    def heads(self) -> Sequence[Head]:
        pairs = zip(heads_of(self.result), self.profiles, strict=True)
        return [replace(head, name=name_of(profile)) for head, profile in pairs]

    def why(self, measure: Measure, rows: Sequence[int]) -> list[str]:
        decoder = Decoder(self.plan)
        verdict = int(planes.full(self.result.outcomes[measure.id].verdict, self.result.data.rows)[rows[0]])
        found, numbers = solved_alike(measure, verdict, np.asarray(rows), self.result, decoder)
        texts = [_sentence(measure, verdict, solved, decoder) for solved in found]
        return [texts[number] for number in numbers.tolist()]


@dataclass(slots=True)
class _OneByOne:
    program: Program
    day: date
    profiles: Sequence[Profile]
    outcomes: Sequence[Outcome] = field(init=False)
    _assessed: list[dict[str, Assessed]] = field(init=False)

    def __post_init__(self) -> None:
        each = [decide(self.program, profile, self.day, _SOLVER)[1] for profile in self.profiles]
        self.outcomes = [outcome_of(assessed) for assessed in each]
        self._assessed = [{item.measure.id: item for item in assessed} for assessed in each]

    @property
    def heads(self) -> Sequence[Head]:
        return [head_of(profile, self.program, self.day) for profile in self.profiles]

    def why(self, measure: Measure, rows: Sequence[int]) -> list[str]:
        plan = plan_of(self.program.pack, self.day)
        decoder = Decoder(plan)
        found = [self._assessed[row][measure.id] for row in rows]
        return [_sentence(measure, _TRUTHS[item.verdict], _solved(measure, item, plan, decoder), decoder) for item in found]


def _solved(measure: Measure, found: Assessed, plan: Plan, decoder: Decoder) -> Solved | None:
    """What explains a verdict, by the truths of its conditions alone, as columns know them."""
    # That no record at all could do is told of no record there.
    listed = found.subjects is None or any(found.best is subject for subject in found.subjects)
    if found.best is None or not listed:
        return None
    own = found.best.solved
    # The scope of the measures in force numbers its leaves otherwise than the one of all measures.
    truths = {leaf: own.truths[number] for number, leaf in enumerate(own.scope.leaves)}
    scope = plan.scope(measure)
    return decoder.solved(scope, [truths.get(leaf) for leaf in scope.leaves])


def _sentence(measure: Measure, verdict: int, solved: Solved | None, decoder: Decoder) -> str:
    if solved is not None:
        return decoder.sentence(measure, solved)
    kind = measure.subject or ""
    none = _("没有%s") % decoder.plan.pack.vocabulary.records[kind].label
    return none if verdict == planes.FALSE else decoder.unlisted(kind)
