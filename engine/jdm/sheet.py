"""The nodes of a graph while they are written, and what they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.conditions import All, Any, Count, Every, Node, Not, Ratio, Sum, Test
from engine.jdm.zen import Refused
from engine.pack import Pack


@dataclass(slots=True)
class Sheet:
    """One expression node while it is written: for the enterprise, or in a loop over the records of one kind.

    ``name`` is also how later nodes reach its values (``$nodes.name.key``). ``before`` is the node before it,
    ``listed`` the list that it goes through.
    """

    name: str
    kind: str | None
    before: str
    listed: str | None = None
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, key: str, expression: str) -> str:
        """Write one key; gives the reference to it within the node."""
        self.rows.append((key, expression))
        return f"$.{key}"


@dataclass(slots=True)
class Place:
    """What all sheets of a graph share: where derived values and truths of filters lie, a counter."""

    pack: Pack
    derived: dict[str, str] = field(default_factory=dict)
    """Path of a derived field -> the node that holds it (enterprise), or its key in the record."""
    clashes: dict[str, str] = field(default_factory=dict)
    """Path of a derived field -> where it lies that the stated and the derived value contradict each other."""
    filters: dict[tuple[str, Node], str] = field(default_factory=dict)
    """Record kind and filter -> key of its truth in each record."""
    count: int = 0

    def key(self, prefix: str = "t") -> str:
        """A key that no other node uses."""
        self.count += 1
        return f"{prefix}{self.count}"


def filters_in(node: Node) -> Mapping[tuple[str, Node], None]:
    """The filters that the leaves of a tree apply to record lists, in order."""
    found: dict[tuple[str, Node], None] = {}
    match node:
        case All(parts) | Any(parts):
            for part in parts:
                found.update(filters_in(part))
        case Not(part):
            found.update(filters_in(part))
        case Every(kind, where, that):
            found[(kind, that)] = None
            if where is not None:
                found[(kind, where)] = None
        case Test(Count(kind, where)) if where is not None:
            found[(kind, where)] = None
        case Test(Sum(path, where)) if where is not None:
            found[(path.partition(".")[0], where)] = None
        case Test(Ratio(of, to)):
            if isinstance(of, Count | Sum | Ratio) or isinstance(to, Count | Sum | Ratio):
                raise Refused("比值里又有合计或记录数")
    return found
