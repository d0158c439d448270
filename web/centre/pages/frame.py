"""What surrounds every page of the workbench: the navigation, and what was just done."""

from __future__ import annotations

from dataclasses import dataclass

from web.centre.roles import Permission
from web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the navigation, for those who have its permission. ``key`` is typed after ``g`` to go there."""

    endpoint: str
    label: str
    permission: Permission
    key: str


NAVIGATION = (
    Item("centre.desk.index", _("工作台"), "own", "h"),
    Item("centre.queue.index", _("队列"), "see", "q"),
    Item("centre.intake.index", _("受理"), "intake", "i"),
    Item("centre.lists.index", _("名单"), "see", "l"),
    Item("centre.judging.index", _("认定"), "see", "r"),
    Item("centre.watch.index", _("关注"), "see", "w"),
    Item("centre.figures.index", _("统计"), "see", "f"),
    Item("centre.records.index", _("审计"), "audit", "a"),
    Item("centre.users.index", _("账号"), "accounts", "u"),
    Item("centre.choices.index", _("设置"), "choose", "s"),
)

NOTICES: dict[str, str] = {
    "erased": _("已清除。"),
    "watch-wanted": _("已要求全部重新对照，后台会做。"),
    "list-mapped": _("每一列读成什么已保存。"),
    "list-started": _("已开始，筛完之前可以去做别的事。"),
    "list-cancelled": _("已经要求停止；已存下的保留。"),
    "list-removed": _("名单的文件已删除；已存下的资料和认定记录保留。"),
    "taken-in": _("已受理，并按今天的情况对照。"),
    "profile-kept": _("已存为新的一版，并重新对照。"),
    "profile-same": _("资料没有变化，没有存新的一版。"),
    "assigned": _("承办人已改。"),
    "noted": _("备注已记下。"),
    "screened": _("已重新对照。"),
    "screened-same": _("已重新对照，结论、日期和规则都没有变化，没有存新的记录。"),
    "left": _("已经退出。"),
    "password": _("密码已改，别处的登录已全部退出。"),
    "elsewhere": _("别处的登录已全部退出。"),
    "user-added": _("账号已建立。"),
    "user-edited": _("账号已保存。"),
    "user-password": _("密码已重设，请当面告诉本人。"),
    "user-off": _("账号已停用。"),
    "user-on": _("账号已恢复。"),
    "user-unlocked": _("已解开，可以重新登录。"),
    "choices": _("设置已保存。"),
    "finding": _("意见已记下，结论已重新推出。"),
    "finding-proposed": _("意见已提出，等另一位审核人复核。"),
    "finding-confirmed": _("已复核同意，结论已重新推出。"),
    "finding-rejected": _("已退回，这条意见不算数。"),
    "finding-withdrawn": _("意见已撤回，结论已重新推出。"),
    "withdrawal-proposed": _("撤回已提出，等另一位审核人复核。"),
    "withdrawal-confirmed": _("已复核同意撤回，结论已重新推出。"),
    "withdrawal-rejected": _("已退回，原来的意见仍然算数。"),
    "evidence": _("证据已保存。"),
}
"""What a page says after something was done, by the code in its address (``?done=``): never a person's data."""
