"""Reasons as a tree, and the few that decide in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.conditions import All
from engine.determination import Reason, Status
from engine.wording import GROUP_LABELS

STATUS_MARKS: dict[Status, str] = {
    "satisfied": "✓",
    "not_satisfied": "✗",
    "unknown": "?",
    "judgement": "◇",
    "other_policy": "§",
}
STATUS_WORDS: dict[Status, str] = {
    "satisfied": "满足",
    "not_satisfied": "不满足",
    "unknown": "未知",
    "judgement": "待认定",
    "other_policy": "由其他文件规定",
}

UNTOLD = "未填写"
EQUALS = ("为", "属于", "位于", "包括")
"""Words of a condition after which one of several things is named, rather than a bound."""
EVERYTHING = GROUP_LABELS[All]
"""What a group is called that its author did not name."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One reason with the reasons below it."""

    reason: Reason
    parts: tuple[Branch, ...]

    @property
    def doubted(self) -> bool:
        """Whether it is a soft or open condition: the engine sets a judgement of its own beside it."""
        last = self.parts[-1].reason if self.parts else None
        # Only such judgements have a tilde in their id (docs/rule-language.md gives none to authors).
        return self.reason.kind == "any" and last is not None and "~" in (last.judgement or "")


def trees_of(reasons: Sequence[Reason]) -> list[Branch]:
    """The trees whose nodes ``reasons`` lists parent first (``1``, ``1.1``, ``1.1.1``, ``1.2``)."""
    children: dict[str, list[Reason]] = {}
    for reason in reasons:
        children.setdefault(reason.node.rpartition(".")[0], []).append(reason)

    def grown(reason: Reason) -> Branch:
        return Branch(reason, tuple(grown(child) for child in children.get(reason.node, ())))

    return [grown(reason) for reason in children.get("", ())]


def conditions_of(reasons: Sequence[Reason]) -> list[Branch]:
    """The trees, without the group around all of them, which says nothing."""
    trees = trees_of(reasons)
    whole = len(trees) == 1 and trees[0].reason.kind == "all" and trees[0].reason.label == EVERYTHING
    return list(trees[0].parts) if whole else trees


def deciding(reasons: Sequence[Reason], status: Status | None = None) -> list[Branch]:
    """The deepest decisive conditions, in order; with ``status`` only those that have it."""
    found = [leaf for tree in trees_of(reasons) for leaf in _leaves(tree)]
    return [leaf for leaf in found if status is None or leaf.reason.status == status]


def _leaves(branch: Branch) -> Iterator[Branch]:
    if not branch.reason.decisive:
        return
    # A negation reads as one sentence, and so does a doubted condition with the judgement beside it.
    if not branch.parts or branch.reason.kind == "not" or branch.doubted:
        yield branch
        return
    for part in branch.parts:
        yield from _leaves(part)


def sentence(branch: Branch) -> str:
    """``认定类别为协同创新基地：未填写``, ``上年度营业收入不低于2000万元：1880万元，差120万元``, ``申报主体为社会组织：实际为企业``."""
    reason = branch.reason
    if reason.kind in ("judgement", "reference"):
        return reason.label
    # What a doubted condition or a negation is about stands in its first part; other groups have no value.
    told = branch.parts[0].reason if branch.doubted or reason.kind == "not" else reason
    details = [contrasted(told, reason.label), told.gap] if told.status != "satisfied" or reason.kind == "not" else []
    if not told.value or told.value == UNTOLD:
        details.append(told.note)
    text = "，".join(detail for detail in details if detail)
    colon = "：" in reason.label
    line = reason.label + (f"（{text}）" if text and colon else f"：{text}" if text else "")
    return f"{line}（{doubt(branch)}）" if branch.doubted and reason.status == "judgement" else line


def contrasted(told: Reason, label: str) -> str | None:
    """The value of ``told`` as it stands behind ``label``. Where a condition names one of several things and it is another
    one, the value says that it is what is so, and not what is asked: ``申报主体为社会组织：实际为企业``."""
    if not told.value or told.value == UNTOLD or told.gap or told.status == "satisfied":
        return told.value
    named = "：" in label or any(word in label for word in EQUALS)
    return f"实际为{told.value}" if named else told.value


def doubt(branch: Branch) -> str:
    """Why a doubted condition does not decide."""
    return "清单以“等”结尾，是否包括由部门判断" if branch.reason.open else "该条件存疑，由部门判断"


def joined(sentences: Sequence[str], limit: int = 2) -> str:
    """The first sentences as one line, and how many there are in all."""
    distinct = list(dict.fromkeys(sentences))
    line = "；".join(distinct[:limit])
    return f"{line}；等{len(distinct)}项" if len(distinct) > limit else line
