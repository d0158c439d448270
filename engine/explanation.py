"""Reasons: one function of a measure's tree and the truths of its nodes, the same for every executor."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.conditions import Comparison, Judgement, Parameter, Reference, Test
from engine.determination import Reason, Review, Status
from engine.evaluation import Evaluated, Solved
from engine.facts import Derivation, Known
from engine.openness import Openness
from engine.operands import Reading
from engine.program import Tree
from engine.quantities import format_date
from engine.spans import Span
from engine.truth import Truth
from engine.wording import describe, gap, show, typed


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a tree has its truth, and what was taken for granted."""

    reasons: list[Reason]
    assumptions: list[str]


def explain(tree: Tree, solved: Solved, evaluated: Evaluated) -> Explained:
    """Explain one tree as solved for one subject."""
    teller = _Teller(solved, evaluated, Openness(solved, evaluated.program.pack))
    teller.tell(tree, "1", decisive=True, positive=True)
    return Explained(teller.reasons, teller.assumptions)


ANY_NUMBER = Span(0, None)
"""What a count or sum over a list that is not given can be."""

_UNKNOWN: dict[str, Status] = {"condition": "unknown", "judgement": "judgement", "reference": "other_policy"}


@dataclass(frozen=True, slots=True)
class _Pieces:
    """What is said of a leaf wherever it stands."""

    value: str | None
    gap: str | None
    derivation: str | None
    parameter: str | None
    note: str | None


@dataclass(slots=True)
class _Teller:
    solved: Solved
    evaluated: Evaluated
    openness: Openness
    reasons: list[Reason] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)

    def tell(self, tree: Tree, node: str, decisive: bool, positive: bool) -> None:
        """Add the reasons of a subtree. ``decisive``: the tree's truth is what it is because of this node."""
        if not tree.children:
            self.reasons.append(self._leaf(tree, node, decisive, positive))
            return
        truth, same = self.solved.truth(tree), tree.kind != "not"
        self.reasons.append(self._reason(tree, node, decisive, self._group_status(tree, truth)))
        for number, child in enumerate(tree.children, start=1):
            # A part explains its group's truth where it has the same one; the part of a negation always does.
            weighs = decisive and (not same or self.solved.truth(child) is truth)
            self.tell(child, f"{node}.{number}", weighs, positive if same else not positive)

    def _reason(self, tree: Tree, node: str, decisive: bool, status: Status) -> Reason:
        note = tree.node.note
        return Reason(
            node=node,
            kind=tree.kind,
            label=tree.label,
            status=status,
            decisive=decisive,
            fields=list(tree.fields),
            inferred=note.inferred,
            soft=note.soft,
            open=note.open,
            why=note.why or None,
        )

    def _group_status(self, tree: Tree, truth: Truth) -> Status:
        if truth is not None:
            return "satisfied" if truth else "not_satisfied"
        kinds = {item.kind for item in self.openness.waiting(tree)}
        if kinds == {"judgement"}:
            return "judgement"
        return "other_policy" if kinds and kinds <= {"judgement", "other_policy"} else "unknown"

    def _leaf(self, tree: Tree, node: str, decisive: bool, positive: bool) -> Reason:
        truth, reading = self.solved.truth(tree), self.solved.reading(tree)
        unknown: Status = _UNKNOWN[tree.kind]
        status: Status = unknown if truth is None else "satisfied" if truth else "not_satisfied"
        reason = self._reason(tree, node, decisive, status)
        if isinstance(tree.node, Judgement | Reference):
            review = reading.review
            reason.judgement = tree.node.id
            reason.review = Review(by=review.by, on=format_date(review.on), why=review.why) if review else None
            reason.note = reading.note or None
            return reason
        pieces = self._pieces(tree, reading)
        reason.value, reason.derivation, reason.parameter = pieces.value, pieces.derivation, pieces.parameter
        reason.gap, reason.note = pieces.gap if positive else None, pieces.note
        taken = [tree.label] if reading.assumed else []
        taken += [describe(node, self.evaluated.program.pack) for node in reading.inside]
        reason.assumed = bool(taken)
        if decisive:
            self.assumptions += [f"{label}（未填写，按此处理）" for label in taken]
        return reason

    def _pieces(self, tree: Tree, reading: Reading) -> _Pieces:
        """Made once for a leaf that all records share, and once for each record otherwise."""
        number = abs(tree.literal) - 1
        shared = self.solved.scope.shared[number]
        store = self.evaluated.said if shared else self.solved.said
        key = id(self.solved.scope.leaves[number]) if shared else number
        if key not in store:
            store[key] = self._say(tree, reading, self.evaluated.facts.enterprise if shared else self.solved.known)
        pieces: _Pieces = store[key]
        return pieces

    def _say(self, tree: Tree, reading: Reading, known: Known) -> _Pieces:
        node, pack = tree.node, self.evaluated.program.pack
        note = self._conflict(tree, known) or reading.note or None
        if not isinstance(node, Test):
            return _Pieces(None, None, None, None, note)
        typed_as = typed(node.operand, pack)
        region = self.evaluated.reader.region(node.comparisons) if reading.truth is not True else None
        return _Pieces(
            value="未填写" if reading.value == ANY_NUMBER else show(reading.value, typed_as, pack),
            gap=gap(reading.value, region, typed_as),
            derivation=self._derivation(tree, known),
            parameter=self._parameter(node.comparisons),
            note=note,
        )

    def _derivation(self, tree: Tree, known: Known) -> str | None:
        """How the value came about, where it was derived."""
        found = [item for path in tree.fields if (item := self._derived(path, known)) is not None]
        return "；".join(f"由规则推导：{item.title}（依据：{item.source.title}）" for item in found) or None

    def _derived(self, path: str, known: Known) -> Derivation | None:
        return known.derivations.get(path) or self.evaluated.facts.enterprise.derivations.get(path)

    def _conflict(self, tree: Tree, known: Known) -> str | None:
        pack = self.evaluated.program.pack
        for path in tree.fields:
            found = self._derived(path, known)
            if found is not None and found.conflict:
                typed_as = pack.vocabulary.fields[path]
                stated, derived = show(found.stated, typed_as, pack), show(found.derived, typed_as, pack)
                return f"填写的是{stated}，推导得{derived}，两者矛盾，请核对"
        return None

    def _parameter(self, comparisons: tuple[Comparison, ...]) -> str | None:
        pack = self.evaluated.program.pack
        for comparison in comparisons:
            for threshold in comparison.thresholds:
                if isinstance(threshold, Parameter):
                    values = pack.parameters[threshold.id]
                    dated = values.at(self.evaluated.facts.as_of)
                    return f"{values.spec.label}：{dated.source if dated else '评估日无适用值'}"
        return None
