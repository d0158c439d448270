"""Kleene's strong three-valued logic: ``True``, ``False`` and ``None`` (unknown).

The meaning of every executor rests on these three functions. A missing fact is ``None``; it is never
``False``. ``all_of`` of nothing is true and ``any_of`` of nothing is false, as in two-valued logic.
"""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if any input is false, else unknown if any is unknown, else true."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if any input is true, else unknown if any is unknown, else false."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def negated(truth: Truth) -> Truth:
    """Unknown stays unknown."""
    return None if truth is None else not truth
