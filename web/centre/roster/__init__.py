"""Where everybody stands, in columns in memory: what queues, figures and shortlists are read from.

``office().roster.snapshot()`` brings it up to date and gives a ``Snapshot`` that never changes:

- ``counts()``: of each measure, how many enterprises are in each group;
- ``select(Query(measure=..., group=..., ...))``: the places (row numbers) of who is asked for, in order;
- ``row(place)``: one enterprise; ``columns``, ``amounts``, ``awaiting``, ``since``: all of it as arrays.
"""

from web.centre.roster.query import Query, Sort
from web.centre.roster.roster import Roster
from web.centre.roster.snapshot import Row, Snapshot

__all__ = ["Query", "Roster", "Row", "Snapshot", "Sort"]
