"""What every page of the workbench works with: its database, its settings, and the rules of the site."""

from __future__ import annotations

from web.centre import packs
from web.centre.roster import Query, Roster
from web.centre.settings import CentreSettings
from web.centre.store import schema
from web.centre.store.database import address_of, connect, probe, writing
from web.service import Service


class Office:
    """One workbench on one database. The rules of the site are kept with it, so that what they said can be made again."""

    def __init__(self, settings: CentreSettings, service: Service) -> None:
        """Raises InputError where the database is not there, not reachable or of another version."""
        self.settings = settings
        self.service = service
        self.engine = connect(address_of(settings.database))
        probe(self.engine, exists=True)
        schema.require_newest(self.engine)
        with writing(self.engine) as session:
            packs.keep(session, service.pack, service.rules)
        self.roster = Roster(self.engine, tuple(measure.id for measure in service.pack.measures))
        # Processes that come of this one open connections of their own.
        self.engine.dispose()

    def prepare(self) -> None:
        """Read the roster, once for all processes that come of this one, and sort it as the first who comes will want."""
        self.roster.snapshot().select(Query(sort="name"))
        self.engine.dispose()
