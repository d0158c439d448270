"""How far the work on a list is, as people read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from web.centre.lists.jobs import BEGUN, OPEN, SILENT
from web.centre.outcomes import GROUP_OF
from web.centre.store.tables import ListJob
from web.texts import gettext as _

STATES: dict[str, str] = {
    "mapping": _("等您确认每一列"),
    "waiting": _("排队中"),
    "running": _("正在筛查"),
    "cancelling": _("正在停止"),
    "cancelled": _("已停止"),
    "failed": _("没有完成"),
    "done": _("已完成"),
}
BEST: dict[str, str] = {
    "E": _("有可享受的措施"),
    "P": _("没有可享受的，有条件已满足、待认定的"),
    "F": _("只有缺资料的"),
    "N": _("都不符合"),
    "X": _("没有在有效期内的措施"),
}
"""An enterprise is counted once, by the best that any measure came to."""
_SOON = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """``rate`` is rows a second, ``left`` seconds; None where nobody can tell. ``attended``: somebody works on it."""

    state: str
    label: str
    done: int
    total: int | None
    rejected: int
    rate: float | None
    left: float | None
    attended: bool
    told: str

    @property
    def share(self) -> int:
        """Done in a hundred."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    def plain(self) -> dict[str, Any]:
        """For the script that keeps the page up to date."""
        return {**asdict(self), "share": self.share}


def progress(job: ListJob, at: datetime) -> Progress:
    """How far a list is at this time, which is the time that its signs of life are told by."""
    attended = job.heartbeat is not None and at - job.heartbeat <= SILENT
    rate = left = None
    begun = job.counts.get(BEGUN[0])
    if attended and begun is not None and job.state == "running":
        seconds = (at - datetime.fromisoformat(begun)).total_seconds()
        rows = job.done - job.counts.get(BEGUN[1], 0)
        if seconds > 0 and rows > 0:
            rate = rows / seconds
            left = (job.total - job.done) / rate if job.total is not None else None
    label = STATES[job.state]
    return Progress(
        job.state, label, job.done, job.total, job.rejected, rate, left, attended, _told(job, label, attended, rate, left)
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the rows of a list: ``stored`` = ``new`` + ``changed`` + ``unchanged``.

    ``records`` and ``cells`` are what else was not used: rows of other sheets, single cells. ``groups``: a chip's key, words,
    how many enterprises.
    """

    new: int
    changed: int
    unchanged: int
    records: int
    cells: int
    groups: tuple[tuple[str, str, int], ...]

    @property
    def stored(self) -> int:
        """Enterprises of the list that are kept."""
        return self.new + self.changed + self.unchanged


def summary(job: ListJob) -> Summary:
    """What became of the rows so far."""
    counts = job.counts
    groups = tuple((GROUP_OF[letter], words, counts.get(letter, 0)) for letter, words in BEST.items() if counts.get(letter))
    new, changed, unchanged, records, cells = (
        counts.get(name, 0) for name in ("new", "changed", "unchanged", "records", "cells")
    )
    return Summary(new, changed, unchanged, records, cells, groups)


def _told(job: ListJob, label: str, attended: bool, rate: float | None, left: float | None) -> str:
    if job.state == "waiting" or (job.state in OPEN and not attended):
        return _("等着处理名单的程序来接手；它没有运行时请联系管理人员。")
    if job.state == "running" and job.total is None:
        return _("正在读名单")
    parts = [label]
    if rate is not None:
        parts.append(_("每秒 %s 行") % f"{rate:,.0f}")
    if left is not None:
        parts.append(_time(left))
    return "，".join(parts)


def _time(seconds: float) -> str:
    if seconds <= _SOON:
        return _("马上就好")
    if seconds < 90:
        return _("约剩 %d 秒") % round(seconds)
    return _("约剩 %d 分钟") % round(seconds / 60)
