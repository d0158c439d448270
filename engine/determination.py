"""The determination (认定记录): the shapes of the answer, which are the JSON contract of every face.

Money is a decimal string in yuan. Keys are stable; a later version may add some, never rename one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

Verdict = Literal["eligible", "ineligible", "undetermined", "not_in_force"]
Stated = Literal["met", "not_met", "unknown"]
GroupKey = Literal["eligible", "pending", "facts", "ineligible", "not_in_force"]
AmountStatus = Literal["stated", "not_stated", "unknown", "not_applicable"]
Status = Literal["satisfied", "not_satisfied", "unknown", "judgement", "other_policy"]
YuanRange = tuple[str, str | None]


class Answer(BaseModel):
    """Base of the shapes: frozen, so that a determination cannot be changed after the fact."""

    model_config = ConfigDict(frozen=True)


# The small parts are plain dataclasses: a determination has hundreds of them, all made by our own code, and
# pydantic takes instances as they are.


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What an undetermined result waits for; ``what`` is a field, a judgement or an instrument."""

    kind: Literal["fact", "judgement", "other_policy"]
    what: str
    label: str


class Judged(Protocol):
    """What the group depends on: a ``Result``, or what it is made from."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def stated(self) -> Stated: ...
    @property
    def waiting_for(self) -> Sequence[Waiting]: ...


def group_of(result: Judged) -> GroupKey:
    """The group that people see a result in (DESIGN 2.6): the verdict, with what is undetermined parted in two.

    ``pending``: what the text states is met, or no fact is awaited that the enterprise could supply; ``facts``: the
    rest.
    """
    if result.verdict != "undetermined":
        return result.verdict
    waits_for_facts = any(item.kind == "fact" for item in result.waiting_for)
    return "facts" if waits_for_facts and result.stated != "met" else "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A reviewer's finding that settled a judgement."""

    by: str
    on: str
    why: str


@dataclass(slots=True, kw_only=True)
class Reason:
    """One node of the condition tree; ``node`` is its position (``1.2`` is the second part of the first)."""

    node: str
    kind: Literal["all", "any", "not", "condition", "judgement", "reference", "validity", "records"]
    label: str
    status: Status
    decisive: bool
    fields: list[str] = field(default_factory=list)
    value: str | None = None
    gap: str | None = None
    inferred: bool = False
    soft: bool = False
    open: bool = False
    assumed: bool = False
    why: str | None = None
    note: str | None = None
    derivation: str | None = None
    judgement: str | None = None
    review: Review | None = None
    parameter: str | None = None


class Citation(Answer):
    """Where the measure stands in the official text."""

    document: str
    title: str
    number: str | None
    issuer: str | None
    clause: str
    phrases: list[str]
    departments: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one subject record got."""

    record: str
    index: int
    stated: Stated
    verdict: Verdict
    waiting_for: list[Waiting]
    amount_yuan: str | None
    amount_range_yuan: YuanRange | None
    missing: list[str]
    judgements: list[str]
    assumptions: list[str]
    calculation: list[str]
    reasons: list[Reason]


class Result(Answer):
    """The verdict on one measure."""

    measure: str
    title: str
    document: str
    clause: str
    subject: str | None
    items: list[Item] | None
    stated: Stated
    verdict: Verdict
    waiting_for: list[Waiting]
    amount_yuan: str | None
    amount_range_yuan: YuanRange | None
    amount_status: AmountStatus
    amount_by_year: dict[str, str | YuanRange] | None
    calculation: list[str]
    frequency: Literal["once", "yearly"] | None
    payee: str
    beneficiary: str
    benefit: str
    missing: list[str]
    judgements: list[str]
    assumptions: list[str]
    notes: list[str]
    reasons: list[Reason]
    citation: Citation


class Context(Answer):
    """A programme: a goal of a document that nobody can apply for."""

    programme: str
    document: str
    clause: str
    title: str
    goal: str
    departments: list[str]
    targets: list[str]
    in_force: bool
    phrases: list[str]


class Readiness(Answer):
    """Whether applying for a title is worth considering; the authority grants it, never this.

    ``consider``: every fact that can be tested is there; ``not_yet``: one is missed; ``unknown``: facts are missing.
    """

    check: str
    title: str
    status: Literal["consider", "not_yet", "unknown"]
    missing: list[str]
    waiting_for: list[Waiting]
    reasons: list[Reason]
    source: str
    note: str


class Total(Answer):
    """What one payee gets: certainly between the ends of ``confirmed``, at most ``possible`` (None: no bound)."""

    confirmed: YuanRange
    possible: str | None


class Determination(Answer):
    """The verdicts of one profile at one date under one pack version, with the profile, so that it can be redone."""

    pack_version: str
    as_of: str
    name: str | None
    results: list[Result]
    programmes: list[Context]
    readiness: list[Readiness]
    totals: dict[str, Total]
    notes: list[str]
    profile: Any

    def to_json(self) -> str:
        """The contract's JSON: UTF-8, two spaces, keys in the order of the shapes."""
        return self.model_dump_json(indent=2) + "\n"
