"""Whether what is still to be asked can move one measure's verdict, and whether a verdict is open at all.

Cheaper than ``Completions.open_fields_that_matter``, which asks about every open fact: one formula for the fields
and lists in question together. Whoever has several threads holds ``engine.completions.SOLVING`` around a call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from engine.completions.matters import Key, sways
from engine.completions.rails import negation
from engine.completions.session import Model
from engine.operands import LeafReader
from engine.pack import Measure
from engine.program import Program

EXTRA = 2
"""Further records that an open list may get where a proof of "it can" is looked for."""


@dataclass(slots=True)
class Relevance:
    """One measure for the profile of ``reader``. Without ``assume`` nothing counts as met for being unknown."""

    program: Program
    measure: Measure
    reader: LeafReader
    assume: bool = True
    _models: dict[bool, Model] = field(default_factory=dict)

    def can_move(self, moves: Callable[[Key], bool]) -> bool:
        """Whether two completions that agree on all but what ``moves`` names give different verdicts.

        Judgements are part of "all else". False holds for any number of further records; True may be said where it
        takes more than could ever be listed.
        """
        model = self._model(False)
        if sways(model.world, model.eligible, model.ineligible, model.check, moves):
            return True
        names = self.program.pack.vocabulary.records
        open_kinds = [kind for kind in model.world.cone.kinds if model.world.is_open(kind)]
        if not any(moves(("list", names[kind].list, None, None)) for kind in open_kinds):
            return False
        wide = self._model(True)
        return sways(wide.world, wide.eligible, wide.ineligible, wide.check, moves)

    def only_verdict(self) -> Literal["eligible", "ineligible"] | None:
        """The verdict that every completion gives, any number of further records included; None where they differ."""
        model = self._model(True)
        if model.check(negation(model.eligible)) is None:
            return "eligible"
        return "ineligible" if model.check(negation(model.ineligible)) is None else None

    def _model(self, relaxed: bool) -> Model:
        if relaxed not in self._models:
            extra = 1 if relaxed else EXTRA
            self._models[relaxed] = Model.build(
                self.program, self.measure, self.reader, extra, relaxed=relaxed, assume=self.assume
            )
        return self._models[relaxed]
