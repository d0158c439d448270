"""Differences of two versions for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from cli.columns import clipped, width
from engine.difference.model import MeasureChange, PackDifference, TextChange
from engine.difference.plain import PROVEN
from engine.difference.report import (
    GROUP_LABELS,
    Row,
    counted,
    examined,
    group_rows,
    heading,
    matrix,
    measure_rows,
    outcome,
    region_title,
    signed,
    verdict_line,
)
from engine.pack import Pack

if TYPE_CHECKING:
    from engine.difference.lists import ListDifference

MOST_ROWS = 12
BAR = 24


def short(found: PackDifference, listed: ListDifference | None) -> Iterator[str]:
    """What changed, in a few lines."""
    both = [measure for measure in found.measures if measure.kind == "both"]
    changed = [measure for measure in both if measure.regions or not measure.complete]
    words = [measure for measure in both if measure.texts and measure not in changed]
    added, removed = (sum(m.kind == kind for m in found.measures) for kind in ("added", "removed"))
    yield (
        f"共有措施{len(both)}项：结论或金额改变{len(changed)}项，只改文字或写法{len(words)}项，"
        f"新增{added}项，删去{removed}项；措施以外的改动{len(found.texts)}处。"
    )
    if not changed:
        yield f"两版都有的措施：{PROVEN}。"
    if listed is not None:
        yield from counted(listed)


def told(found: PackDifference, pack: Pack, listed: ListDifference | None) -> Iterator[str]:
    """All of it."""
    yield from short(found, None)
    titles = {id: file.document.title for id, file in pack.documents.items()}
    yield "比较的评估日："
    yield from (f"  {line}" for line in examined(found, titles))
    if found.texts:
        yield ""
        yield click.style("措施以外的改动", bold=True)
        yield from _texts(found.texts)
    for measure in found.measures:
        if measure.changed:
            yield ""
            yield from _measure(measure, pack)
    if listed is not None:
        yield ""
        yield from _list(listed)


def _texts(texts: Sequence[TextChange]) -> Iterator[str]:
    for text in texts:
        yield f"  {text.what}"
        if text.old is not None:
            yield f"    － {text.old}"
        if text.new is not None:
            yield f"    ＋ {text.new}"


def _measure(measure: MeasureChange, pack: Pack) -> Iterator[str]:
    yield click.style(heading(measure), bold=True)
    yield from _texts(measure.texts)
    if measure.kind != "both":
        return
    yield f"  {verdict_line(measure)}"
    for number, region in enumerate(measure.regions, 1):
        yield f"  {number}. {region_title(region, measure, pack)}"
        for said in region.conditions:
            yield f"     · {said.text}"
        yield f"     例：{json.dumps(region.witness, ensure_ascii=False)}"
        yield f"         {region.days[0].isoformat()}：旧版{outcome(region.old)}；新版{outcome(region.new)}"


def _list(listed: ListDifference) -> Iterator[str]:
    yield click.style("名单", bold=True)
    yield from (f"  {line}" for line in counted(listed))
    for id, change in listed.measures.items():
        if change.changed:
            yield f"  {listed.titles[id]}（{id}）"
            for old, new, count in matrix(change):
                if old != new:
                    yield f"    {old} → {new}：{count:,}家"
            if change.amounts:
                yield f"    符合不变、金额改变：{change.amounts:,}家"
    tables = {"措施": measure_rows(listed), **{label: group_rows(listed, g) for g, label in GROUP_LABELS.items()}}
    for label, rows in tables.items():
        yield ""
        yield from _bars(label, rows)


def _bars(label: str, rows: Sequence[Row]) -> Iterator[str]:
    """How many enterprises change, as bars, and the change of money."""
    shown = [row for row in rows if row.changed][:MOST_ROWS]
    yield f"  按{label}：有变化的企业，确定金额的变化"
    if not shown:
        yield "    没有变化"
        return
    most = max(row.changed for row in shown)
    room = min(max(width(row.label) for row in shown), 40)
    for row in shown:
        name = clipped(row.label, room)
        bar = "█" * max(round(row.changed / most * BAR), 1)
        padded = f"{name}{'':>{room - width(name)}}"
        yield f"    {padded} {bar:<{BAR}} {row.changed:>6,}家  {signed(*row.difference)}"
    rest = sum(1 for row in rows if row.changed) - len(shown)
    if rest > 0:
        yield f"    其余{rest}个{label}见 .xlsx"
