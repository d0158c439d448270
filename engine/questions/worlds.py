"""A pool of complete profiles as bit masks, so that one pass over a tree evaluates it for all of them.

Bit ``n`` of a mask is world ``n``. A truth is a pair of masks: the worlds where it is true, and those where it is
false; where neither bit is set it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from threading import Lock

from engine.conditions import All, Not
from engine.evaluation import Solved
from engine.program import Program, Tree
from engine.questions.prior import Prior
from engine.truth import Truth

Truths = tuple[int, int]
UNKNOWN: Truths = (0, 0)
POOL = 128


@dataclass(slots=True)
class Slot:
    """The first, second ... record of a kind: ``present`` where there is one, truths by the leaf's number."""

    present: int
    truths: list[Truths]


@dataclass(slots=True)
class Worlds:
    """``size`` worlds: truths of the leaves that all records share, by identity, and those of each record."""

    size: int
    shared: dict[int, Truths] = field(default_factory=dict)
    records: dict[str, list[Slot]] = field(default_factory=dict)

    @property
    def all(self) -> int:
        """Every world."""
        return (1 << self.size) - 1

    @classmethod
    def drawn(cls, program: Program, as_of: date, size: int = POOL) -> Worlds:
        """Worlds of the prior; the same for the same program and date."""
        worlds = cls(size)
        for number, evaluated in enumerate(Prior(program, as_of).profiles(size)):
            bit = 1 << number
            for key, reading in evaluated.reader.shared.items():
                worlds.shared[key] = _with(worlds.shared.get(key, UNKNOWN), reading.truth, bit)
            for kind, solved in evaluated.records.items():
                for slot, item in enumerate(solved):
                    worlds._add(kind, slot, item, bit)
        return worlds

    def _add(self, kind: str, index: int, solved: Solved, bit: int) -> None:
        slots = self.records.setdefault(kind, [])
        if index == len(slots):
            slots.append(Slot(0, [UNKNOWN] * len(solved.scope.leaves)))
        slot = slots[index]
        slot.present |= bit
        for number in range(len(solved.scope.leaves)):
            slot.truths[number] = _with(slot.truths[number], solved.truths[number], bit)


def _with(before: Truths, truth: Truth, bit: int) -> Truths:
    true, false = before
    return (true | bit if truth is True else true), (false | bit if truth is False else false)


def over(tree: Tree, of_leaf: Callable[[Tree], Truths]) -> Truths:
    """Kleene's truth of a tree in every world."""
    if not tree.children:
        return of_leaf(tree)
    if isinstance(tree.node, Not):
        true, false = over(tree.children[0], of_leaf)
        return false, true
    parts = [over(child, of_leaf) for child in tree.children]
    true, false = parts[0]
    if isinstance(tree.node, All):
        for one, other in parts[1:]:
            true, false = true & one, false | other
    else:
        for one, other in parts[1:]:
            true, false = true | one, false & other
    return true, false


@dataclass(frozen=True, slots=True)
class _Pool:
    program: Program
    as_of: date

    def __hash__(self) -> int:
        return hash((id(self.program), self.as_of))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pool) and other.program is self.program and other.as_of == self.as_of


def worlds_of(program: Program, as_of: date) -> Worlds:
    """The pool of a program at a date, drawn once (about a second) and kept for the last few."""
    with _lock:
        return _drawn(_Pool(program, as_of))


@lru_cache(maxsize=16)
def _drawn(pool: _Pool) -> Worlds:
    return Worlds.drawn(pool.program, pool.as_of)


_lock = Lock()
