"""What each question is worth: how likely the shortest way to settle everything needs it, and how much it settles.

For every world of the prior that agrees with the answers: a measure that one answer alone would settle may be
settled by any such question; one that no single answer settles needs all that is open about it. So in each world
there is a smallest set of questions that settles all, found greedily. A question that is in all of these sets costs
nothing wherever it comes; one that is in few of them should wait, for another answer may make it needless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.program import Tree
from engine.questions.open_conditions import Case, OpenLeaf, OpenMeasure
from engine.questions.worlds import UNKNOWN, Truths, Worlds, over

LOOKED_AT = 48
"""So many worlds are looked at; more would not change the order."""


@dataclass(frozen=True, slots=True)
class Worth:
    """``needed``: the share of worlds in which the shortest way asks for it; ``settles``: weighted verdicts, expected."""

    key: str
    needed: float
    settles: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """``order``: the questions, the best first. ``expected``: how many remain, on average, if each is asked only when
    it is needed."""

    order: tuple[Worth, ...]
    expected: float

    @classmethod
    def of(
        cls, worlds: Worlds, measures: Sequence[OpenMeasure], weights: Mapping[str, float], among: int
    ) -> Ranking:
        """Of the questions that are open in ``measures``, each with its weight; ``among``: the worlds to look at."""
        bits = _some(among or worlds.all)
        return _Weighing(worlds, measures, [_Settling(worlds, open_).by_key() for open_ in measures]).ranked(weights, bits)


@dataclass(frozen=True, slots=True)
class _Weighing:
    worlds: Worlds
    measures: Sequence[OpenMeasure]
    settling: Sequence[Mapping[str, int]]
    """For each measure, by question the worlds where its answer alone settles it."""

    def ranked(self, weights: Mapping[str, float], bits: Sequence[int]) -> Ranking:
        needed: dict[str, int] = {}
        for number in bits:
            for key in self._shortest(1 << number):
                needed[key] = needed.get(key, 0) + 1
        mask = sum(1 << number for number in bits)
        settles: dict[str, float] = {}
        for open_, by_key in zip(self.measures, self.settling, strict=True):
            weight = weights.get(open_.measure.id, 1.0)
            for key in open_.keys:
                share = (by_key.get(key, 0) & mask).bit_count() / len(bits)
                settles[key] = settles.get(key, 0.0) + weight * share
        each = (Worth(key, needed.get(key, 0) / len(bits), settles[key]) for key in settles)
        order = sorted(each, key=lambda worth: (-worth.needed, -worth.settles, worth.key))
        return Ranking(tuple(order), sum(needed.values()) / len(bits))

    def _shortest(self, bit: int) -> set[str]:
        """A smallest set of questions that settles everything in one world, or nearly so."""
        chosen: set[str] = set()
        rest: list[set[str]] = []
        for open_, by_key in zip(self.measures, self.settling, strict=True):
            single = {key for key, mask in by_key.items() if mask & bit}
            if single:
                rest.append(single)
            else:
                chosen |= open_.keys
        rest = [single for single in rest if not single & chosen]
        while rest:
            counts: dict[str, int] = {}
            for single in rest:
                for key in single:
                    counts[key] = counts.get(key, 0) + 1
            best = max(counts, key=lambda key: (counts[key], key))
            chosen.add(best)
            rest = [single for single in rest if best not in single]
        return chosen


@dataclass(frozen=True, slots=True)
class _Settling:
    """In which worlds one answer settles one measure."""

    worlds: Worlds
    open_: OpenMeasure

    def by_key(self) -> dict[str, int]:
        """By question the worlds where its answer alone settles the measure."""
        if len(self.open_.keys) == 1:
            return dict.fromkeys(self.open_.keys, self.worlds.all)
        return {key: self._by(key) for key in self.open_.keys}

    def _by(self, key: str) -> int:
        true, false = 0, self.worlds.all
        for case in self.open_.cases:
            one, other = self._case(case, key)
            true, false = true | one, false & other
        return true | false

    def _case(self, case: Case, key: str) -> Truths:
        leaves = {leaf.tree.literal: leaf for leaf in case.leaves}
        kind = case.solved.scope.record
        if not (case.unlisted and key == self.open_.list_key and kind is not None):
            return over(case.tree, lambda tree: self._leaf(tree, case, leaves, key, None))
        true, false = 0, self.worlds.all
        for slot in self.worlds.records.get(kind, ()):
            one, other = over(case.tree, lambda tree, s=slot.truths: self._leaf(tree, case, leaves, key, s))  # type: ignore[misc]
            true, false = true | (one & slot.present), false & (other | ~slot.present)
        return true, false

    def _leaf(
        self, tree: Tree, case: Case, leaves: Mapping[int, OpenLeaf], key: str, record: list[Truths] | None
    ) -> Truths:
        truth = case.solved.truth(tree)
        if truth is not None:
            return (self.worlds.all, 0) if truth else (0, self.worlds.all)
        leaf = leaves.get(tree.literal)
        if leaf is None or leaf.keys != {key}:
            return UNKNOWN
        number = tree.literal - 1
        if case.solved.scope.shared[number]:
            return self.worlds.shared.get(id(case.solved.scope.leaves[number]), UNKNOWN)
        return record[number] if record is not None else UNKNOWN


def _some(mask: int) -> list[int]:
    """The numbers of the first few worlds of a mask."""
    found: list[int] = []
    while mask and len(found) < LOOKED_AT:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
