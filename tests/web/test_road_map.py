"""The road map page: what opens most first, the ways of each measure, what is impossible and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.loader import load_pack
from engine.profile import profile_of
from engine.roadmap import RoadMap, road_map
from engine.screening import screen
from engine.yaml_source import read_file
from tests.helpers import ROOT
from web.site.state import State

Post = Callable[..., TestResponse]
PACK = load_pack()
DAY = date(2022, 6, 30)
CENTRE = "dx21-rd-centre-support"


def sample(name: str) -> dict[str, Any]:
    """A sample's profile as plain data."""
    source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
    assert source is not None
    return dict(source.data)


@pytest.fixture(scope="module")
def found() -> RoadMap:
    """The engine's road map of the sample that the page shows."""
    profile = profile_of(sample("mixed"), PACK.vocabulary, PACK.tables)
    return road_map(compile_pack(PACK), profile, DAY)


@pytest.fixture(scope="module")
def state() -> str:
    """The sample as a visitor has told it."""
    return State(sample("mixed"), DAY).text()


def test_the_page_shows_every_route(post: Post, found: RoadMap, state: str) -> None:
    answer = post("/roadmap", {"state": state})
    assert answer.status_code == 200
    text = unescape(answer.text)
    ways = set(re.findall(r'name="way" value="([^"]+)"', answer.text))
    assert ways == {f"{route.measure}:{n}" for route in found.routes for n in range(len(route.ways))}
    assert ways
    for route in found.routes:
        for way in route.ways:
            assert all(change.text in text for change in way.changes)
            assert all(fact in text for fact in way.facts)
            assert all(label in text for label in way.judgements)
        if route.impossible and not route.ways:
            assert route.impossible in text


def test_openers_come_first_and_say_what_they_open(post: Post, found: RoadMap, state: str) -> None:
    text = unescape(post("/roadmap", {"state": state}).text)
    assert found.openers
    titles = {measure.id: measure.spec.title for measure in PACK.measures}
    part = text.partition('<ol class="openers">')[2].partition("</ol>")[0]
    first = found.openers[0]
    assert all(change.text in part for change in first.changes)
    assert f"<b>{len(first.measures)}</b>" in part.partition("</li>")[0]
    assert titles[first.measures[0]] in part
    assert text.index('id="openers"') < text.index('id="size-1"')


def test_documents_that_are_over_are_told_once_each(post: Post, state: str) -> None:
    text = unescape(post("/roadmap", {"state": state}).text)
    part = text.partition('id="over"')[2].partition("</section>")[0]
    assert part.count("<li>") == 4
    assert "政策已到期（有效期至2018年12月31日）" in part
    assert "政策自2024年10月9日起才生效" in part


def test_one_measure_alone_for_its_opened_view(post: Post, found: RoadMap, state: str) -> None:
    route = next(route for route in found.routes if route.ways)
    part = post("/roadmap", {"state": state, "measure": route.measure}, headers={"X-Fragment": "1"})
    assert "<html" not in part.text
    assert {value.partition(":")[0] for value in re.findall(r'name="way" value="([^"]+)"', part.text)} == {route.measure}
    whole = post("/roadmap", {"state": state, "measure": route.measure})
    assert "<html" in whole.text
    assert 'id="openers"' not in whole.text
    expired = next(measure.id for measure in PACK.measures if measure.document == "langfang-2016")
    assert "政策已到期" in post("/roadmap", {"state": state, "measure": expired}, headers={"X-Fragment": "1"}).text


def test_a_measure_that_needs_no_change_says_so(post: Post, state: str) -> None:
    form = {"state": state, "measure": "dx21-tech-sme-financing-service"}
    assert "不用改动已有的情况" in post("/roadmap", form, headers={"X-Fragment": "1"}).text


def test_trying_a_way_opens_its_measure(post: Post, found: RoadMap, state: str) -> None:
    for route in found.routes:
        for number, way in enumerate(route.ways):
            page = post("/result", {"state": state, "way": f"{route.measure}:{number}"}).text
            moves = page.partition('id="moves"')[2].partition("</table>")[0]
            assert f'href="#m-{route.measure}"' in moves
            verdict = next(r.verdict for r in screen(way.profile, PACK, as_of=DAY).results if r.measure == route.measure)
            assert verdict in ("eligible", "undetermined")
            assert f'<article class="measure ineligible" id="m-{route.measure}"' not in page


@pytest.mark.parametrize("way", ["nothing:0", f"{CENTRE}:99", CENTRE, "x:-1", f"{CENTRE}:{'9' * 5000}", ""])
def test_a_way_that_there_is_not_tries_nothing(post: Post, state: str, way: str) -> None:
    answer = post("/result", {"state": state, "way": way})
    assert answer.status_code == 200
    assert 'id="moves"' not in answer.text


def test_broken_requests(post: Post, state: str) -> None:
    assert post("/roadmap", {"state": state, "measure": "nothing"}).status_code == 404
    assert post("/roadmap", {"state": State({"staff_total": "很多"}).text()}).status_code == 400
