"""Cells: the values of a finite field, as far as the conditions that are asked about tell them apart.

Every set that a condition or a derived fact names cuts the domain; values on the same side of every cut share a
cell. So 30 options of which one is asked for are two cells, and 3,500 divisions are a handful.

A code has two sides. As an exact code it is compared with ``in`` and ``rank`` (廊坊市 as the issuer); as a place
it stands for everything below it and is settled only by a code that has nothing below (``within``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.divisions import DivisionTable
from engine.industries import IndustryTable
from engine.regions import RANKS, OfRank, OneOf, Region, Within
from engine.values import Tables
from engine.vocabulary import VocabularyField

ELSEWHERE = "其他"
"""Stands for every text that no condition names."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: the code as it is written, and the place that it turns out to be. The same for options and texts."""

    exact: str
    place: str

    def inside(self, region: Region) -> bool:
        """Whether a finite region accepts it."""
        match region:
            case OneOf(options):
                return self.exact in options
            case Within(areas):
                return any(self.place.startswith(area) for area in areas)
            case OfRank(ranks):
                return RANKS[len(self.exact) // 2] in ranks
        raise TypeError(f"{region!r} is not finite")


Cell = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one field. ``by_place``: only places are asked for, so a code stands for everything below it."""

    cells: tuple[Cell, ...]
    by_place: bool

    def allows(self, value: frozenset[str], element: Element) -> bool:
        """Whether a value of a profile, which may be several alternatives, leaves ``element`` possible."""
        if self.by_place:
            return any(element.place.startswith(code) for code in value)
        return element.exact in value

    def within(self, value: frozenset[str]) -> list[int]:
        """The numbers of the cells that ``value`` leaves possible."""
        return list(_within(_Same(self), value))


@dataclass(frozen=True, slots=True)
class _Same:
    """Cells of places are made once (below) and are many: told apart by identity."""

    cells: Cells

    def __hash__(self) -> int:
        return id(self.cells)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.cells is self.cells


@lru_cache(maxsize=1024)
def _within(key: _Same, value: frozenset[str]) -> tuple[int, ...]:
    cells = key.cells
    return tuple(n for n, cell in enumerate(cells.cells) if any(cells.allows(value, element) for element in cell))


def is_coded(field: VocabularyField) -> bool:
    """Whether the field's values are codes that lie within one another."""
    return field.type in ("division", "industry")


def partition(field: VocabularyField, cuts: Iterable[Region], tables: Tables) -> Cells:
    """The cells of a finite field under ``cuts``, each with all its values, the plainest first."""
    regions = frozenset(cuts)
    if is_coded(field):
        table = tables.divisions if field.type == "division" else tables.industries
        return _coded(_ByIdentity(table), regions)
    options = tuple(field.options)
    if not options:  # texts
        named = {text for region in regions if isinstance(region, OneOf) for text in region.options}
        options = (*sorted(named), ELSEWHERE)
    return Cells(_grouped((Element(option, option) for option in options), regions), False)


def values_of(versions: Sequence[VocabularyField], regions: Iterable[Region], tables: Tables) -> tuple[str, ...]:
    """Every value of a finite field, as one or several versions of the vocabulary have it: codes, options, texts.

    Texts that no region names are one.
    """
    if is_coded(versions[0]):
        return tuple(_codes(_ByIdentity(tables.divisions if versions[0].type == "division" else tables.industries)))
    options = dict.fromkeys(option for version in versions for option in version.options)
    if options:
        return tuple(options)
    return (*sorted({text for region in regions if isinstance(region, OneOf) for text in region.options}), ELSEWHERE)


def cut_by(field: VocabularyField, value: frozenset[str], places: bool) -> Region:
    """The cut that a derived value makes: codes stand for places where ``places`` alone are asked for."""
    return Within(value) if is_coded(field) and places else OneOf(value)


@dataclass(frozen=True, slots=True)
class _ByIdentity:
    """Tables are read once and never change."""

    table: DivisionTable | IndustryTable

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.table is self.table


@lru_cache(maxsize=256)
def _coded(key: _ByIdentity, regions: frozenset[Region]) -> Cells:
    codes = _codes(key)
    exact = any(not isinstance(region, Within) for region in regions)
    placed = any(isinstance(region, Within) for region in regions)
    if not exact:
        return Cells(_grouped((Element(code, code) for code in codes if not codes[code]), regions), True)
    if not placed:
        return Cells(_grouped((Element(code, code) for code in codes), regions), False)
    pairs = (Element(code, place) for code in codes for place in _leaves(code, codes))
    # Values that can be written as one code come first in their cell.
    cells = _grouped(pairs, regions)
    return Cells(tuple(tuple(sorted(cell, key=lambda e: (e.exact != e.place, e.exact))) for cell in cells), False)


@lru_cache(maxsize=8)
def _codes(key: _ByIdentity) -> Mapping[str, tuple[str, ...]]:
    """Every canonical code and the codes directly below it."""
    table = key.table
    if isinstance(table, DivisionTable):
        found: dict[str, tuple[str, ...]] = {}
        left = [""]
        while left:
            code = left.pop()
            found[code] = table.children(code)
            left.extend(found[code])
        return dict(sorted(found.items()))
    below: dict[str, list[str]] = {code: [] for code in table.codes}
    for code in below:
        upper = next((code[:size] for size in range(len(code) - 1, 0, -1) if code[:size] in below), None)
        if upper is not None:
            below[upper].append(code)
    return {code: tuple(parts) for code, parts in below.items()}


def _leaves(code: str, codes: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    if not codes[code]:
        yield code
    for part in codes[code]:
        yield from _leaves(part, codes)


def _grouped(elements: Iterable[Element], regions: frozenset[Region]) -> tuple[Cell, ...]:
    ordered = tuple(regions)
    cells: dict[tuple[bool, ...], list[Element]] = {}
    for element in elements:
        cells.setdefault(tuple(element.inside(region) for region in ordered), []).append(element)
    return tuple(tuple(cell) for cell in cells.values())


def covering(field: VocabularyField, codes: Iterable[str], tables: Tables) -> list[str]:
    """The largest areas that ``codes`` (those of the smallest areas) fill, in the order of their codes."""
    children = _codes(_ByIdentity(tables.divisions if field.type == "division" else tables.industries))
    filled = set(codes)
    for code in sorted(children, key=len, reverse=True):
        if children[code] and all(part in filled for part in children[code]):
            filled.add(code)
    inside = {part for code in filled for part in children.get(code, ())}
    return sorted(filled - inside)


def smallest_within(field: VocabularyField, area: str, others: Iterable[str], tables: Tables) -> str:
    """A smallest area inside ``area``, outside ``others`` where there is such a one."""
    children = _codes(_ByIdentity(tables.divisions if field.type == "division" else tables.industries))
    avoided = tuple(others)
    leaves = list(_leaves(area, children))
    return next((code for code in leaves if not code.startswith(avoided)), leaves[0]) if avoided else leaves[0]
