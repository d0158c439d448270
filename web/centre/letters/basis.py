"""What a letter rests on: the determination that is kept, made again with its reasons by the rules of its time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.determination import Determination, Result
from engine.diagnostics import Finding, InputError
from engine.pack import Pack
from engine.program import Program
from web.centre import keeping
from web.centre.cases import Case, case_of
from web.centre.privacy import Veil
from web.centre.store.tables import ChainEntry, DeterminationRow, Enterprise, FindingRow, ProfileVersion, Role, User
from web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A finding that counted: what was judged and why, by whom, and the second person where there was one."""

    row: FindingRow
    why: str
    by: str
    second: str | None
    second_at: datetime | None


@dataclass(frozen=True, slots=True)
class Basis:
    """One determination with all that a letter says of it. ``version`` is the number of its profile version, ``link``
    number and hash of its link in the chain; ``older``: in what it is older than what is known now, a phrase each."""

    enterprise: Enterprise
    row: DeterminationRow
    version: int
    found: Determination
    pack: Pack
    reviews: tuple[Reviewed, ...]
    link: tuple[int, str]
    older: tuple[str, ...]

    def result(self, measure: str) -> Result | None:
        """What the determination says of a measure; None where its rules had none of that name."""
        return next((result for result in self.found.results if result.measure == measure), None)

    def seen_by(self, role: Role, measures: Collection[str]) -> Basis:
        """The same with personal data masked that letters of ``role`` about these measures have no need of."""
        veil, data = Veil.of(self.pack, role, measures), self.found.profile
        reviews = tuple(replace(item, why=veil.text(item.why, data)) for item in self.reviews)
        return replace(self, found=veil.determination(self.found), reviews=reviews)


def basis_of(session: Session, number: int, program: Program, today: date) -> Basis:
    """The basis of letters to an enterprise. ``program``: the rules of the site.

    Raises InputError, with what to do, where there is none.
    """
    case = case_of(session, number, program, today)
    if case is None:
        raise _none("letter-nobody", _("没有编号为 %(n)d 的企业") % {"n": number}, _("请从队列里打开企业"))
    if case.row is None:
        gone = case.enterprise.erased_on is not None
        raise _none("letter-undetermined", _("这家企业还没有对照过"), _("请先录入资料并对照")) if not gone else _erased()
    if case.lost:
        raise _none("letter-lost", _("这份结论所依据的规则包读不出，理由不能再推出"), _("请先按现在的规则重新对照"))
    if case.made is None:
        raise _erased()
    return _basis(session, case, case.row, case.made)


def _basis(session: Session, case: Case, row: DeterminationRow, made: Determination) -> Basis:
    if not case.agrees:
        why = _("重新推出的结论与认定记录第 %(n)d 号保存的不同，不能出具文书") % {"n": row.id}
        raise _none("letter-differs", why, _("请告诉负责人，在审计页面核对"))
    link = session.execute(
        select(ChainEntry.number, ChainEntry.hash).where(ChainEntry.kind == "determination", ChainEntry.row == row.id)
    ).one()
    return Basis(
        enterprise=case.enterprise,
        row=row,
        version=session.execute(select(ProfileVersion.number).where(ProfileVersion.id == row.profile_id)).scalar_one(),
        found=made,
        pack=case.pack,
        reviews=tuple(_reviewed(session, row)),
        link=(link.number, link.hash),
        older=case.older,
    )


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
        finding, second = rows[number], seconds.get(number)
        yield Reviewed(
            finding,
            finding.reason or keeping.ERASED,
            names[finding.by_id],
            names[second.by_id] if second is not None else None,
            second.at if second is not None else None,
        )


def _erased() -> InputError:
    return _none("letter-erased", _("这家企业的资料已经清除，不能再出具文书"), "")


def _none(code: str, message: str, hint: str) -> InputError:
    return InputError([Finding(_("文书"), 0, 0, code, message, hint)])
