"""What a letter rests on: the determination that is kept, made again with its reasons by the rules of its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.determination import Determination, Result, group_of
from engine.diagnostics import Finding, InputError
from engine.pack import Pack
from engine.profile import profile_of
from engine.quantities import format_date
from engine.reference import ReferenceSolver
from engine.screening import determine
from web.centre import keeping, packs
from web.centre.outcomes import LETTERS
from web.centre.store.tables import (
    ChainEntry,
    DeterminationRow,
    Enterprise,
    FindingRow,
    ProfileVersion,
    Standing,
    User,
)
from web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A finding that counted: what was judged, by whom, and the second person where there was one."""

    row: FindingRow
    by: str
    second: str | None
    second_at: datetime | None

    @property
    def why(self) -> str:
        """The reason given, or that it was erased."""
        return self.row.reason or _("（已清除）")


@dataclass(frozen=True, slots=True)
class Basis:
    """One determination with all that a letter says of it. ``link``: number and hash of its link in the chain."""

    enterprise: Enterprise
    row: DeterminationRow
    profile: ProfileVersion
    found: Determination
    pack: Pack
    reviews: tuple[Reviewed, ...]
    link: tuple[int, str]

    def result(self, measure: str) -> Result | None:
        """What the determination says of a measure; None where its rules had none of that name."""
        return next((result for result in self.found.results if result.measure == measure), None)


def basis_of(session: Session, number: int) -> Basis:
    """The basis of letters to an enterprise. Raises InputError, with what to do, where there is none."""
    enterprise = session.get(Enterprise, number)
    if enterprise is None:
        raise _none("letter-nobody", _("没有编号为 %(n)d 的企业") % {"n": number}, _("请从队列里打开企业"))
    row = _standing(session, enterprise)
    profile = session.get_one(ProfileVersion, row.profile_id)
    if profile.data is None:
        raise _none("letter-erased", _("这家企业的资料已经清除，不能再出具文书"), "")
    reviews = tuple(_reviewed(session, row))
    found, pack = _made_again(session, row, profile, reviews)
    number_, hash_ = session.execute(
        select(ChainEntry.number, ChainEntry.hash).where(ChainEntry.kind == "determination", ChainEntry.row == row.id)
    ).one()
    return Basis(enterprise, row, profile, found, pack, reviews, (number_, hash_))


def older_than_now(session: Session, basis: Basis, pack_version: str, today: date) -> list[str]:
    """In what the determination is older than what is known now; each a sentence."""
    row, said = basis.row, []
    if row.as_of != today:
        said.append(_("评估日是%(day)s，不是今天") % {"day": format_date(row.as_of)})
    if row.pack_version != pack_version:
        said.append(_("用的是规则版本 %(old)s，现在是 %(new)s") % {"old": row.pack_version, "new": pack_version})
    newest = keeping.newest_profile(session, row.enterprise_id)
    if newest is not None and newest.id != row.profile_id:
        said.append(
            _("用的是第 %(old)d 版资料，现在有第 %(new)d 版") % {"old": basis.profile.number, "new": newest.number}
        )
    if [finding.id for finding in keeping.confirmed(session, row.enterprise_id)] != list(row.findings):
        said.append(_("此后又有新的认定意见"))
    return said


def _standing(session: Session, enterprise: Enterprise) -> DeterminationRow:
    standing = session.get(Standing, enterprise.id)
    if standing is None:
        why = _("这家企业的资料已经清除") if enterprise.erased_on else _("这家企业还没有对照过")
        raise _none("letter-undetermined", why, "" if enterprise.erased_on else _("请先录入资料并对照"))
    return session.get_one(DeterminationRow, standing.determination_id)


def _made_again(
    session: Session, row: DeterminationRow, profile: ProfileVersion, reviews: tuple[Reviewed, ...]
) -> tuple[Determination, Pack]:
    program = packs.program_of(session, row.pack_version)
    pack = program.pack
    data = _named(keeping.with_findings(profile.data or {}, [item.row for item in reviews]), reviews)
    found = determine(program, profile_of(data, pack.vocabulary, pack.tables), row.as_of, ReferenceSolver())
    if "".join(LETTERS[group_of(result)] for result in found.results) != row.verdicts:
        raise _none(
            "letter-differs",
            _("重新推出的结论与认定记录第 %(n)d 号保存的不同，不能出具文书") % {"n": row.id},
            _("请告诉负责人，在审计页面核对"),
        )
    return found, pack


def _named(data: dict[str, Any], reviews: tuple[Reviewed, ...]) -> dict[str, Any]:
    """With the names of those who judged in place of their numbers."""
    told = data.get("findings", [])
    if not told:
        return data
    return {**data, "findings": [item | {"by": found.by, "why": found.why} for item, found in zip(told, reviews, strict=True)]}


def _reviewed(session: Session, row: DeterminationRow) -> Iterator[Reviewed]:
    """The findings that counted, with who confirmed them by the time of the determination."""
    if not row.findings:
        return
    rows = {item.id: item for item in session.execute(select(FindingRow).where(FindingRow.id.in_(row.findings))).scalars()}
    wanted = (
        select(FindingRow)
        .where(FindingRow.answers_id.in_(row.findings), FindingRow.stage == "confirmed", FindingRow.at <= row.at)
        .order_by(FindingRow.id)
    )
    seconds: dict[int | None, FindingRow] = {}
    for item in session.execute(wanted).scalars():
        seconds.setdefault(item.answers_id, item)
    people = {item.by_id for item in (*rows.values(), *seconds.values())}
    named = select(User).where(User.id.in_(people))
    names = {user.id: user.full_name for user in session.execute(named).scalars()}
    for number in row.findings:
        second = seconds.get(number)
        yield Reviewed(
            rows[number],
            names[rows[number].by_id],
            names[second.by_id] if second is not None else None,
            second.at if second is not None else None,
        )


def _none(code: str, message: str, hint: str) -> InputError:
    return InputError([Finding(_("文书"), 0, 0, code, message, hint)])
