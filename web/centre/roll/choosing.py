"""Whom a query asks for, and in what order: masks and keys over the arrays of a roster."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from web.centre.outcomes import LETTERS
from web.centre.roll.columns import Codes, Ints, Mask, Places, Words
from web.centre.roll.query import Query, words
from web.centre.roll.view import View

LAST = int(np.iinfo(np.int64).max)
"""Sorts what has no value."""
WORDS = 16
"""Words of searches whose answers are kept with a roster."""


def chosen(view: View, query: Query) -> Mask:
    """Whether an enterprise is asked for. Raises KeyError for an unknown measure."""
    mask = narrowed(view, query)
    if query.group is None:
        return mask
    letter = LETTERS[query.group]
    if query.measure:
        mask &= view.letters(query.measure) == ord(letter)
    else:
        mask &= view.columns.held & 1 << list(LETTERS).index(query.group) != 0
    return mask


def narrowed(view: View, query: Query) -> Mask:
    """The same, whatever its group."""
    columns, layout = view.columns, view.layout
    mask = np.ones(len(view), np.bool_)
    if query.division:
        mask &= _within(layout.divisions, columns.divisions, query.division)
    if query.industry:
        mask &= _within(layout.industries, columns.industries, query.industry)
    if query.size:
        mask &= columns.sizes == layout.sizes.known(query.size)
    if query.assignee is not None:
        mask &= columns.assignees == query.assignee
    if query.at_least is not None or query.at_most is not None:
        mask &= _amounting(view, query)
    if query.judgement:
        mask &= _waiting(view, query)
    for word in words(query.text):
        mask &= _saying(view, word)
    return mask


def ordered(view: View, query: Query, places: Places) -> Places:
    """These places in the order of a query; those that are equal in it by number."""
    keys = _KEYS[query.sort](view, query)[places]
    if query.descending:
        keys = np.where(keys == LAST, keys, -keys)
    found: Places = places[np.argsort(keys, kind="stable")]
    return found


def since(view: View, measure: str) -> Ints:
    """Since when each enterprise has stood as it does by a measure; without one, its newest determination, or when it
    was taken in."""
    columns = view.columns
    if not measure:
        newest: Ints = np.where(columns.determined > 0, columns.determined, columns.taken_in)
        return newest
    number, facts = view.measure(measure), view.moved
    # What never moved has stood so since it was first determined: not before it or the measure was known here.
    at: Ints = np.maximum(columns.taken_in, view.layout.known_from[number])
    entries = facts.measures == number
    at[facts.places[entries]] = facts.at[entries]
    return at


def _within(known: Words, codes: Codes, area: str) -> Mask:
    inside: Mask = np.array([text.startswith(area) for text in known.texts], np.bool_)[codes]
    return inside


def _amounts(view: View, query: Query) -> Ints:
    """The upper end of each enterprise's amount by the measure, the largest without one; -1 where none is stated."""
    facts = view.amounts
    found = np.full(len(view), -1, np.int64)
    if query.measure:
        entries = facts.measures == view.measure(query.measure)
        found[facts.places[entries]] = facts.sort[entries]
    else:
        np.maximum.at(found, facts.places, facts.sort)
    return found


def _amounting(view: View, query: Query) -> Mask:
    amounts = _amounts(view, query)
    mask: Mask = amounts >= max(query.at_least or 0, 0)
    return mask if query.at_most is None else mask & (amounts <= query.at_most)


def _waiting(view: View, query: Query) -> Mask:
    facts = view.awaiting
    mask = np.zeros(len(view), np.bool_)
    entries = facts.judgements == view.layout.judgements.known(query.judgement)
    if query.measure:
        entries &= facts.measures == view.measure(query.measure)
    mask[facts.places[entries]] = True
    return mask


def _saying(view: View, word: str) -> Mask:
    """Kept for the next page of the same search, and for what a page counts beside its rows."""
    found = view.said.get(word)
    if found is None:
        found = np.array([word in text for text in view.columns.texts.tolist()], np.bool_)
        if len(view.said) >= WORDS:
            view.said.clear()
        view.said[word] = found
    return found


def _by_since(view: View, query: Query) -> Ints:
    return since(view, query.measure)


def _by_division(view: View, query: Query) -> Ints:
    return _by_code(view.layout.divisions, view.columns.divisions)


def _by_industry(view: View, query: Query) -> Ints:
    return _by_code(view.layout.industries, view.columns.industries)


def _by_code(known: Words, codes: Codes) -> Ints:
    """Codes by their texts, unknown last."""
    order = sorted(range(len(known.texts)), key=known.texts.__getitem__)
    ranks = np.empty(len(order), np.int64)
    ranks[np.array(order, np.int64)] = np.arange(len(order))
    ranks[0] = LAST
    found: Ints = ranks[codes]
    return found


def _by_name(view: View, query: Query) -> Ints:
    ranks = np.empty(len(view), np.int64)
    ranks[view.by_name] = np.arange(len(view))
    return ranks


def _by_amount(view: View, query: Query) -> Ints:
    amounts = _amounts(view, query)
    return np.where(amounts < 0, LAST, amounts)


def _by_size(view: View, query: Query) -> Ints:
    order = {size: rank for rank, size in enumerate(SIZES)}
    ranks = np.array([order.get(text, LAST) for text in view.layout.sizes.texts], np.int64)
    found: Ints = ranks[view.columns.sizes]
    return found


def _by_assignee(view: View, query: Query) -> Ints:
    return np.where(view.columns.assignees == 0, LAST, view.columns.assignees)


SIZES = ("micro", "small", "medium", "large")
_KEYS: dict[str, Callable[[View, Query], Ints]] = {
    "since": _by_since,
    "name": _by_name,
    "amount": _by_amount,
    "division": _by_division,
    "industry": _by_industry,
    "size": _by_size,
    "assignee": _by_assignee,
}
