"""Who may do what. Every page and every call of the workbench names one permission; who lacks it is refused."""

from __future__ import annotations

from typing import Literal

from web.centre.store.tables import Role

Permission = Literal["own", "see", "intake", "assign", "judge", "notify", "watch", "erase", "choose", "four_eyes", "accounts", "audit"]

ALLOWED: dict[Permission, frozenset[Role]] = {
    # One's own password, and leaving.
    "own": frozenset({"clerk", "reviewer", "head", "administrator", "auditor"}),
    # Applicants, queues, lists, figures: reading.
    "see": frozenset({"clerk", "reviewer", "head", "auditor"}),
    # New applicants and profiles, lists.
    "intake": frozenset({"clerk", "head"}),
    # Who takes a case, notes for colleagues.
    "assign": frozenset({"clerk", "reviewer", "head"}),
    # Findings and a second person's word on them, evidence.
    "judge": frozenset({"reviewer", "head"}),
    # Letters and shortlists.
    "notify": frozenset({"clerk", "reviewer", "head"}),
    # Screening again.
    "watch": frozenset({"clerk", "reviewer", "head"}),
    # Emptying what is kept of an enterprise.
    "erase": frozenset({"head"}),
    # The choices of the centre.
    "choose": frozenset({"head", "administrator"}),
    # Whether findings need a second person: nobody who finds may choose to be the only one.
    "four_eyes": frozenset({"administrator"}),
    "accounts": frozenset({"administrator"}),
    # The log of what was done, and the proof of the chain.
    "audit": frozenset({"head", "administrator", "auditor"}),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role has a permission."""
    return role in ALLOWED[permission]
