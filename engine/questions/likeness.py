"""When two profiles are alike to a measure: they differ in nothing that its conditions, and what they rest on, tell apart.

A proof about one then holds for the other. Exact figures are told apart by the thresholds they are compared with,
codes and options by the cells that conditions cut; figures that are added or divided, and ranges, by their value.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, field

from engine.completions.cone import Cone, all_leaves
from engine.conditions import Annual, Count, FieldRef, Node, Operand, Ratio, Sum, Test
from engine.dependencies import operand_fields
from engine.evaluation import Evaluated
from engine.facts import Known
from engine.operands import LeafReader
from engine.pack import Measure
from engine.profile import Profile
from engine.program import Program
from engine.questions.open_conditions import Asking
from engine.regions import Intervals, Several, Value, test
from engine.spans import Span


@dataclass(slots=True)
class Likeness:
    """For one measure. ``paths`` and ``kinds``: the fields that bear on it (through derived facts too), their records."""

    paths: frozenset[str]
    kinds: frozenset[str]
    _measure: Measure
    _cone: Cone
    _thresholds: dict[str, list[Intervals]] = field(default_factory=dict)
    _added: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, measure: Measure, program: Program, reader: LeafReader, asking: Asking, stated: Collection[str] = ()
    ) -> Likeness:
        """The likeness for a measure, at the reader's date, where the derived fields ``stated`` are given too."""
        cone = Cone.of([measure.condition], program, reader)
        for path in stated:
            cone.reads(path)
        owners = {asking.kind_of(path) for path in cone.fields} | {*cone.kinds, measure.subject}
        kinds = frozenset(kind for kind in owners if kind is not None)
        likeness = cls(frozenset(cone.fields), kinds, measure, cone)
        likeness._learn()
        return likeness

    def bound_by(self, profile: Profile, asking: Asking) -> frozenset[str]:
        """Derived fields that are stated, and so bind what they are derived from, which bears on the measure."""
        found: set[str] = set()
        stated = [path for path in asking.sources if is_stated(path, profile) and path not in self.paths]
        while more := {p for p in stated if p not in found and asking.below(p) & (self.paths | found)}:
            found |= more
        return frozenset(found)

    def _learn(self) -> None:
        for leaf in self._leaves():
            if not isinstance(leaf, Test) or leaf.comparisons[0].operator == "known":
                continue
            region = self._cone.region(leaf.comparisons)
            match leaf.operand:
                case FieldRef(path) | Annual(path):
                    if isinstance(region, Intervals):
                        self._thresholds.setdefault(path, []).append(region)
                case operand:
                    self._added.update(_figures(operand))

    def _leaves(self) -> Iterator[Node]:
        yield from all_leaves(self._measure.condition)
        for stages in self._cone.stages.values():
            for stage in stages:
                for when, _ in stage.derived.cases:
                    yield from all_leaves(when)

    def key(self, evaluated: Evaluated, profile: Profile) -> Hashable:
        """Equal for profiles that are alike."""
        facts = evaluated.facts
        named = bool(profile.findings)
        lists = tuple(
            (kind, kind in facts.partial, tuple(self._known(known, named) for known in facts.records[kind]))
            for kind in sorted(self.kinds & facts.records.keys())
        )
        return self._measure.id, self._known(facts.enterprise, False), lists, profile.findings

    def _known(self, known: Known, named: bool) -> Hashable:
        values: list[Hashable] = []
        for path in sorted(self.paths & known.values.keys()):
            found = known.derivations.get(path)
            if found is not None and found.conflict:
                values.append((path, found.stated, found.derived))
            else:
                values.append((path, found is None, found is None or found.stated is None, self._told(path, known.values[path])))
        return (known.record.id if named and known.record else None), tuple(values)

    def _told(self, path: str, value: Value) -> Hashable:
        """What conditions can tell of a value."""
        match value:
            case Span():
                exact = path in self._added or not value.is_point or path.endswith(".fiscal_year")
                return value if exact else tuple(test(region, value) for region in self._thresholds.get(path, ()))
            case Several(certain, possible):
                options = self._cone.named(path)
                return certain & options, possible & options
        typed = self._cone.program.pack.vocabulary.fields[path]
        if typed.type in ("text", "credit_code"):
            return value
        return tuple(self._cone.cells(path, value).within(value))


def _figures(operand: Operand) -> Iterator[str]:
    """Fields whose very value goes into an operand; filters are conditions of their own."""
    match operand:
        case Count():
            return
        case Sum(path):
            yield path
        case Ratio(of, to):
            yield from _figures(of)
            yield from _figures(to)
        case _:
            yield from operand_fields(operand)


def is_stated(path: str, profile: Profile) -> bool:
    """Whether the profile gives a field, itself or in any record."""
    kind, _, name = path.partition(".")
    if not name:
        return path in profile.values
    return kind in profile.lists and any(path in record.values for record in profile.lists[kind].records)
