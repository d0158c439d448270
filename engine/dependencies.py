"""Which fields a condition reads: for the order of derivations, and for what a missing field may change."""

from __future__ import annotations

from collections.abc import Iterator

from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Any,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Leaf,
    Node,
    Not,
    Operand,
    Ratio,
    Reference,
    Sum,
    Test,
    Total,
)


def leaves_of(node: Node) -> Iterator[Leaf]:
    """The leaves of a tree, in order; a leaf that stands twice comes twice."""
    match node:
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves_of(part)
        case Not(part):
            yield from leaves_of(part)
        case _:
            yield node


def fields_of(node: Node) -> Iterator[str]:
    """Paths of all fields that a tree reads, inside filters too."""
    for leaf in leaves_of(node):
        match leaf:
            case Test(operand):
                yield from operand_fields(operand)
            case Every(_, where, that):
                yield from fields_of(that)
                if where is not None:
                    yield from fields_of(where)
            case Judgement() | Reference():
                pass


def reads_record(leaf: Leaf, kind: str) -> bool:
    """Whether a leaf depends on which record of ``kind`` is in reach; a filter over that kind binds its own."""
    match leaf:
        case Judgement() | Reference():
            # A finding may be about one record.
            return True
        case Every(own, where, that):
            return own != kind and any(_free(part, kind) for part in (where, that))
        case Test(operand):
            return _operand_reads(operand, kind)


def _free(node: Node | None, kind: str) -> bool:
    return node is not None and any(reads_record(leaf, kind) for leaf in leaves_of(node))


def _operand_reads(operand: Operand, kind: str) -> bool:
    match operand:
        case FieldRef(path) | DaysSince(path):
            return path.startswith(f"{kind}.")
        case Count(own, where):
            return own != kind and _free(where, kind)
        case Sum(path, where):
            return not path.startswith(f"{kind}.") and _free(where, kind)
        case Ratio(of, to):
            return _operand_reads(of, kind) or _operand_reads(to, kind)
        case _:
            return False


def operand_fields(operand: Operand) -> Iterator[str]:
    """Paths of all fields that an operand reads."""
    match operand:
        case FieldRef(path) | DaysSince(path):
            yield path
        case Annual(path):
            yield path
            yield "annual.fiscal_year"
        case AnnualSum(path, since=since):
            yield path
            yield "annual.fiscal_year"
            if since is not None:
                yield since
        case Total(paths):
            yield from paths
        case Count(_, where):
            if where is not None:
                yield from fields_of(where)
        case Sum(path, where):
            yield path
            if where is not None:
                yield from fields_of(where)
        case Ratio(of, to):
            yield from operand_fields(of)
            yield from operand_fields(to)
