"""The feed of what watching found, in Atom (RFC 4287): what moved, what will be lost, which documents end.

An entry keeps its id whoever reads it, from whatever address: ids come of the first link of the centre's chain and of what
the entry is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID, uuid5
from xml.etree import ElementTree as Xml

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.pack import Pack
from engine.quantities import format_date
from web.centre import clock
from web.centre.outcomes import GROUP_OF
from web.centre.store.tables import ChainEntry
from web.centre.watching.news import CAUSES, Closing, Ending, Moved, ending, newest
from web.summary import GROUPS
from web.texts import gettext as _

ATOM = "http://www.w3.org/2005/Atom"
MOST = 200
"""Entries of a feed: the newest."""
SOON = 30
"""Days before its end from which something is in the feed."""
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = UUID("6a1f6c4e-6e0c-5d2b-9d6a-6f1d1c0c7a10")


@dataclass(frozen=True, slots=True)
class Entry:
    """``about`` is unique and stays; ``number`` is the enterprise that it leads to, None for what is about all."""

    about: str
    title: str
    lines: tuple[str, ...]
    updated: datetime
    category: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute addresses: of the page, of the feed itself, of enterprises by number."""

    page: str
    feed: str
    enterprise: str

    def of(self, number: int | None) -> str:
        """Where an entry leads; ``enterprise`` ends with a number that is put in."""
        return self.page if number is None else f"{self.enterprise}{number}"


def entries(session: Session, pack: Pack, day: date, since: datetime, closing: Sequence[Closing]) -> list[Entry]:
    """The newest first, at most ``MOST``."""
    titles = {measure.id: measure.spec.title for measure in pack.measures}
    moves = newest(session, since, MOST)
    found = [*_moved(moves, titles), *_ending(ending(session, day, SOON, most=MOST), titles), *_closing(closing)]
    return sorted(found, key=lambda entry: (entry.updated, entry.about), reverse=True)[:MOST]


def centre_id(session: Session) -> UUID:
    """What tells this centre's feed from any other's."""
    first = session.execute(select(ChainEntry.hash).where(ChainEntry.number == 1)).scalar_one_or_none()
    return uuid5(_SPACE, first or "")


def atom(found: Sequence[Entry], own: UUID, title: str, links: Links, at: datetime) -> bytes:
    """The feed; ``at`` is when it is updated where it has no entry."""
    Xml.register_namespace("", ATOM)
    feed = Xml.Element(_name("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    _text(feed, "id", own.urn)
    _text(feed, "title", title)
    _text(feed, "updated", _time(max((entry.updated for entry in found), default=at)))
    Xml.SubElement(feed, _name("link"), {"rel": "self", "type": "application/atom+xml", "href": links.feed})
    Xml.SubElement(feed, _name("link"), {"rel": "alternate", "type": "text/html", "href": links.page})
    _text(Xml.SubElement(feed, _name("author")), "name", title)
    for entry in found:
        item = Xml.SubElement(feed, _name("entry"))
        _text(item, "id", uuid5(own, entry.about).urn)
        _text(item, "title", entry.title)
        _text(item, "updated", _time(entry.updated))
        Xml.SubElement(item, _name("link"), {"rel": "alternate", "type": "text/html", "href": links.of(entry.number)})
        Xml.SubElement(item, _name("category"), {"term": entry.category})
        _text(item, "summary", "\n".join(entry.lines))
    written: bytes = Xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _moved(moves: Iterable[Moved], titles: dict[str, str]) -> Iterator[Entry]:
    """One entry a determination, which may have moved several measures."""
    ranked = sorted(moves, key=lambda move: (move.determination, move.measure))
    for number, group in groupby(ranked, key=lambda move: move.determination):
        own = [move for move in group if move.measure in titles]
        if own:
            first = own[0]
            lines = [
                _("%(measure)s：%(before)s → %(after)s（%(cause)s）")
                % {
                    "measure": titles[move.measure], "before": _group(move.before), "after": _group(move.after),
                    "cause": CAUSES[move.cause],
                }
                for move in own
            ]  # fmt: skip
            title = _("%(name)s：%(count)d项结论有变化") % {"name": first.name, "count": len(own)}
            yield Entry(f"determination/{number}", title, (first.key, *lines), first.at, "moved", first.enterprise)


def _ending(found: Iterable[Ending], titles: dict[str, str]) -> Iterator[Entry]:
    for item in found:
        if item.measure in titles:
            told = {"name": item.name, "measure": titles[item.measure], "day": format_date(item.last_day)}
            lines = (item.key, _("%(measure)s：%(day)s以后变为%(after)s") % {**told, "after": _group(item.after)}, item.why)
            title = _("%(name)s：%(measure)s只到%(day)s") % told
            about = f"ending/{item.enterprise}/{item.measure}/{item.last_day.isoformat()}"
            yield Entry(about, title, lines, item.found_at, "ending", item.enterprise)


def _closing(found: Iterable[Closing]) -> Iterator[Entry]:
    """A document is in the feed from ``SOON`` days before its end on, which is when the entry was updated."""
    for item in found:
        title = _("《%(title)s》有效期到%(day)s") % {"title": item.document.title, "day": format_date(item.last_day)}
        told = {"eligible": sum(row[1] for row in item.measures), "pending": sum(row[2] for row in item.measures)}
        lines = (_("到期时可享受%(eligible)d项次、待认定%(pending)d项次") % told,)
        begins = clock.begins(date.fromordinal(item.last_day.toordinal() - SOON))
        yield Entry(f"closing/{item.document.id}/{item.last_day.isoformat()}", title, lines, begins, "closing")


def _group(letter: str) -> str:
    return GROUPS[GROUP_OF[letter]]


def _name(tag: str) -> str:
    return f"{{{ATOM}}}{tag}"


def _text(parent: Xml.Element, tag: str, text: str) -> None:
    # What XML cannot hold, in whatever way it would be written.
    Xml.SubElement(parent, _name(tag)).text = _UNFIT.sub("", text)


def _time(at: datetime) -> str:
    return at.replace(tzinfo=UTC, microsecond=0).isoformat().replace("+00:00", "Z")
