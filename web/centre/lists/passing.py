"""Folders that last as long as the work that needs them, below the workbench's own: what killed processes left is found.

Whoever works in one holds the lock of a file in it, which ends with the process however that ends.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from web.centre.lists.shelf import NEW, OLD

_PREFIX, _LOCK = "list-", ".lock"
TRIES = 10
DAY = 24 * 3600
"""Seconds after which nobody is still at putting files on the shelf or taking them away."""


@contextmanager
def passing(parent: Path) -> Iterator[Path]:
    """A folder of one's own below ``parent``, which is made where it is missing. Raises OSError of the disk."""
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for _ in range(TRIES):
        folder = Path(mkdtemp(prefix=_PREFIX, dir=parent))
        if (file := _entered(folder)) is not None:
            break
        # Somebody sweeps just now, or there are no locks here.
        shutil.rmtree(folder, ignore_errors=True)
    else:
        raise OSError(f"no lock can be held below {parent}")
    with file:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path, shelf: Path) -> None:
    """Delete the folders below ``parent`` that nobody works in, and what lies half way to its place on the shelf, or from it,
    since a day."""
    for folder in parent.glob(f"{_PREFIX}*"):
        if (file := _entered(folder)) is not None:
            with file:
                shutil.rmtree(folder, ignore_errors=True)
    for begin in (NEW, OLD):
        for folder in shelf.glob(f"{begin}*"):
            if _age(folder) > DAY:
                shutil.rmtree(folder, ignore_errors=True)


def _entered(folder: Path) -> IO[bytes] | None:
    """The lock of a folder, held until it is closed; None where somebody else holds it or the folder is gone."""
    try:
        file = (folder / _LOCK).open("ab")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    if (folder / _LOCK).exists():
        return file
    # It was swept between the two.
    file.close()
    return None


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
