"""What a road map is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.determination import Total


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of an enterprise field, of a field of a listed record, or a record added to a list.

    ``what`` is the field's path or the list's name, ``record`` the number of the listed record from 0, ``text`` what
    to do, in Chinese.
    """

    kind: Literal["field", "record", "add"]
    what: str
    record: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """One smallest set of changes for one measure.

    ``facts``: what is open and must turn out so, in Chinese; ``judgements``: labels of what a reviewer still decides;
    ``profile``: one with the changes and, as an example, such facts; it makes the measure eligible but for judgements.
    """

    changes: tuple[Change, ...]
    facts: tuple[str, ...]
    judgements: tuple[str, ...]
    profile: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """How a measure that is out of reach comes into reach.

    ``ways`` are all of the same, smallest size; ``more``: there are others of that size. ``proven``: no smaller set
    does, or, with ``impossible`` (why, in Chinese), none at all. Neither ways nor ``impossible``: not found in time.
    """

    measure: str
    ways: tuple[Way, ...]
    proven: bool
    impossible: str | None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Opener:
    """One or two changes that open ``measures`` together, and the ``totals`` that these bring, per payee.

    Opened: no longer out of reach; facts and judgements may still be open. ``totals`` is empty where no amount is stated.
    """

    changes: tuple[Change, ...]
    measures: tuple[str, ...]
    totals: Mapping[str, Total]


@dataclass(frozen=True, slots=True)
class RoadMap:
    """Routes in the order of the pack; openers by how much they open, single changes before pairs."""

    routes: tuple[Route, ...]
    openers: tuple[Opener, ...]
