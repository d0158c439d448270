"""A determination as people read it: groups, amounts in words, decisive reasons, what to supply next.

Pure: no terminal, no HTML. The text report and the page are two renderings of one ``Summary``.

Groups (``GROUPS``, in this order; each result is in exactly one):

- ``eligible``: every condition that the document states is met, and nothing is open;
- ``pending``: nothing that the enterprise could fill in holds it back. What the text states is met
  (``stated`` is ``met``), or it waits for judgements and other policies alone: a doubtful (soft) condition
  that came out false waits for a judgement while ``stated`` is unknown, which is for the department too;
- ``facts``: it waits for at least one fact;
- ``ineligible``; and ``not_in_force``, which is told by document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.determination import Determination, GroupKey, Readiness, Result, group_of
from engine.pack import Pack
from engine.quantities import format_date
from web.amounts import amount_in_words, confirmed_in_words, payee_label, possible_in_words
from web.reasons import deciding, joined, sentence

GROUPS: dict[GroupKey, str] = {
    "eligible": "可享受",
    "pending": "条件已满足待认定",
    "facts": "缺资料",
    "ineligible": "不符合",
    "not_in_force": "不在有效期",
}
LONG = 60
"""Characters from which a reason is no longer one line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: what it brings, the reason in one line, whom to ask (with the clause)."""

    result: Result
    group: GroupKey
    amount: str
    reason: str
    ask: str


@dataclass(frozen=True, slots=True)
class Expired:
    """A document outside its validity, and how many of its measures that concerns."""

    document: str
    title: str
    validity: str
    note: str
    measures: int


@dataclass(frozen=True, slots=True)
class Payee:
    """What one payee gets in all."""

    label: str
    confirmed: str
    possible: str
    stacking_open: bool
    """Whether the range exists because a text does not say if amounts add up."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A missing field or record list, and the undetermined measures that wait for it."""

    field: str
    label: str
    question: str
    waiting: tuple[Line, ...]
    first_for: tuple[Line, ...]
    """Those for which it is the most useful of what they miss; each measure is in one such list."""


