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
}
"""What a page says after something was done, by the code in its address (``?done=``): never a person's data."""
