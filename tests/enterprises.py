"""Random conditions and random enterprises for them, with what is known in any degree.

``holds`` says what a condition means for a complete enterprise, by plain two-valued logic and apart from the
engine; ``blurred`` forgets a little of what is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.helpers import review

Raw = dict[str, Any]
SIZES = ("large", "medium", "small", "micro")
TAGS = ("ai", "space", "chips")
HOMES = ("131022", "131023", "130602", "110115", "120112")
AREAS = {"固安县": "131022", "廊坊市": "1310", "河北省": "13", "北京市": "11"}
FIRST = date(2020, 1, 1)
DERIVED = """
derived:
  - field: size
    title: 按人数划型
    source: {title: 划型规定}
    cases:
      - {when: [{field: staff, at_least: 6}], value: large}
      - {when: [{field: staff, at_least: 4}, {field: listed, equals: true}], value: medium}
      - {when: [{field: staff, at_least: 2}], value: small}
    otherwise: micro
"""


# --- what is known of an enterprise -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contract:
    """A record: each figure as (least, most), a choice as the set of what it may be; None is not known."""

    amount: tuple[int, int] | None
    kind: frozenset[str] | None
    day: tuple[int, int] | None

    def written(self) -> Raw:
        """As a profile writes it."""
        return {
            "amount": None if self.amount is None else f"{self.amount[0]}至{self.amount[1]}元",
            "kind": None if self.kind is None else sorted(self.kind),
            "date": None if self.day is None else span_of_days(*self.day),
        }


@dataclass(frozen=True)
class Enterprise:
    """What is known; the same shapes. ``more``: contracts may exist that are not listed."""

    staff: tuple[int, int] | None
    revenue: tuple[int, int] | None
    listed: frozenset[str] | None
    tags: tuple[frozenset[str], frozenset[str]] | None
    home: frozenset[str] | None
    contracts: tuple[Contract, ...] | None
    more: bool = False
    findings: dict[str, bool] = field(default_factory=dict)

    def written(self) -> Raw:
        """As a profile."""
        result: Raw = {
            "staff": None if self.staff is None else f"{self.staff[0]}-{self.staff[1]}人",
            "listed": None if self.listed is None else sorted(self.listed),
            "home": None if self.home is None else sorted(self.home),
            "findings": [review(name, answer) for name, answer in self.findings.items()],
        }
        if self.revenue is not None:
            result["annuals"] = [{"fiscal_year": 2020, "revenue": f"{self.revenue[0]}至{self.revenue[1]}元"}]
        if self.tags is not None:
            certain, possible = self.tags
            complete = certain == possible
            result["tags"] = sorted(certain) if complete else {"partial": True, "items": sorted(certain)}
        if self.contracts is not None:
            items = [contract.written() for contract in self.contracts]
            result["contracts"] = {"partial": True, "items": items} if self.more else items
        return result


def span_of_days(first: int, last: int) -> str:
    one, other = (FIRST + timedelta(days=30 * n) for n in (first, last))
    return str(one) if first == last else f"{one}至{other}"


def complete_contracts() -> st.SearchStrategy[Contract]:
    points = st.integers(0, 5).map(lambda n: (n, n))
    kinds = st.sampled_from(("transfer", "service")).map(lambda kind: frozenset({kind}))
    return st.builds(Contract, points, kinds, points)


def complete_enterprises() -> st.SearchStrategy[Enterprise]:
    points = st.integers(0, 8).map(lambda n: (n, n))
    several = st.frozensets(st.sampled_from(TAGS)).map(lambda tags: (tags, tags))
    return st.builds(
        Enterprise,
        points,
        points,
        st.sampled_from(("yes", "no")).map(lambda answer: frozenset({answer})),
        several,
        st.sampled_from(HOMES).map(lambda code: frozenset({code})),
        st.lists(complete_contracts(), max_size=3).map(tuple),
    )


@st.composite
def blurred(draw: st.DrawFn, known: Enterprise) -> Enterprise:
    """Less is known: ranges and sets grow, fields and records and findings are forgotten."""
    contracts = known.contracts
    more = known.more
    if contracts is not None:
        kept = [draw(blurred_contract(item)) for item in contracts if draw(st.integers(0, 5))]
        more = more or len(kept) < len(contracts) or draw(st.integers(0, 4)) == 0
        contracts = tuple(kept) if draw(st.integers(0, 8)) else None
    tags = known.tags
    if tags is not None and draw(st.booleans()):
        # A partial answer may hold anything else: that is what the profile can say.
        tags = (
            (frozenset(tag for tag in tags[0] if draw(st.booleans())), frozenset(TAGS)) if draw(st.booleans()) else None
        )
    findings = {name: answer for name, answer in known.findings.items() if draw(st.integers(0, 3))}
    return Enterprise(
        draw(wider(known.staff)),
        draw(wider(known.revenue)),
        draw(larger(known.listed, ("yes", "no"))),
        tags,
        draw(larger(known.home, HOMES)),
        contracts,
        more,
        findings,
    )


@st.composite
def blurred_contract(draw: st.DrawFn, known: Contract) -> Contract:
    kind = draw(larger(known.kind, ("transfer", "service")))
    return Contract(draw(wider(known.amount)), kind, draw(wider(known.day)))


@st.composite
def wider(draw: st.DrawFn, ends: tuple[int, int] | None) -> tuple[int, int] | None:
    if ends is None or draw(st.integers(0, 5)) == 0:
        return None
    if draw(st.booleans()):
        return ends
    return max(0, ends[0] - draw(st.integers(0, 3))), ends[1] + draw(st.integers(0, 3))


@st.composite
def larger(draw: st.DrawFn, options: frozenset[str] | None, all_: tuple[str, ...]) -> frozenset[str] | None:
    if options is None or draw(st.integers(0, 5)) == 0:
        return None
    return options | draw(st.frozensets(st.sampled_from(all_), max_size=2)) if draw(st.booleans()) else options


# --- conditions, and what they mean on a complete enterprise ------------------------------------------------------

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda value, bound: value >= bound,
    "above": lambda value, bound: value > bound,
    "at_most": lambda value, bound: value <= bound,
    "below": lambda value, bound: value < bound,
    "equals": lambda value, bound: value == bound,
    "not_equals": lambda value, bound: value != bound,
    "between": lambda value, bound: bound[0] <= value <= bound[1],
}


@st.composite
def comparisons(draw: st.DrawFn, most: int = 8) -> Raw:
    operator = draw(st.sampled_from(sorted(COMPARE)))
    if operator == "between":
        return {operator: sorted((draw(st.integers(0, most)), draw(st.integers(0, most))))}
    return {operator: draw(st.integers(0, most))}


@st.composite
def dates_compared(draw: st.DrawFn) -> Raw:
    operator = draw(st.sampled_from(("at_least", "above", "at_most", "below")))
    return {operator: str(FIRST + timedelta(days=30 * draw(st.integers(0, 8))))}


def options(name: str, all_: tuple[str, ...]) -> st.SearchStrategy[Raw]:
    chosen = st.lists(st.sampled_from(all_), min_size=1, max_size=3, unique=True)
    return st.one_of(
        chosen.map(lambda items: {"field": name, "in": items}),
        st.sampled_from(all_).map(lambda item: {"field": name, "equals": item}),
    )


CONTRACT_ATOMS: st.SearchStrategy[Raw] = st.one_of(
    comparisons(5).map(lambda compared: {"field": "contract.amount", **compared}),
    options("contract.kind", ("transfer", "service")),
    dates_compared().map(lambda compared: {"field": "contract.date", **compared}),
)
FILTERS: st.SearchStrategy[list[Raw]] = st.lists(
    st.recursive(
        CONTRACT_ATOMS,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=3,
    ),
    min_size=1,
    max_size=2,
)


@st.composite
def aggregates(draw: st.DrawFn) -> Raw:
    where = {"where": draw(FILTERS)} if draw(st.booleans()) else {}
    kind = draw(st.sampled_from(("exists", "count", "sum", "every")))
    if kind == "exists":
        return {"exists": "contract", **where}
    if kind == "count":
        return {"count": "contract", **where, **draw(comparisons(3))}
    if kind == "sum":
        return {"sum": "contract.amount", **where, **draw(comparisons(9))}
    return {"every": "contract", **where, "that": draw(FILTERS), "at_least": draw(st.integers(1, 2))}


ATOMS: st.SearchStrategy[Raw] = st.one_of(
    comparisons().map(lambda compared: {"field": "staff", **compared}),
    comparisons().map(lambda compared: {"annual": "revenue", **compared}),
    st.booleans().map(lambda answer: {"field": "listed", "equals": answer}),
    options("size", SIZES),
    st.sampled_from(SIZES).map(lambda item: {"field": "size", "not_equals": item}),
    st.lists(st.sampled_from(TAGS), min_size=1, max_size=2).map(lambda items: {"field": "tags", "in": items}),
    st.sampled_from(sorted(AREAS)).map(lambda name: {"field": "home", "within": name}),
    aggregates(),
    st.just({"judgement": "major"}),
    st.just({"reference": "talent-policy"}),
)


def groups(inner: st.SearchStrategy[Raw]) -> st.SearchStrategy[Raw]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda parts: {"all": parts}),
        several.map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    )


TREES: st.SearchStrategy[Raw] = st.recursive(ATOMS, groups, max_leaves=6)


def holds(raw: Raw, it: Enterprise) -> bool:
    """Two-valued truth of a condition for a complete enterprise."""
    if "all" in raw:
        return all(holds(part, it) for part in raw["all"])
    if "any" in raw:
        return any(holds(part, it) for part in raw["any"])
    if "not" in raw:
        return not holds(raw["not"], it)
    for key in ("judgement", "reference"):
        if key in raw:
            return it.findings[raw[key]]
    if "annual" in raw:
        assert it.revenue is not None
        return compared(raw, it.revenue[0])
    if "field" in raw:
        return field_holds(raw, it)
    assert it.contracts is not None
    chosen = [item for item in it.contracts if all(contract_holds(part, item) for part in raw.get("where", []))]
    if "exists" in raw:
        return bool(chosen)
    if "count" in raw:
        return compared(raw, len(chosen))
    if "sum" in raw:
        return compared(raw, sum(item.amount[0] for item in chosen if item.amount is not None))
    that = all(contract_holds(part, item) for item in chosen for part in raw["that"])
    return len(chosen) >= raw["at_least"] and that


def compared(raw: Raw, value: Any) -> bool:
    (operator,) = set(raw) & set(COMPARE)
    return COMPARE[operator](value, raw[operator])


def field_holds(raw: Raw, it: Enterprise) -> bool:
    assert it.staff is not None and it.listed is not None and it.tags is not None and it.home is not None
    match raw["field"]:
        case "staff":
            return compared(raw, it.staff[0])
        case "listed":
            return (it.listed == {"yes"}) is raw["equals"]
        case "size":
            staff = it.staff[0]
            medium = staff >= 4 and it.listed == {"yes"}
            size = "large" if staff >= 6 else "medium" if medium else "small" if staff >= 2 else "micro"
            return size in raw["in"] if "in" in raw else compared(raw, size)
        case "tags":
            return bool(it.tags[0] & set(raw["in"]))
        case "home":
            return next(iter(it.home)).startswith(AREAS[raw["within"]])
    raise AssertionError(raw)


def contract_holds(raw: Raw, it: Contract) -> bool:
    if "any" in raw:
        return any(contract_holds(part, it) for part in raw["any"])
    if "not" in raw:
        return not contract_holds(raw["not"], it)
    assert it.amount is not None and it.kind is not None and it.day is not None
    match raw["field"]:
        case "contract.amount":
            return compared(raw, it.amount[0])
        case "contract.kind":
            kind = next(iter(it.kind))
            return kind in raw["in"] if "in" in raw else compared(raw, kind)
        case "contract.date":
            return compared(raw, str(FIRST + timedelta(days=30 * it.day[0])))
    raise AssertionError(raw)
