"""The road map in the words of a user; profiles are told with the steps of the documents' features."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_bdd import parsers, scenarios, then, when

from engine.circuit import Solver
from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.reference import ReferenceSolver
from tests.bdd.story import Story, Table, day_of

pytest.importorskip("z3")

from engine.roadmap import RoadMap, Route, road_map

scenarios(str(Path(__file__).parents[2] / "features" / "road-map.feature"))


@pytest.fixture(scope="module")
def solver() -> Solver:
    """The road map stands on the reference executor alone."""
    return ReferenceSolver()


@dataclass
class Seen:
    """The road map that was asked for, and the route that was last spoken of."""

    map: RoadMap | None = None
    routes: dict[str, Route] = field(default_factory=dict)
    route: Route | None = None


@pytest.fixture
def seen() -> Seen:
    return Seen()


@when(parsers.re("在“(?P<day>[^”]+)”查看路线图"))
def _(story: Story, seen: Seen, day: str) -> None:
    profile = profile_of(story.profile, story.pack.vocabulary, story.pack.tables)
    seen.map = road_map(compile_pack(story.pack), profile, day_of(day))
    seen.routes = {route.measure: route for route in seen.map.routes}


@then(parsers.re("要符合“(?P<name>[^”]+)”，最少改变："))
def _(story: Story, seen: Seen, name: str, datatable: Table) -> None:
    seen.route = seen.routes[story.measure_named(name)]
    assert seen.route.proven and not seen.route.more
    assert ["；".join(change.text for change in way.changes) for way in seen.route.ways] == [
        row[0] for row in datatable[1:]
    ]


@then(parsers.re("还需“(?P<text>[^”]+)”"))
def _(seen: Seen, text: str) -> None:
    assert seen.route is not None and all(text in way.facts for way in seen.route.ways)


@then(parsers.re("待认定“(?P<text>[^”]+)”"))
def _(seen: Seen, text: str) -> None:
    assert seen.route is not None and all(text in way.judgements for way in seen.route.ways)


@then(parsers.re("“(?P<name>[^”]+)”(?P<reason>无论如何不符合：.+)"))
def _(story: Story, seen: Seen, name: str, reason: str) -> None:
    route = seen.routes[story.measure_named(name)]
    assert (route.ways, route.proven, route.impossible) == ((), True, reason)


@then(parsers.re("每项措施都(?P<reason>无论如何不符合：.+)"))
def _(story: Story, seen: Seen, reason: str) -> None:
    assert {route.impossible for route in seen.routes.values()} == {reason}
    assert len(seen.routes) == len(story.pack.measures)


@then(parsers.re("打开最多的一项改变是“(?P<text>[^”]+)”"))
def _(seen: Seen, text: str) -> None:
    assert seen.map is not None
    assert [change.text for change in seen.map.openers[0].changes] == [text]
