"""What of each measure is still open for a profile, and which questions could close it.

A *case* is a measure seen from one subject that is not decided yet: the enterprise, a listed record, or a record
that may still be added. Its open leaves carry the keys of the questions that are left to ask about them: an
enterprise field by its path, a record list by its name. A leaf without keys waits for judgements, for other
policies, or for what the user does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.completions.cone import all_leaves
from engine.conditions import Annual, AnnualSum, Count, Every, Judgement, Node, Reference, Sum, Test
from engine.dependencies import fields_of
from engine.evaluation import Evaluated, Solved
from engine.pack import Measure
from engine.profile import Profile
from engine.program import Program, Tree

NEVER_ASKED = frozenset({"finding"})
"""Record kinds that only reviewers fill in."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a leaf reads, however deep: paths by record kind (None: the enterprise), the kinds whose lists it counts."""

    paths: tuple[str, ...]
    counted: tuple[str, ...]
    judged: bool


@dataclass(slots=True)
class Asking:
    """Which keys there are: static for one program.

    ``sources``: for a derived field the fields it is derived from, which are asked where it is not known itself.
    """

    program: Program
    sources: Mapping[str, tuple[str, ...]] = field(init=False)
    _reads: dict[int, Reads] = field(default_factory=dict)
    _below: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found: dict[str, dict[str, None]] = {}
        for stage in self.program.stages:
            into = found.setdefault(stage.derived.field, {})
            for when, _ in stage.derived.cases:
                for leaf in all_leaves(when):
                    into.update(dict.fromkeys(self.reads(leaf).paths))
        self.sources = {path: tuple(paths) for path, paths in found.items()}

    def reads(self, leaf: Node) -> Reads:
        """What a leaf of the program reads."""
        key = id(leaf)
        if key not in self._reads:
            kinds = dict.fromkeys(_counted(leaf))
            judged = any(isinstance(part, Judgement | Reference) for part in all_leaves(leaf))
            self._reads[key] = Reads(tuple(dict.fromkeys(fields_of(leaf))), tuple(kinds), judged)
        return self._reads[key]

    def below(self, path: str) -> frozenset[str]:
        """All fields that a field is derived from, however deep."""
        if path not in self._below:
            direct = self.sources.get(path, ())
            self._below[path] = frozenset(direct).union(*(self.below(source) for source in direct))
        return self._below[path]

    def kind_of(self, path: str) -> str | None:
        """The record kind that a field belongs to."""
        return self.program.pack.vocabulary.fields[path].record

    def list_of(self, kind: str) -> str:
        """The name of a kind's list in a profile."""
        return self.program.pack.vocabulary.records[kind].list

    def key_of(self, path: str) -> str | None:
        """The question that a field belongs to; None where nobody is asked."""
        kind = self.kind_of(path)
        if kind is not None:
            return self.list_of(kind) if kind not in NEVER_ASKED else None
        return path if self.is_asked(path) else None

    def is_asked(self, path: str) -> bool:
        """Whether people are asked for an enterprise field at all: it has a question."""
        return self.program.pack.vocabulary.fields[path].spec.question is not None


def _counted(leaf: Node) -> Iterator[str]:
    for part in all_leaves(leaf):
        match part:
            case Every(kind):
                yield kind
            case Test(operand):
                for piece in (operand, getattr(operand, "of", None), getattr(operand, "to", None)):
                    match piece:
                        case Count(kind):
                            yield kind
                        case Sum(path) | Annual(path) | AnnualSum(path):
                            yield path.partition(".")[0]


