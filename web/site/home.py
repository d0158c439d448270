"""The first page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template

from engine.documents import Document, Validity
from engine.pack import Pack
from engine.quantities import format_date
from web.service import service
from web.site.state import State
from web.texts import gettext as _

pages = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Covered:
    """A document that the rules cover: what it is called, where and when it holds, how much is in it."""

    title: str
    number: str
    issuer: str
    place: str
    validity: str
    inferred: bool
    status: str
    in_force: bool
    measures: int


@pages.get("/")
def home() -> str:
    """What this is, for whom, what it covers, and where to begin."""
    pack, today = service().pack, service().today()
    return render_template("site/home.html", documents=covered(pack, today), today=format_date(today), start=State())


def covered(pack: Pack, today: date) -> list[Covered]:
    """The documents of a pack: those in force first, the newest first."""
    measures = Counter(measure.document for measure in pack.measures)
    files = sorted(pack.documents.items(), key=lambda item: item[1].document.validity.start, reverse=True)
    found = [_covered(file.document, measures[id], today) for id, file in files]
    return sorted(found, key=lambda document: not document.in_force)


def _covered(document: Document, measures: int, today: date) -> Covered:
    validity = document.validity
    return Covered(
        title=f"《{document.title.strip('《》')}》",
        number=document.number or _("文号未载明"),
        issuer=document.issuer or _("发文单位未载明"),
        place=document.jurisdiction,
        validity=_period(validity),
        inferred=validity.basis == "inferred",
        status=_status(validity, today),
        in_force=validity.start <= today and (validity.end is None or today <= validity.end),
        measures=measures,
    )


def _period(validity: Validity) -> str:
    end = _("未写终止日期") if validity.end is None else format_date(validity.end)
    return f"{format_date(validity.start)} — {end}"


def _status(validity: Validity, today: date) -> str:
    if today < validity.start:
        return _("尚未生效")
    return _("已过有效期") if validity.end is not None and validity.end < today else _("在有效期内")
