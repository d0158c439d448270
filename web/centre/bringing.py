"""A file that an applicant brings: a profile, or a determination, which is made again before anything is kept.

What a determination concludes is never taken over, nor are the findings that a profile brings: both are the applicant's
word. Only the profile counts, and the centre screens it itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.diagnostics import Finding, InputError
from engine.exact_json import read_json
from engine.verification import Verification, verify
from web.centre import packs
from web.centre.store.tables import PackArchive
from web.service import MOST_RECORDS, Service
from web.site.uploads import pasted, uploaded
from web.texts import gettext as _

CLAIMS = "findings"
_DETERMINATION = {"pack_version", "results", "profile"}


@dataclass(frozen=True, slots=True)
class Brought:
    """A profile as it was brought, what of the file was not taken over, and how a determination compares with the one
    made again; None where the file was a profile."""

    data: Mapping[str, Any]
    lost: tuple[str, ...] = ()
    verification: Verification | None = None

    @property
    def claims(self) -> int:
        """How many findings it brings, which count for nothing."""
        found = self.data.get(CLAIMS)
        items = found.get("items") if isinstance(found, dict) else found
        return len(items) if isinstance(items, list) else 0


def from_file(session: Session, name: str, content: bytes, service: Service) -> Brought:
    """What a file holds. Raises InputError with every problem and its line."""
    shown = PurePath(name.replace("\\", "/")).name or _("文件")
    if not content.strip():
        raise InputError([Finding(shown, 0, 0, "upload-empty", _("文件是空的"), _("请检查文件"))])
    if (found := _determination(session, shown, content, service)) is not None:
        return found
    rows = uploaded(shown, content, service.pack, service.settings.rules)
    if len(rows) > 1:
        message, hint = _("工作簿里有 %d 家企业") % len(rows), _("请到“名单”里导入，一次全部受理")
        raise InputError([Finding(shown, 0, 0, "intake-list", message, hint)])
    return Brought(rows[0].data, rows[0].lost)


def from_text(session: Session, text: str, service: Service) -> Brought:
    """What a pasted text holds. Raises InputError with every problem and its line."""
    if not text.strip():
        raise InputError([Finding(_("粘贴的内容"), 0, 0, "upload-empty", _("没有内容"), _("请粘贴 YAML 或 JSON"))])
    found = _determination(session, _("粘贴的内容"), text.encode(errors="surrogatepass"), service)
    return found or Brought(pasted(text, service.pack))


def _determination(session: Session, name: str, content: bytes, service: Service) -> Brought | None:
    """Content that is a determination, made again by the rules of its time where they are kept; None where it is none."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return None
    try:
        told = read_json(content, name)
    except InputError:
        # Whoever reads profiles says what is wrong with it.
        return None
    if not isinstance(told, dict) or not told.keys() >= _DETERMINATION:
        return None
    pack = service.pack
    version = told["pack_version"]
    if version != pack.version and isinstance(version, str):
        known = session.execute(select(PackArchive.version).where(PackArchive.version == version)).first()
        # By rules that cannot be read any more nothing can be verified; the difference of versions is told then.
        with suppress(InputError):
            pack = packs.program_of(session, version).pack if known is not None else pack
    verification = verify(content, pack, name, most_records=MOST_RECORDS)
    profile = told["profile"]
    assert isinstance(profile, dict)  # verify refuses any other
    return Brought(profile, (), verification)
