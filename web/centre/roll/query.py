"""Whom a queue asks for, and in what order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.code_table import bare, half_width
from engine.determination import GroupKey

Sort = Literal["since", "name", "amount", "division", "industry", "size", "assignee"]
NOBODY = 0
"""Stands for the assignee of what nobody has."""


@dataclass(frozen=True, slots=True)
class Query:
    """Everything that is left empty narrows nothing.

    Without a ``measure`` a ``group`` means those for whom any measure stands so, an amount is the largest one, and
    ``since`` is the day of the newest determination. ``division`` and ``industry`` are canonical codes and include what
    lies within. ``at_least`` and ``at_most``, in yuan, are compared with an amount's upper end; who has no stated amount
    is in neither. ``text``: every word of it is in the name or the key. What has no value is sorted last either way.
    """

    measure: str = ""
    group: GroupKey | None = None
    division: str = ""
    industry: str = ""
    size: str = ""
    at_least: int | None = None
    at_most: int | None = None
    judgement: str = ""
    assignee: int | None = None
    text: str = ""
    sort: Sort = "since"
    descending: bool = False


def words(text: str) -> list[str]:
    """The words of a search as they are compared: half width, small letters, no marks.

    >>> words("北京  ９１１１ａ")
    ['北京', '9111a']
    """
    return [word for part in half_width(text).split() if (word := comparable(part))]


def comparable(text: str) -> str:
    """A name or key as searches compare it."""
    return bare(text).casefold()
