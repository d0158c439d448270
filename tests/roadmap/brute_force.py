"""Every profile there could be, on small rules: the road map's answers by trying them all with the reference executor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations_with_replacement, product
from typing import Any

from engine import Pack
from engine.assessment import decide
from engine.compiler import compile_pack
from engine.evaluation import Evaluated
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver

Unit = tuple[str, str, int | None]
"""``field``, ``record`` or ``add``; the field's path or the list's name; the record's number."""
MOST_ADDED = 3


@dataclass(frozen=True)
class Space:
    """What fields can be: enterprise fields and those of one record list, ``kind`` in ``list``.

    ``fixed`` names fields that never change; ``onward`` fields that change to a later value of their domain alone;
    ``new`` has the values that a field of an added record can have; ``tied`` the option of a field that stays or is not
    there as it was. ``dates`` change while they lie ahead, to one that is not past.
    """

    fields: Mapping[str, Sequence[Any]]
    kind: str
    list: str
    record: Mapping[str, Sequence[Any]]
    fixed: frozenset[str]
    onward: frozenset[str]
    new: Mapping[str, Sequence[Any]]
    tied: Mapping[str, str]
    dates: frozenset[str] = frozenset()
    judgements: Sequence[str] = ()


def minimal_sets(pack: Pack, given: dict[str, Any], space: Space, day: date, most: int) -> set[tuple[Unit, ...]] | None:
    """All smallest sets of changes after which some completion is eligible: the empty one where none is needed.

    None where there is no such set of at most ``most`` changes. The measure is the pack's only one.
    """
    search = _Search(compile_pack(pack), given, space, day)
    units = list(search.units())
    for size in range(most + 1):
        sets = {tuple(sorted(some, key=repr)) for some in combinations_with_replacement(units, size)}
        found = {some for some in sets if _single(some) and search.opens(some)}
        if found:
            return found
    return None


def _single(units: Sequence[Unit]) -> bool:
    """A fact changes once; records are added several times."""
    facts = [unit for unit in units if unit[0] != "add"]
    return len(facts) == len(set(facts)) and len(units) - len(facts) <= MOST_ADDED


@dataclass
class _Search:
    program: Program
    given: dict[str, Any]
    space: Space
    day: date

    def __post_init__(self) -> None:
        self.before = _conflicts(self._evaluated(self.given)[0])

    def units(self) -> Iterator[Unit]:
        """What can change."""
        for name in self.space.fields:
            if name in self.given and name not in self.space.fixed:
                yield "field", name, None
        items, complete = self._items()
        for n, item in enumerate(items):
            for name in self.space.record:
                path = f"{self.space.kind}.{name}"
                past = path in self.space.dates and item.get(name, "") <= self.day.isoformat()
                if name in item and path not in self.space.fixed and not past:
                    yield "record", path, n
        if complete:
            yield "add", self.space.list, None

    def opens(self, units: Sequence[Unit]) -> bool:
        """Whether some profile with these changes, and all else as it was or open, is eligible."""
        added = sum(unit[0] == "add" for unit in units)
        return any(self._eligible(profile) for profile in self._profiles(set(units), added))

    def _items(self) -> tuple[list[dict[str, Any]], bool]:
        raw = self.given.get(self.space.list)
        if isinstance(raw, dict):
            return raw["items"], False
        return (raw, True) if isinstance(raw, list) else ([], False)

    def _profiles(self, units: set[Unit], added: int) -> Iterator[dict[str, Any]]:
        items, complete = self._items()
        names = list(self.space.fields)
        enterprise = [self._values("field", name, None, self.given, units) for name in names]
        listed = [list(self._records(n, item, units)) for n, item in enumerate(items)]
        counts = [added] if complete else list(range(MOST_ADDED + 1))
        new = [dict(zip(self.space.record, values, strict=True)) for values in product(*self._fresh(complete))]
        for values in product(*enterprise):
            fields = dict(zip(names, values, strict=True))
            for records in product(*listed):
                for more in (some for count in counts for some in combinations_with_replacement(new, count)):
                    for truths in product((True, False), repeat=len(self.space.judgements)):
                        yield {
                            **fields,
                            self.space.list: [*records, *({"id": f"新{n}", **item} for n, item in enumerate(more))],
                            "findings": self._findings(truths),
                        }

    def _fresh(self, complete: bool) -> list[Sequence[Any]]:
        """The values of a record that comes to the list: one added now, or one that was there and not said."""
        return [self.space.new.get(name, domain) if complete else domain for name, domain in self.space.record.items()]

    def _records(self, n: int, item: dict[str, Any], units: set[Unit]) -> Iterator[dict[str, Any]]:
        names = list(self.space.record)
        domains = [self._values("record", f"{self.space.kind}.{name}", n, item, units) for name in names]
        for values in product(*domains):
            yield {"id": f"旧{n}", **dict(zip(names, values, strict=True))}

    def _values(self, sort: str, path: str, n: int | None, holder: dict[str, Any], units: set[Unit]) -> Sequence[Any]:
        name = path.rpartition(".")[2]
        domain = self.space.fields[name] if sort == "field" else self.space.record[name]
        if name not in holder:
            return domain
        stated = holder[name]
        if (sort, path, n) not in units:
            return [stated]
        if path in self.space.dates:
            return [value for value in domain if value >= self.day.isoformat() and value != stated]
        if path in self.space.onward:
            return [value for value in domain if domain.index(value) > domain.index(stated)]
        tied = self.space.tied.get(path)
        others = [value for value in domain if value != stated]
        return [value for value in others if tied is None or (tied in value) == (tied in stated)]

    def _findings(self, truths: Sequence[bool]) -> list[dict[str, Any]]:
        why = {"by": "张三", "on": self.day.isoformat(), "why": "已核实"}
        return [{"judgement": j, "finding": t, **why} for j, t in zip(self.space.judgements, truths, strict=True)]

    def _eligible(self, profile: dict[str, Any]) -> bool:
        evaluated, verdict = self._evaluated(profile)
        return verdict == "eligible" and _conflicts(evaluated) <= self.before

    def _evaluated(self, data: dict[str, Any]) -> tuple[Evaluated, str]:
        pack = self.program.pack
        evaluated, (assessed,) = decide(
            self.program, profile_of(data, pack.vocabulary, pack.tables), self.day, ReferenceSolver()
        )
        return evaluated, assessed.verdict


def _conflicts(evaluated: Evaluated) -> set[tuple[str | None, int, str]]:
    facts = evaluated.facts
    holders = [(None, 0, facts.enterprise)]
    holders += [(kind, n, known) for kind, listed in facts.records.items() for n, known in enumerate(listed)]  # type: ignore[misc]
    return {(kind, n, path) for kind, n, known in holders for path, found in known.derivations.items() if found.conflict}
