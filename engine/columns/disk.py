"""A full disk, which each library tells in its own way, told in one."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT)
_LITTLE = 1024 * 1024


@contextmanager
def full_disk_told(target: Path) -> Iterator[None]:
    """Raises OSError with the name of ``target`` where what is inside failed for lack of room, whoever raised it."""
    try:
        yield
    except Exception as error:
        number = _reason(error, target)
        if number is None:
            raise
        _forget(error)
        raise OSError(number, os.strerror(number), str(target)) from None


def _reason(error: BaseException, target: Path) -> int | None:
    """The system's error number; of Polars' and XlsxWriter's own errors it is read off their text."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return error.errno
    text = str(error)
    if "transport error" in text and shutil.disk_usage(target.resolve().parent).free < _LITTLE:
        return errno.ENOSPC  # all that Polars says where the end of a Parquet file cannot be written
    return next((number for number in _FULL if os.strerror(number) in text or f"os error {number}" in text), None)


def _forget(error: BaseException) -> None:
    """Let go of what the failed writer held open: closing it fails once more, which must not be told again."""
    told, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        for each in (error, error.__context__, *error.args):
            if isinstance(each, BaseException):
                traceback.clear_frames(each.__traceback__)
                each.__traceback__ = None
        gc.collect()
    finally:
        sys.unraisablehook = told
