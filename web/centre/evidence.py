"""Evidence: files that findings rest on, each under the digest of its content in one folder.

A file is checked and written beside the folder first, then put in its place in the transaction that notes it. Where that
fails the file goes again, so the folder holds what the database knows of and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from web.centre import keeping
from web.centre.filetypes import KINDS, SUFFIXES, Kind, Unfit, kind_of
from web.centre.store.database import writing
from web.centre.store.tables import Evidence, FindingRow, User
from web.texts import gettext as _

LONGEST = 100
"""Characters of a file's name without its suffix."""
MEDIA_TYPES = frozenset(kind.media_type for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that was handed in and is fit to be kept."""

    name: str
    kind: Kind
    content: bytes
    digest: str


def handed(name: str, content: bytes) -> Handed:
    """The file with a clean name. Raises Unfit where it is not taken."""
    kind = kind_of(content)
    return Handed(_cleaned(name, kind), kind, content, hashlib.sha256(content).hexdigest())


class Arrival:
    """A file on its way into the folder."""

    def __init__(self, file: Handed, waiting: Path, folder: Path) -> None:
        self.file, self._waiting = file, waiting
        self._place = folder / file.digest

    def keep(self, session: Session, enterprise: int, by: User, at: datetime) -> Evidence:
        """Put it in its place and note it; to be called once, in a ``writing`` session."""
        os.replace(self._waiting, self._place)
        _settle(self._place.parent)
        row = Evidence(
            enterprise_id=enterprise, name=self.file.name, media_type=self.file.kind.media_type,
            size=len(self.file.content), digest=self.file.digest, by_id=by.id, at=at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        # The digest in the log binds the content into the chain.
        keeping.audit(session, by, "evidence", enterprise, evidence=row.id, sha256=row.digest)
        return row


@contextmanager
def arriving(engine: Engine, folder: Path, file: Handed) -> Iterator[Arrival]:
    """Write a file beside ``folder``, to be kept in a transaction within; where that is not done, nothing is left."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Beside it, not in it: a backup takes the folder as it is.
    number, name = tempfile.mkstemp(prefix="evidence-", dir=folder.parent)
    waiting = Path(name)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(file.content)
            stream.flush()
            os.fsync(number)
        yield Arrival(file, waiting, folder)
    except BaseException:
        _drop(engine, folder, file.digest)
        raise
    finally:
        waiting.unlink(missing_ok=True)


def content_of(row: Evidence, folder: Path) -> bytes | None:
    """The content of evidence that was not erased; None where the file is not there or not what was handed in."""
    try:
        content = (folder / row.digest).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == row.digest else None


def of_enterprise(session: Session, enterprise: int) -> list[Evidence]:
    """All evidence about an enterprise, the newest first."""
    wanted = select(Evidence).where(Evidence.enterprise_id == enterprise).order_by(Evidence.id.desc())
    return list(session.execute(wanted).scalars())


def used(session: Session, enterprise: int) -> dict[int, int]:
    """How many findings about an enterprise rest on each piece of evidence, by its number."""
    wanted = select(FindingRow.evidence_id, func.count()).where(
        FindingRow.enterprise_id == enterprise, FindingRow.evidence_id.is_not(None)
    )
    return {number: count for number, count in session.execute(wanted.group_by(FindingRow.evidence_id)) if number}


def _drop(engine: Engine, folder: Path, digest: str) -> None:
    """Remove a file that no evidence refers to: alone with the database, so that nobody begins to just now."""
    if not (folder / digest).exists():
        return
    with writing(engine) as session:
        known = select(Evidence.id).where(Evidence.digest == digest, Evidence.erased_on.is_(None)).limit(1)
        if session.execute(known).first() is None:
            (folder / digest).unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Make sure that the name of a file is on the disk too."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _cleaned(name: str, kind: Kind) -> str:
    """What the file is called, without folders and without what cannot be printed. Raises Unfit where the name says
    another kind than the content."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    path = PurePosixPath(shown or "-")
    suffix = path.suffix.lower()
    if suffix in kind.suffixes:
        stem = path.stem.strip(" .")
    elif suffix in SUFFIXES:
        raise Unfit(_("文件名以 %(suffix)s 结尾，内容却是 %(kind)s。请核对后改正。") % {"suffix": suffix, "kind": kind.label})
    else:
        # What follows a point may be part of the name; what the file is stands behind it in any case.
        stem, suffix = shown, kind.suffixes[0]
    return (stem[:LONGEST] or _("证据")) + suffix
