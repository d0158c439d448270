"""A determination made again from what is kept, with all its reasons, and held against what was kept of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.determination import Determination
from engine.profile import Profile, profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine
from web.centre.keeping import with_findings
from web.centre.outcomes import Outcome, outcome_of_results
from web.centre.store.tables import DeterminationRow, FindingRow, ProfileVersion, User

_LOG = logging.getLogger(__name__)
_SOLVER = ReferenceSolver()


def profile_in(version: ProfileVersion, program: Program) -> Profile:
    """What a version whose content is there tells, without any findings."""
    data = with_findings(version.data or {}, ())
    return profile_of(data, program.pack.vocabulary, program.pack.tables)


def remade(session: Session, row: DeterminationRow, program: Program) -> Determination | None:
    """The determination of ``row`` by ``program``, which is of its pack version; None where its profile was erased."""
    profile = session.get_one(ProfileVersion, row.profile_id)
    if profile.data is None:
        return None
    findings = [session.get_one(FindingRow, number) for number in row.findings]
    data = with_findings(profile.data, findings, _names(session, findings))
    return determine(program, profile_of(data, program.pack.vocabulary, program.pack.tables), row.as_of, _SOLVER)


def agrees(row: DeterminationRow, made: Determination) -> bool:
    """Whether what is made again is what was kept. Where not, the log says so: something was tampered with, or the
    program came to mean something else."""
    again = outcome_of_results(made.results)
    kept = Outcome(row.verdicts, {key: (ends[0], ends[1]) for key, ends in row.amounts.items()}, again.awaiting)
    if again == kept:
        return True
    _LOG.error("determination %d of enterprise %d does not come out as it was kept", row.id, row.enterprise_id)
    return False


def _names(session: Session, findings: list[FindingRow]) -> Mapping[int, str]:
    wanted = {finding.by_id for finding in findings}
    if not wanted:
        return {}
    return dict(session.execute(select(User.id, User.full_name).where(User.id.in_(wanted))).all())