@dataclass(frozen=True, slots=True)
class Title:
    """A readiness check: whether applying for a title is worth considering, and why."""

    readiness: Readiness
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a report says, in order."""

    determination: Determination
    as_of: str
    documents: int
    lines: tuple[Line, ...]
    expired: tuple[Expired, ...]
    payees: tuple[Payee, ...]
    assumptions: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    titles: tuple[Title, ...]

    def of(self, group: GroupKey) -> list[Line]:
        """The lines of a group, in the order of the documents."""
        return [line for line in self.lines if line.group == group]


def summarise(determination: Determination, pack: Pack) -> Summary:
    """The summary of a determination that was made with ``pack``."""
    lines = tuple(_line(result) for result in determination.results)
    return Summary(
        determination=determination,
        as_of=format_date(date.fromisoformat(determination.as_of)),
        documents=len({result.document for result in determination.results}),
        lines=lines,
        expired=tuple(_expired(lines)),
        payees=tuple(_payees(determination)),
        assumptions=tuple(_assumptions(lines)),
        suggestions=tuple(suggestions(lines, pack)),
        titles=tuple(_title(item) for item in determination.readiness),
    )


def _line(result: Result) -> Line:
    group = group_of(result)
    departments = "、".join(result.citation.departments)
    ask = f"{f'去问：{departments}' if departments else '文件未载明部门'}；依据 {result.clause}"
    return Line(result, group, amount_in_words(result), _reason(result, group), ask)


def _reason(result: Result, group: GroupKey) -> str:
    if group == "eligible":
        named = [item.record for item in result.items or () if item.verdict == "eligible"]
        more = f"等{len(named)}项" if len(named) > 3 else ""
        parts = ["、".join(named[:3]) + more, *result.calculation[:2]]
        return "；".join(part for part in parts if part) or "文件写明的条件全部满足"
    if group == "pending":
        open_ = deciding(result.reasons)
        policies = [sentence(leaf) for leaf in open_ if leaf.reason.status == "other_policy"]
        judged = [sentence(leaf) for leaf in open_ if leaf.reason.status == "judgement"]
        parts = [f"待认定：{joined(judged)}" if judged else "", f"另需{joined(policies)}" if policies else ""]
        return "；".join(part for part in parts if part) or joined([sentence(leaf) for leaf in open_])
    leaves = [sentence(leaf) for leaf in deciding(result.reasons, "unknown" if group == "facts" else None)]
    if group == "facts" and (not leaves or len(leaves[0]) > LONG):
        # A filtered count says too much, and records that decide nothing (the list is partial) say nothing.
        return _lacking([item.label for item in result.waiting_for if item.kind == "fact"])
    return joined(leaves)


def _expired(lines: Iterable[Line]) -> list[Expired]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.group == "not_in_force":
            found.setdefault(line.result.document, []).append(line)
    return [
        Expired(
            document,
            members[0].result.citation.title,
            members[0].result.reasons[0].label,
            members[0].result.reasons[0].note or "",
            len(members),
        )
        for document, members in found.items()
    ]


def _payees(determination: Determination) -> list[Payee]:
    rows = []
    for payee, total in determination.totals.items():
        eligible = [r for r in determination.results if r.payee == payee and r.verdict == "eligible"]
        exact = all(r.amount_yuan is not None for r in eligible if r.amount_range_yuan is not None)
        several = sum(r.amount_range_yuan is not None for r in eligible) > 1
        silent = several and exact and total.confirmed[0] != total.confirmed[1]
        rows.append(Payee(payee_label(payee), confirmed_in_words(total), possible_in_words(total), silent))
    return rows


READINESS = {"consider": "可考虑申报", "not_yet": "暂不具备", "unknown": "还不能判断"}


def _title(item: Readiness) -> Title:
    facts = [wanted.label for wanted in item.waiting_for if wanted.kind == "fact"]
    if item.status == "not_yet":
        reason = joined([sentence(leaf) for leaf in deciding(item.reasons, "not_satisfied")])
    elif item.status == "unknown":
        reason = _lacking(facts)
    else:
        judged = [wanted.label for wanted in item.waiting_for if wanted.kind == "judgement"]
        reason = f"还要由认定机构评价：{'、'.join(judged)}" if judged else "能够核对的条件都已具备"
    return Title(item, READINESS[item.status], reason)


def _lacking(facts: list[str]) -> str:
    return f"缺{'、'.join(facts[:3])}{f'等{len(facts)}项资料' if len(facts) > 3 else ''}"


def _assumptions(lines: Iterable[Line]) -> Iterable[str]:
    """Each assumption once, of the measures that are not lost anyway."""
    open_ = [line for line in lines if line.group in ("eligible", "pending")]
    return dict.fromkeys(text for line in open_ for text in line.result.assumptions)


def suggestions(lines: Iterable[Line], pack: Pack) -> list[Suggestion]:
    """Missing fields and lists, first those that hold most undetermined measures open."""
    waiting: dict[str, list[Line]] = {}
    labels: dict[str, str] = {}
    for line in lines:
        facts = [item for item in line.result.waiting_for if item.kind == "fact"]
        labels.update({item.what: item.label for item in facts})
        for name in dict.fromkeys(item.what for item in facts):
            waiting.setdefault(name, []).append(line)
    ranked = sorted(waiting, key=lambda name: -len(waiting[name]))
    taken: set[str] = set()
    result = []
    for name in ranked:
        here = tuple(waiting[name])
        first_for = tuple(line for line in here if line.group == "facts" and line.result.measure not in taken)
        taken.update(line.result.measure for line in first_for)
        result.append(Suggestion(name, labels[name], question_of(name, pack), here, first_for))
    return result


def question_of(name: str, pack: Pack) -> str:
    """What to ask for a field or a record list."""
    if name in pack.vocabulary.fields:
        field = pack.vocabulary.fields[name]
        return field.spec.question or f"{field.label}是什么？"
    for kind in pack.vocabulary.records.values():
        if kind.list == name:
            return kind.spec.question or f"有哪些{kind.label}？"
    return ""
