"""What was understood of a list, as the page shows it: each sheet, each column, what is asked and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from engine.lists import Proposal, inspect
from engine.lists.mapping import Mapping, mapping_of
from engine.lists.matching import ENTERPRISE
from engine.lists.plan import ColumnPlan, Question, TablePlan
from engine.lists.planner import DECLINED
from engine.pack import Pack
from engine.vocabulary import VocabularyField
from web.centre.lists.shelf import Laid, Shelf, told
from web.centre.office import Office
from web.texts import gettext as _

UNITS = ("元", "千元", "万元", "百万元", "亿元")
EDITIONS = ("2017", "2011")
ANNUAL = "annual"
SKIP = "skip"
_SAID = {"请在映射里": "请", "需在映射里": "请", "来自映射": "由人说明", "，例如 year: 2023": ""}
UNREAD = ""
"""The choice of a column that is not read."""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column: what it is read as (a path, ``UNREAD``), how surely, and what of it can or must be said.

    ``money``, ``yearly``, ``coded`` and ``dated`` tell which further answers it takes; ``asked`` what is missing, in words.
    """

    position: int
    name: str
    sample: str
    field: str
    sure: str
    why: str
    unit: str = ""
    year: str = ""
    edition: str = ""
    take: str = ""
    round: bool = False
    key: bool = False
    money: bool = False
    yearly: bool = False
    coded: bool = False
    dated: bool = False
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet: what a row of it is, where its header stands, and its columns. ``whole``: whether it may say that it has
    every record; ``lined``: whether its header is a row of the file."""

    file: str
    sheet: str
    title: str
    note: str
    row: str
    header: str
    lined: bool
    rows: int
    whole: bool
    complete: bool
    key_digits: str
    year: str
    columns: tuple[ColumnView, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sheet that is not read, and why."""

    file: str
    sheet: str
    why: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A list as it would be read. ``wrong`` are problems in words; ``yaml`` is the mapping as ``huiqi batch`` takes it."""

    sheets: tuple[SheetView, ...]
    left_out: tuple[LeftOut, ...]
    wrong: tuple[str, ...]
    yaml: str

    @property
    def open(self) -> int:
        """How much is still to be said or mended."""
        return len(self.wrong) + sum(
            len(sheet.asked) + sum(len(column.asked) for column in sheet.columns) for sheet in self.sheets
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A group of fields that a column may be read as: paths and labels."""

    title: str
    fields: tuple[tuple[str, str], ...]


@lru_cache(maxsize=6)
def understood(office: Office, laid: Laid, mapping: str) -> Understood:
    """What would be read of a list with this mapping. Raises InputError where a file or the mapping cannot be read.

    The answers are kept for a while, since a page is looked at more often than a list changes.
    """
    said = mapping_of(mapping, _("映射")) if mapping else Mapping()
    here = office.service
    paths = Shelf(office.settings.lists).paths(laid)
    return view_of(inspect(paths, here.pack, said, here.settings.rules), here.pack)


def view_of(proposal: Proposal, pack: Pack) -> Understood:
    """A proposal as it is shown."""
    sheets = tuple(_sheet(proposal, table, pack) for table in proposal.tables)
    left = tuple(LeftOut(item.file, item.sheet, item.why) for item in proposal.skipped)
    return Understood(sheets, left, tuple(told(sorted(set(proposal.problems)))), proposal.to_yaml())


def choices(pack: Pack, row: str) -> list[Choice]:
    """What a column on a sheet of ``row`` may be read as, its own fields first."""
    vocabulary = pack.vocabulary
    own = [_choice(vocabulary.records[row].label, vocabulary.records[row].fields.values())] if row != ENTERPRISE else []
    groups: dict[str, list[VocabularyField]] = {}
    for field in vocabulary.enterprise:
        groups.setdefault(field.spec.group, []).append(field)
    enterprise = [_choice(title, fields) for title, fields in groups.items()]
    if row != ENTERPRISE:
        return [*own, *enterprise]
    annual = vocabulary.records[ANNUAL]
    figures = [field for name, field in annual.fields.items() if name not in ("fiscal_year", "id")]
    return [*enterprise, _choice(annual.label, figures)]


def rows(pack: Pack) -> list[tuple[str, str]]:
    """What the rows of a sheet may be: codes and labels."""
    kinds = [(kind.name, kind.label) for kind in pack.vocabulary.records.values()]
    return [(ENTERPRISE, _("企业")), *kinds, (SKIP, _("不读这张表"))]


def _choice(title: str, fields: Iterable[VocabularyField]) -> Choice:
    return Choice(title, tuple((field.path, field.label) for field in fields))


def _sheet(proposal: Proposal, table: TablePlan, pack: Pack) -> SheetView:
    first, last = table.layout.first + 1, table.layout.last + 1
    return SheetView(
        file=table.sheet.file.name,
        sheet=table.sheet.name,
        title=table.sheet.title,
        note=table.sheet.note,
        row=table.row,
        header=str(last) if first == last else f"{first}-{last}",
        lined=table.sheet.lazy is None,
        rows=max(table.sheet.height - last, 0),
        whole=table.row not in (ENTERPRISE, ANNUAL),
        complete=bool(table.complete),
        key_digits=str(table.key_digits or ""),
        year=str(table.year or ""),
        columns=tuple(sorted(_columns(proposal, table, pack), key=lambda column: column.position)),
        asked=tuple(_asked(question) for question in table.questions if question.column is None),
    )


def _columns(proposal: Proposal, table: TablePlan, pack: Pack) -> Iterator[ColumnView]:
    seen: set[int] = set()
    for column in table.columns:
        for position in column.positions:
            seen.add(position)
            yield _read(proposal, table, column, position, pack)
    for item in table.unused:
        if item.position not in seen:
            seen.add(item.position)
            likely = item.suggestion
            key = item.position in table.key
            # Somebody has said so: nothing is left to be explained.
            why = "" if key or item.why == DECLINED else _here(item.why)
            if why and likely is not None:
                why = _("可能是“%(field)s”：%(why)s") % {"field": pack.vocabulary.label(likely.path), "why": why}
            yield ColumnView(item.position, item.header, proposal.sample(table, item.position), UNREAD, "", why, key=key)
    for position in table.key:
        if position not in seen:
            yield ColumnView(position, table.shown[position], proposal.sample(table, position), UNREAD, "", "", key=True)


def _read(proposal: Proposal, table: TablePlan, column: ColumnPlan, position: int, pack: Pack) -> ColumnView:
    field = pack.vocabulary.fields[column.path]
    name = table.shown[position]
    asked = [question for question in table.questions if question.column == name]
    return ColumnView(
        position=position,
        name=name,
        sample=proposal.sample(table, position),
        field=column.path,
        sure="" if column.sure >= 1 else f"{column.sure:.0%}",
        why=_here(column.origin),
        unit=column.unit or "",
        year=str(column.year or ""),
        edition="" if any(question.code == "list-edition" for question in asked) else column.edition,
        take=column.take or "",
        round=column.round,
        key=position in table.key,
        money=field.type == "money",
        yearly=field.record == ANNUAL and table.row == ENTERPRISE,
        coded=field.type == "industry",
        dated=field.type == "date",
        asked=tuple(map(_asked, asked)),
    )


def _here(text: str) -> str:
    """The same for a page, where nobody writes a mapping."""
    for written, said in _SAID.items():
        text = text.replace(written, said)
    return text


def _asked(question: Question) -> str:
    hint = _here(question.hint)
    return f"{question.message}。{hint}。" if hint else f"{question.message}。"
