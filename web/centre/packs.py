"""Pack versions kept with the determinations that rest on them, so that each can be made again years later."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.compiler import compile_pack
from engine.diagnostics import Finding, InputError
from engine.loader import BUILT_IN, load_pack
from engine.pack import Pack
from engine.program import Program
from web.centre.store.database import now
from web.centre.store.tables import PackArchive

PARTS = ("packs", "tables", "vocabulary", "derived")
_FIXED = (2000, 1, 1, 0, 0, 0)


def keep(session: Session, pack: Pack, rules: Path) -> None:
    """Keep the rule files of ``pack``, which lie in ``rules``, unless this version is kept already."""
    known = session.execute(select(PackArchive.version).where(PackArchive.version == pack.version)).first()
    if known is None:
        ids = [measure.id for measure in pack.measures]
        session.add(PackArchive(version=pack.version, archive=_zipped(rules), measures=ids, kept_at=now()))
        session.flush()


def measures_of(session: Session, version: str) -> list[str]:
    """The ids of a kept version's measures, in the order of a determination's letters."""
    kept = session.execute(select(PackArchive.measures).where(PackArchive.version == version)).scalar_one_or_none()
    return list(kept) if kept is not None else [measure.id for measure in program_of(session, version).pack.measures]


def program_of(session: Session, version: str, at_hand: Program | None = None) -> Program:
    """The compiled program of a kept version, which may be ``at_hand``: a version is what its rules say.

    Raises InputError where it is not kept or not itself.
    """
    if at_hand is not None and at_hand.pack.version == version:
        return at_hand
    archive = session.execute(select(PackArchive.archive).where(PackArchive.version == version)).scalar_one_or_none()
    if archive is None:
        raise InputError([Finding("规则包", 0, 0, "centre-pack", f"没有保存规则包版本 {version}")])
    return _program(version, archive)


@lru_cache(maxsize=4)
def _program(version: str, archive: bytes) -> Program:
    with TemporaryDirectory(prefix="huiqi-rules-") as folder:
        with zipfile.ZipFile(io.BytesIO(archive)) as kept:
            kept.extractall(folder)
        pack = load_pack(Path(folder))
    if pack.version != version:
        raise InputError([Finding("规则包", 0, 0, "centre-pack", f"保存的规则包不是版本 {version}，内容被改过")])
    return compile_pack(pack)


def _zipped(rules: Path) -> bytes:
    """The rule files, the same bytes for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in PARTS:
            # Rules that bring only packs are read with the built-in rest.
            root = rules if (rules / part).is_dir() else BUILT_IN
            for path in sorted((root / part).rglob("*")):
                if path.is_file():
                    entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), _FIXED)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
    return target.getvalue()
