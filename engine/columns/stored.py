"""A stored result read back: one enterprise's masks decoded into verdicts and reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from engine.columns import masks
from engine.columns.decode import Decoder
from engine.columns.frame import KEY
from engine.columns.frames import OPEN_LIST, READY
from engine.columns.masks import Layout, layout_of
from engine.columns.plan import Plan, plan_of
from engine.columns.publish import METADATA, companion
from engine.columns.run import FORMAT
from engine.conditions import Leaf, Test
from engine.determination import Reason, Result, Verdict
from engine.diagnostics import Finding, InputError
from engine.evaluation import Solved
from engine.pack import Measure, Pack
from engine.truth import Truth


@dataclass(frozen=True, slots=True)
class Told:
    """One measure for one enterprise. ``record`` names the record that explains it; ``reasons`` may be empty where
    there is no record: then ``sentence`` says so. ``result``: with the enterprise's answers at hand, what a check says.
    """

    measure: Measure
    verdict: Verdict
    ready: bool
    record: str | None
    sentence: str
    reasons: Sequence[Reason]
    result: Result | None = None

    def with_result(self, result: Result) -> Told:
        """With what each answer was, and what the measure brings, where a check comes to the same verdict."""
        if (result.measure, result.verdict) != (self.measure.id, self.verdict):
            return self
        known = {(reason.node, reason.label, reason.status): reason for reason in result.reasons}
        reasons = [known.get((reason.node, reason.label, reason.status), reason) for reason in self.reasons]
        return replace(self, reasons=reasons, result=result)


@dataclass(frozen=True, slots=True)
class Stored:
    """A result on disk: its description, its masks, those of its records."""

    path: Path
    description: Mapping[str, Any]
    masks: pl.LazyFrame
    records: pl.LazyFrame | None

    def plan(self, pack: Pack) -> Plan:
        """The plan that made it. Raises InputError where the rules are others now."""
        described = self.description
        known = {measure.id: measure for measure in pack.measures}
        if described["pack_version"] != pack.version or not set(described["measures"]) <= set(known):
            hint = (
                f"结果按规则版本 {described['pack_version']} 生成，现在的规则是 {pack.version}；请重新运行 huiqi batch"
            )
            raise InputError([Finding(str(self.path), 0, 0, "explain-other-rules", "规则已经变了，不能解读", hint)])
        chosen = replace(pack, measures=tuple(known[id] for id in described["measures"]))
        return plan_of(chosen, date.fromisoformat(described["as_of"]))

    def explain(self, key: str, pack: Pack) -> Iterator[Told]:
        """Every measure in force for one enterprise. Raises InputError where it is not in the result."""
        plan = self.plan(pack)
        row = self.masks.filter(pl.col(KEY).cast(pl.String) == key).collect()
        if row.is_empty():
            hint = "请核对企业编号；行可能因编号无效或重复而未采用"
            raise InputError([Finding(str(self.path), 0, 0, "explain-no-enterprise", f"结果里没有“{key}”", hint)])
        own = pl.DataFrame()
        if self.records is not None:
            own = self.records.filter(pl.col(KEY).cast(pl.String) == key).collect()
        decoding = _Decoding(plan, layout_of(plan), row.row(0, named=True), own.to_dicts())
        return (decoding.told(number, measure) for number, measure in enumerate(plan.measures))


def open_result(path: Path) -> Stored:
    """A result of ``huiqi batch``, by its output file. Raises InputError where it is none."""
    if not path.exists():
        raise InputError([Finding(str(path), 0, 0, "explain-no-file", "没有这个文件")])
    try:
        found = _from_csv(path) if path.suffix.lower() == ".csv" else _from_parquet(path)
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        found = None
    if found is None or found.description.get("format") != FORMAT:
        hint = "请给出 huiqi batch 的输出文件，它旁边的文件也要在"
        raise InputError([Finding(str(path), 0, 0, "explain-no-result", "这不是可以解读的结果", hint)])
    return found


def _from_parquet(path: Path) -> Stored:
    main = companion(path, "masks") if path.suffix.lower() == ".xlsx" else path
    described = json.loads(pl.read_parquet_metadata(main)[METADATA])
    beside = companion(path, "records")
    records = pl.scan_parquet(beside) if beside.exists() else None
    if records is not None and json.loads(pl.read_parquet_metadata(beside)[METADATA]) != described:
        raise ValueError("records of another run")
    return Stored(path, described, pl.scan_parquet(main), records)


def _from_csv(path: Path) -> Stored:
    described = json.loads(companion(path, "masks", ".json").read_text("utf-8"))
    texts = {KEY: pl.String, "id": pl.String}
    beside = companion(path, "records", ".csv")
    read = pl.scan_csv(companion(path, "masks", ".csv"), schema_overrides=_words(texts, described))
    records = pl.scan_csv(beside, schema_overrides=_words(texts, described)) if beside.exists() else None
    return Stored(path, described, read, records)


def _words(texts: Mapping[str, Any], described: Mapping[str, Any]) -> dict[str, Any]:
    bits = described["bits"]
    widest = max([len(bits["measures"]), len(bits["atoms"]), *(len(leaves) for leaves in bits["records"].values())])
    names = ("eligible", "undetermined", READY, "failed", "unknown", OPEN_LIST)
    return dict(texts) | {f"{name}_{n}": pl.UInt64 for name in names for n in range(masks.words_of(widest))}


@dataclass(frozen=True, slots=True)
class _Decoding:
    plan: Plan
    layout: Layout
    row: Mapping[str, Any]
    records: Sequence[Mapping[str, Any]]

    def told(self, number: int, measure: Measure) -> Told:
        eligible, open_, ready = (_bit(self.row, name, number) for name in ("eligible", "undetermined", READY))
        verdict: Verdict = "eligible" if eligible else "undetermined" if open_ else "ineligible"
        truth: Truth = True if eligible else None if open_ else False
        decoder = Decoder(self.plan)
        tree = self.plan.tree(measure)
        solved, record = self._solved(measure, decoder, truth)
        if solved is None:
            kind = measure.subject or ""
            label = self.plan.pack.vocabulary.records[kind].label
            sentence = decoder.unlisted(kind) if open_ else f"不满足：有{label}记录"
            return Told(measure, verdict, ready, None, sentence, ())
        if solved.truth(tree) is not truth:
            # The enterprise's own facts settle what no record was given for.
            return Told(measure, verdict, ready, None, decoder.unlisted(measure.subject or ""), ())
        return Told(measure, verdict, ready, record, decoder.sentence(measure, solved), decoder.reasons(measure, solved))

    def _solved(self, measure: Measure, decoder: Decoder, truth: Truth) -> tuple[Solved | None, str | None]:
        """The scope as solved for the enterprise or for the record that explains the verdict."""
        scope, kind, tree = self.plan.scope(measure), measure.subject, self.plan.tree(measure)
        if kind is None:
            return decoder.solved(scope, self._truths(scope.leaves, None, None)), None
        best: tuple[tuple[int, int], Solved, str] | None = None
        for record in self.records:
            if record["kind"] != kind:
                continue
            solved = decoder.solved(scope, self._truths(scope.leaves, kind, record))
            if solved.truth(tree) is not truth:
                continue
            score = decoder.closeness(measure, solved)
            if best is None or score < best[0]:
                best = score, solved, record["id"] or f"第{record['position'] + 1}条"
        if best is not None:
            return best[1], best[2]
        if truth is None or not _bit(self.row, OPEN_LIST, list(self.layout.records).index(kind)):
            return None, None
        blank = decoder.solved(scope, self._truths(scope.leaves, kind, None))
        return (blank, None) if blank.truth(tree) is False else (None, None)

    def _truths(self, leaves: Sequence[Leaf], kind: str | None, record: Mapping[str, Any] | None) -> list[Truth]:
        own = {leaf: number for number, leaf in enumerate(self.layout.atoms)}
        free = {leaf: number for number, leaf in enumerate(self.layout.records.get(kind or "", ()))}
        truths: list[Truth] = []
        for leaf in leaves:
            if record is not None and leaf in free:
                truths.append(_truth(record, free[leaf]))
            elif leaf in own:
                truths.append(_truth(self.row, own[leaf]))
            else:
                # Of a record that is not listed nothing is known; what is assumed is assumed of it too.
                truths.append(True if isinstance(leaf, Test) and leaf.assumed else None)
        return truths


def _truth(row: Mapping[str, Any], number: int) -> Truth:
    return None if _bit(row, "unknown", number) else not _bit(row, "failed", number)


def _bit(row: Mapping[str, Any], name: str, number: int) -> bool:
    return bool(row[f"{name}_{number // masks.WORD}"] >> (number % masks.WORD) & 1)
