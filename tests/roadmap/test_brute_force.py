"""The road map on small rules equals what trying every profile finds: how few changes do, and which."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from re import findall
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.compiler import compile_pack
from engine.profile import profile_of
from tests.helpers import DAY, measure, pack_of
from tests.roadmap.brute_force import Space, minimal_sets

pytest.importorskip("z3")

from engine.roadmap import Roads

MOST = 3
"""Changes that are tried together."""
VOCABULARY = """
fields:
  origin: {type: yes_no, label: 本地创办, fixed: 在哪里创办是既成事实}
  round: {type: choice, label: 轮次, onward: 轮次只会往后走, options: {seed: 种子轮, angel: 天使轮, later: 以后}}
  lines:
    type: choices
    label: 业务
    options: {firm: {label: 公司, fixed: 由登记的性质决定}, service: 服务, park: 园区}
  hands: {type: count, unit: 人, label: 人手}
  grade: {type: choice, label: 等级, options: {big: 大, small: 小}}
records:
  site:
    list: sites
    label: 场地
    fields:
      kind: {type: choice, label: 场地类别, fixed: 类别变了就是另一处, options: {yard: 院子, hall: 厂房}}
      inside: {type: yes_no, label: 在区内, new: "no"}
      opened: {type: date, label: 启用日期}
"""
DERIVED = """
derived:
  - field: grade
    title: 按人手分等级
    source: {title: 测试, certainty: seen}
    cases: [{when: [{field: hands, at_least: 10}], value: big}]
    otherwise: small
"""
SPACE = Space(
    fields={
        "origin": (True, False),
        "round": ("seed", "angel", "later"),
        "lines": ("无", *(list(some) for n in (1, 2, 3) for some in combinations(("firm", "service", "park"), n))),
        "hands": (9, 10, 30),
        "grade": ("big", "small"),
    },
    kind="site",
    list="sites",
    record={"kind": ("yard", "hall"), "inside": (True, False), "opened": ("2021-01-01", "2021-06-30", "2022-01-01")},
    fixed=frozenset({"origin", "site.kind"}),
    onward=frozenset({"round"}),
    new={"inside": (False,), "opened": ("2021-06-30", "2022-01-01")},
    tied={"lines": "firm"},
    dates=frozenset({"site.opened"}),
)
"""Every value that some condition below tells from others."""
ENTERPRISE = [
    "{field: origin, equals: true}",
    "{field: round, in: [seed, angel]}",
    "{field: round, equals: later}",
    "{field: lines, in: [service]}",
    "{field: lines, in: [firm, park]}",
    "{field: hands, at_least: 10}",
    "{field: hands, below: 30}",
    "{field: grade, equals: big}",
    "{judgement: major}",
]
COUNTS = [
    "{exists: site, where: [{field: site.kind, equals: hall}]}",
    "{exists: site, where: [{field: site.kind, equals: yard}, {field: site.inside, equals: true}]}",
    "{count: site, where: [{field: site.inside, equals: false}], at_least: 2}",
    "{every: site, at_least: 1, that: [{field: site.kind, equals: yard}]}",
    "{count: site, at_most: 1}",
]
SITE = [
    "{field: site.kind, equals: hall}",
    "{field: site.inside, equals: true}",
    "{field: site.inside, equals: false}",
    "{days_since: site.opened, at_least: 0}",
    "{days_since: site.opened, above: 0}",
]


def trees(atoms: list[str]) -> st.SearchStrategy[str]:
    """Conditions over a few of these atoms."""
    atom = st.sampled_from(atoms)
    pair = st.tuples(st.sampled_from(["any", "all"]), atom, atom).map(lambda t: f"{{{t[0]}: [{t[1]}, {t[2]}]}}")
    turned = st.sampled_from([a for a in atoms if "judgement" not in a]).map(lambda a: f"{{not: {a}}}")
    return st.lists(st.one_of(atom, atom, pair, turned), min_size=1, max_size=3, unique=True).map(", ".join)


def profiles(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Profiles that state some of the fields ``names`` and, it may be, the list."""
    fields = {name: st.sampled_from(SPACE.fields[name]) for name in names}
    record = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in SPACE.record.items()})
    items = st.lists(record, max_size=2)
    sites = st.one_of(items, items, items.map(lambda some: {"partial": True, "items": some}))
    return st.fixed_dictionaries({}, optional={**fields, "sites": sites})


def agree(folder: Path, conditions: str, profile: dict[str, Any], subject: str | None) -> None:
    """Compare, with the fields that the conditions read alone: what they do not read changes nothing."""
    whole = folder / "rules"
    pack = pack_of(whole, measure(conditions, subject=subject), vocabulary=VOCABULARY, derived=DERIVED)
    read = {name for name in SPACE.fields if f"field: {name}," in conditions}
    read |= {"hands", "grade"} if read & {"hands", "grade"} else set()
    counted = "site" in conditions
    given = {key: value for key, value in profile.items() if key in read or (key == "sites" and counted)}
    space = Space(
        {name: domain for name, domain in SPACE.fields.items() if name in read},
        "site",
        "sites",
        {name: domain for name, domain in SPACE.record.items() if f"site.{name}" in conditions} if counted else {},
        SPACE.fixed,
        SPACE.onward,
        SPACE.new,
        SPACE.tied,
        SPACE.dates,
        ("major",) if "judgement" in conditions else (),
    )
    expected = minimal_sets(pack, given, space, DAY, MOST)
    program = compile_pack(pack)
    roads = Roads(program, profile_of(given, pack.vocabulary, pack.tables), DAY)
    route = roads.route("m")
    if route is None:
        assert expected == {()}
        return
    if not route.ways:
        assert expected is None
        assert route.proven and route.impossible
        return
    assert route.proven
    found = {tuple(sorted(((c.kind, c.what, c.record) for c in way.changes), key=repr)) for way in route.ways}
    if len(route.ways[0].changes) > MOST:
        assert expected is None
    elif route.more:
        assert expected is not None and found < expected
    else:
        assert found == expected


SETTINGS = settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@SETTINGS
@given(conditions=trees(ENTERPRISE), profile=profiles(tuple(SPACE.fields)))
def test_facts_of_the_enterprise(tmp_path: Path, conditions: str, profile: dict[str, Any]) -> None:
    agree(tmp_path, conditions, profile, None)


@SETTINGS
@given(conditions=trees([*ENTERPRISE[:2], *COUNTS]), profile=profiles(("origin", "round")))
def test_records_that_are_counted(tmp_path: Path, conditions: str, profile: dict[str, Any]) -> None:
    agree(tmp_path, conditions, profile, None)


@SETTINGS
@given(conditions=trees([*ENTERPRISE[3:4], *SITE]), profile=profiles(("lines",)))
def test_records_as_subjects(tmp_path: Path, conditions: str, profile: dict[str, Any]) -> None:
    agree(tmp_path, conditions, profile, "site")


def test_the_space_has_every_field_of_the_conditions() -> None:
    """So that trying every profile of the space is trying every profile that they tell apart."""
    read = {name for atom in (*ENTERPRISE, *COUNTS, *SITE) for name in findall(r"(?:field|since): ([a-z.]+)", atom)}
    assert read == {*SPACE.fields, *(f"site.{name}" for name in SPACE.record)}
