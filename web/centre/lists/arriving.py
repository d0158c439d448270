"""A list that is handed in: its files put away, looked at, and noted as a list; or nothing of it stays.

Lists of the same files share them, so whoever lays files down or deletes them may do it while somebody else does the
other. What decides is the rows: files are deleted only where no row needs them, and a row is written only where they are
there, each of it alone with the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.diagnostics import InputError
from engine.lists.limits import MB, check_workbooks
from web.centre.lists import jobs
from web.centre.lists.shelf import Handed, Laid, Shelf
from web.centre.lists.understood import understood
from web.centre.office import Office
from web.centre.store.database import writing
from web.centre.store.tables import ListJob, User
from web.texts import gettext as _

UNPACKED = 256 * MB
"""Of all workbooks of a list together: a request that looks at them takes some seconds and a gigabyte at most."""
CELLS = 5_000_000
"""Of one sheet."""
TRIES = 3
_WORKBOOK = b"PK\x03\x04"


def hand_in(office: Office, files: Sequence[Handed], by: int) -> ListJob:
    """Take a list in for the user ``by``. Raises InputError where it cannot be read, and then keeps nothing of it."""
    shelf = Shelf(office.settings.lists)
    laid = _laid(office, shelf, files)
    name = laid.names[0] if len(laid.names) == 1 else _("%(first)s 等 %(count)d 个文件") % {
        "first": laid.names[0], "count": len(laid.names)
    }
    with writing(office.engine) as session:
        if not shelf.holds(laid):
            # An earlier list of the same files was deleted just now, and these with it.
            shelf.lay(files)
        today, at = office.service.today(), office.settings.now()
        return jobs.hand_in(session, session.get_one(User, by), name, laid.digest, laid.names, today, at)


def drop(engine: Engine, shelf: Shelf, digest: str) -> None:
    """Delete files that no list needs: alone with the database, so that nobody begins to need them just now."""
    with writing(engine) as session:
        if not _needed(session, digest):
            shelf.clear(digest)


def _laid(office: Office, shelf: Shelf, files: Sequence[Handed]) -> Laid:
    """The files on the shelf, and such that they can be read."""
    for left in reversed(range(TRIES)):
        laid = shelf.lay(files)
        try:
            _bounded(shelf.paths(laid))
            understood(office, laid, "")
            return laid
        except (InputError, OSError):
            # Unless somebody deleted them while they were read.
            if not left or shelf.holds(laid):
                drop(office.engine, shelf, laid.digest)
                raise
    raise AssertionError("the last try ends in one way or the other")


def _bounded(paths: Iterable[Path]) -> None:
    """Raises InputError for workbooks that a request must not open; other files are as large as they look."""
    check_workbooks([path for path in paths if _begins(path) == _WORKBOOK], UNPACKED, CELLS)


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_WORKBOOK))


def _needed(session: Session, digest: str) -> bool:
    wanted = select(ListJob.id).where(ListJob.digest == digest, ListJob.removed_on.is_(None)).limit(1)
    return session.execute(wanted).first() is not None
