"""The road map (DESIGN 4, the self-check): what would make a measure eligible that is out of reach.

For each such measure the smallest sets of changes of stated facts that open it, proven smallest, or proven that none
does; over all measures together the changes that open most. Facts that were never given are not changes: they are
listed apart, and so are judgements.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from engine.profile import Profile
from engine.program import Program
from engine.roadmap.openers import openers
from engine.roadmap.routes import SECONDS, Roads, chosen
from engine.roadmap.shapes import Change, Opener, RoadMap, Route, Way

__all__ = ["Change", "Opener", "RoadMap", "Roads", "Route", "Way", "road_map"]


def road_map(
    program: Program,
    profile: Profile,
    as_of: date,
    *,
    measures: Collection[str] | None = None,
    limit: float | None = None,
) -> RoadMap:
    """The routes of all measures out of reach (or of those of ``measures`` that are), and what opens most.

    ``limit``: seconds for each measure; what is not settled by then says so (``proven`` False). For one measure on a
    page, make a ``Roads`` and ask it for ``route``. Raises KeyError for a measure that there is not, InputError where
    the solver is not installed, ValueError for a profile that was not read from data.
    """
    roads = Roads(program, profile, as_of, SECONDS if limit is None else limit, keep=True)
    searched = [found for id in chosen(roads, measures) if (found := roads.search(id)) is not None]
    return RoadMap(tuple(item.route for item in searched), openers(roads, searched))
