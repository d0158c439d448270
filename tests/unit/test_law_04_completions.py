"""DESIGN 2.4: Kleene is the verdict, and every completion agrees with what it decides.

Random condition trees and random enterprises: the complete enterprise is judged by plain two-valued logic
written here, apart from the engine; then it is forgotten bit by bit, and no decided verdict may change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Pack, load_pack, screen
from tests.helpers import DAY, document, measure, pack_of, result_of, review, screened, write_rules

SLOW = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
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
        tags = (frozenset(tag for tag in tags[0] if draw(st.booleans())), frozenset(TAGS)) if draw(st.booleans()) else None
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


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


def pack_for(shelf: Path, conditions: list[Raw], subject: str | None = None) -> Pack:
    text = measure(",\n".join(json.dumps(item, ensure_ascii=False) for item in conditions), subject=subject)
    files = {"measures.yaml": "measures:\n  " + text.replace("\n", "\n  "), "derived.yaml": DERIVED}
    return load_pack(write_rules(shelf / uuid4().hex, files))


def verdict(pack: Pack, known: Enterprise) -> str:
    return screen(known.written(), pack, as_of=DAY).results[0].verdict


ANSWERS = st.fixed_dictionaries({"major": st.booleans(), "talent-policy": st.booleans()})


@SLOW
@given(tree=TREES, known=complete_enterprises(), answers=ANSWERS)
def test_a_complete_profile_gets_the_two_valued_verdict(
    shelf: Path, tree: Raw, known: Enterprise, answers: dict[str, bool]
) -> None:
    """2.4: with everything known Kleene's logic is plain logic."""
    known = replace(known, findings=answers)
    expected = "eligible" if holds(tree, known) else "ineligible"
    assert verdict(pack_for(shelf, [tree]), known) == expected


@SLOW
@given(tree=TREES, known=complete_enterprises(), answers=ANSWERS, data=st.data())
def test_more_information_never_turns_a_decided_verdict(
    shelf: Path, tree: Raw, known: Enterprise, answers: dict[str, bool], data: st.DataObject
) -> None:
    """2.4 and 2.3: forget in three steps; each step may only make undetermined."""
    pack = pack_for(shelf, [tree])
    known = replace(known, findings=answers)
    last = verdict(pack, known)
    assert last in ("eligible", "ineligible")
    for _ in range(3):
        known = data.draw(blurred(known))
        found = verdict(pack, known)
        assert found in (last, "undetermined")
        last = found


RECORD_TREES = st.lists(st.one_of(CONTRACT_ATOMS, ATOMS), min_size=1, max_size=3)


@SLOW
@given(trees=RECORD_TREES, known=complete_enterprises(), answers=ANSWERS, data=st.data())
def test_more_information_never_turns_the_verdict_on_records(
    shelf: Path, trees: list[Raw], known: Enterprise, answers: dict[str, bool], data: st.DataObject
) -> None:
    """2.4 and 2.15: the same for a measure that is evaluated for each contract."""
    pack = pack_for(shelf, trees, subject="contract")
    known = replace(known, findings=answers)
    assert known.contracts is not None

    def both(item: Contract) -> bool:
        return all(
            contract_holds(raw, item) if str(raw.get("field", "")).startswith("contract.") else holds(raw, known)
            for raw in trees
        )

    last = verdict(pack, known)
    assert last == ("eligible" if any(both(item) for item in known.contracts) else "ineligible")
    for _ in range(3):
        known = data.draw(blurred(known))
        found = verdict(pack, known)
        assert found in (last, "undetermined")
        last = found


MARKED: st.SearchStrategy[Raw] = st.one_of(
    ATOMS,
    comparisons().map(lambda compared: {"field": "staff", **compared, "soft": True, "why": "存疑"}),
    options("size", SIZES).map(lambda raw: {**raw, "open": True}),
    FILTERS.map(lambda where: {"exists": "contract", "where": where, "soft": True, "why": "存疑"}),
)
MARKED_TREES = st.recursive(
    MARKED, lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}), max_leaves=4
)


@SLOW
@given(trees=st.lists(MARKED_TREES, min_size=1, max_size=3), known=complete_enterprises(), answers=ANSWERS)
def test_soft_and_open_conditions_never_make_ineligible(
    shelf: Path, trees: list[Raw], known: Enterprise, answers: dict[str, bool]
) -> None:
    """2.7: ineligible only where the same tree without its marked conditions' falsehood is."""
    known = replace(known, findings=answers)
    found = verdict(pack_for(shelf, trees), known)

    def lenient(raw: Raw) -> bool:
        if "any" in raw:
            return any(lenient(part) for part in raw["any"])
        return True if "soft" in raw or "open" in raw else holds(raw, known)

    def strict(raw: Raw) -> bool:
        if "any" in raw:
            return any(strict(part) for part in raw["any"])
        return holds({key: value for key, value in raw.items() if key not in ("soft", "open", "why")}, known)

    if all(strict(raw) for raw in trees):
        assert found == "eligible"
    elif all(lenient(raw) for raw in trees):
        assert found == "undetermined"
    else:
        assert found == "ineligible"


def test_kleene_may_leave_open_what_every_completion_decides(tmp_path: Path) -> None:
    """2.4: all executors give the Kleene verdict; only what quantifies over completions may sharpen it."""
    condition = "{any: [{field: staff, at_least: 50}, {all: [{not: {field: staff, at_least: 50}}]}]}"
    assert result_of(tmp_path, condition, {}).verdict == "undetermined"
    assert result_of(tmp_path, condition, {"staff": 50}).verdict == "eligible"
    assert result_of(tmp_path, condition, {"staff": 49}).verdict == "eligible"


def test_assumptions_are_listed_with_the_verdict(tmp_path: Path) -> None:
    """2.4: the verdict says on what it rests."""
    condition = "{field: listed, equals: true, assumed: true, why: 文件未说}, {field: staff, at_least: 50}"
    result = result_of(tmp_path, condition, {"staff": 50})
    assert result.verdict == "eligible"
    assert len(result.assumptions) == 1
    assert "已上市" in result.assumptions[0]
    assert result_of(tmp_path, condition, {"staff": 50, "listed": True}).assumptions == []


def test_one_profile_and_date_give_one_determination(tmp_path: Path) -> None:
    """2.4: nothing but profile, date and pack bears on it; screening twice gives the same JSON."""
    pack = pack_of(tmp_path, measure("{field: staff, at_least: 50}"), document=document())
    first = screened(pack, {"staff": "10-60人"})
    assert screened(pack, {"staff": "10-60人"}).to_json() == first.to_json()
    assert first.pack_version == pack.version
