"""Two versions as folders: rules folders with several packs, or the folder of one pack."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from engine.diagnostics import Finding, Findings, InputError
from engine.loader import BUILT_IN, read_pack
from engine.pack import Pack
from engine.yaml_source import read_file

SHARED = ("vocabulary", "tables", "derived")


def load_version(folder: Path) -> Pack:
    """The rules in a folder that holds ``packs/``, or one pack in a folder that holds ``document.yaml``.

    What a pack's own rules folder does not bring (vocabulary, tables, derived facts) is the built-in one. Raises
    InputError with every error, each at its place in ``folder``.
    """
    if (folder / "packs").is_dir():
        return _read(folder, None)
    if not (folder / "document.yaml").is_file():
        hint = "请给出规则目录（里面有 packs/）或一份规则包（里面有 document.yaml）"
        raise InputError([Finding(str(folder), 0, 0, "rules-no-directory", "这里没有规则", hint)])
    around = folder.resolve().parent.parent
    if folder.resolve().parent.name == "packs" and _document_id(folder) == folder.resolve().name:
        return _read(around, folder.resolve().name)
    with ExitStack() as stack:
        made = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="huiqi-diff-")))
        (made / "packs").mkdir()
        name = _document_id(folder)
        os.symlink(folder.resolve(), made / "packs" / name, target_is_directory=True)
        for part in SHARED:
            source = around / part if (around / part).is_dir() and (around / "packs").is_dir() else BUILT_IN / part
            os.symlink(source, made / part, target_is_directory=True)
        try:
            return _read(made, None)
        except InputError as error:
            raise InputError([_placed(item, made / "packs" / name, folder) for item in error.findings]) from None


def _document_id(folder: Path) -> str:
    """What the document calls itself: a changed copy may lie in a folder of any name."""
    findings = Findings()
    source = read_file(folder / "document.yaml", findings)
    findings.raise_errors()
    data = source.data if source else None
    document = data.get("document") if isinstance(data, dict) else None
    name = document.get("id") if isinstance(document, dict) else None
    usable = isinstance(name, str) and name not in ("", ".", "..") and "/" not in name
    return str(name) if usable else folder.resolve().name


def _read(directory: Path, document: str | None) -> Pack:
    findings = Findings()
    pack = read_pack(directory, findings, document=document)
    findings.raise_errors()
    if pack is None:
        raise InputError([Finding(str(directory), 0, 0, "rules-empty", "没有读到规则")])
    return pack


def _placed(finding: Finding, made: Path, folder: Path) -> Finding:
    if not finding.file.startswith(f"{made}/"):
        return finding
    return replace(finding, file=str(folder / finding.file.removeprefix(f"{made}/")))
