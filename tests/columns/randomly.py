"""Random profiles for a pack: nulls, ties with thresholds, ranges, sets, conflicts, partial and missing lists, findings.

Values are drawn from what the pack's own conditions name, so that conditions come out true, false and unknown.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from engine.conditions import Every, Judgement, Node, Reference, Test
from engine.dependencies import leaves_of
from engine.pack import Pack
from engine.spans import Span
from engine.vocabulary import VocabularyField

PLACES = [
    "北京市",
    "海淀区",
    "大兴区",
    "通州区",
    "廊坊市",
    "固安县",
    "天津市",
    "河北省",
    "全国",
    "朝阳区",
    "三河市",
    "上海市",
]
INDUSTRIES = ["I65", "C", "6531", "C2710", "M73", "J", "F51", "K701", "L72", "A01"]


class Profiles:
    """Draws profiles; the same seed gives the same ones."""

    def __init__(self, pack: Pack, seed: int, as_of: date) -> None:
        self.pack, self.random, self.as_of = pack, random.Random(seed), as_of
        nodes = [measure.condition for measure in pack.measures]
        nodes += [when for derived in pack.derived for when, _ in derived.cases]
        self.named: dict[str, set[str]] = {}
        self.points: list[Any] = [0, 1, 3, 5, 10]
        self.judgements: list[str] = []
        self.fill, self.vague = 0.6, 0.5
        for node in nodes:
            self._collect(node)

    def _collect(self, node: Node) -> None:
        for leaf in leaves_of(node):
            match leaf:
                case Judgement(id) | Reference(id):
                    self.judgements.append(id)
                case Every(_, where, that):
                    for part in (where, that):
                        if part is not None:
                            self._collect(part)
                case Test(operand, comparisons):
                    where = getattr(operand, "where", None)
                    if where is not None:
                        self._collect(where)
                    for comparison in comparisons:
                        for threshold in comparison.thresholds:
                            if isinstance(threshold, frozenset):
                                self.named.setdefault(getattr(operand, "path", ""), set()).update(threshold)
                            elif isinstance(threshold, Span) and not isinstance(threshold.low, date):
                                self.points.append(threshold.low)

    def profile(self) -> dict[str, Any]:
        """One profile as plain data."""
        data: dict[str, Any] = {}
        # Some profiles are full and exact, so that verdicts are decided; the others leave much open.
        self.fill, self.vague = self.random.choice([(0.6, 0.5), (0.9, 0.1), (1.0, 0.0)])
        for typed in self.pack.vocabulary.enterprise:
            if typed.type != "credit_code" and self.random.random() < self.fill:
                data[typed.name] = self.value(typed)
        for kind in self.pack.vocabulary.records.values():
            if kind.name == "finding":
                continue
            draw = self.random.random()
            if draw * self.fill < 0.2 and self.vague:
                continue
            count = self.random.choice([0, 1, 1, 2, 3])
            items = self._once([self.record(list(kind.fields.values())) for _ in range(count)])
            if kind.name == "annual":
                recent = range(self.as_of.year - 3, self.as_of.year)
                years = (
                    list(recent)
                    if not self.vague
                    else self.random.sample(range(recent[0] - 1, recent[-1] + 2), k=count)
                )
                items = self._once([self.record(list(kind.fields.values())) for _ in years])
                items = [{**item, "fiscal_year": year} for item, year in zip(items, years, strict=True)]
            data[kind.list] = {"partial": True, "items": items} if draw < self.vague else items
        if self.random.random() < 0.5:
            data["findings"] = [self.finding() for _ in range(self.random.choice([1, 2, 6, 30]))]
        return data

    def record(self, fields: list[VocabularyField]) -> dict[str, Any]:
        """One record."""
        return {typed.name: self.value(typed) for typed in fields if self.random.random() < self.fill}

    def _once(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Records without a name that another one has already."""
        seen: set[Any] = set()
        for item in items:
            if item.get("id") in seen:
                del item["id"]
            seen.add(item.get("id"))
            seen.discard(None)
        return items

    def finding(self) -> dict[str, Any]:
        """A reviewer's finding, now and then about a record, in the future, or against another one."""
        found = {
            "judgement": self.random.choice(self.judgements or ["无"]),
            "finding": self.random.choice([True, True, False]),
            "by": "张三",
            "on": (self.as_of + timedelta(days=self.random.choice([-9, -9, -2, 0, 1]))).isoformat(),
            "why": "已核实",
        }
        if self.random.random() < 0.4:
            found["about"] = self.random.choice(["甲", "乙"])
        return found

    def value(self, typed: VocabularyField) -> Any:
        """A value that the field can hold, or null, as people write it."""
        draw, pick = self.random.random(), self.random
        if draw < 0.08 and self.vague:
            return pick.choice([None, "--", "暂无"])
        named = sorted(self.named.get(typed.path, ()))
        match typed.type:
            case "text" | "credit_code":
                return pick.choice(["甲", "乙", "丙"])
            case "yes_no":
                return pick.choice([True, False, "是", "否"])
            case "choice":
                options = named or list(typed.options)
                some = pick.sample(options, k=min(len(options), 1 if not self.vague else pick.choice([1, 1, 2])))
                return some if len(some) > 1 else pick.choice([some[0], *typed.options, *typed.spec.synonyms])
            case "choices":
                options = [*named, *typed.options]
                some = list(dict.fromkeys(pick.choices(options, k=pick.choice([0, 1, 1, 2]))))
                return {"partial": True, "items": some} if draw < self.vague / 4 and some else some
            case "division":
                place = pick.choice([*(code for code in named if code.isdigit()), *PLACES])
                return place if draw > self.vague / 4 else [place, pick.choice(PLACES)]
            case "industry":
                return pick.choice(INDUSTRIES) if draw > self.vague / 4 else pick.sample(INDUSTRIES, k=2)
            case "date":
                return self.day()
        return self.number(typed)

    def day(self) -> Any:
        """A day near the as-of date or a validity's ends, a month, a year or an open range."""
        ends = [file.document.validity.start for file in self.pack.documents.values()]
        ends += [file.document.validity.end for file in self.pack.documents.values() if file.document.validity.end]
        day = self.random.choice([self.as_of, *ends]) + timedelta(days=self.random.choice([-400, -1, 0, 0, 1, 30]))
        shapes = [
            day.isoformat(),
            day.isoformat(),
            f"{day.year}年",
            f"{day.year}年{day.month}月",
            f"不早于{day.isoformat()}",
        ]
        return (
            self.random.choice([*shapes, f"早于{day.isoformat()}"]) if self.random.random() < self.vague else shapes[0]
        )

    def number(self, typed: VocabularyField) -> Any:
        """An exact number at, just below or just above a threshold, zero, or a range."""
        if typed.type == "ratio":
            return self.random.choice(["5%", "0.05", "4.99%", "1/20", "三分之一", "3%-6%", "不超过5%", "超过5%"])
        base = self.random.choice(self.points)
        step = self.random.choice([-1, 0, 0, 1])
        low = max(int(base) + step, 0) * self.random.choice([1, 1, 20])
        if typed.spec.min is None and self.random.random() < 0.3:
            return f"-{low}"
        unit = typed.spec.unit or ""
        unit = unit if typed.type == "count" else "元"
        shapes = [f"{low}{unit}", low, f"{low}{unit}至{low * 2 + 5}{unit}", f"小于{low + 1}{unit}"]
        shapes += [f"不少于{low}{unit}", f"超过{low}{unit}"]
        if typed.type == "money":
            shapes += [f"{low}.01元", f"{low}.99元"]
        return self.random.choice(shapes if self.random.random() < self.vague else shapes[:2])

    def near(self, profile: dict[str, Any]) -> dict[str, Any]:
        """The profile with a few answers taken away or changed."""
        data = copy.deepcopy(profile)
        lists = {kind.list: kind for kind in self.pack.vocabulary.records.values()}
        self.fill, self.vague = 1.0, self.random.choice([0.0, 0.5])
        for name in list(data):
            draw = self.random.random()
            if draw < 0.06:
                del data[name]
            elif name in lists and isinstance(data[name], list) and name != "findings":
                if draw < 0.15:
                    data[name] = {"partial": True, "items": data[name]}
                for item in data[name] if isinstance(data[name], list) else ():
                    self._changed(item, lists[name].fields)
        self._changed(data, {typed.name: typed for typed in self.pack.vocabulary.enterprise})
        return data

    def _changed(self, item: dict[str, Any], fields: Mapping[str, VocabularyField]) -> None:
        for name in list(item):
            if name in fields and name != "fiscal_year" and self.random.random() < 0.05:
                item[name] = self.value(fields[name])

    def many(self, count: int) -> Iterator[dict[str, Any]]:
        """So many profiles."""
        return (self.profile() for _ in range(count))
