"""Where lists lie: below one folder, each under the digest of its files, and what was not used of it beside.

Nothing of it can be reached from the web but through the pages that read it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Protocol

import polars as pl

from engine.columns.frames import REJECTS
from engine.diagnostics import Finding, InputError
from engine.lists.files import ENDINGS
from web.texts import gettext as _

MOST_FILES = 20
LONGEST = 80
"""Characters of a file's name that are kept: three bytes each, and a folder takes 255."""
NEW, OLD = ".new-", ".old-"
"""How the names of folders begin that are on their way to their place, and away from it."""
_PIECE = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNFIT = re.compile(r'[\x00-\x1f\x7f"<>|:*?\\/]')


class Handed(Protocol):
    """A file as a form hands it over."""

    @property
    def filename(self) -> str | None: ...
    @property
    def stream(self) -> IO[bytes]: ...


@dataclass(frozen=True, slots=True)
class Laid:
    """A list on the shelf: its digest, and the names of its files."""

    digest: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of lists."""

    folder: Path

    def lay(self, files: Sequence[Handed]) -> Laid:
        """Put the files of one list away, all of them on the disk or none. Raises InputError, or OSError of the disk."""
        names = _names(files)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        passing = Path(tempfile.mkdtemp(prefix=NEW, dir=self.folder))
        try:
            sums = {name: _written(file.stream, passing / name) for name, file in zip(names, files, strict=True)}
            whole = "".join(f"{name}\0{sums[name]}\n" for name in sorted(sums))
            digest = hashlib.sha256(whole.encode()).hexdigest()
            _synced(passing)
            laid = Laid(digest, tuple(names))
            try:
                passing.rename(self._place(digest))
            except OSError:
                # They are there already, from an earlier list or from somebody who lays the same just now.
                if not self.holds(laid):
                    raise
            _synced(self.folder)
        finally:
            shutil.rmtree(passing, ignore_errors=True)
        return laid

    def paths(self, laid: Laid) -> list[Path]:
        """The files of a list."""
        return [self._place(laid.digest) / name for name in laid.names]

    def holds(self, laid: Laid) -> bool:
        """Whether the files of a list are there."""
        return all(path.is_file() for path in self.paths(laid))

    def clear(self, digest: str) -> None:
        """Delete the files of a list, all of them at once to whoever looks."""
        _removed(self._place(digest))

    # What was not used

    def keep_rejects(self, job: int, number: int, rejects: pl.DataFrame) -> None:
        """Keep what was not used of one slice, on the disk, over what an attempt before left there."""
        folder = self._beside(job)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        passing = folder / "passing"
        rejects.write_parquet(passing)
        with passing.open("rb") as file:
            os.fsync(file.fileno())
        passing.replace(folder / f"{number:06d}.parquet")
        _synced(folder)

    def rejects(self, job: int, slices: int) -> pl.DataFrame:
        """What was not used of the slices that are stored, in their order. Raises FileNotFoundError where it was deleted."""
        return pl.concat([pl.DataFrame(schema=REJECTS), *self.rejects_by_slice(job, slices)])

    def rejects_by_slice(self, job: int, slices: int) -> Iterator[pl.DataFrame]:
        """The same slice by slice, so that not all of it is in memory."""
        for number in range(slices):
            # Read at once: what is deleted meanwhile stays whole to whoever has opened it.
            yield pl.read_parquet((self._beside(job) / f"{number:06d}.parquet").read_bytes())

    def clear_rejects(self, job: int) -> None:
        """Delete them."""
        _removed(self._beside(job))

    def _place(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a digest")  # the row was changed from outside: never a path of somewhere else
        return self.folder / digest

    def _beside(self, job: int) -> Path:
        return self.folder / f"rejects-{job}"


def _names(files: Sequence[Handed]) -> list[str]:
    """What the files are called here. Raises InputError for what is no list."""
    if not files:
        raise _refused(_("名单"), _("没有选文件"), _("请选一个或几个文件"))
    if len(files) > MOST_FILES:
        raise _refused(_("名单"), _("一次最多 %d 个文件") % MOST_FILES, _("请合并后再交"))
    names = [_name(file.filename or "") for file in files]
    for name in names:
        if PurePath(name).suffix.lower() not in ENDINGS:
            raise _refused(name, _("不是名单文件"), _("可用：%s") % "、".join(ENDINGS))
        if names.count(name) > 1:
            raise _refused(name, _("有两个文件同名"), _("请改名后再交"))
    return names


def _name(told: str) -> str:
    """The last part of a name, without what file systems do not take; short enough, with its ending."""
    name = PurePath(told.replace("\\", "/")).name
    name = _UNFIT.sub("_", name).strip().lstrip(".") or "list"
    ending = PurePath(name).suffix[:LONGEST]
    return name.removesuffix(ending)[: LONGEST - len(ending)] + ending


def _written(stream: IO[bytes], path: Path) -> str:
    """Write to the disk, from the beginning; the digest of what was written."""
    digest = hashlib.sha256()
    stream.seek(0)
    with path.open("xb") as file:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _removed(folder: Path) -> None:
    """Delete a folder, to whoever looks all of it at once; what is not there is gone."""
    if folder.exists():
        passing = Path(tempfile.mkdtemp(prefix=OLD, dir=folder.parent))
        with suppress(FileNotFoundError):
            folder.rename(passing / folder.name)
        shutil.rmtree(passing, ignore_errors=True)


def _synced(folder: Path) -> None:
    """Names in a folder are on the disk only when the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(place: str, message: str, hint: str) -> InputError:
    return InputError([Finding(place, 0, 0, "centre-list", message, hint)])


def told(findings: Iterable[Finding]) -> list[str]:
    """Findings about a list as lines for people: the file by its name, and nothing that only a command line has."""
    lines = []
    for finding in findings:
        hint = "" if "--" in finding.hint or "huiqi" in finding.hint else finding.hint
        place = PurePath(finding.file).name
        lines.append(f"{place}：{finding.message}{'。' + hint if hint else ''}".rstrip("。") + "。")
    return list(dict.fromkeys(lines))
