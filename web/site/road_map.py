"""The road map: for what is out of reach the smallest changes that open it, those that open most first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.assessment import in_force
from engine.diagnostics import InputError
from engine.pack import Measure
from engine.profile import Profile
from engine.quantities import format_date
from engine.roadmap import Opener, RoadMap, Route, road_map
from web.amounts import confirmed_in_words, payee_label, possible_in_words
from web.service import service
from web.site.state import State
from web.site.visit import FRAGMENT, Visit, unreadable

pages = Blueprint("road_map", __name__)
SECONDS = 1.0
"""For each measure; what is not settled by then says so."""
SHOWN_OPENERS = 8
NUMBERS = frozenset(map(str, range(100)))
"""Of ways, as a form names them; the engine gives a few."""


@dataclass(frozen=True, slots=True)
class Leg:
    """The route of one measure."""

    measure: Measure
    route: Route

    @property
    def size(self) -> int:
        """How many changes it takes."""
        return len(self.route.ways[0].changes)


@dataclass(frozen=True, slots=True)
class Opening:
    """Changes that open measures together; ``amount`` in words where an amount is stated."""

    opener: Opener
    measures: tuple[Measure, ...]
    amount: str


@dataclass(frozen=True, slots=True)
class Over:
    """A document that is not in force, why that is so, and how many measures it concerns."""

    title: str
    why: str
    measures: int


@dataclass(frozen=True, slots=True)
class Chart:
    """The road map as the page shows it."""

    openings: tuple[Opening, ...]
    legs: tuple[tuple[int, tuple[Leg, ...]], ...]
    """By the number of changes, fewest first."""
    impossible: tuple[Leg, ...]
    over: tuple[Over, ...]
    unsettled: tuple[Leg, ...]


@pages.get("/roadmap")
def begin() -> Answer:
    """What was told travels in forms only."""
    return redirect(url_for("home.home"), 303)


@pages.post("/roadmap")
def roadmap() -> Response:
    """The whole road map, or that of one measure for its opened view."""
    visit = Visit.read(request.form, service().today())
    measure = request.form.get("measure")
    if measure and all(item.id != measure for item in service().pack.measures):
        abort(404)
    try:
        profile = service().profile(visit.shown.data)
    except InputError as error:
        return unreadable(error, visit)
    found = _routes(visit, profile, [measure] if measure else None)
    part = measure and request.headers.get(FRAGMENT)
    template = "site/roadmap_ways.html" if part else "site/roadmap.html"
    values = {"chart": chart(found, visit.as_of), "only": measure, "as_of": format_date(visit.as_of)}
    return make_response(render_template(template, visit=visit, state=visit.kept, **values))


def _routes(visit: Visit, profile: Profile, measures: list[str] | None) -> RoadMap:
    """The routes of what is shown. Raises InputError where no solver is installed."""
    return road_map(service().program, profile, visit.as_of, measures=measures, limit=SECONDS)


def tried(visit: Visit, wanted: str) -> State | None:
    """The profile of one way, named ``measure:number``, as a state to try; None where there is no such way.

    Raises InputError where the profile cannot be read.
    """
    measure, _, number = wanted.rpartition(":")
    if number not in NUMBERS or all(item.id != measure for item in service().pack.measures):
        return None
    profile = service().profile(visit.shown.data)
    ways = [way for route in _routes(visit, profile, [measure]).routes for way in route.ways]
    return visit.kept.with_data(ways[int(number)].profile) if int(number) < len(ways) else None


def chart(found: RoadMap, as_of: date) -> Chart:
    """A road map in the order in which people read it."""
    rules = service().pack
    measures = {measure.id: measure for measure in rules.measures}
    legs = [Leg(measures[route.measure], route) for route in found.routes]
    current = {id for id, file in rules.documents.items() if in_force(file.document, as_of)}
    open_ = sorted((leg for leg in legs if leg.route.ways), key=lambda leg: leg.size)
    shut = [leg for leg in legs if not leg.route.ways and leg.measure.document in current]
    over: dict[str, list[Leg]] = {}
    for leg in legs:
        if leg.measure.document not in current:
            over.setdefault(leg.measure.document, []).append(leg)
    return Chart(
        openings=tuple(
            Opening(item, tuple(measures[id] for id in item.measures), amounts(item))
            for item in found.openers[:SHOWN_OPENERS]
        ),
        legs=tuple((size, tuple(group)) for size, group in groupby(open_, key=lambda leg: leg.size)),
        impossible=tuple(leg for leg in shut if leg.route.impossible),
        over=tuple(
            Over(rules.documents[id].document.title, group[0].route.impossible or "", len(group))
            for id, group in over.items()
        ),
        unsettled=tuple(leg for leg in shut if not leg.route.impossible),
    )


def amounts(opener: Opener) -> str:
    """What the opened measures bring, per payee, in words."""
    return "；".join(
        f"{payee_label(payee)}{confirmed_in_words(total) if total.confirmed[1] != '0' else possible_in_words(total)}"
        for payee, total in opener.totals.items()
    )
