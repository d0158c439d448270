"""The files of a backup: evidence, lists that are not done with, and what of lists was not used.

Of a list that is done its rows are in the database; the files it was read from are not kept in backups. What is rebuilt or
must not be copied (the queue, the secret that signs cookies) is in none.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.centre.store.tables import Evidence, ListJob

EVIDENCE, LISTS, REJECTS = "evidence", "lists", "rejects-"
PIECE = 1024 * 1024
_DIGEST = "[0-9a-f]{64}"
_FIT = re.compile(f"{EVIDENCE}/{_DIGEST}|{LISTS}/(?:{_DIGEST}|{REJECTS}[0-9]+)/[^/\\\\\\0]+")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where files lie. ``lists`` None: lists are left out."""

    evidence: Path
    lists: Path | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is there yet."""
        return not any(folder.is_dir() and any(folder.iterdir()) for folder in self._all)

    @property
    def _all(self) -> list[Path]:
        return [self.evidence, *([self.lists] if self.lists is not None else [])]

    def place(self, name: str) -> Path | None:
        """Where a file of a backup belongs; None where it is left out."""
        kind, _, rest = name.partition("/")
        folder = self.evidence if kind == EVIDENCE else self.lists
        return None if folder is None else folder / rest


def owned(path: Path) -> IO[bytes]:
    """A file to write, empty, that nobody but its owner can open, from its first byte on. What was there is gone."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def put(session: Session, folders: Folders, archive: zipfile.ZipFile) -> tuple[dict[str, str], int]:
    """Write what the rows speak of into a backup: SHA-256 by name; and how many files were not there."""
    found: dict[str, str] = {}
    missing = 0
    for name in _wanted(session, folders):
        path = folders.place(name)
        if path is None or not path.is_file():
            missing += 1
            continue
        digest = hashlib.sha256()
        with path.open("rb") as file, archive.open(name, "w", force_zip64=True) as target:
            while piece := file.read(PIECE):
                digest.update(piece)
                target.write(piece)
        found[name] = digest.hexdigest()
    return found, missing


@contextmanager
def taken(archive: zipfile.ZipFile, files: Mapping[str, str], folders: Folders) -> Iterator[str]:
    """Lay the files of a backup beside the folders, and put them in their place at the end of what is done within; what goes
    wrong there leaves nothing. Answers the name of the first file that is not what ``files`` says, "" where all are."""
    parts = {folder: folder.with_name(folder.name + ".part") for folder in folders._all}
    try:
        for part in parts.values():
            shutil.rmtree(part, ignore_errors=True)
        yield _lay(archive, files, folders, parts)
        for folder, part in parts.items():
            if part.is_dir():
                # It is empty, or not there.
                shutil.rmtree(folder, ignore_errors=True)
                part.replace(folder)
    finally:
        for part in parts.values():
            shutil.rmtree(part, ignore_errors=True)


def _lay(archive: zipfile.ZipFile, files: Mapping[str, str], folders: Folders, parts: Mapping[Path, Path]) -> str:
    there = {name for name in archive.namelist() if name.startswith((f"{EVIDENCE}/", f"{LISTS}/"))}
    for name in sorted(there ^ files.keys()):
        return name
    for name in sorted(files):
        if not _FIT.fullmatch(name) or name.endswith(("/.", "/..")):
            return name
        folder = folders.evidence if name.startswith(EVIDENCE) else folders.lists
        if folder is None:
            continue
        target = parts[folder] / name.partition("/")[2]
        _private(target.parent)
        digest = hashlib.sha256()
        with archive.open(name) as file, owned(target) as out:
            while piece := file.read(PIECE):
                digest.update(piece)
                out.write(piece)
        own = name.rpartition("/")[2] if folder == folders.evidence else files[name]
        if not digest.hexdigest() == files[name] == own:
            return name
    return ""


def _private(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner alone, whatever the umask."""
    if not folder.is_dir():
        _private(folder.parent)
        folder.mkdir(mode=0o700)


def _wanted(session: Session, folders: Folders) -> Iterator[str]:
    """The names of the files that rows speak of."""
    kept = select(Evidence.digest).where(Evidence.erased_on.is_(None)).distinct().order_by(Evidence.digest)
    yield from (f"{EVIDENCE}/{digest}" for digest in session.execute(kept).scalars())
    if folders.lists is None:
        return
    seen: set[str] = set()
    for job in session.execute(select(ListJob).where(ListJob.removed_on.is_(None)).order_by(ListJob.id)).scalars():
        if job.state != "done" and job.digest not in seen:
            seen.add(job.digest)
            yield from (f"{LISTS}/{job.digest}/{name}" for name in job.files)
        beside = folders.lists / f"{REJECTS}{job.id}"
        for path in sorted(beside.glob("*.parquet")) if beside.is_dir() else ():
            yield f"{LISTS}/{REJECTS}{job.id}/{path.name}"
