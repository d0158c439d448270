"""Whom a query asks for, and in what order: masks and keys over the arrays of a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from web.centre.outcomes import LETTERS
from web.centre.roster.columns import Codes, Ints, Mask, Places, Words
from web.centre.roster.query import Query, words

if TYPE_CHECKING:
    from web.centre.roster.snapshot import Snapshot

LAST = int(np.iinfo(np.int64).max)
"""Sorts what has no value."""


def chosen(snapshot: Snapshot, query: Query) -> Mask:
    """Whether an enterprise is asked for. Raises KeyError for an unknown measure."""
    mask = narrowed(snapshot, query)
    if query.group is None:
        return mask
    letter = LETTERS[query.group]
    if query.measure:
        mask &= snapshot.letters(query.measure) == ord(letter)
    else:
        mask &= snapshot.held & 1 << list(LETTERS).index(query.group) != 0
    return mask


def narrowed(snapshot: Snapshot, query: Query) -> Mask:
    """The same, whatever its group."""
    columns, layout = snapshot.columns, snapshot.layout
    mask = np.ones(len(snapshot), np.bool_)
    if query.division:
        mask &= _within(layout.divisions, columns.divisions, query.division)
    if query.industry:
        mask &= _within(layout.industries, columns.industries, query.industry)
    if query.size:
        mask &= columns.sizes == layout.sizes.known(query.size)
    if query.assignee is not None:
        mask &= columns.assignees == query.assignee
    if query.at_least is not None or query.at_most is not None:
        mask &= _amounting(snapshot, query)
    if query.judgement:
        mask &= _waiting(snapshot, query)
    for word in words(query.text):
        mask &= _saying(snapshot, word)
    return mask


def ordered(snapshot: Snapshot, query: Query, places: Places) -> Places:
    """These places in the order of a query; those that are equal in it by number."""
    keys = _KEYS[query.sort](snapshot, query)[places]
    if query.descending:
        keys = np.where(keys == LAST, keys, -keys)
    found: Places = places[np.argsort(keys, kind="stable")]
    return found


def since(snapshot: Snapshot, measure: str) -> Ints:
    """Since when each enterprise has stood as it does by a measure; without one, its newest determination, or when it
    was taken in."""
    columns = snapshot.columns
    if not measure:
        newest: Ints = np.where(columns.determined > 0, columns.determined, columns.taken_in)
        return newest
    number, facts = snapshot.measure(measure), snapshot.moved
    # What never moved has stood so since it was first determined: not before it or the measure was known here.
    at: Ints = np.maximum(columns.taken_in, snapshot.layout.known_from[number])
    entries = facts.measures == number
    at[facts.places[entries]] = facts.at[entries]
    return at


def _within(known: Words, codes: Codes, area: str) -> Mask:
    inside: Mask = np.array([text.startswith(area) for text in known.texts], np.bool_)[codes]
    return inside


def _amounts(snapshot: Snapshot, query: Query) -> Ints:
    """The upper end of each enterprise's amount by the measure, the largest without one; -1 where none is stated."""
    facts = snapshot.amounts
    found = np.full(len(snapshot), -1, np.int64)
    if query.measure:
        entries = facts.measures == snapshot.measure(query.measure)
        found[facts.places[entries]] = facts.sort[entries]
    else:
        np.maximum.at(found, facts.places, facts.sort)
    return found


def _amounting(snapshot: Snapshot, query: Query) -> Mask:
    amounts = _amounts(snapshot, query)
    mask: Mask = amounts >= max(query.at_least or 0, 0)
    return mask if query.at_most is None else mask & (amounts <= query.at_most)


def _waiting(snapshot: Snapshot, query: Query) -> Mask:
    facts = snapshot.awaiting
    mask = np.zeros(len(snapshot), np.bool_)
    entries = facts.judgements == snapshot.layout.judgements.known(query.judgement)
    if query.measure:
        entries &= facts.measures == snapshot.measure(query.measure)
    mask[facts.places[entries]] = True
    return mask


def _saying(snapshot: Snapshot, word: str) -> Mask:
    text, begins = snapshot.text
    mask = np.zeros(len(begins), np.bool_)
    at = text.find(word)
    while at >= 0:
        line = int(np.searchsorted(begins, at, "right")) - 1
        mask[line] = True
        if line + 1 == len(begins):
            break
        at = text.find(word, int(begins[line + 1]))
    return mask


def _by_since(snapshot: Snapshot, query: Query) -> Ints:
    return since(snapshot, query.measure)


def _by_division(snapshot: Snapshot, query: Query) -> Ints:
    return _by_code(snapshot.layout.divisions, snapshot.columns.divisions)


def _by_industry(snapshot: Snapshot, query: Query) -> Ints:
    return _by_code(snapshot.layout.industries, snapshot.columns.industries)


def _by_code(known: Words, codes: Codes) -> Ints:
    """Codes by their texts, unknown last."""
    ranks = np.empty(len(known.texts), np.int64)
    ranks[np.array(sorted(range(len(known.texts)), key=known.texts.__getitem__), np.int64)] = np.arange(len(known.texts))
    ranks[0] = LAST
    found: Ints = ranks[codes]
    return found


def _by_name(snapshot: Snapshot, query: Query) -> Ints:
    ranks = np.empty(len(snapshot), np.int64)
    ranks[snapshot.by_name] = np.arange(len(snapshot))
    return ranks


def _by_amount(snapshot: Snapshot, query: Query) -> Ints:
    amounts = _amounts(snapshot, query)
    return np.where(amounts < 0, LAST, amounts)


def _by_size(snapshot: Snapshot, query: Query) -> Ints:
    order = {size: rank for rank, size in enumerate(SIZES)}
    ranks = np.array([order.get(text, LAST) for text in snapshot.layout.sizes.texts], np.int64)
    found: Ints = ranks[snapshot.columns.sizes]
    return found


def _by_assignee(snapshot: Snapshot, query: Query) -> Ints:
    return np.where(snapshot.columns.assignees == 0, LAST, snapshot.columns.assignees)


SIZES = ("micro", "small", "medium", "large")
_KEYS: dict[str, Callable[[Snapshot, Query], Ints]] = {
    "since": _by_since,
    "name": _by_name,
    "amount": _by_amount,
    "division": _by_division,
    "industry": _by_industry,
    "size": _by_size,
    "assignee": _by_assignee,
}
