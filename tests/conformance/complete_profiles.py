"""Random complete profiles of a real pack: every field that a rule may read is given, and so is every judgement.

Values come from what the rules compare with, at a threshold, just below and just above it, so that conditions hold
about as often as they fail. Half of the profiles complete a case that lies beside the rules.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from engine.assessment import in_force
from engine.conditions import Annual, Every, FieldRef, Judgement, Node, Reference, Test
from engine.dependencies import leaves_of
from engine.diagnostics import Findings
from engine.loader import BUILT_IN, case_files
from engine.pack import Pack
from engine.regions import RANKS
from engine.spans import Span
from engine.vocabulary import VocabularyField

PLACES = ("131022", "131023", "131003", "130602", "110112", "110115", "110108", "120103", "310115")
ISSUERS = ("全国", "13", "11", "12", "1310", "1306", "131022", "110115", "110112", "31")
MONEYS = (0, 1, 99_999_999, 100_000_000, 100_000_001, 12_345_678, 10_000_000_000)
COUNTS = (0, 1, 9, 10, 99, 100, 299, 300, 999)


@dataclass(slots=True)
class CompleteProfiles:
    """An endless source of plain profiles with their as-of dates; one seed gives one sequence."""

    pack: Pack
    seed: int
    rng: random.Random = field(init=False)
    pools: dict[str, list[Any]] = field(init=False)
    judgements: dict[str, set[str]] = field(init=False)
    """By document."""
    industries: list[str] = field(init=False)
    days: list[date] = field(init=False)
    cases: list[tuple[date, dict[str, Any]]] = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        leaves = [leaf for node in _nodes(self.pack) for leaf in _every_leaf(node)]
        self.judgements = {}
        for measure in self.pack.measures:
            asked = (leaf.id for leaf in _every_leaf(measure.condition) if isinstance(leaf, Judgement | Reference))
            self.judgements.setdefault(measure.document, set()).update(asked)
        self.pools = {}
        for leaf in leaves:
            if isinstance(leaf, Test):
                self._pool(leaf)
        with (BUILT_IN / "tables" / "industries-2017.csv").open(encoding="utf-8") as stream:
            codes = [row[0] for row in csv.reader(stream) if row and row[0][1:].isdigit()]
        self.industries = [code for code in codes if len(code) == max(map(len, codes))]
        self.days = list(_days(self.pack))
        files = case_files(BUILT_IN, Findings())
        self.cases = [(case.as_of, case.profile) for _, file in files for case in file.cases]

    def __iter__(self) -> Iterator[tuple[date, dict[str, Any]]]:
        while True:
            if self.rng.random() < 0.5:
                as_of, start = self.rng.choice(self.cases)
                yield as_of, self._completed(as_of, deepcopy(start))
            else:
                as_of = self.rng.choice(self.days)
                yield as_of, self._completed(as_of, {})

    def _pool(self, leaf: Test) -> None:
        """The values that a condition compares a field with, and for numbers and days those beside them."""
        if isinstance(leaf.operand, FieldRef | Annual):
            path = leaf.operand.path
            pool, dated = self.pools.setdefault(path, []), self.pack.vocabulary.fields[path].type == "date"
            for comparison in leaf.comparisons:
                for threshold in comparison.thresholds:
                    if isinstance(threshold, frozenset):
                        pool += sorted(threshold - set(RANKS))
                    elif isinstance(threshold, Span) and isinstance(threshold.low, date) == dated:
                        pool += _beside(threshold.low)

    # Profiles

    def _completed(self, as_of: date, data: dict[str, Any]) -> dict[str, Any]:
        for typed in self.pack.vocabulary.enterprise:
            # No rule reads the credit code, and a random one is not valid.
            if typed.type != "credit_code" and data.get(typed.name) is None:
                data[typed.name] = self._value(typed, as_of)
        for kind in self.pack.vocabulary.records.values():
            if kind.name not in ("annual", "finding"):
                data[kind.list] = self._records(kind.name, data.get(kind.list), as_of)
        data["annuals"] = self._annuals(data.get("annuals"), as_of)
        ids = [record["id"] for kind in self._kinds for record in data[kind] if "id" in record]
        data["findings"] = [*(data.get("findings") or []), *self._findings(ids, as_of)]
        return data

    @property
    def _kinds(self) -> list[str]:
        return [k.list for k in self.pack.vocabulary.records.values() if k.name not in ("annual", "finding")]

    def _records(self, kind: str, given: Any, as_of: date) -> list[dict[str, Any]]:
        if isinstance(given, dict):
            given = given["items"]  # a list that says it is partial is complete here
        records = given if isinstance(given, list) else [{} for _ in range(self.rng.choice((0, 1, 1, 2, 3)))]
        for number, record in enumerate(records):
            for name, typed in self.pack.vocabulary.records[kind].fields.items():
                if name == "id":
                    record.setdefault("id", f"{kind}{number + 1}")
                elif record.get(name) is None:
                    record[name] = self._value(typed, as_of)
        return records

    def _annuals(self, given: Any, as_of: date) -> list[dict[str, Any]]:
        items = given["items"] if isinstance(given, dict) else given or []
        by_year = {int(item["fiscal_year"]): item for item in items}
        for year in range(as_of.year - 3, as_of.year + 1):
            record = by_year.setdefault(year, {"fiscal_year": year})
            for name, typed in self.pack.vocabulary.records["annual"].fields.items():
                if name not in ("id", "fiscal_year") and record.get(name) is None:
                    record[name] = self._value(typed, as_of)
        return list(by_year.values())

    def _findings(self, ids: list[str], as_of: date) -> Iterator[dict[str, Any]]:
        """One on every judgement of a document in force, some about single records, some that contradict."""
        documents = [id for id, file in self.pack.documents.items() if in_force(file.document, as_of)]
        asked = sorted(set().union(*(self.judgements[id] for id in documents)))
        for judgement in asked:
            yield self._finding(judgement, None, as_of)
        for judgement in self.rng.sample(asked, min(12, len(asked))):
            about = self.rng.choice([None, *ids])
            for _ in range(self.rng.choice((1, 1, 2))):
                yield self._finding(judgement, about, as_of)

    def _finding(self, judgement: str, about: str | None, as_of: date) -> dict[str, Any]:
        on = as_of - timedelta(days=self.rng.choice((0, 0, 0, 30)))
        named = {"about": about} if about is not None else {}
        answer = self.rng.random() < 0.8
        return {"judgement": judgement, "finding": answer, "by": "甲", "on": on.isoformat(), "why": "核实", **named}

    def _value(self, typed: VocabularyField, as_of: date) -> Any:
        rng, pool = self.rng, self.pools.get(typed.path, [])
        used = rng.choice(pool) if pool and rng.random() < 0.7 else None
        match typed.type:
            case "yes_no":
                return rng.random() < 0.6
            case "choice":
                return used or rng.choice(list(typed.options))
            case "choices":
                chosen = {used} if used else set()
                return sorted(chosen | set(rng.sample(list(typed.options), rng.randint(0, 2))))
            case "division":
                return used or rng.choice(ISSUERS if typed.name == "issuer" else PLACES)
            case "industry":
                fitting = [code for code in self.industries if used and code.startswith(used)]
                return rng.choice(fitting or self.industries)
            case "date":
                return (used or as_of - timedelta(days=rng.choice((-1, 0, 1, 40, 300, 900, 2000)))).isoformat()
            case "ratio":
                return f"{rng.choice((0, 3, 5, 60, 100))}%"
            case "money" | "count":
                least = int(typed.least or 0)
                return max(least, used if used is not None else rng.choice(MONEYS if typed.type == "money" else COUNTS))
        return f"文本{rng.randint(1, 9)}"


def _beside(point: Any) -> list[Any]:
    if isinstance(point, date):
        return [point - timedelta(days=1), point, point + timedelta(days=1)]
    return [int(point) - 1, int(point), int(point) + 1]


def _days(pack: Pack) -> Iterator[date]:
    """The ends of every validity, the days beside them, and days between."""
    for file in pack.documents.values():
        validity = file.document.validity
        end = validity.end or validity.start + timedelta(days=900)
        yield from (validity.start - timedelta(days=1), validity.start, end, end + timedelta(days=1))
        length = (end - validity.start).days
        yield from (validity.start + timedelta(days=length * part // 8) for part in range(1, 8))


def _nodes(pack: Pack) -> Iterator[Node]:
    for measure in pack.measures:
        yield measure.condition
    for derived in pack.derived:
        yield from (when for when, _ in derived.cases)


def _every_leaf(node: Node) -> Iterator[Node]:
    """All leaves, those inside filters too."""
    for leaf in leaves_of(node):
        yield leaf
        inner = [leaf.where, leaf.that] if isinstance(leaf, Every) else []
        if isinstance(leaf, Test):
            inner = [getattr(leaf.operand, "where", None)]
        for part in inner:
            if part is not None:
                yield from _every_leaf(part)
