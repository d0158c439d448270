"""What a queue's address asks for: read from its query, and written back with something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any, cast, get_args

from engine.determination import GroupKey
from engine.pack import Pack
from engine.quantities import QuantityError, parse_money
from web.centre.roll.query import NOBODY, Query, Sort
from web.centre.roll.snapshot import GROUPS
from web.texts import gettext as _

LONGEST = 100
"""Characters of a search."""
MOST_PAGES = 10**6
ME, NO_ONE = "me", "nobody"
SHOWN_FIRST: dict[str, bool] = {"amount": True}
"""Which sorts begin with the largest; the others with the smallest, the oldest, the first."""
_SIZE = "size_class"


@dataclass(frozen=True, slots=True)
class Asked:
    """``told``: the query of the address in a fixed order, without what is empty or the usual; ``problems``: a Chinese
    sentence by field for what cannot be understood, which then narrows nothing."""

    query: Query
    page: int
    told: dict[str, str]
    problems: dict[str, str]

    @property
    def narrowed(self) -> bool:
        """Whether anything but measure, group and order is asked for."""
        return bool(self.told.keys() - {"measure", "group", "sort", "down", "page"})

    def address(self, **changes: Any) -> dict[str, Any]:
        """The query of an address that asks for the same but for ``changes``; None leaves something out. The page is the
        first one unless it is given."""
        told = {**self.told, "page": "", **{name: "" if value is None else str(value) for name, value in changes.items()}}
        return {name: told[name] for name in _ORDER if told.get(name)}

    def sorted_by(self, sort: Sort) -> dict[str, Any]:
        """The address for the other direction where this is the order already, else for this order."""
        usual = SHOWN_FIRST.get(sort, False)
        down = not self.query.descending if self.query.sort == sort else usual
        return self.address(sort=sort, down=_direction(down, usual))

    def in_group(self, group: GroupKey) -> Asked:
        """The same of one group."""
        return replace(self, query=replace(self.query, group=group), told={**self.told, "group": group})


_ORDER = (
    "measure", "group", "q", "division", "industry", "size", "least", "most", "judgement", "assignee", "sort", "down", "page",
)  # fmt: skip


def asked(args: Mapping[str, str], pack: Pack, me: int) -> Asked:
    """What the query of an address asks for; ``me`` is who asks. Raises KeyError for an unknown measure."""
    told = {name: value for name in _ORDER if (value := " ".join(args.get(name, "").replace("\0", "").split()))}
    problems: dict[str, str] = {}
    if measure := told.get("measure"):
        pack.measure(measure)
    sort = _one_of(told, "sort", get_args(Sort), problems) or ("since" if measure else "name")
    usual = SHOWN_FIRST.get(sort, False)
    query = Query(
        measure=measure or "",
        group=cast(GroupKey | None, _one_of(told, "group", GROUPS, problems) or None),
        division=_known(told, "division", pack.tables.divisions, problems),
        industry=_known(told, "industry", pack.tables.industries, problems),
        size=_one_of(told, "size", tuple(sizes(pack)), problems),
        at_least=_yuan(told, "least", problems, up=True),
        at_most=_yuan(told, "most", problems, up=False),
        judgement=told.get("judgement", "")[:LONGEST],
        assignee=_assignee(told, me, problems),
        text=told.get("q", "")[:LONGEST],
        sort=cast(Sort, sort),
        descending={"1": True, "0": False}.get(told.get("down", ""), usual),
    )
    return Asked(query, _page(told), told, problems)


def sizes(pack: Pack) -> dict[str, str]:
    """What sizes are called."""
    field = pack.vocabulary.fields.get(_SIZE)
    return {key: option.label for key, option in field.options.items()} if field else {}


def _direction(down: bool, usual: bool) -> str | None:
    return None if down == usual else str(int(down))


def _page(told: dict[str, str]) -> int:
    text = told.get("page", "")
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 10 else 1


def _one_of(told: dict[str, str], name: str, options: tuple[str, ...], problems: dict[str, str]) -> str:
    value = told.get(name, "")
    if not value or value in options:
        return value
    problems[name] = _("没有这个选项，请重新选择。")
    return ""


def _known(told: dict[str, str], name: str, table: Any, problems: dict[str, str]) -> str:
    value = told.get(name, "")
    if not value or value in table:
        return value
    problems[name] = _("没有这个代码，请重新选择。")
    return ""


def _yuan(told: dict[str, str], name: str, problems: dict[str, str], *, up: bool) -> int | None:
    """A figure in yuan; amounts are compared in whole yuan."""
    if not (text := told.get(name, "")):
        return None
    try:
        span = parse_money(text)
    except QuantityError as error:
        problems[name] = _("%(why)s。请写一个金额，例如 10万元。") % {"why": error.message}
        return None
    if span.low is None or span.low != span.high or span.low < 0:  # type: ignore[operator]
        problems[name] = _("请写一个金额，例如 10万元。")
        return None
    return ceil(span.low) if up else floor(span.low)  # type: ignore[arg-type]


def _assignee(told: dict[str, str], me: int, problems: dict[str, str]) -> int | None:
    value = told.get("assignee", "")
    if not value:
        return None
    if value in (ME, NO_ONE):
        return me if value == ME else NOBODY
    if value.isdecimal() and len(value) < 10:
        return int(value)
    problems["assignee"] = _("没有这个人，请重新选择。")
    return None
