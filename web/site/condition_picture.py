"""Conditions as a picture: which nodes stand how, which path decides, and how groups join their parts.

Pure. A picture holds words and kinds only; the template draws them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.determination import Reason, Review, Status
from engine.wording import GROUP_LABELS
from web.reasons import STATUS_WORDS, Branch, conditions_of, doubt
from web.texts import gettext as _

Join = Literal["all", "any", "not"]
JOINS: dict[Join, str] = {"all": _("全部满足才行"), "any": _("满足一项即可"), "not": _("不能成立")}
PLAIN = frozenset(GROUP_LABELS.values())
"""What groups are called that have no name: the words of their join, more or less."""
BETWEEN: dict[Join, str] = {"all": _("且"), "any": _("或"), "not": ""}


@dataclass(frozen=True, slots=True)
class Node:
    """One condition or group. ``decides``: the verdict is what it is because of this node."""

    status: Status
    word: str
    label: str
    join: Join | None
    parts: tuple[Node, ...]
    decides: bool
    value: str | None
    gap: str | None
    tags: tuple[str, ...]
    notes: tuple[str, ...]
    review: Review | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The nodes that must all hold, with the count of conditions by status."""

    nodes: tuple[Node, ...]
    counts: tuple[tuple[Status, str, int], ...]
    strip: tuple[Status, ...]
    """The status of each condition in order, for the strip above the tree."""


def picture(reasons: Sequence[Reason]) -> Picture:
    """The picture of a measure's, an item's or a check's reasons."""
    nodes = tuple(_node(branch) for branch in conditions_of(reasons))
    strip = tuple(leaf.status for node in nodes for leaf in _leaves(node))
    counts = tuple((status, word, strip.count(status)) for status, word in STATUS_WORDS.items() if status in strip)
    return Picture(nodes, counts, strip)


def _node(branch: Branch) -> Node:
    reason = branch.reason
    # A doubted condition is one condition, whatever the judgement beside it is called; a negated one reads as one
    # sentence, for the mark of what is negated would say the opposite.
    negated = reason.kind == "not" and not branch.parts[0].parts
    single = negated or branch.doubted or not branch.parts
    told = branch.parts[0].reason if negated or branch.doubted else reason
    return Node(
        status=reason.status,
        word=STATUS_WORDS[reason.status],
        label=_("不是：%s") % told.label if negated and reason.label in PLAIN else reason.label,
        join=None if single else _join(reason),
        parts=() if single else tuple(_node(part) for part in branch.parts),
        decides=reason.decisive,
        value=told.value,
        gap=told.gap,
        tags=tuple(_tags(branch, told)),
        notes=tuple(_notes(reason, told)),
        review=told.review,
    )


def _join(reason: Reason) -> Join:
    return "any" if reason.kind == "any" else "not" if reason.kind == "not" else "all"


def _tags(branch: Branch, told: Reason) -> Iterator[str]:
    if branch.reason.inferred:
        yield _("推断")
    if told.assumed:
        yield _("按此处理")
    if branch.doubted and branch.reason.status != "satisfied":
        yield doubt(branch)


def _notes(reason: Reason, told: Reason) -> Iterator[str]:
    yield from dict.fromkeys(text for text in (told.note, told.derivation, told.parameter) if text)
    for why in dict.fromkeys((reason.why, told.why)):
        if why:
            yield _("理由：%s") % why


def _leaves(node: Node) -> Iterator[Node]:
    if not node.parts:
        yield node
    for part in node.parts:
        yield from _leaves(part)
