"""What an unknown condition waits for, and what the text itself states of it (DESIGN 2.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.conditions import All, Any, Every, Judgement, Not, Reference, Test
from engine.determination import Stated, Waiting
from engine.evaluation import Solved
from engine.operands import waits_for
from engine.pack import Pack
from engine.program import Tree
from engine.truth import Truth, all_of, any_of, negated


def stated(tree: Tree, solved: Solved, pack: Pack) -> Stated:
    """Whether the conditions that the text itself states are met, judgements and other policies left aside."""
    truth = _favourable(tree, solved, pack, True)
    return "unknown" if truth is None else "met" if truth else "not_met"


def _favourable(tree: Tree, solved: Solved, pack: Pack, positive: bool) -> Truth:
    """The truth if every judgement and other policy turned out well: the part that the text itself states."""
    match tree.node:
        case All():
            return all_of(_favourable(child, solved, pack, positive) for child in tree.children)
        case Any():
            return any_of(_favourable(child, solved, pack, positive) for child in tree.children)
        case Not():
            return negated(_favourable(tree.children[0], solved, pack, not positive))
        case Judgement(fallback=False) | Reference():
            return positive
        case _:
            reading = solved.reading(tree)
            # Inside a filter too: what waits for judgements and other policies alone counts as turned out well.
            others = bool(reading.missing) and not any(_own(name, pack) for name in reading.missing)
            return positive if reading.truth is None and others else reading.truth


def _own(name: str, pack: Pack) -> bool:
    """Whether an open name belongs to what the text itself states: a fact, or a doubt about its own condition."""
    return "~" in name or waits_for(name, pack) == "fact"


@dataclass(slots=True)
class Openness:
    """What the unknown parts of one solved scope wait for; worked out once for each part."""

    solved: Solved
    pack: Pack
    _waiting: dict[int, tuple[Waiting, ...]] = field(default_factory=dict)

    def waiting(self, tree: Tree) -> tuple[Waiting, ...]:
        """What an unknown tree waits for, in tree order."""
        if self.solved.truth(tree) is not None:
            return ()
        if id(tree) not in self._waiting:
            self._waiting[id(tree)] = tuple(self._open_parts(tree))
        return self._waiting[id(tree)]

    def _open_parts(self, tree: Tree) -> Iterator[Waiting]:
        pack = self.pack
        match tree.node:
            case Judgement(id):
                yield Waiting(kind="judgement", what=id, label=tree.label)
            case Reference(id):
                yield Waiting(kind="other_policy", what=id, label=pack.instrument_title(id))
            case Test() | Every():
                for name in self.solved.reading(tree).missing:
                    yield _waiting(name, pack)
            case Any(fallback=True) if self.solved.truth(tree.children[0]) is None:
                # The judgement beside a soft or open condition is only needed once the condition turns out false.
                yield from self.waiting(tree.children[0])
            case _:
                for child in tree.children:
                    yield from self.waiting(child)


def _waiting(name: str, pack: Pack) -> Waiting:
    """What a leaf waits for: a fact, or what stands open inside its filter."""
    kind = waits_for(name, pack)
    if kind == "fact":
        return Waiting(kind=kind, what=name, label=pack.vocabulary.label(name))
    if kind == "other_policy":
        return Waiting(kind=kind, what=name, label=pack.instrument_title(name))
    field = name.split("~")[1] if "~" in name else ""
    label = f"{pack.vocabulary.label(field)}：是否适用" if field else pack.judgement_label(name)
    return Waiting(kind=kind, what=name, label=label)
