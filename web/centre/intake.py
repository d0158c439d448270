"""Taking in one applicant: what queues filter it by, its key, and the next version of its profile."""

from __future__ import annotations

from datetime import date

from engine.evaluation import derived
from engine.profile import Profile
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.regions import Value
from web.centre.keeping import Head
from web.texts import gettext as _

UNNAMED = _("未填写名称的企业")
LONGEST_NAME = 200
_SOLVER = ReferenceSolver()


def head_of(profile: Profile, program: Program, as_of: date) -> Head:
    """What queues filter an enterprise by, as the rules understand its profile at ``as_of``: where it is registered (a
    division code), its industry (a code) and its size (an option of ``size_class``, told or derived). None where that
    is unknown or open between several."""
    values = derived(program, profile, as_of, _SOLVER).facts.enterprise.values
    return Head(
        name=(profile.name or UNNAMED)[:LONGEST_NAME],
        division=_single(values.get("registered_division")),
        industry=_single(values.get("industry")),
        size=_single(values.get("size_class")),
    )


def _single(value: Value | None) -> str | None:
    return next(iter(value)) if isinstance(value, frozenset) and len(value) == 1 else None
