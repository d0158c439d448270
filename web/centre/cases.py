"""One enterprise as its page shows it: who has it, what is known of it, where it stands and whether that is still so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.determination import Determination, Result
from engine.diagnostics import InputError
from engine.pack import Pack
from engine.program import Program
from engine.quantities import format_date
from web.centre import keeping, packs
from web.centre.intake import head_of
from web.centre.matters import label_of
from web.centre.remaking import agrees, profile_in, remade
from web.centre.store.database import now
from web.centre.store.tables import DeterminationRow, Enterprise, Note, ProfileVersion, Role, Standing, User
from web.centre.watching.news import holds
from web.texts import gettext as _

LONGEST_NOTE = 2000
HANDLERS: tuple[Role, ...] = ("clerk", "reviewer", "head")
"""Whom a case can be given to."""


class Overtaken(Exception):
    """Somebody else changed the enterprise after the page was made; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Case:
    """An enterprise with its newest profile version and the determination by which it stands; None where there is none.

    ``program``: the rules of the determination, else those of the site. ``made``: the determination made again; None
    where there is none, the profile was erased or the rules of the determination are ``lost``: they cannot be read any
    more. ``agrees``: whether it is what was kept. ``older``: in what it is older than what is known now, a Chinese
    phrase each.
    """

    enterprise: Enterprise
    assignee: User | None
    profile: ProfileVersion | None
    told_by: str
    row: DeterminationRow | None
    program: Program
    made: Determination | None
    agrees: bool
    older: tuple[str, ...]
    lost: bool = False

    @property
    def pack(self) -> Pack:
        """The rules of the determination."""
        return self.program.pack

    @property
    def erased(self) -> bool:
        """Whether the content of the newest profile version is no more."""
        return self.profile is not None and self.profile.data is None


@dataclass(frozen=True, slots=True)
class Wait:
    """A judgement that a measure waits for: its id and what it is called."""

    judgement: str
    label: str


def case_of(session: Session, number: int, program: Program, today: date) -> Case | None:
    """The case of an enterprise; None where there is no such number. ``program``: the rules of the site."""
    enterprise = session.get(Enterprise, number)
    if enterprise is None:
        return None
    profile, standing = keeping.newest_profile(session, number), session.get(Standing, number)
    row = session.get_one(DeterminationRow, standing.determination_id) if standing is not None else None
    its_own, lost = program, False
    try:
        its_own = packs.program_of(session, row.pack_version, program) if row is not None else program
    except InputError:
        lost = True
    made = remade(session, row, its_own) if row is not None and not lost else None
    older = _older(session, row, profile, program, today) if row is not None else ()
    return Case(
        enterprise,
        session.get(User, enterprise.assignee_id) if enterprise.assignee_id is not None else None,
        profile,
        session.get_one(User, profile.by_id).full_name if profile is not None else "",
        row,
        its_own,
        made,
        row is None or made is None or agrees(row, made),
        tuple(older),
        lost,
    )


def head_in_words(enterprise: Enterprise, pack: Pack) -> list[str]:
    """Where an enterprise is registered, its industry and its size, as far as they are known."""
    divisions, industries = pack.tables.divisions, pack.tables.industries
    sizes = pack.vocabulary.fields["size_class"].options if "size_class" in pack.vocabulary.fields else {}
    found = []
    if enterprise.division is not None and enterprise.division in divisions:
        found.append(divisions.label(enterprise.division))
    if enterprise.industry is not None and enterprise.industry in industries:
        found.append(industries.label(enterprise.industry))
    if enterprise.size is not None and enterprise.size in sizes:
        found.append(sizes[enterprise.size].label)
    return found


def waits_of(result: Result, pack: Pack) -> list[Wait]:
    """The judgements and other policies that a measure waits for, for the reviewer."""
    wanted = dict.fromkeys(item.what for item in result.waiting_for if item.kind != "fact")
    return [Wait(id, label_of(id, pack)) for id in wanted]


def handlers(session: Session) -> list[User]:
    """Whom a case can be given to, by name."""
    wanted = select(User).where(User.active, User.role.in_(HANDLERS)).order_by(User.full_name, User.id)
    return list(session.execute(wanted).scalars())


def hand_over(session: Session, number: int, version: int, to: int | None, by: User) -> Enterprise:
    """Give the case to ``to`` (a user's number), or put it back. ``version`` is of the enterprise when the page was
    made. Raises LookupError where there is no such enterprise (any more) or nobody to give it to, Overtaken, keeping nothing."""
    enterprise = _enterprise(session, number)
    user = session.get(User, to) if to is not None else None
    if to is not None and (user is None or not user.active or user.role not in HANDLERS):
        raise LookupError(to)
    if enterprise.version != version:
        raise Overtaken
    if enterprise.assignee_id != to:
        keeping.assign(session, enterprise, user, by)
    return enterprise


def rescreen(session: Session, number: int, program: Program, today: date, by: User) -> bool:
    """Screen the newest profile by the rules and the date of now; whether anything was to be written down.

    Raises LookupError where there is nothing to screen.
    """
    enterprise, profile = _enterprise(session, number), keeping.newest_profile(session, number)
    if profile is None or profile.data is None:
        raise LookupError(number)
    # A size follows from the year before, so it may be another one on another day.
    keeping.enterprise_of(session, enterprise.key, head_of(profile_in(profile, program), program, today))
    row = keeping.determine(session, profile, program, today, by)
    keeping.audit(session, by, "screened", number, **({"determination": row.id} if row is not None else {}))
    keeping.touch(session, [number])
    return row is not None


def notes_of(session: Session, number: int) -> list[tuple[Note, str]]:
    """The notes on an enterprise, the newest first, each with the name of who wrote it."""
    wanted = select(Note, User.full_name).join(User, User.id == Note.by_id).where(Note.enterprise_id == number)
    return [(note, name) for note, name in session.execute(wanted.order_by(Note.id.desc()))]


def note_problem(text: str) -> str:
    """What is wrong with a note, in Chinese; nothing where it can be kept."""
    if not text:
        return _("请先写备注")
    return _("备注最多 %(most)d 个字，现在有 %(now)d 个") % {"most": LONGEST_NOTE, "now": len(text)} if len(text) > LONGEST_NOTE else ""


def add_note(session: Session, number: int, text: str, by: User) -> Note:
    """A remark for colleagues; ``text`` has no problem. Raises LookupError where there is no such enterprise."""
    note = Note(enterprise_id=_enterprise(session, number).id, text=text, by_id=by.id, at=now())
    session.add(note)
    session.flush()
    keeping.audit(session, by, "note-added", number, note=note.id)
    return note


def _enterprise(session: Session, number: int) -> Enterprise:
    """One that is worked on: of an erased one nothing is written down any more."""
    found = session.get(Enterprise, number)
    if found is None or found.erased_on is not None:
        raise LookupError(number)
    return found


def _older(
    session: Session, row: DeterminationRow, profile: ProfileVersion | None, program: Program, today: date
) -> Iterator[str]:
    if row.as_of != today and not holds(session, row.enterprise_id, today):
        yield _("评估日是%s，不是今天") % format_date(row.as_of)
    if row.pack_version != program.pack.version:
        yield _("规则已经更新")
    if profile is not None and profile.id != row.profile_id:
        yield _("资料有了新的一版")
    if [finding.id for finding in keeping.confirmed(session, row.enterprise_id)] != list(row.findings):
        yield _("认定意见有了变化")
