"""Reasons: one function of a measure's tree and the truths of its nodes, the same for every executor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any as Anything
from typing import Literal

from engine.conditions import All, Any, Comparison, Every, Judgement, Not, Parameter, Reference, Test
from engine.determination import Reason, Review, Stated, Status, Waiting
from engine.evaluation import Evaluated, Solved
from engine.operands import Reading, waits_for
from engine.pack import Pack
from engine.program import Tree
from engine.quantities import format_date
from engine.regions import Value
from engine.truth import Truth, all_of, any_of, negated
from engine.wording import gap, show, typed


@dataclass(frozen=True, slots=True)
class Explained:
    """What can be said of one tree: its verdict-bearing truth, the text's own part of it, and why."""

    truth: Truth
    stated: Stated
    reasons: list[Reason]
    waiting_for: list[Waiting]
    missing: list[str]
    judgements: list[str]
    assumptions: list[str]


def explain(tree: Tree, solved: Solved, evaluated: Evaluated) -> Explained:
    """Explain one tree as solved for one subject."""
    teller = _Teller(solved, evaluated)
    truth = solved.truth(tree)
    teller.tell(tree, "1", decisive=True, positive=True)
    waiting = list(dict.fromkeys(teller.waiting(tree))) if truth is None else []
    missing = [item.what for item in waiting if item.kind == "fact"]
    judgements = [item.what for item in waiting if item.kind == "judgement"]
    return Explained(
        truth,
        _stated(_favourable(tree, solved, evaluated.program.pack, True)),
        teller.reasons,
        waiting,
        missing,
        judgements,
        teller.assumptions,
    )


def _stated(truth: Truth) -> Stated:
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
class _Teller:
    solved: Solved
    evaluated: Evaluated
    reasons: list[Reason] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    _waiting: dict[int, tuple[Waiting, ...]] = field(default_factory=dict)

    def tell(self, tree: Tree, node: str, decisive: bool, positive: bool) -> None:
        """Add the reasons of a subtree. ``decisive``: the tree's truth is what it is because of this node."""
        note = tree.node.note
        truth = self.solved.truth(tree)
        common: dict[str, Anything] = {
            "node": node,
            "label": tree.label,
            "decisive": decisive,
            "inferred": note.inferred,
            "soft": note.soft,
            "open": note.open,
            "why": note.why or None,
        }
        match tree.node:
            case Judgement(id) | Reference(id):
                self.reasons.append(self._open(tree, id, truth, common))
            case Test() | Every():
                self.reasons.append(self._leaf(tree, truth, positive, common))
            case All() | Any() | Not():
                kinds: dict[type, Literal["all", "any", "not"]] = {All: "all", Any: "any", Not: "not"}
                kind = kinds[type(tree.node)]
                status = self._group_status(tree, truth)
                self.reasons.append(Reason(kind=kind, status=status, **common))
                same = not isinstance(tree.node, Not)
                for number, child in enumerate(tree.children, start=1):
                    weighs = decisive and self._weighs(tree, child, truth)
                    self.tell(child, f"{node}.{number}", weighs, positive if same else not positive)

    def _weighs(self, tree: Tree, child: Tree, truth: Truth) -> bool:
        """Whether a part explains its group's truth: it has the same truth (the opposite one under not)."""
        if isinstance(tree.node, Not):
            return True
        return self.solved.truth(child) is truth

    def _group_status(self, tree: Tree, truth: Truth) -> Status:
        if truth is not None:
            return "satisfied" if truth else "not_satisfied"
        kinds = {item.kind for item in self.waiting(tree)}
        if kinds == {"judgement"}:
            return "judgement"
        return "other_policy" if kinds and kinds <= {"judgement", "other_policy"} else "unknown"

    def _open(self, tree: Tree, id: str, truth: Truth, common: dict[str, Anything]) -> Reason:
        reading = self.solved.reading(tree)
        judged = isinstance(tree.node, Judgement)
        waiting: Status = "judgement" if judged else "other_policy"
        status: Status = waiting if truth is None else "satisfied" if truth else "not_satisfied"
        review = reading.review
        shown = Review(by=review.by, on=format_date(review.on), why=review.why) if review else None
        return Reason(
            kind="judgement" if judged else "reference",
            status=status,
            judgement=id,
            review=shown,
            note=reading.note or None,
            **common,
        )

    def _leaf(self, tree: Tree, truth: Truth, positive: bool, common: dict[str, Anything]) -> Reason:
        node, reading = tree.node, self.solved.reading(tree)
        status: Status = "unknown" if truth is None else "satisfied" if truth else "not_satisfied"
        pack = self.evaluated.program.pack
        value = distance = derivation = parameter = None
        fields = list(tree.fields)
        if isinstance(node, Test):
            typed_as = typed(node.operand, pack)
            value = show(reading.value, typed_as, pack)
            if positive and truth is not True:
                distance = gap(reading.value, self.evaluated.reader.region(node.comparisons), typed_as)
            derivation = self._derivation(fields)
            parameter = self._parameter(node.comparisons)
        if reading.assumed:
            self.assumptions.append(f"{common['label']}（未填写，按此处理）")
        return Reason(
            kind="condition",
            status=status,
            fields=fields,
            value=value,
            gap=distance,
            assumed=reading.assumed,
            note=self._note(reading, fields),
            derivation=derivation,
            parameter=parameter,
            **common,
        )

    def _derivation(self, fields: list[str]) -> str | None:
        """How the value came about, where it was derived."""
        sentences = []
        for path in fields:
            holder = self.evaluated.facts.enterprise
            if path in self.solved.known.derivations:
                holder = self.solved.known
            found = holder.derivations.get(path)
            if found is not None:
                sentences.append(f"由规则推导：{found.title}（依据：{found.source.title}）")
        return "；".join(sentences) or None

    def _note(self, reading: Reading, fields: list[str]) -> str | None:
        for path in fields:
            for known in (self.solved.known, self.evaluated.facts.enterprise):
                found = known.derivations.get(path)
                if found is not None and found.conflict:
                    return self._conflict(path, found.stated, found.derived)
        return reading.note or None

    def _conflict(self, path: str, stated: Value | None, derived: Value) -> str:
        pack = self.evaluated.program.pack
        typed_as = pack.vocabulary.fields[path]
        return f"填写的是{show(stated, typed_as, pack)}，推导得{show(derived, typed_as, pack)}，两者矛盾，请核对"

    def _parameter(self, comparisons: tuple[Comparison, ...]) -> str | None:
        pack = self.evaluated.program.pack
        for comparison in comparisons:
            for threshold in comparison.thresholds:
                if isinstance(threshold, Parameter):
                    values = pack.parameters[threshold.id]
                    dated = values.at(self.evaluated.facts.as_of)
                    return f"{values.spec.label}:{dated.source}" if dated else f"{values.spec.label}：评估日无适用值"
        return None

    def waiting(self, tree: Tree) -> tuple[Waiting, ...]:
        """What an unknown tree waits for, in tree order."""
        if self.solved.truth(tree) is not None:
            return ()
        if id(tree) not in self._waiting:
            self._waiting[id(tree)] = tuple(self._open_parts(tree))
        return self._waiting[id(tree)]

    def _open_parts(self, tree: Tree) -> Iterator[Waiting]:
        pack = self.evaluated.program.pack
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
