"""Taking in one applicant: what queues filter it by, its key, and the next version of its profile.

Whoever hands something in says what they had before them: the enterprise that it is about, and its newest profile
version. Where that is not what is kept, nothing is written, and they are told what to decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.code_table import CodeError
from engine.credit_code import check_credit_code
from engine.diagnostics import Finding, InputError
from engine.evaluation import derived
from engine.profile import Profile, profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.regions import Value
from web.centre import keeping
from web.centre.keeping import Head
from web.centre.store.tables import Enterprise, ProfileVersion, Source, User
from web.service import too_many_records
from web.texts import gettext as _

UNNAMED = _("未填写名称的企业")
LONGEST_NAME = 200
NAMESAKES = 5
"""How many enterprises of the same name are shown."""
CODE = "credit_code"
_SOLVER = ReferenceSolver()


@dataclass(frozen=True, slots=True)
class Applicant:
    """A profile that was handed in and can be read: plain data, what queues filter by, the credit code if it has one."""

    data: Mapping[str, Any]
    head: Head
    code: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What whoever hands in had before them: the enterprise (None: none that is kept) and the number of its newest
    profile version (0: none). ``another``: they know of those of the same name, and it is none of them. ``firm``: the
    page was this enterprise's, so that another credit code corrects its own, rather than being another enterprise's."""

    enterprise: int | None = None
    version: int = 0
    another: bool = False
    firm: bool = False


class Namesakes(Exception):
    """Enterprises of this name are kept: is it one of them? Nothing was written."""

    def __init__(self, found: list[Enterprise]) -> None:
        super().__init__()
        self.found = found


class Newer(Exception):
    """The enterprise has a profile version that was not seen. Nothing was written."""

    def __init__(self, enterprise: Enterprise, newest: ProfileVersion) -> None:
        super().__init__()
        self.enterprise, self.newest = enterprise, newest


class Taken(Exception):
    """The credit code is that of another enterprise. Nothing was written."""

    def __init__(self, enterprise: Enterprise) -> None:
        super().__init__()
        self.enterprise = enterprise


def head_of(profile: Profile, program: Program, as_of: date) -> Head:
    """What queues filter an enterprise by, as the rules understand its profile at ``as_of``: where it is registered (a
    division code), its industry (a code) and its size (an option of ``size_class``, told or derived). None where that
    is unknown or open between several."""
    values = derived(program, profile, as_of, _SOLVER).facts.enterprise.values
    return Head(
        name=name_of(profile),
        division=_single(values.get("registered_division")),
        industry=_single(values.get("industry")),
        size=_single(values.get("size_class")),
    )


def name_of(profile: Profile) -> str:
    """What an enterprise is called in lists."""
    return (profile.name or UNNAMED)[:LONGEST_NAME]


def applicant_of(data: Mapping[str, Any], program: Program, as_of: date) -> Applicant:
    """The applicant that profile data describes. Raises InputError with every problem."""
    if (too_long := too_many_records(data, _("画像"))) is not None:
        raise InputError([too_long])
    profile = profile_of(data, program.pack.vocabulary, program.pack.tables)
    problems = problems_of(profile)
    if problems:
        raise InputError(Finding(_("画像"), 0, 0, f"intake-{key}", text) for key, text in problems.items())
    return Applicant(plain(data), head_of(profile, program, as_of), _single(profile.values.get(CODE)))


def problems_of(profile: Profile) -> dict[str, str]:
    """What an applicant lacks beyond a readable profile: by field, a Chinese sentence."""
    problems = {}
    if not (profile.name or "").strip():
        problems["name"] = _("请填写单位名称")
    if profile.values.get(CODE) is not None and _single(profile.values[CODE]) is None:
        problems[CODE] = _("请只写一个统一社会信用代码")
    return problems


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same as JSON can hold it; a decimal becomes its digits, which are read as the same number."""
    found: dict[str, Any] = json.loads(json.dumps(data, ensure_ascii=False, default=_digits))
    return found


def take_in(
    session: Session, applicant: Applicant, seen: Seen, source: Source, by: User, program: Program, today: date
) -> tuple[ProfileVersion, bool]:
    """Keep what an applicant told and screen it; the version by which it is known now, and whether that is a new one.

    Raises Namesakes, Newer or Taken, and LookupError where ``seen`` names no enterprise.
    """
    enterprise, version_seen = meant(session, applicant, seen)
    newest = keeping.newest_profile(session, enterprise.id) if enterprise is not None else None
    if enterprise is not None and newest is not None and newest.number != version_seen:
        raise Newer(enterprise, newest)
    new = enterprise is None
    if enterprise is not None and applicant.code is not None and applicant.code != enterprise.key:
        if (holder := _coded(session, applicant.code)) is not None:
            raise Taken(holder)
        enterprise.key = applicant.code
        session.flush()
    key = enterprise.key if enterprise is not None else applicant.code or keeping.new_key(session)
    kept = keeping.enterprise_of(session, key, applicant.head)
    # Whose content was erased and who comes again is worked on again.
    kept.erased_on = None
    version = keeping.add_profile(session, kept, applicant.data, source, by)
    keeping.determine(session, version, program, today, by)
    if newest is not None and version.id == newest.id:
        return version, False
    keeping.audit(session, by, "taken-in" if new else "profile-changed", kept.id, version=version.number)
    keeping.touch(session, [kept.id])
    return version, True


def meant(session: Session, applicant: Applicant, seen: Seen) -> tuple[Enterprise | None, int]:
    """The enterprise that an applicant is, None where it is a new one, and the number of its version that was seen.

    Raises Namesakes, and LookupError where ``seen`` names no enterprise.
    """
    if seen.enterprise is not None:
        found = session.get(Enterprise, seen.enterprise)
        if found is None:
            raise LookupError(seen.enterprise)
        if seen.firm or applicant.code in (None, found.key) or not _is_code(found.key):
            return found, seen.version
        # The code was corrected after the page had asked: it is about another one, of which nothing was seen.
    if applicant.code is not None and (coded := _coded(session, applicant.code)) is not None:
        return coded, 0
    if not seen.another and (namesakes := list(_namesakes(session, applicant))):
        raise Namesakes(namesakes)
    return None, 0


def _coded(session: Session, code: str) -> Enterprise | None:
    return session.execute(select(Enterprise).where(Enterprise.key == code)).scalar_one_or_none()


def _namesakes(session: Session, applicant: Applicant) -> Iterator[Enterprise]:
    """Those of the same name that may be the same: two credit codes are two enterprises."""
    wanted = select(Enterprise).where(Enterprise.name == applicant.head.name).order_by(Enterprise.id)
    # Lists bring keys of their own, so what is no credit code cannot be told by how it begins.
    others = (row for row in session.execute(wanted).scalars() if applicant.code is None or not _is_code(row.key))
    yield from islice(others, NAMESAKES)


def _is_code(key: str) -> bool:
    try:
        return check_credit_code(key) == key
    except CodeError:
        return False


def _single(value: Value | None) -> str | None:
    return next(iter(value)) if isinstance(value, frozenset) and len(value) == 1 else None


def _digits(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
