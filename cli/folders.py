"""Writing a folder of files: whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

MARKER = ".huiqi"
"""A file that says who made the folder, so that nothing else is ever overwritten."""


def replace_folder(target: Path, files: Mapping[str, str], what: str) -> None:
    """Put ``files`` (path inside the folder -> text) in place of the folder ``target``.

    They are written beside it and moved into place at the end, so a failure leaves what was there. An
    existing folder must be empty or one that this function made for the same ``what``; else a usage error
    says so.
    """
    target = target.resolve()
    _refuse_foreign(target, what)
    _put(target, {**files, MARKER: f"{what}\n"})


def new_folder(target: Path, files: Mapping[str, str]) -> None:
    """Write ``files`` as the folder ``target``, whole or not at all; it must be empty or not be there."""
    target = target.resolve()
    _refuse_foreign(target, None)
    _put(target, files)


def _put(target: Path, files: Mapping[str, str]) -> None:
    made = Path(tempfile.mkdtemp(dir=_parent(target), prefix=f".{target.name[:40]}."))
    try:
        for name, text in files.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        made.chmod(target.stat().st_mode & 0o777 if target.is_dir() else 0o755)
        _swap(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _parent(target: Path) -> Path:
    if not target.parent.is_dir():
        raise FileNotFoundError(2, "", str(target))
    return target.parent


def _refuse_foreign(target: Path, what: str | None) -> None:
    """Refuse a folder that is not empty, unless this module made it for ``what``."""
    if not target.exists():
        return
    context = click.get_current_context(silent=True)
    if not target.is_dir():
        raise click.UsageError(f"“{target}”是文件，不是文件夹。", context)
    marker = target / MARKER
    own = what is not None and marker.is_file() and marker.read_text(encoding="utf-8", errors="replace").strip() == what
    if not own and any(target.iterdir()):
        raise click.UsageError(f"“{target}”里已有别的文件，请换一个空的或新的文件夹。", context)


def _swap(made: Path, target: Path) -> None:
    """Two renames; if the second fails the first is taken back."""
    if not target.exists():
        os.rename(made, target)
        return
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:40]}."))
    os.rename(target, old / "old")
    try:
        os.rename(made, target)
    except BaseException:
        os.rename(old / "old", target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
