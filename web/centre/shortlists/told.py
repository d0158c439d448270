"""The filters of a shortlist in words, for the sheet that says how it was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.pack import Pack
from engine.quantities import format_money
from web.centre.matters import label_of
from web.centre.queues.asked import sizes
from web.centre.roll.query import NOBODY, Query, Sort
from web.summary import GROUPS
from web.texts import gettext as _

SORTS: dict[Sort, str] = {
    "since": _("从何时起是这个结论"),
    "name": _("名称"),
    "amount": _("金额"),
    "division": _("注册地"),
    "industry": _("行业"),
    "size": _("规模"),
    "assignee": _("承办人"),
}


def told(query: Query, pack: Pack, people: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """Label and value of all that narrows it, and its order; ``people`` by number of user."""
    if query.group is not None:
        yield _("结论"), GROUPS[query.group]
    if query.division:
        yield _("注册地"), pack.tables.divisions.label(query.division)
    if query.industry:
        yield _("行业"), pack.tables.industries.label(query.industry)
    if query.size:
        yield _("规模"), sizes(pack)[query.size]
    if query.at_least is not None:
        yield _("金额不低于"), format_money(query.at_least)
    if query.at_most is not None:
        yield _("金额不超过"), format_money(query.at_most)
    if query.judgement:
        yield _("等待认定"), label_of(query.judgement, pack)
    if query.assignee is not None:
        yield _("承办人"), _("没有人") if query.assignee == NOBODY else people.get(query.assignee, str(query.assignee))
    if query.text:
        yield _("名称或编号含"), query.text
    yield _("顺序"), SORTS[query.sort] + (_("（从大到小）") if query.descending else "")
