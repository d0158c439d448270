"""Writing results: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click


def write(text: str, target: Path | None, *, verbatim: bool = False) -> None:
    """Write to a file, or to standard output where ``target`` is None or ``-``.

    A file appears complete or stays as it was. ``verbatim`` sends UTF-8 whatever the terminal speaks; other
    text loses its colours where nobody watches. Raises OSError.
    """
    if target is None or str(target) == "-":
        click.echo(text.encode() if verbatim else text, nl=False)
    else:
        replace_file(target, click.unstyle(text) if not verbatim else text)


def write_bytes(data: bytes, target: Path | None) -> None:
    """As ``write``, for what is no text."""
    if target is None or str(target) == "-":
        click.echo(data, nl=False)
    else:
        replace_bytes(target, data)


def replace_file(target: Path, text: str) -> None:
    """Put ``text`` in place of the file ``target`` in one step. Raises OSError."""
    replace_bytes(target, text.encode("utf-8"))


def replace_bytes(target: Path, data: bytes) -> None:
    """Put ``data`` in place of the file ``target`` in one step. Raises OSError."""
    target = target.resolve()  # through a link to what it names
    if target.exists() and not target.is_file():
        # A pipe or a device (/dev/stdout) takes the bytes as they come; a folder refuses them.
        target.write_bytes(data)
        return
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    except FileNotFoundError as error:
        raise FileNotFoundError(error.errno, error.strerror, str(target)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            os.fchmod(stream.fileno(), _mode(target))
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _mode(target: Path) -> int:
    """The permissions of the file that is there, or those that a new one gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
