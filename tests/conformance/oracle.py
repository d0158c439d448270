"""A second opinion: what a measure comes to for a complete profile, read straight from the YAML.

Nothing of the engine's reading, compiling or evaluating is used, only how a threshold is written as a figure and
what a place is called. Everything is known in a complete profile, so the logic is nearly plain; what stays unknown
is a ratio over zero or less, and whether a place that is given too coarsely lies inside another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from engine.quantities import parse_count, parse_date, parse_money, parse_ratio
from engine.values import Tables

Record = dict[str, Any]
Truth = bool | None
Check = Callable[["World"], Truth]
RANKS = ("national", "provincial", "prefecture", "county")
PARSE: dict[str, Callable[[str], Any]] = {
    "money": parse_money,
    "count": parse_count,
    "ratio": parse_ratio,
    "date": parse_date,
}
COMPARE: dict[str, Callable[[Any, list[Any]], bool]] = {
    "at_least": lambda value, ends: value >= ends[0],
    "above": lambda value, ends: value > ends[0],
    "at_most": lambda value, ends: value <= ends[0],
    "below": lambda value, ends: value < ends[0],
    "between": lambda value, ends: ends[0] <= value <= ends[1],
    "equals": lambda value, ends: value == ends[0],
    "not_equals": lambda value, ends: value != ends[0],
}


def every(truths: Iterable[Truth]) -> Truth:
    known = list(truths)
    return False if False in known else None if None in known else True


def some(truths: Iterable[Truth]) -> Truth:
    known = list(truths)
    return True if True in known else None if None in known else False


@dataclass
class World:
    """A complete enterprise at a date; ``reach`` holds the record in question of each kind."""

    as_of: date
    values: Record
    records: dict[str, list[Record]]
    answers: dict[str, bool]
    reach: dict[str, Record] = field(default_factory=dict)

    def with_record(self, kind: str, record: Record) -> World:
        return World(self.as_of, self.values, self.records, self.answers, {**self.reach, kind: record})


class Oracle:
    """The rules of a directory as written."""

    def __init__(self, rules: Path, tables: Tables) -> None:
        self.tables = tables
        self.fields: dict[str, Record] = {}
        self.lists: dict[str, str] = {}
        for file in self._files(rules, "vocabulary/*.yaml"):
            self.fields.update(file.get("fields") or {})
            for kind, record in (file.get("records") or {}).items():
                self.lists[record["list"]] = kind
                self.fields.update({f"{kind}.{name}": spec for name, spec in record["fields"].items()})
                self.fields[f"{kind}.id"] = {"type": "text"}
        self.derived: list[Record] = []
        self.parameters: Record = {}
        for file in self._files(rules, "derived/*.yaml"):
            self.derived += file.get("derived") or []
            self.parameters.update(file.get("parameters") or {})
        self.documents = {
            file["document"]["id"]: file["document"] for file in self._files(rules, "packs/*/document.yaml")
        }
        self.measures: dict[str, tuple[str, Record]] = {}
        for path in sorted(rules.glob("packs/*/measures*.yaml")):
            for spec in yaml.load(path.read_text("utf-8"), Loader=yaml.CBaseLoader)["measures"]:
                self.measures[spec["id"]] = path.parent.name, spec

    def _files(self, rules: Path, pattern: str) -> list[Record]:
        return [yaml.load(path.read_text("utf-8"), Loader=yaml.CBaseLoader) for path in sorted(rules.glob(pattern))]

    # Values

    def world(self, profile: Record, as_of: date) -> World:
        """A complete profile as written, in plain values."""
        values = {name: self._given(name, raw) for name, raw in profile.items() if name in self.fields}
        records = {
            kind: [{name: self._given(f"{kind}.{name}", raw) for name, raw in item.items()} for item in profile[name]]
            for name, kind in self.lists.items()
            if name in profile and kind != "finding"
        }
        answers = {item["judgement"]: item["finding"] == "yes" for item in profile["findings"]}
        return World(as_of, values, records, answers)

    def _given(self, path: str, raw: Any) -> Any:
        match self.fields[path]["type"]:
            case "money":
                return Fraction(raw.removesuffix("元"))
            case "count":
                return int(raw)
            case "ratio":
                return Fraction(raw.removesuffix("%")) / 100
            case "date":
                return date.fromisoformat(raw)
            case "choices":
                return frozenset() if raw == "无" else frozenset(raw)
            case "text" | "credit_code":
                return raw
        return self.threshold(self.fields[path], raw, date.min)

    def threshold(self, spec: Record, raw: Any, as_of: date) -> Any:
        """One threshold as a plain value; None where a dated one has no value."""
        if isinstance(raw, dict):
            for item in self.parameters[raw["parameter"]]["values"]:
                start, end = (
                    None if item.get(k) in (None, "null") else date.fromisoformat(item[k]) for k in ("from", "to")
                )
                if (start is None or start <= as_of) and (end is None or as_of <= end):
                    return self.threshold(spec, item["value"], as_of)
            return None
        if spec["type"] in PARSE:
            return PARSE[spec["type"]](raw).low
        if spec["type"] == "division":
            (code,) = self.tables.divisions.find(raw)
            return code
        if spec["type"] == "industry":
            (code,) = self.tables.industries.find(raw)
            return code
        if spec["type"] == "yes_no":
            return {"true": "yes", "false": "no", "是": "yes", "否": "no"}.get(raw, raw)
        for key, option in (spec.get("options") or {}).items():
            names = {key, option} if isinstance(option, str) else {key, option["label"], *option.get("synonyms", [])}
            if raw in names:
                return key
        return raw

    # Derived facts

    def settle(self, world: World) -> None:
        """Put every fact that follows from others in its place, until nothing changes."""
        for _ in range(10):
            changed = False
            for rule in self.derived:
                kind = rule["field"].partition(".")[0] if "." in rule["field"] else None
                for holder in [world.values] if kind is None else world.records.get(kind, []):
                    inner = world if kind is None else world.with_record(kind, holder)
                    value = self._follows(rule, inner)
                    name = rule["field"].rpartition(".")[2]
                    if value is not None and holder.get(name) != value:
                        holder[name], changed = value, True
            if not changed:
                return
        raise AssertionError("derived facts do not come to rest")

    def _follows(self, rule: Record, world: World) -> Any:
        spec = self.fields[rule["field"]]
        for case in rule["cases"]:
            truth = every(Reader(self, "", "", {}).read(part)[0](world) for part in case["when"])
            if truth is None:
                return None
            if truth:
                return self.threshold(spec, case["value"], world.as_of)
        otherwise = rule.get("otherwise", "null")
        return None if otherwise == "null" else self.threshold(spec, otherwise, world.as_of)

    # Measures

    def verdict(self, measure: str, world: World) -> tuple[str, Fraction | None]:
        """The verdict, and the amount where there is exactly one."""
        document, spec = self.measures[measure]
        if not self._in_force(document, world.as_of):
            return "not_in_force", None
        reader = Reader(self, measure, document, spec.get("filters") or {})
        checks = [reader.read(part)[0] for part in spec["conditions"]]
        kinds, subject = spec["beneficiary"]["kinds"], spec.get("subject")
        if kinds != "any" and not (subject and set(kinds) <= {"person", "team"}):
            checks.insert(0, lambda it: bool(it.values["applicant_kinds"] & set(kinds)))
        worlds = [world.with_record(subject, record) for record in world.records[subject]] if subject else [world]
        truths = [every(check(it) for check in checks) for it in worlds]
        truth = some(truths)
        if truth is not True:
            return "ineligible" if truth is False else "undetermined", None
        eligible = [it for it, found in zip(worlds, truths, strict=True) if found]
        return "eligible", self._amount(spec["benefit"], reader, eligible)

    def _in_force(self, document: str, as_of: date) -> bool:
        validity = self.documents[document]["validity"]
        last = date.max if validity["to"] == "null" else date.fromisoformat(validity["to"])
        return date.fromisoformat(validity["from"]) <= as_of <= last

    def _amount(self, benefit: Record, reader: Reader, eligible: list[World]) -> Fraction | None:
        if benefit["kind"] == "award":
            return parse_yuan(benefit["amount"]) * len(eligible)
        if benefit["kind"] not in ("rate", "matching"):
            return None
        rate, base = Fraction(parse_ratio(benefit["rate"]).low), benefit["base"]  # type: ignore[arg-type]
        cap = benefit.get("cap")
        most = parse_yuan(cap["amount"]) if cap else None
        if "field" in base:
            kind, name = base["field"].split(".")
            each = [it.reach[kind][name] * rate for it in eligible]
            if cap and cap["scope"] == "unstated" and len(each) > 1:
                return None
            return sum((item if most is None else min(item, most) for item in each), start=Fraction(0))
        kind, name = base["sum"].split(".")
        where = reader.filter(base.get("where", []))
        years: dict[int, Fraction] = {}
        (world,) = eligible
        for record in world.records[kind]:
            if where(world.with_record(kind, record)):
                year = record[benefit["per_year"].partition(".")[2]].year
                years[year] = years.get(year, Fraction(0)) + record[name] * rate
        return sum((item if most is None else min(item, most) for item in years.values()), start=Fraction(0))


def parse_yuan(text: str) -> Fraction:
    low = parse_money(text).low
    assert not isinstance(low, date) and low is not None
    return Fraction(low)


@dataclass
class Reader:
    """Conditions as written, to functions; in the order in which they stand, which names the doubtful ones."""

    oracle: Oracle
    owner: str
    document: str
    filters: Record
    doubts: dict[str, int] = field(default_factory=dict)

    def filter(self, raw: Any) -> Check:
        """A list of conditions, or the name of one."""
        parts = [self.read(part)[0] for part in (self.filters[raw] if isinstance(raw, str) else raw)]
        return lambda it: every(part(it) for part in parts)

    def read(self, raw: Record) -> tuple[Check, str]:
        """A condition, and what it is about."""
        check, about = self._plain(raw)
        if raw.get("soft") == "true" or raw.get("open") == "true":
            count = self.doubts[about] = self.doubts.get(about, 0) + 1
            name = f"{self.owner}~{about}" + (f"~{count}" if count > 1 else "")
            return (lambda it: some([check(it), it.answers[name]])), about
        return check, about

    def _plain(self, raw: Record) -> tuple[Check, str]:
        if "all" in raw or "any" in raw:
            parts = [self.read(part) for part in raw.get("all") or raw["any"]]
            join = every if "all" in raw else some
            return (lambda it: join(part(it) for part, _ in parts)), parts[0][1]
        if "not" in raw:
            inner, about = self.read(raw["not"])
            return (lambda it: None if (truth := inner(it)) is None else not truth), about
        if "judgement" in raw or "reference" in raw:
            name = raw.get("judgement") or raw["reference"]
            return (lambda it: it.answers[name]), "condition"
        if "exists" in raw or "every" in raw:
            return self._records(raw)
        if "held" in raw:
            kind = raw["held"]
            return (lambda it: it.reach[kind]["issued"] <= it.as_of <= it.reach[kind]["expires"]), f"{kind}.issued"
        if "newly_recognised" in raw:
            return self._dated(f"{raw['newly_recognised']}.issued")
        if "within_validity" in raw:
            return self._dated(raw["within_validity"])
        return self._level(raw) if "level" in raw else self._atom(raw)

    def _records(self, raw: Record) -> tuple[Check, str]:
        kind = raw.get("exists") or raw["every"]
        where = self.filter(raw.get("where", []))
        that = self.filter(raw.get("that", []))
        least = int(raw.get("at_least", "1"))

        def check(it: World) -> Truth:
            inside = [it.with_record(kind, record) for record in it.records[kind]]
            chosen = [inner for inner in inside if where(inner)]
            return len(chosen) >= least and ("exists" in raw or every(that(inner) for inner in chosen))

        return check, kind

    def _dated(self, path: str) -> tuple[Check, str]:
        validity = self.oracle.documents[self.document]["validity"]
        first = date.fromisoformat(validity["from"])
        last = date.max if validity["to"] == "null" else date.fromisoformat(validity["to"])
        return (lambda it: first <= self._value(it, path) <= min(last, it.as_of)), path

    def _level(self, raw: Record) -> tuple[Check, str]:
        kind, rank = raw["level"], RANKS.index(raw["tier"])
        (area,) = self.oracle.tables.divisions.find(raw["of"])
        lowest = 0 if raw.get("or_above") == "true" else rank

        def check(it: World) -> bool:
            record = it.reach[kind]
            tier = RANKS.index(record["tier"]) if record["tier"] in RANKS else -1
            return lowest <= tier <= rank and (tier == 0 or record["issuer"] == area[: 2 * tier])

        return check, f"{kind}.tier"

    def _value(self, it: World, path: str) -> Any:
        kind, _, name = path.rpartition(".")
        return it.reach[kind][name] if kind else it.values[name]

    def _operand(self, raw: Record) -> tuple[Callable[[World], Any], Record, str]:
        fields = self.oracle.fields
        if "field" in raw:
            return (lambda it: self._value(it, raw["field"])), fields[raw["field"]], raw["field"]
        if "annual" in raw or "annual_sum" in raw:
            name = raw.get("annual") or raw["annual_sum"]
            return (lambda it: self._years(it, raw, name)), fields[f"annual.{name}"], f"annual.{name}"
        if "days_since" in raw:
            path = raw["days_since"]
            return (lambda it: (it.as_of - self._value(it, path)).days), {"type": "count"}, path
        if "total" in raw:
            return (lambda it: sum(it.values[name] for name in raw["total"])), fields[raw["total"][0]], "condition"
        if "ratio" in raw:
            of, to = self._operand(raw["ratio"]["of"])[0], self._operand(raw["ratio"]["to"])[0]
            return (lambda it: Fraction(of(it)) / to(it) if to(it) > 0 else None), {"type": "ratio"}, "condition"
        path = raw.get("sum") or raw["count"]
        kind, _, name = path.partition(".")
        where = self.filter(raw.get("where", []))

        def gathered(it: World) -> Any:
            chosen = [record for record in it.records[kind] if where(it.with_record(kind, record))]
            return sum(record[name] for record in chosen) if name else len(chosen)

        return gathered, fields[path] if name else {"type": "count"}, path

    def _years(self, it: World, raw: Record, name: str) -> Any:
        figures = {record["fiscal_year"]: record[name] for record in it.records["annual"]}
        last = it.as_of.year - 1
        if "annual" in raw:
            year = raw.get("year", "last")
            return figures[last if year == "last" else it.as_of.year + int(year)]
        first = last - int(raw["years"]) + 1
        if "since" in raw:
            first = max(first, it.values[raw["since"]].year)
        return sum(figures[year] for year in range(first, last + 1))

    def _atom(self, raw: Record) -> tuple[Check, str]:
        operand, spec, about = self._operand(raw)
        (operator,) = {"in", "within", "rank", "known", *COMPARE} & set(raw)
        written = raw[operator] if isinstance(raw[operator], list) else [raw[operator]]

        def check(it: World) -> Truth:
            value = operand(it)
            if operator == "known":
                return True
            if operator == "rank":
                return RANKS[len(value) // 2] in written
            ends = [self.oracle.threshold(spec, item, it.as_of) for item in written]
            if value is None or None in ends:
                return None
            if operator == "within":
                # A place or an industry that is given too coarsely may or may not lie inside.
                return some(True if value.startswith(end) else None if end.startswith(value) else False for end in ends)
            if spec["type"] == "choices":
                return bool(value & set(ends))
            return value in ends if operator == "in" else COMPARE[operator](value, ends)

        return check, about
