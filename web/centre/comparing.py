"""Two determinations of one enterprise side by side: what moved, and what of answers, findings, rules and day differs.

Both are made again with the rules of their time. Where a profile was erased or these rules can no longer be read, that
cannot be done; then the verdicts that were kept are compared, without reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.determination import Determination, GroupKey
from engine.diagnostics import InputError
from engine.pack import Pack
from engine.program import Program
from web.amounts import range_in_words
from web.centre import packs
from web.centre.matters import label_of
from web.centre.outcomes import GROUP_OF
from web.centre.remaking import agrees, remade
from web.centre.store.tables import DeterminationRow, FindingRow, ProfileVersion
from web.site.changes import Change, changes
from web.site.moves import Moves, moves
from web.summary import Summary, summarise

MOST = 200
"""Of each kind that can be chosen."""
Veiled = Callable[[Determination, Pack], Determination]
"""A determination as whoever looks may see it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. ``made`` is None where its profile was erased or its rules are ``lost``: they cannot be read any
    more, and ``pack`` is that of the site. ``agrees``: whether it is what was kept."""

    row: DeterminationRow
    profile: ProfileVersion
    pack: Pack
    made: Summary | None
    agrees: bool
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A measure whose kept verdict or amount differs, where no reasons can be had. None: the rules had no such measure."""

    measure: str
    title: str
    before: GroupKey | None
    after: GroupKey | None
    amounts: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``moves`` with reasons, or where there are none ``kept``. ``answers``: what is told otherwise; None where the
    content of either profile was erased. ``came`` and ``went``: findings that count on one side only, with their labels."""

    before: Side
    after: Side
    moves: Moves | None
    kept: tuple[Kept, ...]
    answers: tuple[Change, ...] | None
    came: tuple[tuple[str, FindingRow], ...]
    went: tuple[tuple[str, FindingRow], ...]


def compared(session: Session, number: int, a: int, b: int, program: Program, veiled: Veiled) -> Comparison | None:
    """Determinations ``a`` and ``b`` of an enterprise, the earlier one first; None where it has not both.

    ``program``: the rules of the site, in whose words answers are told.
    """
    rows = [session.get(DeterminationRow, id) for id in sorted((a, b))]
    if any(row is None or row.enterprise_id != number for row in rows):
        return None
    before, after = (_side(session, row, program, veiled) for row in rows if row is not None)
    both = before.made is not None and after.made is not None
    data = before.profile.data, after.profile.data
    then, now = set(before.row.findings), set(after.row.findings)
    return Comparison(
        before,
        after,
        moves(before.made, after.made) if before.made is not None and after.made is not None else None,
        () if both else tuple(_kept(session, before, after)),
        None if data[0] is None or data[1] is None else tuple(changes(data[0], data[1], program.pack)),
        tuple(_findings(session, now - then, after.pack)),
        tuple(_findings(session, then - now, before.pack)),
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be compared: determinations and profile versions, the newest first."""

    determinations: tuple[DeterminationRow, ...]
    profiles: tuple[tuple[int, datetime], ...]


def choices(session: Session, number: int) -> Choices:
    """The newest determinations and profile versions of an enterprise, ``MOST`` of each."""
    rows = select(DeterminationRow).where(DeterminationRow.enterprise_id == number).order_by(DeterminationRow.id.desc())
    told = (
        select(ProfileVersion.number, ProfileVersion.at)
        .where(ProfileVersion.enterprise_id == number)
        .order_by(ProfileVersion.number.desc())
    )
    return Choices(
        tuple(session.execute(rows.limit(MOST)).scalars()),
        tuple((version, at) for version, at in session.execute(told.limit(MOST))),
    )


def versions(session: Session, number: int, a: int, b: int) -> tuple[ProfileVersion, ProfileVersion] | None:
    """Profile versions ``a`` and ``b`` of an enterprise, the earlier one first; None where it has not both."""
    wanted = select(ProfileVersion).where(ProfileVersion.enterprise_id == number, ProfileVersion.number.in_((a, b)))
    found = list(session.execute(wanted.order_by(ProfileVersion.number)).scalars())
    return (found[0], found[-1]) if {row.number for row in found} == {a, b} else None


def _side(session: Session, row: DeterminationRow, program: Program, veiled: Veiled) -> Side:
    profile = session.get_one(ProfileVersion, row.profile_id)
    try:
        its_own = packs.program_of(session, row.pack_version, program)
    except InputError:
        return Side(row, profile, program.pack, None, True, lost=True)
    made, pack = remade(session, row, its_own), its_own.pack
    summary = summarise(veiled(made, pack), pack) if made is not None else None
    return Side(row, profile, pack, summary, made is None or agrees(row, made))


def _kept(session: Session, before: Side, after: Side) -> list[Kept]:
    then, now = (
        packs.by_measure(packs.measures_of(session, side.row.pack_version), side.row.verdicts)
        for side in (before, after)
    )
    titles = {m.id: m.spec.title for side in (before, after) for m in side.pack.measures}
    return [
        Kept(measure, titles.get(measure, measure), _group(then.get(measure)), _group(now.get(measure)), amounts)
        for measure in {**then, **now}
        if (amounts := (_amount(before.row, measure), _amount(after.row, measure)))[0] != amounts[1]
        or then.get(measure) != now.get(measure)
    ]


def _group(letter: str | None) -> GroupKey | None:
    return GROUP_OF[letter] if letter is not None else None


def _amount(row: DeterminationRow, measure: str) -> str:
    ends = row.amounts.get(measure)
    return range_in_words((ends[0], ends[1])) if ends else ""


def _findings(session: Session, ids: set[int], pack: Pack) -> list[tuple[str, FindingRow]]:
    rows = session.execute(select(FindingRow).where(FindingRow.id.in_(ids)).order_by(FindingRow.id)).scalars() if ids else ()
    return [(label_of(row.judgement, pack), row) for row in rows]
