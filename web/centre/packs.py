"""Pack versions kept with the determinations that rest on them, so that each can be made again years later."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.compiler import compile_pack
from engine.diagnostics import Finding, InputError
from engine.loader import BUILT_IN, load_pack
from engine.pack import Pack
from engine.program import Program
from web.centre.store.database import now
from web.centre.store.tables import PackArchive
from web.texts import gettext as _

PARTS = ("packs", "tables", "vocabulary", "derived")
_FIXED = (2000, 1, 1, 0, 0, 0)
_LOG = logging.getLogger(__name__)


def keep(session: Session, pack: Pack, rules: Path) -> None:
    """Keep the rule files of ``pack``, which lie in ``rules``, unless this version is kept already; then only what an
    earlier huiqi did not keep of it is filled in."""
    known = session.execute(select(PackArchive.measures).where(PackArchive.version == pack.version)).first()
    ids = [measure.id for measure in pack.measures]
    if known is None:
        session.add(PackArchive(version=pack.version, archive=_zipped(rules), measures=ids, kept_at=now()))
        session.flush()
    elif known.measures is None:
        session.execute(update(PackArchive).where(PackArchive.version == pack.version).values(measures=ids))


def measures_of(session: Session, version: str) -> list[str]:
    """The ids of a kept version's measures, in the order of a determination's letters; none of them where an earlier huiqi
    did not note them and this one cannot read the rules of then, so that nobody knows what the letters are about."""
    kept = session.execute(select(PackArchive.measures).where(PackArchive.version == version)).scalar_one_or_none()
    if kept is not None:
        return list(kept)
    try:
        return [measure.id for measure in program_of(session, version).pack.measures]
    except InputError:
        return []


def by_measure(measures: Sequence[str], verdicts: str) -> dict[str, str]:
    """The letter of each measure; of none where ``measures_of`` knows none of them."""
    return dict(zip(measures, verdicts, strict=True)) if measures else {}


def program_of(session: Session, version: str, at_hand: Program | None = None) -> Program:
    """The compiled program of a kept version, which may be ``at_hand``: a version is what its rules say.

    Raises InputError where it is not kept, not itself, or cannot be read.
    """
    if at_hand is not None and at_hand.pack.version == version:
        return at_hand
    archive = session.execute(select(PackArchive.archive).where(PackArchive.version == version)).scalar_one_or_none()
    if archive is None:
        raise InputError([Finding("规则包", 0, 0, "centre-pack", f"没有保存规则包版本 {version}")])
    return _program(version, archive)


@lru_cache(maxsize=4)
def _program(version: str, archive: bytes) -> Program:
    try:
        with TemporaryDirectory(prefix="huiqi-rules-") as folder:
            with zipfile.ZipFile(io.BytesIO(archive)) as kept:
                kept.extractall(folder)
            pack = load_pack(Path(folder))
    except Exception as error:
        # A damaged archive, or rules of a language that is no longer understood: whatever comes of them, pages go on.
        _LOG.error("the kept rules %s cannot be read: %s", version, type(error).__name__)
        hint = _("请按现在的规则重新对照")
        raise InputError([Finding(_("规则包"), 0, 0, "centre-pack", _("规则包读不出：%s") % version, hint)]) from error
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
