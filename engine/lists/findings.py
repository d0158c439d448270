"""Reviewers' findings on a sheet: which judgement is meant, by its id, or by its name and the measure it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from engine.columns.frame import KEY, ROW, ColumnMeta, Reject
from engine.conditions import All, Any, Count, Every, Judgement, Node, Not, Reference, Sum, Test
from engine.lists.words import folded
from engine.pack import Pack

MEASURE = "measure"
"""The column of a findings frame that names the measure; it is used here and not handed on."""

_NEEDS = {"judgement": "判断事项", "finding": "结论", "by": "谁", "on": "何时", "why": "理由"}


@dataclass(frozen=True)
class Judgements:
    """The judgements of a pack by id and by label."""

    pack: Pack

    @cached_property
    def of_measure(self) -> dict[str, list[str]]:
        """Measure id -> ids that its conditions wait for, in order."""
        return {measure.id: list(dict.fromkeys(_judgements(measure.condition))) for measure in self.pack.measures}

    @cached_property
    def known(self) -> frozenset[str]:
        """Every id that a finding can settle."""
        return frozenset(self.pack.judgements) | {id for ids in self.of_measure.values() for id in ids}

    def measure(self, text: str) -> str | None:
        """The measure that a text names by id or title."""
        wanted = folded(text)
        for measure in self.pack.measures:
            if text == measure.id or folded(measure.spec.title) == wanted:
                return measure.id
        return None

    def find(self, text: str, measure: str | None) -> list[str]:
        """The judgements that a text can mean, within a measure if one is named."""
        if text in self.known:
            return [text]
        owner = self.measure(measure) if measure else None
        among = self.of_measure[owner] if owner else sorted(self.known)
        wanted = folded(text)
        exact = [id for id in among if folded(self.label(id)) == wanted]
        return exact or [id for id in among if owner and id == f"{owner}~{text}"]

    def label(self, id: str) -> str:
        """What people call it."""
        if id in self.pack.judgements:
            return self.pack.judgements[id].label
        _, _, path = id.partition("~")
        if path:
            return self.pack.vocabulary.label(path.partition("~")[0])
        return self.pack.instrument_title(id)


def resolve(
    frame: pl.DataFrame, metas: tuple[ColumnMeta, ...], judgements: Judgements, sheet: str
) -> tuple[pl.DataFrame, list[Reject]]:
    """The frame with ids of judgements; rows that name none, or lack who, when or why, are rejected."""
    column = {meta.path.partition(".")[2]: meta.column for meta in metas}
    if "judgement" not in column:
        return frame.head(0), [
            _reject(sheet, row, "判断事项", "", "没有“判断事项”这一列") for row in frame.iter_rows(named=True)
        ]
    rejects, keep, ids = [], [], []
    for number, row in enumerate(frame.iter_rows(named=True)):
        missing = [label for name, label in _NEEDS.items() if name not in column or row[column[name]] is None]
        if missing:
            rejects.append(_reject(sheet, row, "、".join(missing), "", "缺少" + "、".join(missing)))
            continue
        text = row[column["judgement"]]
        found = judgements.find(text, row.get(MEASURE))
        if len(found) == 1:
            keep.append(number)
            ids.append(found[0])
            continue
        if found:
            reason, hint = "有几个判断事项叫这个名字", "请写明措施，或写编号：" + "、".join(found[:4])
        else:
            reason, hint = "没有这个判断事项", "可用的编号和名称见 huiqi check 结论里的“待认定”"
        rejects.append(_reject(sheet, row, "判断事项", text, reason, hint))
    kept = frame[keep].with_columns(pl.Series(column["judgement"], ids, dtype=pl.String))
    return kept, rejects


def _reject(
    sheet: str, row: dict[str, object], header: str, value: str, reason: str, hint: str = "意见要写明谁、何时、为什么"
) -> Reject:
    number = row[ROW]
    assert isinstance(number, int)
    return Reject(sheet, number, str(row[KEY]), header, value, reason, hint)


def _judgements(node: Node) -> Iterator[str]:
    match node:
        case Judgement(id=id) | Reference(id=id):
            yield id
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _judgements(part)
        case Not(part=part):
            yield from _judgements(part)
        case Every(where=where, that=that):
            yield from _judgements(that)
            if where is not None:
                yield from _judgements(where)
        case Test(operand=Count(where=where) | Sum(where=where)) if where is not None:
            yield from _judgements(where)
        case _:
            return
