"""What a profile may say that is as incomplete as it likes: its fields, lists and findings, as solver variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import z3

from engine.completions.answers import Classes, Ends, Finite, Mixed
from engine.completions.cells import is_coded
from engine.completions.cone import Cone, all_leaves
from engine.completions.rails import (
    NO,
    YES,
    Formula,
    Rails,
    conjunction,
    disjunction,
    negation,
)
from engine.completions.variables import FIRST_DAY, LARGEST, LAST_DAY, SCALES
from engine.conditions import (
    Count,
    Node,
    Test,
)
from engine.pack import Pack
from engine.regions import Intervals, OneOf, Region
from engine.vocabulary import VocabularyField

NAMES = "甲乙丙丁戊己庚辛壬癸"


class Beyond(Exception):
    """A construction that these formulas do not cover."""


@dataclass(frozen=True)
class Holder:
    """The enterprise (``kind`` None) or a record; ``blank``: one that is not listed, of which nothing is known."""

    kind: str | None
    name: str
    present: Formula = field(default=YES, compare=False)
    blank: bool = False


ENTERPRISE = Holder(None, "本单位")
Reach = dict[str, Holder]


@dataclass(slots=True)
class Given:
    """What a profile says, for versions of the rules with these packs. ``extra``: records of each kind at most.

    What examples should be like, where they can: ``settled`` (single values everywhere), ``plain`` (no ranges), ``usual``
    (figures and days as they occur), ``round`` (whole 万元).
    """

    packs: tuple[Pack, ...]
    cuts: Mapping[str, Iterable[Region]]
    extra: Mapping[str, int]
    day: date
    constraints: list[Formula] = field(default_factory=list)
    settled: list[Formula] = field(default_factory=list)
    plain: list[Formula] = field(default_factory=list)
    usual: list[Formula] = field(default_factory=list)
    round: list[Formula] = field(default_factory=list)
    states: dict[tuple[Holder, str], Finite | Mixed | Ends] = field(default_factory=dict)
    judged: dict[tuple[str, Holder], Rails] = field(default_factory=dict)
    years: dict[int, Holder] = field(default_factory=dict)
    lists: dict[str, tuple[Formula, Formula]] = field(default_factory=dict)
    records: dict[str, list[Holder]] = field(default_factory=dict)
    counted: set[str] = field(default_factory=set)
    """Kinds whose whole list some condition or benefit goes through."""
    _classes: dict[str, Classes] = field(default_factory=dict)

    # Records

    def listed(self, kind: str) -> tuple[Formula, Formula]:
        """Whether the list is given, and whether it is open: missing or partial."""
        if kind not in self.lists:
            given, partial = z3.Bool(f"{kind}:given"), z3.Bool(f"{kind}:partial")
            self.lists[kind] = given, z3.Or(z3.Not(given), partial)
            self.settled += [given, z3.Not(partial)]
        return self.lists[kind]

    def holders(self, kind: str) -> list[Holder]:
        """The records that may be listed, each present or not."""
        if kind not in self.records:
            given, _ = self.listed(kind)
            found: list[Holder] = []
            label = next(p.vocabulary.records[kind].label for p in self.packs if kind in p.vocabulary.records)
            for n in range(self.extra.get(kind, 2)):
                present = z3.Bool(f"{kind}+{n}")
                self.constraints.append(z3.Implies(present, found[-1].present if found else given))
                found.append(Holder(kind, f"{label}{NAMES[n % 10]}", present))
            self.records[kind] = found
        return self.records[kind]

    def subject(self, kind: str) -> Holder:
        """The record that a measure is evaluated for: the first of its list."""
        holder = self.holders(kind)[0]
        self.constraints.append(holder.present)
        return holder

    def year(self, year: int) -> Holder:
        """The figures of one fiscal year; a year that is not listed says nothing."""
        if "annual" in self.records:
            raise Beyond("年度数据同时按条数和年度使用")
        return self.years.setdefault(year, Holder("annual", f"annual@{year}"))

    # Fields

    def vocabulary(self, path: str) -> list[VocabularyField]:
        """The field in each version that has it."""
        return [pack.vocabulary.fields[path] for pack in self.packs if path in pack.vocabulary.fields]

    def classes(self, path: str) -> Classes:
        """The classes of a finite field under all cuts; options that one version lacks are apart."""
        if path not in self._classes:
            versions = self.vocabulary(path)
            options = dict.fromkeys(option for version in versions for option in version.options)
            cuts = dict.fromkeys(self.cuts.get(path, ()))
            for version in versions:
                if version.options and len(version.options) < len(options):
                    cuts[OneOf(frozenset(version.options))] = None
            self._classes[path] = Classes.of(versions, cuts, self.packs[0].tables)
        return self._classes[path]

    def state(self, path: str, holder: Holder) -> Finite | Mixed | Ends:
        """What is stated of a field."""
        key = holder, path
        if key not in self.states:
            versions = self.vocabulary(path)
            if len({version.type for version in versions}) > 1:
                raise Beyond(f"字段“{versions[0].label}”的类型变了")
            self.states[key] = self._make(path, versions, holder)
        return self.states[key]

    def _make(self, path: str, versions: list[VocabularyField], holder: Holder) -> Finite | Mixed | Ends:
        name, one = f"{holder.name}.{path}", versions[0]
        known: Formula = NO if holder.blank else z3.Bool(f"{name}?")
        if not holder.blank:
            self.settled.append(known)
        if one.type in SCALES:
            return self._ends(name, versions, known)
        if one.type == "choices":
            options = sorted({option for version in versions for option in version.options})
            named = {option for cut in self.cuts.get(path, ()) if isinstance(cut, OneOf) for option in cut.options}
            certain = {option: z3.Bool(f"{name}={option}") for option in options if option in named}
            possible = {option: z3.Bool(f"{name}~{option}") for option in certain}
            self.constraints += [z3.Implies(certain[option], possible[option]) for option in certain]
            exact = [z3.Implies(possible[option], certain[option]) for option in certain]
            # A profile names the options that there are, and may say that the list is not complete.
            self.constraints.append(disjunction([conjunction(exact), conjunction(possible.values())]))
            self.plain += exact
            return Mixed(known, certain, possible)
        classes = self.classes(path)
        picks = tuple(z3.Bool(f"{name}@{n}") for n in range(len(classes.members)))
        one_only = z3.PbEq([(pick, 1) for pick in picks], 1)
        # Texts have no alternatives.
        self.constraints.append(z3.Or(picks) if one.options or is_coded(one) else one_only)
        self.plain.append(one_only)
        if any(classes.sharp):
            self.settled += [negation(pick) for pick, sharp in zip(picks, classes.sharp, strict=True) if not sharp]
        return Finite(classes, known, picks)

    def _ends(self, name: str, versions: list[VocabularyField], known: Formula) -> Ends:
        least = max((version.least for version in versions if version.least is not None), default=None)
        bounded = versions[0].type != "date" and least is not None
        scale = SCALES[versions[0].type]
        has_low = YES if bounded else z3.Bool(f"{name}>")
        ends = Ends(known, has_low, z3.Int(f"{name}/low"), z3.Bool(f"{name}<"), z3.Int(f"{name}/high"), scale)
        if versions[0].type == "date":
            first, last = FIRST_DAY.toordinal(), LAST_DAY.toordinal()
        else:
            first, last = (-LARGEST if least is None else int(least)) * scale, LARGEST * scale
        self.constraints += [end >= first for end in (ends.low, ends.high)]
        self.constraints += [end <= last for end in (ends.low, ends.high)]
        self.constraints.append(z3.Implies(z3.And(ends.has_low, ends.has_high), ends.low <= ends.high))
        self.constraints.append(disjunction([negation(known), ends.has_low, ends.has_high]))
        self.plain += [ends.has_low, ends.has_high, ends.low == ends.high]
        most = {"money": 10**11, "count": 10**5, "ratio": 10**6}.get(versions[0].type)
        if most is not None:
            self.usual += [ends.low <= most, ends.high <= most]
        if versions[0].type == "money":
            for end, which in ((ends.low, "low"), (ends.high, "high")):
                tens = z3.Int(f"{name}/{which}/万")
                self.round += [end == tens * 10**6, tens >= 1]
        if versions[0].type == "date":
            now = self.day.toordinal()
            self.usual += [ends.low >= now - 3650, ends.high <= now + 1825]
        return ends


def most_counted(nodes: Iterable[Node], cone: Cone) -> dict[str, int]:
    """For each kind how many records the conditions can tell apart: one more than the highest count asked for."""
    found: dict[str, int] = {}
    conditions = [*nodes, *(w for ss in cone.stages.values() for s in ss for w, _ in s.derived.cases)]
    for leaf in (leaf for node in conditions for leaf in all_leaves(node)):
        if isinstance(leaf, Test) and isinstance(leaf.operand, Count):
            region = cone.region(leaf.comparisons)
            points = [p for s in region.spans for p in (s.low, s.high)] if isinstance(region, Intervals) else []
            high = max((int(Fraction(p)) for p in points if isinstance(p, int | Fraction)), default=1)
            found[leaf.operand.kind] = max(found.get(leaf.operand.kind, 2), high + 1)
    return found


def cuts_of(cone: Cone) -> dict[str, list[Region]]:
    """What a cone's conditions and derived values tell apart of each finite field."""
    found: dict[str, list[Region]] = {path: list(regions) for path, regions in cone.regions().items()}
    for path, stages in cone.stages.items():
        for stage in stages:
            values = [value for _, value in stage.derived.cases] + [stage.derived.otherwise]
            found.setdefault(path, []).extend(OneOf(value) for value in values if isinstance(value, frozenset))
    for path in cone.fields:
        typed = cone.program.pack.vocabulary.fields[path]
        if typed.spec.term is not None and typed.record is not None:
            by = cone.program.pack.vocabulary.fields[f"{typed.record}.{typed.spec.term.by}"]
            for years in dict.fromkeys(option.term_years for option in by.options.values()):
                same = frozenset(key for key, option in by.options.items() if option.term_years == years)
                found.setdefault(by.path, []).append(OneOf(same))
    return found