@dataclass(frozen=True, slots=True)
class OpenLeaf:
    """An undecided leaf: ``keys`` of questions about it, none where nobody can be asked; the record fields it lacks."""

    tree: Tree
    keys: frozenset[str]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A measure that is undecided for one subject; ``solved.known.record`` is None for one that may still be added."""

    solved: Solved
    tree: Tree
    leaves: tuple[OpenLeaf, ...]
    unlisted: bool


@dataclass(frozen=True, slots=True)
class OpenMeasure:
    """A measure whose verdict is undetermined. ``keys``: the questions that could still move it, by Kleene's logic.

    ``list_key``: the list whose further records are its subjects, where that list is still to be asked for.
    """

    measure: Measure
    cases: tuple[Case, ...]
    keys: frozenset[str]
    list_key: str | None


@dataclass(slots=True)
class Assumed:
    """A field, or fields of the records of a list, that ``measures`` take for granted."""

    kind: Literal["field", "list"]
    fields: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(slots=True)
class OpenConditions:
    """All that is open for one profile."""

    asking: Asking
    profile: Profile
    evaluated: Evaluated
    skipped: Collection[str] = frozenset()
    _leaves: dict[tuple[int, int], OpenLeaf] = field(default_factory=dict)

    def measures(self) -> list[OpenMeasure]:
        """The undetermined measures of the program, in its order."""
        found = (self.measure(measure) for measure in self.evaluated.program.pack.measures)
        return [open_ for open_ in found if open_ is not None]

    def assumed(self) -> dict[str, Assumed]:
        """By question what measures that are not ruled out have taken for granted, where it can still be asked."""
        found: dict[str, Assumed] = {}
        for measure in self.evaluated.program.pack.measures:
            for tree, solved in self._subjects(measure):
                if solved.truth(tree) is not False:
                    self._granted(measure.id, tree, solved, found)
        return found

    def _granted(self, measure: str, tree: Tree, solved: Solved, found: dict[str, Assumed]) -> None:
        for child in tree.children:
            self._granted(measure, child, solved, found)
        if tree.children:
            return
        reading = solved.reading(tree)
        for node in (*([tree.node] if reading.assumed else []), *reading.inside):
            for path in fields_of(node):
                keys: set[str] = set()
                self._path(path, solved, self.asking.reads(tree.node), keys, {})
                for key in keys:
                    item = found.setdefault(key, Assumed("field" if key == path else "list"))
                    item.fields = tuple(dict.fromkeys((*item.fields, path)))
                    item.measures = tuple(dict.fromkeys((*item.measures, measure)))

    def _subjects(self, measure: Measure) -> list[tuple[Tree, Solved]]:
        tree = self.evaluated.program.trees[measure.id]
        if measure.subject is None:
            return [(tree, self.evaluated.enterprise)] if self.evaluated.enterprise else []
        return [(tree, solved) for solved in self.evaluated.records.get(measure.subject, ())]

    def measure(self, measure: Measure) -> OpenMeasure | None:
        """One measure, if its verdict is undetermined."""
        tree = self.evaluated.program.trees[measure.id]
        kind = measure.subject
        solved = [(item, False) for _, item in self._subjects(measure)]
        if kind is not None and kind in self.evaluated.unlisted:
            solved.append((self.evaluated.unlisted[kind], True))
        truths = [item.truth(tree) for item, _ in solved]
        if True in truths or None not in truths:
            return None
        cases = tuple(
            Case(item, tree, tuple(self._open(tree, item)), unlisted)
            for (item, unlisted), truth in zip(solved, truths, strict=True)
            if truth is None
        )
        list_key = None
        if kind is not None and any(case.unlisted for case in cases):
            list_key = self._list_key(kind)
        keys = frozenset(key for case in cases for leaf in case.leaves for key in leaf.keys)
        return OpenMeasure(measure, cases, keys | ({list_key} if list_key else set()), list_key)

    def _open(self, tree: Tree, solved: Solved) -> Iterator[OpenLeaf]:
        if solved.truth(tree) is not None:
            return
        if tree.children:
            for child in tree.children:
                yield from self._open(child, solved)
            return
        key = (id(solved), tree.literal)
        if key not in self._leaves:
            self._leaves[key] = self._leaf(tree, solved)
        yield self._leaves[key]

    def _leaf(self, tree: Tree, solved: Solved) -> OpenLeaf:
        reads = self.asking.reads(tree.node)
        keys: set[str] = set()
        fields: dict[str, None] = {}
        for kind in reads.counted:
            if (name := self._list_key(kind)) is not None:
                keys.add(name)
        for path in reads.paths:
            self._path(path, solved, reads, keys, fields)
        named = set(solved.reading(tree).missing)
        return OpenLeaf(tree, frozenset(keys), tuple([path for path in fields if path in named] or fields))

    def _list_key(self, kind: str) -> str | None:
        """The list's name where the user has not said anything about it."""
        name = self.asking.list_of(kind)
        return name if kind not in self.profile.lists and self._may_ask(kind, name) else None

    def _may_ask(self, kind: str, name: str) -> bool:
        return name not in self.skipped and kind not in NEVER_ASKED

    def _path(self, path: str, solved: Solved, reads: Reads, keys: set[str], fields: dict[str, None]) -> None:
        kind = self.asking.kind_of(path)
        if kind is not None:
            if self._record_path(kind, path, solved, reads):
                keys.add(self.asking.list_of(kind))
                fields[path] = None
            return
        if path not in self.profile.values and path not in self.skipped and self.asking.is_asked(path):
            keys.add(path)
            return
        for source in self.asking.sources.get(path, ()):
            self._path(source, solved, reads, keys, fields)

    def _record_path(self, kind: str, path: str, solved: Solved, reads: Reads) -> bool:
        """Whether a record field is still to be asked for: in a list not given yet, or blank in a listed record."""
        if not self._may_ask(kind, self.asking.list_of(kind)):
            return False
        if kind not in self.profile.lists:
            return True
        if solved.scope.record != kind or kind in reads.counted:
            return self._is_lacking(kind, path)
        own = solved.known.record
        return own is not None and path not in own.values

    def _is_lacking(self, kind: str, path: str) -> bool:
        if kind == "annual":
            # A year that is not listed is open, whether the list is complete or not.
            return path != "annual.fiscal_year"
        return any(path not in record.values for record in self.profile.lists[kind].records)

