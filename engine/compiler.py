"""Pack to program, in stages listed in a table: order the derivations, collect leaves, build circuits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from engine.circuit import CircuitBuilder, GateKind
from engine.conditions import All, Any, Judgement, Leaf, Node, Not, Reference
from engine.dependencies import fields_of, leaves_of, operand_fields, reads_record
from engine.diagnostics import Finding, InputError
from engine.pack import Derived, Pack
from engine.program import Program, Scope, Stage, Tree, TreeKind
from engine.wording import headline


@dataclass(slots=True)
class _Draft:
    pack: Pack
    derived: list[Derived] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    scopes: dict[str | None, Scope] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)
    readiness: Scope | None = None
    checks: dict[str, tuple[Tree, Tree]] = field(default_factory=dict)
    leaves: dict[Leaf, Leaf] = field(default_factory=dict)
    """Every leaf by itself, so that equal leaves of different circuits are one object."""

    def program(self) -> Program:
        if self.readiness is None:
            raise TypeError("every stage has run before the program is taken")
        return Program(self.pack, tuple(self.stages), self.scopes, self.trees, self.readiness, self.checks)


def compile_pack(pack: Pack) -> Program:
    """The program of a pack, cached by its content. Raises InputError where derived facts go in a circle."""
    return _compiled(_ByIdentity(pack))


@dataclass(frozen=True, slots=True)
class _ByIdentity:
    """A key for packs, which hold mappings and so have no hash; the pack stays alive while it is cached."""

    pack: Pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.pack is self.pack


@lru_cache(maxsize=32)
def _compiled(key: _ByIdentity) -> Program:
    draft = _Draft(key.pack)
    for _, stage in STAGES:
        stage(draft)
    return draft.program()


def ordered(derived: Iterable[Derived]) -> tuple[list[Derived], Finding | None]:
    """Derived facts so that each reads only those before it, and a finding where they go in a circle."""
    by_field: dict[str, list[Derived]] = {}
    for item in derived:
        by_field.setdefault(item.field, []).append(item)
    graph = {
        name: {path for item in items for when, _ in item.cases for path in fields_of(when) if path in by_field}
        for name, items in by_field.items()
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        place = by_field[error.args[1][0]][0].place
        message = f"推导事实互相依赖：{circle}"
        hint = "请去掉其中一个依赖"
        return [], Finding(place.file, place.line, place.column, "derived-cycle", message, hint)
    return [item for name in order for item in by_field[name]], None


def _order_derivations(draft: _Draft) -> None:
    draft.derived, finding = ordered(draft.pack.derived)
    if finding:
        raise InputError([finding])


def _drop_unread(draft: _Draft) -> None:
    pack = draft.pack
    nodes = [measure.condition for measure in pack.measures]
    nodes += [node for check in pack.checks for node in (check.unless, check.condition)]
    read = {path for node in nodes for path in fields_of(node)}
    for measure in pack.measures:
        if measure.base is not None:
            read.update(operand_fields(measure.base))
    kept: list[Derived] = []
    for item in reversed(draft.derived):
        if item.field in read:
            kept.insert(0, item)
            read.update(path for when, _ in item.cases for path in fields_of(when))
    draft.derived = kept


def _build_stages(draft: _Draft) -> None:
    for item in draft.derived:
        nodes = [when for when, _ in item.cases]
        scope, trees = _build(draft, f"derived:{item.field}", item.record, nodes)
        draft.stages.append(Stage(item, scope, tuple(trees)))


def _build_scopes(draft: _Draft) -> None:
    subjects = dict.fromkeys(measure.subject for measure in draft.pack.measures)
    for subject in subjects:
        measures = [measure for measure in draft.pack.measures if measure.subject == subject]
        conditions = [measure.condition for measure in measures]
        scope, trees = _build(draft, subject or "enterprise", subject, conditions)
        draft.scopes[subject] = scope
        draft.trees.update({measure.id: tree for measure, tree in zip(measures, trees, strict=True)})


def _build_readiness(draft: _Draft) -> None:
    checks = draft.pack.checks
    nodes = [node for check in checks for node in (check.unless, check.condition)]
    draft.readiness, trees = _build(draft, "readiness", None, nodes)
    pairs = zip(trees[::2], trees[1::2], strict=True)
    draft.checks = {check.spec.id: pair for check, pair in zip(checks, pairs, strict=True)}


STAGES: tuple[tuple[str, Callable[[_Draft], None]], ...] = (
    # What a derivation reads must be derived before it, so the order comes first.
    ("order derivations", _order_derivations),
    # What no measure or check reads, itself or through other facts, need not be derived.
    ("drop derivations that nothing reads", _drop_unread),
    # A circuit for each derivation: its values are needed before the next one's atoms can be tested.
    ("build a circuit for each derivation", _build_stages),
    # One circuit for all measures of a subject, so that shared atoms and groups are evaluated once.
    ("build a circuit for each subject", _build_scopes),
    # Readiness checks bear on no verdict, so they stay apart.
    ("build a circuit for the readiness checks", _build_readiness),
)


def _build(draft: _Draft, name: str, record: str | None, nodes: list[Node]) -> tuple[Scope, list[Tree]]:
    numbers: dict[Leaf, int] = {}
    for node in nodes:
        for leaf in leaves_of(node):
            numbers.setdefault(draft.leaves.setdefault(leaf, leaf), len(numbers) + 1)
    growing = _Growing(draft.pack, numbers, CircuitBuilder(name, len(numbers)))
    trees = [growing.tree(node) for node in nodes]
    shared = tuple(record is None or not reads_record(leaf, record) for leaf in numbers)
    return Scope(record, growing.builder.build(), tuple(numbers), shared), trees


def _leaf_kind(leaf: Leaf) -> TreeKind:
    match leaf:
        case Judgement():
            return "judgement"
        case Reference():
            return "reference"
        case _:
            return "condition"


@dataclass(slots=True)
class _Growing:
    """Trees over one circuit while it is built."""

    pack: Pack
    numbers: dict[Leaf, int]
    builder: CircuitBuilder

    def tree(self, node: Node) -> Tree:
        label = headline(node, self.pack)
        match node:
            case All(parts) | Any(parts):
                children = tuple(self.tree(part) for part in parts)
                kind: GateKind = "all" if isinstance(node, All) else "any"
                literal = self.builder.gate(kind, [child.literal for child in children])
                return Tree(literal, node, children, label, (), kind)
            case Not(part):
                child = self.tree(part)
                return Tree(-child.literal, node, (child,), label, (), "not")
            case _:
                fields = tuple(dict.fromkeys(fields_of(node)))
                return Tree(self.numbers[node], node, (), label, fields, _leaf_kind(node))
